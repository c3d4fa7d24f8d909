"""The public verbs: ``validate`` and ``assess``.

A reader must not break: the same verbs, in the same words, as the command line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from yibaolex.derivation import ENGINES, Assessment, assess_chunk
from yibaolex.faults import Fault, Severity
from yibaolex.intake import ReadCase, UnreadableError, read_json
from yibaolex.knowledge import Knowledge, knowledge_under
from yibaolex.terms import core

CHUNK = {"oxigraph": 200, "reference": 20}
Source = Path | str | bytes | dict[str, Any] | list[dict[str, Any]]


@dataclass(frozen=True)
class Report:
    """The assessments of one input, in its order; ``single`` says that it held one case and not a list."""

    assessments: tuple[Assessment, ...]
    single: bool

    @property
    def refused(self) -> bool:
        """Whether any case could not be assessed."""
        return any(assessment.outcome is None for assessment in self.assessments)

    @property
    def faults(self) -> list[Fault]:
        """All faults, in the order of the cases."""
        return [fault for assessment in self.assessments for fault in assessment.faults]


def assess(
    source: Source,
    *,
    engine: str = "oxigraph",
    presume: str | None = None,
    readings: Mapping[str, str] | None = None,
    knowledge: Knowledge | None = None,
) -> Report:
    """Assess the case, or each case of the list, in ``source``.

    Args:
        source: a path; or JSON text or bytes; or the objects themselves (amounts as strings or Decimal, days as
            strings or date, never floats).
        engine: ``oxigraph`` (default) or ``reference`` (rdflib and pySHACL).
        presume: notation of a presumption profile of the knowledge base; None takes nothing for granted.
        readings: for disputed readings the alternative to follow, by notation; the others stay at their default.
        knowledge: another knowledge base than the one shipped (then ``readings`` must be None).

    Returns:
        A report with one assessment per case. Amounts in its outcomes are in yuan, dates ISO.

    Raises:
        UnreadableError: ``source`` as a whole cannot be read.
        KeyError: ``engine``, ``presume`` or a reading is not known.
        OSError: the path cannot be opened.
    """
    base = knowledge or knowledge_under(*sorted((readings or {}).items()))
    profile = None if presume is None else base.by_notation(core("PresumptionProfile"))[presume]
    if engine not in ENGINES:
        raise KeyError(engine)
    read = read_json(_bytes(source), base)
    chunks = _chunks(read.cases, CHUNK[engine])
    found = [assessment for chunk in chunks for assessment in assess_chunk(base, engine, chunk, profile)]
    return Report(tuple(found), read.single)


def validate(source: Source, *, engine: str = "oxigraph", knowledge: Knowledge | None = None) -> list[Fault]:
    """Return everything that is wrong with the cases in ``source``; arguments and errors as for ``assess``."""
    return assess(source, engine=engine, knowledge=knowledge).faults


def profiles(knowledge: Knowledge | None = None) -> list[str]:
    """The notations of the presumption profiles."""
    return list((knowledge or knowledge_under()).by_notation(core("PresumptionProfile")))


def readings(knowledge: Knowledge | None = None) -> dict[str, list[str]]:
    """The notations of the disputed readings, each with those of its alternatives, the default one first."""
    base = knowledge or knowledge_under()
    return {
        name: [base.notation(alternative) for alternative in base.alternatives(node)]
        for name, node in base.by_notation(core("Reading")).items()
    }


def _bytes(source: Source) -> bytes:
    if isinstance(source, Path):
        return source.read_bytes()
    if isinstance(source, (dict, list)):
        source = json.dumps(source, ensure_ascii=False, default=_plain)
    return source.encode() if isinstance(source, str) else source


def _plain(value: object) -> str:
    """Exact amounts and days as text."""
    if isinstance(value, (Decimal, date)):
        return str(value)
    raise TypeError(f"{type(value).__name__} in a case: {value!r}")


def _chunks(cases: list[ReadCase], size: int) -> Iterator[list[ReadCase]]:
    return (cases[start : start + size] for start in range(0, len(cases), size))


__all__ = ["Assessment", "Fault", "Report", "Severity", "UnreadableError", "assess", "profiles", "readings", "validate"]

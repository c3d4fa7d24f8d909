"""The public verbs: ``validate`` and ``assess``.

A reader must not break: the same verbs, in the same words, as the command line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yibaolex.derivation import ENGINES, Assessment, assess_chunk
from yibaolex.faults import Fault, Severity
from yibaolex.intake import ReadCase, UnreadableError, read_json
from yibaolex.knowledge import Knowledge, default_knowledge
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
    source: Source, *, engine: str = "oxigraph", presume: str | None = None, knowledge: Knowledge | None = None
) -> Report:
    """Assess the case, or each case of the list, in ``source``.

    Args:
        source: a path; or JSON text or bytes; or the objects themselves (amounts as strings, not floats).
        engine: ``oxigraph`` (default) or ``reference`` (rdflib and pySHACL).
        presume: notation of a presumption profile of the knowledge base; None takes nothing for granted.
        knowledge: another knowledge base than the one shipped.

    Returns:
        A report with one assessment per case. Amounts in its outcomes are in yuan, dates ISO.

    Raises:
        UnreadableError: ``source`` as a whole cannot be read.
        KeyError: ``engine`` or ``presume`` is not known.
        OSError: the path cannot be opened.
    """
    base = knowledge or default_knowledge()
    if presume is not None and presume not in profiles(base):
        raise KeyError(presume)
    if engine not in ENGINES:
        raise KeyError(engine)
    read = read_json(_bytes(source), base)
    found = [a for chunk in _chunks(read.cases, CHUNK[engine]) for a in assess_chunk(base, engine, chunk)]
    return Report(tuple(found), read.single)


def validate(source: Source, *, engine: str = "oxigraph", knowledge: Knowledge | None = None) -> list[Fault]:
    """Return everything that is wrong with the cases in ``source``; arguments and errors as for ``assess``."""
    return assess(source, engine=engine, knowledge=knowledge).faults


def profiles(knowledge: Knowledge) -> list[str]:
    """The notations of the presumption profiles."""
    return list(knowledge.by_notation(core("PresumptionProfile")))


def _bytes(source: Source) -> bytes:
    if isinstance(source, Path):
        return source.read_bytes()
    if isinstance(source, (dict, list)):
        source = json.dumps(source, ensure_ascii=False)
    return source.encode() if isinstance(source, str) else source


def _chunks(cases: list[ReadCase], size: int) -> Iterator[list[ReadCase]]:
    return (cases[start : start + size] for start in range(0, len(cases), size))


__all__ = ["Assessment", "Fault", "Report", "Severity", "UnreadableError", "assess", "profiles", "validate"]

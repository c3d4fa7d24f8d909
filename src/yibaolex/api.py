"""The public verbs: ``validate``, ``assess``, ``explain`` and ``findings``.

A reader must not break: what the command line also does, it does through these, and says the same of a case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from yibaolex.derivation import ENGINES, Assessment, assess_all
from yibaolex.faults import Fault, Severity
from yibaolex.intake import read_json
from yibaolex.jsontext import UnreadableError
from yibaolex.knowledge import Knowledge, knowledge_under
from yibaolex.screen import shown
from yibaolex.terms import core

if TYPE_CHECKING:
    from yibaolex.explanation import Explanation

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


@dataclass(frozen=True)
class Findings:
    """A report, and its findings as RDF text."""

    report: Report
    content: str


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
    profile = None if presume is None else _profile(base, presume)
    if engine not in ENGINES:
        raise KeyError(engine)
    read = read_json(_bytes(source), base)
    return Report(tuple(assess_all(base, engine, read, profile)), read.single)


def explain(
    source: Source,
    *,
    engine: str = "oxigraph",
    presume: str | None = None,
    readings: Mapping[str, str] | None = None,
    effects: bool = False,
) -> list[Explanation]:
    """Assess each case in ``source`` with its reasons, and beside it what other assumptions would give.

    Args:
        source: as for ``assess``.
        engine: as for ``assess``.
        presume: the profile of the provisional result; None takes the one that suits the case.
        readings: as for ``assess``.
        effects: also find what each missing fact would change (one run for each possible value).

    Returns:
        One explanation per case, in order.

    Raises:
        UnreadableError, KeyError, OSError: as for ``assess``.
    """
    from yibaolex.explanation import Setting, explain_cases

    chosen = dict(readings or {})
    base = knowledge_under(*sorted(chosen.items()))
    if engine not in ENGINES:
        raise KeyError(engine)
    setting = Setting(engine, chosen, None if presume is None else _profile(base, presume))
    return explain_cases(setting, read_json(_bytes(source), base).cases, effects=effects)


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


def findings(
    source: Source,
    *,
    syntax: str = "turtle",
    engine: str = "oxigraph",
    presume: str | None = None,
    readings: Mapping[str, str] | None = None,
) -> Findings:
    """Assess each case in ``source`` and give its findings as RDF, with their provenance (PROV-O).

    Args:
        source: as for ``assess``.
        syntax: ``turtle`` or ``jsonld``.
        engine: as for ``assess``.
        presume: as for ``assess``.
        readings: as for ``assess``.

    Returns:
        The report, and the text of one graph about all of its cases; of a refused one its statements and the reason.

    Raises:
        UnreadableError, KeyError, OSError: as for ``assess``; KeyError also if ``syntax`` is not known.
    """
    from yibaolex.provenance import SYNTAXES, findings_of, written

    base = knowledge_under(*sorted((readings or {}).items()))
    profile = None if presume is None else _profile(base, presume)
    for name, known in ((engine, ENGINES), (syntax, SYNTAXES)):
        if name not in known:
            raise KeyError(name)
    read = read_json(_bytes(source), base)
    cases = read.cases
    found = assess_all(base, engine, cases, profile, explain=True)
    triples = (t for case, a in zip(cases, found, strict=True) for t in findings_of(base, profile, case, a))
    return Findings(Report(tuple(found), read.single), written(triples, syntax))


def _profile(knowledge: Knowledge, name: str) -> NamedNode:
    return knowledge.by_notation(core("PresumptionProfile"))[name]


def _bytes(source: Source) -> bytes:
    if isinstance(source, Path):
        return source.read_bytes()
    if isinstance(source, (dict, list)):
        try:
            source = json.dumps(source, default=_plain)
        except (TypeError, ValueError, RecursionError) as error:
            raise UnreadableError(Fault("not-plain", "$", {"shown": shown(str(error))})) from error
    if not isinstance(source, (str, bytes)):
        raise TypeError(f"a path, JSON text or bytes, a dict or a list, not {type(source).__name__}")
    try:
        return source.encode() if isinstance(source, str) else source
    except UnicodeEncodeError as error:
        raise UnreadableError(Fault("half-character", "$")) from error


def _plain(value: object) -> str:
    """Exact amounts and days as text."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__}: {value!r}")


__all__ = [
    "Assessment",
    "Fault",
    "Findings",
    "Report",
    "Severity",
    "UnreadableError",
    "assess",
    "explain",
    "findings",
    "profiles",
    "readings",
    "validate",
]

"""Statements derived to outcomes: one straight line of stages over a chunk of cases.

statements → shapes → normalise → facts → conditions → consequences → needs → fine → hand-over → jurisdiction →
outcome frame. A reader must not break: cases share nothing but the background, so that a chunk gives what its cases
give one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from yibaolex.engines import Engine, OxigraphEngine, RdflibEngine
from yibaolex.faults import Fault, Severity
from yibaolex.frame import JSON, assemble
from yibaolex.intake import ReadCase
from yibaolex.knowledge import AFTER_CONDITIONS, AFTER_NEEDS, BEFORE_CONDITIONS, SHAPES, Knowledge
from yibaolex.needs import Standings, find_needs, standings_of
from yibaolex.screen import shown
from yibaolex.shapes import Shapes, fault_of, in_order, shapes, validate
from yibaolex.terms import TYPE, core

if TYPE_CHECKING:
    from yibaolex.reasons import ActReasons

ENGINES: dict[str, Callable[[Iterable[Quad]], Engine]] = {"oxigraph": OxigraphEngine, "reference": RdflibEngine}
_CHUNK = 35  # larger ones are slower: the store finds a triple by walking all that share a term with it
_STATED = core("statedValue")
_STATEMENTS, _CONTRADICTIONS = SHAPES


@dataclass(frozen=True)
class Assessment:
    """What was found on one case: its outcome, or None if it was refused, its faults, and the reasons if asked for."""

    number: str | None
    place: str
    outcome: JSON | None
    faults: tuple[Fault, ...]
    reasons: tuple[ActReasons, ...] = ()


def assess_all(
    knowledge: Knowledge,
    engine_name: str,
    cases: Iterable[ReadCase],
    profile: NamedNode | None = None,
    *,
    explain: bool = False,
) -> list[Assessment]:
    """Assess ``cases`` in chunks, as ``assess_chunk`` does; of cases that are read as they come no more
    than a chunk of statements is held at a time.
    """
    coming = iter(cases)
    chunks = iter(lambda: list(islice(coming, _CHUNK)), [])
    return [a for chunk in chunks for a in assess_chunk(knowledge, engine_name, chunk, profile, explain=explain)]


def assess_chunk(
    knowledge: Knowledge,
    engine_name: str,
    cases: list[ReadCase],
    profile: NamedNode | None = None,
    *,
    explain: bool = False,
) -> list[Assessment]:
    """Validate and assess ``cases`` together, in order; a refused case has faults and no outcome.

    ``profile`` is the presumption profile in use; without it nothing is presumed. Reasons are found if ``explain``.
    """
    found = {case.node: list(case.faults) for case in cases}
    engine = _loaded(knowledge, engine_name, cases)
    _collect(found, _shape_faults(knowledge, engine, cases, shapes(_STATEMENTS)))
    kept = [case for case in cases if not _refused(found[case.node])]
    if len(kept) < len(cases):
        engine = _loaded(knowledge, engine_name, kept)
    if profile is not None:
        engine.add([Quad(profile, TYPE, core("ChosenProfile")), *knowledge.presumed(profile)])
    standings = derive(knowledge, engine)
    _collect(found, _shape_faults(knowledge, engine, kept, shapes(_CONTRADICTIONS)))
    outcomes = dict(zip((case.node for case in kept), assemble(knowledge.frames, engine.select), strict=True))
    reasons = _reasons(knowledge, engine, kept, standings) if explain else {}
    return [
        Assessment(c.number, c.place, outcomes.get(c.node), tuple(found[c.node]), tuple(reasons.get(c.node, ())))
        for c in cases
    ]


def derive(knowledge: Knowledge, engine: Engine) -> Standings:
    """Derive all that follows from the statements in ``engine``; return how the conditions of each act stand."""
    engine.update(knowledge.phase(BEFORE_CONDITIONS))
    truth = engine.decide(knowledge.decider, knowledge.told)
    engine.update(knowledge.phase(AFTER_CONDITIONS))
    standings = standings_of(knowledge, engine, truth)
    engine.add(list(find_needs(knowledge, engine, standings)))
    engine.update(knowledge.phase(AFTER_NEEDS))
    return standings


def _reasons(
    knowledge: Knowledge, engine: Engine, cases: list[ReadCase], standings: Standings
) -> dict[NamedNode, list[ActReasons]]:
    """The reasons of each case; who does not ask for them does not wait for the module."""
    from yibaolex.reasons import find_reasons

    return find_reasons(knowledge, engine, cases, standings)


def _loaded(knowledge: Knowledge, engine_name: str, cases: list[ReadCase]) -> Engine:
    engine = ENGINES[engine_name](knowledge.background)
    engine.add(triple for case in cases for triple in case.triples)
    stated = (q.object for case in cases for q in case.triples if q.predicate == _STATED)
    engine.add(knowledge.of_places(sorted({value.value for value in stated if isinstance(value, Literal)})))
    return engine


def _refused(found: list[Fault]) -> bool:
    return any(fault.severity is Severity.REFUSED for fault in found)


def _collect(found: dict[NamedNode, list[Fault]], new: Iterator[tuple[NamedNode, Fault]]) -> None:
    for node, fault in new:
        found[node].append(fault)


def _shape_faults(
    knowledge: Knowledge, engine: Engine, cases: list[ReadCase], of: Shapes
) -> Iterator[tuple[NamedNode, Fault]]:
    """The faults that the shapes find, each with the node of its case."""
    results = validate(engine, of)
    if not results:
        return
    owner = {node: case for case in cases for node in case.places}
    facts = {node: fact for case in cases for node, fact in case.facts.items()}
    for result in in_order(results, of, owner, facts):
        case, focus = owner[result.focus], result.focus
        value = shown(case.values[focus]) if focus in case.values else None
        constraint = of.constraints[result.shape]
        yield case.node, fault_of(constraint, case.places[focus], case.facts.get(focus), value, knowledge)

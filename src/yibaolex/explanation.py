"""Explanations: a result beside those that would follow from other assumptions.

What this module is for: for each case the settled result with its reasons, the provisional one under a presumption
profile, the results under the other alternatives of each reading that it may rest on, and what each missing fact
would change. What a reader must not break: all of them are plain runs of the same derivation; nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from yibaolex.derivation import Assessment, assess_all
from yibaolex.intake import ReadCase
from yibaolex.knowledge import Knowledge, knowledge_under
from yibaolex.reasons import Kind
from yibaolex.terms import TYPE, core


@dataclass(frozen=True)
class Result:
    """The settled result of a case, and the provisional one under ``profile`` if something could be presumed."""

    settled: Assessment
    provisional: Assessment | None
    profile: NamedNode | None


@dataclass(frozen=True)
class Rival:
    """The result under another alternative of a reading than the one in force."""

    reading: NamedNode
    alternative: NamedNode
    result: Result


@dataclass(frozen=True)
class Effect:
    """The provisional result of act number ``act`` alone if ``fact``, which it lacks, had ``value``."""

    act: int
    fact: NamedNode
    value: Literal
    found: Assessment


@dataclass(frozen=True)
class Explanation:
    """A result with its rivals, and the effects of the missing facts if they were asked for."""

    result: Result
    rivals: tuple[Rival, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Setting:
    """How cases are assessed: engine, chosen readings by notation, and profile (None: the one that suits a case)."""

    engine: str
    readings: Mapping[str, str]
    profile: NamedNode | None = None

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge base under the chosen readings."""
        return knowledge_under(*sorted(self.readings.items()))


def explain_cases(
    setting: Setting, cases: list[ReadCase], *, effects: bool = False, rivals: bool = True
) -> list[Explanation]:
    """Explain ``cases``, in order; with ``effects`` also say what each missing fact would change, without ``rivals``
    nothing of other readings.
    """
    results = _results(setting, cases, explain=True)
    others = _rivals(setting, cases, results) if rivals else {}
    return [
        Explanation(result, tuple(others.get(case.node, ())), tuple(_effects(setting, case, result)) if effects else ())
        for case, result in zip(cases, results, strict=True)
    ]


def _results(setting: Setting, cases: list[ReadCase], *, explain: bool) -> list[Result]:
    knowledge = setting.knowledge
    settled = _assess(setting, cases, None, explain)
    profiles = {case.node: setting.profile or _suiting(knowledge, case) for case in cases}
    open_cases = [case for case, found in zip(cases, settled, strict=True) if _lacks_something(found)]
    provisional: dict[NamedNode, Assessment] = {}
    for profile in sorted(set(profiles.values()), key=lambda node: node.value):
        chosen = [case for case in open_cases if profiles[case.node] == profile]
        found = _assess(setting, chosen, profile, explain)
        provisional |= {case.node: a for case, a in zip(chosen, found, strict=True)}
    return [
        Result(found, provisional.get(case.node), profiles[case.node])
        for case, found in zip(cases, settled, strict=True)
    ]


def _assess(setting: Setting, cases: list[ReadCase], profile: NamedNode | None, explain: bool) -> list[Assessment]:
    return assess_all(setting.knowledge, setting.engine, cases, profile, explain=explain)


def _lacks_something(found: Assessment) -> bool:
    return found.outcome is not None and bool(found.outcome["needs"])


def _suiting(knowledge: Knowledge, case: ReadCase) -> NamedNode:
    """The profile for the standing that statements of ``case`` have, or the default one."""
    standings = {triple.object for triple in case.triples if triple.predicate == core("standing")}
    for profile in knowledge.rules.subjects(core("forStanding")):
        if standings & set(knowledge.rules.objects(profile, core("forStanding"))):
            return profile
    profiles = knowledge.rules.instances(core("PresumptionProfile"))
    return next(profile for profile in profiles if knowledge.is_default(profile))


# --- readings -----------------------------------------------------------------------------------------------------


def _rivals(setting: Setting, cases: list[ReadCase], results: list[Result]) -> dict[NamedNode, list[Rival]]:
    """The results of each case under the alternatives that could change it."""
    knowledge = setting.knowledge
    terms = {case.node: _terms(knowledge, result) for case, result in zip(cases, results, strict=True)}
    found: dict[NamedNode, list[Rival]] = {case.node: [] for case in cases}
    for name, reading in knowledge.by_notation(core("Reading")).items():
        redefined = knowledge.touched_by(reading)
        touched = [case for case in cases if terms[case.node] & redefined]
        for alternative in knowledge.alternatives(reading):
            if touched and alternative != knowledge.in_force(reading):
                chosen = {**setting.readings, name: knowledge.notation(alternative)}
                other = replace(setting, readings=chosen)
                for case, result in zip(touched, _results(other, touched, explain=False), strict=True):
                    found[case.node].append(Rival(reading, alternative, result))
    return found


def _terms(knowledge: Knowledge, result: Result) -> set[NamedNode]:
    """All terms whose definition a result rests on."""
    found: set[Any] = set()
    for assessment in (result.settled, result.provisional):
        for finding in (f for act in (assessment.reasons if assessment else ()) for f in act.every):
            found.add(finding.about)
            if finding.kind is Kind.CONSEQUENCE and finding.value != core("NotDue"):
                kind = knowledge.graph.one(finding.about, core("sanctionKind"))
                found |= {kind, knowledge.nature(finding.about)}
            elif finding.kind is Kind.SCHEME and finding.value is not None:
                found |= set(knowledge.graph.objects(finding.value, core("categoryBand")))
    return found


# --- missing facts ------------------------------------------------------------------------------------------------


def _effects(setting: Setting, case: ReadCase, result: Result) -> Iterator[Effect]:
    """What each value of each missing fact would change; acts share nothing, so that each is tried alone."""
    possible = setting.knowledge.possible_values
    tried = [
        (number, act.act, fact, value)
        for number, act in enumerate(result.settled.reasons)
        for fact in sorted(act.needs, key=lambda node: node.value)
        for value in possible(fact)
    ]
    alone = {act.act: _alone(case, act.act) for act in result.settled.reasons}
    variants = (_with_fact(alone[act], index, act, fact, value) for index, (_, act, fact, value) in enumerate(tried))
    found = assess_all(setting.knowledge, setting.engine, variants, result.profile)
    for (number, _, fact, value), assessment in zip(tried, found, strict=True):
        yield Effect(number, fact, value, assessment)


def _alone(case: ReadCase, act: NamedNode) -> ReadCase:
    """``case`` with no act but ``act``."""
    acts: set[Any] = {t.object for t in case.triples if t.predicate == core("hasAct")}
    about: dict[Any, Any] = {t.subject: t.object for t in case.triples if t.predicate == core("about")}
    others = acts - {act}
    others |= {node for node, bearer in about.items() if bearer in others}

    def kept(told: dict) -> dict:
        return {node: value for node, value in told.items() if node not in others}

    triples = [t for t in case.triples if t.subject not in others and t.object not in others]
    return ReadCase(case.node, case.place, case.number, triples, kept(case.places), kept(case.facts), kept(case.values))


def _with_fact(case: ReadCase, index: int, act: NamedNode, fact: NamedNode, value: Literal) -> ReadCase:
    """A copy of ``case`` under other names, in which ``act`` states that ``fact`` has ``value``."""
    stem, about = case.node.value, core("about")
    about_act = {t.subject for t in case.triples if t.predicate == about and t.object == act}
    own = {statement for statement, stated in case.facts.items() if stated == fact and statement in about_act}
    node = NamedNode(f"{act.value}/supposed")
    stated: list[Quad] = [
        Quad(node, TYPE, core("Statement")),
        Quad(node, about, act),
        Quad(node, core("fact"), fact),
        Quad(node, core("statedValue"), value),
    ]

    def other(term: Any) -> Any:
        named = isinstance(term, NamedNode) and term.value.startswith(stem)
        return NamedNode(f"{stem}:variant:{index}{term.value.removeprefix(stem)}") if named else term

    position = core("position")
    kept = (t for t in case.triples if t.subject not in own and (t.subject, t.predicate) != (case.node, position))
    place_in_list = Quad(case.node, position, Literal(index))
    triples: Iterable[Quad] = (*kept, place_in_list, *stated)
    return ReadCase(
        other(case.node),
        case.place,
        case.number,
        [Quad(other(t.subject), t.predicate, other(t.object)) for t in triples],
        {**{other(n): place for n, place in case.places.items() if n not in own}, other(node): case.place},
        {**{other(n): f for n, f in case.facts.items() if n not in own}, other(node): fact},
        {other(n): v for n, v in case.values.items() if n not in own},
    )

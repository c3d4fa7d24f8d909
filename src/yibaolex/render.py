"""Outcomes as text for readers, from templates; labels come from the ontology.

A reader must not break: the templates hold the words, the ontology the terms, this module neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from yibaolex.derivation import Assessment
from yibaolex.explanation import Effect, Explanation, Result, Rival
from yibaolex.knowledge import Knowledge
from yibaolex.outcome import Act
from yibaolex.reasons import ActReasons, Finding, Kind, Origin, Verdict, leaves
from yibaolex.telling import ReasonTeller
from yibaolex.terms import TYPE, core

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_COUNTED = ("NoPenaltyGround", "LenientCircumstance")
_RESULT_KINDS = (Kind.SCHEME, Kind.CONSEQUENCE, Kind.FINE)
_RESULTS = 3


@dataclass(frozen=True)
class Wanted:
    """How much of the reasons is told: nothing more, all of them, or the branches about certain terms."""

    whole: bool = False
    about: frozenset[NamedNode] = frozenset()


_IN_SHORT = Wanted()


class Labels:
    """Labels and provisions by the notations that outcomes use."""

    def __init__(self, knowledge: Knowledge, language: str) -> None:
        self._knowledge = knowledge
        self._language = language
        self._kinds: dict[str, dict[str, NamedNode]] = {}

    def of(self, kind: str, notation: str) -> str:
        """The label of the instance of core class ``kind`` that has ``notation``."""
        return self._knowledge.label(self._node(kind, notation), self._language)

    def about(self, kind: str, notation: str) -> str:
        """Its definition."""
        return self._knowledge.definition(self._node(kind, notation), self._language)

    def node_of(self, name: str) -> NamedNode:
        """The fact that needs call ``name``."""
        return self._facts[name]

    def name_of(self, fact: NamedNode) -> str:
        """The name by which needs call ``fact``."""
        return next(name for name, node in reversed(self._facts.items()) if node == fact)

    def _node(self, kind: str, notation: str) -> NamedNode:
        if kind not in self._kinds:
            self._kinds[kind] = self._knowledge.by_notation(core(kind))
        return self._kinds[kind][notation]

    @cached_property
    def _facts(self) -> dict[str, NamedNode]:
        graph, relation = self._knowledge.graph, core("needNotation")
        return {
            **{fact.name: node for node, fact in self._knowledge.facts.items()},
            **{graph.one(node, relation).value: node for node in graph.subjects(relation)},
        }


def yuan(amount: str) -> str:
    """An amount with thousands separators."""
    return f"{Decimal(amount):,}"


def text(explanations: Iterable[Explanation], knowledge: Knowledge, language: str, wanted: Wanted = _IN_SHORT) -> str:
    """The explanations as plain text in ``language``; a refused case is named."""
    labels = Labels(knowledge, language)
    view = _CaseView(knowledge, language, labels, wanted)
    template = _template(f"assess.{language}.txt")
    return template.render(cases=[view.of(explanation) for explanation in explanations], labels=labels)


class _CaseView:
    """Turns explanations into what the template lays out: lists of lines."""

    def __init__(self, knowledge: Knowledge, language: str, labels: Labels, wanted: Wanted) -> None:
        self._knowledge = knowledge
        self._language = language
        self._labels = labels
        self._wanted = wanted
        self._teller = ReasonTeller(knowledge, language)
        self._told: Any = _template(f"conclusion.{language}.txt").make_module({"labels": labels})

    def of(self, explanation: Explanation) -> dict[str, Any]:
        """The view of one case."""
        settled = explanation.result.settled
        view: dict[str, Any] = {"number": settled.number, "place": settled.place, "outcome": settled.outcome}
        if settled.outcome is not None:
            profile = explanation.result.profile
            view["profile"] = self._teller.label(profile) if profile is not None else None
            view["acts"] = [self._act(explanation, number) for number in range(len(settled.reasons))]
            view["total"] = _lines(self._told.total(settled.outcome))
        return view

    def _act(self, explanation: Explanation, number: int) -> dict[str, Any]:
        result = explanation.result
        act, reasons = _act_of(result.settled, number), result.settled.reasons[number]
        view: dict[str, Any] = {"outcome": act, "tree": self._tree(reasons), "brief": not self._wanted.about}
        if self._wanted.whole or self._wanted.about:
            view["effects"] = self._effects(explanation, number)
        if self._wanted.about:
            return view
        in_short = {} if self._wanted.whole else {"held": self._held(reasons), "failed": self._failed(reasons)}
        return {
            **view,
            **in_short,
            "conclusion": _lines(self._told.conclusion(act)),
            "missing": self._missing(explanation, number),
            **self._provisional(result, number),
            "readings": self._readings(explanation, number),
            "handed": _lines(self._told.handed(act)),
        }

    # --- why and why not ------------------------------------------------------------------------------------------

    def _held(self, reasons: ActReasons) -> list[str]:
        """What holds or is open; of facts that contradict each other only that they do."""
        conditions = [f for f in reasons.of_kind(Kind.CONDITION) if self._is_told(f.about)]
        contradictions = [f for f in reasons.of_kind(Kind.CONDITION) if f.about in self._knowledge.contradictions]
        if contradictions:
            return [self._teller.in_short(finding) for finding in contradictions]
        articles = [f for f in conditions if self._is_a(f.about, "AppliedArticle")]
        lines = [self._teller.in_short(f) for f in articles if f.value != Verdict.NOT_MET.value]
        met = [f for f in conditions if f not in articles and f.value == Verdict.MET.value]
        lines += [self._teller.in_short(finding, articles) for finding in met]
        further = (self._further(f, articles) for f in reasons.of_kind(Kind.CONSEQUENCE) if f.value != core("NotDue"))
        lines += [self._teller.in_short(finding, articles) for finding in further if finding is not None]
        settled = [f for f in reasons.of_kind(Kind.SCHEME) if f.value is not None]
        return lines + [self._teller.in_short(self._weighed(finding), conditions) for finding in settled[:1]]

    def _further(self, finding: Finding, articles: list[Finding]) -> Finding | None:
        """A consequence by its own condition, if that rests on more than its article."""
        own = self._knowledge.graph.objects(finding.about, core("dueWhen"))
        found = replace(finding, reasons=tuple(reason for reason in finding.reasons if reason.about in own))
        known = {id(leaf) for article in articles for leaf in leaves(article)}
        return found if any(id(leaf) not in known for leaf in leaves(found)) else None

    def _weighed(self, finding: Finding) -> Finding:
        """A category by the weighing of circumstances alone, if it comes to that."""
        weighed = self._knowledge.graph.objects(finding.value, core("weighedAs"))
        every = ActReasons(finding.about, finding.reasons).every
        return replace(finding, reasons=tuple(reason for reason in every if reason.about in weighed))

    def _failed(self, reasons: ActReasons) -> list[str]:
        """What was considered and fails; grounds and circumstances are counted."""
        conditions = reasons.of_kind(Kind.CONDITION)
        if any(finding.about in self._knowledge.contradictions for finding in conditions):
            return []
        single = [f for f in conditions if self._is_told(f.about) and not self._is_counted(f.about)]
        lines = [self._teller.in_short(f) for f in single if f.value == Verdict.NOT_MET.value]
        applying = [f for f in single if f.value != Verdict.NOT_MET.value]
        under = {f.about for f in applying}
        for finding in reasons.of_kind(Kind.CONSEQUENCE):
            article = self._knowledge.graph.one(finding.about, core("underArticle"))
            if finding.value == core("NotDue") and article in under:
                lines.append(self._teller.in_short(finding, applying))
        return lines + [self._count(kind, [f for f in conditions if self._is_a(f.about, kind)]) for kind in _COUNTED]

    def _count(self, kind: str, findings: list[Finding]) -> str:
        """How many of a kind fail and how many are open."""
        failed = sum(finding.value == Verdict.NOT_MET.value for finding in findings)
        undecided = sum(finding.value == Verdict.UNDECIDED.value for finding in findings)
        key = "some_open" if undecided else "none_met" if failed == len(findings) else "others_fail"
        return self._teller.say(key, label=self._teller.say(f"section_{kind}"), failed=failed, open=undecided)

    def _is_told(self, node: NamedNode) -> bool:
        alone = self._is_a(node, "AppliedArticle") or node in self._knowledge.optional_conditions
        return alone or self._is_counted(node)

    def _is_counted(self, node: NamedNode) -> bool:
        return any(self._is_a(node, kind) for kind in _COUNTED)

    def _is_a(self, node: NamedNode, kind: str) -> bool:
        return core(kind) in self._knowledge.graph.objects(node, TYPE)

    # --- what is missing, and what would change -------------------------------------------------------------------

    def _missing(self, explanation: Explanation, number: int) -> list[str]:
        """The missing facts that no presumption supplies, each with what it bears on."""
        result = explanation.result
        act, reasons = _act_of(result.settled, number), result.settled.reasons[number]
        presumed = {f.about for f in self._presumptions(result, number)}
        first = set(act["category_needs"])
        names = sorted(act["needs"], key=lambda name: (name not in first, name))
        wanted = [name for name in names if self._wanted.whole or self._labels.node_of(name) not in presumed]
        return [self._missing_fact(reasons, name) for name in wanted]

    def _missing_fact(self, reasons: ActReasons, name: str) -> str:
        say, node = self._teller.say, self._labels.node_of(name)
        results = list(dict.fromkeys(self._result_name(finding) for finding in self._resting_on(reasons, node)))
        told = say("list").join(results[:_RESULTS])
        if len(results) > _RESULTS:
            told = say("results_more", results=told, number=len(results))
        key = "missing" if results else "missing_alone"
        return say(key, label=self._teller.label(node), name=name, results=told)

    def _resting_on(self, reasons: ActReasons, fact: NamedNode) -> list[Finding]:
        """What ``fact`` could still settle: articles, grounds and circumstances, else consequences, else the rest."""
        hanging = [finding for finding in reasons.findings if fact in finding.needs]
        conditions = [f for f in hanging if f.kind is Kind.CONDITION and self._is_told(f.about)]
        consequences = [f for f in hanging if f.kind is Kind.CONSEQUENCE]
        return conditions or consequences or hanging

    def _result_name(self, finding: Finding) -> str:
        if finding.kind is Kind.FINE:
            return self._teller.say("the_fine")
        return self._knowledge.short_label(finding.about, self._language)

    def _provisional(self, result: Result, number: int) -> dict[str, Any]:
        """The provisional result on an act, and what it rests on; only a word where it settles nothing more."""
        if result.provisional is None or not _act_of(result.settled, number)["needs"]:
            return {"provisional": None}
        act, settled = _act_of(result.provisional, number), _act_of(result.settled, number)
        head, lines = str(self._told.headline(act)).strip(), self._new_lines(act, settled)
        if head == str(self._told.headline(settled)).strip() and (act["category"] is None or not lines):
            return {"provisional": "open" if act["category"] is None else "same"}
        return {"provisional": head, "provisional_lines": lines, "presumed": self._presumed(result, number)}

    def _presumed(self, result: Result, number: int) -> str:
        """The presumptions in one line, those of the same value together."""
        by_value: dict[str, list[str]] = {}
        for finding in self._presumptions(result, number):
            shown = self._teller.value(finding.about, finding.value)
            by_value.setdefault(shown, []).append(self._teller.label(finding.about))
        list_of, together = self._teller.say("list"), self._teller.say
        return self._teller.joined(
            together("presumed_as", shown=shown, labels=list_of.join(labels)) for shown, labels in by_value.items()
        )

    def _presumptions(self, result: Result, number: int) -> list[Finding]:
        """The presumptions on which the provisional result rests."""
        if result.provisional is None:
            return []
        results = [f for f in result.provisional.reasons[number].findings if f.kind in _RESULT_KINDS]
        found = {id(leaf): leaf for result in results for leaf in leaves(result) if leaf.origin is Origin.PRESUMED}
        return list(found.values())

    def _new_lines(self, act: Act, other: Act) -> list[str]:
        """The lines of the conclusion on ``act`` that the one on ``other`` does not have."""
        known = self._core(other)
        return [line for line in self._core(act) if line not in known]

    def _core(self, act: Act) -> list[str]:
        return [*_lines(self._told.conclusion(act)), *_lines(self._told.handed(act))]

    def _readings(self, explanation: Explanation, number: int) -> list[dict[str, Any]]:
        """The readings on which the result rests, each with what its other alternatives give."""
        found: dict[NamedNode, list[dict[str, Any]]] = {}
        for rival in explanation.rivals:
            lines = self._rival_lines(explanation.result, rival, number)
            if lines:
                told = {"label": self._teller.label(rival.alternative), "lines": lines}
                found.setdefault(rival.reading, []).append(told)
        return [
            {"chosen": self._teller.label(self._knowledge.in_force(reading)), "rivals": rivals}
            for reading, rivals in found.items()
        ]

    def _rival_lines(self, result: Result, rival: Rival, number: int) -> list[str]:
        """What differs under the rival: in the settled result, else in the provisional one."""
        lines = self._changes(_act_of(rival.result.settled, number), _act_of(result.settled, number))
        if lines or result.provisional is None or rival.result.provisional is None:
            return lines
        return self._changes(_act_of(rival.result.provisional, number), _act_of(result.provisional, number))

    def _changes(self, act: Act, other: Act) -> list[str]:
        """What is new in ``act`` against ``other``, its headline first; what only falls away is named as well."""
        head, old = (str(self._told.headline(a)).strip() for a in (act, other))
        new, gone = self._new_lines(act, other), self._new_lines(other, act)
        if head == old and not new and not gone:
            return []
        told = {line.partition(self._teller.say("colon"))[0] for line in new}
        away = [line for line in gone if line.partition(self._teller.say("colon"))[0] not in told]
        return [head, *new, *(self._teller.say("gone", line=line) for line in away)]

    def _effects(self, explanation: Explanation, number: int) -> list[str]:
        base = explanation.result.provisional or explanation.result.settled
        lines = []
        for fact, effects in groupby((e for e in explanation.effects if e.act == number), key=lambda e: e.fact):
            if self._wanted.whole or fact in self._wanted.about:
                lines += self._effect(fact, list(effects), _act_of(base, number), number)
        return lines

    def _effect(self, fact: NamedNode, effects: list[Effect], base: Act, number: int) -> list[str]:
        named = {"label": self._teller.label(fact), "name": self._labels.name_of(fact)}
        lines = []
        for effect in effects:
            changes = self._changes(_act_of(effect.found, number), base) if effect.found.outcome else []
            if changes:
                shown = self._teller.value(fact, effect.value)
                lines.append(self._teller.say("effect", **named, shown=shown, lines=self._teller.joined(changes)))
        return lines or [self._teller.say("no_effect", **named)]

    # --- the tree -------------------------------------------------------------------------------------------------

    def _tree(self, reasons: ActReasons) -> list[str]:
        """The branches asked for: of the facts among them also what rests on them."""
        if self._wanted.whole:
            return self._teller.tree(reasons.findings)
        asked = [finding for finding in reasons.every if finding.about in self._wanted.about]
        if not asked and self._wanted.about:
            return [self._teller.say("not_used")]
        lines = self._teller.tree(reversed(asked))
        for fact in (finding for finding in asked if finding.kind is Kind.FACT):
            resting = [f for f in reasons.findings if fact in ActReasons(reasons.act, (f,)).every]
            lines.append(self._teller.say("section", heading=self._teller.say("resting", label=self._teller.label(fact.about))))
            lines += [f"{self._teller.mark(f)} {self._teller.headline(f)}" for f in resting]
        return lines


def _act_of(assessment: Assessment, number: int) -> Act:
    if assessment.outcome is None:
        raise ValueError(assessment.place)
    return assessment.outcome["acts"][number]


def _lines(told: object) -> list[str]:
    return [line for line in str(told).splitlines() if line.strip()]


def readings(knowledge: Knowledge, language: str) -> str:
    """The disputed readings with their alternatives, the default one first."""
    found = [
        (knowledge.notation(node), node, [(knowledge.notation(a), a) for a in knowledge.alternatives(node)])
        for node in knowledge.graph.instances(core("Reading"))
    ]
    template = _template(f"readings.{language}.txt")
    return template.render(readings=found, knowledge=knowledge, language=language)


def _template(name: str) -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["yuan"] = yuan
    environment.filters["label_of"] = lambda notation, labels, kind: labels.of(kind, notation)
    return environment.get_template(name)

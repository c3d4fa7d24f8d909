"""Explanations laid out: for each case the lines that the text template prints.

What this module is for: setting results beside each other - settled and provisional, under this reading and another,
with one value of a missing fact and another. What a reader must not break: two results are compared by the lines in
which a reader would be told of them, so that a difference that is not told does not count as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pyoxigraph import NamedNode

from yibaolex.derivation import Assessment
from yibaolex.explanation import Effect, Explanation, Result, Rival
from yibaolex.knowledge import Knowledge
from yibaolex.outcome import Act
from yibaolex.reasons import ActReasons, Finding, Kind, Origin, leaves
from yibaolex.screen import one_line
from yibaolex.short import ShortReasons
from yibaolex.telling import ReasonTeller
from yibaolex.terms import core

_RESULT_KINDS = (Kind.CONSEQUENCE, Kind.FINE)
Lines = list[str]
Headers = Mapping[NamedNode, str]  # what a form calls the column for a fact
NO_HEADERS: Headers = MappingProxyType({})


@dataclass(frozen=True)
class Wanted:
    """How much of the reasons is told: nothing more, all of them, or the branches about certain terms.

    They are those of the settled result, or of the ``provisional`` one where there is one.
    """

    whole: bool = False
    about: frozenset[NamedNode] = frozenset()
    provisional: bool = False


class CaseView:
    """Turns explanations into what the template lays out; ``told`` are the macros that tell a conclusion."""

    def __init__(
        self, knowledge: Knowledge, language: str, told: Any, wanted: Wanted, headers: Headers = NO_HEADERS
    ) -> None:
        self._headers = headers
        self._knowledge = knowledge
        self._told = told
        self._wanted = wanted
        self._teller = ReasonTeller(knowledge, language)
        self._acts_key = knowledge.notation(core("hasAct"))
        self._facts = knowledge.facts_by_need

    def of(self, explanation: Explanation) -> dict[str, Any]:
        """The view of one case."""
        settled = explanation.result.settled
        number = None if settled.number is None else one_line(settled.number)
        view: dict[str, Any] = {"number": number, "place": settled.place, "outcome": settled.outcome}
        if settled.outcome is not None:
            profile = explanation.result.profile
            view["profile"] = self._teller.label(profile) if profile is not None else None
            view["views"] = [self._act(explanation, number) for number in range(len(settled.reasons))]
            view["total"] = [] if self._wanted.about else _lines(self._told.total(settled.outcome))
        return view

    def _act(self, explanation: Explanation, number: int) -> dict[str, Any]:
        result = explanation.result
        act, reasons = self._act_of(result.settled, number), result.settled.reasons[number]
        explained = result.provisional if self._wanted.provisional and result.provisional else result.settled
        view: dict[str, Any] = {
            "outcome": self._act_of(explained, number) if self._wanted.about else act,
            "tree": self._tree(explained.reasons[number]),
            "tree_is_provisional": explained is result.provisional,
            "brief": not self._wanted.about,
        }
        view["effects"] = self._effects(explanation, number)
        if self._wanted.about:
            return view
        short = ShortReasons(self._knowledge, self._teller, reasons)
        return {
            **view,
            "conclusion": _lines(self._told.conclusion(act)),
            "follow": _lines(self._told.follow(act)),
            "held": [] if self._wanted.whole else short.held(),
            "failed": [] if self._wanted.whole else short.failed(),
            "missing": self._missing(short, result, number),
            **self._provisional(result, number),
            "readings": self._readings(explanation, number),
            "handed": _lines(self._told.handed(act)),
        }

    def _act_of(self, assessment: Assessment, number: int) -> Act:
        if assessment.outcome is None:
            raise ValueError(assessment.place)
        return assessment.outcome[self._acts_key][number]

    # --- settled and provisional ----------------------------------------------------------------------------------

    def _missing(self, short: ShortReasons, result: Result, number: int) -> Lines:
        """The missing facts that no presumption supplies or only the authority may find, the weightiest first."""
        act = self._act_of(result.settled, number)
        presumed = {f.about for f in self._presumptions(result, number)} - self._knowledge.authority_only
        facts = {name: self._facts[name] for name in act["needs"]}
        wanted = {name: fact for name, fact in facts.items() if self._wanted.whole or fact not in presumed}
        ordered = sorted(wanted.items(), key=lambda item: (short.weight(item[1]), item[0]))
        lines = [short.missing(fact, name, self._headers.get(fact)) for name, fact in ordered]
        others = len(facts) - len(lines)
        return [*lines, *([self._teller.say("missing_presumed", number=others)] if others else [])]

    def _provisional(self, result: Result, number: int) -> dict[str, Any]:
        """The provisional result on an act, and what it rests on; only a word where it settles nothing more."""
        if result.provisional is None or not self._act_of(result.settled, number)["needs"]:
            return {"provisional": None}
        act, settled = self._act_of(result.provisional, number), self._act_of(result.settled, number)
        if not self._changes(act, settled):
            return {"provisional": "unsettled" if str(self._told.unsettled(act)).strip() else "same"}
        return {
            "provisional": self.headline(act),
            "provisional_lines": _lines(self._told.conclusion(act)),
            "presumed": self._presumed(result, number),
        }

    def _presumptions(self, result: Result, number: int) -> list[Finding]:
        """The presumptions on which the provisional result rests, those that only the authority may find first."""
        if result.provisional is None:
            return []
        reasons = result.provisional.reasons[number]
        results = [*reasons.schemes, *(f for f in reasons.findings if f.kind in _RESULT_KINDS)]
        found = {id(leaf): leaf for result in results for leaf in leaves(result) if leaf.origin is Origin.PRESUMED}
        return sorted(found.values(), key=lambda f: f.about not in self._knowledge.authority_only)

    def _presumed(self, result: Result, number: int) -> Lines:
        """The presumptions in a line each for those of the same value and ground."""
        together: dict[tuple[str, str], list[str]] = {}
        for finding in self._presumptions(result, number):
            value, ground = self._teller.value(finding.about, finding.value), self._teller.ground(finding)
            together.setdefault((value, ground), []).append(self._teller.label(finding.about))
        say, list_of = self._teller.say, self._teller.say("list")
        return [
            say("presumed_as", shown=value, ground=ground, labels=list_of.join(names))
            for (value, ground), names in together.items()
        ]

    # --- comparison -----------------------------------------------------------------------------------------------

    def headline(self, act: Act) -> str:
        """The conclusion on an act in one line."""
        return str(self._told.headline(act)).strip()

    def _core(self, act: Act) -> Lines:
        return [*_lines(self._told.conclusion(act)), *_lines(self._told.handed(act))]

    def _new_lines(self, act: Act, other: Act) -> Lines:
        """The lines of the conclusion on ``act`` that the one on ``other`` does not have."""
        known = self._core(other)
        return [line for line in self._core(act) if line not in known]

    def _changes(self, act: Act, other: Act) -> Lines:
        """What is new in ``act`` against ``other``, a new headline first; what only falls away is named as well."""
        head, old = self.headline(act), self.headline(other)
        new, gone = self._new_lines(act, other), self._new_lines(other, act)
        told = {self._topic(line) for line in new}
        away = [line for line in gone if self._topic(line) not in told]
        return [*([head] if head != old else []), *new, *(self._teller.say("gone", line=line) for line in away)]

    def _topic(self, line: str) -> str:
        """What a line is about: the word before its colon, or all of it where several lines share that word."""
        word = line.partition(self._teller.say("colon"))[0]
        return line if word == self._teller.say("for_a_person") else word

    def _readings(self, explanation: Explanation, number: int) -> list[dict[str, Any]]:
        """The readings on which the result rests, each with what its other alternatives give."""
        found: dict[NamedNode, list[dict[str, Any]]] = {}
        for rival in explanation.rivals:
            lines, provisional = self._rival_lines(explanation.result, rival, number)
            if lines:
                told = {"label": self._teller.label(rival.alternative), "lines": lines, "provisional": provisional}
                found.setdefault(rival.reading, []).append(told)
        return [
            {"chosen": self._teller.label(self._knowledge.in_force(reading)), "rivals": rivals}
            for reading, rivals in found.items()
        ]

    def _rival_lines(self, result: Result, rival: Rival, number: int) -> tuple[Lines, bool]:
        """What differs under the rival in the settled result, else in the provisional one, and which of the two."""
        lines = self._changes(self._act_of(rival.result.settled, number), self._act_of(result.settled, number))
        if lines or result.provisional is None or rival.result.provisional is None:
            return lines, False
        one, other = (self._act_of(found, number) for found in (rival.result.provisional, result.provisional))
        return self._changes(one, other), True

    def _effects(self, explanation: Explanation, number: int) -> Lines:
        base = self._act_of(explanation.result.provisional or explanation.result.settled, number)
        of_act = [effect for effect in explanation.effects if effect.act == number]
        needs = [self._facts[name] for name in self._act_of(explanation.result.settled, number)["needs"]]
        wanted = [fact for fact in needs if self._wanted.whole or fact in self._wanted.about]
        told = [(fact, [effect for effect in of_act if effect.fact == fact]) for fact in wanted]
        return [line for fact, effects in told for line in self._effect(fact, effects, base)]

    def _effect(self, fact: NamedNode, effects: list[Effect], base: Act) -> Lines:
        """What each value of a missing fact would change, or that none changes anything."""
        name = next(name for name, node in reversed(self._facts.items()) if node == fact)
        named = {"label": self._teller.label(fact), "name": name}
        if not effects:
            return [self._teller.say("takes_a_value", **named)]
        lines = []
        for effect in effects:
            changes = self._changes(self._act_of(effect.found, 0), base) if effect.found.outcome else []
            shown = self._teller.value(fact, effect.value)
            told = self._teller.joined(changes)
            lines += [self._teller.say("effect", **named, shown=shown, lines=told)] if changes else []
        return lines or [self._teller.say("no_effect", **named)]

    # --- the tree -------------------------------------------------------------------------------------------------

    def _tree(self, reasons: ActReasons) -> Lines:
        """The branches asked for; of a fact among them also what rests on it."""
        if self._wanted.whole or not self._wanted.about:
            return self._teller.tree(reasons.findings) if self._wanted.whole else []
        found = [finding for finding in reasons.every if finding.about in self._wanted.about]
        if not found:
            return [self._teller.say("not_used")]
        asked = [finding for finding in found if finding.value != core("NotDue")] or found
        codes = {finding.about for finding in asked if finding.kind is Kind.HAND_OVER}
        branches = [f for f in reversed(asked) if f.kind is Kind.HAND_OVER or f.about not in codes]
        lines = self._teller.tree(branches)
        for fact in (finding for finding in asked if finding.kind is Kind.FACT):
            resting = [f for f in reasons.findings if fact in ActReasons(reasons.act, (f,)).every]
            heading = self._teller.say("resting", label=self._teller.label(fact.about))
            lines += [self._teller.say("section", heading=heading), *map(self._teller.line, resting)]
        return lines


def _lines(told: object) -> Lines:
    return [line for line in str(told).splitlines() if line.strip()]

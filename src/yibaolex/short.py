"""Reasons in short: for one act the lines on what holds, what does not, and what is missing.

What this module is for: choosing among the findings what a reader needs first. What a reader must not break: nothing
is decided here; every line is one finding, or a count of findings of one kind.
"""

from __future__ import annotations

from dataclasses import replace

from pyoxigraph import NamedNode

from yibaolex.knowledge import Knowledge
from yibaolex.reasons import ActReasons, Finding, Kind, Verdict, leaves
from yibaolex.telling import RULED_OUT, ReasonTeller
from yibaolex.terms import TYPE, core

COUNTED = ("NoPenaltyGround", "LenientCircumstance")
_NAMED = 3


class ShortReasons:
    """Tells the reasons of one act in short."""

    def __init__(self, knowledge: Knowledge, teller: ReasonTeller, reasons: ActReasons) -> None:
        self._knowledge = knowledge
        self._teller = teller
        self._reasons = reasons
        conditions = reasons.of_kind(Kind.CONDITION)
        self._articles = [f for f in conditions if self._is_a(f.about, "AppliedArticle")]
        self._counted = {kind: [f for f in conditions if self._is_a(f.about, kind)] for kind in COUNTED}
        self._optional = [f for f in conditions if f.about in knowledge.optional_conditions]
        self._grounds = [*(f for found in self._counted.values() for f in found), *self._optional]
        self._contradictions = [f for f in conditions if f.about in knowledge.contradictions]
        self._applying = [f for f in self._articles if f.value != Verdict.NOT_MET.value]

    def _is_a(self, node: NamedNode, kind: str) -> bool:
        return core(kind) in self._knowledge.graph.objects(node, TYPE)

    # --- what holds -----------------------------------------------------------------------------------------------

    def held(self) -> list[str]:
        """What holds or is open; of facts that contradict each other only that, and the article."""
        tell = self._teller.in_short
        lines = [*map(tell, self._contradictions), *map(tell, self._applying)]
        if self._contradictions:
            return lines
        lines += [tell(f, self._articles) for f in self._grounds if f.value == Verdict.MET.value]
        gates = [f for f in self._reasons.every if f.about in self._knowledge.gates]
        lines += [tell(f) for f in gates if f.value != Verdict.MET.value]
        reached = [f for f in self._reasons.of_kind(Kind.CONSEQUENCE) if f.value not in RULED_OUT]
        further = [(f, self._further(f)) for f in reached]
        lines += [tell(told, self._known(told)) for _, told in further if told is not None]
        lines += self._waiting([f for f, told in further if told is None and f.value == core("Open")])
        settled = [finding for finding in self._reasons.schemes if finding.value is not None]
        return lines + [tell(self._weighed(f), [*self._articles, *self._grounds]) for f in settled]

    def _further(self, finding: Finding) -> Finding | None:
        """A consequence by its own condition and amount, if these rest on more than its article; a fine always."""
        own = self._knowledge.graph.objects(finding.about, core("dueWhen"))
        telling = [reason for reason in finding.reasons if reason.about in own or reason.kind is Kind.FACT]
        found = replace(finding, reasons=tuple(telling))
        known = {id(leaf) for article in self._articles for leaf in leaves(article)}
        if any(id(leaf) not in known for leaf in leaves(found)):
            return found
        base = tuple(reason for reason in telling if reason.kind is Kind.FACT)
        return replace(found, reasons=base) if finding.about in self._knowledge.fines else None

    def _known(self, finding: Finding) -> list[Finding]:
        """The findings whose facts need not be told again; those of a mere base amount are."""
        return [] if all(reason.kind is Kind.FACT for reason in finding.reasons) else self._articles

    def _waiting(self, findings: list[Finding]) -> list[str]:
        """The open consequences of articles that apply, by what they wait for."""
        together: dict[str, list[str]] = {}
        settled = {finding.about for finding in self._applying if finding.value == Verdict.MET.value}
        for finding in findings:
            undecided = [f for f in finding.reasons if f.value == Verdict.UNDECIDED.value and f not in self._articles]
            awaited = self._teller.joined(self._teller.quoted(f.about) for f in undecided)
            if awaited and settled & set(self._article_of(finding)):
                together.setdefault(awaited, []).append(self._teller.label(finding.about))
        say, list_of = self._teller.say, self._teller.say("list")
        return [say("waiting", results=list_of.join(names), awaited=a) for a, names in together.items()]

    def _weighed(self, finding: Finding) -> Finding:
        """A category by the weighing of circumstances alone, if it comes to that."""
        weighed = self._knowledge.graph.objects(finding.value, core("weighedAs"))
        every = ActReasons(finding.about, finding.reasons).every
        return replace(finding, reasons=tuple(reason for reason in every if reason.about in weighed))

    # --- what does not --------------------------------------------------------------------------------------------

    def failed(self) -> list[str]:
        """What was considered and fails; of grounds and circumstances how many fail, and which are open."""
        if self._contradictions:
            return []
        failing = [f for f in (*self._articles, *self._optional) if f.value == Verdict.NOT_MET.value]
        lines = [self._displaced(finding) or self._teller.in_short(finding) for finding in failing]
        lines += [self._teller.in_short(f) for f in self._optional if f.value == Verdict.UNDECIDED.value]
        under = {finding.about for finding in self._applying}
        for finding in self._reasons.of_kind(Kind.CONSEQUENCE):
            if finding.value != core("NotDue") and finding.value in RULED_OUT:
                lines.append(self._teller.ruled_out(finding, self._knowledge.conditions_ruling_out(finding.about)))
            elif finding.value in RULED_OUT and under & set(self._article_of(finding)):
                lines.append(self._teller.in_short(finding, self._applying))
        return lines + [line for kind, found in self._counted.items() for line in self._count(kind, found)]

    def _displaced(self, finding: Finding) -> str:
        """An article that gives way to another one, or nothing."""
        others = [f.about for f in finding.reasons if f in self._articles and f.value == Verdict.MET.value]
        return self._teller.ruled_out(finding, others, whole=True) if others else ""

    def _article_of(self, finding: Finding) -> list[NamedNode]:
        return self._knowledge.graph.objects(finding.about, core("underArticle"))

    def _count(self, kind: str, findings: list[Finding]) -> list[str]:
        failed = sum(finding.value == Verdict.NOT_MET.value for finding in findings)
        undecided = [finding for finding in findings if finding.value == Verdict.UNDECIDED.value]
        key = "some_open" if undecided else "none_met" if failed == len(findings) else "others_fail"
        named = {"label": self._teller.say(f"section_{kind}"), "failed": failed, "number": len(undecided)}
        if len(undecided) == 1:
            return [self._teller.in_short(undecided[0], self._articles), self._teller.say("others_fail", **named)]
        names = self.listed(self._teller.quoted(finding.about) for finding in undecided)
        return [self._teller.say(key, **named, names=names)]

    # --- what is missing ------------------------------------------------------------------------------------------

    def missing(self, fact: NamedNode, name: str, header: str | None = None) -> str:
        """A missing fact with what it bears on; one that a form asks for by the ``header`` of its column."""
        results = self.listed(dict.fromkeys(self._result_name(finding) for finding in self._hanging_on(fact)))
        if header is not None:
            return self._teller.say("missing_in_column", header=header, results=results)
        return self._teller.say("missing", label=self._teller.label(fact), name=name, results=results)

    def weight(self, fact: NamedNode) -> tuple[int, int]:
        """Sort key for missing facts: articles before grounds and circumstances, these before consequences."""
        hanging = self._hanging_on(fact)
        ranks = [self._articles, self._grounds]
        rank = next((r for r, among in enumerate(ranks) if any(f in among for f in hanging)), len(ranks))
        return rank, -len(hanging)

    def _hanging_on(self, fact: NamedNode) -> list[Finding]:
        """What ``fact`` could still settle: articles, grounds and circumstances, else consequences, else the rest."""
        hanging = [finding for finding in self._reasons.findings if fact in finding.needs]
        conditions = [finding for finding in hanging if finding in self._articles or finding in self._grounds]
        consequences = [finding for finding in hanging if finding.kind is Kind.CONSEQUENCE]
        return conditions or consequences or hanging

    def _result_name(self, finding: Finding) -> str:
        return self._teller.say("the_fine") if finding.kind is Kind.FINE else self._teller.quoted(finding.about)

    def listed(self, names) -> str:
        """The first names, and how many there are if that is more."""
        given = list(names)
        told = self._teller.say("list").join(given[:_NAMED])
        return self._teller.say("results_more", results=told, number=len(given)) if len(given) > _NAMED else told

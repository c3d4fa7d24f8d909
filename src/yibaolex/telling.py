"""Reasons told in words: each finding as a line, and the lines as a tree.

What this module is for: the sentences of an explanation. What a reader must not break: words come from the message
catalogue, terms and clauses from the ontology; a line never says more than its finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from yibaolex.amounts import money, yuan
from yibaolex.catalogue import say
from yibaolex.knowledge import Knowledge
from yibaolex.reasons import Finding, Kind, Origin, Statement, Verdict, leaves
from yibaolex.screen import one_line
from yibaolex.terms import BOOLEAN, DECIMAL, TYPE, core

_SHOWN = 6
_FEW = 2  # facts that nobody raised are named; more are counted
RULED_OUT = (core("NotDue"), core("Barred"), core("Absorbed"))
_SECTIONS = ("AppliedArticle", "NoPenaltyGround", "LenientCircumstance", "Contradiction")
_DETAILS = ("standing", "statedBy", "statedSource", "evidenceReference", "provisionReliedOn", "foundBy")


class ReasonTeller:
    """Tells findings in one language."""

    def __init__(self, knowledge: Knowledge, language: str) -> None:
        self._knowledge = knowledge
        self._language = language

    def say(self, key: str, **values: object) -> str:
        """The phrase ``key`` of the catalogue's section on reasons."""
        return say(self._language, "why", key, **values)

    def label(self, node: NamedNode) -> str:
        """The label of a term as it stands in running text."""
        return self._knowledge.short_label(node, self._language)

    def quoted(self, node: NamedNode) -> str:
        """The label of a term in quotation marks."""
        return self.say("quoted", label=self.label(node))

    def joined(self, items: Iterable[str]) -> str:
        """Items in one line, each once."""
        return self.say("and").join(dict.fromkeys(items))

    # --- one line -------------------------------------------------------------------------------------------------

    def mark(self, finding: Finding) -> str:
        """The sign for what a finding says: met, not met, or open."""
        if finding.kind is Kind.CONDITION:
            return self.say("sign_" + Verdict(finding.value).name.lower())
        if finding.kind is Kind.CONSEQUENCE and finding.value in RULED_OUT:
            return self.say("sign_not_met")
        is_open = finding.value in (None, core("Open"), core("HandedOver"))
        return self.say("sign_undecided" if is_open and finding.kind is not Kind.HAND_OVER else "sign_met")

    def line(self, finding: Finding) -> str:
        """A finding without what it rests on."""
        return f"{self.mark(finding)} {self.headline(finding)}"

    def headline(self, finding: Finding) -> str:
        """What a finding is about, with its result and its clause."""
        about = self.clauses(self._clause_bearer(finding)) if self._has_clause(finding) else ""
        return "".join((self._rule(finding), self._about(finding), about, self._support(finding)))

    def _has_clause(self, finding: Finding) -> bool:
        """Whether clauses are told: of a fact only if it is a charge, as the others stand under a condition."""
        if finding.kind is not Kind.FACT:
            return True
        return self._knowledge.graph.one(finding.about, core("memberOf")) is not None

    def _about(self, finding: Finding) -> str:
        if finding.kind is Kind.FACT:
            return self.fact(finding)
        if finding.kind is Kind.FINE:
            return self.say("state_of_fine", state=self.label(finding.value or core("FineOpen")))
        if finding.kind is Kind.SCHEME:
            shown = self.label(finding.value) if finding.value is not None else self.say("not_settled")
            return self.say("equals", label=self.label(finding.about), shown=shown)
        if finding.kind is Kind.CONSEQUENCE:
            shown = self.say("equals", label=self.label(finding.about), shown=self.label(finding.value))
            return shown + self._range(finding)
        if finding.acts:
            shown = self.say("acts_counted", number=len(finding.acts))
            return self.say("equals", label=self.label(finding.about), shown=shown)
        return self.label(finding.about)

    def _range(self, finding: Finding) -> str:
        """The statutory range of a fine, where it is known in yuan."""
        ends = [self.value(relation, amount) for relation, amount in finding.amounts]
        return self.say("statutory_range", low=ends[0], high=ends[1]) if len(ends) == 2 else ""

    def fact(self, finding: Finding) -> str:
        """A fact and its value."""
        return self.say("equals", label=self.label(finding.about), shown=self._value(finding))

    def _value(self, finding: Finding) -> str:
        values = [s.value for s in finding.statements if s.value is not None] if finding.origin is Origin.STATED else []
        return self.value(finding.about, values[0] if values else finding.value)

    def value(self, fact: NamedNode, value: Literal | None) -> str:
        """A value of a fact in words; amounts in yuan."""
        if value is None:
            return self.say("not_known")
        if value.datatype == BOOLEAN:
            return self.say(value.value)
        if value.datatype == DECIMAL:
            return self.say("yuan", amount=yuan(money(Decimal(value.value))))
        choices = self._knowledge.graph.objects(fact, core("allowedValue"))
        named = {self._knowledge.notation(c): self._knowledge.short_label(c, self._language) for c in choices}
        return named.get(value.value, value.value)

    def _rule(self, finding: Finding) -> str:
        rules = sorted(rule.value for rule in self._knowledge.graph.objects(finding.about, core("rule")))
        return self.say("rule", rule=self.joined(rules)) if rules else ""

    def clauses(self, node: NamedNode) -> str:
        """The provisions on which a term rests."""
        names = [self.label(source) for source in self._knowledge.source_nodes(node)]
        return self.say("clauses", clauses=self.joined(names)) if names else ""

    def _support(self, finding: Finding) -> str:
        """How sure a condition or consequence is, where it is not simply said in the text."""
        mark = self._knowledge.mark(finding.about)
        return "" if mark is None else self.say("support", support=self.label(mark))

    # --- where a fact comes from ----------------------------------------------------------------------------------

    def origin(self, finding: Finding) -> str:
        """Where the value of a fact comes from."""
        if finding.statements:
            return self.say("from", origin=self.joined(self.statement(finding, s) for s in finding.statements))
        if finding.origin is Origin.ABSENT:
            return self.say("from", origin=self.say("absent"))
        if finding.origin is Origin.READ and finding.ground is not None:
            return self.say("from", origin=self.say("read", label=self.label(finding.ground)))
        if finding.origin is Origin.PRESUMED and finding.ground is not None:
            return self.say("from", origin=self.say("presumed", ground=self.ground(finding)))
        return self.say("from", origin=self.say("nobody")) if finding.value is None and not finding.reasons else ""

    def statement(self, finding: Finding, statement: Statement) -> str:
        """The place of a statement, what is known about it, and its value where it is not that of the fact."""
        given = dict(statement.details)
        if core("statedBy") in given:  # a role, which has a label; the source is only how the file spells it
            del given[core("statedSource")]
        details = [given[core(name)] for name in _DETAILS if core(name) in given]
        told = [self.label(d) if isinstance(d, NamedNode) else one_line(d.value) for d in details]
        if finding.value is None:
            told.insert(0, self.value(statement.fact, statement.value))
        if not statement.taken:
            told.append(self.say("not_taken"))
        return self.say("stated", place=statement.place, details="".join(self.say("detail", shown=t) for t in told))

    def ground(self, finding: Finding) -> str:
        """Why the value of a fact is presumed."""
        texts = self._knowledge.graph.objects(finding.ground, core("ground"))
        return next(t.value for t in texts if t.language == self._language).rstrip(self.say("stop"))

    # --- short ----------------------------------------------------------------------------------------------------

    def in_short(self, finding: Finding, without: Iterable[Finding] = ()) -> str:
        """A finding in one line with the facts that decide it, but for those of ``without``."""
        known = {id(leaf) for other in without for leaf in leaves(other)}
        found = [leaf for leaf in leaves(finding) if id(leaf) not in known]
        telling = [leaf for leaf in found if leaf.origin is not Origin.ABSENT]
        facts = self.joined(self.fact(leaf) for leaf in telling[:_SHOWN])
        if not telling and found:
            facts = self.say("all_absent", number=len(found))
        elif len(telling) > _SHOWN:
            facts = self.say("and_more", facts=facts, number=len(telling))
        return self._because(finding, facts)

    def ruled_out(self, finding: Finding, ruling: Iterable[NamedNode], *, whole: bool = False) -> str:
        """What is barred, absorbed or displaced in one line, with the conditions among ``ruling`` that do it.

        Of a condition its parts are named, unless it is to be named as a ``whole``.
        """
        doing = [reason for reason in finding.reasons if reason.about in ruling and reason.value == Verdict.MET.value]
        parts = [part for reason in doing for part in reason.reasons if part.kind is Kind.CONDITION and not whole]
        causes = self.joined(self.quoted(part.about) for part in parts or doing)
        return self._because(finding, self.say("caused", causes=causes))

    def _because(self, finding: Finding, facts: str) -> str:
        head = f"{self.mark(finding)} {self._about(finding)}{self.clauses(self._clause_bearer(finding))}"
        return self.say("because", head=head, facts=facts) if facts else head

    def _clause_bearer(self, finding: Finding) -> NamedNode:
        """The term whose clauses are told: of a settled scheme those of its category."""
        settled = finding.kind is Kind.SCHEME and isinstance(finding.value, NamedNode)
        return finding.value if settled else finding.about

    # --- whole ----------------------------------------------------------------------------------------------------

    def tree(self, findings: Iterable[Finding]) -> list[str]:
        """The findings with all that they rest on, as indented lines; what stands above is not told again."""
        told: set[int] = set()
        quoted: set[str] = set()
        lines: list[str] = []
        heading = None
        for finding in findings:
            if finding.kind is Kind.CONDITION and id(finding) in told:
                continue
            if (section := self._section(finding)) != heading:
                lines.append(self.say("section", heading=self.say(section)))
                heading = section
            lines += self._branch(finding, 0, told, quoted)
        return lines

    def _section(self, finding: Finding) -> str:
        """The catalogue key of the heading under which a finding is told."""
        kinds = self._knowledge.graph.objects(finding.about, TYPE)
        of_kind = (kind for kind in _SECTIONS if core(kind) in kinds)
        return "section_" + next(of_kind, finding.kind.name)

    def _branch(self, finding: Finding, depth: int, told: set[int], quoted: set[str]) -> Iterator[str]:
        indent = "  " * depth
        line = f"{indent}{self._sign(finding)} {self.headline(finding)}{self._tail(finding)}"
        if id(finding) in told and finding.reasons:
            yield line + self.say("above")
            return
        told.add(id(finding))
        reasons, rest = self._to_tell(finding)
        yield line + rest
        yield from (f"{indent}    {quote}" for quote in self._quotes(finding, quoted))
        for reason in reasons:
            yield from self._branch(reason, depth + 1, told, quoted)

    def _sign(self, finding: Finding) -> str:
        return self.say("sign_fact") if finding.kind is Kind.FACT else self.mark(finding)

    def _tail(self, finding: Finding) -> str:
        return self.origin(finding) if finding.kind is Kind.FACT else ""

    def _to_tell(self, finding: Finding) -> tuple[tuple[Finding, ...], str]:
        """The reasons to go into, and what is told in the same line: a single fact, or several that nobody raised."""
        # A hand-over code that is a condition rests on what the condition rests on.
        reasons = tuple(r for f in finding.reasons for r in (f.reasons if f.about == finding.about else (f,)))
        silent = [reason for reason in reasons if reason.origin is Origin.ABSENT]
        if len(silent) > _FEW:
            return tuple(r for r in reasons if r not in silent), self.say("silent", number=len(silent))
        if finding.kind is Kind.CONDITION and len(reasons) == 1 and _is_plain(reasons[0]):
            return (), self.say("because", head="", facts=self.headline(reasons[0]) + self.origin(reasons[0]))
        return reasons, ""

    def _quotes(self, finding: Finding, quoted: set[str]) -> Iterator[str]:
        """The text of its clauses, each once in a tree."""
        for source in self._knowledge.source_nodes(finding.about if self._has_clause(finding) else None):
            text = self._knowledge.graph.one(source, core("text"))
            if text is not None and text.value not in quoted:
                quoted.add(text.value)
                yield self.say("quote", text=text.value)


def _is_plain(finding: Finding) -> bool:
    """A fact that was not reckoned from others."""
    return finding.kind is Kind.FACT and not finding.reasons

"""Reasons: for each result of an act the conditions, facts and statements on which it rests.

What this module is for: one finding per condition, fact, consequence, scheme, fine and hand-over code that a result
rests on, as a tree whose leaves are statements. What a reader must not break: the reasons suffice (with only the
statements that they cite the outcome is the same), and among reasons of which each suffices those on better ground
are given: what is not charged before what is stated, before a reading, before a presumption.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from pyoxigraph import Literal, NamedNode

from yibaolex.engines import Engine
from yibaolex.expression import Composite, Leaf, Operand, Operator
from yibaolex.intake import ReadCase
from yibaolex.knowledge import Knowledge, Scheme
from yibaolex.needs import Asker, Standing, Standings
from yibaolex.terms import CORE, TYPE, core


class Kind(Enum):
    """What a finding is about."""

    FACT = "Fact"
    CONDITION = "Condition"
    CONSEQUENCE = "Sanction"
    SCHEME = "DiscretionScheme"
    FINE = "FineState"
    HAND_OVER = "HandOver"


class Verdict(Enum):
    """How a condition stands; the values are core terms."""

    MET = core("Met")
    NOT_MET = core("NotMet")
    UNDECIDED = core("Undecided")


class Origin(Enum):
    """Where the value of a fact comes from, the firmest ground first; the values are core terms.

    What is not charged or not invoked ends a matter before anything that is stated.
    """

    ABSENT = core("OnSilence")
    STATED = core("OnStatement")
    READ = core("OnReading")
    PRESUMED = core("OnPresumption")
    DERIVED = core("OnFacts")
    OPEN = core("OnNothing")


_FIRMNESS = {origin: position for position, origin in enumerate(Origin)}


@dataclass(frozen=True)
class Statement:
    """A statement of the case about one fact; ``value`` is None for an explicit unknown.

    ``taken`` is False where its author may not state the fact.
    """

    node: NamedNode
    fact: NamedNode
    value: Literal | None
    place: str
    details: dict[NamedNode, Literal | NamedNode] = field(hash=False)
    taken: bool = True


@dataclass(frozen=True, eq=False)
class Finding:
    """One result on one act, with the findings and statements that it rests on.

    ``about`` is the fact, condition, consequence, scheme or hand-over code (for the fine the relation to its state).
    ``value`` is a literal (fact), a verdict, status, category or state (term), or None if it is open. ``ground`` is the
    alternative of a reading or the presumption from which a fact has its value. ``needs`` are the facts that could
    still settle it. ``amounts`` are, in yuan, the ends of the band that applies (for the fine), or those of the
    statutory range (for a consequence that is a fine). ``acts`` are those of the case, where their number is the point.
    """

    kind: Kind
    about: NamedNode
    value: Any
    reasons: tuple[Finding, ...] = ()
    statements: tuple[Statement, ...] = ()
    origin: Origin | None = None
    ground: NamedNode | None = None
    needs: frozenset[NamedNode] = frozenset()
    amounts: tuple[tuple[NamedNode, Literal], ...] = ()
    acts: tuple[NamedNode, ...] = ()

    @cached_property
    def firmness(self) -> int:
        """The position of the weakest origin that it rests on; 0 is the firmest."""
        own = _FIRMNESS[self.origin] if self.origin not in (None, Origin.DERIVED, Origin.OPEN) else 0
        return max([own, *(reason.firmness for reason in self.reasons)])


@dataclass(frozen=True)
class ActReasons:
    """The findings on one act, in the order in which they are told, and the facts that it still needs.

    ``schemes`` are those that count for the result: the category, and the weighing if the penalty may be spared.
    ``forgone`` are the presumptions left unused because a statement that is not taken says otherwise.
    """

    act: NamedNode
    findings: tuple[Finding, ...]
    needs: frozenset[NamedNode] = frozenset()
    schemes: tuple[Finding, ...] = ()
    forgone: tuple[NamedNode, ...] = ()

    @cached_property
    def every(self) -> list[Finding]:
        """All findings, each once, reasons before what rests on them."""
        seen: dict[int, Finding] = {}

        def visit(finding: Finding) -> None:
            if id(finding) not in seen:
                for reason in finding.reasons:
                    visit(reason)
                seen[id(finding)] = finding

        for finding in self.findings:
            visit(finding)
        return list(seen.values())

    @cached_property
    def statements(self) -> list[Statement]:
        """The statements that some finding cites, each once."""
        cited = {statement.node: statement for finding in self.every for statement in finding.statements}
        return list(cited.values())

    def of_kind(self, kind: Kind) -> list[Finding]:
        """The findings of ``kind``, those told first being first."""
        return [finding for finding in self.findings if finding.kind is kind]


# --- what the run left behind -------------------------------------------------------------------------------------

_OF_ACT = (
    *("asksNothing", "relies", "presumes", "forgoes", "needs", "fineNeeds", "reportedFineState", "handsOverAt"),
    *("applicableInterval", "rejected", "ofAct"),
    *("ofSanction", "sanctionStatus", "lacks", "mayRaise"),  # of a consequence
    *("ofFine", "low", "high"),  # of a range
)
_BANDS = f"""SELECT ?act ?relation ?object WHERE {{
  ?act <{CORE}applicableInterval> ?interval .
  ?interval ?relation ?object .
  FILTER (isLiteral(?object)) }}
  ORDER BY ?act ?relation"""


@dataclass
class _Layer:
    """What an engine holds on one act: its own relations, and its consequences with what each lacks and may raise."""

    relations: dict[NamedNode, list] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[NamedNode, NamedNode] = field(default_factory=dict)
    lacking: dict[NamedNode, set[NamedNode]] = field(default_factory=lambda: defaultdict(set))
    raising: dict[NamedNode, set[NamedNode]] = field(default_factory=lambda: defaultdict(set))
    band: list[tuple[NamedNode, Literal]] = field(default_factory=list)
    ranges: dict[NamedNode, tuple[tuple[NamedNode, Literal], ...]] = field(default_factory=dict)

    def one(self, relation: NamedNode) -> Any:
        return next(iter(self.relations.get(relation, ())), None)


def _layers(knowledge: Knowledge, engine: Engine) -> dict[NamedNode, _Layer]:
    """What the engine holds by node: acts, cases, consequences and whatever else a relation starts from."""
    found: dict[NamedNode, _Layer] = defaultdict(_Layer)
    settled = [scheme.settled for scheme in knowledge.schemes.values()]
    for subject, relation, value in engine.said([*map(core, _OF_ACT), *settled, *knowledge.every_fact]):
        found[subject].relations[relation].append(value)
    for said in list(found.values()):
        if said.one(core("sanctionStatus")) is not None:
            act, sanction = found[said.one(core("ofAct"))], said.one(core("ofSanction"))
            act.statuses[sanction] = said.one(core("sanctionStatus"))
            act.lacking[sanction].update(said.relations.get(core("lacks"), ()))
            act.raising[sanction].update(said.relations.get(core("mayRaise"), ()))
        elif said.one(core("ofFine")) is not None:
            ends = tuple((core(end), said.one(core(end))) for end in ("low", "high"))
            found[said.one(core("ofAct"))].ranges[said.one(core("ofFine"))] = ends
    if any(core("applicableInterval") in layer.relations for layer in found.values()):
        for row in engine.select(_BANDS):
            found[row["act"]].band.append((row["relation"], row["object"]))
    return found


def _statements(case: ReadCase, rejected: set[NamedNode]) -> dict[NamedNode, Statement]:
    """The statements of ``case`` by their node."""
    details: dict[Any, dict] = {node: {} for node in case.facts}
    for triple in case.triples:
        of = details.get(triple.subject)
        if of is not None and triple.predicate != TYPE:
            of[triple.predicate] = triple.object
    values = {node: details[node].get(core("statedValue")) for node in case.facts}
    return {
        node: Statement(
            node,
            fact,
            values[node] if isinstance(values[node], Literal) else None,
            case.places[node],
            details[node],
            node not in rejected,
        )
        for node, fact in case.facts.items()
    }


def find_reasons(
    knowledge: Knowledge, engine: Engine, cases: Iterable[ReadCase], standings: Standings
) -> dict[NamedNode, list[ActReasons]]:
    """The reasons of every act of ``cases``, by case, after all has been derived in ``engine``."""
    layers = _layers(knowledge, engine)
    rejected = {node for node, layer in layers.items() if core("rejected") in layer.relations}
    found = {}
    for case in cases:
        statements = _statements(case, rejected)
        acts: list[Any] = [triple.object for triple in case.triples if triple.predicate == core("hasAct")]
        for act in acts:
            layers[act].relations[core("handsOverAt")] += layers[case.node].relations[core("handsOverAt")]
        found[case.node] = [
            _Reasoner(knowledge, layers[act], standings[act], _heard(case, act, statements), acts).reasons(act)
            for act in acts
        ]
    return found


def _heard(case: ReadCase, act: NamedNode, statements: dict[NamedNode, Statement]) -> dict[NamedNode, Statement]:
    """The statements about ``act`` and about its case."""
    about = core("about")
    return {node: s for node, s in statements.items() if s.details.get(about) in (act, case.node)}


class _Reasoner:
    """Finds the reasons for one act; each condition and fact is looked at once."""

    def __init__(
        self,
        knowledge: Knowledge,
        layer: _Layer,
        standing: Standing,
        statements: dict[NamedNode, Statement],
        acts: Iterable[NamedNode],
    ) -> None:
        self._knowledge = knowledge
        self._acts = tuple(acts)
        self._layer = layer
        self._standing = standing
        self._asker = Asker(knowledge, standing)
        self._quiet = layer.one(core("asksNothing")) is not None
        self._conditions: dict[NamedNode, Finding] = {}
        self._facts: dict[NamedNode, Finding] = {}
        relied = sorted((statements[n] for n in layer.relations.get(core("relies"), ())), key=lambda s: s.node.value)
        self._relied: dict[NamedNode, list[Statement]] = defaultdict(list)
        for statement in relied:
            self._relied[statement.fact].append(statement)
        self._rejected: dict[NamedNode, list[Statement]] = defaultdict(list)
        for statement in statements.values():
            if not statement.taken:
                self._rejected[statement.fact].append(statement)
        presumed = layer.relations.get(core("presumes"), ())
        self._presumed = {knowledge.graph.one(item, core("presumedFact")): item for item in presumed}

    def reasons(self, act: NamedNode) -> ActReasons:
        """All findings that the outcome of ``act`` reports."""
        knowledge = self._knowledge
        conditions = [self.condition(node) for node in knowledge.reported_conditions]
        schemes = [self._scheme(node, scheme) for node, scheme in knowledge.schemes.items()]
        consequences = {sanction: self._consequence(sanction) for sanction in knowledge.sanction_plans}
        counting = schemes if knowledge.may_be_spared(schemes[0].value) else schemes[:1]
        fine = self._fine(consequences, counting)
        handed = [self._hand_over(code, consequences, fine) for code in self._codes]
        findings = (*conditions, *self._blocking, *schemes, *consequences.values(), fine, *handed)
        needs = frozenset(self._layer.relations.get(core("needs"), ()))
        forgone = sorted(self._layer.relations.get(core("forgoes"), ()), key=lambda node: node.value)
        return ActReasons(act, findings, needs, tuple(counting), tuple(forgone))

    # --- conditions and facts -------------------------------------------------------------------------------------

    def condition(self, node: NamedNode) -> Finding:
        """The finding on the condition ``node``."""
        found = self._conditions.get(node)
        if found is None:
            truth = self._standing.truth.get(node)
            needs = self._asker.needs(node) if truth is None and not self._quiet else frozenset()
            grounds = (*self._grounds(node, truth), *self._places(node, truth))
            found = Finding(Kind.CONDITION, node, _VERDICTS[truth], grounds, needs=needs)
            self._conditions[node] = found
        return found

    def _grounds(self, node: NamedNode, truth: bool | None) -> tuple[Finding, ...]:
        """What settles ``node``, or all that it has if it is open."""
        definition = self._knowledge.nodes[node]
        if isinstance(definition, Leaf):
            return (self.fact(definition.fact),)
        operands: Iterable[Operand] = definition.operands
        if truth is not None:
            known = self._standing.truth
            operands = [o for o in operands if known.get(o.node) is (truth if o.positive else not truth)]
        found = [self.condition(operand.node) for operand in operands]
        if truth is not None:
            found = _firmest(found, _least(definition, truth))
        # A part without a name of its own says nothing to a reader: its reasons stand in its place.
        named = [reason for f in found for reason in ((f,) if f.about in self._knowledge.named else f.reasons)]
        return tuple({id(finding): finding for finding in named}.values())

    def _places(self, node: NamedNode, truth: bool | None) -> tuple[Finding, ...]:
        """The fact that tells of a rule on jurisdiction that holds which district it is."""
        return tuple(self.fact(fact) for fact in self._knowledge.places.get(node, ()) if truth)

    def fact(self, node: NamedNode) -> Finding:
        """The finding on the fact ``node``."""
        found = self._facts.get(node)
        if found is None:
            found = self._facts[node] = self._fact(node)
        return found

    def _fact(self, node: NamedNode) -> Finding:
        value, statements = self._layer.one(node), tuple(self._relied.get(node, ()))
        if value is None:
            return self._open_fact(node, statements or tuple(self._rejected.get(node, ())))
        if statements:
            return Finding(Kind.FACT, node, value, statements=statements, origin=Origin.STATED)
        if node in self._presumed:
            return Finding(Kind.FACT, node, value, origin=Origin.PRESUMED, ground=self._presumed[node])
        if node in self._knowledge.sources_of_facts:
            sources = tuple(self.fact(source) for source in self._known_sources(node))
            return Finding(Kind.FACT, node, value, sources, origin=Origin.DERIVED)
        alternative = self._knowledge.alternative_on(node)
        if alternative is not None:
            return Finding(Kind.FACT, node, value, origin=Origin.READ, ground=alternative)
        return Finding(Kind.FACT, node, value, origin=Origin.ABSENT)

    def _known_sources(self, node: NamedNode) -> tuple[NamedNode, ...]:
        """The first list of sources that are all known; every source where none is (a flag raised by silence)."""
        lists = self._knowledge.sources_of_facts[node]
        known = (sources for sources in lists if all(self._layer.one(source) is not None for source in sources))
        return next(known, tuple(source for sources in lists for source in sources))

    def _open_fact(self, node: NamedNode, statements: tuple[Statement, ...]) -> Finding:
        if node not in self._knowledge.derived:
            return Finding(Kind.FACT, node, None, statements=statements, origin=Origin.OPEN, needs=self._asked(node))
        through = self._knowledge.asked_through.get(node)
        asked = self._standing.lacking.get(through, set()) if through is not None else set()
        lists = self._knowledge.sources_of_facts.get(node, ())
        known = [source for sources in lists for source in sources if self._layer.one(source) is not None]
        sources = dict.fromkeys([*known, *sorted(asked, key=lambda fact: fact.value)])
        reasons = tuple(self.fact(source) for source in sources)
        return Finding(Kind.FACT, node, None, reasons, origin=Origin.OPEN, needs=self._asked(*asked))

    def _asked(self, *facts: NamedNode) -> frozenset[NamedNode]:
        return frozenset() if self._quiet else frozenset(facts)

    # --- results --------------------------------------------------------------------------------------------------

    @cached_property
    def _blocking(self) -> list[Finding]:
        """The contradictions among the facts; where there is one no consequence is settled."""
        held = [node for node in self._knowledge.contradictions if self._standing.truth.get(node)]
        return [self.condition(node) for node in held]

    def _scheme(self, node: NamedNode, scheme: Scheme) -> Finding:
        category = self._layer.one(scheme.settled)
        if category is not None:
            weighed = self._knowledge.graph.one(category, core("weighedAs"))
            settling = category if scheme.settled == core("category") else weighed
            return Finding(Kind.SCHEME, node, category, (self.condition(settling),))
        reached = [self.condition(condition) for stage in self._asker.reached(scheme) for condition in stage]
        reasons = [*self._blocking, *reached]
        needs = frozenset() if self._quiet else self._asker.of_scheme(scheme)
        return Finding(Kind.SCHEME, node, None, tuple(reasons), needs=needs)

    def _consequence(self, sanction: NamedNode) -> Finding:
        status = self._layer.statuses.get(sanction)
        needs = frozenset(self._layer.lacking.get(sanction, ()))
        graph = self._knowledge.graph
        own = [self.condition(node) for node in self._knowledge.conditions_of(sanction, status or core("NotDue"))]
        if status is None:
            failing = [finding for finding in own if finding.value == Verdict.NOT_MET.value]
            return Finding(Kind.CONSEQUENCE, sanction, core("NotDue"), tuple(failing))
        amounts_in = [*graph.objects(sanction, core("amountFact")), *graph.objects(sanction, core("fineBase"))]
        own += [self.fact(amount) for amount in amounts_in]
        if graph.one(sanction, core("minimumMonths")) is not None:
            own += self._minimum
        amounts = self._layer.ranges.get(sanction, ())
        return Finding(Kind.CONSEQUENCE, sanction, status, (*self._blocking, *own), needs=needs, amounts=amounts)

    @cached_property
    def _minimum(self) -> list[Finding]:
        """The rules by which the minimum is usual, if they are met."""
        found = [self.condition(node) for node in self._knowledge.minimum_rules]
        return [finding for finding in found if finding.value == Verdict.MET.value]

    def _fine(self, consequences: dict[NamedNode, Finding], schemes: list[Finding]) -> Finding:
        """The state of the fine: it rests on the fines considered, their base, the category and the minimum rule."""
        state = self._layer.one(core("reportedFineState"))
        needs = frozenset(self._layer.relations.get(core("fineNeeds"), ()))
        fines = [finding for sanction, finding in consequences.items() if sanction in self._knowledge.fines]
        raised = [finding for finding in fines if finding.value != core("NotDue")]
        bases = [self._knowledge.graph.one(finding.about, core("fineBase")) for finding in raised]
        facts = [self.fact(base) for base in dict.fromkeys(bases) if base is not None]
        gates = [self.condition(node) for node in self._knowledge.gates]
        reasons = (*raised, *facts, *schemes, *self._minimum) if raised else (*fines, *gates)
        amounts = tuple(self._layer.band)
        return Finding(
            Kind.FINE, core("fineState"), state, tuple(self._blocking) or reasons, needs=needs, amounts=amounts
        )

    @property
    def _codes(self) -> list[NamedNode]:
        return sorted(self._layer.relations.get(core("handsOverAt"), ()), key=lambda code: code.value)

    def _hand_over(self, code: NamedNode, consequences: dict[NamedNode, Finding], fine: Finding) -> Finding:
        graph = self._knowledge.graph
        reasons: list[Finding] = [self.condition(code)] if code in self._knowledge.nodes else []
        kinds = graph.objects(code, TYPE)
        if core("ContradictionHandOver") in kinds:
            reasons += self._blocking
        if core("BandHandOver") in kinds:
            reasons.append(fine)
        reasons += [self.condition(node) for node in graph.objects(code, core("onCondition"))]
        reasons += [self.fact(fact) for fact in graph.objects(code, core("onNeed"))]
        reasons += [finding for sanction, finding in consequences.items() if code in self._layer.raising[sanction]]
        acts = self._acts if core("CaseHandOver") in kinds else ()
        return Finding(Kind.HAND_OVER, code, None, tuple(reasons), acts=acts)


_VERDICTS = {True: Verdict.MET.value, False: Verdict.NOT_MET.value, None: Verdict.UNDECIDED.value}


def _firmest(findings: list[Finding], least: int) -> list[Finding]:
    """Of findings of which ``least`` suffice the firmest ones; more than suffice only of what is stated or silent."""
    if least >= len(findings):
        return findings
    ranked = sorted(findings, key=lambda finding: finding.firmness)[:least]
    weakest = ranked[-1].firmness
    if weakest > _FIRMNESS[Origin.STATED]:
        return [finding for finding in findings if finding in ranked]
    return [finding for finding in findings if finding.firmness <= weakest]


def _least(definition: Composite, truth: bool) -> int:
    """How many operands settle a node: one or all of them, or a number."""
    if definition.operator is Operator.COUNT:
        return definition.least if truth else len(definition.operands) - definition.least + 1
    every = (definition.operator is Operator.ALL) == truth
    return len(definition.operands) if every else 1


def leaves(finding: Finding) -> Iterator[Finding]:
    """The findings on facts that nothing else lies under, each once, in order."""
    seen: set[int] = set()
    todo = [finding]
    while todo:
        current = todo.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        if current.kind is Kind.FACT and not current.reasons:
            yield current
        todo = [*current.reasons, *todo]

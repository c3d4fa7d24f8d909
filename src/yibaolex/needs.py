"""What is still needed: the unknown leaves of the branches that are still open.

Generic over any expression tree. A reader must not break: a settled node asks for nothing; an open one asks for the
open operands only, first those that its condition wants first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Quad

from yibaolex.engines import Engine, Truth
from yibaolex.expression import Leaf
from yibaolex.knowledge import Knowledge, Scheme
from yibaolex.terms import CORE, core

_OPEN = f"""SELECT ?finding ?act ?sanction WHERE {{
  ?finding <{CORE}sanctionStatus> <{CORE}Open> ; <{CORE}ofAct> ?act ; <{CORE}ofSanction> ?sanction }}"""


@dataclass
class Standing:
    """The settled nodes of one act, and what each of its open derived facts lacks."""

    truth: dict[NamedNode, bool]
    lacking: dict[NamedNode, set[NamedNode]] = field(default_factory=dict)


Standings = dict[NamedNode, Standing]


class Asker:
    """Finds the needs of conditions for one act."""

    def __init__(self, knowledge: Knowledge, standing: Standing) -> None:
        self._knowledge = knowledge
        self._standing = standing
        self._known: dict[NamedNode, frozenset[NamedNode]] = {}

    def needs(self, node: NamedNode) -> frozenset[NamedNode]:
        """The facts that could still settle ``node``; none if it is settled."""
        if node in self._standing.truth or node in self._knowledge.never_asked:
            return frozenset()
        if node not in self._known:
            self._known[node] = self._find(node)
        return self._known[node]

    def of_all(self, nodes: Iterable[NamedNode]) -> frozenset[NamedNode]:
        """The needs of ``nodes`` together."""
        return frozenset().union(*(self.needs(node) for node in nodes))

    def is_open(self, nodes: Iterable[NamedNode]) -> bool:
        """Whether any of ``nodes`` is not settled."""
        return any(node not in self._standing.truth for node in nodes)

    def of_scheme(self, scheme: Scheme) -> frozenset[NamedNode]:
        """The needs of the first step of ``scheme`` that is still open."""
        return frozenset().union(*(self.of_all(stage) for stage in self.reached(scheme)[-1:]))

    def reached(self, scheme: Scheme) -> list[tuple[NamedNode, ...]]:
        """The steps of ``scheme`` up to and with the first that is still open; none if all are settled."""
        first = next((number for number, stage in enumerate(scheme.stages) if self.is_open(stage)), -1)
        return list(scheme.stages[: first + 1])

    def _find(self, node: NamedNode) -> frozenset[NamedNode]:
        definition = self._knowledge.nodes[node]
        if isinstance(definition, Leaf):
            return self._of_fact(definition.fact)
        found = self.of_all(operand.node for operand in definition.operands)
        first, later = self._knowledge.precedence.get(node, (frozenset(), frozenset()))
        return found - later if found & first else found

    def _of_fact(self, fact: NamedNode) -> frozenset[NamedNode]:
        if fact not in self._knowledge.derived:
            return frozenset([fact])
        through = self._knowledge.asked_through.get(fact)
        return frozenset(self._standing.lacking.get(through, ())) if through is not None else frozenset()


def find_needs(knowledge: Knowledge, engine: Engine, standings: Standings) -> Iterator[Quad]:
    """Yield what each act of the graph, and each open consequence of it, still lacks."""
    every = {act: Asker(knowledge, standing) for act, standing in standings.items()}
    quiet = {act for act, _, _ in engine.said([core("asksNothing")])}
    askers = {act: asker for act, asker in every.items() if act not in quiet}
    for condition, through in knowledge.asking_conditions.items():
        for act, asker in (every if condition in knowledge.asked_of_every_act else askers).items():
            yield from _triples(act, through, asker.needs(condition))
    for scheme in knowledge.schemes.values():
        concluded = {act for act, _, _ in engine.said([scheme.settled])}
        for act, asker in askers.items():
            if act not in concluded:
                yield from _triples(act, scheme.asks, asker.of_scheme(scheme))
    for row in list(engine.select(_OPEN)):
        if row["act"] in askers:
            yield from _triples(row["finding"], core("lacks"), _of_sanction(knowledge, askers[row["act"]], row))


def _of_sanction(knowledge: Knowledge, asker: Asker, row: dict) -> frozenset[NamedNode]:
    plan = knowledge.sanction_plans[row["sanction"]]
    return asker.of_all(plan.first if asker.is_open(plan.first) else plan.later)


def standings_of(knowledge: Knowledge, engine: Engine, truth: Truth) -> Standings:
    """The standing of each act, from the ``truth`` of its conditions and what ``engine`` says is lacking."""
    found = {act: Standing(settled) for act, settled in truth.items()}
    for act, ask, fact in engine.said(dict.fromkeys(knowledge.asked_through.values())):
        found[act].lacking.setdefault(ask, set()).add(fact)
    return found


def _triples(subject: NamedNode, predicate: NamedNode, facts: Iterable[NamedNode]) -> Iterator[Quad]:
    return (Quad(subject, predicate, fact) for fact in facts)

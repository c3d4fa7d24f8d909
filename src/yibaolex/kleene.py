"""Expression trees decided directly, without a query: the same meaning as the compiled updates.

What a reader must not break: strong Kleene logic - one failing operand makes ALL fail and one that holds makes ANY
hold, whatever is open beside it - and exact decimals. Nodes are numbered once, since looking up IRIs for every act
took longer than deciding.

Specification: Kleene 1952, section 64; the reference engine runs the same trees as SPARQL, and a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from yibaolex.expression import Composite, Leaf, Node, Operator, Test
from yibaolex.terms import BOOLEAN, DECIMAL

Truth = list[bool | None]
Values = Mapping[NamedNode, object]
Step = Callable[[Values, Truth], bool | None]


class Decider:
    """Nodes, children first, prepared for deciding many acts."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = tuple(nodes)
        numbers = {node.node: number for number, node in enumerate(self.nodes)}
        self.facts = frozenset(node.fact for node in self.nodes if isinstance(node, Leaf))
        self._steps = [_leaf(node) if isinstance(node, Leaf) else _composite(node, numbers) for node in self.nodes]

    def decide(self, facts: Mapping[NamedNode, Literal]) -> dict[NamedNode, bool]:
        """Which nodes hold and which fail on ``facts``; an open node is not in the answer."""
        values = {fact: _plain(value) for fact, value in facts.items()}
        truth: Truth = []
        for step in self._steps:
            truth.append(step(values, truth))
        return {node.node: found for node, found in zip(self.nodes, truth, strict=True) if found is not None}


def _plain(value: Literal) -> object:
    """A literal by its value: booleans and decimals can be spelt in several ways."""
    if value.datatype == BOOLEAN:
        return value.value in ("true", "1")
    return Decimal(value.value) if value.datatype == DECIMAL else value.value


def _leaf(leaf: Leaf) -> Step:
    fact, bound = leaf.fact, _plain(leaf.value)
    tests: dict[Test, Callable] = {
        Test.EQUALS: lambda value: value == bound,
        Test.ABOVE: lambda value: value > bound,
        Test.AT_MOST: lambda value: value <= bound,
    }
    test = tests[leaf.test]

    def step(values: Values, truth: Truth) -> bool | None:
        value = values.get(fact)
        return None if value is None else test(value)

    return step


def _composite(node: Composite, numbers: Mapping[NamedNode, int]) -> Step:
    operands = [(numbers[operand.node], operand.positive) for operand in node.operands]
    number = len(operands)
    least = {Operator.ALL: number, Operator.ANY: 1, Operator.COUNT: node.least}[node.operator]

    def step(values: Values, truth: Truth) -> bool | None:
        holding = failing = 0
        for operand, positive in operands:
            found = truth[operand]
            if found is positive:
                holding += 1
            elif found is not None:
                failing += 1
        if holding >= least:
            return True
        return False if failing > number - least else None

    return step

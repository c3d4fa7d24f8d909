"""Expression trees decided directly, without a query: the same meaning as the compiled updates.

What a reader must not break: strong Kleene logic - one failing operand makes ALL fail and one that holds makes ANY
hold, whatever is open beside it - and exact decimals.

Specification: Kleene 1952, section 64; the reference engine runs the same trees as SPARQL, and a test compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from yibaolex.expression import Composite, Leaf, Node, Operator, Test
from yibaolex.terms import BOOLEAN, DECIMAL


def decide(nodes: Iterable[Node], facts: Mapping[NamedNode, Literal]) -> dict[NamedNode, bool]:
    """Which of ``nodes`` (children first) hold and which fail on ``facts``; an open node is not in the answer."""
    truth: dict[NamedNode, bool] = {}
    for node in nodes:
        found = _leaf(node, facts) if isinstance(node, Leaf) else _composite(node, truth)
        if found is not None:
            truth[node.node] = found
    return truth


def _leaf(leaf: Leaf, facts: Mapping[NamedNode, Literal]) -> bool | None:
    value = facts.get(leaf.fact)
    if value is None:
        return None
    if leaf.test is Test.EQUALS:
        return _plain(value) == _plain(leaf.value)
    above = Decimal(value.value) > Decimal(leaf.value.value)
    return above if leaf.test is Test.ABOVE else not above


def _plain(value: Literal) -> object:
    """A literal by its value: booleans and decimals can be spelt in several ways."""
    if value.datatype == BOOLEAN:
        return value.value in ("true", "1")
    return Decimal(value.value) if value.datatype == DECIMAL else value.value


def _composite(node: Composite, truth: Mapping[NamedNode, bool]) -> bool | None:
    values = [truth.get(operand.node) for operand in node.operands]
    settled = [v == o.positive for v, o in zip(values, node.operands, strict=True) if v is not None]
    number, holding = len(values), sum(settled)
    least = {Operator.ALL: number, Operator.ANY: 1, Operator.COUNT: node.least}[node.operator]
    if holding >= least:
        return True
    return False if len(settled) - holding > number - least else None

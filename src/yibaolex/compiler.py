"""Expression trees, and queries that construct, turned into SPARQL 1.1 updates.

For each node two updates say when it holds and when it fails; a node for which neither fires is open. A reader must
not break: the updates run in order, use no negation and no ``||`` over unbound operands, and so mean the same on
every engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from yibaolex import resources
from yibaolex.expression import Composite, Leaf, Node, Operand, Operator, Test
from yibaolex.terms import CORE

HOLDS = f"<{CORE}holds>"
FAILS = f"<{CORE}fails>"
_TESTS = {Test.EQUALS: "=", Test.ABOVE: ">", Test.AT_MOST: "<="}


def compile_nodes(nodes: Iterable[Node]) -> list[str]:
    """Return the updates that decide ``nodes``, which come children first."""
    return [update for node in nodes for update in (_leaf(node) if isinstance(node, Leaf) else _composite(node))]


def _leaf(leaf: Leaf) -> list[str]:
    test = f"?value {_TESTS[leaf.test]} {leaf.value}"
    return [
        f"INSERT {{ ?act {relation} {leaf.node} }} WHERE {{ ?act {leaf.fact} ?value . FILTER ({condition}) }}"
        for relation, condition in ((HOLDS, test), (FAILS, f"!({test})"))
    ]


def _composite(node: Composite) -> list[str]:
    if node.operator is Operator.ALL:
        return [_every(node, HOLDS, True), _some(node, FAILS, False)]
    if node.operator is Operator.ANY:
        return [_some(node, HOLDS, True), _every(node, FAILS, False)]
    allowed = len(node.operands) - node.least + 1
    return [_number(node, HOLDS, True, node.least), _number(node, FAILS, False, allowed)]


def _relation(operand: Operand, true: bool) -> str:
    """The relation an act has to the operand's node when the operand is ``true``."""
    return HOLDS if operand.positive == true else FAILS


def _every(node: Composite, conclusion: str, true: bool) -> str:
    patterns = " ".join(f"?act {_relation(o, true)} {o.node} ." for o in node.operands)
    return f"INSERT {{ ?act {conclusion} {node.node} }} WHERE {{ {patterns} }}"


def _some(node: Composite, conclusion: str, true: bool) -> str:
    return f"INSERT {{ ?act {conclusion} {node.node} }} WHERE {{ {_alternatives(node, true)} }}"


def _alternatives(node: Composite, true: bool) -> str:
    return " UNION ".join(f"{{ ?act {_relation(o, true)} {o.node} }}" for o in node.operands)


def _number(node: Composite, conclusion: str, true: bool, least: int) -> str:
    """Operands are told apart by a number: rdflib drops equal rows of a UNION."""
    rows = " UNION ".join(
        f"{{ ?act {_relation(o, true)} {o.node} . BIND ({i} AS ?operand) }}" for i, o in enumerate(node.operands)
    )
    counted = f"SELECT ?act WHERE {{ {rows} }} GROUP BY ?act HAVING (COUNT(DISTINCT ?operand) >= {least})"
    return f"INSERT {{ ?act {conclusion} {node.node} }} WHERE {{ {{ {counted} }} }}"


def update_of(path: Path) -> str:
    """Turn a CONSTRUCT query file into the update that inserts what it constructs.

    Raises:
        ValueError: the file holds no CONSTRUCT query.
    """
    lines = [line for line in resources.text(path).splitlines() if not line.startswith("#")]
    text = "\n".join(lines)
    if text.count("CONSTRUCT {") != 1:
        raise ValueError(f"{path.name}: one CONSTRUCT query expected")
    return text.replace("CONSTRUCT {", "INSERT {")

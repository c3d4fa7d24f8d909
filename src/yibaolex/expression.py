"""Conditions as expression trees, read from OWL class expressions.

The meaning in force is Kleene's strong three-valued logic over the expression as it is written; an OWL reasoner must
entail every value that this logic settles. A reader must not break: each node has one IRI, children come before
parents, and nothing here knows which law a condition belongs to.

Specification: OWL 2 Structural Specification, section 8 (class expressions); Kleene 1952, section 64.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode

from yibaolex.graph import Graph
from yibaolex.terms import CORE, XSD, core, owl


class Operator(Enum):
    """How a node follows from its operands."""

    ALL = "all"
    ANY = "any"
    COUNT = "count"


class Test(Enum):
    """How a leaf looks at the value of a fact."""

    EQUALS = "equals"
    ABOVE = "above"
    AT_MOST = "atMost"


class Operand(NamedTuple):
    """A child of a node; ``positive`` is False under an odd number of complements."""

    node: NamedNode
    positive: bool = True


class Leaf(NamedTuple):
    """A test of one fact against one value."""

    node: NamedNode
    fact: NamedNode
    test: Test
    value: Literal


class Composite(NamedTuple):
    """A node over others; ``least`` is the number that must hold for COUNT, else unused."""

    node: NamedNode
    operator: Operator
    operands: tuple[Operand, ...]
    least: int = 0


Node = Leaf | Composite


class ExpressionError(ValueError):
    """A class expression that is outside the supported subset; the message names the class."""


_FACETS = {"minExclusive": Test.ABOVE, "maxInclusive": Test.AT_MOST}


class ExpressionReader:
    """Reads the named classes of a graph into nodes, each once, children first."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes: dict[NamedNode, Node] = {}
        self._leaves: dict[tuple[str, str, str], NamedNode] = {}
        self._open: set[NamedNode] = set()

    def read(self, conditions: Iterable[NamedNode]) -> list[Node]:
        """Return the nodes that ``conditions`` need, in an order in which children come first."""
        for condition in conditions:
            self._named(condition)
        return list(self._nodes.values())

    def _named(self, node: NamedNode) -> NamedNode:
        if node in self._nodes:
            return node
        if node in self._open:
            raise ExpressionError(f"{node.value}: defined in terms of itself")
        self._open.add(node)
        self._nodes[node] = self._define(node)
        self._open.discard(node)
        return node

    def _define(self, node: NamedNode) -> Node:
        among = self._graph.one(node, core("among"))
        if among is not None:
            operands = tuple(self._operand(item, node, i) for i, item in enumerate(self._graph.members(among)))
            return Composite(node, Operator.COUNT, operands, int(self._graph.one(node, core("atLeast")).value))
        own = self._graph.one(node, core("ownCondition"))
        if own is not None:
            blockers = [Operand(self._named(n), False) for n in self._stronger(node)]
            return Composite(node, Operator.ALL, (Operand(self._named(own)), *blockers))
        expression = self._graph.one(node, owl("equivalentClass"))
        if expression is None:
            raise ExpressionError(f"{node.value}: no owl:equivalentClass")
        return self._expression(expression, node)

    def _expression(self, term: Any, name: NamedNode) -> Node:
        """Read ``term`` as the definition of the node called ``name``."""
        described = self._graph.about(term)
        if owl("onProperty") in described:
            return self._restriction(described, name)
        for predicate, operator in (("intersectionOf", Operator.ALL), ("unionOf", Operator.ANY)):
            items = described.get(owl(predicate))
            if items is not None:
                operands = tuple(self._operand(item, name, i) for i, item in enumerate(self._graph.members(items)))
                return Composite(name, operator, operands)
        return Composite(name, Operator.ALL, (self._operand(term, name, 0),))

    def _operand(self, term: Any, parent: NamedNode, index: int, positive: bool = True) -> Operand:
        if isinstance(term, NamedNode):
            return Operand(self._named(term), positive)
        described = self._graph.about(term)
        complement = described.get(owl("complementOf"))
        if complement is not None:
            return self._operand(complement, parent, index, not positive)
        if owl("onProperty") in described:
            return Operand(self._leaf(described), positive)
        child = NamedNode(f"{parent.value}--{index + 1}")
        if child not in self._nodes:
            self._nodes[child] = self._expression(term, child)
        return Operand(child, positive)

    def _leaf(self, described: dict[NamedNode, Any]) -> NamedNode:
        """The node of an anonymous restriction; equal restrictions share one."""
        found = self._restriction(described, NamedNode("leaf:"))
        key = (found.fact.value, found.test.value, found.value.value)
        if key not in self._leaves:
            name = found.fact.value.rpartition("#")[2]
            node = NamedNode(f"{CORE.removesuffix('core#')}leaf#{name}--{found.test.value}--{found.value.value}")
            self._leaves[key] = node
            self._nodes[node] = Leaf(node, found.fact, found.test, found.value)
        return self._leaves[key]

    def _restriction(self, described: dict[NamedNode, Any], name: NamedNode) -> Leaf:
        fact = described[owl("onProperty")]
        value = described.get(owl("hasValue"))
        if value is not None:
            return Leaf(name, fact, Test.EQUALS, value)
        datatype = described.get(owl("someValuesFrom"))
        facets = self._graph.members(self._graph.one(datatype, owl("withRestrictions")))
        bounds = [(test, self._graph.one(f, NamedNode(XSD + local))) for f in facets for local, test in _FACETS.items()]
        found = [(test, bound) for test, bound in bounds if bound is not None]
        if len(found) == 1 and len(bounds) == len(_FACETS):
            return Leaf(name, fact, *found[0])
        raise ExpressionError(f"{name.value}: only hasValue, minExclusive and maxInclusive are supported")

    def _stronger(self, node: NamedNode) -> list[NamedNode]:
        """What displaces or outranks ``node``, through any number of steps, in a stable order."""
        found: dict[NamedNode, None] = {}
        todo = [node]
        while todo:
            current = todo.pop()
            for relation in ("displaces", "outranks"):
                for stronger in self._graph.subjects(core(relation), current):
                    if stronger not in found:
                        found[stronger] = None
                        todo.append(stronger)
        return sorted(found, key=lambda n: n.value)

"""SHACL: the shapes compiled to SELECT queries for the default engine, and run by pySHACL for the reference.

The shapes stay in a subset that compiles: class targets; datatype, pattern and sh:sparql constraints; sh:not of a
sh:hasValue. A reader must not break: pySHACL and the compiled queries find the same results on every input, and every
message comes from the shape.

Specification: SHACL, sections 4.1.2 (datatype), 4.4.3 (pattern), 4.6.1 (not), 4.8.2 (hasValue), 5 (SPARQL constraints).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode

from yibaolex import resources
from yibaolex.engines import Engine, RdflibEngine
from yibaolex.faults import Fault, Severity
from yibaolex.graph import Graph
from yibaolex.knowledge import Knowledge
from yibaolex.terms import BOOLEAN, DATE, DECIMAL, SOURCE, STRING, core, shacl

_LEXICAL = {
    DECIMAL: '!REGEX(STR(?value), "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$")',
    DATE: "!BOUND(?cast)",
}


class ShapeError(ValueError):
    """A shape outside the subset that compiles; the message names it."""


class Constraint(NamedTuple):
    """One constraint of one shape: its query (``?this`` fails), its messages, and what a failure does.

    Shapes that each forbid a value of the same relation share one query, whose ``?forbidden`` tells them apart.
    """

    shape: NamedNode
    query: str
    forbids: NamedNode | None
    messages: tuple[tuple[str, str], ...]
    severity: Severity
    order: int
    excludes: NamedNode | None
    sources: tuple[NamedNode, ...] = ()


class Result(NamedTuple):
    """One validation result."""

    shape: NamedNode
    focus: NamedNode


class Shapes:
    """The shapes of one file, compiled."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._graph = Graph([path])

    @cached_property
    def constraints(self) -> dict[NamedNode, Constraint]:
        """The constraints by the IRI of the shape that a report would name."""
        found = (c for node in self._graph.instances(shacl("NodeShape")) for c in self._of_node(node))
        return {constraint.shape: constraint for constraint in found}

    @cached_property
    def queries(self) -> dict[str, dict[NamedNode | None, NamedNode]]:
        """The queries, each with the shapes that its rows fail, by ``?forbidden`` if it has one."""
        found: dict[str, dict] = {}
        for constraint in self.constraints.values():
            if constraint.forbids in found.setdefault(constraint.query, {}):
                raise ShapeError(f"{constraint.shape.value}: the constraint of another shape")
            found[constraint.query][constraint.forbids] = constraint.shape
        return {_among(query, shapes): shapes for query, shapes in found.items()}

    def _of_node(self, node: NamedNode) -> Iterator[Constraint]:
        target = f"?this a {self._graph.one(node, shacl('targetClass'))} ."
        for shape in self._graph.objects(node, shacl("property")):
            yield self._constraint(shape, self._of_property(shape, target), shape)
        for constraint in self._graph.objects(node, shacl("sparql")):
            yield self._constraint(node, self._of_sparql(constraint, target), constraint)
        for negated in self._graph.objects(node, shacl("not")):
            path, value = self._graph.one(negated, shacl("path")), self._graph.one(negated, shacl("hasValue"))
            if path is None or value is None:
                raise ShapeError(f"{node.value}: only sh:not of a path with sh:hasValue")
            query = f"SELECT ?this ?forbidden WHERE {{ {target} ?this {path} ?forbidden }}"
            yield self._constraint(node, query, node, value)

    def _constraint(
        self, shape: NamedNode, query: str, texts: NamedNode, forbids: NamedNode | None = None
    ) -> Constraint:
        messages = tuple((m.language, m.value) for m in self._graph.objects(texts, shacl("message")))
        refuse = self._graph.one(shape, core("onFailure")) == core("Refuse")
        severity = Severity.REFUSED if refuse else Severity.NOTED
        order = int(self._graph.one(shape, shacl("order")).value)
        excludes = self._graph.one(shape, core("excludes"))
        sources = tuple(sorted(self._graph.objects(shape, SOURCE), key=lambda node: node.value))
        return Constraint(shape, query, forbids, messages, severity, order, excludes, sources)

    def _of_property(self, shape: NamedNode, target: str) -> str:
        values = f"{target} ?this {self._graph.one(shape, shacl('path'))} ?value ."
        datatype, pattern = self._graph.one(shape, shacl("datatype")), self._graph.one(shape, shacl("pattern"))
        if datatype is not None:
            test = f"DATATYPE(?value) != {datatype}"
            if datatype in _LEXICAL:
                test = f"{test} || {_LEXICAL[datatype]}"
            elif datatype not in (BOOLEAN, STRING):
                raise ShapeError(f"{shape.value}: datatype {datatype.value}")
            cast = f"BIND ({DATE}(STR(?value)) AS ?cast)" if datatype == DATE else ""
            return f"SELECT ?this WHERE {{ {values} {cast} FILTER ({test}) }}"
        if pattern is None:
            raise ShapeError(f"{shape.value}: neither sh:datatype nor sh:pattern")
        return f"SELECT ?this WHERE {{ {values} FILTER (!REGEX(STR(?value), {Literal(pattern.value)})) }}"

    def _of_sparql(self, constraint: NamedNode, target: str) -> str:
        prefixes = [
            f"PREFIX {self._graph.one(d, shacl('prefix')).value}: <{self._graph.one(d, shacl('namespace')).value}>"
            for declared in self._graph.objects(constraint, shacl("prefixes"))
            for d in self._graph.objects(declared, shacl("declare"))
        ]
        select = self._graph.one(constraint, shacl("select")).value.replace("$this", "?this")
        head, _, body = select.partition("WHERE {")
        return "\n".join(prefixes) + f"\n{head}WHERE {{ {target} {body}"


@cache
def shapes(name: str) -> Shapes:
    """The shapes file ``name`` of the knowledge base."""
    return Shapes(resources.folder("shapes") / name)


def validate(engine: Engine, of: Shapes) -> list[Result]:
    """Validate the graph of ``engine``: with pySHACL on the reference engine, else with the compiled queries."""
    return list(_by_pyshacl(engine, of) if isinstance(engine, RdflibEngine) else _by_queries(engine, of))


def _by_queries(engine: Engine, of: Shapes) -> Iterator[Result]:
    for query, found in of.queries.items():
        for row in engine.select(query):
            yield Result(found[row.get("forbidden")], row["this"])


def _among(query: str, forbidden: Iterable[NamedNode | None]) -> str:
    """``query`` with its ``?forbidden`` one of those ``forbidden``, if it has any."""
    values = " ".join(str(value) for value in forbidden if value is not None)
    return f"{query} VALUES ?forbidden {{ {values} }}" if values else query


def _by_pyshacl(engine: RdflibEngine, of: Shapes) -> Iterator[Result]:
    from rdflib import SH

    report = report_of(engine.graph, of.path)
    for result in report.objects(None, SH.result):
        focus = report.value(result, SH.focusNode)
        shape = report.value(result, SH.sourceShape)
        yield Result(NamedNode(str(shape)), NamedNode(str(focus)))


def report_of(graph: Any, path: Path) -> Any:
    """The report of pySHACL (an rdflib graph) on an rdflib ``graph`` held against the shapes of a file."""
    import pyshacl
    from rdflib import Graph as RdflibGraph

    _, report, _ = pyshacl.validate(
        graph, shacl_graph=RdflibGraph().parse(path), inplace=True, advanced=False, do_owl_imports=False
    )
    return report


def in_order(
    results: Iterable[Result], of: Shapes, nodes: Iterable[NamedNode], once: Container[NamedNode]
) -> Iterator[Result]:
    """The ``results`` in the order of ``nodes``; of a node among ``once`` only the first: one value, one message."""
    order = {node: position for position, node in enumerate(nodes)}
    told: set[NamedNode] = set()
    for result in sorted(results, key=lambda r: (order[r.focus], of.constraints[r.shape].order, r.shape.value)):
        if result.focus not in told:
            yield result
        if result.focus in once:
            told.add(result.focus)


def fault_of(
    constraint: Constraint, place: str, fact: NamedNode | None, value: str | None, knowledge: Knowledge
) -> Fault:
    """The fault that a failed ``constraint`` makes at ``place``, about ``fact`` if it is about a statement."""
    about = fact or constraint.excludes
    return Fault(
        "shape",
        place,
        {"shown": value or ""},
        fact,
        constraint.severity,
        dict(constraint.messages),
        constraint.sources or tuple(knowledge.source_nodes(about)),
    )

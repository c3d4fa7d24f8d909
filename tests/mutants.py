"""The mutants of the law: each one change of one operand, relation, number, flag, rule or shape.

A reader must not break: a mutant has a name by which a person finds the place, and leaves all other data as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from yibaolex.compiler import update_of
from yibaolex.graph import Graph
from yibaolex.knowledge import CORE_TERM, loaded_paths
from yibaolex.ontology import only_words
from yibaolex.resources import files, folder, text
from yibaolex.terms import BOOLEAN, CORE, DECIMAL, FIRST, INTEGER, LABEL, REST, core, owl, shacl

DESCRIBES = frozenset({"mark", "level", "text", "itemText", "argument", "ground", "statutoryName", "notEncodedBecause"})
JUNCTIONS = ((owl("intersectionOf"), owl("unionOf")), (owl("unionOf"), owl("intersectionOf")))
FILTER = re.compile(r"FILTER (?:(?:NOT )?EXISTS )?[({]")
FAILING = "FILTER (false)"
SHAPES = ("statements.ttl", "contradictions.ttl")
Change = Callable[[Graph], None]


@dataclass(frozen=True)
class Mutant:
    """One change: its kind, a name that says what and where, the files it is made in, and how to make it.

    For a rule or a query of the outcome ``text`` is what runs in its place, and there is no ``change``.
    """

    kind: str
    name: str
    files: frozenset[Path]
    change: Change | None
    text: str = ""


@cache
def loaded(paths: frozenset[Path]) -> Graph:
    """The graph of ``paths``, loaded once: blank nodes have other names each time."""
    return Graph(sorted(paths))


def mutants() -> list[Mutant]:
    """Every mutant, in a stable order."""
    found = list(_of_conditions(frozenset(path for path in loaded_paths() if not only_words(path))))
    for path in files("ontology/readings/alternatives", ".ttl"):
        found += _of_overlay(path)
    for path in files("queries/derive", ".rq"):
        found += _of_query(path, update_of(path), "INSERT DATA { }")
    for path in files("queries/outcome", ".rq"):
        found += _of_query(path, text(path), f"SELECT * WHERE {{ {FAILING} }}")
    for name in SHAPES:
        found += _of_shapes(folder("shapes") / name)
    return found


def _of_overlay(path: Path) -> Iterator[Mutant]:
    """The mutants of an alternative, named by its file."""
    for mutant in _of_conditions(frozenset([path])):
        yield Mutant(mutant.kind, f"{path.stem}: {mutant.name}", mutant.files, mutant.change)


def _of_conditions(where: frozenset[Path]) -> Iterator[Mutant]:
    graph = loaded(where)
    for root in sorted((q for p in (owl("equivalentClass"), core("among")) for q in graph.quads(p)), key=str):
        if isinstance(root.subject, NamedNode):
            for kind, name, change in _of_expression(graph, _short(root.subject), root.object, ""):
                yield Mutant(kind, name, where, change)
    for quad in sorted((q for q in graph if isinstance(q.subject, NamedNode)), key=str):
        if quad.predicate.value.startswith(CORE):
            for kind, name, change in _of_triple(graph, quad):
                yield Mutant(kind, name, where, change)


# --- class expressions ----------------------------------------------------------------------------------------------

Made = Iterator[tuple[str, str, Change]]


def _of_expression(graph: Graph, name: str, node: Any, at: str) -> Made:
    """The mutants of a class expression: each operand taken out and negated, each junction and value exchanged."""
    for predicate, other in JUNCTIONS:
        head = graph.one(node, predicate)
        if head is not None:
            yield "junction", f"{name}{at}: and, or exchanged", _replacing(Quad(node, predicate, head), predicate=other)
            yield from _of_list(graph, name, head, at)
    if graph.one(node, FIRST) is not None:
        yield from _of_list(graph, name, node, at)
    inner = graph.one(node, owl("complementOf"))
    if inner is not None:
        yield from _of_expression(graph, name, inner, at + "/not")
    value = graph.one(node, owl("hasValue"))
    if value is not None and value.datatype == BOOLEAN:
        opposite = Literal(value.value != "true")
        yield "value", f"{name}{at}: opposite value", _replacing(Quad(node, owl("hasValue"), value), opposite)
    elif value is not None:
        other = Literal("another value")
        yield "value", f"{name}{at}: another value", _replacing(Quad(node, owl("hasValue"), value), other)


def _of_list(graph: Graph, name: str, head: Any, at: str) -> Made:
    cells = list(_cells(graph, head))
    for number, cell in enumerate(cells, 1):
        where, operand = f"{at}/{number}", graph.one(cell, FIRST)
        if len(cells) > 1:
            before = cells[number - 2] if number > 1 else None
            yield "operand", f"{name}{where}: taken out", _without(cell, before)
        yield "operand", f"{name}{where}: negated", _negated(Quad(cell, FIRST, operand))
        yield from _of_expression(graph, name, operand, where)


# --- relations, numbers, flags --------------------------------------------------------------------------------------


def _of_triple(graph: Graph, quad: Quad) -> Made:
    """The mutants of a triple of the core vocabulary that does more than describe."""
    name = quad.predicate.value.removeprefix(CORE)
    datatype = quad.object.datatype if isinstance(quad.object, Literal) else None
    if name in DESCRIBES or name in _asked_only():
        return
    if datatype in (DECIMAL, INTEGER):
        yield from _of_number(quad)
    elif datatype == BOOLEAN:
        yield "number", f"{_told(quad)} flipped", _replacing(quad, Literal(quad.object.value != "true"))
    elif isinstance(quad.object, BlankNode) and graph.one(quad.object, FIRST) is not None:
        cells = list(_cells(graph, quad.object))
        for number, cell in enumerate(cells, 1):
            before = cells[number - 2] if number > 1 else None
            if len(cells) > 1:
                yield "relation", f"{_short(quad.subject)} {name} without no. {number}", _without(cell, before)
    elif not isinstance(quad.object, BlankNode):
        yield "relation", f"without {_told(quad)}", lambda graph: _store(graph).remove(quad)


@cache
def _asked_only() -> frozenset[str]:
    """The terms for norms that no query of an assessment reads: prepared questions do, with tests of their own."""
    declared = Graph([folder("ontology") / "norms" / "vocabulary.ttl"]).subjects(LABEL)
    queries = [path for name in ("derive", "outcome") for path in files(f"queries/{name}", ".rq")]
    read = {name for path in queries for name in CORE_TERM.findall(path.read_text(encoding="utf-8"))}
    return frozenset(node.value.removeprefix(CORE) for node in declared) - read


def _of_number(quad: Quad) -> Made:
    step = Decimal("0.1") if quad.object.datatype == DECIMAL else Decimal(1)
    for change in (step, -step):
        changed = Literal(str(Decimal(quad.object.value) + change), datatype=quad.object.datatype)
        yield "number", f"{_told(quad)} {change:+}", _replacing(quad, changed)


# --- rules and queries of the outcome ---------------------------------------------------------------------------------


def _of_query(path: Path, query: str, nothing: str) -> Iterator[Mutant]:
    """A rule or query taken out, then each of its filters, and each of its alternatives."""
    name, where = f"{path.parent.name}/{path.stem}", frozenset([path])
    yield Mutant("rule", f"without rule {name}", where, None, nothing)
    for number, found in enumerate(FILTER.finditer(query), 1):
        end = _closing(query, found.end() - 1)
        told = f"{name} filter {number}: {' '.join(query[found.start() : end].split())}"
        yield Mutant("filter", f"{told} taken out", where, None, query[: found.start()] + query[end:])
    for start, end in _alternatives(query):
        told = f"{name} alternative: {' '.join(query[start:end].split())}"
        yield Mutant("alternative", f"{told} taken out", where, None, f"{query[:start]}{{ {FAILING} }}{query[end:]}")


def _closing(query: str, start: int) -> int:
    """Where the bracket that opens at ``start`` is closed."""
    depth = 0
    for position in range(start, len(query)):
        depth += (query[position] in "{(") - (query[position] in "})")
        if depth == 0:
            return position + 1
    raise ValueError(query[start:])


def _alternatives(query: str) -> list[tuple[int, int]]:
    """From where to where the groups reach that UNION joins."""
    groups = [(start, _closing(query, start)) for start, character in enumerate(query) if character == "{"]
    return [
        (start, end)
        for start, end in groups
        if query[:start].rstrip().endswith("UNION") or query[end:].lstrip().startswith("UNION")
    ]


# --- shapes -----------------------------------------------------------------------------------------------------------


def _of_shapes(path: Path) -> Iterator[Mutant]:
    """Each constraint taken out, and what its failure does exchanged."""
    where = frozenset([path])
    graph = loaded(where)
    links = [q for name in ("property", "sparql", "not") for q in graph.quads(shacl(name))]
    for quad in sorted(links, key=lambda q: (q.subject.value, q.predicate.value, str(q.object))):
        told = (
            f"without shape {_told(quad)}" if isinstance(quad.object, NamedNode) else f"without {_short(quad.subject)}"
        )
        yield Mutant("shape", told, where, lambda graph, quad=quad: _store(graph).remove(quad))
    for quad in sorted(graph.quads(core("onFailure")), key=str):
        other = core("Note") if quad.object == core("Refuse") else core("Refuse")
        yield Mutant("shape", f"{_told(quad)} exchanged", where, _replacing(quad, other))


# --- making a change --------------------------------------------------------------------------------------------------


def _short(node: NamedNode) -> str:
    return node.value.rpartition("/")[2].rpartition("#")[2] or node.value


def _told(quad: Quad) -> str:
    shown = _short(quad.object) if isinstance(quad.object, NamedNode) else quad.object.value
    return f"{_short(quad.subject)} {_short(quad.predicate)} {shown}"


def _store(graph: Graph) -> Any:
    return graph._store


def _cells(graph: Graph, head: Any) -> Iterator[Any]:
    while head is not None and graph.one(head, FIRST) is not None:
        yield head
        head = graph.one(head, REST)


def _replacing(quad: Quad, value: Any = None, predicate: NamedNode | None = None) -> Change:
    def change(graph: Graph) -> None:
        _store(graph).remove(quad)
        _store(graph).add(Quad(quad.subject, predicate or quad.predicate, quad.object if value is None else value))

    return change


def _negated(quad: Quad) -> Change:
    def change(graph: Graph) -> None:
        inner, node = graph.one(quad.object, owl("complementOf")), BlankNode()
        _store(graph).remove(quad)
        if inner is None:
            _store(graph).add(Quad(node, owl("complementOf"), quad.object))
        _store(graph).add(Quad(quad.subject, FIRST, node if inner is None else inner))

    return change


def _without(cell: Any, before: Any) -> Change:
    """Takes a cell out of its list; the first one takes over what the second one holds."""

    def change(graph: Graph) -> None:
        store, rest = _store(graph), graph.one(cell, REST)
        if before is not None:
            store.remove(Quad(before, REST, cell))
            store.add(Quad(before, REST, rest))
            return
        for predicate in (FIRST, REST):
            store.remove(Quad(cell, predicate, graph.one(cell, predicate)))
            store.add(Quad(cell, predicate, graph.one(rest, predicate)))

    return change

"""The engines that run the compiled updates and the outcome queries.

Two engines, one meaning: pyoxigraph (the default) and rdflib (the reference). A reader must not break: both run the
same texts over the same statements, and both answer with pyoxigraph terms. The reference runs the conditions as
SPARQL and so holds the truth of every part of them; the default decides the same trees directly, because parsing them
took longer than all the rest, and holds those that queries come upon.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import cache
from typing import Any, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from yibaolex.compiler import compile_nodes
from yibaolex.faults import TwoValuesError
from yibaolex.kleene import Decider
from yibaolex.relevance import required_relations
from yibaolex.terms import CORE, STRING, TYPE, core

Row = dict[str, Any]
Said = tuple[Any, NamedNode, Any]  # subject, predicate and object
Truth = dict[Any, dict[NamedNode, bool]]
HOLDS, FAILS = core("holds"), core("fails")
_ACTS = f"SELECT ?act WHERE {{ ?act a <{CORE}Act> }}"
_TRUTH = f"""SELECT ?act ?node ?holds WHERE {{
  {{ ?act <{CORE}holds> ?node . BIND (true AS ?holds) }}
  UNION
  {{ ?act <{CORE}fails> ?node . BIND (false AS ?holds) }} }}"""


class Engine(Protocol):
    """A graph that takes triples and updates and answers SELECT queries."""

    def add(self, triples: Iterable[Quad]) -> None:
        """Add ``triples`` to the graph."""

    def update(self, updates: list[str]) -> None:
        """Run ``updates`` in order."""

    def decide(self, decider: Decider, told: Container[NamedNode]) -> Truth:
        """Return for each act which nodes of ``decider`` hold and which fail; add this at least for those ``told``.

        Raises:
            TwoValuesError: an act has two values for one fact.
        """

    def select(self, query: str) -> Iterable[Row]:
        """Run a SELECT query and yield its rows as dictionaries; unbound variables are None."""

    def said(self, predicates: Iterable[NamedNode]) -> Iterator[Said]:
        """Yield what the graph says by each of ``predicates``; no query has to be read for it."""


class OxigraphEngine:
    """The default engine: an in-memory pyoxigraph store."""

    def __init__(self, background: Iterable[Quad]) -> None:
        self._store = Store()
        self._store.extend(background)

    def add(self, triples: Iterable[Quad]) -> None:  # noqa: D102
        self._store.extend(triples)

    def update(self, updates: list[str]) -> None:  # noqa: D102
        for update in updates:
            if self._may_match(update):
                self._store.update(update)

    def decide(self, decider: Decider, told: Container[NamedNode]) -> Truth:  # noqa: D102
        acts = (quad.subject for quad in self._store.quads_for_pattern(None, TYPE, core("Act")))
        facts = _known(acts, self.said(decider.facts))
        truth = {act: decider.decide(known) for act, known in facts.items()}
        self._store.extend(
            Quad(act, HOLDS if holds else FAILS, node)
            for act, found in truth.items()
            for node, holds in found.items()
            if node in told
        )
        return truth

    def select(self, query: str) -> Iterable[Row]:  # noqa: D102
        if not self._may_match(query):
            return
        solutions: Any = self._store.query(query)
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            yield dict(zip(names, solution, strict=True))

    def said(self, predicates: Iterable[NamedNode]) -> Iterator[Said]:  # noqa: D102
        for predicate in predicates:
            for quad in self._store.quads_for_pattern(None, predicate, None):
                yield quad.subject, predicate, quad.object

    def _may_match(self, text: str) -> bool:
        """Whether each relation that ``text`` cannot do without is used; reading the text would take longer."""
        return all(any(self._store.quads_for_pattern(None, r, None)) for r in required_relations(text))


class RdflibEngine:
    """The reference engine: rdflib with prepared updates and queries."""

    def __init__(self, background: Iterable[Quad]) -> None:
        import logging

        from rdflib import Graph

        # rdflib prints a traceback for each malformed literal; the shapes report those.
        logging.getLogger("rdflib.term").setLevel(logging.ERROR)
        self._graph = Graph()
        self.add(background)

    @property
    def graph(self):
        """The rdflib graph itself."""
        return self._graph

    def add(self, triples: Iterable[Quad]) -> None:  # noqa: D102
        for triple in triples:
            self._graph.add((to_rdflib(triple.subject), to_rdflib(triple.predicate), to_rdflib(triple.object)))

    def update(self, updates: list[str]) -> None:  # noqa: D102
        for update in updates:
            self._graph.update(_prepared_update(update))

    def decide(self, decider: Decider, told: Container[NamedNode]) -> Truth:  # noqa: D102
        self.update(compile_nodes(decider.nodes))
        truth: Truth = {row["act"]: {} for row in self.select(_ACTS)}
        _known(truth, self.said(decider.facts))
        for row in self.select(_TRUTH):
            truth[row["act"]][row["node"]] = row["holds"].value == "true"
        return truth

    def select(self, query: str) -> Iterable[Row]:  # noqa: D102
        result: Any = self._graph.query(_prepared_query(query))
        names = [str(variable) for variable in result.vars]
        for row in result:
            yield {name: from_rdflib(term) for name, term in zip(names, row, strict=True)}

    def said(self, predicates: Iterable[NamedNode]) -> Iterator[Said]:  # noqa: D102
        for predicate in predicates:
            for subject, _, value in self._graph.triples((None, to_rdflib(predicate), None)):
                yield from_rdflib(subject), predicate, from_rdflib(value)


def _known(acts: Iterable[Any], said: Iterable[Said]) -> dict[Any, dict[NamedNode, Any]]:
    """The value of each fact of each of ``acts``, of which ``said`` tells."""
    facts: dict[Any, dict[NamedNode, Any]] = {act: {} for act in acts}
    for act, fact, value in said:
        if facts[act].setdefault(fact, value) != value:
            raise TwoValuesError(f"{act.value}: {fact.value} is both {facts[act][fact].value} and {value.value}")
    return facts


@cache
def _prepared_update(text: str):
    from rdflib.plugins.sparql import prepareUpdate

    return prepareUpdate(text)


@cache
def _prepared_query(text: str):
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(text)


def to_rdflib(term: Any):
    """A pyoxigraph term as rdflib has it, its spelling unchanged; a string is plain, as a query writes it."""
    import rdflib

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype == STRING:
        return rdflib.Literal(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def from_rdflib(term) -> NamedNode | BlankNode | Literal | None:
    """The pyoxigraph term for one of rdflib."""
    import rdflib

    if term is None:
        return None
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype))) if term.datatype else Literal(str(term))

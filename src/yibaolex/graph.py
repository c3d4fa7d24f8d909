"""Walking Turtle: the few look-ups that reading an ontology or a shapes file needs.

A reader must not break: answers come in a stable order, so that everything compiled from them is reproducible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from yibaolex.terms import FIRST, NIL, REST, TYPE


class Graph:
    """Turtle files loaded together. Nodes are pyoxigraph terms."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._store = Store()
        self.load(paths)

    def load(self, paths: Iterable[Path]) -> None:
        """Add Turtle files."""
        for path in paths:
            self._store.load(path=str(path), format=RdfFormat.TURTLE)

    def overlay(self, path: Path) -> None:
        """Load a file whose statements replace those that the graph has on the same subject and predicate."""
        over = type(self)([path])
        for quad in over:
            if isinstance(quad.subject, NamedNode):
                for old in list(self._store.quads_for_pattern(quad.subject, quad.predicate, None)):
                    self._store.remove(old)
        self._store.extend(over)

    def __iter__(self) -> Iterator[Quad]:
        return iter(self._store)

    def query(self, text: str, base: str, prefixes: dict[str, str]) -> Any:
        """What pyoxigraph answers to a query, whose names may be shortened by ``base`` and ``prefixes``."""
        return self._store.query(text, base_iri=base, prefixes=prefixes)

    def objects(self, subject: Any, predicate: NamedNode) -> list[Any]:
        """The objects of ``predicate`` at ``subject``; none at a literal."""
        if subject is None or isinstance(subject, Literal):
            return []
        return [quad.object for quad in self._store.quads_for_pattern(subject, predicate, None)]

    def one(self, subject: Any, predicate: NamedNode) -> Any:
        """The first object of ``predicate`` at ``subject``, or None."""
        return next(iter(self.objects(subject, predicate)), None)

    def about(self, subject: Any) -> dict[NamedNode, Any]:
        """What is said of ``subject``: an object of each predicate."""
        return {quad.predicate: quad.object for quad in self.statements(subject)}

    def statements(self, subject: Any) -> Iterator[Quad]:
        """The triples that ``subject`` is the subject of."""
        return self._store.quads_for_pattern(subject, None, None)

    def quads_of(self, subject: Any, predicate: NamedNode) -> Iterator[Quad]:
        """The triples that ``subject`` has with ``predicate``."""
        return self._store.quads_for_pattern(subject, predicate, None)

    def statements_on(self, value: Any) -> Iterator[Quad]:
        """The triples that ``value`` is the object of."""
        return self._store.quads_for_pattern(None, None, value)

    def quads(self, predicate: NamedNode, value: Any = None) -> Iterator[Quad]:
        """The triples that have ``predicate`` (with ``value`` if given)."""
        return self._store.quads_for_pattern(None, predicate, value)

    def subjects(self, predicate: NamedNode, value: Any = None) -> list[Any]:
        """The subjects that have ``predicate`` (with ``value`` if given), each once, sorted."""
        found = {quad.subject for quad in self._store.quads_for_pattern(None, predicate, value)}
        return sorted(found, key=lambda node: node.value)

    def instances(self, kind: NamedNode) -> list[Any]:
        """The instances of ``kind``, sorted."""
        return self.subjects(TYPE, kind)

    def members(self, head: Any) -> Iterator[Any]:
        """The members of the RDF collection that starts at ``head``."""
        while head is not None and head != NIL:
            yield self.one(head, FIRST)
            head = self.one(head, REST)

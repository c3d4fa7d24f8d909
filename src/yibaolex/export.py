"""The whole knowledge base in one file, for those who work on it with tools of their own.

What this module is for: all modules as Turtle, as JSON-LD under the context of the project, or as N-Quads with a named
graph for each module. What a reader must not break: what is read back is what the modules say, the same modules give
the same bytes, and nothing in the output has to be fetched to read it. The alternatives of disputed readings are left
out, because they contradict what they replace.

Specifications: RDF Dataset Canonicalization 1.0 (W3C Recommendation 2024), JSON-LD 1.1 (W3C Recommendation 2020).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, Quad, RdfFormat, parse

from yibaolex import resources
from yibaolex.engines import to_rdflib
from yibaolex.ontology import OVERLAYS
from yibaolex.terms import FIRST, NIL, REST, STRING, TYPE, owl

SYNTAXES = ("turtle", "jsonld", "nquads")
_CONTEXT = "context.jsonld"


def dump(syntax: str) -> str:
    """The knowledge base as text in ``syntax`` (one of ``SYNTAXES``)."""
    return written(sorted(modules(), key=str), syntax)


def written(quads: list[Quad], syntax: str) -> str:
    """``quads`` as text in ``syntax`` (one of ``SYNTAXES``); only N-Quads say in which graph each stands."""
    if syntax == "nquads":
        return "".join(f"{quad} .\n" for quad in quads)
    context = json.loads(resources.text(resources.folder("ontology") / _CONTEXT))["@context"]
    return _turtle(quads, _prefixes(context)) if syntax == "turtle" else _Compaction(quads, context).text()


def modules() -> Dataset:
    """The modules, each in a graph that has the name of its ontology; blank nodes have canonical names."""
    dataset = Dataset()
    for path in resources.files("ontology", ".ttl"):
        if path.parent.name != OVERLAYS:
            quads = list(parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True))
            name = next(quad.subject for quad in quads if quad.predicate == TYPE and quad.object == owl("Ontology"))
            for quad in quads:
                dataset.add(Quad(quad.subject, quad.predicate, quad.object, name))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def _prefixes(context: dict[str, Any]) -> dict[str, str]:
    return {name: iri for name, iri in context.items() if isinstance(iri, str) and iri.endswith(("#", "/"))}


# --- Turtle, as rdflib writes it: with collections, and in one order if the blank nodes have one ----------------------


def _turtle(quads: list[Quad], prefixes: dict[str, str]) -> str:
    from rdflib import Graph

    graph = Graph(bind_namespaces="none")
    for prefix, namespace in prefixes.items():
        graph.bind(prefix, namespace)
    for quad in quads:
        graph.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    return graph.serialize(format="turtle")


# --- JSON-LD, compacted here: the serializer of rdflib loses blank nodes under a term whose values are IRIs ----------


class _Compaction:
    """Triples as one JSON-LD document under a context of prefixes and terms.

    A blank node that one triple points to stands where it is pointed to, a collection as a list.
    """

    def __init__(self, quads: list[Quad], context: dict[str, Any]) -> None:
        self._context = context
        self._prefixes = _prefixes(context)
        self._terms: dict[str, tuple[str, str]] = {}  # the IRI of a property: its term, and the type of its values
        for name, meaning in context.items():
            if name not in self._prefixes:
                told = meaning if isinstance(meaning, dict) else {"@id": meaning}
                self._terms[self._whole(told["@id"])] = (name, self._whole(told.get("@type", "")))
        self._about: dict[Any, dict[Any, set[Any]]] = defaultdict(lambda: defaultdict(set))
        for quad in quads:
            self._about[quad.subject][quad.predicate].add(quad.object)
        statements = {(quad.subject, quad.predicate, quad.object) for quad in quads}
        self._pointed_at = Counter(value for _, _, value in statements if isinstance(value, BlankNode))

    def text(self) -> str:
        """The document."""
        top = [node for node in self._about if not self._stands_inside(node)]
        found = {"@context": self._context, "@graph": [self._node(node) for node in sorted(top, key=str)]}
        return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def _stands_inside(self, node: Any) -> bool:
        return isinstance(node, BlankNode) and self._pointed_at[node] == 1

    def _whole(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return self._prefixes[prefix] + rest if colon and prefix in self._prefixes else name

    def _short(self, iri: str) -> str:
        fitting = [prefix for prefix, namespace in self._prefixes.items() if iri.startswith(namespace)]
        if not fitting:
            return iri
        prefix = max(fitting, key=lambda name: len(self._prefixes[name]))
        return f"{prefix}:{iri.removeprefix(self._prefixes[prefix])}"

    def _node(self, node: Any) -> dict[str, Any]:
        found: dict[str, Any] = {} if self._stands_inside(node) else {"@id": self._name(node)}
        for predicate, values in self._about[node].items():
            if predicate == TYPE:
                key, told = "@type", sorted(self._name(value) for value in values)
            else:
                key, kind = self._terms.get(predicate.value, (self._short(predicate.value), ""))
                told = sorted((self._value(value, kind) for value in values), key=_order)
            found[key] = told if len(told) > 1 else told[0]
        return found

    def _name(self, node: Any) -> str:
        return str(node) if isinstance(node, BlankNode) else self._short(node.value)

    def _value(self, value: Any, kind: str) -> Any:
        """A value of a property whose values are of type ``kind`` unless they say otherwise."""
        if isinstance(value, Literal):
            return _literal(value, kind, self._short(value.datatype.value))
        if value == NIL:
            return {"@list": []}
        if self._stands_inside(value):
            members = self._members(value)
            return self._node(value) if members is None else {"@list": [self._value(m, kind) for m in members]}
        return self._name(value) if kind == "@id" else {"@id": self._name(value)}

    def _members(self, head: Any) -> list[Any] | None:
        """The members of the collection that begins at ``head``, or None if it is no plain one."""
        members = []
        while head != NIL:
            told = self._about[head]
            if not self._stands_inside(head) or set(told) != {FIRST, REST} or {len(v) for v in told.values()} != {1}:
                return None
            members.append(next(iter(told[FIRST])))
            head = next(iter(told[REST]))
        return members


def _literal(value: Literal, kind: str, datatype: str) -> Any:
    if value.language:
        return {"@language": value.language, "@value": value.value}
    if value.datatype.value == kind or value.datatype == STRING and not kind:
        return value.value
    return {"@value": value.value} if value.datatype == STRING else {"@type": datatype, "@value": value.value}


def _order(value: Any) -> str:
    return json.dumps(value, sort_keys=True)

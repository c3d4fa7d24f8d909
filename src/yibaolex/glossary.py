"""The glossary that the ontology is, as one SKOS concept scheme.

What this module is for: every term with its names, definitions, notation, sources and place, for tools that read SKOS.
What a reader must not break: no term stands here or in a list of its own; the queries of ``queries/glossary/`` make the
scheme from the modules, in the order of their names, and each sees what those before it have made.

Specification: SKOS Simple Knowledge Organization System Reference (W3C Recommendation 2009).
"""

from __future__ import annotations

from typing import Any

from pyoxigraph import NamedNode, Quad, Store

from yibaolex import resources
from yibaolex.export import modules, written
from yibaolex.research import BASE

NAME = "glossary"
_QUERIES = "queries/glossary"


def glossary() -> list[Quad]:
    """The triples of the scheme, in a graph that has its name."""
    store, scheme = Store(), NamedNode(BASE + NAME)
    store.bulk_extend(modules())
    found: set[Quad] = set()
    for path in resources.files(_QUERIES, ".rq"):
        made: Any = store.query(resources.text(path), base_iri=BASE, use_default_graph_as_union=True)
        quads = [Quad(triple.subject, triple.predicate, triple.object, scheme) for triple in made]
        store.extend(quads)
        found.update(quads)
    return sorted(found, key=str)


def dump(syntax: str) -> str:
    """The scheme as text in ``syntax`` (one of ``export.SYNTAXES``)."""
    return written(glossary(), syntax)

"""Queries that are not read: what a text cannot do without is held against rdflib's algebra of the same text."""

import pytest
from pyoxigraph import NamedNode, Quad
from rdflib import URIRef
from rdflib.paths import SequencePath
from rdflib.plugins.sparql import prepareQuery, prepareUpdate

from yibaolex.engines import OxigraphEngine
from yibaolex.knowledge import SHAPES, default_knowledge
from yibaolex.relevance import required_relations
from yibaolex.selfreport import forms
from yibaolex.shapes import shapes

X = "https://example.org/"
PREFIX = f"PREFIX x: <{X}>\n"


def texts():
    """Every text that a run gives to the default engine and that has a name or a file."""
    knowledge = default_knowledge()
    for folder, updates in knowledge.phases.items():
        yield from ((f"{folder} {number}", update) for number, update in enumerate(updates))
    yield from ((frame.name, frame.query) for frame in knowledge.frames)
    for file in (*SHAPES, forms.SHAPES):
        yield from ((f"{file} {number}", query) for number, query in enumerate(shapes(file).queries))


def named(predicate):
    if isinstance(predicate, SequencePath):
        return {relation for step in predicate.args for relation in named(step)}
    return {str(predicate)} if isinstance(predicate, URIRef) else set()


def needed(part):
    """The relations of ``part`` of an algebra that every solution has matched (SPARQL 1.1, section 18.2)."""
    if part.name == "BGP":
        return {relation for _, predicate, _ in part.triples for relation in named(predicate)}
    if part.name == "Join":
        return needed(part.p1) | needed(part.p2)
    if part.name in ("LeftJoin", "Minus"):
        return needed(part.p1)
    return set() if part.name in ("Union", "values") else needed(part.p)


def algebra(text):
    if "INSERT {" in text:
        (update,) = prepareUpdate(text).algebra
        return update.where
    return prepareQuery(text).algebra


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in texts()])
def test_nothing_is_required_that_a_query_can_do_without(text):
    assert {relation.value for relation in required_relations(text)} <= needed(algebra(text))


@pytest.mark.parametrize(
    "pattern, names",
    [
        ("?a x:p ?b ; x:q ?c , ?d . ?c x:r x:s", "p q r"),
        ("?a x:p/x:q ?b", "p q"),
        ("?a x:p|x:q ?b . ?a ^x:r ?b . ?a x:s* ?b", ""),
        ("?a ?p ?b ; a x:c", ""),
        ("?a x:p ?b OPTIONAL { ?a x:q ?c } ?c x:r ?d", "p r"),
        ("{ ?a x:p ?b } UNION { ?a x:q ?b }", ""),
        ("{ SELECT ?a WHERE { ?a x:p ?b } }", ""),
        ("?a x:p ?b FILTER NOT EXISTS { ?a x:q ?b } MINUS { ?a x:r ?b }", "p"),
        ("?a x:p ?b . BIND (x:q AS ?c) VALUES ?d { x:r } FILTER (?b = x:s)", "p"),
        ('?a x:p ?b . FILTER (REGEX (?b, "[(]{2} . x:q")) ?a x:r "} x:s ."', "p r"),
        ("# ?a x:q ?b } {\n  ?a x:p 1.5 ; x:r ?c .\n", "p r"),
        (f"?a <{X}p> ?b ; <{X}q>/x:r ?c", "p q r"),
    ],
)
def test_what_a_pattern_requires(pattern, names):
    text = f"{PREFIX}SELECT ?a WHERE {{ {pattern} }}"
    assert [relation.value.removeprefix(X) for relation in required_relations(text)] == names.split()


def test_a_modifier_requires_nothing():
    text = f"{PREFIX}SELECT ?a WHERE {{ ?a x:p ?b }} ORDER BY ?a VALUES ?a {{ x:q }}"
    assert required_relations(text) == (NamedNode(f"{X}p"),)


def test_an_aggregate_gives_a_row_for_an_empty_graph():
    text = f"{PREFIX}SELECT (COUNT (?a) AS ?number) WHERE {{ ?a x:p ?b }}"
    assert required_relations(text) == ()
    (row,) = OxigraphEngine([]).select(text)
    assert row["number"].value == "0"


def test_a_rule_is_run_once_its_relation_is_used():
    p, q, thing = (NamedNode(f"{X}{name}") for name in ("p", "q", "thing"))
    rule = f"{PREFIX}INSERT {{ ?a x:q ?b }} WHERE {{ ?a x:p ?b }}"
    engine = OxigraphEngine([])
    engine.update([rule])
    assert list(engine.said([q])) == []
    engine.add([Quad(thing, p, thing)])
    engine.update([rule])
    assert list(engine.said([q])) == [(thing, q, thing)]

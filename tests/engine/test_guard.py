"""What a query cannot do without: never more than what it really needs, or a query would wrongly be passed over."""

import pytest
from pyoxigraph import NamedNode

from yibaolex.guard import Need, needed
from yibaolex.knowledge import default_knowledge

Y = "https://example.org/"
PREFIX = f"PREFIX y: <{Y}>\n"


def terms(need: Need) -> set[str]:
    return {term.value.removeprefix(Y) for term in need.terms}


@pytest.mark.parametrize(
    "pattern, expected",
    [
        ("?a y:p/y:q ?b ; y:r y:C", {"p", "q", "r", "C"}),
        (f"?a <{Y}p> ?b . FILTER (?b != y:C && (?b > 1))", {"p"}),
        ('?a y:p "y:q {"@en , "1"^^y:D . BIND (y:E AS ?e)', {"p"}),
        ("?a y:p|y:q ?b ; y:r* ?c ; y:s? ?d", set()),
        ("?a y:p ?b OPTIONAL { ?b y:q ?c } MINUS { ?b y:r ?c } FILTER NOT EXISTS { ?b y:s ?c }", {"p"}),
        ("?a ?p ?b VALUES (?p ?b) { (y:p y:q) (y:r y:s) } VALUES ?b { y:t }", set()),
    ],
)
def test_terms(pattern: str, expected: set[str]) -> None:
    assert terms(needed(f"{PREFIX}SELECT ?a WHERE {{ {pattern} }}")) == expected


def test_choices() -> None:
    """Of a union one alternative is enough; a group without one is needed itself."""
    need = needed(f"{PREFIX}INSERT {{ ?a y:x ?b }} WHERE {{ {{ ?a y:p ?b }} UNION {{ ?a y:q ?b }} {{ ?b y:r ?c }} }}")
    assert not need.terms
    assert [[terms(group) for group in choice] for choice in need.choices] == [[{"p"}, {"q"}], [{"r"}]]


def test_counting_finds_nothing_too() -> None:
    """A count over nothing is a row."""
    count = "SELECT (COUNT(?a) AS ?n) WHERE { ?a y:p ?b }"
    assert needed(PREFIX + count) == Need()
    assert needed(f"{PREFIX}SELECT ?n WHERE {{ {{ {count} }} }}").choices == ((Need(),),)


def test_the_queries_of_a_run_are_read() -> None:
    """Every term that a query is said to need stands in it; most queries need something."""
    knowledge = default_knowledge()
    texts = [frame.query for frame in knowledge.frames] + [u for phase in knowledge.phases.values() for u in phase]
    found = [needed(text) for text in texts]
    assert sum(need != Need() for need in found) > 0.9 * len(found)
    for text, need in zip(texts, found, strict=True):
        assert all(term.value.rpartition("#")[2] in text for term in need.terms), text


def test_what_is_there_is_not_asked_for() -> None:
    """A choice of which one alternative is there is no need any more."""
    need = needed(f"{PREFIX}SELECT ?a WHERE {{ ?a y:p ?b ; y:q ?c . {{ ?a y:r ?b }} UNION {{ ?a y:s ?b }} }}")
    assert terms(need.beyond({NamedNode(Y + "p")})) == {"q"}
    assert need.beyond({NamedNode(Y + "p"), NamedNode(Y + "q"), NamedNode(Y + "s")}) == Need()

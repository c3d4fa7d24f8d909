"""The expressions that are easily confused, against the page on which they stand."""

from pathlib import Path

import pytest
from rdflib import Graph, Namespace, URIRef

ROOT = Path(__file__).resolve().parents[2]
Y = Namespace("https://w3id.org/yibaolex/core#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
IRI = "https://w3id.org/yibaolex/"

# worked out by hand: how often each stands on the page, a shorter one inside a longer one not counted
OCCURRENCES = {
    "基本医疗保险（含生育保险）基金": 1, "医疗救助基金": 2, "医疗保险基金": 1, "医疗保障资金": 1,
    "职工大额医疗费用补助": 1,
    "居民大病保险资金": 1, "工作人员": 1, "从业人员": 1, "医药从业人员": 1, "专（兼）职人员": 2,
    "医疗保障等行政部门工作人员": 1, "医药企业": 2, "药品经营单位": 1, "个人": 1, "个人缴费": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def law() -> Graph:
    graph = Graph()
    for name in ("norms/terms", "law/cq345-text", "law/cqfy2021-text"):
        graph.parse(ROOT / "ontology" / f"{name}.ttl")
    return graph


def places(text, word, words):
    """Where ``word`` stands in ``text`` and is no part of a longer one of ``words``."""
    longer = [other for other in words if word in other and word != other]
    inside = {
        start + other.index(word) for other in longer for start in range(len(text)) if text.startswith(other, start)
    }
    return [start for start in range(len(text)) if text.startswith(word, start) and start not in inside]


def test_every_occurrence_is_recorded_and_no_other(law):
    words = {str(word): thing for thing, word in law.subject_objects(Y.statutoryName)}
    for word, thing in words.items():
        found = {p for p, text in law.subject_objects(Y.text) if places(str(text), word, words)}
        assert set(law.objects(thing, Y.occursIn)) == found, word


@pytest.mark.parametrize("word", OCCURRENCES)
def test_occurrences_are_as_many_as_on_the_page(law, word):
    page = (ROOT / "tests" / "sources" / "order-345-and-notice.txt").read_text(encoding="utf-8")
    words = set(map(str, law.objects(None, Y.statutoryName)))
    assert len(places("".join(page.split()), word, words)) == OCCURRENCES[word]


def test_what_is_distinct_is_so_both_ways_and_has_words(law):
    pairs = set(law.subject_objects(Y.distinctFrom))
    assert pairs and all((other, one) in pairs and one != other for one, other in pairs)
    assert all(law.value(one, Y.statutoryName) for one, _ in pairs)


@pytest.mark.parametrize("one, other", [
    ("actor#medical-security-fund", "routing/matter-medical-insurance-fund"),
    ("actor#medical-security-fund", "routing/matter-medical-security-moneys"),
    ("actor#institution-staff", "actor#institution-practitioners"),
    ("actor#medical-security-agency", "actor#medical-security-department"),
    ("actor#designated-institution", "actor#medical-pharmaceutical-institution"),
    ("routing/matter-large-expense-subsidy", "routing/matter-major-illness-moneys"),
])  # fmt: skip
def test_what_is_easily_merged_is_kept_apart(law, one, other):
    assert (URIRef(IRI + one), Y.distinctFrom, URIRef(IRI + other)) in law

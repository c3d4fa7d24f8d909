"""The text of the law as recorded in Turtle against the page from which it was taken."""

from pathlib import Path

import pytest
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import SKOS

TESTS = Path(__file__).resolve().parents[1]
LAW = TESTS.parent / "ontology" / "law"
SOURCE = (TESTS / "sources" / "nanchuan-four-lists.txt").read_bytes().decode("utf-8")
FILES = ("reg735-text", "cqcj-text", "nanchuan-four-lists")

Y = Namespace("https://w3id.org/yibaolex/core#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
IRI = "https://w3id.org/yibaolex/"
FULL_WIDTH = str.maketrans(",;:()", "，；：（）")


@pytest.fixture(scope="module")
def law() -> Graph:
    graph = Graph()
    for name in FILES:
        graph.parse(LAW / f"{name}.ttl")
    return graph


def segments(law):
    """Every segment as (start, end, node), in the order of the page."""
    return sorted(
        (int(law.value(s, Y.startOffset)), int(law.value(s, Y.endOffset)), s)
        for s in law.subjects(RDF.type, Y.TextSegment)
    )


def text(law, node):
    return str(law.value(node, Y.text, default=""))


def squeeze(string):
    return "".join(string.split())


def test_every_character_is_in_exactly_one_segment(law):
    covered = [0] * len(SOURCE)
    for start, end, _ in segments(law):
        for place in range(start, end):
            covered[place] += 1
    assert max(covered) == 1
    assert [i for i, c in enumerate(SOURCE) if not c.isspace() and not covered[i]] == []


def test_segments_are_printed_as_in_the_source(law):
    for start, end, segment in segments(law):
        assert list(law.objects(segment, Y.printed)) == [Literal(SOURCE[start:end])], segment
        assert int(law.value(segment, Y.line)) == SOURCE.count("\n", 0, start) + 1, segment


def test_normalising_touches_only_punctuation_and_white_space(law):
    for start, end, segment in segments(law):
        printed = SOURCE[start:end].translate(FULL_WIDTH)
        assert squeeze(printed) == squeeze(text(law, segment)), segment


def test_provisions_have_the_text_of_the_segments_that_quote_them(law):
    defective = set(law.objects(None, Y.inSegment))
    for provision in set(law.objects(None, Y.quotes)):
        copies = set(law.subjects(Y.quotes, provision))
        differing = {s for s in copies if text(law, s) != text(law, provision)}
        assert text(law, provision), provision
        assert differing <= defective, provision
        # the recorded differences of this page are all missing final stops
        assert all(text(law, s) + "。" == text(law, provision) for s in differing), provision


def test_provisions_made_of_parts_have_the_joined_text_of_the_parts(law):
    quoted = set(law.objects(None, Y.quotes))
    made_of_parts = {
        p for p in law.subjects(RDF.type, ELI.LegalResourceSubdivision) if law.value(p, Y.text) and p not in quoted
    }
    assert {str(law.value(p, SKOS.notation)) for p in made_of_parts} == {
        "CJ9.i6",
        "CJ9.i6.p2",
        "CJ10.r1",
        "CJ10.r2",
        "CJ11.r1",
        "CJ11.r2",
    }
    for provision in made_of_parts:
        parts = set(law.transitive_subjects(ELI.is_part_of, provision))
        joined = "".join(text(law, s) for _, _, s in segments(law) if law.value(s, Y.quotes) in parts)
        assert text(law, provision) == joined, provision


def test_segments_are_parts_of_the_notice(law):
    notice = URIRef(IRI + "nanchuan-four-lists")
    for _, _, segment in segments(law):
        assert notice in law.transitive_objects(segment, ELI.is_part_of), segment


def test_text_without_number_is_the_end_of_the_text(law):
    for provision, body in law.subject_objects(Y.itemText):
        number = text(law, provision).removesuffix(str(body))
        assert 2 <= len(number) <= 3 and number[-1] in "、）", provision


@pytest.mark.parametrize("article, items", [("a38", 7), ("a39", 7), ("a40", 4), ("a41", 3)])
def test_items_of_the_regulation(law, article, items):
    for number in range(1, items + 1):
        item = URIRef(f"{IRI}reg735/{article}/i{number}")
        assert law.value(item, Y.itemText), item
        assert str(law.value(item, ELI.number)) == str(number)
        assert URIRef(f"{IRI}reg735/{article}") in law.transitive_objects(item, ELI.is_part_of)
    assert (URIRef(f"{IRI}reg735/{article}/i{items + 1}"), None, None) not in law


@pytest.mark.parametrize("limb", "abc")
def test_limbs_of_article_41_paragraph_2(law, limb):
    paragraph = URIRef(f"{IRI}reg735/a41/p2")
    assert text(law, paragraph + f"/{limb}")
    assert (paragraph + f"/{limb}", ELI.is_part_of, paragraph) in law


def test_defects_are_printed_in_the_source(law):
    defects = set(law.subjects(RDF.type, Y.TextDefect))
    notations = sorted(str(law.value(d, SKOS.notation)) for d in defects)
    assert notations == [f"D{n:02}" for n in range(1, 32)]
    for defect in defects:
        assert law.value(defect, Y.normalisedReading), defect
        assert law.value(defect, Y.inSegment), defect
        for printed in law.objects(defect, Y.printed):
            assert str(printed) in SOURCE, defect


def test_references_lead_to_resources(law):
    for link in (ELI.is_part_of, ELI.cites, Y.quotes, Y.inSegment, Y.inColumn, Y.hasHeading):
        for subject, target in law.subject_objects(link):
            assert (target, RDF.type, None) in law, (subject, link)


@pytest.mark.parametrize("name", FILES)
def test_every_resource_has_a_chinese_and_an_english_label(name):
    graph = Graph().parse(LAW / f"{name}.ttl")
    labels = {}
    for resource in set(graph.subjects()):
        languages = sorted(label.language for label in graph.objects(resource, RDFS.label))
        assert languages == ["en", "zh"], resource
        for label in graph.objects(resource, RDFS.label):
            assert labels.setdefault(label, resource) == resource, label

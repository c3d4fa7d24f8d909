"""The text of the law as recorded in Turtle against the pages from which it was taken."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import SKOS

TESTS = Path(__file__).resolve().parents[1]
ONTOLOGY = TESTS.parent / "ontology"
LISTS = ("law/reg735-text", "law/cqcj-text", "law/nanchuan-four-lists")
PRESS = ("law/cq345-text", "law/cqfy2021-text", "law/cqfy2021-contacts", "norms/press-page-2021")

Y = Namespace("https://w3id.org/yibaolex/core#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
IRI = "https://w3id.org/yibaolex/"
FULL_WIDTH = str.maketrans(",;:()", "，；：（）")


@dataclass(frozen=True)
class Page:
    """A source document, and the modules that record what stands on it."""

    name: str
    source: str
    law: Graph


def loaded(files) -> Graph:
    graph = Graph()
    for name in files:
        graph.parse(ONTOLOGY / f"{name}.ttl")
    return graph


def page_of(name, files) -> Page:
    return Page(name, (TESTS / "sources" / f"{name}.txt").read_bytes().decode("utf-8"), loaded(files))


@pytest.fixture(scope="module")
def law() -> Graph:
    return loaded(LISTS)


@pytest.fixture(scope="module")
def press() -> Graph:
    return loaded(PRESS)


@pytest.fixture(
    scope="module", params=[("nanchuan-four-lists", LISTS), ("order-345-and-notice", PRESS)], ids=lambda p: p[0]
)
def page(request) -> Page:
    return page_of(*request.param)


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


def wording(law, segment):
    """What a segment says: its own text, or that of the provision that it carries."""
    return text(law, segment) or "".join(text(law, provision) for provision in law.objects(segment, Y.quotes))


def test_every_character_is_in_exactly_one_segment(page):
    covered = [0] * len(page.source)
    for start, end, _ in segments(page.law):
        for place in range(start, end):
            covered[place] += 1
    assert max(covered) == 1
    assert [i for i, c in enumerate(page.source) if not c.isspace() and not covered[i]] == []


# White space that no segment holds, by the segment before it (START: before the first). Segments on two lines are two
# newlines apart, an article number and its text one space, others on one line nothing, but for what is listed.
START = "START"
WHITE_SPACE = {
    "nanchuan-four-lists": {
        "META.l3": "\n", "META.l4": "\n", "META.l5": "\n",  # the lines under the title of the page
        "TITLE": "\n\n\n", "L3.CJ11.r4.2": "\n\n\n",
    },
    "order-345-and-notice": {
        START: " ",  # before the first chapter heading
        **{f"PRESS.c{n}": "\n" for n in range(1, 7)},  # a chapter heading and its first article
        # the last words of a chapter, or of a paragraph at the foot of a column, and the next article number
        "PRESS.a8.p1": "\n", "PRESS.a19.p4": "\n", "PRESS.a31.p1": "\n", "PRESS.a39.p4": "\n",
        "PRESS.order.signature": "\n", "PRESS.order.kind": "\n", "PRESS.n.issuer": "\n",
        "PRESS.n.title": "\n\n\n",  # the end of the page
    },
}  # fmt: skip
ONE_SPACE = {"order-345-and-notice"}  # the lists print no space of their own after a number
ARTICLE_NUMBER = re.compile(r"第[一二三四五六七八九十]+条")


def assert_blanks_are_accounted_for(page):
    listed = dict(WHITE_SPACE[page.name])
    end, before, printed, line = 0, START, "", 1
    for start, stop, segment in segments(page.law):
        first_line = int(page.law.value(segment, Y.line))
        usual = "\n\n"
        if first_line == line:
            usual = " " if ARTICLE_NUMBER.fullmatch(printed) and page.name in ONE_SPACE else ""
        assert page.source[end:start] == listed.pop(before, usual), before
        end, before, printed = stop, str(page.law.value(segment, SKOS.notation)), page.source[start:stop]
        line = first_line + printed.count("\n")
    assert page.source[end:] == listed.pop(before, "")
    assert listed == {}


def test_every_blank_between_segments_is_accounted_for(page):
    """With the segments, whose white space is recorded as printed, this accounts for every character of the page."""
    assert_blanks_are_accounted_for(page)


def test_another_blank_between_segments_is_noticed(page):
    inside = {place for start, end, _ in segments(page.law) for place in range(start, end)}
    for place in set(range(len(page.source))) - inside:
        changed = page.source[:place] + "\u3000" + page.source[place + 1 :]
        with pytest.raises(AssertionError):
            assert_blanks_are_accounted_for(replace(page, source=changed))


def test_segments_are_printed_as_in_the_source(page):
    for start, end, segment in segments(page.law):
        assert list(page.law.objects(segment, Y.printed)) == [Literal(page.source[start:end])], segment
        assert int(page.law.value(segment, Y.line)) == page.source.count("\n", 0, start) + 1, segment


def test_normalising_touches_only_punctuation_and_white_space(page):
    for start, end, segment in segments(page.law):
        printed = page.source[start:end].translate(FULL_WIDTH)
        assert squeeze(printed) == squeeze(wording(page.law, segment).translate(FULL_WIDTH)), segment


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


@pytest.mark.parametrize("files, page", [(LISTS, "nanchuan-four-lists"), (PRESS, "press-page-2021")])
def test_segments_are_parts_of_the_page(files, page):
    graph = loaded(files)
    for _, _, segment in segments(graph):
        assert URIRef(IRI + page) in graph.transitive_objects(segment, ELI.is_part_of), segment


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
            assert str(printed) in page_of("nanchuan-four-lists", ()).source, defect


def test_references_lead_to_resources(page):
    for link in (ELI.is_part_of, ELI.cites, Y.quotes, Y.inSegment, Y.inColumn, Y.hasHeading):
        for subject, target in page.law.subject_objects(link):
            assert (target, RDF.type, None) in page.law, (subject, link)


@pytest.mark.parametrize("name", [*LISTS, *PRESS])
def test_every_resource_has_a_chinese_and_an_english_label(name):
    graph = Graph().parse(ONTOLOGY / f"{name}.ttl")
    labels = {}
    for resource in set(graph.subjects()):
        languages = sorted(label.language for label in graph.objects(resource, RDFS.label))
        assert languages == ["en", "zh"], resource
        for label in graph.objects(resource, RDFS.label):
            assert labels.setdefault(label, resource) == resource, label


CHAPTERS = {1: (1, 6), 2: (7, 11), 3: (12, 21), 4: (22, 32), 5: (33, 38), 6: (39, 40)}
PARAGRAPHS = {4: 3, 7: 2, 12: 3, 13: 2, 14: 2, 17: 2, 19: 4, 20: 2, 23: 3, 24: 3, 26: 2, 27: 2, 32: 2, 33: 2, 39: 4}


@pytest.mark.parametrize("article", range(1, 41))
def test_articles_of_the_order(press, article):
    chapter = next(c for c, (first, last) in CHAPTERS.items() if first <= article <= last)
    node = URIRef(f"{IRI}cq345/a{article}")
    assert press.value(node, ELI.is_part_of) == URIRef(f"{IRI}cq345/c{chapter}")
    paragraphs = set(press.subjects(ELI.is_part_of, node))
    assert paragraphs == {URIRef(f"{node}/p{n}") for n in range(1, PARAGRAPHS.get(article, 1) + 1)}
    assert all(text(press, paragraph).endswith(("。", "；")) for paragraph in paragraphs)


def test_the_order_has_sixty_three_paragraphs_in_six_chapters(press):
    parts = {p for n in range(1, 41) for p in press.subjects(ELI.is_part_of, URIRef(f"{IRI}cq345/a{n}"))}
    assert len(parts) == 63
    titles = [press.value(URIRef(f"{IRI}cq345/c{n}"), Y.sectionTitle, any=True) for n in range(1, 7)]
    assert all(titles)


def test_dates_of_order_and_notice_are_their_own(press):
    dates = {
        ("cq345", Y.adoptedOn): "2021-06-15",
        ("cq345", ELI.date_document): "2021-07-04",
        ("cq345", ELI.first_date_entry_in_force): "2021-12-01",
        ("cqfy2021", ELI.date_document): "2021-07-20",
        ("cqfy2021", ELI.first_date_entry_in_force): "2021-08-01",
    }
    found = {key: str(press.value(URIRef(IRI + key[0]), key[1])) for key in dates}
    assert found == dates


def test_every_contact_prints_its_office_telephone_and_address(press):
    numbered = [URIRef(f"{IRI}cqfy2021/contact/{n}") for n in range(1, 42)]
    assert set(press.subjects(RDF.type, Y.Contact)) == {*numbered, URIRef(f"{IRI}cqfy2021/contact/municipal")}
    for number, contact in enumerate(numbered, 1):
        printed = text(press, contact)
        body, address = (str(press.value(contact, p)) for p in (Y.contactBody, Y.postalAddress))
        (phone,) = map(str, press.objects(contact, Y.phone))
        assert printed == f"{number}.{body}，联系电话：{phone}，通信地址：{address}。", contact


def test_the_contact_of_the_municipal_government_stands_in_section_six(press):
    contact = URIRef(f"{IRI}cqfy2021/contact/municipal")
    section = text(press, URIRef(f"{IRI}cqfy2021/s6/p1"))
    assert press.value(contact, Y.contactBody) is None
    assert str(press.value(contact, Y.phone)) in section and str(press.value(contact, Y.postalAddress)) in section

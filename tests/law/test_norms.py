"""The norms of Order 345 and of the notice against the text, and the counts made by hand from it."""

from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import OWL, SKOS

ONTOLOGY = Path(__file__).resolve().parents[2] / "ontology"
Y = Namespace("https://w3id.org/yibaolex/core#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
ACTOR = Namespace("https://w3id.org/yibaolex/actor#")
IRI = "https://w3id.org/yibaolex/"

# of each type: in the Order, in the notice
TYPES = {
    "Obligation": (126, 3),
    "Prohibition": (32, 1),
    "Right": (4, 17),
    "Competence": (7, 4),
    "Reference": (8, 1),
    "Extension": (7, 0),
    "Permission": (6, 0),
    "Policy": (5, 0),
    "PowerNorm": (5, 0),
    "Scope": (4, 0),
    "LiabilityNorm": (4, 0),
    "Definition": (3, 1),
    "Purpose": (2, 1),
    "Encouragement": (1, 0),
    "Exclusion": (1, 3),
    "CommencementNorm": (1, 0),
    "Information": (0, 2),
}
RESTATED = {"a14/p1": "15/p1", "a14/p2": "15/p2", "a15/p1": "16", "a19/p1": "17/p1", "a19/p2": "17/p2",
            "a19/p3": "17/p3", "a19/p4": "17/p4", "a20/p1": "19/p1", "a20/p2": "19/p2"}  # fmt: skip


@pytest.fixture(scope="module")
def law() -> Graph:
    graph = Graph()
    for path in [
        *(ONTOLOGY / "core").glob("*.ttl"),
        *(ONTOLOGY / "law").glob("*.ttl"),
        *(ONTOLOGY / "norms").glob("*.ttl"),
    ]:
        graph.parse(path)
    return graph


def norms(law, instrument=""):
    return sorted(n for n in law.subjects(RDF.type, Y.Norm) if str(n).startswith(IRI + instrument))


def local(node):
    return str(node).removeprefix(IRI)


@pytest.mark.parametrize("name", TYPES)
def test_number_of_norms_of_each_type(law, name):
    found = Counter(local(n).split("/")[0] for n in law.subjects(Y.normType, Y[name]))
    assert (found["cq345"], found["cqfy2021"]) == TYPES[name]


def test_every_norm_has_one_type(law):
    assert len(norms(law, "cq345")) == 216 and len(norms(law, "cqfy2021")) == 33
    assert all(len(list(law.objects(n, Y.normType))) == 1 for n in norms(law))


def test_every_paragraph_and_item_has_a_norm(law):
    with_text = {p for p in law.subjects(Y.text) if local(p).startswith(("cq345/a", "cqfy2021/s"))}
    assert {law.value(n, ELI.is_part_of) for n in norms(law)} == with_text


def test_norms_rest_on_words_of_their_provision(law):
    for norm in norms(law):
        text = str(law.value(law.value(norm, ELI.is_part_of), Y.text))
        start, end, first, last = (
            int(law.value(norm, Y[p])) for p in ("spanStart", "spanEnd", "focusStart", "focusEnd")
        )
        assert 0 <= start < end <= len(text), norm
        assert 0 <= first < last <= len(text), norm


def test_operator_words_stand_in_the_provision_or_in_its_lead_in(law):
    for norm, word in law.subject_objects(Y.operatorWord):
        provision = law.value(norm, ELI.is_part_of)
        lead_in = URIRef(str(provision).rpartition("/")[0] + "/p1")
        text = "".join(str(law.value(p, Y.text, default="")) for p in (provision, lead_in))
        assert all(part in text for part in str(word).split("…")), norm


def test_prohibitions_say_that_something_must_not_be_done(law):
    for norm in law.subjects(Y.normType, Y.Prohibition):
        assert str(law.value(norm, Y.operatorWord)) in ("不得", "不再"), norm


@pytest.mark.parametrize("paragraph, article", RESTATED.items())
def test_restated_paragraphs(law, paragraph, article):
    inside = [n for n in norms(law) if law.value(n, ELI.is_part_of) == URIRef(f"{IRI}cq345/{paragraph}")]
    assert inside
    for norm in inside:
        assert list(law.objects(norm, Y.restates)) == [URIRef(f"{IRI}reg735/a{article}")], norm


def test_nothing_else_is_restated(law):
    found = {local(law.value(n, ELI.is_part_of)).removeprefix("cq345/") for n in law.subjects(Y.restates)}
    assert found == set(RESTATED)


def test_article_35_reaches_articles_14_and_15_of_institutions_and_19_and_20_of_individuals_only(law):
    gates = {URIRef(f"{IRI}cq345/a35/p1/n{n}") for n in range(1, 5)}
    through = {local(law.value(n, ELI.is_part_of)) for n in norms(law) if gates & set(law.objects(n, Y.sanctionVia))}
    assert through == {f"cq345/{p}" for p in ("a14/p1", "a14/p2", "a15/p1", "a19/p1", "a19/p2", "a19/p3", "a20/p1")}


@pytest.mark.parametrize("number", range(1, 5))
def test_aiding_by_an_institution_goes_through_article_38_to_item_5(law, number):
    norm = URIRef(f"{IRI}cq345/a20/p2/n{number}")
    exact = [r for r in law.objects(norm, Y.sanctionRoute) if law.value(r, Y.routeMatch) == Y.ExactMatch]
    assert [law.value(r, Y.leadsTo) for r in exact] == [URIRef(IRI + "reg735/a38/i5")]
    assert [law.value(r, Y.gateway) for r in exact] == [URIRef(IRI + "cq345/a38/p1/n1")]


@pytest.mark.parametrize("norm, expected", [
    ("n1", {"sil": "WholeInstrument", "sipr": "WholeInstrument"}),  # no article of either is on true information
    ("n2", {"sil/a84": "ExactMatch", "sipr/a23": "ExactMatch"}),
    ("n3", {"sipr/a24": "PartialMatch"}),  # only if books are forged or missing
    ("n4", {"sipr/a23": "PartialMatch"}),  # an untrue declaration is not always a missing one
    ("n5", {"sil/a86": "ExactMatch", "sipr/a13": "ExactMatch"}),
])  # fmt: skip
def test_routes_of_the_employer_say_how_far_they_match(law, norm, expected):
    routes = law.objects(URIRef(f"{IRI}cq345/a8/p1/{norm}"), Y.sanctionRoute)
    assert {local(law.value(r, Y.leadsTo)): law.value(r, Y.routeMatch).removeprefix(Y) for r in routes} == expected


def test_article_33_asks_for_nothing_but_the_breach(law):
    """The agency is ordered to correct whatever rule of the Order it breaks; no other route asks for so little."""
    breach = set(law.subjects(Y.routeMatch, Y.BreachItself))
    assert breach == set(law.subjects(Y.leadsTo, URIRef(IRI + "cq345/a33/p1"))) and len(breach) == 33


def test_missing_consent_never_becomes_fraud_under_article_40(law):
    norm = URIRef(IRI + "cq345/a14/p2/n2")
    targets = {local(law.value(r, Y.leadsTo)) for r in law.objects(norm, Y.sanctionRoute)}
    assert targets == {"reg735/a39/i6"}


def test_what_the_order_does_not_say_is_marked_as_a_reading(law):
    readings = {local(n) for n in norms(law) if law.value(n, Y.mark) == Y.ReadingMark}
    assert readings == {"cq345/a12/p2/n1", "cq345/a14/p2/n3", "cq345/a19/p2/n3"}
    into_other_laws = [
        r for r in law.subjects(RDF.type, Y.SanctionRoute) if not local(law.value(r, Y.leadsTo)).startswith("cq345")
    ]
    assert {law.value(r, Y.mark) for r in into_other_laws} == {Y.ReadingMark}


def test_staff_are_bound_by_article_14_paragraph_1_only(law):
    found = {local(law.value(n, ELI.is_part_of)) for n in law.subjects(Y.bearer, ACTOR["institution-staff"])}
    assert found == {"cq345/a14/p1"}


def test_no_route_is_open_to_staff_of_institutions(law):
    for norm in law.subjects(Y.bearer, ACTOR["institution-staff"]):
        for route in law.objects(norm, Y.sanctionRoute):
            assert law.value(route, Y.onlyForActor) == ACTOR["designated-institution"], norm


def test_major_illness_insurance_is_not_an_application_by_analogy(law):
    carved = URIRef(IRI + "cq345/a39/p2/n4")
    assert law.value(carved, Y.normType) == Y.Exclusion
    assert law.value(URIRef(IRI + "cq345/a39/p2/n5"), Y.normType) == Y.Obligation
    analogies = {local(n) for n in law.subjects(Y.normType, Y.Extension)}
    assert analogies == {f"cq345/a39/p{p}/n{n}" for p, n in [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1)]}


@pytest.mark.parametrize(
    "position, correlative",
    [
        ("Duty", "Claim"),
        ("DutyNotToAct", "Claim"),
        ("Privilege", "NoClaim"),
        ("Power", "Liability"),
        ("Immunity", "Disability"),
    ],
)
def test_correlatives_are_those_of_hohfeld(law, position, correlative):
    assert (Y[position], Y.correlative, Y[correlative]) in law or (Y[correlative], Y.correlative, Y[position]) in law


def test_similar_expressions_stay_apart(law):
    names = ["医疗保障基金", "定点医药机构工作人员", "定点医药机构从业人员", "医疗保障等行政部门工作人员", "医药机构",
             "定点医药机构", "参保人员", "个人", "公民", "医疗保障行政部门", "医疗保障经办机构"]  # fmt: skip
    actors = set(law.subjects(RDF.type, Y.Actor))
    found = [{a for a in actors if name in map(str, law.objects(a, RDFS.label))} for name in names]
    assert [len(f) for f in found] == [1] * len(names)
    assert len(set().union(*found)) == len(names)


def test_references_lead_to_resources(law):
    versions = set(law.objects(None, OWL.versionIRI))
    known = set(law.subjects())
    loose = {o for o in law.objects() if isinstance(o, URIRef) and str(o).startswith(IRI) and o not in known | versions}
    assert loose == set()


def test_terms_used_are_declared(law):
    assert {p for p in law.predicates() if str(p).startswith(str(Y)) and (p, RDF.type, None) not in law} == set()


@pytest.mark.parametrize("path", sorted((ONTOLOGY / "norms").glob("*.ttl")), ids=lambda p: p.stem)
def test_labels_and_notations_are_unique_and_in_both_languages(path):
    graph = Graph().parse(path)
    labels = Counter(graph.objects(None, RDFS.label))
    assert [label for label, number in labels.items() if number > 1] == []
    for node in {n for n in graph.subjects(RDF.type) if isinstance(n, URIRef) and n not in SKOS}:
        assert sorted(label.language for label in graph.objects(node, RDFS.label)) == ["en", "zh"], node
    written = {
        n
        for n in graph.subjects(SKOS.notation)
        if (n, RDF.type, Y.NormType) not in graph and (n, RDF.type, Y.HohfeldianPosition) not in graph
    }
    notations = Counter(str(o) for n in written for o in graph.objects(n, SKOS.notation))
    assert [n for n, number in notations.items() if number > 1] == []


ROUTES = [
    ("designated-institution", "district-agency", False, "district-department", "district-government-in-notice"),
    ("designated-institution", "municipal-agency", False, "municipal-department", "municipal-government"),
    ("designated-institution", "municipal-agency", True, "municipal-department", "municipal-government"),
    ("designated-institution", "district-agency", True, "municipal-department", "municipal-government"),
    ("individual", "municipal-agency", False, "district-department", "district-government-in-notice"),
    ("individual", "district-agency", True, "municipal-department", "municipal-government"),
]


@pytest.mark.parametrize("party, agency, called_up, department, government", ROUTES)
def test_who_decides_and_who_hears(law, party, agency, called_up, department, government):
    """Art. 23 of the Order; section 2 item 2 and section 3 item 2 of the notice."""
    rules = [
        rule
        for rule in law.subjects(Y.onParty, ACTOR[party])
        if law.value(rule, Y.onAgreementOf) in (None, ACTOR[agency])
        and law.value(rule, Y.onCallUp) in (None, Literal(called_up))
    ]
    assert {law.value(rule, Y.decidedBy) for rule in rules} == {ACTOR[department]}
    (complaint,) = law.subjects(Y.decisionOf, ACTOR[department])
    assert law.value(complaint, Y.heardBy) == ACTOR[government]


def test_nobody_in_the_notice_hears_complaints_against_tax_security_and_vertically_led_organs(law):
    rules = set(law.subjects(RDF.type, Y.ReconsiderationRule))
    without = {law.value(rule, Y.decisionOf) for rule in rules if law.value(rule, Y.heardBy) is None}
    assert without == {ACTOR[key] for key in ("tax-authority", "vertically-led-organ", "state-security-organ")}


def test_what_the_order_governs_and_how(law):
    direct = set(law.objects(None, Y.appliesTo))
    analogous = set(law.objects(None, Y.appliesByAnalogyTo))
    left = set(law.objects(None, Y.leavesToOtherRules))
    assert (len(direct), len(analogous), len(left)) == (4, 6, 1)
    assert not direct & analogous and not left & (direct | analogous)
    assert {law.value(n, Y.normType) for n in law.subjects(Y.appliesByAnalogyTo)} == {Y.Extension}
    assert set(law.subjects(Y.appliesByAnalogyTo)) == set(law.subjects(Y.normType, Y.Extension))
    assert set(law.subjects(Y.appliesTo)) == set(law.subjects(Y.normType, Y.Scope))


ORGANS = [
    (17, "南川区人民政府"),
    (4, "渝中区人民政府"),
    (31, "云阳县人民政府"),
    (39, "两江新区管委会"),
    (40, "万盛经开区管委会"),
]


@pytest.mark.parametrize("number, organ", ORGANS)
def test_contacts_serve_their_government(law, number, organ):
    contact = URIRef(f"{IRI}cqfy2021/contact/{number}")
    assert organ in map(str, law.objects(law.value(contact, Y.reconsiderationOrgan), RDFS.label))


# Every 等 of the page, in its order: the words around it, where it stands, whether it is open, what rests on it.
LISTS = [
    ("医疗救助基金等医疗保障基金", "cq345/a2/p1", True, {"n4"}),
    ("税务等部门", "cq345/a4/p3", True, {"n1"}),
    ("（以下统称医药机构）等单位", "cq345/a6/p1", True, {"n2", "n3", "n4"}),
    ("被征地农民等重点人群", "cq345/a11/p1", True, {"n1"}),
    ("急诊、抢救等特殊情形", "cq345/a14/p2", True, {"n2", "n3"}),
    ("药品和医用耗材出入库记录等资料", "cq345/a15/p1", True, {"n8"}),
    ("费用结构等信息", "cq345/a15/p1", True, {"n13"}),
    ("定点医药机构标识等内容", "cq345/a18/p1", True, {"n4"}),
    ("机构注销等事项", "cq345/a26/p1", True, {"n2"}),
    ("药品监管等部门", "cq345/a27/p1", True, {"n1"}),
    ("医疗保障基金追回等工作", "cq345/a27/p2", True, {"n1"}),
    ("商业保险机构等第三方机构", "cq345/a28/p1", True, {"n1"}),
    ("行政处罚结果等情况", "cq345/a30/p1", True, {"n4"}),
    ("医疗保障等行政部门工作人员", "cq345/a33/p2", True, {"n1", "n2", "n3"}),  # of the departments of art. 4(3)
    ("民主权利等违法行为", "cq345/a37/p1", True, {"n5"}),
    ("公务员医疗补助等医疗保障资金", "cq345/a39/p2", True, {"n3"}),
    # the contacts print three zones and no other, but the words are a description and not a closed list
    ("万盛经开区管委会等依法行使行政管理职责的开发区管委会", "cqfy2021/s1/p1", True, {"n3", "n4"}),
]


def test_every_list_that_ends_in_deng_is_accounted_for(law):
    page = (ONTOLOGY.parent / "tests" / "sources" / "order-345-and-notice.txt").read_text(encoding="utf-8")
    page = "".join(page.split())
    places = [page.index(words) + words.index("等") for words, *_ in LISTS]
    assert places == [place for place, character in enumerate(page) if character == "等"]
    openings = [words.partition("等")[0] + "等" for words, *_ in LISTS]
    expected = {
        (f"{provision}/{norm}", opening, is_open)
        for opening, (_, provision, is_open, norms) in zip(openings, LISTS, strict=True)
        for norm in norms
    }
    found = set()
    for norm, place in law.subject_objects(Y.listMarkAt):
        text = str(law.value(law.value(norm, ELI.is_part_of), Y.text))[: int(place) + 1]
        ends = next((opening for opening in openings if text.endswith(opening)), text)
        found.add((local(norm), ends, law.value(norm, Y.openList).toPython()))
    assert found == expected
    assert {local(norm) for norm in law.subjects(Y.openList)} == {norm for norm, *_ in expected}


PENALTY_LAW = (9, 14, 16, *range(20, 23), *range(27, 38), 40, 51, 57, 58, 60, 63, 64, 67, 72, 85)


@pytest.mark.parametrize("instrument, articles", [
    ("apl2021", PENALTY_LAW), ("sil", (4, 28, 31, 84, 86, 87, 88, 94)), ("sihr", (55, 57)),
])  # fmt: skip
def test_articles_of_national_laws_are_told_in_words_of_our_own(instrument, articles):
    outside = Graph().parse(ONTOLOGY / "norms" / "outside.ttl")
    parts = set(outside.subjects(ELI.is_part_of, URIRef(IRI + instrument)))
    assert parts == {URIRef(f"{IRI}{instrument}/a{number}") for number in articles}
    for part in parts:
        assert {text.language for text in outside.objects(part, Y.paraphrase)} == {"zh", "en"}
        assert (part, Y.mark, Y.OutsideMark) in outside and (part, Y.text, None) not in outside


@pytest.mark.parametrize("instrument, day", [
    ("sihr", "2023-12-01"), ("discretion-measures-2021", "2021-07-15"), ("penalty-procedure-2021", "2021-07-15"),
    ("implementing-rules-2026", "2026-04-01"),
])  # fmt: skip
def test_other_national_instruments_are_references_outside_the_sources(instrument, day):
    outside = Graph().parse(ONTOLOGY / "norms" / "outside.ttl")
    node = URIRef(IRI + instrument)
    found = outside.value(node, ELI.first_date_entry_in_force)
    assert (found and str(found)) == day and (node, Y.mark, Y.OutsideMark) in outside

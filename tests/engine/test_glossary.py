"""The glossary: what SKOS demands of a scheme, and that it says what the ontology says.

The numbers of the conditions are those of the SKOS Reference (W3C Recommendation, 18 August 2009).
"""

import json
import runpy
from collections import Counter
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Namespace, URIRef

from yibaolex import cli, export, glossary
from yibaolex.ontology import OVERLAYS
from yibaolex.research import BASE

ROOT = Path(__file__).parents[2]
SCHEME = URIRef(BASE + "glossary")
Y = Namespace(BASE + "core#")
ACTOR = Namespace(BASE + "actor#")
LABELS = (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)


@pytest.fixture(scope="module")
def skos() -> Graph:
    return Graph().parse(data=glossary.dump("turtle"), format="turtle")


@pytest.fixture(scope="module")
def ontology() -> Graph:
    graph = Graph()
    for path in (ROOT / "ontology").rglob("*.ttl"):
        if path.parent.name != OVERLAYS:
            graph.parse(path)
    return graph


def concepts(skos):
    return set(skos.subjects(RDF.type, SKOS.Concept))


def above(skos, concept):
    return set(skos.transitive_objects(concept, SKOS.broader)) - {concept}


def test_every_term_defined_in_both_languages_is_a_concept_and_nothing_else(skos, ontology):
    def languages(node, predicate):
        return {text.language for text in ontology.objects(node, predicate)}

    modules = set(ontology.subjects(RDF.type, OWL.Ontology))
    terms = {
        node
        for node in set(ontology.subjects(SKOS.definition)) - modules
        if languages(node, SKOS.definition) == languages(node, RDFS.label) == {"zh", "en"} and node.startswith(BASE)
    }
    assert concepts(skos) == terms and len(terms) > 1000


def test_every_concept_is_in_the_one_scheme_with_a_definition_in_each_language(skos):
    assert set(skos.subjects(RDF.type, SKOS.ConceptScheme)) == {SCHEME}
    assert SCHEME not in concepts(skos)  # S9
    for concept in concepts(skos):
        assert list(skos.objects(concept, SKOS.inScheme)) == [SCHEME]
        assert {text.language for text in skos.objects(concept, SKOS.definition)} == {"zh", "en"}, concept


def test_every_concept_has_one_preferred_label_in_each_language(skos):
    for concept in concepts(skos):  # S14
        assert sorted(label.language for label in skos.objects(concept, SKOS.prefLabel)) == ["en", "zh"], concept


def test_no_label_of_a_concept_is_of_two_kinds(skos):
    for concept in concepts(skos):  # S13
        labels = Counter(label for kind in LABELS for label in skos.objects(concept, kind))
        assert [label for label, times in labels.items() if times > 1] == [], concept


def test_a_preferred_label_is_shared_only_by_close_matches(skos):
    by_label = {}
    for concept, label in skos.subject_objects(SKOS.prefLabel):
        by_label.setdefault(label, set()).add(concept)
    for label, called in by_label.items():
        assert all((one, SKOS.closeMatch, other) in skos for one in called for other in called - {one}), label


def test_nothing_is_broader_than_itself(skos):
    for concept in concepts(skos):
        for wider in skos.objects(concept, SKOS.broader):
            assert concept not in set(skos.transitive_objects(wider, SKOS.broader)), concept
            assert wider in concepts(skos) and (wider, SKOS.narrower, concept) in skos  # S25


def test_what_is_related_is_not_in_one_line(skos):
    for one, other in skos.subject_objects(SKOS.related):
        assert (other, SKOS.related, one) in skos  # S23
        assert other not in above(skos, one) and one not in above(skos, other)  # S27


def test_close_matches_go_both_ways(skos):
    assert all((other, SKOS.closeMatch, one) in skos for one, other in skos.subject_objects(SKOS.closeMatch))  # S44


def test_concepts_with_nothing_above_are_at_the_top(skos):
    top = {concept for concept in concepts(skos) if skos.value(concept, SKOS.broader, any=True) is None}
    assert set(skos.objects(SCHEME, SKOS.hasTopConcept)) == set(skos.subjects(SKOS.topConceptOf, SCHEME)) == top


def test_words_are_those_of_the_ontology(skos, ontology):
    for concept in concepts(skos):
        assert set(skos.objects(concept, SKOS.prefLabel)) == set(ontology.objects(concept, RDFS.label))
        for said in (SKOS.definition, SKOS.notation, SKOS.note, SKOS.hiddenLabel, DCTERMS.source):
            assert set(skos.objects(concept, said)) == set(ontology.objects(concept, said)), concept


@pytest.mark.parametrize("concept, wider", [
    (ACTOR["municipally-contracted-institution"], {"actor#designated-institution"}),  # and not the class besides
    (ACTOR["designated-institution"], {"actor#medical-pharmaceutical-institution"}),
    (ACTOR["employer"], {"core#Actor"}),
    (Y.AlternativeActors, {"core#Actor"}),
    (URIRef(BASE + "routing/matter-medical-assistance-fund"), {"core#SubjectMatter"}),
    (Y.ExactMatch, {"core#RouteMatch"}),
    (Y.normType, set()),
])  # fmt: skip
def test_place_of_a_concept(skos, concept, wider):
    assert {str(node).removeprefix(BASE) for node in skos.objects(concept, SKOS.broader)} == wider


def test_funds_easily_confused_are_related(skos):
    fund, insurance = ACTOR["medical-security-fund"], URIRef(BASE + "routing/matter-medical-insurance-fund")
    assert (fund, SKOS.related, insurance) in skos
    assert (insurance, DCTERMS.source, URIRef(BASE + "cq345/a33/p2")) in skos


def test_json_ld_and_n_quads_say_the_same(skos):
    linked = Graph().parse(data=glossary.dump("jsonld"), format="json-ld")
    assert set(linked) == set(skos)
    lines = glossary.dump("nquads").splitlines()
    assert len(lines) == len(skos) and all(line.endswith(f" <{SCHEME}> .") for line in lines)


@pytest.mark.parametrize("syntax", ["turtle", "jsonld"])
def test_command_writes_the_glossary(syntax, capsys):
    assert cli.main(["export", "glossary", "--format", syntax]) == 0
    assert capsys.readouterr().out == glossary.dump(syntax)
    assert syntax in export.SYNTAXES


def test_glossary_is_no_instrument(capsys):
    assert cli.main(["export", "glossary", "--format", "akn", "--lang", "en"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "glossary" in err


def test_context_of_the_json_ld_is_the_shipped_one():
    shipped = json.loads((ROOT / "ontology" / "context.jsonld").read_text(encoding="utf-8"))
    assert json.loads(glossary.dump("jsonld"))["@context"] == shipped["@context"]


PAGES = runpy.run_path(str(ROOT / "docs" / "build_glossary.py"))["pages"]()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_is_what_the_script_writes(page):
    assert page.read_text(encoding="utf-8") == PAGES[page], "run: python docs/build_glossary.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_holds_every_concept_that_has_one_above(page, skos):
    for concept in concepts(skos) - set(skos.objects(SCHEME, SKOS.hasTopConcept)):
        assert f'id="{str(concept).removeprefix(BASE)}"' in PAGES[page]
    assert "<script" not in PAGES[page] and 'src="' not in PAGES[page]

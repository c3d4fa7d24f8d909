"""The checks of the knowledge base: nothing is wrong with it, and each check notices the fault that is planted.

Each file of ``hygiene/`` holds one fault and says on its first line how it is told.
"""

from pathlib import Path

import pytest
from rdflib import SH, Graph

from yibaolex import hygiene, resources
from yibaolex.ontology import OVERLAYS
from yibaolex.research import Research, research

FAULTS = sorted((Path(__file__).parent / "hygiene").glob("*.ttl"))
NEEDED = ("vocabulary", "core", "cq345-text", "actors")  # pySHACL takes a second and a half over the whole


def modules():
    return [path for path in resources.files("ontology", ".ttl") if path.parent.name != OVERLAYS]


def test_the_knowledge_base_is_in_order():
    assert list(hygiene.flaws(research())) == []


@pytest.mark.parametrize("planted", FAULTS, ids=lambda path: path.stem)
def test_a_planted_fault_is_noticed(planted):
    expected = planted.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    faulty = Research([*(path for path in modules() if path.stem in NEEDED), planted])
    assert {flaw.wrong["en"] for flaw in hygiene.flaws(faulty) if "planted" in str(flaw.node)} == {expected}


def test_every_check_has_a_planted_fault():
    planted = {path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in FAULTS}
    queries = [path.read_text(encoding="utf-8") for path in resources.files("queries/hygiene", ".rq")]
    summaries = {text.partition("#+ summary: ")[2].splitlines()[0] for text in queries}
    shapes = Graph().parse(resources.folder("shapes") / "norms.ttl")
    messages = {str(text) for text in shapes.objects(None, SH.message) if text.language == "en"}
    assert summaries | messages == planted


def test_every_clause_is_encoded_or_recorded():
    found = {coverage.instrument.value.rpartition("/")[2]: coverage for coverage in hygiene.coverage(research())}
    assert {name: coverage.share for name, coverage in found.items()} == dict.fromkeys(found, 1)
    # the Order: 63 paragraphs and the promulgation; the notice: preamble, six sections, six items
    assert (found["cq345"].clauses, found["cq345"].encoded, found["cq345"].recorded) == (64, 63, 1)
    assert (found["cqfy2021"].clauses, found["cqfy2021"].encoded) == (13, 13)


def test_no_condition_is_unsatisfiable():
    assert hygiene.unsatisfiable() == ()

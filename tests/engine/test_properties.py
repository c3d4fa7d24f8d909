"""What must be true of every case, tried on generated ones (``generate.py``) from a seed that a failure tells.

Decision procedure as we encode it: learning a fact never overturns a settled result, but for what ``forgetting`` and
``excepted`` name; the order of acts and facts and the company of other cases do not matter; a lenient circumstance
never raises a band.
"""

import json
import random
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from generate import ASSERTED, generate

from yibaolex import api
from yibaolex.expression import Leaf, Operator
from yibaolex.expression import Test as Comparison
from yibaolex.knowledge import Knowledge, default_knowledge, loaded_paths
from yibaolex.terms import core

HAND_DERIVED = sorted((Path(__file__).parents[1] / "law" / "cases").glob("*/case.json"))[::2]
SEED = 20261122
LENIENT = ("ShouldLightenCircumstance", "MayLightenCircumstance")
COMMENCES = "2021-05-01"
# a penalty that is barred may turn out not to be provided for at all
NO_PENALTY_EITHER = {("barred", None)}


def outcomes(cases):
    return [assessment.outcome for assessment in api.assess(cases).assessments]


# --- learning a fact --------------------------------------------------------------------------------------------------


def forgetting(source, case, kept):
    """``case`` without a share of its facts. What is absent by default (charges, grounds that a person invokes) stays,
    and so does an age that is stated, which counts before the computed one: those are the documented exceptions."""
    stays = {"case_id", "act_id", "acts", "party_type", "conduct", "age_class_at_act", *ASSERTED}
    names = {name for level in [case, *case.get("acts", [])] for name in level} - stays
    lost = {name for name in sorted(names) if source.random() > kept}
    without = {name: value for name, value in case.items() if name not in lost}
    if "acts" in case:
        without["acts"] = [{n: v for n, v in act.items() if n not in lost} for act in case["acts"]]
    return without


def settled(act):
    """What an outcome says of an act that more facts may not take back."""
    for name in ("applies", "paragraphs"):
        for article, value in act[name].items():
            if value is not None:
                yield (name, article), value
    for name in ("category", "return_due", "penalty_provided"):
        if act[name] is not None:
            yield (name,), act[name]
    for name in ("grounds", "circumstances"):
        for code in act[name]:
            yield (name, code), True
    for sanction in act["sanctions"]:
        if sanction["status"] not in ("unknown", "if_penalised"):
            yield ("sanction", sanction["rule"]), sanction["status"]
    if act["fine"]["status"] in ("none", "band"):
        yield ("fine",), act["fine"]["status"]
        yield ("applicable",), act["fine"]["applicable"]


def excepted(facts, act):
    """Facts contradict each other, or the act is older than the Regulation: a later fact may do this to any result."""
    return act["contradictions"] or min(facts.get("act_date", "9"), facts.get("act_end_date", "9")) < COMMENCES


def test_learning_a_fact_overturns_nothing():
    source = random.Random(SEED)
    known = generate(400, SEED)
    before = [forgetting(source, case, source.choice([0.3, 0.6, 0.9])) for case in known]
    compared = acts_compared = 0
    for case, less, more in zip(known, outcomes(before), outcomes(known), strict=True):
        acts = case.get("acts", [{}])
        for act, one, other in zip(acts, less["acts"], more["acts"], strict=True):
            if excepted({**case, **act}, other):
                continue
            later = dict(settled(other))
            listed = {("sanction", sanction["rule"]) for sanction in other["sanctions"]}
            lost = {key: (value, later.get(key)) for key, value in settled(one) if later.get(key) != value}
            lost = {key: pair for key, pair in lost.items() if key in listed or pair not in NO_PENALTY_EITHER}
            assert not lost, f"{case['case_id']}: before and after: {lost}"
            acts_compared += 1
            compared += sum(1 for _ in settled(one))
    assert acts_compared > 150
    assert compared > 500


# --- order and company ------------------------------------------------------------------------------------------------


def backwards(value):
    """The same facts, every object written from its last key to its first."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(item) for item in value] if isinstance(value, list) else value


def test_order_of_facts_does_not_matter():
    cases = generate(100, SEED + 1)
    assert outcomes([backwards(case) for case in cases]) == outcomes(cases)


def test_order_of_acts_does_not_matter():
    cases = [case for case in generate(300, SEED + 2) if "acts" in case]
    assert len(cases) > 30
    turned = [{**case, "acts": case["acts"][::-1]} for case in cases]
    for found, other in zip(outcomes(cases), outcomes(turned), strict=True):
        assert other.pop("acts") == found.pop("acts")[::-1]
        assert other == found


def test_company_and_order_of_cases_do_not_matter():
    cases = generate(60, SEED + 3)
    together = outcomes(cases)
    assert outcomes(cases[::-1]) == together[::-1]
    assert [outcomes([case])[0] for case in cases[::4]] == together[::4]


# --- lenient circumstances --------------------------------------------------------------------------------------------


def facts_of(knowledge, node):
    """The facts to state, as true, so that a condition is met; none where truths alone do not meet it."""
    definition = knowledge.nodes[node]
    if isinstance(definition, Leaf):
        fact = knowledge.facts.get(definition.fact)
        plain = definition.test is Comparison.EQUALS and definition.value.value == "true" and fact is not None
        return {fact.name: True} if plain else None
    operands = definition.operands if definition.operator is Operator.ALL else definition.operands[:1]
    parts = [facts_of(knowledge, operand.node) if operand.positive else {} for operand in operands]
    return None if None in parts else {name: value for part in parts for name, value in part.items()}


def circumstances():
    """The circumstances of the Standard that some truths establish, with these."""
    knowledge = default_knowledge()
    nodes = [node for kind in LENIENT for node in knowledge.graph.instances(core(kind))]
    found = {knowledge.notation(node): facts_of(knowledge, node) for node in nodes}
    return {name: facts for name, facts in found.items() if facts}


def ends(act):
    band = act["fine"]["applicable"]
    return None if band is None else tuple(Decimal(band[end]) for end in ("low", "high"))


NOT_BY_TRUTHS_ALONE = {"CJ10.i1", "CJ10.i6", "CJ11.i1", "CJ11.i2"}  # an age, a degree of harm, a natural person


def test_circumstances_left_out_are_these():
    knowledge = default_knowledge()
    every = {knowledge.notation(node) for kind in LENIENT for node in knowledge.graph.instances(core(kind))}
    assert every - circumstances().keys() == NOT_BY_TRUTHS_ALONE


@cache
def plain():
    """The hand-derived cases with one act, and their outcomes."""
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in HAND_DERIVED]
    cases = [case for case in cases if len(case.get("acts", [])) < 2]
    return cases, outcomes(cases)


@pytest.mark.parametrize("name", sorted(circumstances()))
def test_lenient_circumstance_never_raises_a_band(name):
    """Each end of the band that applies, where one applies both without the circumstance and with it."""
    cases, without = plain()
    lenient = [{**case, **circumstances()[name]} for case in cases]
    compared = 0
    for case, one, other in zip(cases, without, outcomes(lenient), strict=True):
        before, after = ends(one["acts"][0]), ends(other["acts"][0])
        if before and after and name in other["acts"][0]["circumstances"]:
            assert after[0] <= before[0] and after[1] <= before[1], f"{case}: {before} became {after}"
            compared += before != after
    assert compared, "no case in which the circumstance lowers the band"


def test_nothing_is_derived_from_the_modules_that_only_name_and_quote():
    quick, whole = Knowledge(loaded_paths()), Knowledge(loaded_paths())
    assert len(list(whole.graph)) > len(list(quick.rules))
    assert set(quick.background) == set(whole.background)
    assert (quick.nodes, quick.facts, quick.schemes) == (whole.nodes, whole.facts, whole.schemes)

"""The Python API: plain objects in, sentences in both languages out."""

from datetime import date
from decimal import Decimal

import pytest

import yibaolex

ACT = {"party_type": "designated_institution", "conduct": {"38.1": True}}


def test_exact_python_values_are_read_as_text() -> None:
    written = yibaolex.assess(ACT | {"loss_amount": "1.50", "act_date": "2024-01-01"})
    given = yibaolex.assess(ACT | {"loss_amount": Decimal("1.50"), "act_date": date(2024, 1, 1)})
    assert given == written


def test_a_float_is_refused() -> None:
    (fault,) = yibaolex.validate(ACT | {"loss_amount": 1.5})
    assert fault.severity is yibaolex.Severity.REFUSED


@pytest.mark.parametrize("case", [{"foo": 1}, {"first_offence": {"status": "verified"}}, {"loss_amount": "-1"}])
def test_every_fault_speaks_both_languages(case: dict) -> None:
    (fault,) = yibaolex.validate(case)
    assert set(fault.messages) == {"zh", "en"}
    assert all(fault.messages.values())


def test_a_repeated_act_number_is_noted_and_both_acts_are_assessed() -> None:
    (assessment,) = yibaolex.assess({"acts": [{"act_id": "1"}, {"act_id": "1"}]}).assessments
    assert [(fault.place, fault.code) for fault in assessment.faults] == [("$.acts[1].act_id", "number-taken")]
    assert len(assessment.outcome["acts"]) == 2


def test_profiles_and_readings_are_listed() -> None:
    assert "none" in yibaolex.profiles()
    assert all(len(alternatives) > 1 for alternatives in yibaolex.readings().values())


@pytest.mark.parametrize("wrong", [{"engine": "z"}, {"presume": "z"}, {"readings": {"z": "z"}}])
def test_an_unknown_choice_is_a_key_error(wrong: dict) -> None:
    with pytest.raises(KeyError):
        yibaolex.assess(ACT, **wrong)


def test_the_party_cannot_verify_its_own_statement():
    """Claimed and verified by the party alike: what the authority verified is taken, in whatever order they stand."""
    own = {"value": "100.00", "status": "verified", "source": "Party"}
    checked = {"value": "200.00", "status": "verified", "source": "authority"}
    for statements in ([own, checked], [checked, own]):
        (found,) = yibaolex.assess(ACT | {"loss_amount": statements}).assessments
        returns = [s["amount"] for s in found.outcome["acts"][0]["sanctions"] if s["code"] == "order_to_return"]
        assert set(returns) <= {"200.00", None} and "200.00" in returns


@pytest.mark.parametrize(("source", "status", "taken"), [
    ("authority", None, True),
    ("执法机关", "verified", True),
    (None, None, True),
    ("case file, page 12", "verified", True),
    ("case file, page 12", None, False),
    ("agency", "verified", False),
    ("party", "verified", False),
    ("authority", "claimed", False),
    (None, "claimed", False),
])  # fmt: skip
def test_what_only_the_authority_may_find_is_taken_from_no_one_else(source, status, taken):
    """Purpose to defraud (art. 40 para. 2): without it art. 38 applies, with it unknown both stay open."""
    stated = {"value": False, "source": source, "status": status}
    case = ACT | {"loss_amount": "100.00", "intent_to_defraud": stated}
    (found,) = yibaolex.assess(case).assessments
    assert found.outcome["acts"][0]["applies"]["40"] is (False if taken else None)


CIRCULAR: list = []
CIRCULAR.append(CIRCULAR)


@pytest.mark.parametrize(("case", "code"), [
    ({"insured": {True}}, "not-plain"),
    ({"insured": b"true"}, "not-plain"),
    ({("insured",): True}, "not-plain"),
    (CIRCULAR, "not-plain"),
    ('{"case_id": "\ud800"}', "half-character"),
])  # fmt: skip
def test_objects_that_are_no_case_are_refused_in_words(case, code):
    with pytest.raises(yibaolex.UnreadableError) as caught:
        yibaolex.validate(case)
    assert caught.value.fault.code == code
    assert str(caught.value) == "\n".join(f"$: {text}" for text in caught.value.fault.messages.values())


def test_another_type_than_the_documented_ones_is_a_type_error():
    with pytest.raises(TypeError, match="not NoneType"):
        yibaolex.validate(None)


def test_an_exact_amount_with_an_exponent_is_read():
    written, given = (yibaolex.assess(ACT | {"loss_amount": amount}) for amount in ("1000.00", Decimal("1E+3")))
    assert given == written


def test_a_case_with_half_a_character_leaves_the_others_alone():
    found = yibaolex.assess([{"case_id": "\ud800"}, {"case_id": "sound"}]).assessments
    assert [[fault.code for fault in one.faults] for one in found] == [["half-character"], []]
    assert found[1].outcome is not None

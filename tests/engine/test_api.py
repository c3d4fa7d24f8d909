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

"""The hand-derived cases: facts in, outcome as worked out from the text. A failure is a question for a lawyer."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from expectation import differences

import yibaolex

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@cache
def outcomes() -> dict[str, dict]:
    """The outcomes of all cases by folder, assessed in one list."""
    facts = [json.loads((case / "case.json").read_text(encoding="utf-8")) for case in CASES]
    report = yibaolex.assess(facts)
    return {case.name: found.outcome for case, found in zip(CASES, report.assessments, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outcome(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert expected["clauses"] and expected["working"], "a case says where its expectation comes from"
    found = list(differences(expected["outcome"], outcomes()[case.name]))
    assert not found, f"{expected['about']}\n" + "\n".join(found)


def test_published_decisions_lie_within_the_bands() -> None:
    """The fines that two bureaus imposed (Yunyang no. 145 of 2025; Changli no. 02 of 2023) are payable in the band."""
    examples = Path(__file__).parents[2] / "examples"
    for name, fines in {"yunyang-145": ["13791.60", "1087.50"], "changli-02": ["14061.60"]}.items():
        (found,) = yibaolex.assess(examples / f"{name}.json").assessments
        for act, fine in zip(found.outcome["acts"], fines, strict=True):
            first, last = map(Decimal, act["fine"]["applicable"]["payable"])
            assert first <= Decimal(fine) <= last
        first, last = map(Decimal, found.outcome["total_fine"]["payable"])
        assert first <= sum(map(Decimal, fines)) <= last

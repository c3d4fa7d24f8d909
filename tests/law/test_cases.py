"""The hand-derived cases: facts in, outcome as worked out from the text. A failure is a question for a lawyer."""

import json
from collections import defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from expectation import differences

import yibaolex

CASES = sorted((Path(__file__).parent / "cases").iterdir())


def expectation(case: Path) -> dict:
    return json.loads((case / "expected.json").read_text(encoding="utf-8"))


@cache
def outcomes() -> dict[str, dict]:
    """The outcomes of all cases by folder; those under the same readings and presumptions in one list."""
    groups = defaultdict(list)
    for case in CASES:
        expected = expectation(case)
        groups[tuple(sorted(expected.get("readings", {}).items())), expected.get("presume")].append(case)
    found = {}
    for (chosen, presume), cases in groups.items():
        facts = [json.loads((case / "case.json").read_text(encoding="utf-8")) for case in cases]
        report = yibaolex.assess(facts, readings=dict(chosen), presume=presume)
        found |= {case.name: a.outcome for case, a in zip(cases, report.assessments, strict=True)}
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outcome(case: Path) -> None:
    expected = expectation(case)
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

"""The default engine and the reference engine find the same, on every hand-derived case and on 500 generated ones."""

import json
import logging
from pathlib import Path

import pytest
from expectation import differences
from generate import generate

import yibaolex

HAND_DERIVED = sorted((Path(__file__).parents[1] / "law" / "cases").iterdir())


def _told(assessment: yibaolex.Assessment) -> list[tuple]:
    return [(fault.place, fault.code, fault.severity, dict(fault.messages)) for fault in assessment.faults]


@pytest.mark.parametrize("source", ["hand-derived", "generated"])
def test_engines_agree(source: str) -> None:
    logging.getLogger("rdflib").setLevel(logging.ERROR)
    if source == "generated":
        cases = generate(500, 20261122)
    else:
        cases = [json.loads((case / "case.json").read_text(encoding="utf-8")) for case in HAND_DERIVED]
    default = yibaolex.assess(cases).assessments
    reference = yibaolex.assess(cases, engine="reference").assessments
    for one, other in zip(default, reference, strict=True):
        assert one.outcome == other.outcome, (one.number, list(differences(one.outcome, other.outcome)))
        assert _told(one) == _told(other), one.number

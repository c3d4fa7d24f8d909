"""The default engine and the reference engine find the same, on every hand-derived case and on generated ones."""

import json
import logging
from pathlib import Path

import pytest
from conformance import engine_differences
from generate import generate

HAND_DERIVED = sorted((Path(__file__).parents[1] / "law" / "cases").iterdir())


@pytest.mark.parametrize("source", ["hand-derived", "generated"])
def test_engines_agree(source: str) -> None:
    logging.getLogger("rdflib").setLevel(logging.ERROR)
    if source == "generated":
        cases = generate(500, 20261122)
    else:
        cases = [json.loads((case / "case.json").read_text(encoding="utf-8")) for case in HAND_DERIVED]
    assert not list(engine_differences(cases))

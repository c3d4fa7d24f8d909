"""The default engine and the reference engine find the same, on every hand-derived case and on generated ones."""

import json
import multiprocessing
from pathlib import Path

import pytest
from conformance import engine_differences
from generate import generate

HAND_DERIVED = sorted((Path(__file__).parents[1] / "law" / "cases").iterdir())
SLICE = 50


def differing(cases: list[dict]) -> list[str]:
    return list(engine_differences(cases))


@pytest.mark.parametrize("source", ["hand-derived", "generated"])
def test_engines_agree(source: str) -> None:
    """On all processors: the reference takes a third of a second for a case."""
    if source == "generated":
        cases = generate(250, 20261122)
    else:
        cases = [json.loads((case / "case.json").read_text(encoding="utf-8")) for case in HAND_DERIVED]
    slices = [cases[start : start + SLICE] for start in range(0, len(cases), SLICE)]
    with multiprocessing.get_context("fork").Pool() as pool:
        assert not [line for found in pool.imap_unordered(differing, slices) for line in found]

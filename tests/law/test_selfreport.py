"""The hand-derived self-reports: rows in, parts of the view as worked out from the text. A failure is a question."""

import json
from pathlib import Path

import pytest
from expectation import differences

from yibaolex.explanation import Setting
from yibaolex.selfreport.forms import forms
from yibaolex.selfreport.reading import read
from yibaolex.selfreport.writing import Job, view_of

CASES = sorted((Path(__file__).parent / "selfreport").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_view(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert expected["clauses"] and expected["working"], "a case says where its expectation comes from"
    job = Job(Setting("oxigraph", {}), forms(), "zh", (), case)
    found = view_of(read(case / "report.csv", forms()), job)
    wrong = list(differences(expected["view"], found))
    assert not wrong, f"{expected['about']}\n" + "\n".join(wrong)

"""The pages of ``docs/`` and the output in the README are what the program and the ontology say today."""

import json
import runpy
from pathlib import Path

import pytest

from yibaolex import cli, outcome

ROOT = Path(__file__).parents[2]
PAGES = runpy.run_path(str(ROOT / "docs" / "build_facts.py"))["pages"]()
EXAMPLE = str(ROOT / "examples" / "changli-02.json")
RECORDS = (outcome.Outcome, outcome.Act, outcome.Sanction, outcome.Fine, outcome.Interval)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_is_what_the_script_writes(page):
    assert page.read_text(encoding="utf-8") == PAGES[page], "run: python docs/build_facts.py"


def test_every_field_of_the_outcome_is_described():
    text = (ROOT / "docs" / "outcome.md").read_text(encoding="utf-8")
    fields = {name for record in RECORDS for name in record.__annotations__}
    assert sorted(name for name in fields if f"`{name}`" not in text) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_readme_shows_the_output_of_the_example(language, capsys):
    assert cli.main(["assess", EXAMPLE, "--lang", language]) == 0
    assert capsys.readouterr().out in (ROOT / "README.md").read_text(encoding="utf-8")


def test_case_in_the_readme_has_no_fault(capsys, tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    case = text.partition("```json\n")[2].partition("```")[0]
    file = tmp_path / "case.json"
    file.write_text(json.dumps(json.loads(case)), encoding="utf-8")
    assert cli.main(["validate", str(file)]) == 0, capsys.readouterr().out

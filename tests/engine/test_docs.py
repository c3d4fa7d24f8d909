"""The pages of ``docs/`` and the output in the README are what the program and the ontology say today."""

import json
import runpy
import types
import typing
from pathlib import Path

import pytest

from yibaolex import api, cli, outcome

ROOT = Path(__file__).parents[2]
PAGES = runpy.run_path(str(ROOT / "docs" / "build_facts.py"))["pages"]()
EXAMPLE = str(ROOT / "examples" / "changli-02.json")
RECORDS = (
    outcome.Outcome,
    outcome.Act,
    outcome.Sanction,
    outcome.Fine,
    outcome.Interval,
    outcome.Jurisdiction,
)
CASES = ROOT / "tests" / "law" / "cases"
FULL = (  # a contact, a suspension with a fine, several acts
    "jurisdiction-nanchuan",
    "a38-loss-and-refusal-fine-and-suspension",
    "several-acts-three-articles-sum",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_is_what_the_script_writes(page):
    assert page.read_text(encoding="utf-8") == PAGES[page], "run: python docs/build_facts.py"


def test_every_field_of_the_outcome_is_described():
    text = (ROOT / "docs" / "outcome.md").read_text(encoding="utf-8")
    fields = {name for record in RECORDS for name in record.__annotations__}
    assert sorted(name for name in fields if f"`{name}`" not in text) == []


def misfits(value, kind, place):
    """Where ``value`` is not as ``kind`` says: fields too many or too few, or a value of another type."""
    if typing.is_typeddict(kind):
        if not isinstance(value, dict):
            return [place]
        fields = typing.get_type_hints(kind)
        extras = typing.get_type_hints(kind, include_extras=True)
        required = {name for name in fields if typing.get_origin(extras[name]) is not typing.NotRequired}
        wrong = {*value} - {*fields} | required - {*value}
        return [*wrong, *(m for n in fields if n in value for m in misfits(value[n], fields[n], f"{place}.{n}"))]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return min((misfits(value, one, place) for one in arguments), key=len)
    if not isinstance(value, origin or kind):
        return [place]
    within = value.values() if origin is dict else value if origin is list else ()
    return [m for item in within for m in misfits(item, arguments[-1], f"{place}[]")]


@pytest.mark.parametrize("name", FULL)
def test_an_outcome_has_the_fields_that_its_types_say(name):
    (assessment,) = api.assess(CASES / name / "case.json").assessments
    assert misfits(assessment.outcome, outcome.Outcome, "") == []


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

"""The questions of researchers against answers that were worked out by hand from the texts.

A case names the norms that must come back, no more and no fewer, or the rows under some columns. A difference is a
question for whoever knows the law: in the query, in the norms or in the case.
"""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from yibaolex.questions import question_called, questions
from yibaolex.research import research, short

CASES = {
    path.stem: json.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "questions").glob("*.json")
}
NAMES = sorted(questions())


def told(term):
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return short(term)
    if isinstance(term, Literal) and term.datatype.value.endswith("#decimal"):
        return format(Decimal(term.value).normalize(), "f")
    return term.value


def answer(name, params=None, language="zh", on_reference=False):
    """The variables and the rows of a question as text."""
    query = question_called(name).bound(params or {}, research(), language)
    found = research().run(query, on_reference=on_reference)
    return found.variables, [tuple(map(told, row)) for row in found.rows]


def under(columns, variables, rows):
    places = [variables.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in rows]


@pytest.mark.parametrize("case", sorted(CASES))
def test_answer_is_the_one_worked_out_by_hand(case):
    expected = CASES[case]
    variables, rows = answer(expected["question"], expected["params"], expected.get("language", "zh"))
    if "ids" in expected:
        assert {path for (path,) in under(["path"], variables, rows)} == set(expected["ids"])
    else:
        assert sorted(under(expected["columns"], variables, rows)) == sorted(map(tuple, expected["rows"]))


@pytest.mark.parametrize("case", sorted(CASES))
def test_both_engines_give_the_same_rows(case):
    name, params, language = CASES[case]["question"], CASES[case]["params"], CASES[case].get("language", "zh")
    assert answer(name, params, language) == answer(name, params, language, on_reference=True)


@pytest.mark.parametrize("name", NAMES)
def test_every_question_has_a_case_and_stands_on_clauses_that_exist(name):
    question = question_called(name)
    assert any(case["question"] == name for case in CASES.values())
    assert {case["question"] for case in CASES.values()} <= set(NAMES)
    assert question.basis in ("text", "reading", "outside")
    assert all(research().provision(clause, "zh") for clause in question.clauses)
    assert {column.variable for column in question.columns} <= set(answer(name)[0])


@pytest.mark.parametrize("name", NAMES)
def test_no_question_lists_its_answer(name):
    body = [line for line in question_called(name).query.splitlines() if not line.startswith("#")]
    assert not re.search(r"[/.]n[0-9]", "\n".join(body))
    assert not re.search(r"VALUES[^{]*\{[^}]*[\u2e80-\u9fff]", "\n".join(body)), "words of the law are data"


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_many_in_either_language_alike_and_none_comes_twice(name):
    chinese, english = answer(name)[1], answer(name, language="en")[1]
    assert len(chinese) == len(english) == len(set(chinese)) == len(set(english))

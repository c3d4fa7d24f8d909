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
from yibaolex.research import Problem, research, short
from yibaolex.terms import LABEL, NOTATION, SHORT_LABEL, core

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


def things(relation):
    """What anything has as the relation, each with all names that the law's data give it."""
    graph = research().graph
    nodes = {quad.object for quad in graph.quads(core(relation))}
    names = [(node, p) for node in sorted(nodes, key=str) for p in (LABEL, SHORT_LABEL, NOTATION)]
    return [(short(node), name.value) for node, predicate in names for name in graph.objects(node, predicate)]


@pytest.mark.parametrize("body, name", things("decisionOf"))
def test_who_hears_is_answered_for_every_body_of_which_there_is_a_rule_by_any_of_its_names(body, name):
    """Twelve of them; three are outside the notice, which is said."""
    variables, rows = answer("reconsideration-organ", {"body": name})
    assert {told for (told,) in under(["body"], variables, rows)} == {body}
    assert all(organ for (organ,) in under(["organ"], variables, rows))


@pytest.mark.parametrize("name", ["contact-of-district", "who-decides-and-who-hears"])
@pytest.mark.parametrize("suffix", ["", "医疗保障局"])
def test_every_district_is_known_by_its_name_and_by_that_of_its_bureau(name, suffix):
    """The 41 names of section 6 of the notice, as the contacts print them."""
    parameter = question_called(name).parameters[-1].name
    graph = research().graph
    areas = {quad.subject: quad.object.value for quad in graph.quads(core("area"))}
    districts = {area: contact for contact, area in areas.items() if not short(contact).endswith("municipal")}
    assert len(districts) == 41
    for area, contact in districts.items():
        variables, rows = answer(name, {parameter: area + suffix})
        phone = graph.one(contact, core("phone")).value
        assert under(["phone"], variables, rows) == [(phone,)]


NEAREST = [
    ("contact-of-district", "district", "彭水苗族自治县", "government-pengshui"),
    ("contact-of-district", "district", "南川区税务局", "government-nanchuan"),
    ("contact-of-district", "district", "Nanchaun", "government-nanchuan"),
    ("does-it-apply-to", "matter", "工伤", "work-injury-expenses"),
]


@pytest.mark.parametrize("name, parameter, given, nearest", NEAREST)
def test_the_nearest_thing_is_suggested_first(name, parameter, given, nearest):
    with pytest.raises(Problem) as caught:
        answer(name, {parameter: given})
    assert caught.value.values["known"].partition("; ")[0].endswith(f" ({nearest})")

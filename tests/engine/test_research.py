"""The commands of researchers: what they find, in which forms, and that they only read.

Expected texts are worked out by hand from the sources: article 14 of the Order, the notice, and the list of contacts.
"""

import csv
import io
import json
import signal
import socket
import subprocess
import sys
import time

import pytest
from pyoxigraph import Literal
from rdflib import Graph, URIRef

from yibaolex import cli
from yibaolex.answers import Answer, as_csv, as_table
from yibaolex.catalogue import LANGUAGES
from yibaolex.questions import Question, questions, read_question
from yibaolex.research import BASE, Problem, Table, check_query, folded, research
from yibaolex.screen import width
from yibaolex.terms import core

FIRST_PARAGRAPH = "定点医药机构及其工作人员应当执行实名就医和购药管理规定，核验参保人员医疗保障凭证"
SPLITTING = BASE + "cq345/a14/p1/n8"
HEADER = """#+ summary: Parts of a provision
#+ summary-zh: 一条规定的部分
#+ clause: CQ345.14
#+ tags:
#+   - texts
#+ params:
#+   - provision | provision | cq345/a14 | 规定 | the provision
#+   - word | text | 医药 | 字词 | a word
#+   - from-date | date | 2021-12-01 | 日期 | the day
#+   - bearer | iri Actor |  | 主体 | the bearer
#+ columns:
#+   - part | 部分 | part
"""
PARTS = (
    HEADER
    + """SELECT ?part ?text WHERE {
  ?part <http://data.europa.eu/eli/ontology#is_part_of> ?_provision ; <https://w3id.org/yibaolex/core#text> ?text .
  FILTER (CONTAINS (STR (?text), ?_word))
} ORDER BY ?part
"""
)


@pytest.fixture
def run(capsys):
    """Run the command in this process: (exit status, standard output, standard error)."""

    def run(*arguments):
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = stop.code
        return status, *capsys.readouterr()

    return run


def parts() -> Question:
    return read_question("parts", PARTS)


def labelled(rows, headings=("a",), language="zh") -> Answer:
    found = Table(tuple("abc"[: len(headings)]), tuple(rows))
    return Answer(found, headings, research(), language, exact=False)


# --- the catalogue ----------------------------------------------------------------------------------------------------


def test_header_is_read():
    question = parts()
    assert question.summaries == {"en": "Parts of a provision", "zh": "一条规定的部分"}
    assert (question.clauses, question.tags) == (("CQ345.14",), ("texts",))
    assert [(p.name, p.kind, p.default, p.variable) for p in question.parameters] == [
        ("provision", "provision", "cq345/a14", "_provision"),
        ("word", "text", "医药", "_word"),
        ("from-date", "date", "2021-12-01", "_from_date"),
        ("bearer", "iri Actor", "", "_bearer"),
    ]
    assert [column.headings["en"] for column in question.columns] == ["part"]
    assert question.notes == {}


NOTE, NOTE_ZH = "#+ note: Items count too: all of them.\n", "#+ note-zh: 各项：也都计入。\n"


def test_note_is_read_in_both_languages():
    assert read_question("noted", NOTE + NOTE_ZH + PARTS).notes == {
        "en": "Items count too: all of them.",
        "zh": "各项：也都计入。",
    }


@pytest.mark.parametrize("line", [NOTE, NOTE_ZH])
def test_note_in_one_language_is_noticed(line):
    with pytest.raises(KeyError):
        read_question("bad", line + PARTS)


@pytest.mark.parametrize(
    "line", ["bearer | nothing | | 主体 | bearer", "bearer | text | 主体 | bearer", "bearer | iri | | 主体 | bearer"]
)
def test_bad_parameter_line_is_noticed(line):
    with pytest.raises(ValueError):
        read_question("bad", HEADER.replace("bearer | iri Actor |  | 主体 | the bearer", line))


@pytest.mark.parametrize("name", questions())
def test_question_is_answered_as_its_header_says(name):
    """It runs with its defaults in both languages, selects its columns, and asks for nothing that it does not use."""
    question = questions()[name]
    for language in LANGUAGES:
        assert question.summaries[language]
        assert not question.notes or question.notes[language]
        assert all(column.headings[language] for column in question.columns)
        assert all(parameter.labels[language] for parameter in question.parameters)
        found = research().run(question.bound({}, research(), language))
        assert {column.variable for column in question.columns} <= set(found.variables)
    body = "\n".join(line for line in question.query.splitlines() if not line.startswith("#+"))
    assert all(f"?{parameter.variable}" in body for parameter in question.parameters)


def test_questions_are_listed(run):
    status, out, err = run("ask", "--lang", "en")
    assert (status, err) == (0, "")
    for question in questions().values():
        assert f"  {question.name}: {question.summaries['en']}\n" in out
        assert all(f"      --{parameter.name}: {parameter.labels['en']}" in out for parameter in question.parameters)
        assert all(f"      note: {note}\n" in out for language, note in question.notes.items() if language == "en")


def test_unknown_question_suggests_the_nearest(run):
    status, out, err = run("ask", "prohibition-of", "--bearer", "public")
    assert (status, out) == (2, "")
    assert "“prohibition-of”" in err and "prohibitions-of" in err


@pytest.mark.parametrize("word", ["禁止", "prohibitions", "Ｐrohibitions"])
def test_a_tag_in_place_of_a_question_suggests_those_with_it(run, word):
    status, out, err = run("ask", word)
    assert (status, out) == (2, "")
    assert "prohibitions-of" in err and "prohibitions-on-condition" in err


def test_a_word_of_a_summary_suggests_the_question(run):
    assert "contact-of-district" in run("ask", "联系方式")[2]
    assert "contact-of-district" not in run("ask", " ")[2]


MISSPELT = [("--bearers", "--bearer"), ("--bearer-of=x", "--bearer"), ("--formt", "--format")]


@pytest.mark.parametrize("given, near", MISSPELT)
def test_misspelt_option_suggests_the_nearest(run, given, near):
    status, out, err = run("ask", "prohibitions-of", given, "public", "--lang", "en")
    assert (status, out) == (2, "")
    assert f"do you mean {near}" in err


def test_help_of_a_question_tells_what_may_be_written(run):
    """Seventeen types of norm are told, of the many actors the first; each by label and by what to write."""
    status, out, err = run("ask", "norms-of-type", "--help", "--lang", "en")
    assert (status, err) == (0, "")
    assert "note" not in out and "question: Which norms are of a type?" in out
    assert "--type: type of norm (default: Permission)" in out
    assert all(told in out for told in ("17 of them", "obligation (Obligation)", "right (Right)"))
    assert "129 of them (--values bearer lists all)" in out
    assert "citizen (citizen)" in out and "township" not in out


@pytest.mark.parametrize("name, told", [
    ("word-occurrences", ["文字：", "规定：路径"]), ("instruments-in-force", ["年-月-日"]),
    ("who-decides-and-who-hears", ["是或者否", "6 个：", "南川区人民政府 (government-nanchuan)"]),
])  # fmt: skip
def test_help_tells_the_kind_of_other_values(run, name, told):
    out = run("ask", name, "--help")[1] + run("ask", name, "--values", question_of(name))[1]
    assert all(words in out for words in told)


def question_of(name):
    return questions()[name].parameters[-1].name


def test_all_values_of_a_parameter_are_listed(run):
    status, out, err = run("ask", "norms-of-type", "--values", "bearer", "--lang", "en")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == len(research().instances_of(core("Actor")))
    assert "township people's government (township-government)\n" in out
    assert run("ask", "definitions", "--values", "bearer")[0] == 2
    assert "type, bearer" in run("ask", "norms-of-type", "--values", "zzz")[2]


def test_an_unknown_value_without_a_like_lists_values(run):
    few, many = run("ask", "norms-of-type", "--type", "zzz"), run("ask", "norms-of-type", "--bearer", "火星")
    assert few[:2] == many[:2] == (2, "")
    assert all(f"({name})" in few[2] for name in ("Obligation", "Definition", "Scope"))
    assert "可以写：" in many[2] and "--values bearer" in many[2]


def test_unknown_parameter_is_wrong_use(run):
    status, out, err = run("ask", "prohibitions-of", "--beare", "public")
    assert (status, out) == (2, "")
    assert "--beare" in err and "Traceback" not in err


# --- parameters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["定点医药机构", "designated institution", "designated-institution", "ＤＥＳＩＧＮＡＴＥＤ-institution"]
)
def test_actor_by_any_of_its_names(run, name):
    default = run("ask", "prohibitions-of", "--bearer", "designated-institution", "--format", "json")
    assert run("ask", "prohibitions-of", "--bearer", name, "--format", "json") == default
    rows = json.loads(default[1])
    assert {"iri": SPLITTING, "label": "《办法》第十四条第一款：不得分解住院"} in [row["norm"] for row in rows]


def test_options_may_come_first(run):
    expected = run("ask", "prohibitions-of", "--bearer", "insured-person", "--format", "csv")
    assert run("ask", "--bearer", "insured-person", "--format", "csv", "prohibitions-of") == expected


def test_unknown_actor_suggests_the_nearest(run):
    status, out, err = run("ask", "prohibitions-of", "--bearer", "designated-institutoin", "--lang", "en")
    assert (status, out) == (2, "")
    assert "(designated-institution)" in err


def test_few_values_are_all_suggested(run):
    status, _, err = run("ask", "norms-of-position", "--position", "zzz", "--lang", "en")
    assert status == 2
    assert all(f"({name})" in err for name in ("Duty", "Claim", "Privilege", "Power", "Immunity"))


@pytest.mark.parametrize("given", ["cq345/a14", "CQ345.14", "cq345.14", BASE + "cq345/a14", "《办法》第十四条"])
def test_provision_by_path_notation_iri_or_label(given):
    found = research().run(parts().bound({"provision": given}, research(), "zh"))
    assert [row[0].value for row in found.rows] == [BASE + "cq345/a14/p1", BASE + "cq345/a14/p2"]


@pytest.mark.parametrize("given", ["2021-13-01", "2021-2-1", "1 December 2021", "20211201", "2021-02-29"])
def test_wrong_date_says_what_is_expected(given):
    with pytest.raises(Problem) as caught:
        parts().bound({"from-date": given}, research(), "zh")
    assert (caught.value.key, caught.value.values) == ("not-a-date", {"shown": given})


@pytest.mark.parametrize("given", ['") } DELETE {', "\\", '"', "x\ny", "?_provision", "'''", '\\u0022) || true || (""'])
def test_text_is_bound_as_a_term(given):
    """Whatever is given is one literal: the query stays the same query, and finds nothing that does not hold it."""
    for on_reference in (False, True):
        found = research().run(parts().bound({"word": given}, research(), "zh"), on_reference=on_reference)
        assert found.rows == ()


def test_parameter_without_default_stays_a_variable():
    assert "?_bearer" in read_question("q", HEADER + "ASK { ?s ?p ?_bearer }").bound({}, research(), "zh")


# --- forms ------------------------------------------------------------------------------------------------------------


def test_table_in_the_language_asked_for(run):
    chinese = run("ask", "prohibitions-of", "--bearer", "定点医药机构")[1].splitlines()
    english = run("ask", "prohibitions-of", "--bearer", "定点医药机构", "--lang", "en")[1].splitlines()
    assert chinese[0].split() != english[0].split()
    assert any("不得分解住院" in line for line in chinese)
    assert any("Order 345, art. 14(1): not to split one hospital stay" in line for line in english)


def test_columns_of_a_table_stand_under_each_other():
    rows = [(Literal("分解住院"), Literal("x")), (Literal("abc"), Literal("y"))]
    assert as_table(labelled(rows, ("行为", "b")), None) == ("行为      b\n--------  -\n分解住院  x\nabc       y\n")


def test_long_cells_are_wrapped_to_the_terminal():
    rows = [(Literal("cq345/a14/p1"), Literal(FIRST_PARAGRAPH))]
    lines = as_table(labelled(rows, ("路径", "文字")), 40).splitlines()
    assert max(map(width, lines)) <= 40
    assert "".join(
        line[12:].strip() if line.isascii() else line.replace("cq345/a14/p1", "").strip() for line in lines[2:]
    ) == (FIRST_PARAGRAPH)


def test_a_table_that_cannot_fit_is_told_row_by_row():
    """Three names of 17 columns and two gaps take 55; blank cells are left out, no row is."""
    rows = [[Literal(f"cq345/a{n}/p1/n100") for n in (14, 15, 16)], [Literal("分解住院"), None, None], [None] * 3]
    table = labelled(rows, ("行为", "第二", "第三"))
    assert as_table(table, 40) == (
        "行为：cq345/a14/p1/n100\n第二：cq345/a15/p1/n100\n第三：cq345/a16/p1/n100\n\n行为：分解住院\n\n行为：\n"
    )
    assert as_table(table, 55).splitlines()[1] == "  ".join(["-" * 17] * 3)
    assert as_table(table, 54).splitlines()[0] == "行为：cq345/a14/p1/n100"
    assert as_table(table, None) == as_table(table, 55)


def test_a_block_is_fitted_by_the_width_of_its_characters():
    """`文字：` takes 6 columns, so 20 leave room for seven characters, of which punctuation stays with its word."""
    row = [Literal("cq345/a14/p1"), Literal("cq345/a15/p1"), Literal("核验参保人员医疗保障凭证，不得")]
    lines = as_table(labelled([row], ("甲", "乙", "文字")), 20).splitlines()
    assert lines == ["甲：cq345/a14/p1", "乙：cq345/a15/p1", "文字：核验参保人员医", "  疗保障凭证，不得"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", questions())
def test_every_answer_fits_eighty_columns(run, monkeypatch, name, language):
    monkeypatch.setenv("COLUMNS", "80")
    status, out, _ = run("ask", name, "--lang", language)
    assert (status, max(map(width, out.splitlines())) <= 80) == (0, True)


def test_columns_of_the_environment_do_not_bind_a_file(run, monkeypatch, tmp_path):
    plain = run("ask", "consequences-of-breach")[1]
    monkeypatch.setenv("COLUMNS", "80")
    assert run("ask", "consequences-of-breach")[1] != plain
    assert run("ask", "consequences-of-breach", "-o", tmp_path / "out")[0] == 0
    assert (tmp_path / "out").read_text(encoding="utf-8") == plain


def test_table_shows_no_control_characters():
    assert "\x1b" not in as_table(labelled([(Literal("\x1b[31mred\nline"),)]), None)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_csv_holds_no_formula(start):
    written = as_csv(labelled([(Literal(start + "1+1"),), (Literal("1" + start),)]), None)
    assert list(csv.reader(io.StringIO(written))) == [["a"], ["'" + start + "1+1"], ["1" + start]]


def test_csv_has_the_rows_of_the_table(run):
    rows = list(csv.reader(io.StringIO(run("ask", "prohibitions-of", "--format", "csv")[1])))
    table = run("ask", "prohibitions-of")[1].splitlines()
    # question, its parameter, its basis, its note, a blank line, headings, a rule
    assert len(rows) - 1 == len(table) - 7
    assert rows[0] == table[5].split()


def test_turtle_describes_what_is_in_the_rows(run):
    status, out, _ = run("ask", "prohibitions-of", "--format", "turtle")
    graph = Graph().parse(data=out, format="turtle")
    assert status == 0
    assert len(set(graph.predicates(URIRef(SPLITTING)))) > 5


def test_nothing_found_says_so(run):
    query = "SELECT ?s { ?s a y:NoSuchClass }"
    assert run("sparql", query) == (0, "没有找到。\n", "")
    assert run("sparql", query, "--format", "json") == (0, "[]\n", "")
    assert run("sparql", query, "--format", "csv") == (0, "s\n", "")


def test_answer_is_written_to_a_file(run, tmp_path):
    out = tmp_path / "out.csv"
    expected = run("ask", "prohibitions-of", "--format", "csv")[1]
    assert run("ask", "prohibitions-of", "--format", "csv", "-o", out) == (0, "", "")
    assert out.read_text(encoding="utf-8") == expected
    assert run("sparql", "ASK {}", "-o", tmp_path / "none" / "x")[0] == 2


def test_engines_agree(run):
    arguments = ("ask", "prohibitions-of", "--format", "json")
    assert run(*arguments) == run(*arguments, "--engine", "reference")


# --- show -------------------------------------------------------------------------------------------------------------


def test_provision_is_shown_with_parts_and_norms(run):
    status, out, err = run("show", "cq345/a14")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert lines[0] == "《办法》第十四条（cq345/a14，CQ345.14）"
    assert "第三章" in lines[1]
    first, norm, second = (
        next(i for i, line in enumerate(lines) if mark in line)
        for mark in ("（cq345/a14/p1，", "（cq345/a14/p1/n8，", "（cq345/a14/p2，")
    )
    assert first < norm < second
    assert lines[first + 1].strip().startswith(FIRST_PARAGRAPH)


def test_norm_is_shown_with_all_that_is_known_of_it(run):
    status, out, _ = run("show", "CQ345.14.1.n8", "--lang", "en")
    assert status == 0
    assert 'wording: "不得分解住院' in out
    for expected in (
        "type: prohibition; duty not to act",
        "sanction coverage:",
        "sanction route:",
        "reg735/a38/i1",
        "→ restates",
    ):
        assert expected in out


def below(out, path):
    """The lines on the norm at ``path`` in what shows a provision that it lies in."""
    lines = out.splitlines()
    start = next(i for i, line in enumerate(lines) if f"（{path}，" in line)
    depth = len(lines[start]) - len(lines[start].lstrip())
    rest = [i for i, line in enumerate(lines[start + 1 :], start + 1) if len(line) - len(line.lstrip()) <= depth]
    return "\n".join(lines[start : rest[0] if rest else None])


def test_norms_of_an_article_are_told_with_routes_and_exceptions(run):
    """Art. 14(1) splits no stay: through art. 35, institutions only, a reading; with intent also art. 40(2)."""
    out = run("show", "cq345/a14")[1]
    splitting = below(out, "cq345/a14/p1/n8")
    first, second = (line for line in splitting.splitlines() if "处理路径" in line)
    for told in ("（cq345/a35/p1/n1） 到 ", "（reg735/a38/i1）", "仅及于：定点医药机构", "（解释）"):
        assert told in first
    assert "（reg735/a40/p2）" in second and "仅在：以骗取为目的且造成基金损失" in second
    assert "→ 重申：《条例》第十五条第一款（reg735/a15/p1）" in splitting
    assert "例外：急诊、抢救等特殊情形" in below(out, "cq345/a14/p2/n2")
    assert "→ 例外于：" in below(out, "cq345/a14/p2/n3")


def test_a_route_without_a_gateway_is_told_as_direct(run):
    """Three norms on agencies lead to art. 36(3) of the Regulation by its own force."""
    out = run("show", "cq345")[1]
    assert "经  到" not in out
    assert out.count("直接适用，到 《条例》第三十六条第（三）项（reg735/a36/i3）") == 3


def test_cross_references_of_an_article_are_told(run):
    """Art. 23(2) is special to (1); (3) departs from it."""
    out = run("show", "cq345/a23")[1]
    assert "→ 特别于：" in below(out, "cq345/a23/p2/n1")
    assert "（cq345/a12/p1）" in below(out, "cq345/a23/p2/n1")
    assert "（cq345/a23/p1/n1）" in below(out, "cq345/a23/p3/n1")


def test_a_position_is_told_with_its_correlative(run):
    assert "类型：禁止；不作为义务；相对者：请求权" in run("show", "cq345/a14/p1/n8")[1]
    assert "相对者" not in run("show", "cq345/a39/p1/n1")[1]


def test_what_a_norm_applies_to_is_told(run):
    assert "→ 参照适用于：长期护理保险基金（" in run("show", "cq345/a39/p1/n1")[1]
    assert "→ 适用于：" in run("show", "cq345/a2/p1/n2")[1]


def test_service_without_which_conduct_cannot_occur_is_told(run):
    assert "以何种服务为前提（解释）：住院" in run("show", "cq345/a14/p1/n8")[1]


@pytest.mark.parametrize("norm", ["n2", "n3", "n4"])
def test_route_without_a_clause_of_reference_says_that_it_is_direct(run, norm):
    """Art. 36 item 3 of the Regulation reaches the agency by its own force; arts 33 and 38 do not lead there."""
    out = run("show", f"cq345/a21/p1/{norm}", "--lang", "en")[1]
    routes = [line.strip() for line in out.splitlines() if "sanction route:" in line]
    assert routes[0].startswith("sanction route: through Order 345, art. 33(1)")
    assert routes[1] == (
        "sanction route: applies directly, to Regulation art. 36 item 3 (reg735/a36/i3); match: exact; "
        "What follows is an order to correct and the disciplining of those responsible; there is no fine. "
        "(by interpretation)"
    )


def test_outside_provision_is_marked_as_paraphrase(run):
    assert "释义（不是条文原文）：" in run("show", "reg735/a15/p1")[1]
    out = run("show", "reg735/a15/p1", "--lang", "en")[1]
    assert "paraphrase (not the wording): " in out
    assert "(cq345/a14/p1/n8)" in out  # it is told what restates it


def test_items_are_shown_after_their_lead_in(run):
    """The notice prints the sentence of its third part before the items, whatever their paths."""
    out = run("show", "cqfy2021/s3")[1]
    places = [out.index(f"（cqfy2021/s3/{part}，") for part in ("p1", "i1", "i2", "i3")]
    assert places == sorted(places)


def test_contact_is_shown(run):
    out = run("show", "cqfy2021/contact/1")[1]
    for expected in ("重庆市万州区司法局", "023-58221210", "重庆市万州区百安大道161号", "万州区", "2021-07-20"):
        assert expected in out


def test_unknown_path_suggests_the_nearest(run):
    status, out, err = run("show", "cq345/a41")
    assert (status, out) == (2, "")
    assert "(cq345/a4)" in err


# --- search -----------------------------------------------------------------------------------------------------------


def test_search_finds_all_words(run):
    status, out, _ = run("search", "分解住院", "挂床住院")
    assert status == 0
    assert "（cq345/a14/p1）\n    …" in out


def test_search_shows_the_text_around_the_hit(run):
    lines = run("search", "重庆市万州区百安大道161号")[1].splitlines()
    assert lines[0].endswith("（cqfy2021/contact/1）")
    assert "百安大道161号" in lines[1]


def test_search_takes_full_and_half_width_alike(run):
    assert run("search", "ＲＥＧＵＬＡＴＩＯＮ", "ａｒｔ．") == run("search", "regulation", "ART.")


def test_exact_name_comes_first(run):
    assert run("search", "定点医药机构")[1].splitlines()[0].startswith("定点医药机构（")


def test_search_says_how_many_more(run):
    few = run("search", "定点医药机构", "--limit", "1")[1].splitlines()
    everything = run("search", "定点医药机构", "--limit", "100000")[1].splitlines()
    assert few[:2] == everything[:2]
    assert few[2] == f"还有 {len(everything) // 2 - 1} 项没有列出；用 --limit 可以多列。"


def test_search_without_a_hit_or_a_word(run):
    assert run("search", "分解住院", "zzzz") == (0, "没有找到。\n", "")
    assert run("search", " ")[0] == 2
    assert run("search", "x", "--limit", "many")[0] == 2


# --- any query --------------------------------------------------------------------------------------------------------


def test_prefixes_are_declared(run):
    assert (
        run("sparql", "ASK { <cq345/a14/p1/n8> y:bearer actor:designated-institution }", "--format", "json")[1]
        == "true\n"
    )
    out = run("sparql", "SELECT ?n { <cq345/a14> skos:notation ?n }")[1]
    assert out == "n\n--------\nCQ345.14\n"


def test_iris_are_shown_as_a_query_writes_them(run):
    out = run("sparql", "SELECT ?t ?p { <cq345/a14/p1/n8> y:normType ?t ; eli:is_part_of ?p }")[1]
    assert out.splitlines()[2].split() == ["y:Prohibition", "<cq345/a14/p1>"]


@pytest.mark.parametrize("engine", ["oxigraph", "reference"])
def test_triples_are_told_in_turtle(run, engine):
    for query in ("DESCRIBE <cq345/a14>", "CONSTRUCT { ?s skos:notation ?n } WHERE { ?s skos:notation ?n } LIMIT 1"):
        status, out, _ = run("sparql", query, "--engine", engine)
        assert status == 0
        assert len(Graph().parse(data=out, format="turtle")) >= 1
        assert run("sparql", query, "--engine", engine, "--format", "table")[1].split()[:3] == [
            "subject",
            "predicate",
            "object",
        ]


def test_query_from_a_file(run, tmp_path):
    file = tmp_path / "query.rq"
    file.write_text("ASK { <cq345> eli:number '345' }", encoding="utf-8")
    assert run("sparql", file, "--format", "json")[1] == "true\n"
    assert run("sparql", tmp_path / "none.rq")[0] == 2


@pytest.mark.parametrize(
    "query", ["DELETE WHERE { ?s ?p ?o }", "# x\nPREFIX z: <u:z>\ninsert data { <u:a> <u:b> <u:c> }", "CLEAR ALL"]
)
def test_updates_are_refused(run, query):
    before = len(list(research().graph))
    status, out, err = run("sparql", query)
    assert (status, out) == (2, "")
    assert "只读" in err
    assert len(list(research().graph)) == before


REACHING = [
    "SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ service silent <{address}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ BIND (<{address}> AS ?x) VALUES (?a ?b) {{ (1 2) }} FILTER (?a<?b)SERVICE?x#>\n{{ ?s ?p ?o }} }}",
    "SELECT * {{ \\u0053ERVICE <{address}> {{ ?s ?p ?o }} }}",
    "ASK {{ # \\u000ASERVICE <{address}> {{ ?s ?p ?o }} \n }}",
    "SELECT * FROM <{address}> {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED <{address}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
]


@pytest.mark.parametrize("engine", ["oxigraph", "reference"])
@pytest.mark.parametrize("query", REACHING)
def test_nothing_is_fetched(run, query, engine):
    """A listening socket is never connected to, however the keyword is hidden."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        status, _, err = run("sparql", query.format(address=address), "--engine", engine)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "Traceback" not in err
    assert status in (0, 2)  # what is a comment to one of them answers


def test_service_is_refused_kindly(run):
    status, out, err = run("sparql", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "--lang", "en")
    assert (status, out) == (2, "")
    assert err.startswith("A query must not use SERVICE")


@pytest.mark.parametrize(
    "query",
    [
        "ASK { ?service rdfs:label 'SERVICE <x> {'@en } # SERVICE",
        'ASK { ?s rdfs:label ?from FILTER (CONTAINS (?from, "from <x>")) }',
        "PREFIX service: <http://service.example/from> ASK { ?s service:from ?o }",
    ],
)
def test_the_words_alone_are_no_keywords(query):
    check_query(query)  # raises nothing
    research().run(query)


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [("SELECT * { ?s ?p }", 1, 12), ("SELECT ?s\nWHERE { ?s a y:Norm\n", 3, 1), ("SELEC * { }", 1, 1)],
)
def test_syntax_errors_tell_where(run, query, line, column):
    """The place is that of the triple, the end or the word that cannot be understood."""
    status, out, err = run("sparql", query, "--lang", "en")
    assert (status, out) == (2, "")
    assert f"line {line}, column {column};" in err and "Traceback" not in err


EVERYTHING = "SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f }"  # the square of all triples
CUT = "Only the first {} rows are given, and there are more; "


@pytest.mark.parametrize("arguments, given", [
    (["--limit", "3"], 3), (["--limit", "3", "--format", "csv"], 3), (["--limit", "1", "--format", "json"], 1),
    (["--limit", "1500"], 1500), ([], 1000), (["--format", "table"], 1000),
])  # fmt: skip
def test_rows_are_cut_and_it_is_said(run, arguments, given):
    """The square of all triples would be some billion rows: no more than are wanted are looked for."""
    status, out, err = run("sparql", EVERYTHING, "--lang", "en", *arguments)
    rows = len(json.loads(out)) if "json" in arguments else len(out.splitlines()) - (1 if "csv" in arguments else 2)
    assert (status, rows) == (0, given)
    assert err.startswith(CUT.format(given))


@pytest.mark.parametrize("engine", ["oxigraph", "reference"])
@pytest.mark.parametrize("limit, cut", [(2, True), (3, False), (4, False)])
def test_a_limit_that_is_not_passed_says_nothing(run, engine, limit, cut):
    """Three values: a limit of two leaves one out."""
    query = "SELECT ?x { VALUES ?x { 7 8 9 } } ORDER BY ?x"
    status, out, err = run("sparql", query, "--format", "csv", "--engine", engine, "--limit", limit, "--lang", "en")
    assert (status, out) == (0, "\n".join(["x", "7", "8", "9"][: limit + 1]) + "\n")
    assert err.startswith(CUT.format(limit)) if cut else err == ""


def test_only_a_table_is_cut_without_a_limit(run):
    query = "SELECT ?n { ?n a y:Norm . ?p a eli:LegalResourceSubdivision }"
    written = run("sparql", query, "--format", "csv")
    assert written[2] == "" and len(written[1].splitlines()) > 1001
    triples = "CONSTRUCT { ?s skos:notation ?n } WHERE { ?s skos:notation ?n }"
    assert run("sparql", triples)[2] == ""
    assert run("sparql", triples, "--format", "table", "--lang", "en")[2].startswith(CUT.format(1000))
    status, out, err = run("sparql", triples, "--limit", "2", "--lang", "en")
    assert (status, len(Graph().parse(data=out, format="turtle"))) == (0, 2)
    assert err.startswith(CUT.format(2))


def test_a_yes_or_no_is_never_cut(run):
    assert run("sparql", "ASK { ?n a y:Norm }", "--format", "json", "--limit", "1") == (0, "true\n", "")


@pytest.mark.parametrize("limit, told", [("0", "--limit 至少为 1。\n"), ("-1", "--limit 至少为 1。\n")])
def test_a_limit_of_no_rows_is_refused(run, limit, told):
    assert run("sparql", "ASK {}", f"--limit={limit}") == (2, "", told)
    assert run("sparql", "ASK {}", "--limit", "few")[0] == 2


def test_a_query_at_work_can_be_interrupted():
    """The query comes after more than a pipe holds: once all of it is written the program has begun to read."""
    command = [sys.executable, "-m", "yibaolex", "sparql", "-"]
    query = " " * 200_000 + "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, preexec_fn=_hears_interrupts, **streams) as process:
        try:
            process.stdin.write(query.encode())
            process.stdin.close()
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == -signal.SIGINT
            assert (process.stdout.read(), process.stderr.read()) == (b"", b"")
        finally:
            process.kill()  # it would count for hours


def _hears_interrupts():
    """Tests that run in the background hand on that interrupts are ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


# --- what is shown and shipped ----------------------------------------------------------------------------------------


def test_term_is_found_with_its_definition(run):
    """A name that is the word itself says nothing more: the definition is told."""
    out = run("search", "designated medical and pharmaceutical institution", "--lang", "en")[1].splitlines()
    assert out[0].endswith("(actor#designated-institution)")
    assert out[1].strip() and out[1].strip() != "designated medical and pharmaceutical institution"


def test_open_list_is_told(run):
    found = research().run("SELECT ?n { ?n a y:Norm ; y:openList true } ORDER BY ?n LIMIT 1")
    assert found.rows
    path = found.rows[0][0].value.removeprefix(BASE)
    assert "开放列举：是" in run("show", path)[1]


def test_names_are_compared_alike():
    assert folded("  Ａ　b\nC ") == "a b c"


# --- odd input --------------------------------------------------------------------------------------------------------


def test_what_was_asked_stands_over_the_table(run):
    lines = run("ask", "prohibitions-of", "--lang", "en")[1].splitlines()
    assert lines[0].startswith("question: ") and lines[4] == ""
    assert lines[3].startswith("  note: Art. 14 alone misses art. 20(2).")
    assert lines[1] == "  the bearer: designated medical and pharmaceutical institution (default)"
    assert not run("ask", "prohibitions-of", "--format", "csv")[1].startswith("question")


RESTING = [
    (["norms-in-provision"], "《办法》第二十三条（"),
    (["norms-in-provision", "--provision", "cq345/a16"], "《办法》第十六条（"),
    (["references-from", "--provision", "CQ345.33.2"], "《办法》第三十三条第二款（"),
    (["routes-of-provision", "--provision", "cq345/a13/p1"], "《办法》第十三条第一款（"),
    (["gateway-of-provision", "--provision", "cq345/a13"], "《办法》第十三条（"),
    (["sanctions-of-article", "--article", "reg735/a39"], "《条例》第三十九条（"),
    (["items-of-instrument", "--instrument", "reg735/a41"], "《条例》第四十一条（"),
    (["instrument-identity", "--instrument", "reg735"], "《医疗保障基金使用监督管理条例》（"),
    (["items-without-duty", "--instrument", "reg735"], "《办法》第三十五条第一款；《办法》第三十八条第一款（"),
]


@pytest.mark.parametrize("arguments, clauses", RESTING)
def test_an_answer_rests_on_the_provision_that_was_asked_for(run, arguments, clauses):
    """The clauses of the header are those of its example; those that lie elsewhere hold for every value."""
    lines = run("ask", *arguments)[1].splitlines()
    assert [line for line in lines if line.startswith(f"  依据：{clauses}")]


@pytest.mark.parametrize("given", [["--called-up", "no"], ["--called-up", "否"], []])
def test_truths_are_told_in_the_language_of_the_reader(run, given):
    assert "  是否提级：否" in run("ask", "who-decides-and-who-hears", *given)[1]
    assert "municipal department: no" in run("ask", "who-decides-and-who-hears", *given, "--lang", "en")[1]
    assert "--called-up：是否提级（默认：否）" in run("ask")[1]


@pytest.mark.parametrize("arguments", [["--bearer", ""], ["--bearer", "  "]])
def test_an_empty_value_is_not_every_value(run, arguments):
    status, out, err = run("ask", "prohibitions-of", *arguments)
    assert (status, out) == (2, "")
    assert err == "--bearer 没有值；请写明，或者省略这一选项以用默认值。\n"


SAID = [
    ("药店", "designated-institution"),
    ("pharmacy", "designated-institution"),
    ("经办机构", "medical-security-agency"),
    ("医保局", "medical-security-department"),
]


@pytest.mark.parametrize("word, names", SAID)
def test_what_people_say_is_understood(run, word, names):
    said = run("ask", "norms-of-bearer", "--bearer", word, "--format", "json")
    assert said == run("ask", "norms-of-bearer", "--bearer", names, "--format", "json")
    assert said[0] == 0


@pytest.mark.parametrize("language, word", [("zh", "  注意："), ("en", "  note: ")])
def test_a_note_stands_over_the_table_only_where_there_is_one(run, language, word):
    noted = run("ask", "open-lists", "--lang", language)[1].partition("\n\n")[0]
    plain = run("ask", "implied-norms", "--lang", language)[1].partition("\n\n")[0]
    assert word + questions()["open-lists"].notes[language] in noted.splitlines()
    assert word not in plain
    assert word not in run("ask", "open-lists", "--lang", language, "--format", "csv")[1]


def test_options_may_come_before_the_name(run, tmp_path):
    target = tmp_path / "definitions"
    arguments = ["-o", str(target), "prohibitions-of", "--bearer", "insured-person"]
    assert run("ask", *arguments) == (0, "", "")
    assert "cq345/a20/p1/n1" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize("data, start", [("查询".encode("gbk"), 0), (b"SELECT \xff", 7)])
def test_a_query_file_that_is_not_utf8(run, tmp_path, data, start):
    file = tmp_path / "own.rq"
    file.write_bytes(data)
    status, out, err = run("sparql", str(file), "--lang", "en")
    assert (status, out) == (2, "")
    assert f"is not UTF-8 from byte {start} on" in err


def test_a_query_file_with_a_byte_order_mark(run, tmp_path):
    file = tmp_path / "own.rq"
    file.write_bytes(b"\xef\xbb\xbfASK { ?n a y:Norm }")
    assert run("sparql", str(file), "--format", "json") == (0, "true\n", "")


def test_the_query_is_not_overwritten(run, tmp_path):
    file = tmp_path / "own.rq"
    file.write_text("ASK { ?n a y:Norm }", encoding="utf-8")
    assert run("sparql", str(file), "-o", str(file))[0] == 2
    assert file.read_text(encoding="utf-8") == "ASK { ?n a y:Norm }"


@pytest.mark.parametrize("query, told", [
    ('SELECT ("abc"^^xsd:integer AS ?x) {}', [{"x": "abc"}]), ('SELECT ("yes"^^xsd:boolean AS ?x) {}', [{"x": "yes"}]),
    ('SELECT ("12345678901234567890"^^xsd:integer AS ?x) {}', [{"x": "12345678901234567890"}]),
    ('SELECT ("7"^^xsd:integer AS ?x) {}', [{"x": 7}]),
])  # fmt: skip
def test_odd_literals_as_json(run, query, told):
    status, out, _ = run("sparql", query, "--format", "json")
    assert (status, json.loads(out)) == (0, told)


def test_a_query_without_columns(run):
    assert run("sparql", "SELECT * {}")[0] == 0


def test_deep_brackets_are_refused(run):
    status, _, err = run("sparql", "SELECT * " + "{" * 20000 + "}" * 20000, "--lang", "en")
    assert (status, err) == (2, "the brackets of the query are nested more than 200 deep; take it apart.\n")


def test_a_long_or_hidden_name_is_shown_short_and_plain(run):
    _, _, err = run("ask", "prohibitions-of", "--bearer", "\x1b[31m" + "x" * 9000)
    assert "\x1b" not in err and len(err) < 400


@pytest.mark.parametrize("limit", ["0", "-3"])
def test_a_limit_below_one_is_refused(run, limit):
    assert run("search", "及时", f"--limit={limit}") == (2, "", "--limit 至少为 1。\n")

"""The forms as data: what is read of them, what is called what, and the constraints on cells on both engines.

``report-cells.json`` has, for each constraint, a row that breaks it and nothing else, with the cell to which the
result leads, and a row next to it that breaks nothing. A value is text unless ``^`` gives it another datatype; null
takes a cell away, and an empty one is that of a cell that must not be empty. A name may end in a space, since a
constraint may be broken in two ways.
"""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from yibaolex.catalogue import LANGUAGES, say
from yibaolex.engines import OxigraphEngine, RdflibEngine
from yibaolex.explanation import Setting
from yibaolex.faults import Severity
from yibaolex.knowledge import default_knowledge, loaded_paths
from yibaolex.selfreport.assessing import assess_rows
from yibaolex.selfreport.forms import CellKind, Track, called, form_paths, forms
from yibaolex.selfreport.reading import read
from yibaolex.shapes import shapes, validate
from yibaolex.terms import TYPE, XSD, core

CELLS = json.loads((Path(__file__).parent / "report-cells.json").read_text(encoding="utf-8"))
SOUND = {"institution_code": "H1", "institution_name": "甲", "institution_type": "hospital", "label": "split_stay"}
SHAPES = shapes("self-report.ttl")
FORM = "https://w3id.org/yibaolex/form#"
ENGINES = {"oxigraph": OxigraphEngine, "reference": RdflibEngine}


def triples(cells: dict[str, str | None], name: str = "") -> list[Quad]:
    """The row ``name``: the cells of a sound row, which all rows share, with ``cells`` of its own over them."""
    row = NamedNode(f"urn:{name}/row")
    found = [Quad(row, TYPE, core("ReportRow"))]
    for column, written in {**SOUND, **cells}.items():
        if written is not None:
            text, _, datatype = written.partition("^")
            cell = NamedNode(f"urn:{name if column in cells else 'shared'}/{column}")
            value = Literal(text, datatype=NamedNode(XSD + (datatype or "string")))
            found += [
                Quad(row, core("hasCell"), cell),
                Quad(cell, TYPE, core("ReportCell")),
                Quad(cell, core("cellColumn"), NamedNode(FORM + column)),
            ]
            found += [Quad(cell, core("cellValue"), value)] if written else []
    return found


@pytest.fixture(scope="module", params=ENGINES.values(), ids=ENGINES)
def broken(request) -> dict[str, list[tuple[str, str]]]:
    """Shape and cell of each result, by row: all rows in one graph, since the reference engine is slow."""
    engine = request.param(forms().background)
    for number, case in enumerate(CELLS.values()):
        for which in ("breaks", "keeps"):
            engine.add(triples(case[which], f"{number}-{which}"))
    found: dict[str, list[tuple[str, str]]] = {}
    for result in validate(engine, SHAPES):
        row, _, cell = result.focus.value.removeprefix("urn:").partition("/")
        found.setdefault(row, []).append((result.shape.value.rpartition("#")[2], cell))
    return found


# --- constraints -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number, name", list(enumerate(CELLS)))
def test_constraint_is_broken(number, name, broken):
    assert broken[f"{number}-breaks"] == [(name.strip(), CELLS[name]["focus"])]


@pytest.mark.parametrize("number, name", list(enumerate(CELLS)))
def test_constraint_is_kept(number, name, broken):
    assert not {f"{number}-keeps", "shared"} & broken.keys()


def test_every_constraint_is_tested_and_speaks_both_languages():
    assert {node.value.rpartition("#")[2] for node in SHAPES.constraints} == {name.strip() for name in CELLS}
    for constraint in SHAPES.constraints.values():
        assert {language for language, text in constraint.messages if text} == set(LANGUAGES)


def test_cell_of_another_row_does_not_count():
    """A bill without a fund loss stays one although another row has the loss."""
    engine = OxigraphEngine(forms().background)
    engine.add(triples(CELLS["ReportBillWithoutFund"]["breaks"]))
    engine.add(triples({"fund_amount": "1^decimal"}, "other"))
    assert "ReportBillWithoutFund" in {r.shape.value.rpartition("#")[2] for r in validate(engine, SHAPES)}


# --- what is told of a row -------------------------------------------------------------------------------------------


def told(tmp_path, **cells):
    """The faults of a row and of its institution, by the header of the cell at which they stand."""
    path = tmp_path / "a.csv"
    path.write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n", encoding="utf-8")
    report = read(path, forms())
    (result,) = assess_rows(report, Setting("oxigraph", {}), forms())
    names = {str(cell.place): name for name, cell in {**result.row.institution, **result.row.cells}.items()}
    return {names[fault.place]: fault for fault in (*result.faults, *report.faults) if fault.place in names}


def test_statement_that_the_form_asks_for_is_no_error_of_the_reporter(tmp_path):
    """It is recorded and left to the authority; what was written is shown as it was written."""
    stated = {**SOUND, "institution_type": "医院", "label": "分解住院", "act_date": "2025-03-01"}
    fault = told(tmp_path, **stated, intent_to_defraud="否")["intent_to_defraud"]
    assert fault.severity is Severity.NOTED and fault.values["shown"] == "否"
    assert fault.messages == {language: say(language, "fault", "claim-recorded") for language in LANGUAGES}


def test_clause_of_a_fact_is_told_with_a_fault_of_its_cell(tmp_path):
    found = told(tmp_path, **SOUND, first_offence="也许", district="天边", remarks="-", employee_amount="若干")
    knowledge = default_knowledge()
    assert [knowledge.notation(node) for node in found["first_offence"].sources] == ["CJ9.may"]
    assert found["district"].sources and found["employee_amount"].sources == ()


def test_sum_is_checked_beside_another_fault_of_the_loss(tmp_path):
    amounts = {"billed_amount": "100", "fund_amount": "300", "employee_amount": "100", "resident_amount": "100"}
    assert {"fund_amount", "employee_amount"} <= told(tmp_path, **SOUND, **amounts).keys()


def test_confession_after_an_inspection_names_its_clause(tmp_path):
    found = told(tmp_path, **SOUND, found_by="行政机关检查", voluntarily_confessed="是")["voluntarily_confessed"]
    assert [node.value.rpartition("yibaolex/")[2] for node in found.sources] == ["cqcj/a10/i4"]
    assert (found.severity, found.values["shown"]) == (Severity.NOTED, "是")


def test_what_concerns_the_institution_is_told_once_and_keeps_no_row_from_being_assessed(tmp_path):
    content = {
        "institution": {"institution_code": "H1", "institution_name": "甲", "institution_type": "医院",
                        "period_from": "2024-12-31", "period_to": "2024-01-01", "reported_on": "2099-01-01"},
        "problems": [{"number": n, "label": "重复收费", "fund_amount": 5} for n in ("1", "2", "3")],
    }  # fmt: skip
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    report = read(path, forms())
    rows = list(assess_rows(report, Setting("oxigraph", {}), forms(), chunk=2))
    assert [row.status.value for row in rows] == ["assessed"] * 3
    assert not [fault for row in rows for fault in row.faults if "institution" in fault.place]
    places = [fault.place for fault in report.faults if fault.code == "shape"]
    assert places == ["a.json!$.institution.period_to", "a.json!$.institution.reported_on"]


def test_notes_stand_in_one_order_wherever_a_chunk_ends(tmp_path):
    """What reading meets on the way, then what is noted of the institution; each once, though every row states it."""
    path = tmp_path / "a.csv"
    row = "{},H1,甲,医院,天边,重复收费,5"
    lines = ["序号,机构编码,机构名称,机构类型,所在区县,违规行为,其中造成医保基金损失（元）", *map(row.format, (1, 2))]
    path.write_text("\n".join([*lines, "合计,H1,甲,医院,天边,合计,10", row.format(3)]) + "\n", encoding="utf-8")
    found = []
    for chunk in (1, 2, 35):
        report = read(path, forms())
        results = list(assess_rows(report, Setting("oxigraph", {}), forms(), chunk=chunk))
        assert not [fault for result in results for fault in result.faults if fault.place == "a.csv!E2"]
        found.append([(fault.place, fault.code) for fault in report.faults])
    assert found[0] == found[1] == found[2]
    assert [code for _, code in found[0]][-2:] == ["report-row-closing", "shape"]
    assert [place for place, code in found[0] if code == "shape"] == ["a.csv!E2"]


@pytest.mark.parametrize("row, place", [
    ("1,,5", "a.csv!B2"), ("1,  ,5", "a.csv!B2"), ("1,重复收费,5", None),
])  # fmt: skip
def test_word_that_is_missing_is_told_at_its_empty_cell(tmp_path, row, place):
    path = tmp_path / "a.csv"
    path.write_text(f"序号,违规行为,其中造成医保基金损失（元）\n{row}\n", encoding="utf-8")
    (result,) = assess_rows(read(path, forms()), Setting("oxigraph", {}), forms())
    assert [f.place for f in result.faults if f.severity is Severity.REFUSED] == [place] * (place is not None)


def test_word_that_is_no_text_is_told_once(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"problems": [{"number": "1", "label": ["a"], "fund_amount": 5}]}', encoding="utf-8")
    (result,) = assess_rows(read(path, forms()), Setting("oxigraph", {}), forms())
    assert [fault.code for fault in result.faults if fault.severity is Severity.REFUSED] == ["report-not-scalar"]


def test_clauses_about_others_than_institutions_are_not_told():
    knowledge, known = default_knowledge(), forms()
    columns = {c.notation: c for sheet in known.form("self-report").sheets for c in sheet.columns}
    assert [knowledge.notation(node) for node in columns["intent_to_defraud"].sources] == ["TL40.p2.cond"]
    about = {
        name: knowledge.source_nodes(knowledge.facts_by_need[name]) for name in ("intent_to_defraud", "harm_level")
    }
    assert [len(nodes) - len(known.concerning(nodes)) for nodes in about.values()] == [1, 0]


# --- what the forms are ----------------------------------------------------------------------------------------------


def test_the_form_has_its_sheets_and_columns():
    sheets = {
        sheet.notation: [column.notation for column in sheet.columns] for sheet in forms().form("self-report").sheets
    }
    assert list(sheets) == ["institution", "problems", "duties", "instructions", "lists"]
    assert sheets["institution"][:5] == [
        "institution_code", "institution_name", "institution_type", "district", "agreement_with",
    ]  # fmt: skip
    assert sheets["problems"][:5] == ["number", "label", "description", "act_date", "act_end_date"]
    assert len(sheets["problems"]) == 28
    assert sheets["instructions"] == sheets["lists"] == []


def test_the_practice_form_is_mapped_onto_the_columns_of_the_other():
    """Its headings, as printed, are names of the columns; its amount is a bill and never the fund loss."""
    _, table = forms().form("practice").sheets
    names = ["number", "label", "concept", "description", "cases", "billed_amount", "remarks"]
    assert [column.notation for column in table.columns] == names
    printed = ["序号", "违规行为", "基本概念", "违规内容", "违规例(次)数", "违规金额", "备注"]
    assert [text for text, column in zip(printed, table.columns, strict=True) if text not in called(column)] == []
    assert table.columns[5].fact is None
    assert table.printed == {"number", "label", "concept"}


def test_columns_state_the_facts_of_the_vocabulary_in_their_datatype():
    ranges = {
        CellKind.DATE: "date", CellKind.YUAN: "decimal", CellKind.ANSWER: "boolean", CellKind.CHOICE: "string",
    }  # fmt: skip
    knowledge = default_knowledge()
    facts = {fact.name: fact for fact in knowledge.facts.values()}
    stated = [c for f in forms().forms.values() for s in f.sheets for c in s.columns if c.fact is not None]
    assert len(stated) == 20
    for column in stated:
        assert facts[column.fact].datatype.value == XSD + ranges[column.kind], column.notation
    # asked for the record: what the reporter says of it is not taken, and the report says so
    assert {c.fact for c in stated if facts[c.fact].node in knowledge.authority_only} == {"intent_to_defraud"}


def test_choices_of_a_fact_are_its_values():
    columns = {c.notation: c for c in forms().form("self-report").sheets[0].columns}
    assert {"nanchuan", "yunyang"} < {choice.notation for choice in columns["district"].choices}
    assert [choice.notation for choice in columns["institution_type"].choices] == [
        "hospital", "clinic", "village_clinic", "pharmacy", "other",
    ]  # fmt: skip


def test_whoever_fills_in_the_form_is_a_designated_institution():
    form = forms().form("self-report")
    assert form.given == {"party_type": "designated_institution"}
    notations = {default_knowledge().notation(node) for node in form.circumstances}
    assert notations == {"CJ10.i2", "CJ10.i4", "CJ10.i7", "CJ10.i8"}


def test_words_in_use_mean_one_thing():
    """No spelling is that of two columns of a sheet, of two words for problems, or of two answers."""
    sets = [sheet.columns for form in forms().forms.values() for sheet in form.sheets]
    sets += [tuple(forms().labels.values()), tuple(forms().replies.values()), tuple(forms().types.values())]
    for things in sets:
        words = [word for thing in things for word in called(thing)]
        assert sorted(words) == sorted(set(words))


def test_answers_that_may_mean_either_are_none():
    """没有 to the question whether it was the first violation may be yes or no."""
    assert {forms().answers[word] for word in ("是", "√", "yes")} == {"true"}
    assert {forms().answers[word] for word in ("否", "×", "no")} == {"false"}
    assert forms().answers["不清楚"] == "unknown"
    assert not {"有", "无", "没有", "已", "未", "1", "0", ""} & forms().answers.keys()


def test_units():
    assert {word: forms().units[word] for word in ("元", "万元", "千元")} == {
        "元": Decimal(1), "万元": Decimal(10000), "千元": Decimal(1000),
    }  # fmt: skip


@pytest.mark.parametrize("written, notation", [
    ("重复收费", "duplicate_charge"), (" 重复 收费", None), ("Duplicate  Charge", "duplicate_charge"),
    ("超标准收费", "excess_charge"), ("高套病种/规避入组", "upcoding"), ("高套病种／规避入组", "upcoding"),
    ("敛卡", "held_cards"), ("duplicate_charge", "duplicate_charge"), ("违规", None), ("", None),
])  # fmt: skip
def test_label_called(written, notation):
    found = forms().label_called(written)
    assert (found and found.notation) == notation


def test_near_is_told_in_the_language_asked_for():
    assert forms().near("重复的收费") == "重复收费"
    assert forms().near("duplicated charge", "en") == "duplicate charge"
    assert forms().near("zzzz") == ""


def test_examples_can_be_read():
    """An example of a choice, an answer or a word for a problem is one of them."""
    for sheet in forms().form("self-report").sheets:
        for column in sheet.columns:
            known = {
                CellKind.CHOICE: {choice.notation for choice in column.choices},
                CellKind.ANSWER: set(forms().replies),
                CellKind.LABEL: set(forms().labels),
            }.get(column.kind)
            assert known is None or set(column.examples.values()) <= known, column.notation


def test_tracks_fit_the_charges():
    for label in forms().labels.values():
        if label.track is Track.CHARGE:
            assert len(label.conduct) == 1, label.notation
        assert bool(label.conduct) == (label.track in (Track.CHARGE, Track.QUESTION)), label.notation
        assert (set(label.question) == set(LANGUAGES)) == (label.track is Track.QUESTION), label.notation


# --- what an assessment loads ----------------------------------------------------------------------------------------


def test_assessment_loads_no_form():
    assert form_paths() and not set(form_paths()) & set(loaded_paths())


def test_assessment_imports_nothing_of_self_reports():
    code = (
        "import sys, yibaolex.cli, yibaolex.api, yibaolex.explanation, yibaolex.render;"
        "print([m for m in sys.modules if m.split('.')[0] in ('openpyxl','docx','tqdm') or 'selfreport' in m])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"

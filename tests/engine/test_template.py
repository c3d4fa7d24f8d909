"""The empty forms: what is in them, that they can be read back, and that a filled-in one says what was typed."""

import csv
import errno
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from yibaolex import cli
from yibaolex.selfreport.draft import Draft
from yibaolex.selfreport.forms import forms
from yibaolex.selfreport.reading import read
from yibaolex.selfreport.template import write_template
from yibaolex.terms import core

TYPES = [None, "hospital", "pharmacy"]
SUFFIXES = [".xlsx", ".csv", ".json"]


@pytest.fixture(scope="module", params=["zh", "en"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def pharmacy(tmp_path_factory, language):
    path = tmp_path_factory.mktemp("template") / "form.xlsx"
    write_template(path, "pharmacy", language)
    return openpyxl.load_workbook(path)


def sheet(book, notation, language):
    names = {sheet.notation: sheet.labels[language] for sheet in forms().form("self-report").sheets}
    return book[names[notation]]


def options(book, notation, language):
    """For each header the values that its drop-down offers."""
    page = sheet(book, notation, language)
    lists = sheet(book, "lists", language)
    heads = {cell.column_letter: cell.value for cell in page[1]}
    found = {}
    for check in page.data_validations.dataValidation:
        if check.type == "list":
            values = [cell.value for (cell,) in lists[check.formula1.rpartition("!")[2].replace("$", "")]]
            found.update({heads.get(area.coord[0], heads.get(area.coord[:2])): values for area in check.sqref.ranges})
    return found


# --- reading back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
@pytest.mark.parametrize("kind", TYPES)
def test_empty_form_is_read_and_holds_no_problem(tmp_path, kind, suffix, language):
    """The sample row is skipped, nothing printed is taken for an answer, and no header is strange to the reader."""
    path = tmp_path / f"form{suffix}"
    write_template(path, kind, language)
    report = read(path, forms())
    assert list(report.rows) == []
    assert report.form == "self-report"
    assert {name: cell.value for name, cell in report.institution.items()} == (
        {"institution_type": kind} if kind and suffix == ".xlsx" else {}
    )
    assert not report.duties
    codes = {fault.code for fault in report.faults}
    told = {"report-no-rows", "report-institution-incomplete", "report-no-day", "report-no-duties"}
    assert "report-no-rows" in codes and codes <= told
    assert ("report-no-duties" in codes) == (path.suffix == ".csv")


@pytest.mark.parametrize("kind", TYPES[1:])
def test_sample_row_of_a_table_is_of_the_institution(tmp_path, kind, language):
    """Its type is that asked for, and nothing else in it is of another type."""
    write_template(tmp_path / "form.csv", kind, language)
    with (tmp_path / "form.csv").open(encoding="utf-8-sig", newline="") as file:
        (sample,) = csv.DictReader(file)
    columns = {column.labels[language]: column for column in forms().issued.sheets[0].columns}
    types = {kind: choice.labels[language] for kind, choice in forms().types.items()}
    assert [sample[name] for name, c in columns.items() if c.notation == "institution_type"] == [types[kind]]
    others = {label for other, label in types.items() if other != kind}
    assert not [text for text in sample.values() for other in others if other.casefold() in text.casefold()]


@pytest.mark.parametrize("kind", TYPES)
def test_json_form_has_every_key_and_a_sample_problem(tmp_path, kind, language):
    path = tmp_path / "form.json"
    write_template(path, kind, language)
    content = json.loads(path.read_text(encoding="utf-8"))
    draft = Draft(forms(), language, kind)
    keys = [[column.notation for column in sheet.columns] for sheet in draft.form.sheets[:2]]
    assert [list(content["institution"]), list(content["problems"][0])] == keys
    assert list(content["duties"]) == [duty.notation for duty in draft.duties]
    assert {*content["problems"][1].values(), *content["duties"].values()} == {""}
    samples = {column.notation: draft.example(column) for column in draft.form.sheets[1].columns}
    assert content["problems"][0] == samples and "" not in samples.values()
    report = read(path, forms())
    assert list(report.rows) == [] and {f.place for f in report.faults} == {path.name}, "but what the form lacks"
    content["problems"][0]["fund_amount"] = "2881"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert len(list(read(path, forms()).rows)) == 1, "what was changed is no sample any more"


def test_what_is_typed_into_the_workbook_comes_back(tmp_path, language):
    path = tmp_path / "form.xlsx"
    write_template(path, "hospital", language)
    book = openpyxl.load_workbook(path)
    page = sheet(book, "problems", language)
    columns = {column.notation: column for column in forms().form("self-report").sheets[1].columns}
    places = {cell.value: cell.column for cell in page[1]}
    typed = {"number": "7", "label": forms().labels["split_stay"].labels[language], "fund_amount": 12.5, "cases": 3}
    for name, value in typed.items():
        page.cell(3, places[columns[name].labels[language]], value)
    sheet(book, "duties", language)["C2"] = forms().replies["false"].labels[language]
    book.save(path)
    report = read(path, forms())
    (row,) = report.rows
    values = {name: cell.value for name, cell in row.cells.items()}
    assert {**values, "fund_amount": float(values["fund_amount"])} == {
        "number": "7", "label": "split_stay", "fund_amount": 12.5, "cases": "3",
    }  # fmt: skip
    assert {name: cell.value for name, cell in report.duties.items()} == {"D13.1": "false"}


# --- what can concern the institution --------------------------------------------------------------------------------


def test_pharmacy_is_offered_what_can_concern_it(pharmacy, language):
    heads = {column.notation: column.labels[language] for column in forms().form("self-report").sheets[1].columns}
    offered = options(pharmacy, "problems", language)[heads["label"]]
    known = forms().labels
    assert offered == [x.labels[language] for x in known.values() if not x.types or "pharmacy" in x.types]
    assert known["no_prescription"].labels[language] in offered
    assert known["sham_stay"].labels[language] not in offered
    printed = {cell.value for cell in sheet(pharmacy, "problems", language)[1]}
    assert printed == {head for name, head in heads.items() if name != "department"}


def test_each_word_for_a_problem_stands_beside_its_clauses(pharmacy, language):
    """On the sheet of options, which can be seen; a pharmacy is offered the sham purchase, and no stay in hospital."""
    page = sheet(pharmacy, "lists", language)
    assert page.sheet_state == "visible"
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    knowledge = forms().knowledge
    for name in ("sham_purchase", "duplicate_charge"):
        label = forms().labels[name]
        (row,) = [row for row in rows if label.labels[language] in row]
        clauses = row[row.index(label.labels[language]) + 1]
        assert all(knowledge.label(source, language) in clauses for source in label.sources)
    assert not any("住院" in value for row in rows for value in row[:1] if value)


def test_pharmacy_is_asked_no_duty_of_internet_care(pharmacy, language):
    duties = [cell.value for cell in sheet(pharmacy, "duties", language)["A"]][1:]
    assert duties == [name for name in forms().duties if name != "D18.1"]


def test_answers_and_institution_type_are_drop_downs(pharmacy, language):
    offered = options(pharmacy, "problems", language)
    replies = [reply.labels[language] for reply in forms().replies.values()]
    assert list(offered.values()).count(replies) == 9  # as many columns ask whether something is so


# --- safety and look -------------------------------------------------------------------------------------------------


def test_headers_are_locked_and_inputs_are_not(pharmacy, language):
    for notation in ("institution", "problems", "duties"):
        page = sheet(pharmacy, notation, language)
        assert page.protection.sheet
        assert page["A1"].protection.locked
    assert not sheet(pharmacy, "institution", language)["B1"].protection.locked
    assert not sheet(pharmacy, "problems", language).column_dimensions["C"].protection.locked
    assert not sheet(pharmacy, "duties", language)["C2"].protection.locked
    assert sheet(pharmacy, "duties", language)["B2"].protection.locked


def test_headers_quote_the_clause_of_the_ontology(pharmacy, language):
    column = next(c for c in forms().form("self-report").sheets[1].columns if c.notation == "fund_amount")
    head = next(c for c in sheet(pharmacy, "problems", language)[1] if c.value == column.labels[language])
    graph = forms().knowledge.graph
    quotes = [graph.one(source, core("text")).value for source in column.sources]
    assert quotes and all(quote.strip() in head.comment.text for quote in quotes)
    assert column.help[language] in head.comment.text


def test_every_header_names_its_clauses_or_says_what_it_is_for(pharmacy, language):
    knowledge = forms().knowledge
    for shown, column in headers_of(pharmacy, language):
        told = [knowledge.label(source, language) for source in column.sources] or [column.purpose[language]]
        assert told[0] and all(text in shown.comment.text for text in told), column.notation
        assert not (column.sources and column.purpose), f"{column.notation} rests on a clause"


def headers_of(book, language):
    """Each header of the form with its column."""
    for found in forms().issued.sheets:
        page, columns = sheet(book, found.notation, language), {c.labels[language]: c for c in found.columns}
        cells = page["A"] if found.vertical else page[1]
        yield from ((cell, columns[cell.value]) for cell in cells if found.columns)


def test_checks_cover_what_a_large_hospital_fills_in(tmp_path, pharmacy, language):
    """Every column down to row 20 000, all of it open to be filled in, sorted and filtered, below a locked header."""
    page = sheet(pharmacy, "problems", language)
    checked = {str(check.sqref) for check in page.data_validations.dataValidation}
    assert checked == {f"{cell.column_letter}2:{cell.column_letter}20000" for cell in page[1]}
    assert page.auto_filter.ref == f"A1:{page[1][-1].column_letter}20000"
    assert not page.protection.sort and not page.protection.autoFilter
    assert all(cell.protection.locked for cell in page[1]) and not any(cell.protection.locked for cell in page[2])
    assert not any(page.column_dimensions[cell.column_letter].protection.locked for cell in page[1])
    pharmacy.save(tmp_path / "form.xlsx")
    assert (tmp_path / "form.xlsx").stat().st_size < 40_000


def test_messages_of_checks_fit_excel(pharmacy):
    """Excel repairs a workbook whose titles are longer than 32 characters or whose texts are longer than 255."""
    for page in pharmacy.worksheets:
        for check in page.data_validations.dataValidation:
            assert len(check.promptTitle or "") <= 32 and len(check.errorTitle or "") <= 32
            assert len(check.prompt or "") <= 255 and len(check.error or "") <= 225


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_that_a_spreadsheet_would_run(tmp_path, suffix, language):
    path = tmp_path / f"form{suffix}"
    write_template(path, None, language)
    if suffix == ".xlsx":
        pages = openpyxl.load_workbook(path).worksheets
        values = [
            cell.value for page in pages for row in page.iter_rows() for cell in row if isinstance(cell.value, str)
        ]
    elif suffix == ".csv":
        values = [cell for row in csv.reader(path.open(encoding="utf-8-sig")) for cell in row]
    else:
        values = [*json.loads(path.read_text(encoding="utf-8"))]
    assert len(values) > 2 and not [value for value in values if value.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_is_overwritten(tmp_path, capsys, suffix):
    path = tmp_path / f"form{suffix}"
    path.write_bytes(b"filled in")
    assert cli.main(["template", str(path)]) == cli.WRONG_USE
    assert path.read_bytes() == b"filled in" and path.name in capsys.readouterr().err


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_is_an_error_and_nothing_more(tmp_path, suffix):
    """No library may try to end the file once more when the error has long been told."""
    path = tmp_path / f"form{suffix}"
    path.symlink_to("/dev/full")
    code = f"""if True:
        from pathlib import Path
        from yibaolex.selfreport.template import write_template
        try:
            write_template(Path({str(path)!r}), None, "zh")
        except OSError as error:
            print(error.errno)"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (found.stdout.strip(), found.stderr) == (str(errno.ENOSPC), "")


def test_unknown_type_is_refused(tmp_path):
    with pytest.raises(KeyError):
        write_template(tmp_path / "form.xlsx", "bank", "zh")
    assert not list(Path(tmp_path).iterdir())

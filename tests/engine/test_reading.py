"""Self-reports as they are read: ``selfreport/<case>/`` holds a file, what is read of it, and what is told.

``workbook.json`` describes a workbook that the test makes. ``read.txt`` has a line for each cell: ``=`` and its
meaning, or ``?`` where it was not understood. Files that no repository should hold are made here.
"""

import datetime
import json
import re
import tracemalloc
import warnings
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet
from pyoxigraph import NamedNode

from yibaolex.catalogue import LANGUAGES, catalogue
from yibaolex.explanation import Setting
from yibaolex.faults import Fault, Severity
from yibaolex.jsontext import UnreadableError
from yibaolex.messages import Teller
from yibaolex.selfreport.batch import Watch, run
from yibaolex.selfreport.forms import forms
from yibaolex.selfreport.headings import problem_sheet
from yibaolex.selfreport.marked import marked_copy
from yibaolex.selfreport.reading import read, read_all
from yibaolex.selfreport.rows import number_of
from yibaolex.selfreport.template import write_template
from yibaolex.selfreport.workbook import is_copied
from yibaolex.selfreport.writing import Job

FOLDERS = sorted(path for path in Path(__file__).with_name("selfreport").iterdir() if path.is_dir())
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = "xl/worksheets/sheet1.xml"
EXAMPLE = {"示例", "example"}
HEADER = ["序号", "违规行为", "违规费用（元）"]


# --- the cases --------------------------------------------------------------------------------------------------------


def input_of(folder, tmp_path):
    recipe = folder / "workbook.json"
    if not recipe.exists():
        return next(folder.glob("input.*"))
    book = Workbook()
    book.remove(book.active)
    for sheet in json.loads(recipe.read_text(encoding="utf-8"))["sheets"]:
        made = book.create_sheet(sheet["name"])
        made.sheet_state = sheet.get("state", "visible")
        for number, row in enumerate(sheet["rows"], 1):
            for column, value in enumerate(row, 1):
                fill(made.cell(number, column), value)
        for merge in sheet.get("merges", ()):
            made.merge_cells(merge)
    book.save(tmp_path / "input.xlsx")
    return tmp_path / "input.xlsx"


def fill(cell, value):
    if isinstance(value, dict):
        date = value.get("date")
        cell.value = datetime.date.fromisoformat(date) if date else value["formula"]
    else:
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"


def cells(mapping):
    for notation, cell in mapping.items():
        meaning = f"= {cell.value}" if cell.understood else "?"
        assert cell.understood == (cell.value is not None)
        yield f"  {str(cell.place).partition('!')[2]} {notation} 「{cell.text}」 {meaning}"


def lines(report, told):
    yield f"{report.form}:"
    yield from cells(report.institution)
    institution = report.institution
    for row in report.rows:
        yield f"row {str(row.place).partition('!')[2]}:"
        if row.institution is not institution and row.institution != institution:
            yield from cells(row.institution)
        yield from cells(row.cells)
        told += row.faults
    for name, mapping in (("duties", report.duties), ("duty remarks", report.duty_remarks)):
        if mapping:
            yield f"{name}:"
            yield from cells(mapping)
    told += report.faults


def seen(path):
    """What is read of the file, and the faults."""
    told = []
    try:
        return [line for report in read_all(path, forms()) for line in lines(report, told)], told
    except UnreadableError as error:
        return [], [error.fault]


def text(parts):
    return "".join(part + "\n" for part in parts)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_reads(folder, tmp_path):
    read_lines, told = seen(input_of(folder, tmp_path))
    assert text(read_lines) == (folder / "read.txt").read_text(encoding="utf-8")
    for language in LANGUAGES:
        teller = Teller(forms().knowledge, language)
        expected = (folder / f"told.{language}.txt").read_text(encoding="utf-8")
        assert text(teller.tell(fault) for fault in told) == expected


def test_every_sentence_is_met():
    """Each code stands in both languages, and is met by a case or named in this file."""
    codes = {code for code in catalogue("zh")["fault"] if code.startswith("report-")}
    assert codes == {code for code in catalogue("en")["fault"] if code.startswith("report-")}
    named = set(re.findall('"(report-[a-z-]+)"', Path(__file__).read_text(encoding="utf-8")))
    told = "".join((folder / "told.zh.txt").read_text(encoding="utf-8") for folder in FOLDERS)
    met = {code for code in codes if re.search(pattern_of(catalogue("zh")["fault"][code]), told)}
    assert codes == met | named | {"report-cannot-open"}, "that is met by a batch"


def pattern_of(sentence):
    parts = sentence.format_map(defaultdict(lambda: "\0")).split("\0")
    return ".*".join(map(re.escape, parts))


# --- files made here --------------------------------------------------------------------------------------------------


def refusal(path):
    """Why the file cannot be read, told without a traceback in both languages."""
    with pytest.raises(UnreadableError) as caught:
        list(read_all(path, forms()))
    fault = caught.value.fault
    assert fault.place.startswith(path.name) and fault.severity is Severity.REFUSED
    for language in LANGUAGES:
        assert Teller(forms().knowledge, language).tell(fault).count(path.name) == 1
    return fault.code


def written(path, data):
    path.write_bytes(data)
    return path


def workbook_of(path, rows, sheet="问题"):
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def repacked(path, **parts):
    """The workbook with parts replaced or added; ``None`` takes one away."""
    with zipfile.ZipFile(path) as package:
        held = {name: package.read(name) for name in package.namelist()} | parts
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in held.items():
            if data is not None:
                package.writestr(name, data)
    return path


def sheet_of(path):
    with zipfile.ZipFile(path) as package:
        return package.read(SHEET)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xlsx", b"", "report-empty"),
        ("a.csv", b"", "report-empty"),
        ("a.csv", b"\xef\xbb\xbf \r\n\t\n", "report-empty"),
        ("a.csv", b"\xef\xbb\xbf", "report-empty"),
        ("a.json", b"\xef\xbb\xbf", "report-empty"),
        ("a.xlsx", b"\xef\xbb\xbf", "report-empty"),
        ("a.csv", b"\xff\xfe", "report-empty"),
        ("a.csv", b"\xfe\xff\x00 \x00\r\x00\n", "report-empty"),
        ("a.xlsx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600), "report-password"),
        ("a.xls", OLE + bytes(600) + "Workbook".encode("utf-16-le") + bytes(600), "report-old-workbook"),
        ("a.xlsx", OLE + bytes(600) + "WordDocument".encode("utf-16-le"), "report-not-workbook"),
        ("a.XLS", OLE + bytes(600), "report-old-workbook"),
        ("a.xls", "<html><table><tr><td>序号</td></tr></table>".encode(), "report-web-page"),
        ("a.xlsx", b"PK\x03\x04" + bytes(100), "report-damaged"),
        ("a.csv", b"%PDF-1.7\n", "report-not-table"),
        ("a.csv", bytes(100), "report-not-table"),
        ("a.csv", b"\x81\xff\xff,1\n", "report-encoding"),
        ("a.csv", b"x" * (2**20 + 1), "report-line-too-long"),
        ("a.csv", "序号,备注\n1,无\n".encode(), "report-no-table"),
        ("a.xlsx", "序号,备注\n1,无\n".encode(), "report-no-workbook"),
        ("a.csv", '序号,"违规行为\n1,重复收费\n'.encode(), "report-no-table-line"),
        ("a.csv", b"\x00" * 2**21, "report-not-table"),
        ("a.json", '{"problems": [],\n"x": "收\0费"}'.encode(), "report-not-table"),
        ("a.json", b'{"problems": [],\n"x": "\xff"' + b",\n" * 9 + b"}", "report-encoding"),
        ("a.json", '{"x": "'.encode("utf-16") + b"\x00\xd8" + '"}'.encode("utf-16-le"), "not-json-quote"),
        ("a.json", b"[]", "report-no-object"),
        ("a.json", b'["x"]', "report-no-object"),
        ("a.json", b'{"x": 1}', "report-no-keys"),
        ("a.json", b'{"problems": [', "not-json-end"),
        ("a.json", b"[" * 100_000, "too-deep"),
    ],
)
def test_files_that_are_no_report(name, data, code, tmp_path):
    assert refusal(written(tmp_path / name, data)) == code


EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    "name", ["self-report-pharmacy.xlsx", "self-report-pharmacy.json", "self-report-pharmacy.receipt.json"]
)
def test_a_result_is_no_report(name):
    assert refusal(EXAMPLES / "self-report-pharmacy" / name) == "report-own-result"


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.xlsx"])
def test_a_workbook_is_read_whatever_its_name(name, tmp_path):
    form = (EXAMPLES / "self-report-pharmacy.xlsx").read_bytes()
    assert seen(written(tmp_path / name, form))[0] == seen(written(tmp_path / "form.xlsx", form))[0]


@pytest.mark.parametrize("data", [b"{}", b'{"x": 1}', b'[{"x": 1}]'])
def test_an_object_without_a_known_key_is_told_those_of_the_template(data, tmp_path):
    write_template(tmp_path / "template.json", None, "zh")
    keys = json.loads((tmp_path / "template.json").read_text(encoding="utf-8"))
    (fault,) = seen(written(tmp_path / "a.json", data))[1]
    assert (fault.code, fault.values["known"]) == ("report-no-keys", ", ".join(keys))


def test_renamed_archive_and_binary_workbook(tmp_path):
    for part, code in (("report.txt", "report-not-workbook"), ("xl/workbook.bin", "report-binary-workbook")):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
            package.writestr(part, "x")
        assert refusal(tmp_path / "a.xlsx") == code


def test_empty_sheets(tmp_path):
    assert refusal(workbook_of(tmp_path / "a.xlsx", [])) == "report-empty"


def test_damaged_sheet(tmp_path):
    path = workbook_of(tmp_path / "a.xlsx", [HEADER, [1, "重复收费", 5]])
    for data in (b"<worksheet><sheetData><row", b"not xml", None):
        assert refusal(repacked(path, **{SHEET: data})) == "report-damaged"


def test_library_warnings_are_no_matter_of_readers(tmp_path):
    """A date beyond all calendars makes the library warn; here it is a cell that is not understood."""
    path = workbook_of(tmp_path / "a.xlsx", [["违规行为", "起始日期"], ["重复收费", datetime.date(2024, 3, 5)]])
    repacked(path, **{SHEET: re.sub(b"<v>45356</v>", b"<v>99999999</v>", sheet_of(path))})
    with warnings.catch_warnings(record=True) as caught:
        (row,) = read(path, forms()).rows
    assert not caught
    assert [cell.understood for cell in row.cells.values()] == [True, False]


def test_sheet_that_stops(tmp_path):
    """What stands before a damaged cell is read, and told is from where on nothing is."""
    path = workbook_of(tmp_path / "a.xlsx", [HEADER, [1, "重复收费", 5], [2, "重复收费", 6]])
    report = read(repacked(path, **{SHEET: sheet_of(path).replace(b"<v>6</v>", b"<v>six</v>")}), forms())
    assert [str(row.place) for row in report.rows] == ["a.xlsx!问题!A2"]
    (fault,) = [fault for fault in report.faults if fault.code == "report-stopped"]
    assert fault.place == "a.xlsx!问题!A3" and fault.severity is Severity.REFUSED


def test_impossible_sheets(tmp_path):
    """A row number beyond all sheets, a row with too many cells, and entities are not even tried."""
    path = workbook_of(tmp_path / "a.xlsx", [HEADER, [1, "重复收费", 5]])
    sheet = sheet_of(path)
    wide = b'<row r="3">' + b"<c><v>1</v></c>" * 20_000 + b"</row></sheetData>"
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    for data in (
        sheet.replace(b'<row r="2"', b'<row r="1000000000"'),
        sheet.replace(b"</sheetData>", wide),
        bomb + sheet,
    ):
        assert data != sheet
        assert refusal(repacked(path, **{SHEET: data})) == "report-damaged"


@pytest.mark.parametrize(("part", "size"), [(SHEET, 201 * 2**20), ("xl/sharedStrings.xml", 6 * 2**20)])
def test_bombs_are_not_opened(part, size, tmp_path):
    path = repacked(workbook_of(tmp_path / "a.xlsx", [HEADER]), **{part: bytes(size)})
    assert path.stat().st_size < 2**20
    assert refusal(path) == "report-too-large"


def with_blank_rows(path, number, end=b""):
    """The workbook with blank rows below its content, and ``end`` below those."""
    blank = b"".join(b'<row r="%d" ht="15"/>' % row for row in range(3, number))
    return repacked(path, **{SHEET: sheet_of(path).replace(b"</sheetData>", blank + end + b"</sheetData>")})


def test_million_blank_rows(tmp_path):
    path = with_blank_rows(workbook_of(tmp_path / "a.xlsx", [HEADER, [1, "重复收费", 5]]), 2**20)
    report = read(path, forms())
    assert len(list(report.rows)) == 1
    assert "report-no-copy" in [fault.code for fault in report.faults] and not is_copied(path)


def test_nothing_behind_blank_rows_is_lost(tmp_path):
    path = workbook_of(tmp_path / "a.xlsx", [HEADER, [1, "重复收费", 5]])
    last = '<row r="50000"><c r="B50000" t="inlineStr"><is><t>分解收费</t></is></c></row>'
    rows = read(with_blank_rows(path, 50_000, last.encode()), forms()).rows
    assert [str(row.place) for row in rows] == ["a.xlsx!问题!A2", "a.xlsx!问题!A50000"]


def test_macros_are_noted_and_not_run(tmp_path):
    path = workbook_of(tmp_path / "a.xlsm", [HEADER, [1, "重复收费", 5]])
    report = read(repacked(path, **{"xl/vbaProject.bin": b"macro"}), forms())
    assert len(list(report.rows)) == 1
    assert [fault.code for fault in report.faults if fault.code == "report-macros"]


def test_links_are_named_and_not_followed(tmp_path):
    path = workbook_of(tmp_path / "a.xlsx", [HEADER, [1, "重复收费", "=[1]Sheet1!A1"]])
    relation = (
        b'<Relationships><Relationship Id="r1" Target="file:///other.xlsx" TargetMode="External"/></Relationships>'
    )
    report = read(repacked(path, **{"xl/externalLinks/_rels/externalLink1.xml.rels": relation}), forms())
    (row,) = report.rows
    assert [fault.code for fault in row.faults] == ["report-formula"]
    (note,) = [fault for fault in report.faults if fault.code == "report-links"]
    assert "file:///other.xlsx" in note.messages["zh"]


def test_stored_results_of_formulas_are_not_believed(tmp_path):
    path = workbook_of(tmp_path / "a.xlsx", [HEADER, [1, "重复收费", "=1+1"]])
    sheet = (
        sheet_of(path).replace(b"<v></v>", b"<v>99</v>").replace(b"<v />", b"<v>99</v>").replace(b"<v/>", b"<v>99</v>")
    )
    assert b"99" in sheet
    (row,) = read(repacked(path, **{SHEET: sheet}), forms()).rows
    assert [cell.text for cell in row.cells.values() if not cell.understood] == ["=1+1"]
    assert [str(fault.place) for fault in row.faults] == ["a.xlsx!问题!C2"]


def test_number_of_a_row_is_the_same_in_any_width(tmp_path):
    path = written(tmp_path / "a.csv", "机构编码,序号,违规行为\nＨ１,１,重复收费\nH1,1,分解收费\n".encode())
    first, second = read(path, forms()).rows
    assert number_of(first) == number_of(second) == "H1-1"
    assert [fault.code for fault in second.faults] == ["number-taken"]


def test_serial_dates_of_old_macs(tmp_path):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["序号", "违规行为", "起始日期"])
    book.active.append([1, "重复收费", 43894])
    book.save(tmp_path / "a.xlsx")
    (row,) = read(tmp_path / "a.xlsx", forms()).rows
    assert [cell.value for cell in row.cells.values()][-1] == "2024-03-05"


def test_utf16_table(tmp_path):
    path = written(tmp_path / "a.txt", "序号\t违规行为\n1\t重复收费\n".encode("utf-16"))
    assert len(list(read(path, forms()).rows)) == 1


def test_one_report_is_asked_for_and_several_are_there(tmp_path):
    text_of = "机构编码,违规行为\nH1,重复收费\nH2,重复收费\n"
    report = read(written(tmp_path / "a.csv", text_of.encode()), forms())
    assert len(list(report.rows)) == 1
    assert report.faults[-1].code == "report-several"
    assert len(report.sha256) == 64


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "json"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_read_of_an_empty_template(suffix, language, tmp_path):
    """Neither its example nor its explanations; of the institution only what the template fills in."""
    path = tmp_path / f"template.{suffix}"
    write_template(path, "pharmacy", language)
    (report,) = read_all(path, forms())
    assert list(report.rows) == [] and report.duties == {}
    assert {cell.value for cell in report.institution.values()} <= {"pharmacy"}
    told = {fault.code for fault in report.faults} - {"report-no-rows"}
    of_csv = {"report-no-duties"} if suffix == "csv" else set()
    assert told == {"report-institution-incomplete", "report-no-day"} | of_csv


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_example_that_was_changed_is_read_and_told(suffix, language, tmp_path):
    """The row is still marked as the example, but what it says is no longer that of the template."""
    path = tmp_path / f"template.{suffix}"
    write_template(path, "hospital", language)
    if suffix == "xlsx":
        book = load_workbook(path)
        sheet = next(sheet for sheet in book if sheet["A2"].value in EXAMPLE)
        next(cell for cell in sheet[2] if cell.value == 1880).value = 1881
        book.save(path)
    else:
        text_of = path.read_text(encoding="utf-8-sig")
        assert "1880" in text_of
        path.write_text(text_of.replace("1880", "1881"), encoding="utf-8")
    report = read(path, forms())
    (row,) = report.rows
    assert "1881" in {cell.text.partition(".")[0] for cell in row.cells.values()}
    told = [fault for fault in report.faults if fault.code == "report-example-changed"]
    assert [(fault.place, fault.severity) for fault in told] == [(str(row.place), Severity.NOTED)]


def test_example_in_json(tmp_path):
    """Read only if it says something of its own."""
    samples = {column.notation: column.examples.get("zh", "") for column in problem_sheet(forms().issued).columns}
    changed = {"problems": [samples, {**samples, "fund_amount": "1881"}]}
    report = read(written(tmp_path / "a.json", json.dumps(changed, ensure_ascii=False).encode()), forms())
    assert [str(row.place) for row in report.rows] == ["a.json!$.problems[1]"]
    assert [fault.place for fault in report.faults if "$" in fault.place] == ["a.json!$.problems[1]"]


# --- lines that are faulty --------------------------------------------------------------------------------------------

WIDE = "序号,违规行为,问题描述,违规费用（元）,证据,备注\n"


def sound_and_faulty(path, data):
    """The numbers of the rows that are read, and the lines that are refused, each with what is shown of it."""
    report = read(written(path, data), forms())
    numbers = [row.cells["number"].text for row in report.rows]
    assert {fault.severity for fault in report.faults if "line" in fault.values} <= {Severity.REFUSED}
    return numbers, [(f.code, f.values["line"], f.values["shown"]) for f in report.faults if "line" in f.values]


def some(rows, faulty):
    """A row for each number from 1, those ``faulty`` as given; text goes over two lines where quotes are closed."""
    lines = [
        f'{n},重复收费,"第{n}项\n多收",5,,\n' if n % 4 == 0 else f"{n},重复收费,多收,5,,\n" for n in range(1, rows + 1)
    ]
    return "".join([WIDE, *(faulty.get(number, line) for number, line in enumerate(lines, 1))])


@pytest.mark.parametrize("rows", [2, 3, 7, 500])
def test_a_quote_that_is_not_closed_costs_its_own_line(rows, tmp_path):
    """Whether it runs to the end of the file or into the next quote."""
    data = some(rows, {2: '2,重复收费,"多收,5,,\n'}).encode()
    numbers, told = sound_and_faulty(tmp_path / "a.csv", data)
    assert numbers == [str(n) for n in range(1, rows + 1) if n != 2]
    assert told == [("report-record", 3, '2,重复收费,"多收,5,,')]


@pytest.mark.parametrize("between", ["4,重复收费,多收,5,,\n", "4,重复收费,多,收,5,,\n"])
def test_two_quotes_that_seem_a_pair_cost_no_row_between_them(between, tmp_path):
    data = some(7, {2: '2,重复收费,"多收,5,,\n', 4: between, 6: '6,重复收费,多收",5,,\n'})
    numbers, told = sound_and_faulty(tmp_path / "a.csv", data.encode())
    assert numbers == ["1", "3", "4", "5", "6", "7"] and [line for _, line, _ in told] == [3]


def test_text_over_several_lines_is_no_fault(tmp_path):
    own = '2,重复收费,"甲,乙\n\n丙"",丁\n",5,"一\n二",\n'
    assert sound_and_faulty(tmp_path / "a.csv", some(4, {2: own}).encode()) == (["1", "2", "3", "4"], [])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_null_byte_costs_its_own_line(encoding, newline, tmp_path):
    data = some(7, {2: "2,重复\0收费,多收,5,,\n"}).replace("\n", newline).encode(encoding)
    numbers, told = sound_and_faulty(tmp_path / "a.csv", data)
    assert numbers == ["1", "3", "4", "5", "6", "7"]
    assert told == [("report-bytes", 3, "2,重复\ufffd收费,多收,5,,")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("other", [b"\xff", b"\xb6\xe0\xca\xd5", "多收费".encode()])
def test_bytes_of_another_encoding_cost_their_own_line(encoding, other, tmp_path):
    """None that is known, or what would be read as nonsense; the line is the second of its row."""
    data = some(7, {4: '4,重复收费,"第4项\n@",5,,\n'}).encode(encoding).replace(b"@", other)
    numbers, told = sound_and_faulty(tmp_path / "a.csv", data)
    if other.decode(encoding, "replace") in ("多收", "多收费"):
        assert (numbers, told) == ([str(n) for n in range(1, 8)], [])
    else:
        assert numbers == ["1", "2", "3", "5", "6", "7"] and [line for _, line, _ in told] == [6]


@pytest.mark.parametrize(
    ("faulty", "code"), [(b"\xff", "report-encoding"), ("收".encode("gb18030"), "report-encodings")]
)
def test_a_file_of_which_more_than_few_lines_are_faulty_is_refused(faulty, code, tmp_path):
    lines = [f"{n},重复收费,".encode() + (faulty if n % 10 == 0 else b"") + b"\n" for n in range(1, 100)]
    assert refusal(written(tmp_path / "a.csv", b"".join([WIDE.encode(), *lines]))) == code


def test_a_quote_that_is_not_closed_holds_little(tmp_path):
    peak(many_rows(tmp_path / "warm.csv", 100))
    most = {}
    for rows in (5_000, 20_000):
        text_of = many_rows(tmp_path / "a.csv", rows).read_text(encoding="utf-8").replace('"', "")
        count, most[rows] = peak(written(tmp_path / "a.csv", text_of.replace("第7号", '"第7号').encode()))
        assert count == rows - 1
    assert most[20_000] < most[5_000] + 3 * 2**20


# --- many rows --------------------------------------------------------------------------------------------------------


def many_rows(path, number, institutions=None):
    """Rows of institutions with 50 rows each, or of so many that take turns."""
    institution, problem = "机构编码,机构名称,机构类型", "序号,违规行为,问题描述,起始日期,终止日期"
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{institution},{problem},例（次）数,违规费用（元）,是否首次违法\n")
        for row in range(number):
            owner = row % institutions if institutions else row // 50
            file.write(f'H{owner},医院{owner},医院,{row % 50},重复收费,"第{row}号，多收",')
            file.write(f"2024-03-05,2024/4/5,{row % 9},{row}.50,是\n")
    return path


def peak(path):
    tracemalloc.start()
    count = sum(1 for report in read_all(path, forms()) for _ in report.rows)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return count, most


@pytest.mark.parametrize("institutions", [None, 20])
def test_rows_stream(institutions, tmp_path):
    """Four times the rows take hardly more memory, whether or not those of an institution stand together."""
    peak(many_rows(tmp_path / "warm.csv", 100, institutions))
    (few, little), (many, most) = (peak(many_rows(tmp_path / f"{n}.csv", n, institutions)) for n in (5_000, 20_000))
    assert (few, many) == (5_000, 20_000)
    assert most < little + 3 * 2**20


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_of_the_institution_is_told_at_its_empty_cell(language, tmp_path):
    path = tmp_path / "a.xlsx"
    write_template(path, None, language)
    book = load_workbook(path)
    first, second = book.worksheets[1:3]
    first["B3"], second["A4"], second["B4"] = "医院", "1", "重复收费"
    book.save(path)
    report = read(path, forms())
    assert len(list(report.rows)) == 1
    told = [f.place.removeprefix("a.xlsx!") for f in report.faults]
    assert told == [f"{first.title}!B1", f"{first.title}!B2", f"{first.title}!B8"]


# --- the marked copy --------------------------------------------------------------------------------------------------


def test_marked_copy(tmp_path):
    path = input_of(FOLDERS[[folder.name for folder in FOLDERS].index("workbook")], tmp_path)
    before = path.read_bytes()
    told = seen(path)[1]
    for language in LANGUAGES:
        out = tmp_path / f"marked.{language}.xlsx"
        marked_copy(path, out, told, language)
        book = load_workbook(out)
        marked = {
            f"{sheet.title}!{cell.coordinate}": cell.comment.text
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
            if cell.comment
        }
        cells_marked = {"问题!D7", "问题!E7", "问题!H7", "填报单位!D6", "填报单位!B8", "填报单位!B9"}
        assert set(marked) == cells_marked | {"附件!A1", "问题!A3", "问题!A4"}
        assert marked["问题!D7"] == next(f.messages[language] for f in told if f.place.endswith("问题!D7"))
        assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        assert book["问题"]["D7"].value == "=1+2" and book["问题"]["D7"].fill.start_color.rgb == "FFFFC7CE"
    assert path.read_bytes() == before
    with pytest.raises(ValueError):
        marked_copy(path, path, told, "zh")


def test_the_marked_copy_makes_no_cell_that_is_not_there(tmp_path, monkeypatch):
    """A cell far out at the end: going through the rows would make all those before it."""
    path = workbook_of(tmp_path / "a.xlsx", [HEADER, [1, "重复收费", 5]])
    book = load_workbook(path)
    book.active.cell(20_000, 200).value = "x"
    book.save(path)
    made = []
    own = Worksheet._get_cell
    monkeypatch.setattr(Worksheet, "_get_cell", lambda *place: made.append(place) or own(*place))
    marked_copy(path, tmp_path / "b.xlsx", [Fault("report-row", "a.xlsx!问题!A2", {"shown": "1"})], "zh")
    assert len(made) < 100 and load_workbook(tmp_path / "b.xlsx").active.cell(20_000, 200).value == "x"


def test_text_that_begins_like_a_formula_stays_text_in_the_marked_copy(tmp_path):
    rows = [HEADER, ["@1", "-2+3", "五"], [-7, "+重复收费", "=1+1"], ["8", "重复收费", -5]]
    path = workbook_of(tmp_path / "a.xlsx", rows)
    marked_copy(path, tmp_path / "marked.xlsx", [Fault("report-dash", "a.xlsx!问题!C2", {"shown": "五"})], "zh")
    sheet = load_workbook(tmp_path / "marked.xlsx")["问题"]
    kept = {cell.coordinate for row in sheet for cell in row if cell.quotePrefix}
    assert kept == {"A2", "B2", "B3", "C3"} and sheet["A3"].value == -7 and sheet["C4"].value == -5


def test_claim_that_is_only_recorded_is_no_fault_to_mark(tmp_path):
    """What the authority has to find is recorded as a claim; there is nothing to change in the cell."""
    for answer, names in (("是", []), ("也许", ["a.marked.xlsx"])):
        path = tmp_path / "a.xlsx"
        path.unlink(missing_ok=True)
        write_template(path, None, "zh")
        book = load_workbook(path)
        head = {cell.value: cell.column for cell in book["问题"][1]}
        stated = {"序号": "1", "违规行为": "重复收费", "是否以骗取医保基金为目的": answer}
        for name, value in stated.items():
            book["问题"].cell(4, head[name], value)
        for row, value in enumerate(("H1", "甲", "医院", None, None, None, None, "2026-03-01"), 1):
            book["填报单位"].cell(row, 2, value)
        book.save(path)
        job = Job(Setting("oxigraph", {}), forms(), "zh", ("json",), tmp_path / "out")
        run([path], job, Watch(*[lambda *_: None] * 4))
        assert [path.name for path in (tmp_path / "out").glob("*.marked.xlsx")] == names


def test_mark_names_the_clause(tmp_path):
    path = workbook_of(tmp_path / "a.xlsx", [HEADER, [1, "重复收费", "五"]])
    clause = NamedNode("https://w3id.org/yibaolex/cqcj/a10/i4")
    fault = Fault("report-dash", "a.xlsx!问题!C2", {"shown": "五"}, sources=(clause,))
    for language in LANGUAGES:
        marked_copy(path, tmp_path / "marked.xlsx", [fault], language)
        comment = load_workbook(tmp_path / "marked.xlsx")["问题"]["C2"].comment.text
        assert comment.startswith(fault.messages[language])
        assert forms().knowledge.label(clause, language) in comment


def test_mark_of_a_merged_cell_stands_where_it_is_seen(tmp_path):
    path = input_of(FOLDERS[[folder.name for folder in FOLDERS].index("merged")], tmp_path)
    told = [fault for fault in seen(path)[1] if fault.place.endswith("D5")]
    assert told
    marked_copy(path, tmp_path / "marked.xlsx", told, "zh")
    assert load_workbook(tmp_path / "marked.xlsx")["内科"]["D4"].comment.text == told[0].messages["zh"]

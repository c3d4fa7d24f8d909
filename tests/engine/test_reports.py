"""The reports of a self-report as HTML, Word and Excel, from views written by hand in ``selfreport-views/``.

The reports in ``examples/`` are those that the command writes, apart from the digests of the knowledge base.
"""

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook

from yibaolex import cli
from yibaolex.selfreport.docx import write_docx
from yibaolex.selfreport.html import render_html
from yibaolex.selfreport.page import cleaned, money
from yibaolex.selfreport.xlsx import write_xlsx

VIEWS = Path(__file__).parent / "selfreport-views"
EXAMPLES = Path(__file__).parents[2] / "examples"
WORKBOOKS = sorted(EXAMPLES.glob("self-report-*.xlsx"))
NAMES = sorted(path.stem for path in VIEWS.glob("*.json"))
CODES = {
    "status",
    "language",
    "answer",
    "item",
    "article",
    "articles",
    "claimed_rows",
    "numbers",
    "files",
}  # told otherwise
CODES |= {"low", "high", "fine_low", "fine_high", "fund_loss", "amount", "billed", "fund", "returned"}
STATES = {"assessed": "已评估", "question": "待回答归类问题", "refused": "待更正后评估", "contract": "按服务协议处理"}
SHEETS = ["总览", "各行结果", "理由", "条款", "尚缺的事实", "义务清单", "自查情节", "由行政部门认定"]
SHEETS += ["错误和提示", "限度和凭据"]


def view(name):
    return json.loads((VIEWS / f"{name}.json").read_text(encoding="utf-8"))


class Parsed(HTMLParser):
    """The tags of a page with their attributes, and its text without its style."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.parts, self._open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)
        if tag in {"p", "li", "td", "th", "h1", "h2", "h3", "h4", "dt", "dd", "blockquote", "section", "tr"}:
            self.parts.append("\n")

    def handle_data(self, data):
        if "style" not in self._open[-1:]:
            self.parts.append(data)

    @property
    def text(self):
        lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(self.parts).splitlines())
        return "\n".join(line for line in lines if line) + "\n"

    def ids(self):
        return [attrs["id"] for _, attrs in self.tags if "id" in attrs]

    def links(self):
        return [attrs["href"] for tag, attrs in self.tags if tag == "a"]


def told(value, key=""):
    """The texts of a view that a report must tell."""
    if isinstance(value, dict):
        return [text for name, item in value.items() for text in told(item, name) if name not in CODES]
    if isinstance(value, list):
        return [text for item in value for text in told(item, key)]
    if not isinstance(value, str) or (key == "provisional" and value in ("unsettled", "same")):
        return []
    return [line for line in cleaned(value).splitlines() if line]


def flat(text):
    return re.sub(r"\s+", "", text)


def word_text(document):
    body = "".join(node.text or "" for node in document.element.body.iter(qn("w:t")))
    return body + document.sections[0].header.paragraphs[0].text


def sheet_text(book):
    return "\n".join(
        str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value
    )


@pytest.fixture
def written(tmp_path):
    def write(given):
        write_docx(given, tmp_path / "a.docx")
        write_xlsx(given, tmp_path / "a.xlsx")
        return Document(tmp_path / "a.docx"), load_workbook(tmp_path / "a.xlsx")

    return write


# --- all formats ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_view_is_lost(name, written):
    """Every text and amount of the view stands in each format."""
    given = view(name)
    document, book = written(given)
    amounts = [a for row in given["rows"] for a in row["amounts"].values() if a is not None]
    page, word, sheets = flat(Parsed(render_html(given)).text), flat(word_text(document)), flat(sheet_text(book))
    for text in told(given):
        where = [kind for kind, found in (("html", page), ("docx", word), ("xlsx", sheets)) if flat(text) not in found]
        institution_place = any(text == item["place"] for item in given["institution"])
        assert not where or institution_place, f"{text!r} is missing in {where}"
    for amount in amounts:
        assert money(amount) in page
        assert money(amount) in word


def test_amounts_are_exact():
    assert money("12345678901234567890.10") == "12,345,678,901,234,567,890.10"
    assert money("0.1") == "0.10"
    assert money(None) == ""


# --- HTML -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_html_stands_alone(name):
    """No script, nothing fetched, every link leads to a place of the page that exists once."""
    page = Parsed(render_html(view(name)))
    tags = [tag for tag, _ in page.tags]
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(tags)
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on") or a in ("src", "style", "action")]
    assert len(page.ids()) == len(set(page.ids()))
    assert {link.removeprefix("#") for link in page.links()} <= set(page.ids())
    assert all(link.startswith("#") for link in page.links())


def test_html_text():
    """The page word for word, without its tags."""
    assert Parsed(render_html(view("hospital"))).text == (VIEWS / "hospital.txt").read_text(encoding="utf-8")


def test_html_is_of_its_language():
    assert ("html", {"lang": "zh-Hans"}) in Parsed(render_html(view("hospital"))).tags
    english = Parsed(render_html(view("empty")))
    assert ("html", {"lang": "en"}) in english.tags
    assert not re.search("[\u4e00-\u9fff]", english.text)


def test_every_figure_leads_to_its_rows_and_every_row_to_its_clauses():
    page = render_html(view("hospital"))
    found, cost = page.index('id="found"'), page.index('id="cost"')
    for status, positions in {"assessed": [0, 1, 5], "question": [3], "refused": [4], "contract": [2]}.items():
        label = STATES[status]
        after = page[page.index(label, found) : page.index("</div>", page.index(label, found))]
        assert re.findall(r"#row-(\d+)", after) == [str(position) for position in positions]
    amounts = page[cost : page.index("</section>", cost)]
    assert re.findall(r"#row-(\d+)", amounts) == ["0", "1", "5"] * 2
    for position, row in enumerate(view("hospital")["rows"]):
        start = page.index(f'id="row-{position}"')
        section = page[start : page.index("</section>", start)]
        assert len(re.findall(r"#clause-\d+", section)) == len(row["clauses"])


def test_rows_that_share_a_number_are_both_reached():
    links = Parsed(render_html(view("hostile"))).links()
    assert {"#row-0", "#row-1"} <= set(links)


def test_many_rows_are_listed_in_part():
    given = view("hospital")
    given["rows"] = [given["rows"][0] | {"number": str(number)} for number in range(500)]
    page = render_html(given)
    first = page[: page.index('id="rows"')]
    assert '<a href="#row-11">11</a><a href="#rows"> 等行</a>' in first
    assert 'href="#row-12"' not in first


def test_print_rules():
    page = render_html(view("hospital"))
    for rule in ("size: A4", "display: table-header-group", "break-inside: avoid", "counter(page)", "Noto Sans CJK SC"):
        assert rule in page


def test_colours_have_contrast():
    """At least 4.5 to 1 for every colour of text on white and on the wash of table heads."""

    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", render_html(view("hospital"))))
    for name in ("ink", "soft", "link", "open", "wrong", "good"):
        for ground in ("#ffffff", colours["wash"]):
            assert (light(ground) + 0.05) / (light(colours[name]) + 0.05) >= 4.5, (name, ground)


# --- Word -------------------------------------------------------------------------------------------------------------


def test_word_structure(written):
    """Real headings, heads of tables repeated, page numbers in the footer, links to the headings of rows."""
    given = view("hospital")
    document, _ = written(given)
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 2"]
    assert headings == [f"第 {row['number']} 行：{row['label']}" for row in given["rows"]]
    assert "查到什么" in [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    section = document.sections[0]
    assert given["institution"][0]["shown"] in section.header.paragraphs[0].text
    footer = section.footer.paragraphs[0]._p
    assert [field.get(qn("w:instr")) for field in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    links = {link.get(qn("w:anchor")) for link in document.element.body.iter(qn("w:hyperlink"))}
    marks = {mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))}
    assert links == marks == {f"row_{position}" for position in range(len(given["rows"]))}
    overview = next(table for table in document.tables if table.rows[0].cells[0].text == "序号")
    assert overview.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert len(overview.rows) == 1 + len(given["rows"])
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "Noto Sans CJK SC"


def test_word_has_no_field_from_the_view(written):
    document, _ = written(view("hostile"))
    assert not list(document.element.body.iter(qn("w:instrText"), qn("w:fldSimple")))


# --- Excel ------------------------------------------------------------------------------------------------------------


def test_sheets(written):
    _, book = written(view("hospital"))
    assert book.sheetnames == SHEETS
    assert all(sheet.freeze_panes == "A2" and sheet.auto_filter.ref for sheet in book)
    widths = {c: book["各行结果"].column_dimensions[c].width for c in "ABCDE"}
    assert all(8 <= width <= 60 for width in widths.values())
    assert widths["B"] >= 2 * len("串换诊疗项目")


def test_amounts_are_numbers(written):
    given = view("hospital")
    _, book = written(given)
    sheet = book["各行结果"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(given["rows"], 2):
        for key, head in (("billed", "违规费用（元）"), ("fund", "基金损失（元）"), ("returned", "已退回（元）")):
            cell, amount = sheet.cell(number, heads[head]), row["amounts"][key]
            assert cell.value is None if amount is None else Decimal(str(cell.value)) == Decimal(amount)
            assert amount is None or (cell.data_type, cell.number_format) == ("n", "#,##0.00")
    assert sheet.cell(2, heads["序号"]).data_type == "s"


@pytest.mark.parametrize("name", NAMES)
def test_no_formula(name, written):
    """What begins like a formula is text, and stays text when it is edited."""
    _, book = written(view(name))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    dangerous = [cell for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+-@\t\r"]
    assert all(cell.quotePrefix for cell in dangerous)
    assert bool(dangerous) == (name == "hostile")


def test_a_text_too_long_for_a_cell_says_so(written):
    given = view("hospital")
    given["rows"][0]["description"] = "长" * 40000
    _, book = written(given)
    cut = book["各行结果"]["C2"].value
    assert len(cut) == 32767
    assert cut.endswith("（过长，其余见 HTML 报告）")


# --- examples ---------------------------------------------------------------------------------------------------------


def test_there_are_examples():
    assert [(path.stem, len(example(path)["rows"])) for path in WORKBOOKS] == [
        ("self-report-hospital", 30),
        ("self-report-pharmacy", 10),
    ]


def example(path):
    return json.loads((EXAMPLES / path.stem / f"{path.stem}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_reports_of_examples_are_what_the_command_writes(path, tmp_path):
    cli.main(["report", str(path), "-o", str(tmp_path), "--format", "html,json"])
    found = json.loads((tmp_path / f"{path.stem}.json").read_text(encoding="utf-8"))
    page = (tmp_path / f"{path.stem}.html").read_text(encoding="utf-8")
    kept = example(path)
    now, then = (receipt["receipt"].pop("knowledge") for receipt in (found, kept))
    for receipt in (found, kept):
        assert receipt["receipt"].pop("files")
    assert found == kept
    assert page.replace(now, then) == (EXAMPLES / path.stem / f"{path.stem}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_examples_show_what_reports_leave_open(path):
    """Doubtful labels, breaches of the agreement, bills without a loss, missing dates and an unsure answer."""
    rows = example(path)["rows"]
    assert {"assessed", "question", "contract"} <= {row["status"] for row in rows}
    assert any(row["amounts"]["billed"] and not row["amounts"]["fund"] for row in rows)
    assert any("(act_date)" in line.replace("（", "(").replace("）", ")") for row in rows for line in row["missing"])
    texts = [cell.value for row in load_workbook(path)["问题"].iter_rows() for cell in row]
    assert "不清楚" in texts

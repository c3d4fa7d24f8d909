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
from yibaolex.explanation import Setting
from yibaolex.selfreport.cells import Cell, Place
from yibaolex.selfreport.docx import write_docx
from yibaolex.selfreport.forms import forms
from yibaolex.selfreport.html import render_html
from yibaolex.selfreport.page import cleaned, money
from yibaolex.selfreport.reading import read
from yibaolex.selfreport.writing import Job, view_of
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
}  # told otherwise
CODES |= {"low", "high", "fine_low", "fine_high", "fund_loss", "returned", "amount", "billed", "fund"}
STATES = {
    "assessed": "已评估",
    "question": "待回答归类问题",
    "refused": "待更正后评估",
    "contract": "协议事项（不在此评估）",
}
SHEETS = ["总览", "各行结果", "理由", "条款", "尚缺的事实", "义务清单", "自查情节", "由有权机关认定"]
SHEETS += ["错误和提示", "限度", "凭据"]


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
        stated = (*given["institution"], *(item for row in given["rows"] for item in row["stated"]))
        place_of_it = any(text == item["place"] for item in stated)
        assert not where or place_of_it, f"{text!r} is missing in {where}"
    for amount in amounts:
        assert money(amount) in page
        assert money(amount) in word


def test_the_whole_receipt_is_told(written):
    """The digests of all rows in order, and where the page is printed not as a part of what is read."""
    given = view("hospital")
    digests = [f"{number:012x}" for number in range(250)]
    given["receipt"]["rows"] = " ".join(digests)
    document, book = written(given)
    page = render_html(given)
    closed = page[page.index('<details class="digests">') : page.index("</details>")]
    (table,) = (table for table in document.tables if table.rows[0].cells[0].text == "ontology/core.ttl")
    sheet = [row for row in book["凭据"].iter_rows(values_only=True) if row[0].startswith("第 ")]
    assert [name for name, _ in sheet] == [
        f"第 {n} 行的结果（各取前 12 位）" for n in ("1 至 100", "101 至 200", "201 至 250")
    ]
    told = Parsed(closed).text, "\n".join(c.text for row in table.rows for c in row.cells), str(sheet)
    assert [re.findall(r"\b[0-9a-f]{12}\b", text) for text in told] == [digests] * 3


def test_what_was_written_for_a_known_word_is_told(written):
    """Beside the word it was taken for; in Excel in a column of its own, so that known words can be filtered."""
    given = view("hospital")
    document, book = written(given)
    page = Parsed(render_html(given)).text
    assert page.count("超量开药（原填：超剂量配药）") == 2 and "所填内容：责任科室 门诊部；是否首次违法 不清楚" in page
    assert word_text(document).count("超量开药（原填：超剂量配药）") == 2
    assert [cell.value for cell in book["各行结果"]["B"][1:3]] == ["超量开药", "重复收费"]
    assert [cell.value for cell in book["各行结果"]["C"][:3]] == ["原填用语", "超剂量配药", None]
    lines = list(book["理由"].iter_rows(min_row=2, values_only=True))
    assert lines[0] == ("1", "超量开药", "所填内容", "责任科室 门诊部；是否首次违法 不清楚")
    assert (
        book["各行结果"]["Q2"].value == "《条例》第三十八条第（二）项"
    )  # its own; all that it cites are among the reasons
    cited = next(line for line in lines if line[2] == "引用的条款")
    assert cited[3].split("、") == given["rows"][0]["cited"]


def test_a_remark_on_a_duty_is_told(written):
    document, book = written(view("hospital"))
    duties = next(table for table in document.tables if table.rows[0].cells[0].text == "项")
    assert duties.rows[2].cells[1].text.splitlines()[1] == "备注：正在招聘"
    assert [cell.value for cell in book["义务清单"]["D"][:3]] == ["备注", None, "正在招聘"]


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
    found, cost, notes = (page.index(f'id="{name}"') for name in ("found", "cost", "amounts"))
    for status, positions in {"assessed": [0, 1, 5], "question": [3], "refused": [4], "contract": [2]}.items():
        label = STATES[status]
        after = page[page.index(label, found) : page.index("</div>", page.index(label, found))]
        assert re.findall(r"#row-(\d+)", after) == [str(position) for position in positions]
    assert re.findall(r"#outlook-(\d+)", page[cost : page.index("</section>", cost)]) == ["0", "1", "2"]
    amounts = page[notes : page.index("</section>", notes)]
    assert re.findall(r'id="outlook-(\d+)', amounts) == ["0", "1", "2"]
    every, ended, endless = ["0", "1", "5"], ["0", "1"], [["1", "5"], ["5"]]  # of the two outlooks; one sum has ends
    groups = [every, endless[0], every, ended, endless[1], ["0"]]  # and what a fine would be, of one row
    assert re.findall(r"#row-(\d+)", amounts) == [row for group in groups for row in group]
    for position, row in enumerate(view("hospital")["rows"]):
        start = page.index(f'id="row-{position}"')
        section = page[start : page.index("</section>", start)]
        assert len(re.findall(r"#clause-\d+", section)) == len(row["cited"])


def test_rows_that_share_a_number_are_both_reached():
    links = Parsed(render_html(view("hostile"))).links()
    assert {"#row-0", "#row-1"} <= set(links)


def test_rows_that_share_a_number_are_told_apart(written):
    """Both are named with their place; a list that names one of them leads to no other."""
    given = view("hospital")
    given["rows"][1]["number"] = "1"
    given["summary"]["this_week"] = [
        {"text": "要做", "rows": ["1（问题!A4）"], "numbers": ["1（问题!A4）"], "duties": []}
    ]
    page = render_html(given)
    start = page.index('id="this-week"')
    week = page[start : page.index("</section>", start)]
    assert re.findall(r'#row-(\d+)">([^<]*)', week) == [("1", "1（问题!A4）")]
    assert "第 1（问题!A3） 行：超量开药" in Parsed(page).text
    document, book = written(given)
    assert "第 1（问题!A4） 行：重复收费" in [p.text for p in document.paragraphs]
    assert [book["各行结果"].cell(row, 1).value for row in (2, 3, 4)] == ["1（问题!A3）", "1（问题!A4）", "3"]


def test_a_row_is_found_by_its_place_where_the_other_of_its_number_is_not_shown():
    given = view("hospital")
    given["summary"]["articles"][0]["numbers"] = ["2（问题!A4）"]
    page = render_html(given)
    start = page.index('id="articles"')
    assert re.findall(r"#row-(\d+)", page[start : page.index("</tr>", page.index("<tbody>", start))]) == ["1"]


def test_the_table_by_article_says_what_it_leaves_out(written):
    """Rows without an upper end, rows without a loss, and rows of which the article is open, in each format."""
    given = view("hospital")
    document, book = written(given)
    for text in map(flat, (Parsed(render_html(given)).text, word_text(document), sheet_text(book))):
        assert "13,791.60元至33,783.20元；另有1行说不出上限" in text
        assert "20,391.60元；1行没有写明" in text
        assert "条文尚未确定" in text and "1行没有写明" in text


def test_an_unknown_loss_is_no_nought(written):
    given = view("hospital")
    given["summary"]["articles"] = []
    document, _ = written(given)
    page = render_html(given)
    start = page.index('id="articles"')
    table = next(table for table in document.tables if table.rows[0].cells[0].text == "条文")
    assert '<td class="number">1 行没有写明</td>' in page[start : page.index("</table>", start)]
    assert table.rows[1].cells[2].text == "1 行没有写明"


def test_a_return_says_how_much_of_it_is_stated_to_be_done(written):
    given = view("hospital")
    document, book = written(given)
    for text in map(flat, (Parsed(render_html(given)).text, word_text(document), sheet_text(book))):
        assert "其中填报为已经退回20,391.60元；另有1行尚不能确定" in text


def test_a_sum_that_leaves_rows_out_is_no_upper_end(written):
    """Of the three rows one has no upper end: so has the whole, and the sum of the others is named as theirs."""
    given = view("hospital")
    given["summary"]["provisional_fine"] |= {"high": "33783.20", "of_rows": 3, "no_end_rows": 1}
    document, book = written(given)
    for text in map(flat, (Parsed(render_html(given)).text, word_text(document), sheet_text(book))):
        assert "说不出上限" in text and "说得出上限的2行合计33,783.20元" in text


def test_faults_of_the_whole_file_are_counted_on_page_one(written):
    given = view("hospital")
    page = render_html(given)
    first = page[: page.index('id="cost"')]
    assert '<a href="#missing">' in page[: page.index('id="bureau"')]
    assert f'<b>{len(given["faults"])}</b><span><a href="#faults">' in first
    document, _ = written(given)
    assert f"对整个文件的错误和提示：{len(given['faults'])}" in [p.text for p in document.paragraphs]


def test_what_a_sentence_quotes_is_not_told_twice(written):
    given = view("hospital")
    fault = {"place": "a.csv!B2", "shown": "传真", "message": "不认识抬头“传真”。", "clause": "", "refused": False}
    given["faults"] = [fault, {**fault, "shown": "五", "message": "不是金额。"}]
    document, _ = written(given)
    page = flat(Parsed(render_html(given)).text)
    assert "a.csv!B2不认识抬头“传真”。" in page and "a.csv!B2五不是金额。" in page
    assert "a.csv!B2不认识抬头“传真”。" in flat(word_text(document))


def test_where_nothing_was_assessed_no_end_is_told(written):
    given = view("hospital")
    for key in ("fine_range", "provisional_fine"):
        given["summary"][key] |= {"of_rows": 0, "high": None, "no_end_rows": 0, "note": "没有评估任何一行。"}
    page = render_html(given)
    cost = page[page.index('id="cost"') : page.index('id="this-week"')]
    amounts = page[page.index('id="amounts"') : page.index('id="articles"')]
    assert "说不出上限" not in cost + amounts
    assert (cost.count("没有评估任何一行"), amounts.count("没有评估任何一行")) == (6, 2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [(None, "没有填写"), ("unknown", "不清楚"), ("unread", "未能读取，见提示"), ("true", "是"), ("false", "否")],
)
def test_silence_is_told_from_an_unsure_answer(answer, words, written):
    given = view("hospital")
    given["duties"] = [given["duties"][0] | {"answer": answer}]
    _, book = written(given)
    assert f">{words}</b>" in render_html(given)
    assert book["义务清单"]["C2"].value == words


def test_many_rows_are_listed_in_part():
    given = view("hospital")
    given["rows"] = [given["rows"][0] | {"number": str(number)} for number in range(500)]
    page = render_html(given)
    first, before = page[: page.index('id="amounts"')], page[: page.index('id="rows"')]
    assert '<a href="#row-2">2</a><a href="#rows"> 等 500 行</a>' in first
    assert 'href="#row-3"' not in first
    assert '<a href="#row-11">11</a><a href="#rows"> 等 500 行</a>' in before
    assert 'href="#row-12"' not in before


def test_a_list_that_is_cut_leads_to_all_of_its_rows():
    """Of 40 rows 20 are refused: three are listed, and the rest is reached through the list at the end."""
    given = view("hospital")
    rows = [given["rows"][0] | {"number": str(n), "status": "refused" if n % 2 else "assessed"} for n in range(40)]
    page = render_html(given | {"rows": rows})
    label = page.index(STATES["refused"])
    (listed,) = re.findall(r'<a href="#(rows-\d+)"> 等 20 行</a>', page[label : page.index("</div>", label)])
    start = page.index(f'id="{listed}"')
    assert re.findall(r"#row-(\d+)", page[start : page.index("</li>", start)]) == [str(n) for n in range(1, 40, 2)]


def test_word_closes_the_first_page_and_lists_at_its_end_what_that_cuts(written):
    given = view("hospital")
    rows = [given["rows"][0] | {"number": str(n), "status": "refused" if n % 2 else "assessed"} for n in range(40)]
    document, _ = written(given | {"rows": rows})
    (broken,) = (p for p in document.paragraphs if p.paragraph_format.page_break_before)
    assert broken.text == "金额怎样得出"
    found = document.tables[0].cell(1, 1).paragraphs[0]
    assert found.text == "1 待更正后评估 第 1、3、5 等 20 行"
    mark = [link.get(qn("w:anchor")) for link in found._p.iter(qn("w:hyperlink"))][-1]
    (whole,) = (
        p for p in document.paragraphs if p._p.find(f"{qn('w:bookmarkStart')}[@{qn('w:name')}='{mark}']") is not None
    )
    assert whole.text == f"第 {'、'.join(str(n) for n in range(1, 40, 2))} 行"


def with_citation():
    """A report whose first row cites the clause of its third, and that has a duty not complied with."""
    given = view("hospital")
    name = given["rows"][2]["clauses"][0]["label"]
    given["rows"][0] |= {"held": [f"✓ 成立〔{name}；《条例》未引〕：理由"], "cited": [*given["rows"][0]["cited"], name]}
    number = given["duties"][0]["number"]
    given["summary"]["this_week"] = [{"text": "义务", "rows": [], "numbers": [], "duties": [number]}]
    return given, name, number


def test_a_citation_leads_to_the_wording_that_is_quoted_once(written):
    given, name, number = with_citation()
    at = [clause["label"] for clause in given["clauses"]].index(name)
    page = render_html(given)
    assert f'〔<a href="#clause-{at}">{name}</a>；《条例》未引〕' in page
    assert page.count(given["clauses"][at]["quote"]) == 1
    assert f'<a href="#duty-{number}">{number}</a>' in page and f'<tr id="duty-{number}">' in page
    document, _ = written(given)
    links = {link.get(qn("w:anchor")) for link in document.element.body.iter(qn("w:hyperlink"))}
    assert {f"clause_{at}", f"duty_{number}"} <= links


def test_sheets_lead_to_each_other(written):
    """Numbers of rows lead to their results, results to their reasons and clauses, duties and facts to their sheets."""
    given, _, number = with_citation()
    _, book = written(given)

    def leads(sheet, text):
        cells = (cell for row in book[sheet].iter_rows() for cell in row)
        return {cell.hyperlink.location for cell in cells if cell.value == text and cell.hyperlink}

    assert leads("总览", "没有履行的义务") == {"'义务清单'!A1"} <= leads("总览", number)
    assert leads("总览", given["summary"]["bureau"][1]["text"]) == {"'由有权机关认定'!A3"}
    assert leads("理由", "2") == {"'各行结果'!A3"}
    first = next(row[0].row for row in book["理由"].iter_rows(min_row=2) if row[0].value == "2")
    assert leads("各行结果", "2") == {f"'理由'!A{first}"}


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_every_clause_that_a_report_cites_is_quoted(path):
    found = example(path)
    quoted = {clause["label"] for clause in found["clauses"] if clause["quote"]}
    lines = [line for row in found["rows"] for name in ("held", "failed", "follow") for line in row[name]]
    told = {name for line in lines for names in re.findall("〔([^〕]*)〕", line) for name in re.split("[；、]", names)}
    assert told and told <= quoted
    assert all(set(row["cited"]) <= quoted for row in found["rows"])
    fines = "《条例》第三十八条（罚款）", "《条例》第三十八条（暂停医药服务）", "《条例》第三十八条（责令退回）"
    assert any(set(fines) <= set(row["cited"]) for row in found["rows"])


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
    first, *others = given["rows"]
    assert headings[0] == f"第 1 行：{first['label']}（原填：{first['written']}）"
    assert headings[1:] == [f"第 {row['number']} 行：{row['label']}" for row in others]
    assert "查到什么" in [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    section = document.sections[0]
    assert given["institution"][0]["shown"] in section.header.paragraphs[0].text
    footer = section.footer.paragraphs[0]._p
    assert [field.get(qn("w:instr")) for field in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    links = {link.get(qn("w:anchor")) for link in document.element.body.iter(qn("w:hyperlink"))}
    marks = {mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))}
    assert links <= marks
    assert {f"row_{position}" for position in range(len(given["rows"]))} <= links
    assert {"duties", "bureau_0", "bureau_1"} <= links
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


def test_sheets_are_laid_out_for_screen_and_paper(written):
    """Numbers and short texts are never cut, long ones make no row higher than some lines; a head on each page."""
    given = view("hospital")
    given["rows"][0] |= {"description": "长" * 300, "headline": "长" * 300, "label": "长" * 300}
    _, book = written(given)
    sheet = book["各行结果"]
    wide = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]}
    assert wide["违规费用（元）"] > len("23,500.00") and wide["处理情况"] >= len(STATES["contract"])
    for page in book:
        assert all(page.row_dimensions[row].height <= 240 for row in range(1, page.max_row + 1))
        assert (page.print_title_rows, page.page_setup.orientation) == ("$1:$1", "landscape")
        assert page.sheet_properties.pageSetUpPr.fitToPage and page.page_setup.fitToHeight == 0


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
    cut = book["各行结果"]["D2"].value
    assert len(cut) == 32767
    assert cut.endswith("（过长，其余见 HTML 报告）")


# --- what a report tells ----------------------------------------------------------------------------------------------


@pytest.fixture
def report(tmp_path):
    """The view of a report of a hospital with these problems and answers to duties."""

    def report(problems=(), **duties):
        institution = {"institution_code": "H1", "institution_name": "某医院", "institution_type": "医院"}
        rows = [
            {"number": str(n), "label": "重复收费", "act_date": "2025-03-01"} | row for n, row in enumerate(problems, 1)
        ]
        path = tmp_path / "a.json"
        path.write_text(
            json.dumps(
                {
                    "institution": institution,
                    "problems": rows,
                    "duties": {k.replace("_", "."): v for k, v in duties.items()},
                }
            ),
            encoding="utf-8",
        )
        return view_of(read(path, forms()), Job(Setting("oxigraph", {}), forms(), "zh", (), tmp_path))

    return report


def test_only_what_the_party_may_not_state_is_left_to_the_authority(report):
    """What the form asks of the institution is missing until it answers, and is in neither list once it has."""
    summary = report([{"refused_to_correct": "是"}, {}])["summary"]
    bureau = {item["text"]: item["numbers"] for item in summary["bureau"]}
    missing = {item["label"]: item["numbers"] for item in summary["missing"]}
    assert bureau["以骗取医疗保障基金为目的"] == bureau["危害后果"] == ["1", "2"]
    assert missing["是否拒不改正"] == ["2"] and missing["是否连续或者继续状态"] == ["1", "2"]
    assert not bureau.keys() & missing.keys()


def test_a_circumstance_that_the_reporter_claims_is_recorded_and_not_settled(report):
    claimed, denied, other = report([{"eliminated_or_reduced_harm": a} for a in ("是", "否", "")])["rows"]
    assert [row["conclusion"] == other["conclusion"] for row in (claimed, denied)] == [True, True]
    line = "不推定“主动消除或者减轻违法行为危害后果”为“否”："
    assert any(told.startswith(line) for told in claimed["presumed"])
    assert not any(told.startswith(line) for told in (*denied["presumed"], *other["presumed"]))
    assert [fault["shown"] for fault in claimed["faults"]] == ["是"]


def test_refused_amounts_are_neither_counted_nor_altered(report):
    found = report(
        [{"fund_amount": "12345.678"}, {"act_date": "2024-02-30", "fund_amount": "70"}, {"fund_amount": "5"}]
    )
    assert [row["amounts"]["fund"] for row in found["rows"]] == [None, "70.00", "5.00"]
    assert [row["status"] for row in found["rows"]] == ["refused", "refused", "assessed"]
    assert found["summary"]["amounts"]["fund"] == "5.00"
    (other,) = report([{"fund_amount": "5", "billed_amount": "-12.3"}])["rows"]
    assert (other["status"], other["amounts"]["billed"]) == ("refused", None)


def test_what_the_institution_wrote_is_in_the_view(report):
    """The word that was mapped to another, and every cell that the view does not name, as people know its content."""
    given = {
        "label": "小病大治",
        "found_by": "self",
        "refused_to_correct": False,
        "department": "内科",
        "fund_amount": "5",
    }
    first, other = report([given, {}])["rows"]
    assert (first["label"], first["written"]) == ("无指征住院", "小病大治")
    told = {item["label"]: item["shown"] for item in first["stated"]}
    assert told == {"起始日期": "2025-03-01", "发现方式": "自查发现", "是否拒不改正": "否", "责任科室": "内科"}
    assert all(item["place"].startswith("a.json!") for item in first["stated"])
    assert other["written"] == "" and [item["label"] for item in other["stated"]] == ["起始日期"]


def test_a_duty_that_is_remarked_on_is_told(tmp_path):
    """Even where it concerns other institutions and nothing is answered."""
    institution = {"institution_code": "P1", "institution_name": "某药店", "institution_type": "零售药店"}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"institution": institution, "problems": []}), encoding="utf-8")
    other = next(d.notation for d in forms().duties.values() if d.types and "pharmacy" not in d.types)
    found = []
    for remarks in ({}, {other: Cell(Place("a.json", None, 0, "$"), "不适用", "不适用", True)}):
        given = read(path, forms())
        given.duty_remarks = remarks
        duties = view_of(given, Job(Setting("oxigraph", {}), forms(), "zh", (), tmp_path))["duties"]
        found.append({duty["number"]: duty["remark"] for duty in duties})
    assert other not in found[0] and set(found[0].values()) == {""}
    assert found[1] == found[0] | {other: "不适用"}


def test_an_answer_that_is_no_charge_only_says_that(report):
    duties = {duty["number"]: duty for duty in report(D14_1="否", D15_5="否", D13_1="不清楚", D13_3="大概")["duties"]}
    for number, clause in (("D14.1", "《办法》第十四条第二款"), ("D15.5", "《办法》第十五条第一款")):
        (line,) = duties[number]["lines"]
        assert clause in line and "罚则" not in line
    assert [duties[f"D13.{number}"]["answer"] for number in (1, 2, 3)] == ["unknown", None, "unread"]


def test_the_results_of_a_duty_are_labelled(report):
    (duty,) = (duty for duty in report(D15_1="否")["duties"] if duty["number"] == "D15.1")
    lines = duty["lines"]
    labels = [line.partition("：")[0] for line in lines]
    assert labels == sorted(labels) and set(labels) == {"依填报的事实", "依自查推定（暂定）"}
    assert duty["clause"] == "《办法》第十五条第一款；《条例》第三十九条第（二）项"


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
    pages = page.replace(now, then), (EXAMPLES / path.stem / f"{path.stem}.html").read_text(encoding="utf-8")
    of_files = re.compile(r"(?s)<details.*?</details>")
    assert of_files.search(page) and len({of_files.sub("", one) for one in pages}) == 1


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_examples_show_what_reports_leave_open(path):
    """Doubtful labels, breaches of the agreement, bills without a loss, missing dates and an unsure answer."""
    rows = example(path)["rows"]
    assert {"assessed", "question", "contract"} <= {row["status"] for row in rows}
    assert any(row["amounts"]["billed"] and not row["amounts"]["fund"] for row in rows)
    assert any(line.startswith("“起始日期”一栏：") for row in rows for line in row["missing"])
    texts = [cell.value for row in load_workbook(path)["问题"].iter_rows() for cell in row]
    assert "不清楚" in texts

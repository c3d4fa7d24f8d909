"""The report as a Word document that an official can edit.

What this module is for: real headings, lists and tables in the styles of Word, a header with the institution, a footer
with page numbers. What a reader must not break: text of the view is only ever written as text of a run, so that no
field or markup comes from it; numbers of rows lead to their headings, names of clauses to their wording.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yibaolex.selfreport.page import FEW, LISTED, Page, View, money
from yibaolex.selfreport.saving import save

if TYPE_CHECKING:
    from docx.document import Document as Document_
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

_FONT = "Noto Sans CJK SC"
_LATIN = "Arial"
_MARGIN_MM = 18
_TABLE = "Table Grid"
_SHADE = "F3F5F7"
_SMALL = 6.5  # points, of what is there to be compared and not to be read
_HALVES = (8.7, 8.7)  # cm
_OVERVIEW = ("column_number", "column_label", "column_status", "column_result", "column_fund", "column_fine")


def write_docx(view: View, path: Path) -> None:
    """Writes the report of ``view`` to ``path``; raises OSError where that cannot be written."""
    save(_Writer(Page(view)).document(), path)


class _Writer:
    def __init__(self, page: Page) -> None:
        from docx import Document

        self._page = page
        self._view = page.view
        self._words = page.words
        self._document: Document_ = Document()
        self._styles = {style.name: style.style_id for style in self._document.styles}

    def document(self) -> Document_:
        """The whole document."""
        self._layout()
        self._first_page()
        self._amounts()
        self._articles()
        self._overview()
        self._details()
        self._appendices()
        return self._document

    # --- page and styles ------------------------------------------------------------------------------------------

    def _layout(self) -> None:
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt

        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = section.bottom_margin = Mm(_MARGIN_MM)
        section.top_margin, section.header_distance, section.footer_distance = Mm(20), Mm(9), Mm(8)
        for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
            style = self._document.styles[name]
            style.font.name = _LATIN
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            fonts.set(qn("w:eastAsia"), _FONT)
        normal = self._document.styles["Normal"]
        normal.font.size, normal.paragraph_format.space_after = Pt(10), Pt(1)
        title = self._document.styles["Title"]
        title.font.size, title.paragraph_format.space_after = Pt(16), Pt(4)
        for name in ("Heading 1", "Heading 2", "Heading 3"):
            self._document.styles[name].paragraph_format.space_before = Pt(4)
        properties = self._document.core_properties
        properties.title, properties.author, properties.language = self._view["title"], "", self._view["language"]
        section.header.paragraphs[0].text = " · ".join([self._view["title"], *self._page.names_of_institution()])
        before, between, after = self._page.say("page", page="\0", pages="\0").split("\0")
        footer = section.footer.paragraphs[0]
        footer.alignment = 1
        for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
            footer.add_run(text)
            _field(footer, field)

    # --- parts ----------------------------------------------------------------------------------------------------

    def _first_page(self) -> None:
        self._paragraph(self._view["title"], "Title")
        named = [(item["label"], item["shown"]) for item in self._view["institution"]]
        stated = [self._clause(label, shown) for label, shown in [*named, (self._words["input"], self._view["file"])]]
        self._paragraph("    ".join(stated))
        self._found()
        if self._page.unmet():
            unmet = self._bullet("")
            self._link(unmet, "duties", self._words["unmet"])
            unmet.add_run(self._words["colon"] + str(len(self._page.unmet())))
        if self._view["faults"]:
            self._bullet(self._clause(self._words["file_faults"], str(len(self._view["faults"]))))
        self._cost()
        self._heading("this_week")
        for item in self._view["summary"]["this_week"]:
            told = self._bullet(item["text"] + " ")
            self._to_rows(told, self._page.positions(item["rows"]), FEW)
            self._links(told, [(f"duty_{duty}", duty) for duty in item["duties"]])
        self._heading("bureau")
        to_find = [(f"bureau_{place}", item["text"]) for place, item in enumerate(self._view["summary"]["bureau"])]
        self._links(self._paragraph("" if to_find else self._words["none"]), to_find)

    def _found(self) -> None:
        """What was found, two figures to a line."""
        self._heading("found")
        self._paragraph(self._words["found_explain"])
        figures = self._page.found()
        table = self._columns(-(-len(figures) // 2), _HALVES)
        for place, figure in enumerate(figures):
            told = table.cell(*divmod(place, 2)).paragraphs[0]
            told.add_run(f"{figure.shown} ").bold = True
            told.add_run(f"{figure.label} ")
            self._to_rows(told, figure.rows, FEW)

    def _cost(self) -> None:
        self._heading("cost")
        outlooks = self._page.outlooks()
        names = [figure.label for figure in outlooks[0].figures]
        table = self._table(["", *names], (4.1, 3.6, 4.7, 5.0))
        for place, outlook in enumerate(outlooks):
            cells = table.add_row().cells
            self._link(cells[0].paragraphs[0], f"outlook_{place}", outlook.label)
            for cell, figure in zip(cells[1:], outlook.figures, strict=True):
                cell.text = "\n".join(filter(None, (figure.shown, figure.remark)))
                _right(cell)

    def _amounts(self) -> None:
        """How the amounts of the first page come about; it closes that page."""
        self._heading("cost_notes").paragraph_format.page_break_before = True
        for place, outlook in enumerate(self._page.outlooks()):
            told = self._bullet(self._clause(outlook.label, outlook.note) + " ")
            _bookmark(told, f"outlook_{place}")
            self._to_rows(told, outlook.rows)
            for name, rows in outlook.parts:
                told.add_run(f"\n{name}{self._words['colon']}")
                self._to_rows(told, rows)

    def _articles(self) -> None:
        if not self._page.by_article():
            return
        self._heading("by_article")
        names = [self._words[name] for name in ("column_articles", "column_rows", "column_fund", "column_fine")]
        table = self._table(names, (3.6, 4.8, 3.8, 5.2))
        for article in self._page.by_article():
            cells = table.add_row().cells
            cells[0].text, cells[2].text = article["label"], self._page.article_loss(article)
            self._to_rows(cells[1].paragraphs[0], self._page.of_article(article))
            _right(cells[2])
            cells[3].text = self._page.article_fine(article)

    def _overview(self) -> None:
        _bookmark(self._heading("overview"), "rows")
        names = [self._words[name] for name in _OVERVIEW]
        table = self._table(names, (1.3, 2.8, 2.4, 5.2, 2.5, 3.2))
        for position, row in enumerate(self._page.rows):
            cells = table.add_row().cells
            self._to_row(cells[0].paragraphs[0], position)
            told = [self._page.label(row), self._words[row["status"]], row["headline"], money(row["amounts"]["fund"])]
            for cell, text in zip(cells[1:], [*told, self._page.fine(row)], strict=True):
                cell.text = text
            _right(cells[4])
        self._missing()

    def _missing(self) -> None:
        if not self._view["summary"]["missing"]:
            return
        self._heading("missing")
        table = self._table([self._words[name] for name in ("missing", "column_fact", "column_rows")])
        for item in self._view["summary"]["missing"]:
            cells = table.add_row().cells
            cells[0].text, cells[1].text = item["label"], item["fact"]
            cells[2].text = self._page.say("row_count", number=item["rows"]) + " "
            self._to_rows(cells[2].paragraphs[0], self._page.lacking(item))

    def _details(self) -> None:
        self._heading("details")
        for position, row in enumerate(self._page.rows):
            heading = self._paragraph(self._page.titled(row), "Heading 2")
            _bookmark(heading, f"row_{position}")
            self._paragraph().add_run(f"{self._words[row['status']]} · {row['headline']}").bold = True
            filled = self._clause(self._words["column_shown"], self._page.filled(row)) if row["stated"] else ""
            for text in filter(None, (row["description"], " · ".join(self._page.stated(row)), filled)):
                self._paragraph(text)
            self._faults("line_faults", row["faults"], 3)
            for title, lines in self._page.sections(row):
                self._paragraph(title, "Heading 3")
                for line in lines:
                    self._cited(self._bullet(""), self._page.pieces(line))
            if row["cited"]:
                self._paragraph(self._words["clauses"], "Heading 3")
                self._links(self._paragraph(), [(f"clause_{self._page.clause(name)}", name) for name in row["cited"]])

    def _clauses(self) -> None:
        quoted = self._page.quoted()
        if quoted:
            self._heading("clauses")
        for position, clause in enumerate(quoted):
            _bookmark(self._bullet(self._clause(clause.label, clause.quote)), f"clause_{position}")

    def _lists(self) -> None:
        """The lists of rows that were cut, whole."""
        lists = self._page.lists()
        if lists:
            self._heading("lists")
        for place, positions in enumerate(lists):
            told = self._bullet("")
            _bookmark(told, f"rows_{place}")
            self._to_rows(told, positions, len(positions))

    def _appendices(self) -> None:
        if self._view["self_report"]:
            self._heading("self_report")
            table = self._table([self._words[f"column_{name}"] for name in ("matter", "quote", "claimed", "find")])
            for item in self._view["self_report"]:
                cells = table.add_row().cells
                cells[0].text, cells[1].text = item["label"], item["quote"]
                self._to_rows(cells[2].paragraphs[0], self._page.positions(item["claimed_rows"]))
                cells[3].text = "\n".join(item["authority_must_find"])
        self._duties()
        self._faults("faults", self._view["faults"], 1)
        self._heading("bureau")
        for place, item in enumerate(self._view["summary"]["bureau"]):
            told = self._bullet(self._clause(self._clause(item["text"], item["clause"]), item["quote"]))
            _bookmark(told, f"bureau_{place}")
        self._clauses()
        self._lists()
        self._heading("limits")
        self._bullets(self._view["limits"])
        self._heading("receipt")
        self._paragraph(self._words["receipt_explain"])
        self._pairs(self._page.receipt())
        if self._page.receipt_digests():
            self._heading("receipt_digests")
            self._pairs(self._page.receipt_digests(), _SMALL)

    def _duties(self) -> None:
        if not self._view["duties"]:
            return
        _bookmark(self._heading("duties"), "duties")
        names = [self._words[f"column_{name}"] for name in ("item", "duty", "answer", "clause")]
        table = self._table(names, (1.2, 6.2, 2.0, 8.0))
        for duty in self._view["duties"]:
            cells = table.add_row().cells
            told = filter(None, (duty["label"], self._page.remark(duty), *duty["lines"]))
            cells[0].text, cells[1].text = duty["number"], "\n".join(told)
            _bookmark(cells[0].paragraphs[0], f"duty_{duty['number']}")
            cells[2].text, cells[3].text = self._page.answer(duty), self._clause(duty["clause"], duty["quote"])

    def _faults(self, key: str, faults: Sequence[View], level: int) -> None:
        if faults:
            self._paragraph(self._words[key], f"Heading {level}")
        self._bullets(self._page.fault(fault) for fault in faults)

    def _paragraph(self, text: str = "", style: str = "Normal") -> Paragraph:
        """A paragraph at the end, before the properties of the section; found there without going through them all."""
        from docx.oxml import OxmlElement
        from docx.text.paragraph import Paragraph as Made

        body = self._document.element.body
        body[-1].addprevious(OxmlElement("w:p"))
        body[-2].style = self._styles[style]
        paragraph = Made(body[-2], self._document._body)
        paragraph.add_run(text)
        return paragraph

    # --- pieces ---------------------------------------------------------------------------------------------------

    def _clause(self, label: str, quote: str) -> str:
        return self._words["colon"].join(text for text in (label, quote) if text)

    def _heading(self, key: str) -> Paragraph:
        return self._paragraph(self._words[key], "Heading 1")

    def _bullet(self, text: str) -> Paragraph:
        return self._paragraph(text, "List Bullet")

    def _bullets(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._bullet(line)

    def _table(self, names: Sequence[str], widths_cm: Sequence[float] = ()) -> Any:
        from docx.shared import Cm

        table = self._document.add_table(1, len(names), style=_TABLE)
        table.autofit = not widths_cm
        for column, width in zip(table.columns, widths_cm, strict=False):
            column.width = Cm(width)
        for cell, name in zip(table.rows[0].cells, names, strict=True):
            cell.paragraphs[0].add_run(name).bold = True
            _shade(cell)
        _repeat(table.rows[0])
        return table

    def _pairs(self, pairs: Sequence[tuple[str, str]], points: float | None = None) -> None:
        if not pairs:
            return
        from docx.shared import Pt

        table = self._columns(0, (5.4, 12.0))
        for name, value in pairs:
            cells = table.add_row().cells
            for cell, text in zip(cells, (name, value), strict=True):
                cell.paragraphs[0].add_run(text).font.size = points and Pt(points)
            _shade(cells[0])

    def _columns(self, rows: int, widths_cm: Sequence[float]) -> Any:
        """A table without a head."""
        from docx.shared import Cm

        table = self._document.add_table(rows, len(widths_cm), style=_TABLE)
        table.autofit = False
        for column, width in zip(table.columns, widths_cm, strict=True):
            column.width = Cm(width)
        return table

    def _to_rows(self, paragraph: Paragraph, positions: Sequence[int], most: int = LISTED) -> None:
        """Adds the numbers of rows, each leading to its heading; what closes a list that is cut leads to all of it."""
        if not positions:
            return
        paragraph.add_run(self._page.before(positions))
        for place, position in enumerate(positions[:most]):
            paragraph.add_run(self._words["and"] if place else "")
            self._to_row(paragraph, position)
        if len(positions) > most:
            number = self._page.list_of(positions)
            mark = "rows" if number is None else f"rows_{number}"
            self._link(paragraph, mark, self._page.after(positions, most))
        else:
            paragraph.add_run(self._page.after(positions, most))

    def _to_row(self, paragraph: Paragraph, position: int) -> None:
        self._link(paragraph, f"row_{position}", self._page.names[position])

    def _links(self, paragraph: Paragraph, links: Sequence[tuple[str, str]]) -> None:
        """Adds texts, each leading to its bookmark."""
        for place, (mark, text) in enumerate(links):
            paragraph.add_run(self._words["and"] if place else "")
            self._link(paragraph, mark, text)

    def _cited(self, paragraph: Paragraph, pieces: Iterable[tuple[str, int | None]]) -> None:
        """Adds a line; the clauses that it cites lead to their wording."""
        for text, clause in pieces:
            if clause is None:
                paragraph.add_run(text)
            else:
                self._link(paragraph, f"clause_{clause}", text)

    def _link(self, paragraph: Paragraph, mark: str, text: str) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import RGBColor

        run = paragraph.add_run(text)
        run.font.color.rgb, run.underline = RGBColor(0x0B, 0x4A, 0x8F), True
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), mark)
        run._r.addprevious(link)
        link.append(run._r)


def _right(cell: _Cell) -> None:
    for paragraph in cell.paragraphs:
        paragraph.alignment = 2


def _bookmark(paragraph: Paragraph, mark: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    number = str(zlib.crc32(mark.encode()) >> 1)  # Word wants a number that no other bookmark of the document has
    for name, named in (("w:bookmarkStart", {"w:name": mark}), ("w:bookmarkEnd", {})):
        element = OxmlElement(name)
        for key, value in ({"w:id": number} | named).items():
            element.set(qn(key), value)
        paragraph._p.append(element)


def _field(paragraph: Paragraph, code: str) -> None:
    """A field that Word fills in, such as the number of the page; none where ``code`` is empty."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    if code:
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), code)
        paragraph._p.append(field)


def _shade(cell: _Cell) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), _SHADE)
    cell._tc.get_or_add_tcPr().append(shade)


def _repeat(row: Any) -> None:
    """Has the row repeated at the top of each page that the table runs over."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))

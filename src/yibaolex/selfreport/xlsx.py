"""The report as an Excel workbook: a sheet for each topic, to be filtered and counted further.

What this module is for: results, reasons, clauses, missing facts and duties in tables. What a reader must not break:
amounts are numbers with two decimals, all else is text; no text of the view is ever taken for a formula, and links lead
only to cells of the same workbook.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yibaolex.screen import width
from yibaolex.selfreport.page import AMOUNTS, COMMANDS, FEW, Page, View
from yibaolex.selfreport.saving import save

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True)
class Link:
    """A text that leads to a row of another sheet, which is named by the key of its name."""

    text: str
    sheet: str
    row: int = 1


Value = str | int | Decimal | Link | None
Text = str | int | Decimal | None
Styles = dict[tuple[type, bool], Any]
_FIRST = 2  # the row of a sheet under its head
_MOST = 32767  # characters of one cell
_NARROWEST, _SHORT = 8, 24  # columns of a sheet in characters
_ALTOGETHER, _OF_COLUMN = 170, 14  # all columns of a sheet, and more where there are many: so much fits a page in width
_LINE, _HIGHEST = 16, 240  # points
_MARGIN = 0.4  # inches
_LINK = "0B4A8F"
_MONEY = "#,##0.00"


def write_xlsx(view: View, path: Path) -> None:
    """Writes the report of ``view`` to ``path``; raises OSError where that cannot be written."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]  # a new workbook has one
    page = Page(view)
    for key, names, rows in _sheets(page):
        _sheet(book, page, key, [page.words[name] for name in names], rows)
    book.properties.title, book.properties.creator = page.view["title"], ""
    save(book, path)


def _sheets(page: Page) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[Value]]]]:
    """Each sheet: the key of its name, those of its columns, and its rows."""
    yield "sheet_summary", ("column_kind", "column_matter", "column_value", "column_rows"), _summary(page)
    yield "sheet_rows", _ROW_COLUMNS, _results(page)
    yield "sheet_reasons", ("column_number", "column_label", "column_kind", "column_line"), _reasons(page)
    yield "sheet_clauses", ("column_clause", "column_quote", "column_rows"), _clauses(page)
    yield "sheet_missing", ("missing", "column_fact", "column_count", "column_rows"), _missing(page)
    duties = ("column_item", "column_duty", "column_answer", "column_remark", *_CLAUSE, "column_result")
    yield "sheet_duties", duties, _duties(page)
    yield "sheet_self_report", ("column_matter", "column_quote", "column_claimed", "column_find"), _self_report(page)
    bureau = ((item["text"], item["clause"], item["quote"]) for item in page.view["summary"]["bureau"])
    yield "sheet_bureau", ("column_matter", *_CLAUSE), bureau
    yield "sheet_faults", ("column_place", "column_shown", "column_message", "column_clause"), _faults(page)
    yield "sheet_limits", ("limits",), ((limit,) for limit in page.view["limits"])
    yield "sheet_receipt", ("column_item", "column_value"), [*page.receipt(), *page.receipt_digests()]


# --- the rows of each sheet -------------------------------------------------------------------------------------------

_CLAUSE = ("column_clause", "column_quote")
_ROW_COLUMNS = (
    *(
        "column_number",
        "column_label",
        "column_written",
        "column_description",
        "column_status",
        "column_result",
        "column_category",
    ),
    *(f"column_{key}" for key in AMOUNTS),
    *("column_fine_low", "column_fine_high", "column_presumed_low", "column_presumed_high"),
    *("line_provisional", "column_missing", "clauses", "column_place"),
)


def _summary(page: Page) -> Iterator[Sequence[Value]]:
    words, view = page.words, page.view
    yield "", view["title"], "", ""
    for item in [*view["institution"], {"label": words["input"], "shown": view["file"]}]:
        yield "", item["label"], item["shown"], ""
    for figure in page.found():
        yield words["found"], figure.label, int(figure.shown), _numbers(page, figure.rows)
    if page.unmet():
        yield words["found"], Link(words["unmet"], "sheet_duties"), len(page.unmet()), ""
    if view["faults"]:
        yield words["found"], Link(words["file_faults"], "sheet_faults"), len(view["faults"]), ""
    for outlook in page.outlooks():
        for figure in outlook.figures:
            value = figure.shown if figure.amount is None else Decimal(figure.amount)
            yield (
                outlook.label,
                " ".join(filter(None, (figure.label, figure.remark))),
                value,
                _numbers(page, figure.rows),
            )
        yield outlook.label, outlook.note, "", ""
        for name, part in outlook.parts:
            yield outlook.label, name, len(part), _numbers(page, part)
    for article in page.by_article():
        rows = _numbers(page, page.of_article(article))
        for key, told in (("column_fine", page.article_fine(article)), ("amount_fund", page.article_loss(article))):
            yield words["by_article"], words["colon"].join((article["label"], words[key])), told, rows
    for item in view["summary"]["this_week"]:
        duties = words["and"].join(item["duties"])
        rows = Link(duties, "sheet_duties") if duties else _numbers(page, page.positions(item["rows"]))
        yield words["this_week"], item["text"], "", rows
    for number, item in enumerate(view["summary"]["bureau"], _FIRST):
        yield words["bureau"], Link(item["text"], "sheet_bureau", number), item["clause"], ""


def _results(page: Page) -> Iterator[Sequence[Value]]:
    """The rows, the number of each leading to its first reason."""
    reason = _FIRST
    for row in page.rows:
        told = len(_lines_of(page, row))
        yield _result(page, row, Link(page.name(row), "sheet_reasons", reason) if told else page.name(row))
        reason += told


def _result(page: Page, row: View, number: Value) -> Sequence[Value]:
    told = [number, row["label"], row["written"], row["description"], page.words[row["status"]], row["headline"]]
    yuan = [_yuan(row["amounts"][key]) for key in AMOUNTS]
    fines = [end for key in ("fine_range", "provisional_fine") for end in _ends(page, row[key])]
    return [
        *told,
        row["category_label"] or "",
        *yuan,
        *fines,
        page.provisional(row),
        len(row["missing"]),
        "\n".join(clause["label"] for clause in row["clauses"]),
        row["place"],
    ]


def _ends(page: Page, fine: View | None) -> tuple[Value, Value]:
    """Both ends of a range of fines; an upper end that cannot be told in words."""
    if fine is None:
        return None, None
    return _yuan(fine["low"]), page.words["no_end"] if fine["high"] is None else _yuan(fine["high"])


def _yuan(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


def _reasons(page: Page) -> Iterator[Sequence[Value]]:
    for position, row in enumerate(page.rows):
        number: Value = Link(page.names[position], "sheet_rows", _FIRST + position)
        for heading, line in _lines_of(page, row):
            yield number, row["label"], heading, line
            number = page.names[position]  # Excel takes only so many links of a sheet


def _lines_of(page: Page, row: View) -> list[tuple[str, str]]:
    """What is filled in in a row, its faults and its reasons, each under its heading."""
    told = [(page.words["column_shown"], page.filled(row))] if row["stated"] else []
    told += [(page.words["line_faults"], page.fault(fault)) for fault in row["faults"]]
    cited = [(page.words["clauses"], page.words["and"].join(row["cited"]))] if row["cited"] else []
    return told + [(heading, line) for heading, lines in page.sections(row) for line in lines] + cited


def _clauses(page: Page) -> Iterator[Sequence[Value]]:
    for clause in page.quoted():
        yield clause.label, clause.quote, _numbers(page, clause.rows)


def _missing(page: Page) -> Iterator[Sequence[Value]]:
    for item in page.view["summary"]["missing"]:
        yield item["label"], item["fact"], item["rows"], _numbers(page, page.lacking(item))


def _duties(page: Page) -> Iterator[Sequence[Value]]:
    for duty in page.view["duties"]:
        told = "\n".join(duty["lines"])
        yield duty["number"], duty["label"], page.answer(duty), duty["remark"], duty["clause"], duty["quote"], told


def _self_report(page: Page) -> Iterator[Sequence[Value]]:
    for item in page.view["self_report"]:
        claimed = _numbers(page, page.positions(item["claimed_rows"]))
        yield item["label"], item["quote"], claimed, "\n".join(item["authority_must_find"])


def _faults(page: Page) -> Iterator[Sequence[Value]]:
    of_rows = (fault for row in page.rows for fault in row["faults"])
    for fault in (*page.view["faults"], *of_rows):
        yield fault["place"], fault["shown"], fault["message"], fault["clause"]


def _numbers(page: Page, positions: Sequence[int]) -> Value:
    """The numbers of rows, leading to the first of them if they are few: not every program breaks such a text."""
    names = page.words["and"].join(page.names[position] for position in positions)
    return Link(names, "sheet_rows", _FIRST + positions[0]) if 0 < len(positions) <= FEW else names


# --- cells ------------------------------------------------------------------------------------------------------------


def _sheet(book: Workbook, page: Page, key: str, names: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """A sheet with its head frozen and filters on it, printed across with its head on each page."""
    from openpyxl.styles import Font, PatternFill
    from openpyxl.worksheet.page import PageMargins

    sheet, styles = book.create_sheet(page.words[key]), Styles()
    for number, values in enumerate([names, *rows], 1):
        for column, value in enumerate(values, 1):
            _fill(sheet, number, column, value, page, styles)
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8ECF1")
    _fit(sheet)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
    sheet.page_margins = PageMargins(*[_MARGIN] * 6)
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _fit(sheet: Worksheet) -> None:
    """Columns as wide as their texts and rows as high, within limits; a head is broken before it widens its column."""
    from openpyxl.utils import get_column_letter

    needs = []
    for column in sheet.iter_cols():
        texts = max((_width(cell.value) for cell in column[1:]), default=0)
        needs.append(max(texts + 2, _width(column[0].value) // 2 + 4, _NARROWEST))
    widths = _shares(needs, max(_ALTOGETHER, _OF_COLUMN * len(needs)))
    for number, wide in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = wide
    for row in sheet.iter_rows():
        lines = max(_lines(cell.value, wide) for cell, wide in zip(row, widths, strict=True))
        sheet.row_dimensions[row[0].row].height = min(lines * _LINE, _HIGHEST)


def _shares(needs: Sequence[int], left: int) -> list[int]:
    """How wide columns may be: short ones as they need, the others by shares of what is ``left`` of all, that grow
    with their texts.
    """
    widths = [need if need <= _SHORT else 0 for need in needs]
    claims = {place: math.isqrt(needs[place]) for place, wide in enumerate(widths) if not wide}
    for place in sorted(claims, key=needs.__getitem__):
        share = (left - sum(widths)) * claims[place] // sum(claims[other] for other in claims if not widths[other])
        widths[place] = max(min(needs[place], share), 2 * _NARROWEST)
    return widths


def _fill(sheet: Worksheet, row: int, column: int, value: Value, page: Page, styles: Styles) -> None:
    cell, of = sheet.cell(row, column), type(value)
    if isinstance(value, Link):
        _lead(cell, page.words[value.sheet], value.row)
        value = value.text
    kind = of, isinstance(value, str) and value.startswith(COMMANDS)
    if isinstance(value, str):
        cut = page.words["cut"]
        cell.value = value if len(value) <= _MOST else value[: _MOST - len(cut)] + cut
        cell.data_type = "s"
    else:
        cell.value = value
    if kind in styles:
        cell._style = copy(styles[kind])
    else:
        _dress(cell, *kind)
        styles[kind] = cell._style


def _lead(cell: Cell, sheet: str, row: int) -> None:
    """Has a cell lead to a row of another sheet of the workbook."""
    from openpyxl.utils import quote_sheetname
    from openpyxl.worksheet.hyperlink import Hyperlink

    cell.hyperlink = Hyperlink(cell.coordinate, location=f"{quote_sheetname(sheet)}!A{row}")


def _dress(cell: Cell, kind: type, command: bool) -> None:
    """Gives the first cell of a kind its looks, which the others then share: to make them anew takes long."""
    from openpyxl.styles import Alignment, Border, Font, Side

    line = Side("thin", color="B9BDC3")
    cell.border, cell.quotePrefix = Border(line, line, line, line), command
    cell.alignment = Alignment(vertical="top", wrap_text=kind in (str, Link))
    if kind is Link:
        cell.font = Font(color=_LINK, underline="single")
    cell.number_format = _MONEY if kind is Decimal else "General"


def _width(value: Text) -> int:
    if isinstance(value, (Decimal, int)):
        return len(f"{value:,.2f}")
    return max((width(line) for line in (value or "").splitlines()), default=0)


def _lines(value: Text, wide: int) -> int:
    """How many lines a value takes in a column."""
    if not isinstance(value, str):
        return 1
    return sum(-(-width(line) // (wide - 2)) or 1 for line in value.splitlines()) or 1

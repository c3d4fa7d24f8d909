"""The empty form as a workbook: drop-downs, checks of what is typed, comments with the clauses, locked headers.

What this module is for: the one place that writes the look of the form. What a reader must not break: no macro, no
formula, and a checked cell still lets the reader leave it empty.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from yibaolex.selfreport.draft import Draft
from yibaolex.selfreport.forms import CellKind, Column, Sheet
from yibaolex.selfreport.saving import save

_ROWS = 20_000  # rows in which what is typed is checked, and which can be sorted and filtered
_EARLIEST, _LATEST = date(1990, 1, 1), date(2049, 12, 31)
_HEAD = PatternFill("solid", fgColor="1F4E79")
_NEEDED = PatternFill("solid", fgColor="C00000")
_INPUT = PatternFill("solid", fgColor="FFF9E5")
_SAMPLE = PatternFill("solid", fgColor="EDEDED")
_LINE = Border(*[Side(style="thin", color="BFBFBF")] * 4)
_WRAPPED = Alignment(wrap_text=True, vertical="center")
_FORMATS = {
    CellKind.DATE: "yyyy-mm-dd",
    CellKind.YUAN: "0.00",
    CellKind.COUNT: "0",
}
_LISTED = (CellKind.CHOICE, CellKind.ANSWER, CellKind.LABEL)
_TEXT = "@"
_TITLE = 30  # Excel takes no longer one
_WIDTHS = {CellKind.TEXT: 26, CellKind.LABEL: 24, CellKind.IDENTIFIER: 14}
_WIDTH = 15
_PAGES = 3  # beside each other, on which the columns of the problems can be read in print
_COMMENT = (420, 24, 22)  # width, and height of a line of so many characters


def write_workbook(draft: Draft, path: Path) -> None:
    """Write the form as a workbook.

    Raises:
        OSError: the file cannot be written.
    """
    book = Workbook()
    book.remove(book.active)
    whole = {sheet.notation: sheet for sheet in draft.form.sheets}
    told, lists = [sheet for sheet in whole.values() if not sheet.columns]
    filled = [sheet for sheet in whole.values() if sheet.columns]
    _tell(draft, book.create_sheet(draft.header(told)), filled)
    pages = [(sheet, book.create_sheet(draft.header(sheet))) for sheet in filled]
    options = Options(draft, book.create_sheet(draft.header(lists)))
    for sheet, page in pages:
        if sheet.vertical:
            _lay_out_down(draft, sheet, page, options)
        else:
            _lay_out_across(draft, sheet, page, options)
            (_print_duties if sheet.printed else _print_sample)(draft, sheet, page)
    for page in book.worksheets:
        _finish(page)
    book.active = 0
    save(book, path)


class Options:
    """The page that feeds the drop-downs, one column of it for each list; beside words for problems stand clauses."""

    def __init__(self, draft: Draft, page: Worksheet) -> None:
        self.page = page
        self._draft = draft
        self._ranges: dict[tuple[str, ...], str] = {}

    def of(self, column: Column) -> str:
        """The range with the options of ``column``."""
        values = tuple(self._draft.options(column))
        if values not in self._ranges:
            number = self.page.max_column + 1 if self._ranges else 1
            for row, value in enumerate(values, 1):
                self.page.cell(row, number, value)
            if column.kind is CellKind.LABEL:
                for row, label in enumerate(self._draft.labels, 1):
                    self.page.cell(row, number + 1, self._draft.named_clauses(label))
            letter, name = get_column_letter(number), quote_sheetname(self.page.title)
            self.page.column_dimensions[letter].width = _WIDTHS[CellKind.TEXT]
            self._ranges[values] = f"{name}!${letter}$1:${letter}${len(values)}"
        return self._ranges[values]


# --- pages ------------------------------------------------------------------------------------------------------------


def _tell(draft: Draft, page: Worksheet, filled: list[Sheet]) -> None:
    """How the form is filled in."""
    page.column_dimensions["A"].width = 26
    page.column_dimensions["B"].width = 88
    page["A1"] = draft.header(draft.form)
    page["A1"].font = Font(bold=True, size=16, color="1F4E79")
    page["A2"] = draft.say("purpose")
    page.merge_cells("A2:B2")
    page["A2"].alignment = _WRAPPED
    page.row_dimensions[2].height = 36
    steps = [(draft.header(sheet), draft.say(f"about-{sheet.notation}")) for sheet in filled]
    rules = [(draft.say(f"rule-{number}"), draft.say(f"rule-{number}-text")) for number in range(1, 7)]
    for row, (name, text) in enumerate([*steps, *rules], 4):
        page.cell(row, 1, name).font = Font(bold=True)
        page.cell(row, 2, text)
        page.row_dimensions[row].height = 36
        for cell in page[row]:
            cell.alignment, cell.border = _WRAPPED, _LINE
        if row < 4 + len(steps):
            page.cell(row, 1).fill, page.cell(row, 1).font = _HEAD, Font(bold=True, color="FFFFFF")


def _lay_out_down(draft: Draft, sheet: Sheet, page: Worksheet, options: Options) -> None:
    """Headers in the first column and what is filled in to their right."""
    for letter, width in (("A", 30), ("B", 44)):
        page.column_dimensions[letter].width = width
    for row, column in enumerate(sheet.columns, 1):
        head, cell = page.cell(row, 1, draft.header(column)), page.cell(row, 2, draft.given(column) or None)
        _style_header(draft, column, head)
        cell.fill, cell.border, cell.protection = _INPUT, _LINE, Protection(locked=False)
        cell.number_format = _FORMATS.get(column.kind, _TEXT)
        page.row_dimensions[row].height = 24
        _check(draft, column, page, options, cell.coordinate)


def _lay_out_across(draft: Draft, sheet: Sheet, page: Worksheet, options: Options) -> None:
    """Headers in the first row, what is filled in below them."""
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        _style_header(draft, column, page.cell(1, number, draft.header(column)))
        dimension = page.column_dimensions[letter]
        dimension.width = _WIDTHS.get(column.kind, _WIDTH)
        dimension.number_format = _FORMATS.get(column.kind, _TEXT)
        dimension.protection = Protection(locked=column.notation in sheet.printed)
        _check(draft, column, page, options, f"{letter}2:{letter}{_ROWS}")
    page.row_dimensions[1].height = 48
    page.freeze_panes = "B2" if sheet.printed else "C2"
    page.print_title_rows = "1:1"
    if not sheet.printed:
        page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{_ROWS}"
        page.print_title_cols = "A:B"  # so that a row can be told on each of the pages beside each other
        page.page_setup.fitToWidth = _PAGES


def _print_sample(draft: Draft, sheet: Sheet, page: Worksheet) -> None:
    """The sample row, marked in the column of numbers so that it is not read."""
    for number, column in enumerate(sheet.columns, 1):
        cell = page.cell(2, number, _typed(column, draft.example(column)))
        cell.font, cell.fill, cell.border = Font(italic=True, color="7F7F7F"), _SAMPLE, _LINE
        cell.number_format, cell.alignment = _FORMATS.get(column.kind, _TEXT), _WRAPPED
        cell.protection = Protection(locked=False)


def _print_duties(draft: Draft, sheet: Sheet, page: Worksheet) -> None:
    """The duties, each with the clause it is from, and a place for the answer."""
    page.column_dimensions["B"].width = 64
    page.column_dimensions["D"].width = 40
    for row, duty in enumerate(draft.duties, 2):
        page.cell(row, 1, duty.notation)
        page.cell(row, 2, draft.header(duty)).comment = _comment(draft.clauses(duty))
        page.row_dimensions[row].height = 24
        for number, column in enumerate(sheet.columns, 1):
            cell = page.cell(row, number)
            printed = column.notation in sheet.printed
            cell.border, cell.alignment, cell.protection = _LINE, _WRAPPED, Protection(locked=printed)
            if not printed:
                cell.fill = _INPUT


# --- cells ------------------------------------------------------------------------------------------------------------


def _help(draft: Draft, column: Column) -> str:
    return draft.say("needed", help=column.help[draft.language]) if column.required else column.help[draft.language]


def _typed(column: Column, text: str) -> Any:
    """A sample as the kind of cell it stands for."""
    if column.kind is CellKind.DATE and text:
        return date.fromisoformat(text)
    if column.kind in (CellKind.YUAN, CellKind.COUNT) and text:
        return Decimal(text)
    return text


def _style_header(draft: Draft, column: Column, cell: Any) -> None:
    cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _NEEDED if column.required else _HEAD
    cell.alignment, cell.border = _WRAPPED, _LINE
    told = [_help(draft, column), draft.clauses(column) or column.purpose.get(draft.language, "")]
    cell.comment = _comment("\n".join(filter(None, told)))


def _comment(text: str) -> Comment:
    """A comment large enough for its text."""
    width, characters, height = _COMMENT
    lines = sum(len(line) // characters + 1 for line in text.split("\n"))
    return Comment(text, "yibaolex", width=width, height=(lines + 1) * height)


def _check(draft: Draft, column: Column, page: Worksheet, options: Options, cells: str) -> None:
    """Say what belongs into ``cells`` and check it; a word for a problem that is not listed is only warned of."""
    found = DataValidation(allow_blank=True, showInputMessage=True, **_rule(column, options))
    found.promptTitle = found.errorTitle = draft.header(column)[:_TITLE]
    found.prompt = _help(draft, column)
    if found.type is not None:
        found.showErrorMessage = True
        found.errorStyle = "warning" if column.kind is CellKind.LABEL else "stop"
        found.error = draft.say(f"wrong-{column.kind.value}")
    page.add_data_validation(found)
    found.add(cells)


def _rule(column: Column, options: Options) -> dict[str, str]:
    """What Excel is to check in the cells of ``column``; nothing for text."""
    if column.kind in _LISTED:
        return {"type": "list", "formula1": options.of(column)}
    if column.kind is CellKind.DATE:
        return {"type": "date", "operator": "between", "formula1": _day(_EARLIEST), "formula2": _day(_LATEST)}
    if column.kind in (CellKind.YUAN, CellKind.COUNT):
        kind = "whole" if column.kind is CellKind.COUNT else "decimal"
        return {"type": kind, "operator": "greaterThanOrEqual", "formula1": "0"}
    return {}


def _day(day: date) -> str:
    """A day as a check of Excel has it: the days since the end of 1899."""
    return str((day - date(1899, 12, 30)).days)


def _finish(page: Worksheet) -> None:
    """Print the page as wide as the paper, and lock the headers without a password; what is to be filled in is free."""
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.protection.sheet = True
    page.protection.formatColumns = False
    page.protection.formatRows = False
    page.protection.sort = False
    page.protection.autoFilter = False
    page.protection.deleteRows = False
    page.protection.insertRows = False

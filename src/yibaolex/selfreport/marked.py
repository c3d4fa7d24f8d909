"""A copy of a workbook in which the cells at fault are coloured and carry what is wrong with them.

What a reader must not break: the copy is never the file itself, nothing in it is worked out or leads outside, and a
fault that names no cell still finds a place in it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from yibaolex.faults import Fault, Severity
from yibaolex.knowledge import default_knowledge
from yibaolex.messages import Teller
from yibaolex.selfreport import workbook
from yibaolex.selfreport.page import COMMANDS
from yibaolex.selfreport.saving import save

_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]*")
_FIRST = "A1"
_REFUSED, _NOTED = "FFFFC7CE", "FFFFEB9C"  # red, yellow
_WIDTH, _LINE, _PER_LINE = 360, 22, 26  # of a comment in pixels, and its characters to a line
_AUTHOR = "yibaolex"


def marked_copy(path: Path, out: Path, faults: Iterable[Fault], language: str) -> None:
    """Write the workbook at ``path`` to ``out``, with ``faults`` told in ``language`` at their cells.

    Raises:
        UnreadableError: the workbook cannot be read.
        ValueError: ``out`` is the workbook itself.
    """
    if out.exists() and out.samefile(path):
        raise ValueError(out)
    book = workbook.open_whole(path)
    for sheet in book.worksheets:
        _disarm(sheet)
    teller = Teller(default_knowledge(), language)
    told: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        told[_cell_of(fault.place.removeprefix(path.name + "!"), book)].append(fault)
    for (name, reference), found in told.items():
        _mark(_top_left(book[name], reference), found, teller)
    save(book, out)


def _disarm(sheet: Any) -> None:
    """Turn the formulas of ``sheet`` into the text that spells them, and keep text that begins like one as text."""
    for cell in list(sheet._cells.values()):  # going through rows would make every cell that is not there
        if cell.data_type == "f":
            cell.value = workbook.formula_text(cell.value)
            cell.data_type = "s"
        if cell.data_type == "s" and str(cell.value).startswith(COMMANDS):
            cell.quotePrefix = True


def _cell_of(place: str, book: Any) -> tuple[str, str]:
    """The sheet and the cell that ``place`` names; the first cell where it names none."""
    name, _, reference = place.rpartition("!")
    if name in book.sheetnames and _CELL.fullmatch(reference):
        return name, reference
    return place if place in book.sheetnames else book.worksheets[0].title, _FIRST


def _top_left(sheet: Any, reference: str) -> Any:
    """The cell ``reference``, or the one that shows its content where cells are merged."""
    ranges = (merged for merged in sheet.merged_cells.ranges if reference in merged)
    return next((sheet.cell(merged.min_row, merged.min_col) for merged in ranges), sheet[reference])


def _mark(cell: Any, faults: list[Fault], teller: Teller) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    refused = any(fault.severity is Severity.REFUSED for fault in faults)
    cell.fill = PatternFill("solid", start_color=_REFUSED if refused else _NOTED)
    messages = dict.fromkeys(teller.message(fault) for fault in faults)
    if cell.comment is not None:
        messages = {cell.comment.text: None, **messages}
    text = "\n".join(messages)
    cell.comment = Comment(text, _AUTHOR, height=_LINE * (len(text) // _PER_LINE + len(messages) + 1), width=_WIDTH)

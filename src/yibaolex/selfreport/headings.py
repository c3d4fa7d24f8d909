"""What stands beside its header: the sheet about the institution, the lines above a table, the list of duties.

What a reader must not break: a heading that is not known, or filled in twice, is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from types import MappingProxyType

from yibaolex.faults import Fault, Severity
from yibaolex.screen import shown
from yibaolex.selfreport.cells import Cell, Place
from yibaolex.selfreport.forms import CellKind, Column, Duty, Form, Forms, Sheet
from yibaolex.selfreport.grid import Formula, Grid, Line, clean, column_letters
from yibaolex.selfreport.headers import Bound, Head, naming
from yibaolex.selfreport.table import understood
from yibaolex.selfreport.values import Meanings, key

REPORTED = "reported_on"  # the day of the report, without which no other day can be found to be too late
_INCOMPLETE = "report-institution-incomplete"
_COLONS = (":", "\uff1a")
_FEWEST, _LINES = 2, 50  # so many headings on the first lines make a sheet about the institution


def answer_column(sheet: Sheet) -> Column | None:
    """The column of ``sheet`` in which each duty is answered; None if it is no list of duties."""
    kinds = {column.kind: column for column in reversed(sheet.columns)}
    return None if sheet.vertical or CellKind.LABEL in kinds else kinds.get(CellKind.ANSWER)


def problem_sheet(form: Form) -> Sheet:
    """The sheet of ``form`` that has a row for each problem."""
    return next(s for s in form.sheets if not s.vertical and any(c.kind is CellKind.LABEL for c in s.columns))


def institution_faults(
    file: str, form: Form, institution: Mapping[str, Cell], blanks: Mapping[str, Place] = MappingProxyType({})
) -> list[Fault]:
    """What ``form`` requires of the institution, and the day of the report, if the report in ``file`` lacks them.

    Each is told at its place if it is one of the ``blanks``.
    """
    missing = missing_of_institution(form, institution)
    at_blanks = [column for column in missing if column.notation in blanks]
    others = [column for column in missing if column not in at_blanks]
    found = [naming(_INCOMPLETE, str(blanks[column.notation]), [column]) for column in at_blanks]
    found += [naming(_INCOMPLETE, file, others)] if others else []
    if REPORTED not in institution:
        found.append(Fault("report-no-day", str(blanks.get(REPORTED, file)), severity=Severity.NOTED))
    return found


def missing_of_institution(form: Form, institution: Mapping[str, Cell]) -> list[Column]:
    """The columns about the institution that ``form`` requires and ``institution`` has not."""
    return [column for column in _required(form) if column.notation not in institution]


def _required(form: Form) -> Iterator[Column]:
    """The columns about the institution that ``form`` requires, in order."""
    return (column for sheet in form.sheets if sheet.vertical for column in sheet.columns if column.required)


def identity(form: Form, institution: Mapping[str, Cell]) -> tuple[str, ...]:
    """What tells one institution from another: its first required column that is filled in, however it is spelt."""
    given = (column.notation for column in _required(form) if column.notation in institution)
    cells = ((notation, institution[notation]) for notation in given)
    return next(((notation, key(cell.meant)) for notation, cell in cells), ())


class Headings:
    """The headings of the institution on ``form``; ``blanks`` are the places where nothing stands behind one."""

    def __init__(self, form: Form, meanings: Meanings) -> None:
        self.blanks: dict[str, Place] = {}
        self._meanings = meanings
        self._columns: dict[str, Bound] = {}
        for column in (column for sheet in form.sheets if sheet.vertical for column in sheet.columns):
            bound = Bound(0, column, meanings.of(column, Decimal(1)), True)
            for name in (column.notation, *column.labels.values(), *column.variants):
                self._columns.setdefault(_heading(name), bound)

    def are_on(self, grid: Grid) -> bool:
        """Whether ``grid`` is the sheet about the institution."""
        lines = islice((line for line in grid.lines() if any(line.texts)), _LINES)
        return sum(_heading(line.texts[0]) in self._columns for line in lines) >= _FEWEST

    def read(
        self, grid: Grid, lines: Iterable[Line], faults: list[Fault], *, own_sheet: bool = False
    ) -> dict[str, Cell]:
        """What stands behind the headings in ``lines``; on their ``own_sheet`` each line begins with one."""
        cells: dict[str, Cell] = {}
        for line in lines:
            if own_sheet:
                self._take_blank(grid, line)
            for heading, text, index in self._on_own_sheet(line) if own_sheet else self._above_table(line):
                place = Place(grid.file, grid.name, line.number, column_letters(index))
                bound = self._columns.get(_heading(heading))
                cell = understood(bound, place, text, faults) if bound else None
                if not heading:
                    faults.append(_note("report-unheaded", place, text))
                elif bound is None and self._meanings.unit(text) is not None:
                    continue  # it is read with the headers
                elif bound is None:
                    faults.append(_note("report-heading", place, heading))
                elif cell and bound.column.notation in cells:
                    faults.append(Fault("report-heading-twice", str(place), {"shown": shown(heading)}))
                elif cell:
                    cells[bound.column.notation] = cell
        return cells

    def _take_blank(self, grid: Grid, line: Line) -> None:
        bound = self._columns.get(_heading(line.texts[0]))
        if bound is not None and not any(line.texts[1:2]):
            self.blanks[bound.column.notation] = Place(grid.file, grid.name, line.number, column_letters(1))

    def _on_own_sheet(self, line: Line) -> Iterator[tuple[str, str, int]]:
        """The heading in the first column with what stands in the second, and what else is no help printed there."""
        heading, *texts = line.texts
        bound = self._columns.get(_heading(heading))
        printed = [key(text) for text in bound.column.help.values()] if bound else []
        for index, text in enumerate(texts, 1):
            if text and (index == 1 or not any(help_text in key(text) for help_text in printed)):
                yield heading if index == 1 else "", text, index

    def _above_table(self, line: Line) -> Iterator[tuple[str, str, int]]:
        """Each heading with what stands behind it, in the same cell or the next; what comes first may be a title."""
        heading: str | None = None
        for index, text in enumerate(line.texts):
            first, behind = _split(text)
            if behind and (not heading or _heading(first) in self._columns) and not isinstance(text, Formula):
                yield first, behind, index
                heading = ""
            elif _heading(text) in self._columns or text.endswith(_COLONS):
                heading = text
            elif text and heading is not None:
                yield heading, text, index
                heading = ""


def _note(code: str, place: Place, text: str) -> Fault:
    return Fault(code, str(place), {"shown": shown(text)}, severity=Severity.NOTED)


def _split(text: str) -> tuple[str, str]:
    """A heading and what stands behind its colon in the same cell."""
    at = min((text.find(colon) for colon in _COLONS if colon in text), default=-1)
    return (clean(text[:at]), clean(text[at + 1 :])) if at >= 0 else (text, "")


def _heading(text: str) -> str:
    return key(text).strip("*:")


class Duties:
    """The list of duties that an institution filled in: its answers and remarks by the notation of the duty."""

    def __init__(self, forms: Forms, faults: list[Fault]) -> None:
        self.answers: dict[str, Cell] = {}
        self.remarks: dict[str, Cell] = {}
        self._faults = faults
        self._named = {
            key(name): duty for duty in forms.duties.values() for name in (duty.notation, *duty.labels.values())
        }

    def read(self, grid: Grid, head: Head) -> None:
        """Take up what stands under ``head``."""
        answers = [bound for bound in head.bound if bound.column is answer_column(head.sheet)]
        remarks = [bound for bound in head.bound if bound.column.kind is CellKind.TEXT][-1:]
        for line in grid.lines():
            duty = next((self._named[key(text)] for text in line.texts if key(text) in self._named), None)
            if line.number > head.row:
                for bound in answers:
                    self._keep(grid, line, bound, duty, self.answers)
                for bound in remarks if duty else ():
                    self._keep(grid, line, bound, duty, self.remarks)

    def _keep(self, grid: Grid, line: Line, bound: Bound, duty: Duty | None, kept: dict[str, Cell]) -> None:
        text = line.texts[bound.index] if bound.index < len(line.texts) else ""
        place = Place(grid.file, grid.name, line.number, column_letters(bound.index))
        if not text or key(text) in self._named:
            return
        if duty is None:
            self._faults.append(Fault("report-duty", str(place), {"shown": shown(text)}))
        elif duty.notation in kept:
            self._faults.append(Fault("report-duty-twice", str(place), {"shown": shown(text)}))
        elif cell := understood(bound, place, text, self._faults):
            kept[duty.notation] = cell

"""The rows of a table under its header: which are problems, and what their cells say.

What this module is for: lines in, one row per problem out, as they are asked for. What a reader must not break: no line
with content is passed over in silence, no cell is counted twice, and an amount that several rows share is nobody's.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from yibaolex.faults import Fault, Severity
from yibaolex.screen import one_line, shown
from yibaolex.selfreport.cells import Cell, Place, Row
from yibaolex.selfreport.forms import CellKind, Column
from yibaolex.selfreport.grid import Formula, Grid, Line, Merge, column_letters
from yibaolex.selfreport.headers import Bound, Head
from yibaolex.selfreport.values import Meaning, key, plain

_DASHES = frozenset("-/\u2013\u2014") | {"--", "\u2014\u2014"}
_ZERO = re.compile(r"0+([.]0*)?")
_AMOUNTS = (CellKind.YUAN, CellKind.COUNT)
_LISTED = 20  # rows that report nothing and are named
_NAMING = (CellKind.IDENTIFIER, CellKind.LABEL)
_SHARED_KINDS = (CellKind.LABEL, CellKind.TEXT, CellKind.DATE, CellKind.CHOICE, CellKind.ANSWER)


class Table:
    """The problems below ``head`` on ``grid``; lines that are none are told in ``faults`` as they are met."""

    def __init__(self, grid: Grid, head: Head, institution: Mapping[str, Cell], faults: list[Fault]) -> None:
        self.faults = faults
        self._grid, self._head = grid, head
        self._own = [bound for bound in head.bound if not bound.of_institution]
        self._of_institution = [bound for bound in head.bound if bound.of_institution]
        self._letters = [column_letters(index) for index in range(len(head.texts))]
        self._unheaded = [index for index, text in enumerate(head.texts) if not text]
        columns = [bound.column for bound in self._own]
        self._number_columns = number_columns(columns)
        self._examples = Examples((bound.column, bound.meaning) for bound in self._own)
        self._closing = frozenset(map(key, head.sheet.closing))
        self._required = [bound for bound in self._own if bound.column.required]
        self._nothing = list(map(re.compile, head.sheet.nothing))
        self._unused = _Unused()
        self._file_institution = institution
        self._last_institution: tuple[tuple[str, ...], Mapping[str, Cell]] = ((), institution)
        self._merges = _Merges(grid, head)

    def rows(self) -> Iterator[Row]:
        """The problems, in order."""
        for line in self._grid.lines():
            if line.number > self._head.row and line.texts != self._head.texts and any(line.texts):
                row = self._row(line)
                if row is not None:
                    yield row
        self.faults += self._unused.told()

    def _row(self, line: Line) -> Row | None:
        faults: list[Fault] = []
        institution = self._institution(line, faults)
        cells = self._cells(line, self._own, faults)
        if not self._is_problem(line, cells):
            return None
        self._merges.fill(self, line, cells, faults)
        faults += self._unheaded_cells(line)
        return Row(self.place(line, 0), cells, institution, tuple(faults), self._gaps(line, cells))

    def _gaps(self, line: Line, cells: Mapping[str, Cell]) -> dict[str, Place]:
        empty = (bound for bound in self._required if bound.column.notation not in cells)
        return {bound.column.notation: self.place(line, bound.index) for bound in empty}

    def _is_problem(self, line: Line, cells: Mapping[str, Cell]) -> bool:
        """Whether the line reports a problem; what is no example and not understood is told."""
        numbers = [cells[notation] for notation in self._number_columns if notation in cells]
        if self._examples.marks(cells):
            return self._examples.is_changed(cells) and not self._note(line, "report-example-changed")
        if self._closes(line, cells):
            return self._note(line, "report-row-closing")
        if len(cells) == len(numbers):
            return self._note(line, "report-row")
        if not self._head.sheet.printed or self._states_something(cells):
            return True
        self._unused.add(self.place(line, 0), self._named(cells))
        return False

    def _states_something(self, cells: Mapping[str, Cell]) -> bool:
        """Whether a row that is printed beforehand says more than is printed: that there is nothing is no more.

        Nor is a text that repeats what is printed beside or above it, as placeholders do.
        """
        own = {bound.column.notation: bound for bound in self._own}
        printed = {key(cells[name].text) for name in self._head.sheet.printed if name in cells}
        return any(
            not (self._is_nothing(cell) or key(cell.text) in printed or self._repeats_header(own[name], cell))
            for name, cell in cells.items()
            if name not in self._head.sheet.printed
        )

    def _is_nothing(self, cell: Cell) -> bool:
        text = key(cell.text)
        return _ZERO.fullmatch(cell.value or "") is not None or any(said.fullmatch(text) for said in self._nothing)

    def _repeats_header(self, bound: Bound, cell: Cell) -> bool:
        is_text = bound.column.kind is CellKind.TEXT
        return is_text and key(cell.text) in key(self._head.texts[bound.index])

    def _named(self, cells: Mapping[str, Cell]) -> str:
        """The number and the label of a row."""
        kinds = {bound.column.notation: bound.column.kind for bound in self._own}
        return " ".join(cell.text for name, cell in cells.items() if kinds[name] in _NAMING)

    def _closes(self, line: Line, cells: Mapping[str, Cell]) -> bool:
        """Whether the line stands below the problems: a sum, or who filled in the table."""
        first = next(text for text in line.texts if text)
        labels = (bound.column.notation for bound in self._own if bound.column.kind is CellKind.LABEL)
        named = [cells[notation].text for notation in labels if notation in cells]
        return key(first).partition(":")[0] in self._closing and all(text == first for text in named)

    def _note(self, line: Line, code: str) -> bool:
        index = next(index for index, text in enumerate(line.texts) if text)
        values = {"shown": shown(" ".join(filter(None, line.texts)))}
        self.faults.append(Fault(code, str(self.place(line, index)), values, severity=Severity.NOTED))
        return False

    def place(self, line: Line, index: int) -> Place:
        """The place of the cell at ``index`` of ``line``."""
        letters = self._letters[index] if index < len(self._letters) else column_letters(index)
        return Place(self._grid.file, self._grid.name, line.number, letters)

    def _cells(self, line: Line, bounds: list[Bound], faults: list[Fault]) -> dict[str, Cell]:
        cells: dict[str, Cell] = {}
        width = len(line.texts)
        for bound in bounds:
            if bound.index < width and line.texts[bound.index]:
                cell = understood(bound, self.place(line, bound.index), line.texts[bound.index], faults)
                if cell is not None:
                    notation = bound.column.notation
                    cells[notation] = _agreed(cells[notation], cell, faults) if notation in cells else cell
        return cells

    def _institution(self, line: Line, faults: list[Fault]) -> Mapping[str, Cell]:
        """The institution of the row: that of the file, with what stands beside the problem."""
        if not self._of_institution:
            return self._file_institution
        width = len(line.texts)
        texts = tuple(plain(line.texts[b.index]) if b.index < width else "" for b in self._of_institution)
        if texts != self._last_institution[0]:
            cells = self._cells(line, self._of_institution, faults)
            self._last_institution = (texts, {**self._file_institution, **cells})
        return self._last_institution[1]

    def _unheaded_cells(self, line: Line) -> Iterator[Fault]:
        beyond = range(len(self._head.texts), len(line.texts))
        for index in (*self._unheaded, *beyond):
            if index < len(line.texts) and line.texts[index]:
                values = {"shown": shown(line.texts[index])}
                yield Fault("report-unheaded", str(self.place(line, index)), values, severity=Severity.NOTED)


class _Unused:
    """The rows printed beforehand that state nothing, told together: how many they are, and the first of them."""

    def __init__(self) -> None:
        self._count = 0
        self._first: list[tuple[Place, str]] = []

    def add(self, place: Place, name: str) -> None:
        """Add a row."""
        self._count += 1
        if len(self._first) < _LISTED:
            self._first.append((place, name))

    def told(self) -> Iterator[Fault]:
        """What is told of them; nothing if there are none."""
        if self._first:
            names = "; ".join(one_line(name) for _, name in self._first) + ("; ..." if self._count > _LISTED else "")
            values = {"count": self._count, "names": names}
            yield Fault("report-rows-unused", str(self._first[0][0]), values, severity=Severity.NOTED)


class _Merges:
    """The merged ranges of the table: what stands in one holds for all of its rows, but an amount cannot."""

    def __init__(self, grid: Grid, head: Head) -> None:
        own = {bound.index: bound for bound in head.bound if not bound.of_institution}
        below = [merge for merge in grid.merges if merge.first > head.row and merge.column in own]
        self._bounds = own
        self._ranges: dict[int, list[Merge]] = defaultdict(list)
        for merge in sorted(below, key=lambda merge: merge.first):
            self._ranges[merge.column].append(merge)
        self._texts: dict[Merge, str] = {}
        self._several = self._over_several_rows(grid) if below else frozenset()

    def _over_several_rows(self, grid: Grid) -> frozenset[Merge]:
        """The ranges in which more than one row has content of its own."""
        filled = [line.number for line in grid.lines() if any(line.texts)]
        ranges = (merge for merges in self._ranges.values() for merge in merges)
        return frozenset(m for m in ranges if bisect_left(filled, m.last + 1) - bisect_left(filled, m.first) > 1)

    def fill(self, table: Table, line: Line, cells: dict[str, Cell], faults: list[Fault]) -> None:
        """Give the row its share of the ranges that go over it."""
        for index, ranges in self._ranges.items():
            while ranges and ranges[0].last < line.number:
                self._texts.pop(ranges.pop(0), None)
            if ranges and ranges[0].first <= line.number and ranges[0] in self._several:
                self._share(table, line, self._bounds[index], ranges[0], cells, faults)

    def _share(
        self, table: Table, line: Line, bound: Bound, merge: Merge, cells: dict[str, Cell], faults: list[Fault]
    ) -> None:
        notation, kind = bound.column.notation, bound.column.kind
        if merge.first == line.number and notation in cells:
            self._texts[merge] = cells[notation].text
        text = self._texts.get(merge, "")
        if not text:
            return
        place = table.place(line, bound.index)
        if kind in _AMOUNTS:
            cells[notation] = Cell(place, text, None, False)
            rows = {"first": merge.first, "last": merge.last, "shown": shown(text)}
            faults.append(Fault("report-merged-amount", str(place), rows))
        elif kind in _SHARED_KINDS and notation not in cells:
            cells[notation] = Cell(place, text, value := bound.meaning(text), value is not None)


def number_columns(columns: Iterable[Column]) -> frozenset[str]:
    """The notations of those ``columns`` that hold the number of a row."""
    return frozenset(column.notation for column in columns if column.kind is CellKind.IDENTIFIER)


class Examples:
    """What stands in the row that shows how to fill in the others: by column, what its samples mean."""

    def __init__(self, columns: Iterable[tuple[Column, Meaning]]) -> None:
        self._samples: dict[str, frozenset[str | None]] = {}
        self._marks: dict[str, frozenset[str]] = {}
        for column, meaning in columns:
            texts = column.examples.values()
            self._samples[column.notation] = frozenset(map(meaning, texts))
            if column.kind is CellKind.IDENTIFIER:
                self._marks[column.notation] = frozenset(map(key, texts))

    def marks(self, cells: Mapping[str, Cell]) -> bool:
        """Whether a sample stands in place of the number of the row."""
        return any(key(cells[name].text) in marks for name, marks in self._marks.items() if name in cells)

    def is_changed(self, cells: Mapping[str, Cell]) -> bool:
        """Whether anything in a row so marked is none of the samples."""
        return any(
            cell.value is None or cell.value not in self._samples[name]
            for name, cell in cells.items()
            if name not in self._marks
        )


def taken_numbers(cells: Mapping[str, Cell], columns: frozenset[str], taken: set[str]) -> Iterator[Fault]:
    """The numbers of a row that an earlier one has; ``taken`` are those of the rows before it."""
    for cell in (cells[notation] for notation in columns if notation in cells):
        number = cell.meant
        if number in taken:
            yield Fault("number-taken", str(cell.place), {"shown": shown(cell.text)}, severity=Severity.NOTED)
        taken.add(number)


def understood(bound: Bound, place: Place, text: str, faults: list[Fault]) -> Cell | None:
    """The cell that says ``text``; None if that stands for nothing, which is told."""
    if isinstance(text, Formula):
        severity = Severity.NOTED if bound.column.kind is CellKind.TEXT else Severity.REFUSED
        faults.append(Fault("report-formula", str(place), {"shown": shown(text)}, severity=severity))
        return Cell(place, text, None, False)
    value = bound.meaning(text)
    if value is None and text in _DASHES:
        faults.append(Fault("report-dash", str(place), {"shown": text}, severity=Severity.NOTED))
        return None
    return Cell(place, text, value, value is not None)


def _agreed(one: Cell, other: Cell, faults: list[Fault]) -> Cell:
    """What two columns of the same kind say together."""
    if one.understood and one.value == other.value:
        return one
    values = {"shown": shown(other.text), "before": shown(one.text), "place": str(one.place)}
    faults.append(Fault("report-differs", str(other.place), values))
    return Cell(one.place, one.text, None, False)

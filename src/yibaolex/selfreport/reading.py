"""Self-reports read from workbooks, CSV and JSON.

What this module is for: a file in, the reports of the institutions in it out, their rows as they are asked for. What a
reader must not break: nothing is guessed and nothing is dropped; a file that cannot be read ends in one sentence, and
whatever else is wrong stands in a fault with its place while the sound rows go on.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

from yibaolex.catalogue import LANGUAGES, catalogue
from yibaolex.faults import Fault, Severity
from yibaolex.jsontext import UnreadableError
from yibaolex.research import folded
from yibaolex.screen import shown
from yibaolex.selfreport import textfile, workbook
from yibaolex.selfreport.cells import Cell, Place, Report, Row
from yibaolex.selfreport.forms import CellKind, Form, Forms, called
from yibaolex.selfreport.grid import Grid
from yibaolex.selfreport.headers import Head, Headers, best_head, naming
from yibaolex.selfreport.headings import (
    Duties,
    Headings,
    answer_column,
    identity,
    institution_faults,
    problem_sheet,
)
from yibaolex.selfreport.objects import read_objects
from yibaolex.selfreport.table import Table, number_columns, taken_numbers
from yibaolex.selfreport.together import come_back, together
from yibaolex.selfreport.values import Meanings

Tables = list[tuple[Grid, Head]]
_OBJECTS, _MARKUP, _PORTABLE = ("{", "["), "<", b"%PDF"
_SEVERAL = "report-several"
_OF_RESULTS = ("sheet_limits", "sheet_receipt")  # sheets that only a report of the program has


def read(path: Path, forms: Forms) -> Report:
    """The report in a file of one institution; if others follow, ``faults`` says so once the rows are gone through.

    Raises:
        UnreadableError: the file as a whole cannot be read.
    """
    reports = read_all(path, forms)
    report = next(reports)
    return replace(report, rows=_rows_and_end(report, reports))


def _rows_and_end(report: Report, others: Iterator[Report]) -> Iterator[Row]:
    yield from report.rows
    for _ in others:
        report.faults.append(Fault(_SEVERAL, report.file))
        break


def read_all(path: Path, forms: Forms) -> Iterator[Report]:
    """The reports of all institutions in a file, one of each, to be gone through before the next is asked for.

    Raises:
        UnreadableError: the file as a whole cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(len(workbook.OLE))
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not start:
        raise _refusal(path, "report-empty")
    if start == workbook.OLE:
        raise workbook.refuse_ole(path)
    if start.startswith(_PORTABLE):
        raise _refusal(path, "report-not-table")
    reports = _of_workbook if start.startswith(workbook.ZIPPED) else _of_text
    for report in reports(path, forms):
        yield replace(report, sha256=digest)


def _of_text(path: Path, forms: Forms) -> Iterator[Report]:
    beginning = textfile.beginning(path)
    if not beginning:
        raise _refusal(path, "report-empty")
    if beginning.startswith(_MARKUP):
        raise _refusal(path, "report-web-page")
    yield from (_of_objects if beginning.startswith(_OBJECTS) else _of_csv)(path, forms)


def _of_objects(path: Path, forms: Forms) -> Iterator[Report]:
    for found in read_objects(path, forms):
        found.faults += institution_faults(path.name, found.form, found.institution)
        rows = _numbered(found.rows, number_columns(problem_sheet(found.form).columns))
        yield Report(path.name, "", found.form.notation, found.institution, rows, found.duties, {}, found.faults)


def _of_csv(path: Path, forms: Forms) -> Iterator[Report]:
    candidates = _candidates(forms, Meanings(forms))
    grids = textfile.grids(path)
    heads = [(grid, head) for grid in grids if (head := best_head(grid, candidates))]
    if not heads:
        raise _no_table(path, grids, candidates)
    best = max(heads, key=lambda found: len(found[1].bound))
    for report in _Book(path, forms, Meanings(forms), [best]).reports():
        if any(map(answer_column, forms.form(report.form).sheets)):
            report.faults.append(Fault("report-no-duties", path.name, severity=Severity.NOTED))
        yield report


def _of_workbook(path: Path, forms: Forms) -> Iterator[Report]:
    notes = workbook.check_package(path)
    grids, epoch = workbook.open_sheets(path)
    sheets = {grid.name for grid in grids}
    results = ({catalogue(language)["document"][sheet] for sheet in _OF_RESULTS} for language in LANGUAGES)
    if any(result <= sheets for result in results):
        raise _refusal(path, "report-own-result")
    meanings = Meanings(forms, epoch)
    candidates = _candidates(forms, meanings)
    heads = [(grid, head) for grid in grids if (head := best_head(grid, candidates))]
    if not heads:
        if not any(any(line.texts) for grid in grids for line in grid.lines()):
            raise _refusal(path, "report-empty")
        names = shown(", ".join(str(grid.name) for grid in grids))
        raise _unrecognised("report-wrong-sheets", path, candidates, shown=names)
    others = [grid for grid in grids if grid not in [grid for grid, _ in heads]]
    yield from _Book(path, forms, meanings, heads, others, notes).reports()


def _candidates(forms: Forms, meanings: Meanings) -> list[Headers]:
    """The tables that may stand in a file; where two fit alike, that with more columns is taken."""
    added = problem_sheet(forms.issued).columns
    found = [Headers(form, problem_sheet(form), meanings, added) for form in forms.forms.values()]
    return sorted(found, key=lambda headers: -len(headers.sheet.columns))


def _no_table(path: Path, grids: list[Grid], candidates: list[Headers]) -> UnreadableError:
    """Why no table was found in a text, read with each delimiter: perhaps its header is on a line that is faulty."""
    beginning = textfile.beginning(path)
    _, grid = max(zip(textfile.DELIMITERS, grids, strict=True), key=lambda one: beginning.count(one[0]))
    if grid.faults:
        return _unrecognised("report-no-table-line", path, candidates, line=grid.faults[0].values["line"])
    code = "report-no-workbook" if path.suffix.lower() in workbook.SUFFIXES else "report-no-table"
    return _unrecognised(code, path, candidates)


def _unrecognised(code: str, path: Path, candidates: list[Headers], **values: str) -> UnreadableError:
    """Why no table was found: nowhere is the header that none of the forms lacks."""
    columns = [column for one in candidates for column in one.sheet.columns if column.kind is CellKind.LABEL]
    return UnreadableError(naming(code, path.name, columns, Severity.REFUSED, **values))


@dataclass
class _Book:
    """A file with the tables that were found in it, and the sheets that hold none."""

    path: Path
    forms: Forms
    meanings: Meanings
    tables: Tables
    others: list[Grid] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def reports(self) -> Iterator[Report]:
        """The reports of the institutions in it."""
        form = self.tables[0][1].form
        headings = Headings(form, self.meanings)
        institution = self._institution(headings)
        duties = self._duties(form)
        self.faults += chain.from_iterable(head.faults for _, head in self.tables)
        hidden = (f"{grid.file}!{grid.name}" for grid, _ in self.tables if grid.hidden)
        self.faults += [Fault("report-hidden", place, severity=Severity.NOTED) for place in hidden]
        report = Report(self.path.name, "", form.notation, institution, (), duties.answers, duties.remarks)
        yield from self._split(report, form, headings.blanks)

    def _split(self, report: Report, form: Form, blanks: Mapping[str, Place]) -> Iterator[Report]:
        """``report`` once for each institution that its rows name, with what was met up to then."""
        found = False
        numbered = number_columns(bound.column for _, head in self.tables for bound in head.bound)
        for rows in map(itemgetter(1), self._by_institution(report.institution, form)):
            first = next(rows)
            missing = institution_faults(report.file, form, first.institution, blanks)
            own = replace(report, institution=first.institution, faults=[*missing, *self._drained()])
            yield replace(own, rows=_numbered(self._noting(own.faults, chain([first], rows)), numbered))
            found = True
        if not found:
            nothing = Fault("report-no-rows", self.path.name, severity=Severity.NOTED)
            missing = institution_faults(report.file, form, report.institution, blanks)
            yield replace(report, rows=iter(()), faults=[*missing, *self._drained(), nothing])

    def _by_institution(self, given: Mapping[str, Cell], form: Form) -> Iterator[tuple[object, Iterator[Row]]]:
        """The rows of each institution; they are kept beside the file only where one of them comes back."""
        named = partial(_reporter, form)
        beside = any(bound.of_institution for _, head in self.tables for bound in head.bound)
        is_mixed = beside and come_back(self._rows(given, []), named)
        for grid, _ in self.tables:
            grid.faults.clear()  # they are met again
        rows = self._rows(given, self.faults)
        return groupby(together(rows, named) if is_mixed else rows, named)

    def _rows(self, institution: Mapping[str, Cell], faults: list[Fault]) -> Iterator[Row]:
        return chain.from_iterable(Table(grid, head, institution, faults).rows() for grid, head in self.tables)

    def _noting(self, faults: list[Fault], rows: Iterator[Row]) -> Iterator[Row]:
        """``rows``; what is met on the way is added to ``faults``."""
        for row in rows:
            faults += self._drained()
            yield row
        faults += self._drained()

    def _drained(self) -> list[Fault]:
        """What was met since this was last asked."""
        sources = [self.faults, *(grid.faults for grid, _ in self.tables)]
        found = list(chain.from_iterable(sources))
        for source in sources:
            source.clear()
        return found

    def _institution(self, headings: Headings) -> dict[str, Cell]:
        cells: dict[str, Cell] = {}
        for grid, head in self.tables:
            cells |= headings.read(grid, head.above, self.faults)
        for grid in [grid for grid in self.others if headings.are_on(grid)]:
            self.others.remove(grid)
            cells |= headings.read(grid, grid.lines(), self.faults, own_sheet=True)
        return cells

    def _duties(self, form: Form) -> Duties:
        duties = Duties(self.forms, self.faults)
        candidates = [Headers(form, sheet, self.meanings) for sheet in form.sheets if answer_column(sheet)]
        for grid in self.others:
            head = best_head(grid, candidates)
            if head is not None:
                self.faults += head.faults
                duties.read(grid, head)
            elif not self._is_aside(form, grid) and any(any(line.texts) for line in grid.lines()):
                place = f"{grid.file}!{grid.name}"
                self.faults.append(Fault("report-sheet", place, {"shown": grid.name}, severity=Severity.NOTED))
        return duties

    def _is_aside(self, form: Form, grid: Grid) -> bool:
        """Whether ``grid`` is a sheet of ``form`` that is not there to be filled in."""
        asides = (sheet for sheet in form.sheets if not sheet.columns)
        return folded(grid.name or "") in {name for sheet in asides for name in called(sheet)}


def _reporter(form: Form, row: Row) -> tuple[str, ...]:
    """Which institution a row is of."""
    return identity(form, row.institution)


def _numbered(rows: Iterable[Row], columns: frozenset[str]) -> Iterator[Row]:
    """``rows`` of one institution; those whose number an earlier one on the same sheet has say so."""
    taken: defaultdict[str | None, set[str]] = defaultdict(set)
    for row in rows:
        faults = tuple(taken_numbers(row.cells, columns, taken[row.place.sheet]))
        yield replace(row, faults=(*row.faults, *faults)) if faults else row


def _refusal(path: Path, code: str, **values: object) -> UnreadableError:
    return UnreadableError(Fault(code, path.name, values))

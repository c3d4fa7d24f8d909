"""Reports in JSON: objects whose keys are the notations of a form, or its labels.

What a reader must not break: a key that is not known or stands twice is told, a value keeps the path that leads to it,
and a number is read as it is written.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from yibaolex.faults import Fault, Severity
from yibaolex.jsontext import Repeated, UnreadableError, parse
from yibaolex.screen import shown
from yibaolex.selfreport import textfile
from yibaolex.selfreport.cells import Cell, Place, Row
from yibaolex.selfreport.forms import Column, Duty, Form, Forms, Sheet
from yibaolex.selfreport.grid import clean
from yibaolex.selfreport.headings import answer_column, identity, problem_sheet
from yibaolex.selfreport.receipt import is_receipt
from yibaolex.selfreport.table import Examples
from yibaolex.selfreport.values import Meanings, key

Named = Sheet | Column | Duty
_NEAR = 0.8  # so like a known key is one misspelt
_YUAN = Decimal(1)  # what an amount is counted in where a key stands for a header


@dataclass
class ReadObject:
    """One institution of a JSON file."""

    form: Form
    institution: dict[str, Cell] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    duties: dict[str, Cell] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def join(self, other: ReadObject) -> None:
        """Take up what ``other`` says of the same institution; a duty that it answers otherwise is told."""
        for notation, cell in other.duties.items():
            if self.duties.setdefault(notation, cell).value != cell.value:
                self.faults.append(Fault("report-duty-twice", str(cell.place), {"shown": shown(cell.text)}))
        self.institution = {**self.institution, **other.institution, **self.institution}
        self.rows += other.rows
        self.faults += other.faults


def read_objects(path: Path, forms: Forms) -> Iterable[ReadObject]:
    """The institutions in the JSON file at ``path``; objects of the same one are one.

    Raises:
        UnreadableError: it is not JSON, or holds no report.
    """
    try:
        content = parse(textfile.whole(path).encode())
    except UnreadableError as error:
        fault = error.fault
        raise UnreadableError(replace(fault, place=f"{path.name}!{fault.place}")) from error
    items = content if isinstance(content, list) else [content]
    if not items or not all(isinstance(item, dict) for item in items):
        raise UnreadableError(Fault("report-no-object", path.name))
    if any(is_receipt(part) for item in items for part in (item, item.get("receipt"))):
        raise UnreadableError(Fault("report-own-result", path.name))
    found: dict[object, ReadObject] = {}
    for position, item in enumerate(items):
        root = f"$[{position}]" if isinstance(content, list) else "$"
        one = _Reader(path.name, forms, _form(path, forms, item, root)).read(item, root)
        named = identity(one.form, one.institution)
        known = found.setdefault((one.form.notation, named) if named else position, one)
        if known is not one:
            known.join(one)
    return found.values()


def _form(path: Path, forms: Forms, item: Mapping[str, Any], root: str) -> Form:
    """The form that most of the keys are of."""
    written = {key(name) for name in item}
    counts = [(sum(bool(written & _named(s)) for s in form.sheets), form) for form in forms.forms.values()]
    most, form = max(counts, key=lambda count: count[0])
    if not most:
        known = ", ".join(sheet.notation for sheet in forms.issued.sheets if sheet.columns)
        raise UnreadableError(Fault("report-no-keys", str(Place(path.name, None, 0, root)), {"known": known}))
    return form


class _Reader:
    """Reads one object of a file."""

    def __init__(self, file: str, forms: Forms, form: Form) -> None:
        self._file, self._forms = file, forms
        self._meanings = Meanings(forms)
        self._found = ReadObject(form)

    def read(self, item: Mapping[str, Any], root: str) -> ReadObject:
        found = self._found
        sheets = {sheet.notation: sheet for sheet in found.form.sheets if sheet.columns}
        for notation, path, value in self._known(item, sheets, root, found.faults):
            sheet = sheets[notation]
            if sheet.vertical and self._is(value, dict, path, found.faults):
                found.institution |= self._cells(value, sheet, path, found.faults)
            elif (column := answer_column(sheet)) and self._is(value, dict, path, found.faults):
                found.duties |= self._duties(value, column, path)
            elif sheet is problem_sheet(found.form):
                found.rows = list(self._rows(value, sheet, path))
        found.rows = [replace(row, institution=found.institution) for row in found.rows]
        return found

    def _rows(self, items: Any, sheet: Sheet, path: str) -> Iterator[Row]:
        """The problems; what should be one, or a list of them, and is not, is a row that says nothing."""
        unread: list[Fault] = []
        if not self._is(items, list, path, unread):
            if unread:
                yield Row(self._place(path), {}, {}, tuple(unread))
            return
        examples = Examples((column, self._meanings.of(column, _YUAN)) for column in sheet.columns)
        for position, item in enumerate(items):
            where = f"{path}[{position}]"
            faults: list[Fault] = []
            if not self._is(item, dict, where, faults):
                yield Row(self._place(where), {}, {}, tuple(faults))
            else:
                cells = self._cells(item, sheet, where, faults)
                if not cells and not faults:
                    continue
                if not examples.marks(cells) or self._is_used(examples, cells, where):
                    yield Row(self._place(where), cells, {}, tuple(faults), self._gaps(sheet, cells, where))

    def _gaps(self, sheet: Sheet, cells: Mapping[str, Cell], path: str) -> dict[str, Place]:
        needed = (column.notation for column in sheet.columns if column.required and column.notation not in cells)
        return {notation: self._place(f"{path}.{notation}") for notation in needed}

    def _is_used(self, examples: Examples, cells: Mapping[str, Cell], path: str) -> bool:
        """Whether the row that shows how to fill in the others was filled in itself, which is told."""
        changed = examples.is_changed(cells)
        if changed:
            self._found.faults.append(Fault("report-example-changed", self._at(path), severity=Severity.NOTED))
        return changed

    def _cells(self, item: Mapping[str, Any], sheet: Sheet, path: str, faults: list[Fault]) -> dict[str, Cell]:
        columns = {column.notation: column for column in sheet.columns}
        cells = {}
        for notation, where, value in self._known(item, columns, path, faults):
            cell = self._cell(columns[notation], value, where, faults)
            if cell is not None:
                cells[notation] = cell
        return cells

    def _duties(self, item: Mapping[str, Any], column: Column, path: str) -> dict[str, Cell]:
        faults = self._found.faults
        known = self._known(item, self._forms.duties, path, faults)
        cells = {notation: self._cell(column, value, where, faults) for notation, where, value in known}
        return {notation: cell for notation, cell in cells.items() if cell is not None}

    def _cell(self, column: Column, value: Any, path: str, faults: list[Fault]) -> Cell | None:
        if isinstance(value, (dict, list)):
            faults.append(Fault("report-not-scalar", self._at(path), {"shown": shown(value)}))
            return None
        text = "" if value is None else clean(str(value).lower() if isinstance(value, bool) else str(value))
        meaning = self._meanings.of(column, _YUAN)(text) if text else None
        return Cell(self._place(path), text, meaning, meaning is not None) if text else None

    def _known(
        self, item: Mapping[str, Any], known: Mapping[str, Named], path: str, faults: list[Fault]
    ) -> Iterator[tuple[str, str, Any]]:
        """What stands in ``item`` under a known key, with its notation and its path; other keys are told."""
        notations = {name: notation for notation, thing in known.items() for name in _named(thing)}
        met: set[str] = set()
        for written, value in item.items():
            where, notation = f"{path}.{shown(written)}", notations.get(key(written))
            if isinstance(written, Repeated) or notation in met:
                faults.append(Fault("duplicate-key", self._at(where), {"name": shown(written)}))
            elif notation is not None:
                met.add(notation)
                yield notation, f"{path}.{written}", value
            else:
                faults.append(_unknown_key(written, known, self._at(where)))

    def _is(self, value: Any, kind: type, path: str, faults: list[Fault]) -> bool:
        """Whether ``value`` is an object or list as it should be; otherwise it is told."""
        if value is not None and not isinstance(value, kind):
            code = "report-list" if kind is list else "report-object"
            faults.append(Fault(code, self._at(path), {"shown": shown(value)}))
        return isinstance(value, kind)

    def _place(self, path: str) -> Place:
        return Place(self._file, None, 0, path)

    def _at(self, path: str) -> str:
        return str(self._place(path))


def _named(thing: Named) -> set[str]:
    """What a key for ``thing`` may be: its notation or a label, which also says the unit of an amount."""
    return {key(name) for name in (thing.notation, *thing.labels.values())}


def _unknown_key(written: str, known: Mapping[str, Named], place: str) -> Fault:
    """What is wrong with a key; one that is only misspelt may hold what the report is about."""
    labels = (label for thing in known.values() for label in thing.labels.values())
    near = difflib.get_close_matches(written, [*known, *labels], 1, _NEAR)
    if near:
        return Fault("report-key-near", place, {"shown": shown(written), "near": near[0]})
    return Fault("report-key", place, {"shown": shown(written), "known": ", ".join(known)}, severity=Severity.NOTED)

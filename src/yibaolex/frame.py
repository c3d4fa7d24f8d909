"""The outcome frame: query results assembled into JSON objects, field by field.

Each query of ``queries/outcome`` fills one field, or several of one kind; its header says where: ``list`` (a new object
per row, appended to a list of its parent), ``path`` (a value, or the other columns as an object; a step in braces is
read from that column), ``set`` (sorted lists of values; of several the column ``set`` says which), with ``in`` (the
list whose objects the field belongs to), ``default``, ``money``, ``number`` and ``tuple``. A reader must not break: no
field name stands in the code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import Literal

from yibaolex import resources
from yibaolex.amounts import money, number
from yibaolex.faults import TwoValuesError
from yibaolex.terms import BOOLEAN, INTEGER

JSON = dict[str, Any]
Row = dict[str, Any]
Select = Callable[[str], Iterable[Row]]
_RESERVED = ("node", "key", "group", "parent")


@dataclass(frozen=True)
class Frame:
    """One query of the outcome and what its header says."""

    name: str
    query: str
    header: dict[str, str] = field(compare=False)

    @classmethod
    def read(cls, path: Path) -> Frame:
        """Read a query file with its header (lines ``#+ key: value``)."""
        text = resources.text(path)
        return cls(path.stem, text, resources.header(text))

    @cached_property
    def money_columns(self) -> frozenset[str]:
        """The columns that are amounts in yuan."""
        return frozenset(self._words("money"))

    @cached_property
    def number_columns(self) -> frozenset[str]:
        """The columns that are other decimals."""
        return frozenset(self._words("number"))

    @cached_property
    def tuple_columns(self) -> list[str]:
        """The columns that make up the value, in order; none where the value is not a tuple."""
        return self._words("tuple")

    @cached_property
    def steps(self) -> list[tuple[str, bool]]:
        """The steps of the path, and of each whether a column of the row gives its name; none if the path is ``.``."""
        steps = (step for step in self.header["path"].split(".") if step)
        return [(step.strip("{}"), step.startswith("{")) for step in steps]

    def _words(self, key: str) -> list[str]:
        return self.header.get(key, "").split()

    def value(self, name: str, term: Any) -> Any:
        """What the outcome has for the ``term`` of the column ``name``."""
        if not isinstance(term, Literal):
            return None if term is None else term.value
        if name in self.money_columns:
            return money(Decimal(term.value))
        if name in self.number_columns:
            return number(Decimal(term.value))
        datatype = term.datatype
        if datatype == BOOLEAN:
            return term.value in ("true", "1")
        return int(term.value) if datatype == INTEGER else term.value


def assemble(frames: Iterable[Frame], select: Select) -> list[JSON]:
    """Run ``frames`` in order through ``select`` and return the root objects.

    Raises:
        TwoValuesError: the law gives a field two values.
    """
    builder = _Builder(select)
    for frame in frames:
        builder.fill(frame)
    return builder.roots


class _Builder:
    def __init__(self, select: Select) -> None:
        self._select = select
        self._objects: dict[str, JSON] = {}
        self._lists: defaultdict[str, list[JSON]] = defaultdict(list)
        self.roots: list[JSON] = []

    def fill(self, frame: Frame) -> None:
        rows = list(self._select(frame.query))
        if "list" in frame.header:
            self._append(frame, rows)
        elif "set" in frame.header:
            self._collect(frame, rows)
        else:
            self._assign(frame, rows)

    def _append(self, frame: Frame, rows: list[Row]) -> None:
        name = frame.header["list"]
        for item in self._lists[frame.header.get("in", "")]:
            item[name] = []
        for row in rows:
            created: JSON = {}
            parent = row.get("parent")
            (self.roots if parent is None else self._objects[parent.value][name]).append(created)
            self._objects[row["node"].value] = created
            self._lists[name].append(created)

    def _collect(self, frame: Frame, rows: list[Row]) -> None:
        sets = {name: name.split(".") for name in frame.header["set"].split()}
        for item in self._lists[frame.header["in"]]:
            for *path, last in sets.values():
                _descend(item, path)[last] = []
        only = next(iter(sets))
        found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for row in rows:
            if row.get("field") is not None:
                found[row["node"].value, row["set"].value if "set" in row else only].add(row["field"].value)
        for (node, name), values in found.items():
            *path, last = sets[name]
            _descend(self._objects[node], path)[last] = sorted(values)

    def _assign(self, frame: Frame, rows: list[Row]) -> None:
        if "default" in frame.header:
            target, _, value = frame.header["default"].partition(" = ")
            if value != "null":
                raise ValueError(f"{frame.name}: the only default is null")
            for item in self._lists[frame.header["in"]]:
                *path, last = target.split(".")
                _descend(item, path).setdefault(last, None)
        for row in rows:
            self._place(frame, row, self._objects[row["node"].value])

    def _place(self, frame: Frame, row: Row, item: JSON) -> None:
        columns = {name: frame.value(name, term) for name, term in row.items() if name not in _RESERVED}
        if not frame.steps:
            for name, value in columns.items():
                _put(frame, row, item, name, value)
            return
        *path, last = [row[step].value if of_row else step for step, of_row in frame.steps]
        target = _descend(item, path)
        if frame.tuple_columns:
            values = [columns.get(name) for name in frame.tuple_columns]
            _put(frame, row, target, last, None if None in values else values)
        elif set(columns) == {"field"} or not columns:
            _put(frame, row, target, last, columns.get("field"))
        else:
            _put(frame, row, target, last, columns)


def _put(frame: Frame, row: Row, target: JSON, name: str, value: Any) -> None:
    """Set a field that one row at most may fill: two values are a contradiction in the law, never a choice."""
    if target.get(name) not in (None, value):
        raise TwoValuesError(f"{frame.name}: {row['node'].value}: {name} is both {target[name]} and {value}")
    target[name] = value


def _descend(item: JSON, path: list[str]) -> JSON:
    """The object at ``path`` below ``item``, made where it is missing or null."""
    for step in path:
        if item.get(step) is None:
            item[step] = {}
        item = item[step]
    return item

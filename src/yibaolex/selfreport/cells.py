"""The cells of a self-report: what was written, where, and what it was understood to say.

What this module is for: the records that every part after the reader shares. What a reader must not break: a cell keeps
its place and its text whatever becomes of it; an empty cell is no cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from yibaolex.faults import Fault


class Place(NamedTuple):
    """A cell of a file; in JSON ``row`` is 0 and ``column`` the path, in a CSV file there is no sheet."""

    file: str
    sheet: str | None
    row: int
    column: str

    def __str__(self) -> str:
        cell = f"{self.column}{self.row}" if self.row else self.column
        return "!".join(part for part in (self.file, self.sheet, cell) if part)


class Cell(NamedTuple):
    """What a cell says.

    ``text`` is what was written. ``value`` is what it means: an ISO date, an amount of yuan or a whole number as
    decimal digits, the notation of a choice or label, ``true``, ``false`` or ``unknown``, or the text itself. It is
    None where the cell was not understood.
    """

    place: Place
    text: str
    value: str | None
    understood: bool

    @property
    def meant(self) -> str:
        """What it means, or else what was written."""
        return self.value or self.text


@dataclass(frozen=True)
class Row:
    """One problem: its cells and those of its institution by column, empty ones absent, and what reading it met.

    ``gaps`` are the places of those cells that are empty and must not be.
    """

    place: Place
    cells: Mapping[str, Cell]
    institution: Mapping[str, Cell]
    faults: tuple[Fault, ...] = ()
    gaps: Mapping[str, Place] = field(default_factory=dict)


@dataclass
class Report:
    """The report of one institution.

    ``rows`` may be gone through once; ``faults`` is complete only when that is done. ``sha256`` is that of the file.
    """

    file: str
    sha256: str
    form: str
    institution: Mapping[str, Cell]
    rows: Iterable[Row]
    duties: Mapping[str, Cell] = field(default_factory=dict)
    duty_remarks: Mapping[str, Cell] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

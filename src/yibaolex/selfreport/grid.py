"""A table as lines of texts, whatever kind of file it stands in.

What a reader must not break: lines come one at a time, numbered as a spreadsheet numbers them, and a formula is told
apart from the text that spells it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import NamedTuple

from yibaolex.faults import Fault

_BLANK = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\ufeff"  # spaces, and what shows nothing


class Formula(str):
    """The text of a formula; it is never worked out."""


class Line(NamedTuple):
    """One row: its number from 1, and its texts from the first column on (empty: nothing there)."""

    number: int
    texts: tuple[str, ...]


class Merge(NamedTuple):
    """A merged range that goes over several rows: its first column from 0, its first and last row."""

    column: int
    first: int
    last: int


@dataclass(frozen=True)
class Grid:
    """A sheet, or a file that is one: ``lines`` begins anew at each call; what stops it is added to ``faults``."""

    file: str
    name: str | None
    lines: Callable[[], Iterator[Line]]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False
    faults: list[Fault] = field(default_factory=list)


def clean(text: str) -> str:
    """``text`` without spaces around it; empty if nothing of it can be seen."""
    return text.strip(_BLANK)


def column_letters(index: int) -> str:
    """The letters of the column at ``index`` from 0: A, ..., Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, len(ascii_uppercase))
        letters = ascii_uppercase[rest] + letters
    return letters

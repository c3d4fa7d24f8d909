"""The header row of a table, and the headings above it: which column of a form each cell of the table belongs to.

What this module is for: recognising the table of a form in whatever sheet, row and order it stands. What a reader must
not break: a header that is not recognised, or recognised twice, is told; the unit of an amount is that which its header
or its form names, never an assumption.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice, takewhile, zip_longest
from typing import NamedTuple

from yibaolex.catalogue import LANGUAGES, say
from yibaolex.faults import Fault, Severity
from yibaolex.screen import shown
from yibaolex.selfreport.cells import Place
from yibaolex.selfreport.forms import CellKind, Column, Form, Sheet
from yibaolex.selfreport.grid import Grid, Line, column_letters
from yibaolex.selfreport.values import Meaning, Meanings, key

_BRACKETED = re.compile(r"(.+)\(([^()]*)\)")
_ORNAMENTS = "*:"
_LINES_ABOVE = 50  # a header stands among the first so many lines with content,
_LAST_ROW = 1000  # and no farther down than this
_FEWEST = 2  # headers that make a table
_NEAR = 0.75  # so like a known header is one misspelt


@dataclass(frozen=True)
class Bound:
    """A column of the table: where it stands, the column of the form, how its cells are understood."""

    index: int
    column: Column
    meaning: Meaning
    of_institution: bool


@dataclass(frozen=True)
class Head:
    """The header row of a table: its line, the columns recognised, the lines above, and what is wrong with it."""

    form: Form
    sheet: Sheet
    row: int
    bound: tuple[Bound, ...]
    texts: tuple[str, ...]
    above: tuple[Line, ...] = ()
    faults: tuple[Fault, ...] = field(default=(), compare=False)


class Found(NamedTuple):
    """A header recognised: its column, whether the institution's, and the yuan in its unit (None: not stated)."""

    column: Column
    of_institution: bool
    factor: Decimal | None


class Headers:
    """The headers that a table of ``form`` on ``sheet`` may have; those of the institution may stand beside them.

    ``added`` are columns of another form that somebody may have put into this one.
    """

    def __init__(self, form: Form, sheet: Sheet, meanings: Meanings, added: Iterable[Column] = ()) -> None:
        self.form, self.sheet, self._meanings = form, sheet, meanings
        self._all = {column.notation: column for column in (*sheet.columns, *added)}.values()
        self._exact: dict[str, tuple[Column, bool]] = {}
        self._bare: dict[str, tuple[Column, bool]] = {}
        beside = [one for one in form.sheets if one.vertical and one is not sheet]
        offered = [(column, owner.vertical) for owner in (sheet, *beside) for column in owner.columns]
        for known in (*offered, *((column, False) for column in added)):
            for name in (known[0].notation, *known[0].labels.values(), *known[0].variants):
                self._exact.setdefault(_header(name), known)
                self._bare.setdefault(self._without_unit(_header(name))[0], known)

    def find(self, text: str) -> Found | None:
        """The column that the header ``text`` means."""
        bare, factor = self._without_unit(_header(text))
        known = self._exact.get(_header(text)) or self._bare.get(bare)
        if known is None:
            return None
        column, of_institution = known
        if factor is None and text == column.notation:
            factor = Decimal(1)
        return Found(column, of_institution, factor)

    def nearest(self, text: str, given: Set[str]) -> Column | None:
        """The column whose header is most like ``text``, but none of those ``given``."""
        free = {name: column for name, (column, _) in self._bare.items() if column.notation not in given}
        near = difflib.get_close_matches(_header(text), free, 1, _NEAR)
        return free[near[0]] if near else None

    def _without_unit(self, header: str) -> tuple[str, Decimal | None]:
        """``header`` without a unit of money in brackets behind it, and the yuan in that unit."""
        found = _BRACKETED.fullmatch(header)
        factor = self._meanings.unit(found[2]) if found else None
        return (found[1], factor) if found and factor is not None else (header, None)

    def score(self, line: Line) -> tuple[int, int]:
        """How many columns ``line`` names, and how many of them as the form does."""
        found = [(self.find(text), _header(text)) for text in line.texts if text]
        named = {f.column.notation: name in map(_header, f.column.labels.values()) for f, name in found if f}
        has_key = any(f and f.column.kind is self._essential() for f, _ in found)
        return (len(named), sum(named.values())) if has_key and len(named) >= _FEWEST else (0, 0)

    def joined(self, grid: Grid, upper: Line, lower: Line) -> Line | None:
        """Two lines as one header, if they are one: both together name more columns than either, or one goes over both.

        A lower text counts by itself, else behind the upper one that it stands under; the unit may stand above it.
        """
        over = {m.column for m in grid.merges if m.first <= upper.number and m.last >= lower.number}
        is_header = self.score(upper)[0] > 0
        texts, group = [], ""
        for index, (above, below) in enumerate(zip_longest(upper.texts, lower.texts, fillvalue="")):
            group = above or group
            kept = above if is_header or index in over else ""
            texts.append(self._behind(group, below) if below else kept)
        line = Line(lower.number, tuple(texts))
        found = (self.find(texts[index]) for index in over if index < len(texts))
        is_sure = any(one.column.kind is self._essential() for one in found if one)
        return line if is_sure or self.score(line) > max(self.score(upper), self.score(lower)) else None

    def _behind(self, group: str, text: str) -> str:
        """The header ``text`` that stands under the header ``group``."""
        alone, above = self.find(text), self.find(group)
        bare, factor = self._without_unit(_header(group))
        if alone is None or (above and above.column.kind is not alone.column.kind):
            text = bare + text
        found = self.find(text)
        lacks_unit = found is not None and found.factor is None and found.column.kind is CellKind.YUAN
        return text + _header(group).removeprefix(bare) if lacks_unit and factor is not None else text

    def _essential(self) -> CellKind:
        """What no table of this sheet lacks: the label of the problem, else the answer."""
        kinds = {column.kind for column in self.sheet.columns}
        return CellKind.LABEL if CellKind.LABEL in kinds else CellKind.ANSWER

    def head(self, grid: Grid, line: Line, above: tuple[Line, ...]) -> Head:
        """``line`` of ``grid`` as the header row."""
        bound: list[Bound] = []
        faults: list[Fault] = []
        unknown: dict[str, str] = {}
        stated = self._stated_unit(above)
        for index, text in enumerate(line.texts):
            found = self.find(text) if text else None
            if found is not None:
                found = found._replace(factor=stated if found.factor is None else found.factor)
                meaning = self._meanings.of(found.column, found.factor)
                bound.append(Bound(index, found.column, meaning, found.of_institution))
            place = str(Place(grid.file, grid.name, line.number, column_letters(index)))
            if text and found is None:
                unknown[place] = text
            elif found is not None:
                faults += _header_faults(place, text, found, bound)
        faults += self._unknown(unknown, {one.column.notation for one in bound})
        faults += self._missing(grid, line, bound)
        return Head(self.form, self.sheet, line.number, tuple(bound), line.texts, above, tuple(faults))

    def _stated_unit(self, above: tuple[Line, ...]) -> Decimal | None:
        """The yuan in the unit that a heading states for the whole table."""
        headings = (key(text).partition(":") for line in above for text in line.texts)
        units = {self._meanings.unit(unit) for _, _, unit in headings if unit} - {None}
        return units.pop() if len(units) == 1 else None

    def _unknown(self, unknown: Mapping[str, str], given: Set[str]) -> Iterator[Fault]:
        """What to say of unknown headers, by place; what stands under a misspelt one is lost, not merely extra."""
        for place, text in unknown.items():
            near = self.nearest(text, given)
            if near:
                yield naming("report-header-near", place, [near], Severity.REFUSED, shown=shown(text))
            else:
                yield naming("report-header", place, [], shown=shown(text))

    def _missing(self, grid: Grid, line: Line, bound: Sequence[Bound]) -> Iterator[Fault]:
        """The columns that the table lacks: what it cannot do without, what states a fact, and what its form does not
        have though a provision asks for it.
        """
        given = {one.column.notation for one in bound}
        own = self.sheet.columns
        wanted = (c for c in self._all if c.fact or c.required or (c.sources and c not in own))
        missing = [column for column in wanted if column.notation not in given]
        if missing:
            yield naming(
                "report-columns-missing", str(Place(grid.file, grid.name, line.number, column_letters(0))), missing
            )


def _header_faults(place: str, text: str, found: Found, bound: Sequence[Bound]) -> Iterator[Fault]:
    """What is wrong with a header that was recognised; ``bound`` are the columns up to it."""
    if found.column.kind is CellKind.YUAN and found.factor is None:
        yield Fault("report-no-unit", place, {"shown": shown(text)}, severity=Severity.NOTED)
    if [one.column.notation for one in bound].count(found.column.notation) > 1:
        yield Fault("report-header-twice", place, {"shown": shown(text)}, severity=Severity.NOTED)


def naming(
    code: str, place: str, columns: Iterable[Column], severity: Severity = Severity.NOTED, **values: str
) -> Fault:
    """A fault that names ``columns``, in each language by their labels in it."""
    columns = list(columns)
    texts = {
        language: say(language, "fault", code, names=_listed(language, columns), **values) for language in LANGUAGES
    }
    return Fault(code, place, severity=severity, texts=texts)


def _listed(language: str, columns: Iterable[Column]) -> str:
    labels = dict.fromkeys(column.labels[language] for column in columns)
    return say(language, "report", "comma").join(labels)


def best_head(grid: Grid, candidates: Sequence[Headers]) -> Head | None:
    """The header row of ``grid`` and the form it is of; None if there is none near its top."""
    near = takewhile(lambda line: line.number <= _LAST_ROW, grid.lines())
    lines = list(islice((line for line in near if any(line.texts)), _LINES_ABOVE))
    for position, line in enumerate(lines):
        below = next((one for one in lines[position + 1 : position + 2] if one.number == line.number + 1), None)
        heads = [(c, below and c.joined(grid, line, below) or line) for c in candidates]
        scores = [candidate.score(head) for candidate, head in heads]
        best = max(scores, default=(0, 0))
        if best[0]:
            candidate, head = heads[scores.index(best)]
            return candidate.head(grid, head, tuple(lines[:position]))
    return None


def _header(text: str) -> str:
    return key(text).strip(_ORNAMENTS)

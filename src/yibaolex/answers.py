"""Answers as a table, CSV, JSON or Turtle.

What this module is for: the form in which an answer leaves the program. What a reader must not break: the same rows in
every form; no cell of a CSV file is taken for a formula; no cell of a table sends the terminal anything but text.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from yibaolex.catalogue import say
from yibaolex.research import BASE, PREFIXES, Found, Problem, Research, Table, short
from yibaolex.screen import fitted, one_line, width
from yibaolex.terms import BOOLEAN, INTEGER

_GAP = "  "
_RULE = "-"
_NARROW = 12  # the least that a line is fitted to
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TRUTHS = {(BOOLEAN, text): text == "true" for text in ("true", "false")}
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}")  # what every reader of JSON takes exactly
_PARTS = ("subject", "predicate", "object")


@dataclass(frozen=True)
class Answer:
    """What was found, with a heading for each column; IRIs are told by label or, if ``exact``, by their short name."""

    found: Found
    headings: tuple[str, ...]
    research: Research
    language: str
    exact: bool

    @property
    def rows(self) -> tuple[tuple[Any, ...], ...]:
        """The rows of terms; triples are rows of three."""
        if isinstance(self.found, bool):
            return ((Literal(self.found),),)
        if isinstance(self.found, Table):
            return self.found.rows
        return tuple((t.subject, t.predicate, t.object) for t in self.found)

    @property
    def cells(self) -> list[list[str]]:
        """The rows as they are shown."""
        return [[self._shown(term) for term in row] for row in self.rows]

    def _shown(self, term: Any) -> str:
        if term is None:
            return ""
        if isinstance(term, NamedNode):
            return curie(term) if self.exact else self.research.title(term, self.language)
        if isinstance(term, Literal) and term.datatype == BOOLEAN and not self.exact:
            return say(self.language, "why", term.value)
        return term.value if isinstance(term, (Literal, BlankNode)) else str(term)


def plain_answer(found: Found, research: Research, language: str) -> Answer:
    """The answer to a query that says nothing about its columns."""
    names = found.variables if isinstance(found, Table) else _PARTS
    headings = (say(language, "research", "answer"),) if isinstance(found, bool) else names
    return Answer(found, headings, research, language, exact=True)


def curie(node: NamedNode) -> str:
    """The name of ``node`` as a query may write it."""
    for prefix, namespace in PREFIXES.items():
        if node.value.startswith(namespace):
            return f"{prefix}:{node.value.removeprefix(namespace)}"
    return f"<{short(node)}>"


# --- forms ------------------------------------------------------------------------------------------------------------


def as_table(answer: Answer, columns: int | None) -> str:
    """The rows under their headings; where they do not fit into ``columns``, one below the other."""
    cells = [[one_line(cell) for cell in row] for row in answer.cells]
    if not cells or not answer.headings:
        return say(answer.language, "research", "nothing") + "\n"
    lines = [list(answer.headings), *cells]
    widths = _widths(lines, columns)
    if columns is not None and sum(widths) + len(_GAP) * (len(widths) - 1) > columns:
        return "\n".join(_block(answer, row, columns) for row in cells)
    rule = _GAP.join(_RULE * room for room in widths)
    head, *rest = ("\n".join(_row(row, widths)) for row in lines)
    return "\n".join([head, rule, *rest]) + "\n"


def _block(answer: Answer, row: Sequence[str], columns: int) -> str:
    """A row as lines that each say a heading and what is under it; of a row without a value, the first heading."""
    pairs = list(zip(answer.headings, row, strict=True))
    told = [pair for pair in pairs if pair[1]] or pairs[:1]
    lines = [say(answer.language, "research", "pair", heading=heading, cell=cell) for heading, cell in told]
    return fitted("\n".join(lines), columns)


def _widths(lines: list[list[str]], columns: int | None) -> list[int]:
    """The width of each column; the widest give way until the table fits."""
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    room = None if columns is None else max(columns - len(_GAP) * (len(widths) - 1), 0)
    while room is not None and sum(widths) > room and max(widths) > _NARROW:
        widths[widths.index(max(widths))] -= 1
    # names are never broken, so that a column may need more than it was given
    return [
        max(width(line) for cell in column for line in _wrapped(cell, room))
        for column, room in zip(zip(*lines, strict=True), widths, strict=True)
    ]


def _wrapped(cell: str, room: int) -> list[str]:
    return fitted(cell, room).splitlines() if width(cell) > room else [cell]


def _row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The lines of one row."""
    parts = [_wrapped(cell, room) for cell, room in zip(cells, widths, strict=True)]
    height = max(map(len, parts))
    filled = [part + [""] * (height - len(part)) for part in parts]
    lines = zip(*filled, strict=True)
    return [
        _GAP.join(text + " " * (room - width(text)) for text, room in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def as_csv(answer: Answer, _: int | None) -> str:
    """The rows with their headings as CSV; what a spreadsheet would take for a formula begins with an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(answer.headings)
    writer.writerows([_guarded(cell) for cell in row] for row in answer.cells)
    return file.getvalue()


def _guarded(cell: str) -> str:
    return "'" + cell if cell.startswith(_FORMULA) else cell


def as_json(answer: Answer, _: int | None) -> str:
    """The rows as objects by variable; an IRI is given with its label."""
    if isinstance(answer.found, bool):
        return json.dumps(answer.found) + "\n"
    names = answer.found.variables if isinstance(answer.found, Table) else _PARTS
    rows = [{n: _value(t, answer) for n, t in zip(names, row, strict=True)} for row in answer.rows]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _value(term: Any, answer: Answer) -> Any:
    if isinstance(term, NamedNode):
        return {"iri": term.value, "label": answer.research.title(term, answer.language)}
    if isinstance(term, Literal) and (term.datatype, term.value) in _TRUTHS:
        return _TRUTHS[term.datatype, term.value]
    if isinstance(term, Literal) and term.datatype == INTEGER and _NUMBER.fullmatch(term.value):
        return int(term.value)
    return term.value if isinstance(term, Literal) else None if term is None else str(term)


def as_turtle(answer: Answer, _: int | None) -> str:
    """Triples as they are; of rows, everything that the graph says of the IRIs in them.

    Raises:
        Problem: the answer is yes or no.
    """
    if isinstance(answer.found, bool):
        raise Problem("no-turtle")
    return _turtle(answer.research.described(_nodes(answer)) if isinstance(answer.found, Table) else answer.found)


def _nodes(answer: Answer) -> list[NamedNode]:
    return [term for row in answer.rows for term in row if isinstance(term, NamedNode)]


def _turtle(triples: Sequence[Triple]) -> str:
    ordered = sorted(triples, key=lambda t: (str(t.subject), str(t.predicate), str(t.object)))
    written: Any = serialize(ordered, format=RdfFormat.TURTLE, prefixes=PREFIXES, base_iri=BASE)
    return written.decode("utf-8")


FORMATS: dict[str, Callable[[Answer, int | None], str]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "turtle": as_turtle,
}

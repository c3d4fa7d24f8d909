"""What the HTML, Word and Excel reports share: clean text, figures with the rows they rest on, clauses with theirs.

What this module is for: laying out the view of one report once, so that the three formats say the same. What a reader
must not break: a figure is never shown without the rows it was counted from; amounts stay exact decimals; text that
comes from a file is shown and never read as markup, formula or field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yibaolex.catalogue import catalogue
from yibaolex.screen import one_line

STATUSES = ("assessed", "question", "refused", "contract")
LINES = ("questions", "conclusion", "provisional_lines", "presumed", "missing", "follow", "handed", "held", "failed")
AMOUNTS = ("billed", "fund", "returned")
_PLAIN_SPACES = str.maketrans({chr(0x3000): " ", chr(0xA0): " ", "\t": " "})
_UNTOLD = ("unsettled", "same")

View = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A number of page one: what it counts, the number as shown, and the positions of the rows it was counted from."""

    label: str
    shown: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Quoted:
    """A clause that rows rest on, with its wording."""

    label: str
    quote: str
    rows: tuple[int, ...]


def cleaned(value: Any) -> Any:
    """``value`` with every text in it fit to be shown: what would hide or break a line is spelt out."""
    if isinstance(value, str):
        return "\n".join(one_line(line.translate(_PLAIN_SPACES)) for line in value.splitlines())
    if isinstance(value, Mapping):
        return {key: cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [cleaned(item) for item in value]
    return value


def money(amount: str | None) -> str:
    """An amount of yuan with thousands separators and two decimals; empty where there is none."""
    return "" if amount is None else f"{Decimal(amount):,.2f}"


class Page:
    """The view of one report, clean, with the positions of rows (from 0) for every number that refers to them."""

    def __init__(self, view: View) -> None:
        self.view: dict[str, Any] = cleaned(view)
        self.words = catalogue(self.view["language"])["document"]
        self.rows: list[dict[str, Any]] = self.view["rows"]
        self._positions: dict[str, list[int]] = {}
        for position, row in enumerate(self.rows):
            self._positions.setdefault(row["number"], []).append(position)

    def say(self, key: str, **values: object) -> str:
        """The words ``key`` of the document, filled in."""
        return self.words[key].format(**values)

    def positions(self, numbers: Iterable[str]) -> tuple[int, ...]:
        """Where the rows with these numbers stand; a number that occurs twice gives both."""
        return tuple(sorted({position for number in numbers for position in self._positions.get(number, ())}))

    def where(self, holds: Callable[[dict[str, Any]], bool]) -> tuple[int, ...]:
        """The positions of the rows for which ``holds``."""
        return tuple(position for position, row in enumerate(self.rows) if holds(row))

    # --- page one -------------------------------------------------------------------------------------------------

    def found(self) -> list[Figure]:
        """How many rows there are of each state and category."""
        states = [(self.words[status], self.where(lambda row, s=status: row["status"] == s)) for status in STATUSES]
        categories = [(c["label"], self._of_category(c)) for c in self.view["summary"]["categories"]]
        every = (self.words["rows"], tuple(range(len(self.rows))))
        counted = [every, *((label, rows) for label, rows in states + categories if rows)]
        return [Figure(label, str(len(rows)), rows) for label, rows in counted]

    def unmet(self) -> list[dict[str, Any]]:
        """The duties that were answered with no."""
        return [duty for duty in self.view["duties"] if duty["answer"] == "false"]

    def amounts(self) -> list[Figure]:
        """The fine, at least and at most, and what is to be returned, with the rows they are summed from."""
        fine, back = self.view["summary"]["fine"], self.view["summary"]["return"]["amount"]
        fined = self.where(lambda row: row["fine"] is not None)
        returning = self.where(lambda row: row["status"] == "assessed" and row["amounts"]["fund"] is not None)
        return [
            Figure(self.words["fine_low"], self.yuan(fine["low"]), fined),
            Figure(self.words["fine_high"], self.yuan(fine["high"]), fined),
            Figure(self.words["return"], self.yuan(back), returning),
        ]

    def still_open(self) -> list[Figure]:
        """The rows of which the fine, or what is to be returned, is not settled."""
        summary, assessed = self.view["summary"], lambda row: row["status"] == "assessed"
        fine = self.where(lambda row: assessed(row) and row["fine"] is None)
        back = self.where(lambda row: assessed(row) and row["amounts"]["fund"] is None)
        counted = [
            ("fine_open", summary["fine"]["open_rows"], fine),
            ("return_open", summary["return"]["open_rows"], back),
        ]
        return [Figure(self.words[key], str(number), rows) for key, number, rows in counted if number]

    def yuan(self, amount: str | None) -> str:
        """An amount of yuan in words."""
        return self.words["no_amount"] if amount is None else self.say("yuan", amount=money(amount))

    def band(self, low: str | None, high: str | None) -> str:
        """A band of yuan in words."""
        if low is None or high is None:
            return self.words["no_amount"]
        return self.say("between", low=money(low), high=money(high))

    def _of_category(self, category: View) -> tuple[int, ...]:
        return self.where(lambda row: row["category"] == category["label"])

    def of_article(self, article: View) -> tuple[int, ...]:
        """The rows to which an article of the summary may apply."""
        return self.where(lambda row: article["article"] in row["articles"])

    def lacking(self, missing: View) -> tuple[int, ...]:
        """The rows that lack a fact of the summary."""
        return self.positions(missing.get("numbers", ()))

    # --- rows -----------------------------------------------------------------------------------------------------

    def titled(self, row: View) -> str:
        """The heading of a row."""
        return self.say("row", number=row["number"]) + self.words["colon"] + row["label"]

    def stated(self, row: View) -> list[str]:
        """Where the row stands, and the amounts that it states."""
        amounts = [(self.words[f"amount_{key}"], row["amounts"][key]) for key in AMOUNTS]
        return [row["place"], *(f"{label} {self.yuan(amount)}" for label, amount in amounts if amount is not None)]

    def fault(self, fault: View) -> str:
        """A fault in one line: where, what was filled in, what is wrong and what to do, clause."""
        return " ".join(fault[key] for key in ("place", "shown", "message", "clause") if fault[key])

    def sections(self, row: View) -> Iterator[tuple[str, list[str]]]:
        """The lines of a row under their headings, what is to be done first; headings without lines are left out."""
        for key in LINES:
            heading = self._provisional(row) if key == "provisional_lines" else self.words[f"line_{key}"]
            lines = row[key]
            if key == "provisional_lines" and heading and row["provisional"] not in _UNTOLD:
                lines = [row["provisional"], *lines]
            if heading and (lines or key == "provisional_lines"):
                yield heading, lines

    def _provisional(self, row: View) -> str:
        told = row["provisional"]
        if told is None:
            return ""
        return self.words[f"line_provisional_{told}" if told in _UNTOLD else "line_provisional"]

    def quoted(self) -> list[Quoted]:
        """Every clause that rows rest on, once, in the order in which it is first used."""
        found: dict[tuple[str, str], list[int]] = {}
        for position, row in enumerate(self.rows):
            for clause in row["clauses"]:
                found.setdefault((clause["label"], clause["quote"]), []).append(position)
        return [Quoted(label, quote, tuple(dict.fromkeys(rows))) for (label, quote), rows in found.items()]

    def receipt(self) -> list[tuple[str, str]]:
        """The receipt as pairs, names of nested entries joined with a full stop."""
        return list(_flat("", self.view["receipt"]))

    def answer(self, duty: View) -> str:
        """The answer to a duty in words."""
        return self.words[f"answer_{duty['answer'] or 'none'}"]


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), item)
    elif isinstance(value, list):
        yield name, ", ".join(str(item) for item in value)
    elif value is not None:
        yield name, str(value)

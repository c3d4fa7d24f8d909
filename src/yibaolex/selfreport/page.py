"""What the HTML, Word and Excel reports share: clean text, figures with the rows they rest on, clauses with theirs.

What this module is for: laying out the view of one report once, so that the three formats say the same. What a reader
must not break: a figure is never shown without the rows it was counted from; amounts stay exact decimals; text that
comes from a file is shown and never read as markup, formula or field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yibaolex.catalogue import catalogue, filled
from yibaolex.screen import one_line
from yibaolex.selfreport.clauses import cited_in, names_in

STATUSES = {
    "assessed": "assessed",
    "question": "questions",
    "refused": "refused",
    "contract": "contract",
    "uncharged": "uncharged",
}
LINES = (
    "questions",
    "conclusion",
    "provisional_lines",
    "if_fined",
    "presumed",
    "missing",
    "follow",
    "handed",
    "held",
    "failed",
)
LISTED, FEW = 12, 3  # so many rows are named at a figure, and at one of the first page; the rest in a list
AMOUNTS = ("billed", "fund", "returned")
_PLAIN_SPACES = str.maketrans({chr(0x3000): " ", chr(0xA0): " ", "\t": " "})
COMMANDS = ("=", "+", "-", "@", "\t", "\r")  # what begins so may be run as a formula by a spreadsheet
_SINGLE = ("files", "rows")
_TOGETHER = 100  # digests of rows, which are short
_QUOTES = ('""', "\u201c\u201d", "()", "\uff08\uff09")
_UNTOLD = ("unsettled", "same")

View = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A number of page one: what it counts, as shown, the positions of its rows; of an amount the yuan and a remark."""

    label: str
    shown: str
    rows: tuple[int, ...]
    amount: str | None = None
    remark: str = ""


@dataclass(frozen=True)
class Outlook:
    """What the report may cost on one footing: the fine at least and at most, the return, and the rows they rest on.

    ``note`` says how the figures come about, ``parts`` tell rows with an upper end from those without.
    """

    label: str
    figures: tuple[Figure, ...]
    rows: tuple[int, ...]
    note: str
    parts: tuple[tuple[str, tuple[int, ...]], ...] = ()


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
        self.names = [self.name(row) for row in self.rows]
        for position, row in enumerate(self.rows):
            self._positions.setdefault(self._placed(row), [position])
        self._clauses = {clause["label"]: position for position, clause in enumerate(self.view["clauses"])}
        self._lists: dict[tuple[int, ...], int] = {}

    def name(self, row: View) -> str:
        """The number of a row, with its place where the number is taken twice."""
        return str(row["number"]) if len(self._positions[row["number"]]) == 1 else self._placed(row)

    def _placed(self, row: View) -> str:
        place = row["place"].removeprefix(f"{self.view['file']}!")
        return self.say("row_name", number=row["number"], place=place)

    def say(self, key: str, **values: object) -> str:
        """The words ``key`` of the document, filled in."""
        return filled(self.words[key], **values)

    def positions(self, numbers: Iterable[str]) -> tuple[int, ...]:
        """Where the rows with these numbers stand; a number that occurs twice gives both."""
        return tuple(sorted({position for number in numbers for position in self._positions.get(number, ())}))

    def before(self, positions: Sequence[int]) -> str:
        """What opens a list of row numbers."""
        return self.say("rows_open", number=len(positions))

    def after(self, positions: Sequence[int], most: int) -> str:
        """What closes a list of ``most`` row numbers: how many there are if there are more."""
        return self.say("more", number=len(positions)) if len(positions) > most else self.words["rows_close"]

    def list_of(self, positions: Sequence[int]) -> int | None:
        """The number of the whole list of these rows, to be given at the end; None if these are all rows."""
        every = len(positions) == len(self.rows)
        return None if every else self._lists.setdefault(tuple(positions), len(self._lists))

    def lists(self) -> list[tuple[int, ...]]:
        """The lists asked for so far, by their number."""
        return list(self._lists)

    def pieces(self, line: str) -> list[tuple[str, int | None]]:
        """``line`` in pieces, each with the position of the clause that it names, if it cites one."""
        return [self._piece(*piece) for piece in cited_in(line, self.view["language"])]

    def clauses_in(self, joined: str) -> list[tuple[str, int | None]]:
        """Names of clauses in one text, in pieces as those of a line."""
        return [self._piece(*piece) for piece in names_in(joined, self.view["language"])]

    def clause(self, name: str) -> int | None:
        """The position of the clause called so among those that are quoted."""
        return self._clauses.get(name)

    def _piece(self, text: str, is_name: bool) -> tuple[str, int | None]:
        return text, self.clause(text) if is_name else None

    def where(self, holds: Callable[[dict[str, Any]], bool]) -> tuple[int, ...]:
        """The positions of the rows for which ``holds``."""
        return tuple(position for position, row in enumerate(self.rows) if holds(row))

    def names_of_institution(self) -> list[str]:
        """The first things that are stated of the institution."""
        return [item["shown"] for item in self.view["institution"] if item["place"]][:2]

    # --- page one -------------------------------------------------------------------------------------------------

    def found(self) -> list[Figure]:
        """How many rows there are of each state and category; those beyond what is shown are counted as well."""
        summary = self.view["summary"]
        states = [(self.words[status], summary[key], self._of_status(status)) for status, key in STATUSES.items()]
        categories = [(c["label"], c["rows"], self.positions(c["numbers"])) for c in summary["categories"]]
        every = (self.words["rows"], summary["rows"], ())
        counted = [every, *((label, count, rows) for label, count, rows in states + categories if count)]
        return [Figure(label, str(count), rows) for label, count, rows in counted]

    def unmet(self) -> list[dict[str, Any]]:
        """The duties that were answered with no."""
        return [duty for duty in self.view["duties"] if duty["answer"] == "false"]

    def outlooks(self) -> list[Outlook]:
        """What it may cost: by the facts stated alone, by the presumptions for a self-report, and if it is fined."""
        summary = self.view["summary"]
        return [
            self._outlook("settled", "fine_range", summary["fine_range"], summary["return"]),
            self._outlook("presumed", "provisional_fine", summary["provisional_fine"], summary["provisional_return"]),
            *map(self._if_fined, summary["if_fined"]),
        ]

    def _if_fined(self, found: View) -> Outlook:
        """What the fines would come to if they were imposed; what is to be returned does not depend on that."""
        rows = self.positions(found["numbers"])
        figures = (
            Figure(self.words["least"], self.yuan(found["low"]), rows, found["low"]),
            Figure(self.words["most"], self.yuan(found["high"]), rows, found["high"]),
            Figure(self.words["return"], self.words["return_as_above"], rows),
        )
        return Outlook(found["label"], figures, rows, found["note"])

    def _outlook(self, name: str, key: str, fine: View, back: View) -> Outlook:
        rows = self.where(lambda row: row[key] is not None)
        ended, endless = (tuple(p for p in rows if (self.rows[p][key]["high"] is None) is no) for no in (False, True))
        if not fine["of_rows"]:
            nothing = (Figure(self.words[key], self.words["nothing"], ()) for key in ("least", "most", "return"))
            return Outlook(self.words[f"outlook_{name}"], tuple(nothing), (), fine["note"])
        most = self._most(fine, rows)
        found = (
            Figure(self.words["least"], self.yuan(fine["low"]), rows, fine["low"], self._as_zero(fine)),
            most,
            Figure(self.words["return"], self.yuan(back["amount"]), rows, back["amount"], self._open(back)),
        )
        parts = ((most.remark, ended if most.remark else ()), (self.words["no_end"], endless))
        return Outlook(
            self.words[f"outlook_{name}"], found, rows, fine["note"], tuple(part for part in parts if part[1])
        )

    def _as_zero(self, fine: View) -> str:
        """How many rows the sum of lower ends counts as nothing, since their fine is not settled."""
        return self.say("least_open", number=fine["open_rows"]) if fine["open_rows"] else ""

    def _most(self, fine: View, rows: tuple[int, ...]) -> Figure:
        """The sum of upper ends; as no upper end, and the sum as a remark, where it leaves rows out."""
        number = fine["of_rows"] - fine["no_end_rows"]
        if number == fine["of_rows"]:
            return Figure(self.words["most"], self.yuan(fine["high"]), rows, fine["high"])
        is_told = number and fine["high"] is not None
        told = self.say("most_of_rows", number=number, amount=self.yuan(fine["high"])) if is_told else ""
        return Figure(self.words["most"], self.words["no_end"], rows, None, told)

    def _without_end(self, high: str | None, number: int) -> str:
        return self.say("no_end_rows", number=number) if high is not None and number else ""

    def _open(self, back: View) -> str:
        """How much of the sum to be returned is stated to have been, and what the sum leaves out."""
        told = self.say("return_stated", amount=self.yuan(back["returned"])) if Decimal(back["returned"]) else ""
        is_part = back["open_rows"] and back["amount"] is not None
        left = self.say("return_open", number=back["open_rows"]) if is_part else ""
        return self.words["semicolon"].join(filter(None, (told, left)))

    def yuan(self, amount: str | None) -> str:
        """An amount of yuan in words."""
        return self.words["no_amount"] if amount is None else self.say("yuan", amount=money(amount))

    def end(self, amount: str | None) -> str:
        """The upper end of a range in words; None where none can be told."""
        return self.words["no_end"] if amount is None else self.yuan(amount)

    def band(self, low: str | None, high: str | None) -> str:
        """A range of yuan in words."""
        return self.say("between", low=self.yuan(low), high=self.end(high))

    def fine(self, row: View) -> str:
        """The range of the fine on a row under the presumptions, in words; empty where nothing was assessed."""
        found = row["provisional_fine"]
        return "" if found is None else self.band(found["low"], found["high"])

    def _of_status(self, status: str) -> tuple[int, ...]:
        return self.where(lambda row: row["status"] == status)

    def by_article(self) -> list[dict[str, Any]]:
        """The rows of each article, then those that no article is settled for, so that every assessed row is there."""
        return [*self.view["summary"]["articles"], *self.view["summary"]["unplaced"]]

    def article_loss(self, article: View) -> str:
        """The loss of the rows of an article, and for how many of them none is stated."""
        number = article["loss_open_rows"]
        told = "" if article["fund_loss"] is None else self.yuan(article["fund_loss"])
        left = self.say("loss_open_rows", number=number) if number else ""
        return self.words["semicolon"].join(filter(None, (told, left)))

    def article_fine(self, article: View) -> str:
        """The range of the fines on the rows of an article, and how many of them have no upper end."""
        left = self._without_end(article["fine_high"], article["no_end_rows"])
        band = self.band(article["fine_low"], article["fine_high"])
        return self.words["semicolon"].join(filter(None, (band, left)))

    def of_article(self, article: View) -> tuple[int, ...]:
        """The rows to which an article of the summary may apply."""
        return self.positions(article["numbers"])

    def lacking(self, missing: View) -> tuple[int, ...]:
        """The rows that lack a fact of the summary."""
        return self.positions(missing["numbers"])

    # --- rows -----------------------------------------------------------------------------------------------------

    def titled(self, row: View) -> str:
        """The heading of a row."""
        return self.say("row", number=self.name(row)) + self.words["colon"] + self.label(row)

    def label(self, row: View) -> str:
        """The word for the problem, with what the institution wrote for it."""
        return row["label"] + (self.say("as_written", written=row["written"]) if row["written"] else "")

    def filled(self, row: View) -> str:
        """What else is filled in, each under its header."""
        return self.words["semicolon"].join(f"{item['label']} {item['shown']}" for item in row["stated"])

    def stated(self, row: View) -> list[str]:
        """Where the row stands, and the amounts that it states."""
        amounts = [(self.words[f"amount_{key}"], row["amounts"][key]) for key in AMOUNTS]
        told = [f"{label} {self.yuan(amount)}" for label, amount in amounts if amount is not None]
        return [row["place"], *told, *([self.words["amount_fine"] + " " + self.fine(row)] if self.fine(row) else [])]

    def shown(self, fault: View) -> str:
        """What was filled in where a fault is; empty where its sentence quotes that."""
        text = fault["shown"]
        return "" if any(text.join(quotes) in fault["message"] for quotes in _QUOTES) else text

    def fault(self, fault: View) -> str:
        """A fault in one line: where, what was filled in, what is wrong and what to do, clause."""
        shown = self.say("as_filled", shown=self.shown(fault)) if self.shown(fault) else ""
        return " ".join(text for text in (fault["place"], shown, fault["message"], fault["clause"]) if text)

    def sections(self, row: View) -> Iterator[tuple[str, list[str]]]:
        """The lines of a row under their headings, what is to be done first; headings without lines are left out."""
        for key in LINES:
            heading = self._provisional_heading(row) if key == "provisional_lines" else self.words[f"line_{key}"]
            lines = row[key]
            if key == "provisional_lines" and self.provisional(row):
                lines = [row["provisional"], *lines]
            if heading and (lines or key == "provisional_lines"):
                yield heading, lines

    def _provisional_heading(self, row: View) -> str:
        told = row["provisional"]
        if told is None:
            return ""
        return self.words[f"line_provisional_{told}" if told in _UNTOLD else "line_provisional"]

    def provisional(self, row: View) -> str:
        """The headline of the provisional result of a row, where it settles more than the settled one."""
        return "" if row["provisional"] in (None, *_UNTOLD) else row["provisional"]

    def quoted(self) -> list[Quoted]:
        """Every clause that rows rest on, once, in the order of the texts, with these rows."""
        found: list[list[int]] = [[] for _ in self.view["clauses"]]
        for position, row in enumerate(self.rows):
            for name in row["cited"]:
                found[self._clauses[name]].append(position)
        clauses = zip(self.view["clauses"], found, strict=True)
        return [Quoted(clause["label"], clause["quote"], tuple(rows)) for clause, rows in clauses]

    def receipt(self) -> list[tuple[str, str]]:
        """The receipt as pairs, without the digests of single files and rows."""
        told = {key: value for key, value in self.view["receipt"].items() if key not in _SINGLE}
        return [(self._receipt_name(name), value) for name, value in _flat("", told)]

    def _receipt_name(self, name: str) -> str:
        whole, _, part = name.partition(".")
        return self.words["colon"].join(filter(None, (self.words.get(f"receipt_{whole}", whole), part)))

    def receipt_digests(self) -> list[tuple[str, str]]:
        """The rest of the receipt: the digest of each file of the knowledge base, and those of the rows in order."""
        receipt = self.view["receipt"]
        rows = receipt.get("rows", "").split()
        starts = range(0, len(rows), _TOGETHER)
        parts = ((start + 1, rows[start : start + _TOGETHER]) for start in starts)
        told = [(self.say("receipt_rows", first=n, last=n + len(part) - 1), " ".join(part)) for n, part in parts]
        return [*receipt.get("files", {}).items(), *told]

    def answer(self, duty: View) -> str:
        """The answer to a duty in words."""
        return self.words[f"answer_{duty['answer'] or 'none'}"]

    def remark(self, duty: View) -> str:
        """What the institution remarks on a duty; empty where it does not."""
        return self.say("remark", remark=duty["remark"]) if duty["remark"] else ""


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), item)
    elif isinstance(value, list):
        yield name, ", ".join(str(item) for item in value)
    elif value is not None:
        yield name, str(value)

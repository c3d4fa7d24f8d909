"""What the rows of a report come to: counts and sums that do not depend on the order in which rows are added.

What this module is for: what one row contributes, and the sum over many. What a reader must not break: amounts are
exact decimals of yuan, and a figure that is open is counted as open and never estimated.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from pyoxigraph import NamedNode

from yibaolex.amounts import money
from yibaolex.derivation import Assessment
from yibaolex.faults import Fault, Severity
from yibaolex.knowledge import Knowledge
from yibaolex.reasons import Finding, Kind
from yibaolex.selfreport.assessing import RowResult, Status
from yibaolex.selfreport.cells import Cell
from yibaolex.selfreport.forms import Forms
from yibaolex.selfreport.losses import band_of
from yibaolex.selfreport.rows import BILLED, FUND, RETURNED, columns
from yibaolex.telling import RULED_OUT
from yibaolex.terms import core

AMOUNTS = (BILLED, FUND, RETURNED)
UNASSESSED = (Status.CONTRACT, Status.UNCHARGED)  # rows with nothing to assess, though they are sound
_NOTHING = Decimal(0)
_YES = "true"
_FINES = (core("FineInBand"), core("OptionalFine"), core("NoFine"))


@dataclass(frozen=True)
class Range:
    """From the least to the most, in yuan; ``high`` is None where no upper end can be told."""

    low: Decimal
    high: Decimal | None

    @property
    def shown(self) -> dict[str, str | None]:
        """Both ends as text."""
        return {"low": money(self.low), "high": None if self.high is None else money(self.high)}


@dataclass(frozen=True)
class PossibleFine:
    """A fine that is still possible and what it would be, in yuan, if it were imposed; None where that cannot be told.

    ``multiples`` of ``base`` make the range, for a fine that has any; ``supposed`` is whether the base is not known and
    the loss that is reported was put in its place.
    """

    fine: NamedNode
    range: Range | None
    base: NamedNode | None = None
    multiples: tuple[Decimal, Decimal] | None = None
    supposed: bool = False


@dataclass(frozen=True)
class Outlook:
    """What one result of a row says of money: the fine, whether it is settled, what is to be returned (None: open),
    and the fines that are still possible.
    """

    fine: Range
    settled: bool
    due: Decimal | None
    possible: tuple[PossibleFine, ...] = ()

    @property
    def supposed(self) -> tuple[NamedNode, ...]:
        """The amounts that are not known and for which the reported loss stands in the range if a fine is imposed."""
        bases = {fine.base for fine in self.possible if fine.supposed and fine.base is not None}
        return tuple(sorted(bases, key=lambda base: base.value))

    @property
    def if_fined(self) -> Range | None:
        """From the lowest to the highest end of the fines that are possible; None where one cannot be told."""
        ranges = [fine.range for fine in self.possible if fine.range is not None]
        if not ranges or len(ranges) < len(self.possible):
            return None
        return Range(min(r.low for r in ranges), max(r.high for r in ranges if r.high is not None))


def outlook(knowledge: Knowledge, found: Assessment | None, loss: Decimal | None) -> Outlook | None:
    """What a result says of money for a row that reports ``loss``; None where there is no result."""
    if found is None or found.outcome is None:
        return None
    act, reasons = found.outcome[knowledge.notation(core("hasAct"))][0], found.reasons[0]
    state = next((f.value for f in reasons.findings if f.kind is Kind.FINE), None)
    fines = [f for f in reasons.of_kind(Kind.CONSEQUENCE) if f.about in knowledge.fines and f.value not in RULED_OUT]
    possible = tuple(_possible(knowledge, fine, loss) for fine in fines)
    if state not in _FINES:
        return Outlook(Range(_NOTHING, _highest(possible)), False, _due(knowledge, act), possible)
    band = next(part["applicable"] for part in act.values() if isinstance(part, dict) and "applicable" in part)
    low, high = map(Decimal, (band and band["payable"]) or (_NOTHING, _NOTHING))
    must = state == core("FineInBand")
    return Outlook(Range(low if must else _NOTHING, high), True, _due(knowledge, act), possible)


def _possible(knowledge: Knowledge, fine: Finding, loss: Decimal | None) -> PossibleFine:
    """What a fine would be: its statutory range as derived, else the multiples of the law times the reported loss."""
    graph = knowledge.graph
    base = graph.one(fine.about, core("fineBase"))
    least, most = (Decimal(graph.one(fine.about, core(end)).value) for end in ("fineMinimum", "fineMaximum"))
    multiples = (least, most) if base is not None else None
    if fine.amounts:
        low, high = (Decimal(end.value) for _, end in fine.amounts)
        return PossibleFine(fine.about, Range(low, high), base, multiples)
    supposed = Range(least * loss, most * loss) if loss is not None and multiples else None
    return PossibleFine(fine.about, supposed, base, multiples, supposed is not None)


def _highest(possible: Iterable[PossibleFine]) -> Decimal | None:
    """The highest end of the statutory ranges that are still possible; None where one of them has no amount yet."""
    ends = [None if fine.range is None or fine.supposed else fine.range.high for fine in possible]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _due(knowledge: Knowledge, act: dict) -> Decimal | None:
    """What is to be returned: nothing if no return is due, None if that or its amount is open."""
    if act["return_due"] is False:
        return _NOTHING
    imposed = knowledge.notation(core("Imposed"))
    amounts = [s["amount"] for s in act["sanctions"] if "amount" in s and s["status"] == imposed]
    if not act["return_due"] or not amounts or None in amounts:
        return None
    return sum(map(Decimal, amounts), _NOTHING)


# --- one row ------------------------------------------------------------------------------------------------------


class Todo(Enum):
    """What a row still asks of the institution."""

    CORRECT = "correct"
    ANSWER = "answer"
    LOSS = "unvalued"
    RETURN = "return"
    AGENCY = "agency"


@dataclass(frozen=True)
class Figures:
    """What a row contributes: its place in its file, its status, the sound amounts that it states, its two outlooks,
    which articles apply and whether that is open of another, its category and the one fact that keeps this open (None:
    settled, or more than one does), and what is missing or is claimed.
    """

    place: str
    status: Status
    amounts: dict[str, Decimal]
    settled: Outlook | None
    provisional: Outlook | None
    articles: tuple[str, ...]
    is_open: bool
    category: str | None
    decisive: str | None
    needs: tuple[str, ...]
    affirmed: frozenset[str]

    @property
    def counted(self) -> dict[str, Decimal]:
        """The amounts that count: those of a refused row do not."""
        return {} if self.status is Status.REFUSED else self.amounts

    @property
    def outstanding(self) -> Decimal:
        """How much of the loss of the fund is not stated to have been returned."""
        return max(self.amounts.get(FUND, _NOTHING) - self.amounts.get(RETURNED, _NOTHING), _NOTHING)

    @property
    def todo(self) -> tuple[Todo, ...]:
        """What is still to be done about the row."""
        asked = self.status in (Status.ASSESSED, Status.QUESTION)
        found = {
            Todo.CORRECT: self.status is Status.REFUSED,
            Todo.ANSWER: self.status is Status.QUESTION,
            Todo.AGENCY: self.status is Status.CONTRACT,
            Todo.LOSS: asked and BILLED in self.amounts and FUND not in self.amounts,
            Todo.RETURN: asked and self.outstanding > 0,
        }
        return tuple(todo for todo, holds in found.items() if holds)

    @property
    def likely(self) -> Outlook | None:
        """The provisional outlook, or the settled one where nothing was presumed."""
        return self.provisional or self.settled


def figures_of(knowledge: Knowledge, forms: Forms, result: RowResult) -> Figures:
    """What ``result`` contributes to the totals."""
    known = columns(forms)
    told = [known[name].fact for name, cell in result.row.cells.items() if name in known and cell.value == _YES]
    affirmed = frozenset(fact for fact in told if fact is not None)
    cells = {name: result.row.cells[name] for name in AMOUNTS if name in result.row.cells}
    read = {name: _amount(cell, result.faults) for name, cell in cells.items()}
    amounts = {name: amount for name, amount in read.items() if amount is not None}
    place = place_in_file(str(result.row.place), result.row.place.file)
    if result.explanation is None or result.explanation.result.settled.outcome is None:
        return Figures(place, result.status, amounts, None, None, (), False, None, None, (), affirmed)
    found = result.explanation.result
    act, loss = _act(knowledge, found.provisional or found.settled), amounts.get(FUND)
    return Figures(
        place,
        result.status,
        amounts,
        outlook(knowledge, found.settled, loss),
        outlook(knowledge, found.provisional, loss),
        tuple(name for name, applies in act["applies"].items() if applies),
        None in act["applies"].values(),
        act["category"],
        act["category_needs"][0] if len(act["category_needs"]) == 1 else None,
        tuple(_act(knowledge, found.settled)["needs"]),
        affirmed,
    )


def _act(knowledge: Knowledge, found: Assessment) -> dict:
    return (found.outcome or {})[knowledge.notation(core("hasAct"))][0]


def _amount(cell: Cell, faults: tuple[Fault, ...]) -> Decimal | None:
    """The amount in a cell; None where it is none, or was refused, so that it is never shown otherwise than written."""
    is_refused = any(fault.place == str(cell.place) and fault.severity is Severity.REFUSED for fault in faults)
    return None if cell.value is None or is_refused else Decimal(cell.value)


def place_in_file(place: str, file: str) -> str:
    """A place without the name of its file."""
    return place.removeprefix(f"{file}!")


# --- many rows ----------------------------------------------------------------------------------------------------


@dataclass
class Sum:
    """Amounts added up, with how many rows they are of, for how many they are open, and how many have no upper end.

    Of what is ``due`` to be returned, ``returned`` is stated to have been returned already.
    """

    rows: int = 0
    low: Decimal = _NOTHING
    high: Decimal = _NOTHING
    open_rows: int = 0
    no_end: int = 0
    due: Decimal = _NOTHING
    due_open: int = 0
    returned: Decimal = _NOTHING

    def add(self, found: Outlook, returned: Decimal = _NOTHING) -> None:
        """Add the outlook of one row that states to have ``returned`` so much."""
        self.rows += 1
        self.low += found.fine.low
        self.high += found.fine.high or _NOTHING
        self.open_rows += not found.settled
        self.no_end += found.fine.high is None
        self.due += found.due or _NOTHING
        self.due_open += found.due is None
        self.returned += min(found.due or _NOTHING, returned)


@dataclass
class IfFined:
    """The rows of which it can be told what a fine would be, and the sum from the least to the most."""

    places: list[str] = field(default_factory=list)
    low: Decimal = _NOTHING
    high: Decimal = _NOTHING

    def add(self, place: str, found: Range) -> None:
        """Add one row."""
        self.places.append(place)
        self.low += found.low
        self.high += found.high or _NOTHING


@dataclass
class OfArticle:
    """The rows to which an article applies, their loss, for how many it is not stated, and their fines."""

    places: list[str] = field(default_factory=list)
    loss: Decimal = _NOTHING
    unstated: int = 0
    fine: Sum = field(default_factory=Sum)

    def add(self, figures: Figures, likely: Outlook) -> None:
        """Add one row."""
        self.places.append(figures.place)
        self.loss += figures.amounts.get(FUND, _NOTHING)
        self.unstated += FUND not in figures.amounts
        self.fine.add(likely)


@dataclass
class Totals:
    """The sum of what rows contribute. Lists are of the places of rows, in the order in which they were added;
    ``numbers`` are the numbers at those places, ``unassessed`` the losses stated in sound rows that are not assessed,
    ``stated`` how many rows add to each of the ``amounts``, ``losses`` how many rows have a loss in each band.

    ``if_fined`` says what fines would be if they were imposed, by the amounts (none, or several) that are not known and
    for which the reported loss had to stand; ``untold`` are the rows of which that cannot be told, ``decisive`` those
    of which a single fact keeps the category open.

    Every assessed row stands under each article that applies to it, else under those ``unplaced``: by whether an
    article may still apply.
    """

    status: Counter[Status] = field(default_factory=Counter)
    settled: Sum = field(default_factory=Sum)
    likely: Sum = field(default_factory=Sum)
    amounts: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    stated: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    numbers: dict[str, str] = field(default_factory=dict)
    articles: defaultdict[str, OfArticle] = field(default_factory=lambda: defaultdict(OfArticle))
    unplaced: defaultdict[bool, OfArticle] = field(default_factory=lambda: defaultdict(OfArticle))
    categories: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    if_fined: defaultdict[tuple[NamedNode, ...], IfFined] = field(default_factory=lambda: defaultdict(IfFined))
    untold: list[str] = field(default_factory=list)
    decisive: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    needs: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    affirmed: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    todo: defaultdict[Todo, list[str]] = field(default_factory=lambda: defaultdict(list))
    outstanding: Decimal = _NOTHING
    unassessed: defaultdict[Status, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, number: str, figures: Figures) -> None:
        """Add one row."""
        place = figures.place
        self.numbers[place] = number
        self.status[figures.status] += 1
        for name, amount in figures.counted.items():
            self.amounts[name] += amount
            self.stated[name] += 1
        self.losses[band_of(figures.counted.get(FUND))] += 1
        for todo in figures.todo:
            self.todo[todo].append(place)
        for fact in figures.affirmed:
            self.affirmed[fact].append(place)
        if Todo.RETURN in figures.todo:
            self.outstanding += figures.outstanding
        if figures.status in UNASSESSED and FUND in figures.amounts:
            self.unassessed[figures.status][place] = figures.amounts[FUND]
        if figures.settled is None or figures.likely is None:
            return
        returned = figures.amounts.get(RETURNED, _NOTHING)
        self.settled.add(figures.settled, returned)
        self.likely.add(figures.likely, returned)
        self._add_if_fined(place, figures.likely)
        if figures.decisive is not None:
            self.decisive[figures.decisive].append(place)
        for of in [self.articles[name] for name in figures.articles] or [self.unplaced[figures.is_open]]:
            of.add(figures, figures.likely)
        if figures.category is not None:
            self.categories[figures.category].append(place)
        for name in figures.needs:
            self.needs[name].append(place)

    def _add_if_fined(self, place: str, likely: Outlook) -> None:
        if likely.if_fined is not None:
            self.if_fined[likely.supposed].add(place, likely.if_fined)
        elif likely.possible:
            self.untold.append(place)


def needed_of(knowledge: Knowledge, forms: Forms, totals: Totals) -> tuple[list[tuple[NamedNode, list[str]]], ...]:
    """The facts that rows lack, the most frequent first: those that the party may state, and all others.

    The party may state what it is a source of and what a form asks for, but nothing that no self-report settles.
    Charges are left out: what is open about them is the question of the row.
    """
    ranked = sorted(totals.needs.items(), key=lambda item: (-len(item[1]), item[0]))
    named = [(knowledge.facts_by_need[name], numbers) for name, numbers in ranked]
    facts = [item for item in named if knowledge.graph.one(item[0], core("memberOf")) is None]
    asked = {column.fact for column in columns(forms).values()}
    own = {
        fact
        for fact, _ in facts
        if core("Party") in knowledge.graph.objects(fact, core("suppliedBy")) or knowledge.notation(fact) in asked
    }
    own -= forms.to_be_found
    return [f for f in facts if f[0] in own], [f for f in facts if f[0] not in own]

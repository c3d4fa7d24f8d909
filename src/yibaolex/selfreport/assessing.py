"""The rows of a report assessed: each one case with one act, in chunks, so that rows stream.

What this module is for: for each row its faults, each at its cell, and the settled and the provisional result. What a
reader must not break: a row with a fault never stops the others; no row's result depends on the rows beside it; no more
than a chunk of rows is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count, islice

from pyoxigraph import NamedNode

from yibaolex.derivation import ENGINES
from yibaolex.explanation import Explanation, Setting, explain_cases
from yibaolex.faults import Fault, Severity
from yibaolex.intake import CaseReader, ReadCase
from yibaolex.screen import shown
from yibaolex.selfreport.cells import Cell, Place, Report, Row
from yibaolex.selfreport.forms import SHAPES, Duty, Forms, Label, Track
from yibaolex.selfreport.headings import answer_column
from yibaolex.selfreport.rows import (
    INSTITUTION_TYPE,
    case_of,
    cells_graph,
    cells_of,
    charge,
    columns,
    common,
    gaps_of,
    label_of,
    names,
    read_case,
    row_node,
)
from yibaolex.shapes import fault_of, in_order, shapes, validate

RECORDED = "claim-recorded"  # the code of a fault that is none: there is nothing to change
BREACHED, UNKNOWN = "false", "unknown"  # the answers that a duty is not complied with, and that it is not known
_CHUNK = 35  # as many as are assessed together


class Status(Enum):
    """What became of a row."""

    ASSESSED = "assessed"
    QUESTION = "question"
    CONTRACT = "contract"
    UNCHARGED = "uncharged"
    REFUSED = "refused"


_STATUS = {
    Track.CHARGE: Status.ASSESSED,
    Track.QUESTION: Status.QUESTION,
    Track.CONTRACT: Status.CONTRACT,
    Track.OTHER: Status.UNCHARGED,
}


@dataclass(frozen=True)
class RowResult:
    """A row with its claimed label, its faults, and its results; no explanation where nothing was charged or read."""

    row: Row
    label: Label | None
    faults: tuple[Fault, ...]
    case: ReadCase | None = None
    explanation: Explanation | None = None

    @property
    def status(self) -> Status:
        """Refused for a fault, else by the track of its label."""
        outcome = self.explanation.result.settled.outcome if self.explanation is not None else None
        if refused(self.faults) or self.label is None or (self.explanation is not None and outcome is None):
            return Status.REFUSED
        return _STATUS[self.label.track]


@dataclass(frozen=True)
class DutyResult:
    """A duty of the check-list with the answer and the remark, and what follows from a breach that is a charge."""

    duty: Duty
    cell: Cell | None
    remark: Cell | None = None
    explanation: Explanation | None = None

    @property
    def answer(self) -> str:
        """The answer given; silence is unknown."""
        return self.cell.value if self.cell is not None and self.cell.value is not None else UNKNOWN

    @property
    def breached(self) -> bool:
        """Whether the institution says that it does not comply."""
        return self.answer == BREACHED


def refused(faults: Iterable[Fault]) -> bool:
    """Whether one of the faults keeps a row from being assessed."""
    return any(fault.severity is Severity.REFUSED for fault in faults)


def assess_rows(report: Report, setting: Setting, forms: Forms, chunk: int = _CHUNK) -> Iterator[RowResult]:
    """Assess the rows of ``report`` in order, ``chunk`` of them at a time.

    What is noted of the institution is added to the faults of the report, once, when all rows are gone through.
    """
    shared: dict[tuple[str, ...], Fault] = {}
    coming, numbers, reader = iter(report.rows), count(), CaseReader(setting.knowledge)
    form = forms.form(report.form)
    for some in iter(lambda: list(islice(coming, chunk)), []):
        faults, cases = _shape_faults(some, setting, forms), {}
        for index, row in enumerate(some):
            position, label = next(numbers), label_of(row, forms)
            if label is not None and label.conduct and not refused(faults[index]):
                cases[index] = read_case(reader, position, *case_of(row, forms, form), row.place, forms)
        for result in _explained(some, faults, cases, setting, forms):
            noted = _of_institution(result)
            shared |= {(fault.place, *fault.messages.values()): fault for fault in noted}
            yield replace(result, faults=tuple(f for f in result.faults if f not in noted)) if noted else result
    report.faults += shared.values()  # behind what reading met, wherever a chunk ends


def _of_institution(result: RowResult) -> list[Fault]:
    """What is noted of the cells about the institution, which all of its rows share."""
    places = {str(cell.place) for cell in result.row.institution.values()}
    return [fault for fault in result.faults if fault.place in places and fault.severity is Severity.NOTED]


def _explained(
    rows: list[Row], faults: list[tuple[Fault, ...]], cases: dict[int, ReadCase], setting: Setting, forms: Forms
) -> Iterator[RowResult]:
    found = dict(zip(cases, explain_cases(setting, list(cases.values()), rivals=False), strict=True))
    for index, row in enumerate(rows):
        explanation = found.get(index)
        told = explanation.result.settled.faults if explanation is not None else ()
        own = (_of_cells(fault, row, forms) for fault in told)
        yield RowResult(row, label_of(row, forms), (*faults[index], *own), cases.get(index), explanation)


def _of_cells(fault: Fault, row: Row, forms: Forms) -> Fault:
    """A fault of a case as one of its row: with what the cell says, and as no error where the form itself asks."""
    written = {str(cell.place): cell.text for cell in (*row.institution.values(), *row.cells.values())}
    if fault.values.get("shown") and fault.place in written:
        fault = replace(fault, values={**fault.values, "shown": shown(written[fault.place])})
    if fault.severity is Severity.NOTED and fault.fact in forms.to_be_found:
        fault = replace(fault, code=RECORDED, texts={})
    return replace(fault, sources=tuple(forms.concerning(fault.sources)))


def assess_duties(report: Report, setting: Setting, forms: Forms) -> list[DutyResult]:
    """The duties of the check-list that concern the institution or that it writes of; one not complied with that is
    a charge is a case.

    None are told of a form that asks for none.
    """
    if not any(answer_column(sheet) for sheet in forms.form(report.form).sheets):
        return []
    reader, found = CaseReader(setting.knowledge), []
    kind = report.institution.get(INSTITUTION_TYPE)
    for position, duty in enumerate(forms.duties.values()):
        cell, remark, case = report.duties.get(duty.notation), report.duty_remarks.get(duty.notation), None
        if cell is None and remark is None and duty.types and kind is not None and kind.value not in duty.types:
            continue
        if cell is not None and DutyResult(duty, cell).breached and duty.conduct is not None:
            stated = {**common(forms, forms.form(report.form)), names(forms.knowledge).number: duty.notation}
            charge(stated, (duty.conduct,), True, forms)
            case = read_case(reader, position, stated, {}, cell.place, forms)
        found.append((duty, cell, remark, case))
    told = iter(explain_cases(setting, [case for *_, case in found if case is not None], rivals=False))
    return [DutyResult(duty, cell, remark, next(told) if case else None) for duty, cell, remark, case in found]


# --- shapes -------------------------------------------------------------------------------------------------------


def _shape_faults(rows: list[Row], setting: Setting, forms: Forms) -> list[tuple[Fault, ...]]:
    """The faults of each row: those of reading it, then those that the shapes find at its cells or at the row.

    What a cell was refused for in reading is not told again.
    """
    of, cells = shapes(SHAPES), [cells_of(row) for row in rows]
    owner: dict[NamedNode, tuple[int, Place, str | None]] = {}
    law = {node: of_cell for row in rows for node, of_cell in _law(row, forms)}
    for index, row in enumerate(rows):
        owner[row_node(row)] = index, row.place, None
        owner |= {node: (index, cell.place, cell.text) for node, cell in cells[index].items()}
        owner |= {node: (index, place, None) for node, place in gaps_of(row).items()}
    engine = ENGINES[setting.engine](forms.background)
    engine.add(triple for row in rows for triple in cells_graph(row, forms))
    found = [list(row.faults) for row in rows]
    for result in in_order(validate(engine, of), of, owner, {node for of_row in cells for node in of_row}):
        index, place, text = owner[result.focus]
        if not any(f.place == str(place) and f.severity is Severity.REFUSED for f in rows[index].faults):
            fault = fault_of(of.constraints[result.shape], str(place), None, text, setting.knowledge)
            found[index].append(replace(fault, sources=fault.sources or law.get(result.focus, ())))
    return [tuple(faults) for faults in found]


def _law(row: Row, forms: Forms) -> Iterator[tuple[NamedNode, tuple[NamedNode, ...]]]:
    """The clauses on which the cells of ``row`` rest: those of their columns."""
    known = columns(forms)
    for node, name in zip(cells_of(row), {**row.institution, **row.cells}, strict=True):
        if name in known and known[name].sources:
            yield node, known[name].sources

"""A row of a self-report as a case, and as a graph of cells.

What this module is for: the two things that a row is turned into - the case object that ``intake`` reads, and the
triples that ``shapes/self-report.ttl`` is held against. What a reader must not break: a row says nothing that its cells
do not say; which column fills which fact stands in the ontology; every place leads back to a cell.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from yibaolex.intake import CaseReader, ReadCase
from yibaolex.knowledge import Knowledge
from yibaolex.selfreport.cells import Cell, Place, Report, Row
from yibaolex.selfreport.forms import CellKind, Column, Form, Forms, Label, Track
from yibaolex.terms import BOOLEAN, DATE, DECIMAL, INTEGER, STRING, TYPE, core

LABEL, NUMBER, EVIDENCE, INSTITUTION = "label", "number", "evidence", "institution_code"
INSTITUTION_TYPE = "institution_type"
DESCRIPTION, BILLED, FUND, RETURNED = "description", "billed_amount", "fund_amount", "returned_amount"
_TRUTH = {"true": True, "false": False}
_DATATYPES = {
    CellKind.YUAN: DECIMAL,
    CellKind.DATE: DATE,
    CellKind.COUNT: INTEGER,
    CellKind.ANSWER: BOOLEAN,
}
_CELL, _HAS_CELL = core("ReportCell"), core("hasCell")


@dataclass(frozen=True)
class Names:
    """How a case object spells what every row states alike."""

    number: str
    status: str
    claimed: str
    source: str
    party: str
    evidence: str
    charges: Mapping[str, str]


@cache
def names(knowledge: Knowledge) -> Names:
    """The spellings that ``knowledge`` gives."""
    graph = knowledge.graph
    shared = {
        graph.one(n, core("suppliesDetail")): name for name, n in knowledge.by_notation(core("SharedDetail")).items()
    }
    roles = knowledge.by_notation(core("StatementRole"))
    own = core("PartyStatement")
    charges = {fact.name: knowledge.notation(fact.group) for fact in knowledge.facts.values() if fact.group is not None}
    return Names(
        number=knowledge.notation(core("caseNumber")),
        status=shared[core("standing")],
        claimed=knowledge.notation(core("Claimed")),
        source=shared[core("statedSource")],
        party=next(name for name, node in roles.items() if own in graph.objects(node, core("statementClass"))),
        evidence=shared[core("evidenceReference")],
        charges=charges,
    )


def label_of(row: Row, forms: Forms) -> Label | None:
    """The claimed label of a row, if it is a known one."""
    cell = row.cells.get(LABEL)
    return forms.labels.get(cell.value) if cell is not None and cell.value is not None else None


def case_of(row: Row, forms: Forms, form: Form) -> tuple[dict[str, Any], dict[str, Place]]:
    """The row of a ``form`` as a case object, and for each place in it (``$.name``) the cell that it came from.

    A label that may be several kinds of conduct leaves each of them unknown; one outside the charges charges nothing.
    """
    spelt, label = names(forms.knowledge), label_of(row, forms)
    case: dict[str, Any] = common(forms, form)
    case[spelt.number] = number_of(row)
    places: dict[str, Place] = {}
    for name, cell in {**row.institution, **row.cells}.items():
        fact = columns(forms)[name].fact if name in columns(forms) else None
        if fact is not None and cell.understood:
            case[fact] = _stated(columns(forms)[name], cell)
            places[f"$.{fact}"] = cell.place
    if label is not None:
        certain = True if label.track is Track.CHARGE and len(label.conduct) == 1 else None
        charge(case, label.conduct, certain, forms)
        places |= {f"$.{spelt.charges[name]}.{name}": row.cells[LABEL].place for name in label.conduct}
    if EVIDENCE in row.cells:
        case[spelt.evidence] = row.cells[EVIDENCE].text
    return case, places


def common(forms: Forms, form: Form) -> dict[str, Any]:
    """What every case of a self-report states: what filling in ``form`` says, and that it is a claim of the party."""
    spelt = names(forms.knowledge)
    return {**form.given, spelt.status: spelt.claimed, spelt.source: spelt.party}


def charge(case: dict[str, Any], conduct: tuple[str, ...], value: bool | None, forms: Forms) -> None:
    """State in ``case`` that each of ``conduct`` is charged (True) or may be (None)."""
    for name in conduct:
        case.setdefault(names(forms.knowledge).charges[name], {})[name] = value


def institution_of(report: Report) -> str | None:
    """The code of the institution that reports, as it was understood; None if none is."""
    code = report.institution.get(INSTITUTION)
    return None if code is None else code.meant


def number_of(row: Row) -> str:
    """The number of a row among all reports: the code of its institution and its own number, or else its place."""
    given = [
        cells[name].meant for cells, name in ((row.institution, INSTITUTION), (row.cells, NUMBER)) if name in cells
    ]
    return "-".join(given) if NUMBER in row.cells else str(row.place)


def read_case(
    reader: CaseReader, position: int, case: dict[str, Any], places: Mapping[str, Place], row: Place, forms: Forms
) -> ReadCase:
    """Read a case object so that each of its places is a cell; what has no cell of its own is at ``row``.

    What no self-report settles is read as a matter for the authority, so that the claim is recorded and not taken.
    """
    read = reader.read(position, case, "$", set())  # a number used twice is noted by who reads the table
    known = {path: str(place) for path, place in places.items()}
    found = (node for node, fact in read.facts.items() if fact in forms.to_be_found)
    read.triples += [Quad(node, TYPE, core("AuthorityStatement")) for node in found]
    read.place = str(row)
    read.places = {node: known.get(path, str(row)) for node, path in read.places.items()}
    read.faults = [replace(fault, place=known.get(fault.place, str(row))) for fault in read.faults]
    return read


@cache
def columns(forms: Forms) -> dict[str, Column]:
    """The columns of all forms by notation."""
    return {
        column.notation: column for form in forms.forms.values() for sheet in form.sheets for column in sheet.columns
    }


def _stated(column: Column, cell: Cell) -> Any:
    """The value of a cell as a case object has it; None for an answer that says that it is not known."""
    return _TRUTH.get(cell.value or "") if column.kind is CellKind.ANSWER else cell.value


# --- the graph of cells -------------------------------------------------------------------------------------------


def row_node(row: Row) -> NamedNode:
    """The IRI of a row: that of its place."""
    return NamedNode(uuid.uuid5(uuid.NAMESPACE_OID, str(row.place)).urn)


def cells_of(row: Row) -> dict[NamedNode, Cell]:
    """The cells of a row, those about its institution among them, by IRI."""
    stem = row_node(row).value
    return {NamedNode(f"{stem}#{name}"): cell for name, cell in {**row.institution, **row.cells}.items()}


def gaps_of(row: Row) -> dict[NamedNode, Place]:
    """The cells of a row that are empty and must not be, by IRI, with their places."""
    stem = row_node(row).value
    return {NamedNode(f"{stem}#{name}"): place for name, place in row.gaps.items()}


def cells_graph(row: Row, forms: Forms) -> Iterator[Quad]:
    """The triples that describe the cells of ``row``.

    A cell that was not understood has its text for a value, one that is empty and must not be has none.
    """
    node, known = row_node(row), columns(forms)
    yield Quad(node, TYPE, core("ReportRow"))
    for name, cell in {**row.institution, **row.cells, **dict.fromkeys(row.gaps)}.items():
        if name not in known:
            continue
        of_cell = NamedNode(f"{node.value}#{name}")
        yield Quad(node, _HAS_CELL, of_cell)
        yield Quad(of_cell, TYPE, _CELL)
        yield Quad(of_cell, core("cellColumn"), known[name].node)
        if cell is not None:
            yield Quad(of_cell, core("cellValue"), _literal(known[name].kind, cell))


def _literal(kind: CellKind, cell: Cell) -> Literal:
    """The value of a cell in the datatype of its kind; what was not understood, or is an unknown, as text."""
    if not cell.understood or cell.value is None:
        return Literal(cell.text, datatype=STRING)
    is_text = kind is CellKind.ANSWER and cell.value not in _TRUTH
    return Literal(cell.value, datatype=STRING if is_text else _DATATYPES.get(kind, STRING))

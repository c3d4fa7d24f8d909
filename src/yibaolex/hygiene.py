"""Whether the knowledge base is in order: hygiene queries, shapes over the ontology, unused terms, HermiT, coverage.

What this module is for: ``yibaolex check``. What a reader must not break: what is wrong, and what to do, stands in the
header of a query or in the message of a shape; nothing here names an instrument, and every clause counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode

from yibaolex import resources
from yibaolex.knowledge import CORE_TERM, default_knowledge
from yibaolex.research import BASE, PREFIXES, Research
from yibaolex.shapes import report_of
from yibaolex.terms import core

_QUERIES = "queries/hygiene"
_SHAPES = "norms.ttl"
_IN_CODE = re.compile(r"""core\("(\w+)"\)|\{CORE\}(\w+)""")
_NOT_ENCODED = "50-clause-not-encoded.rq"
_CLAUSES = """SELECT ?clause (EXISTS { ?clause y:notEncodedBecause ?reason } AS ?recorded)
  WHERE { ?clause a eli:LegalResourceSubdivision ; y:text ?text }"""
_INSTRUMENT = "SELECT ?whole WHERE {{ {clause} eli:is_part_of* ?whole . ?whole a eli:LegalResource }}"


@dataclass(frozen=True)
class Flaw:
    """Something not in order: what it is about, what is wrong, what to do (by language)."""

    node: NamedNode
    wrong: Mapping[str, str]
    remedy: Mapping[str, str]
    detail: str = ""


@dataclass(frozen=True)
class Coverage:
    """Of the clauses of an instrument how many there are, are encoded, and have a reason recorded why not."""

    instrument: NamedNode
    clauses: int
    encoded: int
    recorded: int

    @property
    def share(self) -> float:
        """The part of the clauses that is encoded or recorded, from 0 to 1."""
        return (self.encoded + self.recorded) / self.clauses


def flaws(research: Research) -> Iterator[Flaw]:
    """What the hygiene queries and the shapes find."""
    for path in resources.files(_QUERIES, ".rq"):
        yield from _of_query(research, path)
    yield from _of_shapes(research)


def _of_query(research: Research, path: Path) -> Iterator[Flaw]:
    text = resources.text(path)
    header = resources.header(text)
    wrong = {"zh": header["summary-zh"], "en": header["summary"]}
    remedy = {"zh": header["remedy-zh"], "en": header["remedy"]}
    left_out = _written() if header.get("unless") == "written" else frozenset()
    for row in research.graph.query(text, BASE, {}):
        if row[0] not in left_out:
            yield Flaw(row[0], wrong, remedy, row[1].value if len(row) > 1 else "")


def _written() -> frozenset[NamedNode]:
    """The core terms that queries, shapes and code write."""
    files = (*resources.files("queries", ".rq"), *resources.files("shapes", ".ttl"))
    names = {name for path in files for name in CORE_TERM.findall(resources.text(path))}
    for path in Path(__file__).parent.glob("*.py"):
        names.update(name for pair in _IN_CODE.findall(resources.text(path)) for name in pair if name)
    return frozenset(map(core, names))


def _of_shapes(research: Research) -> Iterator[Flaw]:
    from rdflib import SH

    report = report_of(research.reference, resources.folder("shapes") / _SHAPES)
    for result in sorted(report.objects(None, SH.result), key=lambda r: str(report.value(r, SH.focusNode))):
        told = {text.language: str(text) for text in report.objects(result, SH.resultMessage)}
        value = report.value(result, SH.value)
        yield Flaw(NamedNode(str(report.value(result, SH.focusNode))), told, {}, "" if value is None else str(value))


def coverage(research: Research) -> list[Coverage]:
    """For each instrument how far its clauses are encoded, or it is recorded why not."""
    missing = resources.text(resources.folder(_QUERIES) / _NOT_ENCODED)
    open_clauses = {row[0] for row in research.graph.query(missing, BASE, {})}
    found: dict[NamedNode, list[tuple[bool, bool]]] = {}
    for clause, told in research.graph.query(_CLAUSES, BASE, PREFIXES):
        (whole,) = (row[0] for row in research.graph.query(_INSTRUMENT.format(clause=clause), BASE, PREFIXES))
        recorded = told.value == "true"
        found.setdefault(whole, []).append((clause not in open_clauses and not recorded, recorded))
    return [
        Coverage(whole, len(rows), sum(e for e, _ in rows), sum(r for _, r in rows))
        for whole, rows in sorted(found.items(), key=lambda item: item[0].value)
    ]


def unsatisfiable() -> tuple[NamedNode, ...] | None:
    """The conditions that no facts can meet, as HermiT finds; None if the conditions contradict each other.

    Raises:
        MissingReasonerError: HermiT or a Java to run it is not installed.
    """
    from yibaolex.hermit import classify

    found = classify(default_knowledge())
    return found.unsatisfiable if found.consistent else None

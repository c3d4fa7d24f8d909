"""Whether the knowledge base is in order: hygiene queries, shapes over the ontology, unused terms, HermiT, coverage.

What this module is for: ``yibaolex check``. What a reader must not break: what is wrong, and what to do, stands in the
header of a query or in the message of a shape; nothing here names an instrument, and every clause counts. Which clauses
are tested is recorded beside the hygiene queries, since an installed package has no tests; a test holds the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from yibaolex import resources
from yibaolex.catalogue import LANGUAGES
from yibaolex.knowledge import default_knowledge
from yibaolex.questions import Question, questions
from yibaolex.research import BASE, PREFIXES, Research, in_order, short
from yibaolex.research import research as default_research
from yibaolex.shapes import report_of
from yibaolex.terms import NOTATION, core

if TYPE_CHECKING:
    from yibaolex.structure import Structure

_QUERIES = "queries/hygiene"
_SHAPES = "norms.ttl"
_IN_CODE = re.compile(r"""["']([A-Za-z]\w*)["']|\{CORE\}(\w+)""")
_PREFIX = re.compile(r"prefix\s+(\w*):\s*<([^>]*)>", re.IGNORECASE)
_PREFIXED = re.compile(r"(?<![\w:])(\w*):([\w-]+)")
_NOT_ENCODED = "50-clause-not-encoded.rq"
TESTED = "tested-clauses.txt"
_REMARK = "#"
_CLAUSES = """SELECT ?clause ?whole WHERE {
  ?clause a eli:LegalResourceSubdivision ; y:text ?text ; eli:is_part_of* ?whole .
  ?whole a eli:LegalResource }"""
_RESTING = """SELECT ?thing ?clause WHERE {
  { ?thing eli:is_part_of* ?clause } UNION { ?thing dcterms:source/eli:is_part_of* ?clause }
  ?clause a eli:LegalResourceSubdivision ; y:text ?text }"""


@dataclass(frozen=True)
class Flaw:
    """Something not in order: what it is about, what is wrong, what to do (by language)."""

    node: NamedNode
    wrong: Mapping[str, str]
    remedy: Mapping[str, str]
    detail: str = ""


@dataclass(frozen=True)
class Clause:
    """A provision with a wording: what is done with it, or the reasons, by language, why it is not encoded."""

    node: NamedNode
    instrument: NamedNode
    encoded: bool
    tested: bool
    queried: bool
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Coverage:
    """Of the clauses of an instrument how many there are, are encoded, tested, queried, and have a reason why not."""

    instrument: NamedNode
    clauses: int
    encoded: int
    tested: int
    queried: int
    recorded: int

    @property
    def share(self) -> float:
        """The part of the clauses that is encoded or recorded, from 0 to 1."""
        return (self.encoded + self.recorded) / self.clauses


@dataclass(frozen=True)
class Conditions:
    """How many conditions HermiT classified, whether they are consistent, and those that no facts can meet."""

    number: int
    consistent: bool
    unmeetable: tuple[NamedNode, ...]


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
            yield Flaw(row[0], wrong, remedy, row[1].value if len(row) > 1 and row[1] else "")


def _written() -> frozenset[NamedNode]:
    """The terms that queries and shapes write, and the core terms that code names; the hygiene queries use nothing."""
    queries = (path for path in resources.files("queries", ".rq") if path.parent != resources.folder(_QUERIES))
    found: set[NamedNode] = set()
    for path in (*queries, *resources.files("shapes", ".ttl")):
        text = resources.text(path)
        prefixes = dict(_PREFIX.findall(text))
        found.update(NamedNode(prefixes[name] + rest) for name, rest in _PREFIXED.findall(text) if name in prefixes)
    for path in Path(__file__).parent.rglob("*.py"):
        found.update(core(name) for pair in _IN_CODE.findall(resources.text(path)) for name in pair if name)
    return frozenset(found)


def _of_shapes(research: Research) -> Iterator[Flaw]:
    from rdflib import SH

    report = report_of(research.reference, resources.folder("shapes") / _SHAPES)
    for result in sorted(report.objects(None, SH.result), key=lambda r: str(report.value(r, SH.focusNode))):
        told = {text.language: str(text) for text in report.objects(result, SH.resultMessage)}
        value = report.value(result, SH.value)
        yield Flaw(NamedNode(str(report.value(result, SH.focusNode))), told, {}, "" if value is None else str(value))


def clauses(research: Research) -> list[Clause]:
    """Every clause and what is done with it, in the order of their paths.

    Encoded: something rests on it, or on a part of it. Tested: a hand-derived case names it, or a hand-derived answer
    holds something of it. Queried: the header of a question names it, or the rows that the question gives with its
    defaults hold something of it. Of a clause are its parts, and what is a part of it or has it for a source.
    """
    missing = resources.text(resources.folder(_QUERIES) / _NOT_ENCODED)
    open_clauses = {row[0] for row in research.graph.query(missing, BASE, {})}
    tested, queried = _tested(), clauses_of(research, _named_by_questions(research))
    found = []
    for node, whole in research.graph.query(_CLAUSES, BASE, PREFIXES):
        reasons = {text.language: text.value for text in research.graph.objects(node, core("notEncodedBecause"))}
        encoded = node not in open_clauses and not reasons
        found.append(Clause(node, whole, encoded, short(node) in tested, node in queried, reasons))
    return sorted(found, key=lambda clause: in_order(clause.node))


def clauses_of(research: Research, things: Iterable[NamedNode]) -> frozenset[NamedNode]:
    """The clauses that ``things`` are, are a part of, or have for a source, with the clauses that hold these."""
    wanted = frozenset(things)
    pairs = research.graph.query(_RESTING, BASE, PREFIXES)
    return frozenset(clause for thing, clause in pairs if thing in wanted)


def _tested() -> frozenset[str]:
    """The paths of the clauses that are recorded as tested."""
    lines = resources.text(resources.folder(_QUERIES) / TESTED).splitlines()
    return frozenset(line for line in lines if not line.startswith(_REMARK))


def _named_by_questions(research: Research) -> Iterator[NamedNode]:
    """What the prepared questions name: in their headers, and in the rows that they give with their defaults."""
    for question in questions().values():
        for notation in question.clauses:
            yield from research.graph.subjects(NOTATION, Literal(notation))
        yield from _given(question, research)


def _given(question: Question, research: Research) -> Iterator[NamedNode]:
    shown = {column.variable for column in question.columns}
    for row in research.graph.query(question.bound({}, research, LANGUAGES[0]), BASE, PREFIXES):
        terms = (row[name] for name in shown)
        yield from (term for term in terms if isinstance(term, NamedNode))


def coverage(found: Iterable[Clause]) -> list[Coverage]:
    """For each instrument how far its clauses are encoded, or it is recorded why not, and are tested and queried."""
    by_instrument: dict[NamedNode, list[Clause]] = {}
    for clause in found:
        by_instrument.setdefault(clause.instrument, []).append(clause)
    return [
        Coverage(
            whole,
            len(members),
            sum(clause.encoded for clause in members),
            sum(clause.tested for clause in members),
            sum(clause.queried for clause in members),
            sum(bool(clause.reasons) for clause in members),
        )
        for whole, members in sorted(by_instrument.items(), key=lambda item: item[0].value)
    ]


def unsatisfiable() -> Conditions:
    """The conditions that no facts can meet, as HermiT finds.

    Raises:
        MissingReasonerError: HermiT or a Java to run it is not installed.
    """
    from yibaolex.hermit import classify

    known = default_knowledge()
    found = classify(known)
    return Conditions(len(known.graph.instances(core("Condition"))), found.consistent, found.unsatisfiable)


def structure(research: Research | None = None) -> Structure:
    """Whether HermiT finds a contradiction in what all modules declare and record, without values and conditions.

    Raises:
        MissingReasonerError: HermiT or a Java to run it is not installed.
    """
    from yibaolex import structure

    return structure.structure((research or default_research()).graph)

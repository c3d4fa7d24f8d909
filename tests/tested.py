"""The clauses that a test names: ``python tests/tested.py`` records them for ``yibaolex check``.

A clause is tested if a hand-derived case names it among its clauses, or a hand-derived answer to a question holds it, a
part of it, a norm in it, or something that has it for a source.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from yibaolex import hygiene, resources
from yibaolex.research import BASE, in_order, research, short
from yibaolex.terms import NOTATION

LAW = Path(__file__).parent / "law"
RECORD = resources.folder("queries") / "hygiene" / hygiene.TESTED
HEAD = "# The clauses that a hand-derived case or answer names. Written by tests/tested.py; a test compares.\n"


def named() -> Iterator[NamedNode]:
    """What the hand-derived cases and answers name."""
    cases = [json.loads(file.read_text("utf-8")) for file in (LAW / "cases").glob("*/expected.json")]
    for notation in {notation for case in cases for notation in case.get("clauses", [])}:
        yield from research().graph.subjects(NOTATION, Literal(notation))
    for file in (LAW / "questions").glob("*.json"):
        case = json.loads(file.read_text("utf-8"))
        cells = [*case.get("ids", []), *(cell for row in case.get("rows", []) for cell in row)]
        yield from (NamedNode(BASE + cell) for cell in cells if " " not in cell)


def record() -> str:
    """The record as it has to be."""
    tested = hygiene.clauses_of(research(), named())
    return HEAD + "".join(short(clause) + "\n" for clause in sorted(tested, key=in_order))


if __name__ == "__main__":
    RECORD.write_text(record(), encoding="utf-8")

"""Mutation of the law: changes one piece of the data at a time and asks whether a hand-derived case notices.

``python tests/mutation.py [--sample N] [--seed S] [--only KIND]`` prints the mutants that no case of ``law/cases``
kills; exit status 1 if there are any that ``mutation-equivalent.txt`` does not explain. A reader must not break: a
mutant is one change of one triple, operand or rule file, named so that a person finds it; no case is ever changed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from yibaolex.compiler import update_of
from yibaolex.derivation import assess_all
from yibaolex.intake import ReadCase, read_json
from yibaolex.knowledge import Knowledge, default_knowledge, loaded_paths
from yibaolex.resources import files
from yibaolex.terms import BOOLEAN, DECIMAL, FIRST, NIL, REST, core, owl

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from expectation import differences  # noqa: E402

EXPLAINED = HERE / "mutation-equivalent.txt"
RELATIONS = """
    displaces outranks dueWhen barredWhen handedOverWhen optionalWhen prevailsWhen absorbedWhen tiedWhen weighedAs
    categoryBand fineStatus fineBase amountFact onStatus onSanction onNature onNeed onCondition settles needsThrough
    ifAbsent onlyIfSound orIfExempted asksFirst asksLater asksWhenOpen reportedAs modality imposedBy nature sanctionKind
""".split()  # noqa: SIM905 - a column of names reads better
NUMBERS = """
    fineMinimum fineMaximum minimumMonths maximumMonths ordinaryYears extendedYears fromYears toYears atLeast times
    lowOfMinimum lowOfSpan highOfMinimum highOfSpan ofMinimum meetsFrom meetsBelow
""".split()  # noqa: SIM905
FLAGS = ("lowIncluded", "highIncluded")
CHUNK = 70


@dataclass(frozen=True)
class Mutant:
    """One change: its kind, a name that says what and where, and how to make it."""

    kind: str
    name: str
    change: Callable[[Knowledge], None]


# --- the mutants ----------------------------------------------------------------------------------------------------


def mutants(base: Knowledge) -> Iterator[Mutant]:
    """Every mutant, in a stable order."""
    for condition in base.graph.instances(core("Condition")):
        for predicate in (owl("equivalentClass"), core("among")):
            for root in base.graph.objects(condition, predicate):
                yield from _of_expression(base, condition.value.rpartition("/")[2], root, "")
    for quad in sorted((q for q in base.graph if isinstance(q.subject, NamedNode)), key=str):
        yield from _of_triple(quad)
    for path in files("queries/derive", ".rq"):
        name = f"{path.parent.name}/{path.stem}"
        yield Mutant("rule", f"without rule {name}", lambda k, p=path: k.phases[p.parent.name].remove(update_of(p)))


def _of_expression(base: Knowledge, name: str, node: Any, at: str) -> Iterator[Mutant]:
    """The mutants of a class expression: each operand taken out and negated, each junction and value exchanged."""
    graph = base.graph
    for predicate, other in ((owl("intersectionOf"), owl("unionOf")), (owl("unionOf"), owl("intersectionOf"))):
        head = graph.one(node, predicate)
        if head is not None:
            exchanged = _replacing(Quad(node, predicate, head), predicate=other)
            yield Mutant("junction", f"{name}{at}: and, or exchanged", exchanged)
            yield from _of_list(base, name, head, at)
    if graph.one(node, FIRST) is not None:
        yield from _of_list(base, name, node, at)
    inner = graph.one(node, owl("complementOf"))
    if inner is not None:
        yield from _of_expression(base, name, inner, at + "/not")
    value = graph.one(node, owl("hasValue"))
    if value is not None and value.datatype == BOOLEAN:
        opposite = Literal(value.value != "true")
        yield Mutant("value", f"{name}{at}: opposite value", _replacing(Quad(node, owl("hasValue"), value), opposite))
    elif value is not None:
        other = Literal("another value")
        yield Mutant("value", f"{name}{at}: another value", _replacing(Quad(node, owl("hasValue"), value), other))


def _of_list(base: Knowledge, name: str, head: Any, at: str) -> Iterator[Mutant]:
    cells = list(_cells(base, head))
    for number, cell in enumerate(cells, 1):
        where, operand = f"{at}/{number}", base.graph.one(cell, FIRST)
        if len(cells) > 1:
            before = cells[number - 2] if number > 1 else None
            yield Mutant("operand", f"{name}{where}: taken out", _without(cell, before))
        yield Mutant("operand", f"{name}{where}: negated", _negated(Quad(cell, FIRST, operand)))
        yield from _of_expression(base, name, operand, where)


def _of_triple(quad: Quad) -> Iterator[Mutant]:
    """The mutants of a relation, a number or a flag."""
    subject, term = (node.value.rpartition("/")[2] for node in (quad.subject, quad.predicate))
    name = term.rpartition("#")[2]
    shown = f"{subject} {name} {quad.object.value.rpartition('/')[2]}"
    if quad.predicate == core(name) and name in RELATIONS:
        yield Mutant("relation", f"without {shown}", lambda k: _store(k).remove(quad))
    elif quad.predicate == core(name) and name in NUMBERS:
        for step in (Decimal("0.1"), Decimal("-0.1")) if quad.object.datatype == DECIMAL else (Decimal(1), Decimal(-1)):
            changed = Literal(str(Decimal(quad.object.value) + step), datatype=quad.object.datatype)
            yield Mutant("number", f"{shown} {step:+}", _replacing(quad, changed))
    elif quad.predicate == core(name) and name in FLAGS:
        yield Mutant("number", f"{shown} flipped", _replacing(quad, Literal(quad.object.value != "true")))


# --- making one -----------------------------------------------------------------------------------------------------


def _store(knowledge: Knowledge) -> Any:
    return knowledge.graph._store


def _cells(base: Knowledge, head: Any) -> Iterator[Any]:
    while head not in (None, NIL):
        yield head
        head = base.graph.one(head, REST)


def _replacing(quad: Quad, value: Any = None, predicate: NamedNode | None = None) -> Callable[[Knowledge], None]:
    def change(knowledge: Knowledge) -> None:
        _store(knowledge).remove(quad)
        changed = quad.object if value is None else value
        _store(knowledge).add(Quad(quad.subject, predicate or quad.predicate, changed))

    return change


def _negated(quad: Quad) -> Callable[[Knowledge], None]:
    def change(knowledge: Knowledge) -> None:
        inner, node = knowledge.graph.one(quad.object, owl("complementOf")), BlankNode()
        _store(knowledge).remove(quad)
        if inner is None:
            _store(knowledge).add(Quad(node, owl("complementOf"), quad.object))
        _store(knowledge).add(Quad(quad.subject, FIRST, node if inner is None else inner))

    return change


def _without(cell: Any, before: Any) -> Callable[[Knowledge], None]:
    """Takes a cell out of its list; the first one takes over what the second one holds."""

    def change(knowledge: Knowledge) -> None:
        graph, store = knowledge.graph, _store(knowledge)
        rest = graph.one(cell, REST)
        if before is not None:
            store.remove(Quad(before, REST, cell))
            store.add(Quad(before, REST, rest))
            return
        for predicate in (FIRST, REST):
            store.remove(Quad(cell, predicate, graph.one(cell, predicate)))
            store.add(Quad(cell, predicate, graph.one(rest, predicate)))

    return change


# --- looking whether a case notices -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """The hand-derived cases that run under the default readings without presumptions."""

    names: list[str]
    cases: list[ReadCase]
    outcomes: list[dict]


def expected() -> Expected:
    """Read the cases, those of different kinds mixed, so that a mutant is met early."""
    folders = sorted((HERE / "law" / "cases").iterdir())
    random.Random(0).shuffle(folders)
    found = [(folder, json.loads((folder / "expected.json").read_text("utf-8"))) for folder in folders]
    plain = [(folder, wanted) for folder, wanted in found if not {"readings", "presume"} & wanted.keys()]
    texts = ",".join((folder / "case.json").read_text("utf-8") for folder, _ in plain)
    cases = read_json(f"[{texts}]".encode(), default_knowledge()).cases
    return Expected([folder.name for folder, _ in plain], cases, [wanted["outcome"] for _, wanted in plain])


def killer(knowledge: Knowledge, wanted: Expected) -> str | None:
    """The first case that notices, or None."""
    try:
        for start in range(0, len(wanted.cases), CHUNK):
            found = assess_all(knowledge, "oxigraph", wanted.cases[start : start + CHUNK])
            for number, assessment in enumerate(found, start):
                if assessment.outcome is None or any(differences(wanted.outcomes[number], assessment.outcome)):
                    return wanted.names[number]
    except Exception as error:  # noqa: BLE001 - a mutant that cannot run is noticed
        return f"cannot run: {type(error).__name__}"
    return None


def main() -> int:
    """Try the mutants, or a sample of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only")
    options = parser.parse_args()
    source = Knowledge(loaded_paths())
    every = [mutant for mutant in mutants(source) if options.only in (None, mutant.kind)]
    number = len(every) if options.sample is None else min(options.sample, len(every))
    tried = random.Random(options.seed).sample(every, number)
    wanted, explained, survivors = expected(), _explained(), []
    triples = list(source.graph)
    for mutant in tried:
        knowledge = Knowledge([])
        _store(knowledge).extend(triples)
        mutant.change(knowledge)
        if killer(knowledge, wanted) is None:
            survivors.append(mutant)
            word = "explained" if mutant.name in explained else "SURVIVES "
            print(f"{word} {mutant.kind}: {mutant.name}", flush=True)
    left = [mutant for mutant in survivors if mutant.name not in explained]
    print(f"{len(tried)} of {len(every)} mutants tried, {len(tried) - len(survivors)} killed, "
          f"{len(survivors) - len(left)} explained, {len(left)} survive (seed {options.seed})")  # fmt: skip
    return 1 if left else 0


def _explained() -> set[str]:
    """The mutants that are known to mean the same, with the reason after the name."""
    lines = EXPLAINED.read_text(encoding="utf-8").splitlines() if EXPLAINED.exists() else []
    return {line.partition(" -- ")[0] for line in lines if line.strip()}


if __name__ == "__main__":
    sys.exit(main())

"""Three engines on generated cases: ``python tests/conformance.py [--cases N] [--seed S] [--jobs N] [--no-hermit]``.

The default and the reference engine must find the same outcomes and faults; HermiT must entail all that they settle,
and may settle more only on conditions that ``engine/hermit-settles-more.txt`` gives a reason for. Exit status 1 if
not. 5 000 cases take about half an hour on two cores. A reader must not break: what differs is printed with the case
that shows it, by its seed.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import NamedNode

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from expectation import differences  # noqa: E402
from generate import generate  # noqa: E402

import yibaolex  # noqa: E402
from yibaolex import hermit  # noqa: E402
from yibaolex.derivation import derive  # noqa: E402
from yibaolex.engines import OxigraphEngine  # noqa: E402
from yibaolex.intake import read_json  # noqa: E402
from yibaolex.knowledge import default_knowledge  # noqa: E402
from yibaolex.terms import core  # noqa: E402

SETTLES_MORE = HERE / "engine" / "hermit-settles-more.txt"
SLICE = 250


class Entailed(NamedTuple):
    """HermiT beside the default engine: pairs of case and condition, one for each act."""

    settled: int
    lost: list[tuple[str, NamedNode]]
    more: list[tuple[str, NamedNode]]


def engine_differences(cases: list[dict[str, Any]]) -> Iterator[str]:
    """What the default engine and the reference engine find differently."""
    logging.getLogger("rdflib").setLevel(logging.ERROR)
    default = yibaolex.assess(cases).assessments
    reference = yibaolex.assess(cases, engine="reference").assessments
    for one, other in zip(default, reference, strict=True):
        if one.outcome != other.outcome:
            yield f"{one.number}: {list(differences(one.outcome, other.outcome)) or 'the outcomes differ'}"
        if _told(one) != _told(other):
            yield f"{one.number}: the faults differ: {_told(one)} {_told(other)}"


def _told(assessment: yibaolex.Assessment) -> list[tuple]:
    return [(fault.place, fault.code, fault.severity, dict(fault.messages)) for fault in assessment.faults]


def entailed(cases: list[dict[str, Any]]) -> Entailed:
    """What the default engine settles and HermiT does not entail, and what HermiT entails beyond it."""
    knowledge = default_knowledge()
    engine = OxigraphEngine(knowledge.background)
    read = read_json(json.dumps(cases).encode(), knowledge).cases
    engine.add(triple for case in read for triple in case.triples)
    case_of = {
        t.object: case.number or case.place for case in read for t in case.triples if t.predicate == core("hasAct")
    }
    standings = derive(knowledge, engine)
    found = hermit.entailments(knowledge, hermit.layers(engine, knowledge))
    cells = [
        (act, node, found[act].get(node), standings[act].truth.get(node)) for act in found for node in knowledge.named
    ]
    return Entailed(
        sum(known is not None for *_, known in cells),
        [(case_of[act], node) for act, node, entails, known in cells if known is not None and entails is not known],
        [(case_of[act], node) for act, node, entails, known in cells if known is None and entails is not None],
    )


def reasons_for_more() -> dict[str, str]:
    """The conditions that HermiT is known to settle where the engines do not, each with the reason."""
    lines = SETTLES_MORE.read_text(encoding="utf-8").splitlines()
    pairs = [line.partition(" # ") for line in lines if line and not line.startswith("#")]
    return {name.strip(): reason for name, _, reason in pairs}


def _tried(task: tuple[int, int, bool]) -> tuple[list[str], Entailed]:
    number, seed, with_hermit = task
    cases = generate(number, seed)
    return list(engine_differences(cases)), entailed(cases) if with_hermit else Entailed(0, [], [])


def main() -> int:
    """Compare the engines on slices of generated cases."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--no-hermit", action="store_true")
    options = parser.parse_args()
    starts = range(0, options.cases, SLICE)
    tasks = [
        (min(SLICE, options.cases - start), options.seed * 1000 + start // SLICE, not options.no_hermit)
        for start in starts
    ]
    wrong: list[str] = []
    more: Counter[str] = Counter()
    examples: dict[str, str] = {}
    settled = 0
    with multiprocessing.get_context("fork").Pool(options.jobs, maxtasksperchild=1) as pool:
        for done, (found, cells) in enumerate(pool.imap(_tried, tasks), 1):
            wrong += [*found, *(f"{case}: not entailed: {node.value}" for case, node in cells.lost)]
            more.update(node.value.rpartition("#")[2] for _, node in cells.more)
            settled += cells.settled - len(cells.lost)
            examples.update((node.value.rpartition("#")[2], case) for case, node in cells.more)
            print(f"... {done} of {len(tasks)} slices, {len(wrong)} differences", file=sys.stderr, flush=True)
    known = reasons_for_more()
    wrong += [
        f"{examples[name]}: HermiT settles {name} and the engines do not, {count} times in all, without a reason"
        for name, count in more.items()
        if name not in known
    ]
    print("\n".join(wrong))
    for name, count in more.most_common():
        print(f"HermiT settles {name} {count} times more: {known.get(name, 'no reason given')}")
    print(
        f"{options.cases} cases, {settled} settled conditions entailed, {len(wrong)} differences (seed {options.seed})"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

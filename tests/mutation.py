"""Mutation of the law: changes one piece of the data at a time and asks whether a test notices.

``python tests/mutation.py [--sample N] [--seed S] [--only KIND] [--named TEXT] [--again OUT] [--jobs N] [--quick]``
prints the mutants that no test kills; exit status 1 if there are any that ``mutation-equivalent.txt`` does not
explain. The tables of the vocabulary are tried first, then the hand-derived cases, then (unless ``--quick``) the texts
and the faulty inputs of ``engine``; ``--again`` tries only what survived in an earlier output. A reader must not break:
no test is ever changed, and a mutant lives in a process of its own data only.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "law")]
import test_tables  # noqa: E402
from expectation import differences  # noqa: E402
from mutants import Mutant, loaded, mutants  # noqa: E402

from yibaolex import derivation, knowledge, ontology, shapes  # noqa: E402
from yibaolex.compiler import update_of  # noqa: E402
from yibaolex.frame import Frame  # noqa: E402
from yibaolex.graph import Graph  # noqa: E402
from yibaolex.intake import ReadCase, read_json  # noqa: E402

EXPLAINED = HERE / "mutation-equivalent.txt"
ENGINE_TESTS = tuple(f"engine/test_{name}.py" for name in ("invalid", "text", "explanation", "units", "api"))
CHUNK = 25


# --- a mutant in place of the law -------------------------------------------------------------------------------------


@contextlib.contextmanager
def planted(mutant: Mutant) -> Iterator[Callable[[], bool]]:
    """Within, whatever loads the law finds ``mutant`` in it; what is yielded says whether anything has."""
    found = []

    class PlantedGraph(Graph):
        def __init__(self, paths: Iterable[Path]) -> None:
            super().__init__([])
            given = frozenset(paths)
            self._store.extend(loaded(given))
            if given == mutant.files and mutant.change is not None:
                mutant.change(self)
                found.append(self)

    def update(path: Path) -> str:
        return mutant.text if mutant.text and path in mutant.files else update_of(path)

    def frame(path: Path) -> Frame:
        return replace(read(path), query=mutant.text) if mutant.text and path in mutant.files else read(path)

    read = Frame.read
    try:
        ontology.Graph = shapes.Graph = PlantedGraph
        knowledge.update_of, knowledge.Frame.read = update, frame
        _forget()
        yield lambda: bool(found)
    finally:
        ontology.Graph = shapes.Graph = Graph
        knowledge.update_of, knowledge.Frame.read = update_of, read
        _forget()


def _forget() -> None:
    for known in (knowledge.default_knowledge, knowledge.knowledge_under, ontology._subjects, shapes.shapes):
        known.cache_clear()


# --- who notices ------------------------------------------------------------------------------------------------------


@dataclass
class Group:
    """The hand-derived cases under one choice of readings and presumptions; those that noticed most come first."""

    readings: tuple[tuple[str, str], ...]
    presume: str | None
    members: list[tuple[str, ReadCase, dict]]
    kills: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def killer(self) -> str | None:
        """The first case that notices, or None."""
        base = knowledge.knowledge_under(*self.readings)
        profile = base.by_notation(knowledge.core("PresumptionProfile"))[self.presume] if self.presume else None
        early = sorted(range(len(self.members)), key=lambda number: -self.kills[self.members[number][0]])
        for start in range(0, len(early), CHUNK):
            # outcomes come in the order in which the cases were read
            chunk = [self.members[number] for number in sorted(early[start : start + CHUNK])]
            found = derivation.assess_all(base, "oxigraph", [case for _, case, _ in chunk], profile)
            for (name, _, wanted), assessment in zip(chunk, found, strict=True):
                if assessment.outcome is None or any(differences(wanted, assessment.outcome)):
                    self.kills[name] += 1
                    return name
        return None


@cache
def groups() -> list[Group]:
    """The hand-derived cases by readings and presumptions, the largest group first, its cases mixed."""
    folders = sorted((HERE / "law" / "cases").iterdir())
    random.Random(0).shuffle(folders)
    found: dict[tuple, list] = defaultdict(list)
    for folder in folders:
        expected = json.loads((folder / "expected.json").read_text("utf-8"))
        chosen = tuple(sorted(expected.get("readings", {}).items())), expected.get("presume")
        found[chosen].append((folder, expected["outcome"]))
    return sorted((_group(*chosen, members) for chosen, members in found.items()), key=lambda g: -len(g.members))


def _group(readings: tuple, presume: str | None, members: list[tuple[Path, dict]]) -> Group:
    texts = ",".join((folder / "case.json").read_text("utf-8") for folder, _ in members)
    cases = read_json(f"[{texts}]".encode(), knowledge.default_knowledge()).cases
    named = [(folder.name, case, wanted) for (folder, wanted), case in zip(members, cases, strict=True)]
    return Group(readings, presume, named)


def killer(mutant: Mutant, quick: bool) -> str | None:
    """Who notices ``mutant``, or None."""
    groups()
    with planted(mutant) as is_found:
        try:
            found = next((table.__name__ for table in test_tables.ALL if _differs(table)), None)
            found = found or next(filter(None, (g.killer() for g in groups() if mutant.kind != "shape")), None)
            if found is not None:
                return found
        except Exception as error:  # noqa: BLE001 - a mutant that cannot run is noticed
            return f"cannot run: {error!r}"
        if mutant.files and mutant.kind != "shape" and mutant.change is not None and not is_found():
            raise SystemExit(f"{mutant.name}: not in anything that was loaded")
        return None if quick or mutant.name in _explained() else _failing(ENGINE_TESTS)


def _differs(table: Callable) -> bool:
    return sorted(table(knowledge.default_knowledge())) != test_tables.expected(table)


def _failing(tests: tuple[str, ...]) -> str | None:
    """The tests if any of them fails, or None."""
    paths = [str(HERE / path) for path in tests]
    with contextlib.redirect_stdout(io.StringIO()):
        status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-k", "not reference and not screen", *paths])
    if status not in (0, 1):
        raise SystemExit(f"the tests cannot be run: {status}")
    return None if status == 0 else f"one of {', '.join(tests)}"


# --- the command ------------------------------------------------------------------------------------------------------


def _tried(task: tuple[int, bool]) -> tuple[int, str | None]:
    number, quick = task
    return number, killer(_every()[number], quick)


@cache
def _every() -> list[Mutant]:
    return mutants()


def _chosen(options: argparse.Namespace) -> list[int]:
    again = options.again and frozenset(options.again.read_text(encoding="utf-8").splitlines())
    fitting = [
        number
        for number, mutant in enumerate(_every())
        if options.only in (None, mutant.kind) and options.named in mutant.name
        if again is None or f"SURVIVES {mutant.kind}: {mutant.name}" in again
    ]
    number = len(fitting) if options.sample is None else min(options.sample, len(fitting))
    return random.Random(options.seed).sample(fitting, number)


def main() -> int:
    """Try the mutants, or a sample of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only")
    parser.add_argument("--named", default="")
    parser.add_argument("--again", type=Path)
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    chosen, explained, counts = _chosen(options), _explained(), defaultdict(int)
    groups()
    gone = explained - {mutant.name for mutant in _every()}
    if gone:
        parser.error(f"explained, but no mutants: {sorted(gone)}")
    unchanged = Mutant("none", "the law as it is", frozenset(), lambda graph: None)
    noticed = killer(unchanged, options.quick)
    if noticed:
        parser.error(f"the law as it is does not pass: {noticed}")
    tasks = [(number, options.quick) for number in chosen]
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        for done, (number, found) in enumerate(pool.imap_unordered(_tried, tasks), 1):
            mutant = _every()[number]
            state = "killed" if found else "explained" if mutant.name in explained else "SURVIVES"
            counts[state] += 1
            if not found or mutant.name in explained:
                print(f"{state}{' though explained' if found else ''} {mutant.kind}: {mutant.name}", flush=True)
            if done % 200 == 0:
                print(f"... {done} of {len(chosen)} tried", file=sys.stderr, flush=True)
    print(f"{len(chosen)} of {len(_every())} mutants tried, {counts['killed']} killed, "
          f"{counts['explained']} explained, {counts['SURVIVES']} survive (seed {options.seed})")  # fmt: skip
    return 1 if counts["SURVIVES"] else 0


@cache
def _explained() -> set[str]:
    """The mutants that are known to mean the same, with the reason after the name."""
    lines = EXPLAINED.read_text(encoding="utf-8").splitlines() if EXPLAINED.exists() else []
    return {line.partition(" -- ")[0] for line in lines if line.strip()}


if __name__ == "__main__":
    sys.exit(main())

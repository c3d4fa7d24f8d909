"""Measures speed and memory in one run: ``python benchmarks/run.py [--cases N] [--rows N] [--rounds R]``.

Prints medians with their spread, and what they are compared with, as ratios. A reader must not break: both sides of a
ratio are measured in the same run, taking turns, so that a busy machine slows both; nothing here is a test.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from yibaolex.catalogue import LANGUAGES
from yibaolex.derivation import ENGINES, assess_all
from yibaolex.explanation import Setting, explain_cases
from yibaolex.intake import read_json
from yibaolex.knowledge import default_knowledge
from yibaolex.questions import questions as prepared
from yibaolex.research import research
from yibaolex.selfreport.assessing import Status, assess_rows
from yibaolex.selfreport.forms import Track, forms
from yibaolex.selfreport.reading import read

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "yunyang-145.json"
CASES = sorted((ROOT / "tests" / "law" / "cases").glob("*/case.json"))
SAMPLE = 20
PARTS = 10
PART_ROWS, REFERENCE_ROWS = 140, 8


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[list[float], list[float]]:
    """Times of both, taking turns, after one round that does not count.

    The garbage collector leaves alone what that round has loaded: else each side would also pay, at every collection,
    for going through what the other one keeps.
    """
    one(), other()
    gc.collect()
    gc.freeze()
    pairs = [(seconds(one), seconds(other)) for _ in range(rounds)]
    gc.unfreeze()
    return [a for a, _ in pairs], [b for _, b in pairs]


def told(times: list[float]) -> str:
    """Median, minimum and maximum in milliseconds."""
    low, middle, high = (1000 * found for found in (min(times), statistics.median(times), max(times)))
    return f"{middle:9.1f} ms ({low:.1f} to {high:.1f})"


def report(name: str, beside: str, times: list[float], others: list[float]) -> None:
    """Print both and the ratio of each pair."""
    ratios = sorted(a / b for a, b in zip(times, others, strict=True))
    print(f"{name}\n  default    {told(times)}\n  {beside:<10} {told(others)}")
    print(f"  ratio      {statistics.median(ratios):9.3f}    ({ratios[0]:.3f} to {ratios[-1]:.3f})")


def warm(rounds: int) -> None:
    """One case at a time, validated, derived, with its reasons: a sample of the hand-derived ones, then an example."""
    knowledge = default_knowledge()
    sample = [read_json(path.read_bytes(), knowledge).cases for path in CASES[:: len(CASES) // SAMPLE]]
    times, others = [], []
    for cases in sample:
        runs = [lambda e=engine, c=cases: assess_all(knowledge, e, c, explain=True) for engine in ENGINES]
        for found, measured in zip((times, others), paired(*runs, 3), strict=True):
            found.append(statistics.median(measured))
    name = f"one case (each of {len(sample)}), taking turns with the reference: validated, derived, explained"
    report(name, "reference", times, others)
    warm_times = [
        statistics.median(seconds(lambda c=cases: assess_all(knowledge, "oxigraph", c, explain=True)) for _ in range(5))
        for cases in sample
    ]
    print(f"  default, several times in a row (warm) {told(warm_times)}")
    example = read_json(EXAMPLE.read_bytes(), knowledge).cases
    setting = Setting("oxigraph", {})
    alone = [seconds(lambda: assess_all(knowledge, "oxigraph", example, explain=True)) for _ in range(rounds)]
    whole = [seconds(lambda: explain_cases(setting, example)) for _ in range(rounds)]
    print(f"a case of two acts, default\n  explained  {told(alone)}")
    print(f"  with provisional result and rival readings {told(whole)}")


def cold(rounds: int) -> None:
    """A command from start to end, against an interpreter that does nothing; both with bytecode, as installed."""
    empty = [sys.executable, "-c", "pass"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for form in ("json", "text"):
        command = [sys.executable, "-m", "yibaolex", "assess", str(EXAMPLE), "--format", form]
        given = {"check": True, "capture_output": True, "env": environment}
        runs = [lambda c=run, g=given: subprocess.run(c, **g) for run in (command, empty)]
        report(f"cold command, --format {form} (against an empty interpreter)", "empty", *paired(*runs, rounds))


def batch(number: int) -> None:
    """Many cases in chunks: the rate against that of the reference on a sample of them, and the memory at the peak.

    Both go through their cases in parts, taking turns.
    """
    knowledge = default_knowledge()
    items = [json.loads(path.read_text(encoding="utf-8")) for path in CASES]
    many = json.dumps([items[i % len(items)] for i in range(max(number // PARTS, 1))]).encode()
    some = read_json(json.dumps(items[:: len(items) // SAMPLE]).encode(), knowledge).cases
    runs = [
        lambda: assess_all(knowledge, "oxigraph", read_json(many, knowledge)),
        lambda: assess_all(knowledge, "reference", some),
    ]
    times, others = paired(*runs, PARTS)
    each, beside = [t / max(number // PARTS, 1) for t in times], [t / len(some) for t in others]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    name = f"{number} cases in {PARTS} parts, read, validated and derived, a case (reference: {len(some)} cases)"
    report(name, "reference", each, beside)
    print(f"  times the reference  {sum(beside) / sum(each):.0f};  peak memory {peak:.0f} MB")


def self_reports(number: int) -> None:
    """Rows of one generated CSV, from the file to their results: the rate against that of the reference on a sample.

    Both take turns. Then all rows once through the command, for its memory.
    """
    with tempfile.TemporaryDirectory() as folder:
        some, part, whole = (Path(folder) / f"{name}.csv" for name in ("some", "part", "whole"))
        for path, rows in ((some, REFERENCE_ROWS), (part, PART_ROWS), (whole, number)):
            path.write_text(generated(rows), encoding="utf-8")
        runs = [lambda: assessed(part, "oxigraph"), lambda: assessed(some, "reference")]
        times, others = paired(*runs, 2)
        each, beside = [t / PART_ROWS for t in times], [t / REFERENCE_ROWS for t in others]
        report(f"self-report, a row of {PART_ROWS} (reference: of {REFERENCE_ROWS})", "reference", each, beside)
        print(f"  times the reference  {sum(beside) / sum(each):.0f}")
        command = [sys.executable, "-m", "yibaolex", "report", str(whole), "-o", f"{folder}/out", "--format", "json"]
        taken = seconds(lambda: subprocess.run(command, check=True, capture_output=True))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        rate = statistics.median(beside) * number / taken
        measured = f"{taken:.0f} s, {rate:.0f} times the reference;  peak memory {peak:.0f} MB"
        print(f"  command, {number} rows to JSON  {measured}")


def assessed(path: Path, engine: str) -> None:
    """Read and assess all rows of a self-report."""
    rows = list(assess_rows(read(path, forms()), Setting(engine, {}), forms()))
    refused = [row for row in rows if row.status is Status.REFUSED]
    if refused:
        raise ValueError(refused[0].faults)


def generated(number: int) -> str:
    """A self-report in CSV: each word for a charge in turn, each row with an amount of its own."""
    own = ("institution_code", "institution_name", "institution_type", "number", "label", "act_date", "act_end_date")
    header = ",".join((*own, "billed_amount", "fund_amount", "returned_amount", "returned_on"))
    general = [w.notation for w in forms().labels.values() if w.track is Track.CHARGE and not w.types]
    lines = [
        f"H1,H1,hospital,{n},{general[n % len(general)]},2025-03-01,2025-06-30,{n}.99,{n}.50,{n}.50,2026-01-05"
        for n in range(1, number + 1)
    ]
    return "\n".join((header, *lines)) + "\n"


def questions(rounds: int) -> None:
    """Every prepared question with its defaults, on either engine, once all is loaded."""
    asked = {name: question.bound({}, research(), LANGUAGES[0]) for name, question in prepared().items()}
    first = seconds(lambda: [research().run(query, on_reference=True) for query in asked.values()])
    times = {name: [seconds(lambda q=query: research().run(q)) for _ in range(rounds)] for name, query in asked.items()}
    others = [seconds(lambda q=query: research().run(q, on_reference=True)) for query in asked.values()]
    middle = {name: statistics.median(found) for name, found in times.items()}
    slowest = max(middle, key=lambda name: middle[name])
    print(f"{len(asked)} prepared questions, warm (reference loaded and run once in {first:.1f} s)")
    print(f"  default    {told(list(middle.values()))}, slowest: {slowest}\n  reference  {told(others)}")


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    warm(options.rounds)
    questions(options.rounds)
    cold(options.rounds)
    batch(options.cases)
    self_reports(options.rows)


if __name__ == "__main__":
    main()

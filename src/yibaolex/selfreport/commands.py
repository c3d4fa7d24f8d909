"""The commands on self-reports: ``report``, ``verify`` and ``template``.

What this module is for: from options to files and sentences. What a reader must not break: results go to the folder and
to standard output, faults and progress to standard error; nothing that a file holds ends in a traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from os.path import isdir
from pathlib import Path
from typing import Any, NamedTuple

from yibaolex.amounts import yuan
from yibaolex.catalogue import say
from yibaolex.explanation import Setting
from yibaolex.jsontext import UnreadableError, parse
from yibaolex.research import folded
from yibaolex.screen import one_line, shown
from yibaolex.selfreport import batch
from yibaolex.selfreport.forms import called, forms
from yibaolex.selfreport.progress import Steps, Write, heeding_stop, progress
from yibaolex.selfreport.reading import read_all
from yibaolex.selfreport.receipt import Difference, differences, digest_of, is_receipt, rows_in, rows_that_differ
from yibaolex.selfreport.rows import institution_of
from yibaolex.selfreport.summary import summary_of, write_summary
from yibaolex.selfreport.writing import FORMATS, Job, assess_report

JSON = dict[str, Any]
_MANY = ("html", "json")  # what is written of each of many reports, unless more is asked for
_HERE = Path()
_NAMED = 10


class Refusal(Exception):
    """Wrong use: the catalogue key of the sentence, and its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class Result(NamedTuple):
    """The digest of a result, those of its rows, and the places of these."""

    digest: str
    rows: str
    places: list[str]


def report(options: argparse.Namespace, readings: Mapping[str, str]) -> bool:
    """Assess the reports asked for and write them; return whether all is sound.

    Raises:
        Refusal: wrong use.
        OSError: the only file asked for cannot be opened, or a result not be written.
        KeyboardInterrupt: it was stopped, and said how to go on.
    """
    if options.output is None:
        raise Refusal("no-output")
    try:
        with heeding_stop():
            return _report(options, readings)
    except KeyboardInterrupt:
        _complain(_say(options.lang, "stopped", path=options.output))
        raise


def _report(options: argparse.Namespace, readings: Mapping[str, str]) -> bool:
    inputs, folder = [Path(name) for name in options.inputs], Path(options.output)
    if folder.exists() and not folder.is_dir():
        raise Refusal("output-not-folder", path=folder)
    mixed = batch.mixed_with(inputs, folder)
    if mixed is not None:
        raise Refusal("output-holds-input", path=folder, name=mixed, other=folder / "report")
    files, results, others = batch.files_in(inputs, folder)
    if others:
        _complain(_passed_over(others, options.lang))
    if results:
        _complain(_say(options.lang, "results-left-out", count=len(results), path=results[0]))
    if not files:
        raise Refusal("no-input", path=options.inputs[0])
    single = len(files) == 1 and not isdir(inputs[0])
    formats = _formats(options.format, FORMATS if single else _MANY)
    if single:
        files[0].open("rb").close()  # the only file that is asked for is not set aside: its name may be wrong
    job = Job(Setting(options.engine, readings), forms(), options.lang, formats, folder)
    with progress(files, options.lang) as (steps, write):
        outcome = batch.run(files, job, _watch(job, steps, write))
    outcome.passed_over = others
    if not single or len(outcome.finished) > 1:
        summary = summary_of(outcome, options.lang)
        write_summary(summary, job)
        _tell_batch(summary, outcome, job)
    return outcome.sound


def _formats(given: str | None, usual: tuple[str, ...]) -> tuple[str, ...]:
    if given is None:
        return usual
    for name in given.split(","):
        if name not in FORMATS:
            raise Refusal("unknown-format", name=name, known=", ".join(FORMATS))
    return tuple(name for name in FORMATS if name in given.split(","))


def _watch(job: Job, steps: Steps, write: Write) -> batch.Watch:
    """What is said while reports are assessed: a line for each, and on standard error, once, what is wrong."""
    told: set[str] = set()

    def tell(line: str) -> None:
        write(line, sys.stderr)

    def reported(name: str, entry: JSON) -> None:
        for message in (message for message in entry["messages"] if message not in told):
            told.add(message)
            tell(message)
        fine = _fine(entry["provisional_fine"], job.language)
        path = job.folder / entry["output"]
        write(_say(job.language, "done", name=name, path=path, fine=fine, **entry), sys.stdout)

    def aside(name: str, sentence: str) -> None:
        tell(sentence)
        tell(_say(job.language, "set-aside", name=name, path=job.folder / batch.ASIDE))

    return batch.Watch(steps.row, steps.file, reported, aside)


def _passed_over(names: list[str], language: str) -> str:
    """How many files of the folders are of no kind that is read, and the first few of them."""
    key = "passed-over" if len(names) <= _NAMED else "passed-over-more"
    named = say(language, "report", "comma").join(map(shown, names[:_NAMED]))
    return _say(language, key, count=len(names), names=named, known=", ".join(batch.SUFFIXES))


def _tell_batch(summary: JSON, outcome: batch.Outcome, job: Job) -> None:
    told = {**{name: summary[name] for name in ("reports", "rows")}, "kept": outcome.kept, "aside": len(outcome.aside)}
    for item in summary["repeated"]:
        files = say(job.language, "report", "comma").join(map(shown, item["files"]))
        _complain(_say(job.language, "repeated", institution=shown(item["institution"]), files=files))
    print(_say(job.language, "batch-done", path=job.folder / "summary.html", **told))


def _complain(line: str) -> None:
    print(line, file=sys.stderr)


def _fine(found: JSON, language: str) -> str:
    """A sum of fines as the first page has it: with no upper end where a row has none, and the sum of the others."""
    ended = found["of_rows"] - found["no_end_rows"]
    key = "done-part" if ended else "done-no-end"
    if not found["no_end_rows"]:
        key = "done-fine" if ended else "done-nothing"
    ends = {end: yuan(found[end] or "0") for end in ("low", "high")}
    return _say(language, key, **{**found, **ends, "rows": ended})


def _say(language: str, key: str, **values: object) -> str:
    return say(language, "selfreport", key, **values)


# --- receipts -----------------------------------------------------------------------------------------------------


def verify(options: argparse.Namespace, check: Callable[[Mapping[str, str]], None]) -> bool:
    """Make the result of a receipt again and say whether all is the same; ``check`` refuses unknown readings.

    Raises:
        Refusal: the receipt cannot be read, or the file does not hold the report.
        UnreadableError: the file as a whole cannot be read.
        OSError: a file cannot be opened.
    """
    then, view = _receipt(Path(options.receipt))
    check(then["readings"])
    job = Job(Setting(then["engine"], then["readings"]), forms(), then["language"], (), _HERE)
    now, places = _again(Path(options.file), then, job)
    told = [_difference(difference, options.lang) for difference in differences(then, now)]
    told += _results_that_differ(then, Result(now["result"], now["rows"], places), view, options)
    print("\n".join(told) if told else _say(options.lang, "verify-same"))
    return not told


def _results_that_differ(then: JSON, now: Result, view: JSON | None, options: argparse.Namespace) -> Iterator[str]:
    """Where the result ``now``, and the report ``view`` that holds the receipt, are not the result of the receipt.

    The rows that the receipt lists are not believed where a result with its digest is at hand.
    """
    own = now if view is None else _result_in(view, then["file"])
    listed = Result(then["result"], then["rows"], [])
    known = next((result for result in (now, own) if result.digest == listed.digest), listed)
    if now.digest != listed.digest:
        yield from _rows_that_differ(known, now, options.lang)
    if known.rows.split() != listed.rows.split():
        yield _say(options.lang, "verify-forged", path=options.receipt)
        yield from _rows_that_differ(listed, known, options.lang)
    if view is not None and own.digest != listed.digest:
        yield _say(options.lang, "verify-altered", path=options.receipt)
        yield from _rows_that_differ(known, own, options.lang)


def _result_in(view: JSON, file: str) -> Result:
    """What a report holds, whatever its receipt says."""
    digest, rows = digest_of(view, file), rows_in(view)
    places = (row.get("place", "") if isinstance(row, dict) else "" for row in rows)
    named = [one_line(str(place)) or str(number) for number, place in enumerate(places, 1)]
    return Result(digest.text, digest.rows, named)


def _again(path: Path, then: JSON, job: Job) -> tuple[JSON, list[str]]:
    """The receipt that the report now makes, and the places of its rows.

    Of the reports of the same institution, it is the one that is the same, or else the last.
    """
    last: tuple[JSON, list[str]] | None = None
    for found in read_all(path, job.forms):
        if institution_of(found) == then["institution"]:
            places: list[str] = []
            _, now = assess_report(found, job, lambda row, *_, places=places: places.append(row["place"]))
            last = now, places
            if now["result"] == then["result"]:
                return last
        else:
            for _ in found.rows:
                pass
    if last is None:
        raise Refusal("verify-no-report", path=path, name=then["institution"] or then["file"])
    return last


def _rows_that_differ(then: Result, now: Result, language: str) -> Iterator[str]:
    """Which rows are not those of ``then``: the first few by their places, and how many there are."""
    changed, gone = rows_that_differ(then.rows, now.rows)
    if changed:
        named = say(language, "report", "comma").join(now.places[at] for at in changed[:_NAMED])
        key = "verify-rows" if len(changed) <= _NAMED else "verify-rows-more"
        yield _say(language, key, places=named, number=len(changed))
    if gone:
        yield _say(language, "verify-rows-gone", number=gone)
    if not changed and not gone:
        yield _say(language, "verify-rows-same")


def _receipt(path: Path) -> tuple[JSON, JSON | None]:
    """A receipt, and the report that holds it if it is not by itself."""
    try:
        found = parse(path.read_bytes())
    except UnreadableError as error:
        raise Refusal("verify-unreadable", path=path) from error
    receipt = found.get("receipt", found) if isinstance(found, dict) else None
    if receipt is None or not is_receipt(receipt):
        raise Refusal("verify-unreadable", path=path)
    return receipt, None if receipt is found or len(found) == 1 else found


def _difference(found: Difference, language: str) -> str:
    what = _say(language, f"what_{found.what}", path=found.path)
    then, now = (value or _say(language, "absent") for value in (found.then, found.now))
    return _say(language, "verify-differs", what=what, then=then, now=now)


# --- templates ----------------------------------------------------------------------------------------------------


def template(options: argparse.Namespace) -> None:
    """Write an empty form.

    Raises:
        Refusal: there is no such type of institution, no such kind of form, or the file is already there.
        OSError: the file cannot be written.
    """
    known, asked = forms(), options.institution
    institution = next((t for t, choice in known.types.items() if asked and folded(asked) in called(choice)), None)
    if institution is None and asked is not None:
        raise Refusal("unknown-type", name=asked, known=", ".join(known.types))
    from yibaolex.selfreport.template import SUFFIXES, write_template

    path = Path(options.path)
    if path.suffix.lower() not in SUFFIXES:
        raise Refusal("unknown-suffix", path=path, known=", ".join(SUFFIXES))
    if path.exists() or path.is_symlink():
        raise Refusal("template-there", path=path)
    write_template(path, institution, options.lang)
    print(_say(options.lang, "template-done", path=options.path))
    if path.suffix.lower() == ".csv":
        print(_say(options.lang, "template-no-duties"))

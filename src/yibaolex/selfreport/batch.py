"""Many reports: one after the other, with what they come to together.

What this module is for: a folder, or a file of many institutions, assessed so that a stop loses no more than the report
at work. What a reader must not break: the summary is folded from the finished reports alone, so that neither the order
of the files nor a stop in between changes it; a file that cannot be read is set aside and the others go on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from os.path import exists, isdir, isfile  # unlike those of pathlib they raise nothing where nothing may be seen
from pathlib import Path
from typing import Any

from yibaolex.catalogue import LANGUAGES, reason, say
from yibaolex.faults import Fault
from yibaolex.jsontext import UnreadableError
from yibaolex.messages import Teller
from yibaolex.selfreport import workbook
from yibaolex.selfreport.assessing import RECORDED
from yibaolex.selfreport.cells import Report, Row
from yibaolex.selfreport.forms import CellKind, Forms
from yibaolex.selfreport.reading import read_all
from yibaolex.selfreport.receipt import knowledge_digest
from yibaolex.selfreport.rows import columns, institution_of
from yibaolex.selfreport.writing import Job, files_of, write_report, write_whole

JSON = dict[str, Any]
SUFFIXES = (*workbook.SUFFIXES, ".csv", ".json")
STATE, ASIDE, SUMMARY = ".state", "set-aside", "summary"
COUNTED = ("rows", "assessed", "questions", "contract", "uncharged", "refused")
_OURS = (".receipt", ".marked")  # how the names of some outputs end before their suffix
_PROGRAM = (".py", ".toml", ".html")
_LONGEST = 60


@dataclass
class Outcome:
    """What became of a batch: the finished reports by name, how many were kept from before, and the files set aside.

    ``passed_over`` are the files of the folders that cannot be reports by their names.
    """

    finished: dict[str, JSON] = field(default_factory=dict)
    kept: int = 0
    aside: dict[str, str] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether every row of every file was assessed, and nothing else in them was left unread for an error."""
        return not self.aside and not any(entry["refused"] or entry["unread"] for entry in self.finished.values())


@dataclass(frozen=True)
class Watch:
    """Who is told what happens: of each row, each file gone through, each finished report, and each file set aside."""

    row: Callable[[], object]
    file: Callable[[], object]
    report: Callable[[str, JSON], object]
    aside: Callable[[str, str], object]


def files_in(inputs: Iterable[Path], output: Path) -> tuple[list[Path], list[Path], list[str]]:
    """The files to read: those given, and those that may be reports in the folders given, sorted.

    Returns:
        These files, those left out because they lie in ``output`` or in the results of an earlier run, and below the
        folders the names of those that are of no kind that is read.
    """
    found: dict[Path, bool] = {}
    others: set[str] = set()
    for top in inputs:
        if not isdir(top):
            found[top] = True
            continue
        for path in _below(top):
            is_ours = _is_result(path, top, output.resolve())
            if path.suffix.lower() in SUFFIXES or isdir(path):
                found[path] = found.get(path, False) or not is_ours
            elif not is_ours:
                others.add(str(path.relative_to(top)))
    files = sorted(found, key=str)
    return [path for path in files if found[path]], [path for path in files if not found[path]], sorted(others)


def _below(top: Path) -> Iterator[Path]:
    """The files in the folder ``top``, at any depth, and what cannot be opened, so that reading it says why.

    That is a folder that may not be gone into, and what is called like a report and is a folder, or leads nowhere.
    """
    shut: list[Path] = []
    for folder, folders, names in os.walk(top, onerror=lambda error: shut.append(Path(error.filename))):
        for path in (Path(folder, name) for name in (*folders, *names) if not name.startswith((".", "~$"))):
            if isfile(path) or (path.suffix.lower() in SUFFIXES and (isdir(path) or not exists(path))):
                yield path
    yield from shut


def _is_result(path: Path, top: Path, output: Path) -> bool:
    """Whether ``path`` lies in a folder of results below ``top``, or is one."""
    below = (folder for folder in (path, *path.parents) if top in folder.parents)
    return any(folder.resolve() == output or isdir(folder / STATE) for folder in below)


def mixed_with(inputs: Iterable[Path], output: Path) -> Path | None:
    """The first of ``inputs`` that lies where results are written, so that these might overwrite it."""
    folder = output.resolve()
    ours = {folder, folder / STATE, folder / ASIDE}
    for path in inputs:
        if ours & ({path.resolve()} if isdir(path) else {path.parent.resolve(), path.resolve().parent}):
            return path
    return None


def run(files: list[Path], job: Job, watch: Watch) -> Outcome:
    """Assess all reports in ``files``; what is finished under the same input and settings is not done again.

    Raises:
        OSError: the folder cannot be written.
    """
    outcome = Outcome()
    stems = Counter(path.stem.casefold() for path in files)
    for path in files:
        name = _stem(path, stems)
        try:
            for report in _reports(path, job.forms):
                _one(path, report, _name(name, path, report, outcome.finished), job, outcome, watch)
        except UnreadableError as error:
            sentence = _set_aside(name, path, error.fault, job)
            outcome.aside[f"{name}{path.suffix}"] = sentence
            watch.aside(path.name, sentence)
        else:
            _note(name, path, job).unlink(missing_ok=True)  # it may have been set aside before it was mended
        watch.file()
    with suppress(OSError):  # not there, or not empty
        (job.folder / ASIDE).rmdir()
    return outcome


def _reports(path: Path, known: Forms) -> Iterator[Report]:
    """The reports in a file; that it cannot be opened, or be read on, is a fault of the file like any other."""
    with _opening(path):
        for report in read_all(path, known):
            yield replace(report, rows=_rows(path, report.rows))


def _rows(path: Path, rows: Iterable[Row]) -> Iterator[Row]:
    with _opening(path):
        yield from rows


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code = "report-cannot-open"
        texts = {language: say(language, "fault", code, reason=reason(error, language)) for language in LANGUAGES}
        raise UnreadableError(Fault(code, path.name, texts=texts)) from error


def _stem(path: Path, stems: Counter[str]) -> str:
    """The name of a file among its outputs: its own, unless another file or another output may be called so."""
    is_own = stems[path.stem.casefold()] == 1 and path.stem.casefold() != SUMMARY and not path.stem.endswith(_OURS)
    return path.stem if is_own else f"{path.stem}-{_short(str(path))}"


def _name(stem: str, path: Path, report: Report, taken: Iterable[str]) -> str:
    """The name of the outputs of a report: that of its file, with its institution where a file can hold many."""
    code, name = institution_of(report), stem
    if code is not None and path.suffix.lower() not in workbook.SUFFIXES:
        is_plain = code.isascii() and code.isalnum() and len(code) <= _LONGEST
        name = f"{stem}-{code if is_plain else _short(code)}"
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _one(path: Path, report: Report, name: str, job: Job, outcome: Outcome, watch: Watch) -> None:
    """Assess one report, unless its state says that this was done and all that was written is still there."""
    state, key = job.folder / STATE / f"{name}.json", _key(report, job)
    known = _read_state(state)
    if known is not None and known["key"] == key and all((job.folder / n).is_file() for n in known["outputs"]):
        for _ in report.rows:
            watch.row()
        entry = known["entry"]
        outcome.kept += 1
    else:
        faults: list[Fault] = []
        head, receipt = write_report(report, name, job, watch.row, faults)
        outputs = [*files_of(name, job), *_mark(path, name, faults, job)]
        entry = {**_entry(report, head, receipt, job), "output": outputs[0]}
        state.parent.mkdir(exist_ok=True)
        write_whole(state, [json.dumps({"key": key, "entry": entry, "outputs": outputs}, ensure_ascii=False)])
    outcome.finished[name] = entry
    watch.report(name, entry)


def _mark(path: Path, name: str, faults: list[Fault], job: Job) -> list[str]:
    """Write a copy of a workbook in which the cells with faults are marked, if there are any; return its name.

    One of an earlier run, which would be of other cells, is taken away.
    """
    from yibaolex.selfreport.marked import marked_copy

    target = job.folder / f"{name}.marked.xlsx"
    target.unlink(missing_ok=True)
    faults = [fault for fault in faults if fault.code != RECORDED]
    with _opening(path):
        if not faults or not workbook.is_copied(path):
            return []
    part = target.with_name(f".{name}.marked.part.xlsx")
    try:
        marked_copy(path, part, faults, job.language)
    except UnreadableError:  # its rows could be read all the same, and their faults are told
        return []
    os.replace(part, target)
    return [target.name]


def _key(report: Report, job: Job) -> JSON:
    """What a finished report depends on."""
    return {
        "input": report.sha256,
        "file": report.file,
        "institution": institution_of(report),
        "program": _program_digest(),
        "knowledge": knowledge_digest(),
        "engine": job.setting.engine,
        "readings": dict(job.setting.readings),
        "language": job.language,
        "formats": sorted(job.formats),
    }


@cache
def _program_digest() -> str:
    """One digest over the program itself, which says more than its version: what it keeps of a report may change."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*")):
        if path.suffix in _PROGRAM:
            found.update(path.read_bytes())
    return found.hexdigest()


def _read_state(path: Path) -> JSON | None:
    """What is known of a finished report; None if nothing is, or nothing whole."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"key", "entry", "outputs"} <= found.keys() else None


def _entry(report: Report, head: JSON, receipt: JSON, job: Job) -> JSON:
    """What the summary needs of a finished report."""
    summary, known = head["summary"], columns(job.forms)
    chosen = {
        known[name].labels[job.language]: _shown(known[name].choices, cell.value, job.language)
        for name, cell in report.institution.items()
        if name in known and known[name].kind is CellKind.CHOICE and cell.value is not None
    }
    return {
        **{name: summary[name] for name in (*COUNTED, "articles", "unplaced")},
        **{name: _counts(summary[name]) for name in ("categories", "bureau")},
        "missing": _by_fact(summary["missing"], job),
        **{
            name: summary[name] for name in ("fine_range", "provisional_fine", "amounts", "amounts_open_rows", "losses")
        },
        "faults": len(head["faults"]),
        "unread": sum(fault["refused"] for fault in head["faults"]),
        "messages": list(dict.fromkeys(f"{fault['place']}: {fault['message']}" for fault in head["faults"])),
        "file": report.file,
        "institution": institution_of(report),
        "choices": chosen,
        "result": receipt["result"],
    }


def _shown(choices: Iterable[Any], notation: str | None, language: str) -> str:
    return next((c.labels[language] for c in choices if c.notation == notation), notation or "")


def _counts(items: list[JSON]) -> dict[str, int]:
    return {str(item.get("label", item.get("text"))): item["rows"] for item in items}


def _by_fact(items: list[JSON], job: Job) -> dict[str, int]:
    """How many rows lack each fact, under its own name: what a form calls its column differs from form to form."""
    knowledge = job.setting.knowledge
    labels = {knowledge.notation(fact): knowledge.label(fact, job.language) for fact in knowledge.facts}
    return {labels[item["fact"]]: item["rows"] for item in items}


def _set_aside(name: str, path: Path, fault: Fault, job: Job) -> str:
    """Write why a file could not be read; return the sentence."""
    sentence, note = Teller(job.setting.knowledge, job.language).tell(fault), _note(name, path, job)
    note.parent.mkdir(parents=True, exist_ok=True)
    write_whole(note, [f"{path}\n{sentence}\n"])
    return sentence


def _note(name: str, path: Path, job: Job) -> Path:
    """Where it is written why a file could not be read."""
    return job.folder / ASIDE / f"{name}{path.suffix}.txt"

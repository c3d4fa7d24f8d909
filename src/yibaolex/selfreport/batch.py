"""Many reports: one after the other, with what they come to together.

What this module is for: a folder, or a file of many institutions, assessed so that a stop loses no more than the report
at work. What a reader must not break: the summary is folded from the finished reports alone, so that neither the order
of the files nor a stop in between changes it; a file that cannot be read is set aside and the others go on.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yibaolex import __version__
from yibaolex.faults import Fault
from yibaolex.jsontext import UnreadableError
from yibaolex.messages import Teller
from yibaolex.selfreport.cells import Report
from yibaolex.selfreport.forms import CellKind
from yibaolex.selfreport.reading import read_all
from yibaolex.selfreport.receipt import knowledge_digest
from yibaolex.selfreport.rows import INSTITUTION, columns
from yibaolex.selfreport.writing import Job, write_report, write_whole

JSON = dict[str, Any]
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv", ".json")
STATE, ASIDE = ".state", "set-aside"
_LONGEST = 60


@dataclass
class Outcome:
    """What became of a batch: the finished reports by name, how many were kept from before, and the files set aside."""

    finished: dict[str, JSON] = field(default_factory=dict)
    kept: int = 0
    aside: dict[str, str] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether every row of every file was read and assessed."""
        return not self.aside and not any(entry["refused"] for entry in self.finished.values())


@dataclass(frozen=True)
class Watch:
    """Who is told what happens: of each row, of each finished report, and of each file set aside."""

    row: Callable[[], object]
    report: Callable[[str, JSON], object]
    aside: Callable[[str, str], object]


def files_in(inputs: Iterable[Path]) -> list[Path]:
    """The files to read: those given, and those that may be reports in the folders given, sorted."""
    found: list[Path] = []
    for path in inputs:
        below = (p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$")))
        found += [p for p in below if p.is_file()] if path.is_dir() else [path]
    return sorted(dict.fromkeys(found), key=str)


def run(files: list[Path], job: Job, watch: Watch) -> Outcome:
    """Assess all reports in ``files``; what is finished under the same input and settings is not done again.

    Raises:
        OSError: a file cannot be opened, or the folder cannot be written.
    """
    outcome = Outcome()
    stems = Counter(path.stem for path in files)
    for path in files:
        name = path.stem if stems[path.stem] == 1 else f"{path.stem}-{_short(str(path))}"
        try:
            for report in read_all(path, job.forms):
                found = _name(name, path, report, outcome.finished)
                _mark(path, found, _one(report, found, job, outcome, watch), job)
        except UnreadableError as error:
            outcome.aside[path.name] = _set_aside(name, path, error.fault, job)
            watch.aside(path.name, outcome.aside[path.name])
    return outcome


def _name(stem: str, path: Path, report: Report, taken: Iterable[str]) -> str:
    """The name of the outputs of a report: that of its file, with its institution where a file can hold many."""
    code, name = _code(report), stem
    if code is not None and path.suffix.lower() not in SUFFIXES[:3]:
        is_plain = code.isascii() and code.isalnum() and len(code) <= _LONGEST
        name = f"{stem}-{code if is_plain else _short(code)}"
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _one(report: Report, name: str, job: Job, outcome: Outcome, watch: Watch) -> list[Fault]:
    """Assess one report, unless its state says that this was done; return the faults that were found."""
    faults: list[Fault] = []
    state, key = job.folder / STATE / f"{name}.json", _key(report, job)
    known = _read_state(state)
    if known is not None and known["key"] == key and (job.folder / f"{name}.receipt.json").is_file():
        for _ in report.rows:
            watch.row()
        entry = known["entry"]
        outcome.kept += 1
    else:
        head, receipt = write_report(report, name, job, watch.row, faults)
        entry = _entry(report, head, receipt, job)
        state.parent.mkdir(exist_ok=True)
        write_whole(state, [json.dumps({"key": key, "entry": entry}, ensure_ascii=False)])
    outcome.finished[name] = entry
    watch.report(name, entry)
    return faults


def _mark(path: Path, name: str, faults: list[Fault], job: Job) -> None:
    """Write a copy of a workbook in which the cells with faults are marked, if there are any and it can be copied."""
    from yibaolex.selfreport.marked import is_markable, marked_copy

    if faults and is_markable(path):
        with suppress(UnreadableError):  # its rows could be read all the same, and their faults are told
            marked_copy(path, job.folder / f"{name}.marked.xlsx", faults, job.language)


def _key(report: Report, job: Job) -> JSON:
    """What a finished report depends on."""
    return {
        "input": report.sha256,
        "file": report.file,
        "institution": _code(report),
        "version": __version__,
        "knowledge": knowledge_digest(),
        "engine": job.setting.engine,
        "readings": dict(job.setting.readings),
        "language": job.language,
        "formats": sorted(job.formats),
    }


def _code(report: Report) -> str | None:
    code = report.institution.get(INSTITUTION)
    return None if code is None else code.text


def _read_state(path: Path) -> JSON | None:
    """What is known of a finished report; None if nothing is, or nothing whole."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"key", "entry"} <= found.keys() else None


def _entry(report: Report, head: JSON, receipt: JSON, job: Job) -> JSON:
    """What the summary needs of a finished report."""
    summary, known = head["summary"], columns(job.forms)
    chosen = {
        known[name].labels[job.language]: _shown(known[name].choices, cell.value, job.language)
        for name, cell in report.institution.items()
        if name in known and known[name].kind is CellKind.CHOICE and cell.value is not None
    }
    return {
        **{name: summary[name] for name in ("rows", "assessed", "refused", "contract", "questions", "articles")},
        **{name: _counts(summary[name]) for name in ("categories", "missing", "bureau")},
        **{name: summary[name] for name in ("fine_range", "provisional_fine", "amounts")},
        "faults": len(head["faults"]),
        "messages": sorted({f"{fault['place']}: {fault['message']}" for fault in head["faults"]}),
        "file": report.file,
        "institution": _code(report),
        "choices": chosen,
        "result": receipt["result"],
    }


def _shown(choices: Iterable[Any], notation: str | None, language: str) -> str:
    return next((c.labels[language] for c in choices if c.notation == notation), notation or "")


def _counts(items: list[JSON]) -> dict[str, int]:
    return {str(item.get("label", item.get("text"))): item["rows"] for item in items}


def _set_aside(name: str, path: Path, fault: Fault, job: Job) -> str:
    """Write why a file could not be read; return the sentence."""
    sentence = Teller(job.setting.knowledge, job.language).tell(fault)
    folder = job.folder / ASIDE
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{name}{path.suffix}.txt", [f"{path}\n{sentence}\n"])
    return sentence

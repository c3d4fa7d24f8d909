"""One report assessed and written in all the formats asked for.

What this module is for: streaming the rows of a report into files. What a reader must not break: rows are written as
they come, so that a long report needs no more memory than a short one; a file appears under its name only when it is
whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from yibaolex.catalogue import say
from yibaolex.explanation import Setting
from yibaolex.faults import Fault
from yibaolex.provenance import written
from yibaolex.selfreport.assessing import RowResult, assess_duties, assess_rows
from yibaolex.selfreport.cells import Report
from yibaolex.selfreport.forms import Forms
from yibaolex.selfreport.published import activity_on, receipt_triples, row_triples
from yibaolex.selfreport.receipt import ResultDigest, receipt_of
from yibaolex.selfreport.totals import Totals, figures_of
from yibaolex.selfreport.view import ReportTeller, number_shown

JSON = dict[str, Any]
FORMATS = ("html", "docx", "xlsx", "json", "turtle")
MOST_ROWS = 2000  # more are not shown on paper; they are all in the JSON
_SUFFIX = {"turtle": "ttl"}
_PART = ".part"


@dataclass(frozen=True)
class Job:
    """How reports are written: assessed under ``setting``, told in ``language``, in ``formats`` below ``folder``."""

    setting: Setting
    forms: Forms
    language: str
    formats: tuple[str, ...]
    folder: Path


def assess_report(report: Report, job: Job, take: Callable[[JSON, str, RowResult], None]) -> tuple[JSON, JSON]:
    """Assess a report; each row is handed to ``take`` as it comes, as a view, as a line of JSON, and as a result.

    Returns:
        The view without its rows, and the receipt.
    """
    teller = ReportTeller(job.setting, job.forms, report.form, job.language)
    totals, digest, knowledge = Totals(), ResultDigest(report.file), job.setting.knowledge
    for result in assess_rows(report, job.setting, job.forms):
        figures = figures_of(knowledge, job.forms, result)
        totals.add(number_shown(result), figures)
        row = teller.row(result, figures)
        take(row, digest.add_row(row), result)
    head = teller.head(report, totals, assess_duties(report, job.setting, job.forms))
    digest.add(head)
    return head, receipt_of(report, job.setting, teller.profile, job.language, digest)


def files_of(name: str, job: Job) -> list[str]:
    """The names of the files that are written of the report ``name``, the one to be read first."""
    return [*(f"{name}.{_SUFFIX.get(kind, kind)}" for kind in job.formats), f"{name}.receipt.json"]


def view_of(report: Report, job: Job) -> JSON:
    """The whole view of a report, with all of its rows and its receipt."""
    rows: list[JSON] = []
    head, receipt = assess_report(report, job, lambda row, *_: rows.append(row))
    return {**head, "rows": rows, "receipt": receipt}


def write_report(
    report: Report, name: str, job: Job, progress: Callable[[], object], faults: list[Fault]
) -> tuple[JSON, JSON]:
    """Write ``report`` under ``name``; return the view without its rows, and the receipt.

    ``progress`` is called for each row; of the ``faults`` found, those of the rows that are shown are added.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    spool, graph = (job.folder / f".{name}.{kind}{_PART}" for kind in ("rows", "graph"))
    shown: list[JSON] = []
    activity = activity_on(report, job.setting, job.language)
    with spool.open("w", encoding="utf-8") as lines, graph.open("w", encoding="utf-8") as turtle:

        def take(row: JSON, line: str, result: RowResult) -> None:
            lines.write(line + "\n")
            if len(shown) < MOST_ROWS:
                shown.append(row)
                faults.extend(result.faults)
            if "turtle" in job.formats:
                turtle.write(written(row_triples(result, activity, job.setting, job.forms), "turtle"))
            progress()

        head, receipt = assess_report(report, job, take)
        if "turtle" in job.formats:
            turtle.write(written(receipt_triples(receipt, activity, job.setting), "turtle"))
    faults.extend(report.faults)
    if "turtle" in job.formats:
        os.replace(graph, job.folder / f"{name}.{_SUFFIX['turtle']}")
    if "json" in job.formats:
        write_whole(job.folder / f"{name}.json", _json_lines(head, spool, receipt))
    _write_documents({**_cut(head, len(shown), job.language), "rows": shown, "receipt": receipt}, name, job)
    write_whole(job.folder / f"{name}.receipt.json", [json.dumps(receipt, ensure_ascii=False, indent=1), "\n"])
    for path in (spool, graph):
        path.unlink(missing_ok=True)
    return head, receipt


def _cut(head: JSON, shown: int, language: str) -> JSON:
    """The head, with a word about the rows that are not shown, if there are any."""
    if head["summary"]["rows"] <= shown:
        return head
    return {**head, "limits": [say(language, "selfreport", "cut", rows=shown), *head["limits"]]}


def _write_documents(view: JSON, name: str, job: Job) -> None:
    """The formats that people read; each module is loaded only if it is asked for."""
    for suffix in (suffix for suffix in ("html", "docx", "xlsx") if suffix in job.formats):
        target = job.folder / f"{name}.{suffix}"
        part = target.with_name(f".{name}{_PART}.{suffix}")
        if suffix == "html":
            from yibaolex.selfreport.html import render_html

            part.write_text(render_html(view), encoding="utf-8")
        elif suffix == "docx":
            from yibaolex.selfreport.docx import write_docx

            write_docx(view, part)
        else:
            from yibaolex.selfreport.xlsx import write_xlsx

            write_xlsx(view, part)
        os.replace(part, target)


def _json_lines(head: JSON, spool: Path, receipt: JSON) -> Iterator[str]:
    """The view as JSON, its rows taken from ``spool``, each on a line."""
    yield "{\n"
    for key, value in head.items():
        yield f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, indent=1)},\n"
    yield '"rows": ['
    with spool.open(encoding="utf-8") as lines:
        for index, line in enumerate(lines):
            yield f"{',' if index else ''}\n{line.rstrip()}"
    yield f'\n],\n"receipt": {json.dumps(receipt, ensure_ascii=False, indent=1)}\n}}\n'


def write_whole(path: Path, parts: Iterable[str]) -> None:
    """Write a file so that it is there whole or not at all."""
    part = path.with_name(f".{path.name}{_PART}")
    with part.open("w", encoding="utf-8") as file:
        _write_all(file, parts)
    os.replace(part, path)


def _write_all(file: IO[str], parts: Iterable[str]) -> None:
    for part in parts:
        file.write(part)
    file.flush()
    os.fsync(file.fileno())

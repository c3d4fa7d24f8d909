"""What many reports come to: totals by article, category, and each choice that institutions make of themselves.

What this module is for: folding finished reports into one summary, and writing it as JSON, CSV and HTML. What a reader
must not break: the fold is a sum, so that the order of the reports does not matter; no cell of the CSV can be taken for
a formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from yibaolex.catalogue import say
from yibaolex.frame import money
from yibaolex.selfreport.batch import COUNTED, SUMMARY, Outcome
from yibaolex.selfreport.page import COMMANDS
from yibaolex.selfreport.writing import Job, write_whole

JSON = dict[str, Any]
_LISTS = ("categories", "missing", "bureau")
_LISTED = ("file", "institution", "rows", "refused", "output")
_WORDS = (
    *("reports", "reporters", "institution", "rows", "refused", "aside", "list", "file", "amounts", "article"),
    *("fund_loss", "fine_low", "fine_high", "no_end_rows"),
)
_AMOUNTS = ("fund_loss", "fine_low", "fine_high")


def summary_of(outcome: Outcome, language: str) -> JSON:
    """The summary of all finished reports."""
    entries = [outcome.finished[name] for name in sorted(outcome.finished)]
    choices = list(dict.fromkeys(choice for entry in entries for choice in entry["choices"]))
    return {
        "title": say(language, "selfreport", "summary-title"),
        "language": language,
        **_sums(entries),
        "list": [{name: entry[name] for name in _LISTED} for entry in entries],
        "articles": _by_article(entries),
        **{name: _ranked(entries, name) for name in _LISTS},
        "groups": [{"label": choice, "values": _by_choice(entries, choice)} for choice in sorted(choices)],
        "set_aside": [{"file": name, "message": text} for name, text in sorted(outcome.aside.items())],
    }


def _sums(entries: Iterable[JSON]) -> JSON:
    """Counts of rows, and amounts, of some reports; an institution whose rows stand apart has several."""
    found = list(entries)
    counts = {name: sum(entry[name] for entry in found) for name in COUNTED}
    amounts = {name: _total(e["amounts"][name] for e in found) for name in ("billed", "fund", "returned")}
    fines = [entry["provisional_fine"] for entry in found]
    return {
        "reports": len(found),
        "reporters": len({(entry["file"], entry["institution"] or entry["result"]) for entry in found}),
        **counts,
        "amounts": amounts,
        "provisional_fine": {
            "low": _total(fine["low"] for fine in fines),
            "high": _total(fine["high"] for fine in fines),
            "no_end_rows": sum(fine["no_end_rows"] for fine in fines),
        },
    }


def _total(amounts: Iterable[str | None]) -> str:
    return money(sum((Decimal(amount) for amount in amounts if amount is not None), Decimal(0)))


def _by_article(entries: list[JSON]) -> list[JSON]:
    found: defaultdict[tuple[str, str], list[JSON]] = defaultdict(list)
    for item in (item for entry in entries for item in entry["articles"]):
        found[item["article"], item["label"]].append(item)
    return [
        {
            "article": article,
            "label": label,
            "rows": sum(item["rows"] for item in items),
            **{name: _total(item[name] for item in items) for name in _AMOUNTS},
            "no_end_rows": sum(item["no_end_rows"] for item in items),
        }
        for (article, label), items in sorted(found.items())
    ]


def _ranked(entries: list[JSON], name: str) -> list[JSON]:
    """Counts by label, the most frequent first."""
    counts: Counter[str] = Counter()
    for entry in entries:
        counts.update(entry[name])
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"label": label, "rows": rows} for label, rows in ranked]


def _by_choice(entries: list[JSON], choice: str) -> list[JSON]:
    found: defaultdict[str, list[JSON]] = defaultdict(list)
    for entry in entries:
        found[entry["choices"].get(choice, "")].append(entry)
    return [{"label": value, **_sums(some)} for value, some in sorted(found.items())]


# --- writing ------------------------------------------------------------------------------------------------------


def write_summary(summary: JSON, job: Job) -> None:
    """Write a summary as JSON, CSV and HTML below the folder of ``job``."""
    write_whole(job.folder / f"{SUMMARY}.json", [json.dumps(summary, ensure_ascii=False, indent=1), "\n"])
    write_whole(job.folder / f"{SUMMARY}.csv", ["\ufeff", _csv(summary, job.language)])
    write_whole(job.folder / f"{SUMMARY}.html", [_html(summary, job.language)])


def _csv(summary: JSON, language: str) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(say(language, "selfreport", f"summary-{name}") for name in ("group", "label", "count"))
    for group, items in tables(summary, language):
        writer.writerows([_safe(group), _safe(item["label"]), item["rows"]] for item in items)
    return file.getvalue()


def _safe(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(COMMANDS) else text


def tables(summary: JSON, language: str) -> Iterator[tuple[str, list[JSON]]]:
    """The tables of a summary: heading and items, each with a label and a number of rows."""
    for name in ("articles", *_LISTS):
        yield say(language, "selfreport", f"summary_{name}"), summary[name]
    for group in summary["groups"]:
        yield group["label"], group["values"]


def _html(summary: Mapping[str, Any], language: str) -> str:
    """A page with a bar for each number; it needs no script and fetches nothing."""
    import jinja2

    from yibaolex.render import TEMPLATES

    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    words = {name: say(language, "selfreport", f"summary_{name}") for name in _WORDS}
    fine = say(language, "selfreport", "summary_fine", **summary["provisional_fine"])
    shown = [(heading, items) for heading, items in tables(dict(summary), language) if items]
    return environment.get_template("summary.html").render(
        summary=summary, tables=shown, words=words, fine=fine, amounts=_AMOUNTS, link=quote
    )

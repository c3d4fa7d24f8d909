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

from yibaolex.amounts import money, yuan
from yibaolex.catalogue import say
from yibaolex.selfreport.batch import COUNTED, SUMMARY, Outcome
from yibaolex.selfreport.losses import BANDS, band_of
from yibaolex.selfreport.page import COMMANDS
from yibaolex.selfreport.writing import Job, write_whole

JSON = dict[str, Any]
Table = tuple[str, list[tuple[str, int]]]  # heading; label and number of each line
_LISTS = ("categories", "missing", "bureau")
_UNASSESSED = ("contract", "uncharged", "refused")
_LISTED = ("file", "institution", "rows", "refused", "output")
_WORDS = (
    *("reports", "reporters", "institution", "rows", "refused", "aside", "list", "file", "amounts", "article"),
    *("fund_loss", "loss_open_rows", "fine_low", "fine_high", "no_end_rows"),
    *("repeated", "repeated_explain", "passed_over"),
    *("totals", "amount", "total", "open_rows", "open_reports", "none_stated", "no_end", "bands"),
)
_TOTALS = ("billed", "fund", "returned")
_AMOUNTS = ("fund_loss", "fine_low", "fine_high")
_SPREADS = ("loss_per_row", "loss_per_report")


def summary_of(outcome: Outcome, language: str) -> JSON:
    """The summary of all finished reports."""
    entries = [outcome.finished[name] for name in sorted(outcome.finished)]
    choices = list(dict.fromkeys(choice for entry in entries for choice in entry["choices"]))
    return {
        "title": say(language, "selfreport", "summary-title"),
        "language": language,
        **_sums(entries),
        "list": [{name: entry[name] for name in _LISTED} for entry in entries],
        **_articles(entries, language),
        **_losses(entries, language),
        **{name: _ranked(entries, name) for name in _LISTS},
        "categories_open": _placed(entries) - sum(sum(entry["categories"].values()) for entry in entries),
        "groups": [{"label": choice, "values": _by_choice(entries, choice, language)} for choice in sorted(choices)],
        "repeated": _repeated(entries),
        "set_aside": [{"file": name, "message": text} for name, text in sorted(outcome.aside.items())],
        "passed_over": outcome.passed_over,
    }


def _placed(entries: Iterable[JSON]) -> int:
    """How many rows have a result."""
    return sum(entry["rows"] - sum(entry[name] for name in _UNASSESSED) for entry in entries)


def _repeated(entries: Iterable[JSON]) -> list[JSON]:
    """The institutions that sent more than one report, with the files, as all of them are added up."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if entry["institution"]:
            files[entry["institution"]].append(entry["file"])
    return [{"institution": code, "files": some} for code, some in sorted(files.items()) if len(some) > 1]


def _sums(entries: Iterable[JSON]) -> JSON:
    """Counts of rows, and amounts, of some reports; an institution may have sent several."""
    found = list(entries)
    counts = {name: sum(entry[name] for entry in found) for name in COUNTED}
    fines = [entry["provisional_fine"] for entry in found]
    return {
        "reports": len(found),
        "reporters": len({entry["institution"] or (entry["file"], entry["result"]) for entry in found}),
        **counts,
        "amounts": {name: _total(e["amounts"][name] for e in found) for name in _TOTALS},
        "amounts_open_rows": {name: sum(e["amounts_open_rows"][name] for e in found) for name in _TOTALS},
        "amounts_open_reports": {name: sum(e["amounts_open_rows"][name] > 0 for e in found) for name in _TOTALS},
        "provisional_fine": {
            "low": _total(fine["low"] for fine in fines),
            "high": _total(fine["high"] for fine in fines),
            "no_end_rows": sum(fine["no_end_rows"] for fine in fines),
        },
    }


def _total(amounts: Iterable[str | None]) -> str | None:
    """The sum of the amounts that are known; None if none is."""
    known = [Decimal(amount) for amount in amounts if amount is not None]
    return money(sum(known, Decimal(0))) if known else None


def _losses(entries: list[JSON], language: str) -> JSON:
    """How the loss of the fund is spread over rows and over reports, whose loss is that which their rows state."""
    per_report = Counter(map(_band, entries))
    spreads = {
        "loss_per_row": {band: sum(entry["losses"][band] for entry in entries) for band in BANDS},
        "loss_per_report": {band: per_report[band] for band in BANDS},
    }
    labels = {band: say(language, "selfreport", f"band_{band}") for band in BANDS}
    told = {
        name: [{"band": band, "label": labels[band], "count": count} for band, count in counts.items()]
        for name, counts in spreads.items()
    }
    partly = sum(e["amounts"]["fund"] is not None and e["amounts_open_rows"]["fund"] > 0 for e in entries)
    return {**told, "loss_partly_stated": partly}


def _band(entry: JSON) -> str:
    """The band of the loss of a report; where there is no row, nothing was lost."""
    loss = entry["amounts"]["fund"] if entry["rows"] else 0
    return band_of(None if loss is None else Decimal(loss))


def _articles(entries: list[JSON], language: str) -> JSON:
    """The rows of each article, those of none, and those that were not assessed: together all rows.

    Of rows to which several articles apply, ``counted_again`` are those beyond the first time.
    """
    found: defaultdict[tuple[str, str], list[JSON]] = defaultdict(list)
    others: defaultdict[str, list[JSON]] = defaultdict(list)
    for entry in entries:
        for item in entry["articles"]:
            found[item["article"], item["label"]].append(item)
        for item in entry["unplaced"]:
            others[item["label"]].append(item)
    articles = [{"article": name, "label": label, **_added(items)} for (name, label), items in sorted(found.items())]
    unplaced = [{"label": label, **_added(items)} for label, items in sorted(others.items())]
    counts = ((name, sum(entry[name] for entry in entries)) for name in _UNASSESSED)
    return {
        "articles": articles,
        "unplaced": unplaced,
        "unassessed": [{"label": say(language, "document", name), "rows": rows} for name, rows in counts if rows],
        "counted_again": sum(item["rows"] for item in (*articles, *unplaced)) - _placed(entries),
    }


def _added(items: list[JSON]) -> JSON:
    return {
        "rows": sum(item["rows"] for item in items),
        **{name: _total(item[name] for item in items) for name in _AMOUNTS},
        **{name: sum(item[name] for item in items) for name in ("loss_open_rows", "no_end_rows")},
    }


def _ranked(entries: list[JSON], name: str) -> list[JSON]:
    """Counts by label, the most frequent first."""
    counts: Counter[str] = Counter()
    for entry in entries:
        counts.update(entry[name])
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"label": label, "rows": rows} for label, rows in ranked]


def _by_choice(entries: list[JSON], choice: str, language: str) -> list[JSON]:
    found: defaultdict[str, list[JSON]] = defaultdict(list)
    for entry in entries:
        found[entry["choices"].get(choice, "")].append(entry)
    unfilled = say(language, "selfreport", "absent_of_institution")
    return [{"label": value or unfilled, **_sums(some)} for value, some in sorted(found.items())]


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
    for group, items in (*tables(summary, language), *_spreads(summary, language)):
        writer.writerows([_safe(group), _safe(label), count] for label, count in items)
    return file.getvalue()


def _safe(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(COMMANDS) else text


def tables(summary: JSON, language: str) -> Iterator[Table]:
    """The tables of a summary, of numbers of rows."""
    is_open = {"label": say(language, "selfreport", "summary_open"), "rows": summary["categories_open"]}
    rest = {
        "articles": [*summary["unplaced"], *summary["unassessed"]],
        "categories": [is_open] if is_open["rows"] else [],
    }
    for name in ("articles", *_LISTS):
        items = [*summary[name], *rest.get(name, ())]
        yield say(language, "selfreport", f"summary_{name}"), _counts(items, "rows")
    for group in summary["groups"]:
        yield group["label"], _counts(group["values"], "rows")


def _spreads(summary: Mapping[str, Any], language: str) -> Iterator[Table]:
    """How losses are spread: the numbers of rows, and of reports, in each band."""
    for name in _SPREADS:
        yield say(language, "selfreport", f"summary_{name}"), _counts(summary[name], "count")


def _counts(items: list[JSON], name: str) -> list[tuple[str, int]]:
    return [(item["label"], item[name]) for item in items]


def _html(summary: Mapping[str, Any], language: str) -> str:
    """A page with a bar for each number; it needs no script and fetches nothing."""
    import jinja2

    from yibaolex.render import TEMPLATES

    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    words = {name: say(language, "selfreport", f"summary_{name}") for name in _WORDS} | {
        "unfilled": say(language, "selfreport", "absent_of_institution"),
        "and": say(language, "document", "and"),
    }
    names = {name: say(language, "document", f"amount_{name}") for name in _TOTALS}
    found = summary["provisional_fine"]
    ends = {end: words["no_end"] if found[end] is None else yuan(found[end]) for end in ("low", "high")}
    return environment.get_template("summary.html").render(
        summary=summary,
        tables=[(heading, items) for heading, items in tables(dict(summary), language) if items],
        spreads=list(_spreads(summary, language)),
        words=words,
        names=names,
        fine=say(language, "selfreport", "summary_fine", **{**found, **ends}),
        partly=say(language, "selfreport", "summary_partly", reports=summary["loss_partly_stated"]),
        again=say(language, "selfreport", "summary_again", rows=summary["counted_again"]),
        grouped=yuan,
        link=quote,
    )

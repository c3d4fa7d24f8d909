"""Receipts: what a result was made from, so that it can be made again and compared.

What this module is for: digests of the input, of each file of the knowledge base, of each row and of the result, with
the version and the settings. What a reader must not break: a receipt holds no clock and no path of the machine; the
same input under the same knowledge base gives the same receipt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from yibaolex import __version__, resources
from yibaolex.catalogue import LANGUAGES
from yibaolex.derivation import ENGINES
from yibaolex.explanation import Setting
from yibaolex.knowledge import Knowledge
from yibaolex.selfreport.cells import Report
from yibaolex.selfreport.rows import institution_of
from yibaolex.terms import core

JSON = dict[str, Any]
_KEYS = {"engine": str, "readings": dict, "language": str, "files": dict, "result": str, "rows": str, "file": str}
_SHORT = 12  # hexadecimal digits by which one row is told from another
_FILES = (("ontology", ".ttl"), ("shapes", ".ttl"), ("queries", ".rq"))


class Difference(NamedTuple):
    """Where two receipts differ: what it is about (a key of the catalogue), with its values."""

    what: str
    then: str
    now: str
    path: str = ""


class ResultDigest:
    """The digest of a result, taken row by row, the rest last; the name of the file that it is of is left out."""

    def __init__(self, file: str) -> None:
        name = json.dumps(file, ensure_ascii=False)[1:-1]
        self._file, self._place = f'"{name}"', f"{name}!"
        self._digest = hashlib.sha256()
        self._rows: list[str] = []

    def add_row(self, row: JSON) -> str:
        """Take in a row; return it as the line of JSON that was taken in."""
        line, taken = self._take(row)
        self._rows.append(hashlib.sha256(taken).hexdigest()[:_SHORT])
        return line

    def add(self, rest: JSON) -> None:
        """Take in the rest."""
        self._take(rest)

    def _take(self, part: JSON) -> tuple[str, bytes]:
        line = json.dumps(part, ensure_ascii=False, sort_keys=True)
        taken = line.replace(self._place, "!").replace(self._file, '""').encode()
        self._digest.update(taken + b"\n")
        return line, taken

    @property
    def rows(self) -> str:
        """The beginning of the digest of each row, in order."""
        return " ".join(self._rows)

    @property
    def text(self) -> str:
        """The digest so far, in hexadecimal digits."""
        return self._digest.hexdigest()


def receipt_of(report: Report, setting: Setting, profile: str, language: str, result: ResultDigest) -> JSON:
    """The receipt of one report; ``result`` is the digest of its view without the receipt."""
    return {
        "version": __version__,
        "file": report.file,
        "institution": institution_of(report),
        "input": report.sha256,
        "engine": setting.engine,
        "readings": readings_in_force(setting.knowledge),
        "profile": profile,
        "language": language,
        "knowledge": knowledge_digest(),
        "files": dict(file_digests()),
        "result": result.text,
        "rows": result.rows,
    }


def readings_in_force(knowledge: Knowledge) -> dict[str, str]:
    """The alternative of each disputed reading that is followed, whether it was asked for or is the default."""
    found = ((node, knowledge.in_force(node)) for node in knowledge.graph.instances(core("Reading")))
    return dict(sorted((knowledge.notation(reading), knowledge.notation(chosen)) for reading, chosen in found))


def is_receipt(found: Any) -> bool:
    """Whether what a file holds is a receipt."""
    if not isinstance(found, dict) or "institution" not in found:
        return False
    typed = all(isinstance(found.get(name), kind) for name, kind in _KEYS.items())
    return typed and found["engine"] in ENGINES and found["language"] in LANGUAGES


@cache
def file_digests() -> Mapping[str, str]:
    """The digest of each file of the knowledge base, by its path below the folder that holds them."""
    found = ((name, path) for name, suffix in _FILES for path in resources.files(name, suffix))
    return {f"{name}/{path.relative_to(resources.folder(name)).as_posix()}": _of_file(path) for name, path in found}


@cache
def knowledge_digest() -> str:
    """One digest over all files of the knowledge base."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(file_digests().items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


_COMPARED = ("input", "version", "knowledge", "readings", "profile", "engine", "result")


def differences(then: JSON, now: JSON) -> Iterator[Difference]:
    """Where the receipt ``now`` is not what ``then`` says, file by file for the knowledge base.

    The name of the input makes no difference: its content is compared.
    """
    for name in _COMPARED:
        if then.get(name) != now[name]:
            yield Difference(name, _text(then.get(name)), _text(now[name]))
    old, new = then.get("files", {}), now["files"]
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            yield Difference("changed", _text(old.get(path)), _text(new.get(path)), path)


def digest_of(view: JSON, file: str) -> ResultDigest:
    """The digest of a report on ``file`` that was written out, taken again."""
    digest = ResultDigest(file)
    for row in rows_in(view):
        digest.add_row(row)
    digest.add({name: part for name, part in view.items() if name not in ("rows", "receipt")})
    return digest


def rows_in(view: JSON) -> list[Any]:
    """The rows of a report that was written out, which may have been altered to anything."""
    rows = view.get("rows", [])
    return rows if isinstance(rows, list) else [rows]


def rows_that_differ(then: str, now: str) -> tuple[list[int], int]:
    """The positions (from 0) of the row digests that are not those of ``then``, and how many at its end are gone."""
    old, new = then.split(), now.split()
    return [at for at, row in enumerate(new) if old[at : at + 1] != [row]], max(len(old) - len(new), 0)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)

"""Text files: which encoding they are in, and CSV tables in them.

What this module is for: CSV as it comes out of Excel, WPS and hospital systems. What a reader must not break: the file
is never held as a whole; the encoding is established for all of it before a word is believed, so that no mojibake
passes for text; a record that cannot be read is told with its lines and the others go on.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from yibaolex.faults import Fault
from yibaolex.jsontext import UnreadableError
from yibaolex.selfreport.cells import Place
from yibaolex.selfreport.grid import Formula, Grid, Line, clean, column_letters

DELIMITERS = (",", ";", "\t")
_LONGEST_LINE = 2**20  # bytes
_PROBE = 2**12
_UTF8, _CHINESE, _WIDE = "utf-8-sig", "gb18030", "utf-16"
_THREE_BYTES = "\u0800"  # from here on UTF-8 takes three bytes: by chance GB18030 hardly ever looks like that
_NO_TEXT = 0  # a byte that no text has


def encoding_of(path: Path) -> str:
    """The encoding of the text file at ``path``.

    Raises:
        UnreadableError: it is no text, a line is too long, or it is in no known encoding or in two.
    """
    with path.open("rb") as file:
        start = file.read(_PROBE)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return _WIDE
        if _NO_TEXT in start:
            raise _refusal(path, "report-not-table")
        file.seek(0)
        return _established(path, iter(partial(file.readline, _LONGEST_LINE + 1), b""))


def _established(path: Path, lines: Iterator[bytes]) -> str:
    """UTF-8 if every line is, GB18030 if every line is and none looks like UTF-8."""
    as_utf8 = as_chinese = 0
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST_LINE:
            raise _refusal(path, "report-line-too-long", line=number)
        if line.isascii():
            continue
        text = _decoded(line, _UTF8)
        if text is not None:
            as_utf8 = as_utf8 or (number if max(text, default="") >= _THREE_BYTES else 0)
        elif _decoded(line, _CHINESE) is None:
            raise _refusal(path, "report-encoding", line=number)
        else:
            as_chinese = as_chinese or number
        if as_utf8 and as_chinese:
            raise _refusal(path, "report-encodings", one=as_utf8, other=as_chinese)
    return _CHINESE if as_chinese else _UTF8


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def grids(path: Path) -> list[Grid]:
    """The table in the CSV file at ``path``, once for each delimiter that it may have.

    Raises:
        UnreadableError: see ``encoding_of``.
    """
    encoding = encoding_of(path)
    found = []
    for delimiter in DELIMITERS:
        faults: list[Fault] = []
        found.append(Grid(path.name, None, partial(_lines, path, encoding, delimiter, faults), faults=faults))
    return found


def _lines(path: Path, encoding: str, delimiter: str, faults: list[Fault]) -> Iterator[Line]:
    faults.clear()
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        records = csv.reader(file, delimiter=delimiter, strict=True)
        number = 0
        while True:
            first = records.line_num + 1
            number += 1
            try:
                record = next(records)
            except StopIteration:
                return
            except csv.Error:
                place = str(Place(path.name, None, number, column_letters(0)))
                faults.append(Fault("report-record", place, {"first": first, "last": records.line_num}))
                continue
            if record:
                yield Line(number, tuple(_text(text) for text in record))


def _text(text: str) -> str:
    text = clean(text)
    return Formula(text) if text.startswith("=") else text


def beginning(path: Path) -> str:
    """The first characters of the text file at ``path`` that can be seen."""
    with path.open(encoding=encoding_of(path), errors="replace") as file:
        return clean("".join(islice(file, 10))[:_PROBE])


def whole(path: Path) -> str:
    """The text of the file at ``path``."""
    return path.read_text(encoding=encoding_of(path), errors="replace")


def _refusal(path: Path, code: str, **values: object) -> UnreadableError:
    return UnreadableError(Fault(code, path.name, values))

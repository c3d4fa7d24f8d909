"""Text files: which encoding they are in, and CSV tables in them.

What this module is for: CSV as it comes out of Excel, WPS and hospital systems. What a reader must not break: the file
is never held as a whole; the encoding is established for all of it before a word is believed, so that no mojibake
passes for text; a line that cannot be read is told by its number, and no other line is lost for it.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count, islice
from pathlib import Path

from yibaolex.faults import Fault
from yibaolex.jsontext import UnreadableError
from yibaolex.screen import shown
from yibaolex.selfreport.cells import Place
from yibaolex.selfreport.grid import Formula, Grid, Line, clean, column_letters

DELIMITERS = (",", ";", "\t")
_LONGEST = 2**20  # bytes of a line, characters of a record
_PROBE = 2**12
_UTF8, _CHINESE, _WIDE = "utf-8-sig", "gb18030", "utf-16"
_NAMES = {_UTF8: "UTF-8", _CHINESE: "GB18030", _WIDE: "UTF-16"}
_THREE_BYTES = re.compile(rb"[\xe0-\xf4]")  # begins what takes three in UTF-8: GB18030 hardly ever looks like that
_NO_TEXT, _NEITHER = "report-not-table", "report-encoding"
_NUL = "\0"  # a character that no text has; it also stands for bytes that are none
_SHARE, _SMALL = 20, 5  # one line in so many may be faulty, and one in a file of so many
_FRAME = b' \t\r\n,;"'  # what a line without content is made of
_FEWEST = 5  # columns by which a row can be told from a line of running text
_REPLACING = "yibaolex-replacing"

codecs.register_error(_REPLACING, lambda error: (_NUL, error.end))  # type: ignore[attr-defined]


def encoding_of(path: Path, *, whole: bool) -> str:
    """The encoding of the text file at ``path``; unless it is needed ``whole``, a few of its lines may be faulty.

    Raises:
        UnreadableError: it is no text, a line is too long, or it is in no known encoding or in two.
    """
    with path.open("rb") as file:
        if file.read(len(codecs.BOM_UTF16)) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return _WIDE
        file.seek(0)
        return _established(path, iter(partial(file.readline, _LONGEST + 1), b""), whole)


def _established(path: Path, lines: Iterator[bytes], whole: bool) -> str:
    """UTF-8 or GB18030, in which more of the lines surely are; those in neither, or in the other, must be few."""
    found: Counter[str] = Counter()
    first: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST:
            raise _refusal(path, _NO_TEXT if 0 in line else "report-line-too-long", line=number)
        if line.strip(_FRAME):
            kind = _kind(line)
            found[kind] += 1
            first.setdefault(kind, number)
    few = 0 if whole else max(found.total() >= _SMALL, found.total() // _SHARE)
    for kind in (_NO_TEXT, _NEITHER):
        if found[kind] > few:
            raise _refusal(path, kind, line=first[kind])
    less, more = sorted((found[_UTF8], found[_CHINESE]))
    if less > min(few, more // (_SMALL - 1)):
        raise _refusal(path, "report-encodings", one=first[_UTF8], other=first[_CHINESE])
    return _CHINESE if found[_CHINESE] > found[_UTF8] else _UTF8


def _kind(line: bytes) -> str:
    """The encoding that ``line`` surely is in, or what is wrong with it; empty if it can be in either."""
    if 0 in line:
        return _NO_TEXT
    if _is_in(_UTF8, line):
        return _UTF8 if _THREE_BYTES.search(line) else ""
    return _CHINESE if _is_in(_CHINESE, line) else _NEITHER


def _is_in(encoding: str, line: bytes) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def grids(path: Path) -> list[Grid]:
    """The table in the CSV file at ``path``, once for each delimiter that it may have.

    Raises:
        UnreadableError: see ``encoding_of``.
    """
    encoding = encoding_of(path, whole=False)
    found = []
    for delimiter in DELIMITERS:
        faults: list[Fault] = []
        found.append(Grid(path.name, None, partial(_lines, path, encoding, delimiter, faults), faults=faults))
    return found


class _Ahead:
    """The lines of a file for a reader of records; those read ahead in vain are given once more.

    ``taken`` are the lines of the record that is being read. A record is bounded; and where a quotation was followed to
    its end in vain, one that begins within it, and so would end there too, is not followed once more.
    """

    def __init__(self, file: Iterable[str]) -> None:
        self.taken: list[str] = []
        self._number = 0  # of the last line taken
        self._file, self._back = iter(file), deque[str]()
        self._in_vain = self._size = 0  # the last line so read ahead; the characters taken

    def __iter__(self) -> _Ahead:
        return self

    def __next__(self) -> str:
        if self.taken and (self._number < self._in_vain or self._size > _LONGEST):
            raise csv.Error
        line = self._back.popleft() if self._back else next(self._file)
        self.taken.append(line)
        self._number, self._size = self._number + 1, self._size + len(line)
        return line

    @property
    def first(self) -> int:
        """The number of the first line taken."""
        return self._number - len(self.taken) + 1

    def begin(self) -> None:
        """Begin a record."""
        self.taken, self._size = [], 0

    def take_one(self) -> None:
        """Leave but the first line in the record; the others are to be read again."""
        self._in_vain = max(self._in_vain, self._number)
        self._number = self.first
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _lines(path: Path, encoding: str, delimiter: str, faults: list[Fault]) -> Iterator[Line]:
    faults.clear()
    with path.open(encoding=encoding, newline="", errors=_REPLACING) as file:
        lines, width = _Ahead(file), 0
        records = csv.reader(lines, delimiter=delimiter, strict=True)
        for number in count(1):
            try:
                record = _record(records, lines, delimiter, width)
            except StopIteration:
                return
            shows = (_faulty(line, encoding) for line in lines.taken)
            at, text = next(((at, text) for at, text in enumerate(shows) if text), (0, ""))
            if record is None or text:
                values = {"line": lines.first + at, "encoding": _NAMES[encoding]}
                place = str(Place(path.name, None, number, column_letters(0)))
                code = "report-bytes" if text else "report-record"
                faults.append(Fault(code, place, {**values, "shown": shown(clean(text or lines.taken[0]))}))
                yield Line(number, ())
            elif record:
                width = len(record) if len(lines.taken) == 1 else width
                yield Line(number, tuple(map(_text, record)))


def _record(records: Iterator[list[str]], lines: _Ahead, delimiter: str, width: int) -> list[str] | None:
    """The next of ``records``; None, with its first line for all of it, where a quotation does not end as it should."""
    lines.begin()
    with suppress(csv.Error):
        record = next(records)
        if not _swallows(lines.taken, delimiter, width):
            return record
    lines.take_one()
    return None


def _swallows(lines: list[str], delimiter: str, width: int) -> bool:
    """Whether ``lines``, though a quotation goes over them, each have what separates ``width`` columns."""
    return len(lines) > 1 and width >= _FEWEST and all(line.count(delimiter) >= width - 1 for line in lines)


def _faulty(line: str, encoding: str) -> str:
    """What is to be shown of a line that is not in ``encoding`` from end to end; empty if it is."""
    if _NUL in line:
        return line.replace(_NUL, "\ufffd")
    data = b"" if encoding != _CHINESE or line.isascii() else line.encode(_CHINESE)
    return data.decode(_UTF8) if data and _kind(data) == _UTF8 else ""


def _text(text: str) -> str:
    text = clean(text)
    return Formula(text) if text.startswith("=") else text


def beginning(path: Path) -> str:
    """The first characters of the text file at ``path`` that can be seen."""
    with path.open(encoding=encoding_of(path, whole=False), errors=_REPLACING) as file:
        return clean("".join(islice(file, 10))[:_PROBE])


def whole(path: Path) -> str:
    """The text of the file at ``path``; what is no text in it is a character that none has."""
    return path.read_text(encoding=encoding_of(path, whole=True), errors=_REPLACING)


def _refusal(path: Path, code: str, **values: object) -> UnreadableError:
    return UnreadableError(Fault(code, path.name, values))

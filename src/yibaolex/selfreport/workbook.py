"""Workbooks: whether one may be opened, and its sheets as lines of texts.

What this module is for: everything about .xlsx that a reader of reports need not know. What a reader must not break:
nothing is opened before its size is known, no formula or macro is run, no stored result of a formula is trusted, no
link is followed, and blank rows cost next to nothing however many there are.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from xml.parsers import expat

from yibaolex.faults import Fault, Severity
from yibaolex.jsontext import UnreadableError
from yibaolex.screen import shown
from yibaolex.selfreport.cells import Place
from yibaolex.selfreport.grid import Formula, Grid, Line, Merge, clean, column_letters

SUFFIXES = (".xlsx", ".xlsm", ".xls")
ZIPPED = b"PK"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK, _BINARY_WORKBOOK, _MACROS = "xl/workbook.xml", "xl/workbook.bin", "xl/vbaProject.bin"
_LINKS = "xl/externalLinks/_rels/"
_ENCRYPTED, _OLD_BOOKS = "EncryptedPackage", ("Workbook", "Book")  # streams of an OLE file
_OLD_SUFFIX = ".xls"
_LARGEST = 200 * 2**20  # bytes unpacked
_LARGEST_COPIED = 16 * 2**20  # the library holds each row and cell of a workbook that it writes anew
_DENSE, _DENSEST = 5 * 2**20, 100  # from so many bytes on, no part but a sheet packs better than that
_MOST_ROWS, _MOST_COLUMNS = 2**20, 2**14  # of a sheet, by the standard
_CONTENT = ("v", "f", "is")
_DIGITS = ".15g"  # as many as Excel itself keeps and shows


def refuse_ole(path: Path) -> UnreadableError:
    """Why a file in the format of old Office programs cannot be read: a password, or its age."""
    data = path.read_bytes()
    if _ENCRYPTED.encode("utf-16-le") in data:
        return _refusal(path, "report-password")
    old = path.suffix.lower() == _OLD_SUFFIX or any(name.encode("utf-16-le") in data for name in _OLD_BOOKS)
    return _refusal(path, "report-old-workbook" if old else "report-not-workbook")


def check_package(path: Path) -> list[Fault]:
    """Make sure that the zipped file is a workbook that may be opened; what is to be noted of it is returned.

    Raises:
        UnreadableError: it is damaged, encrypted, no workbook, or unpacks to more than any report needs.
    """
    try:
        with zipfile.ZipFile(path) as package:
            parts = {part.filename: part for part in package.infolist()}
            if any(part.flag_bits & 1 for part in parts.values()):
                raise _refusal(path, "report-password")
            if _WORKBOOK not in parts:
                raise _refusal(path, "report-binary-workbook" if _BINARY_WORKBOOK in parts else "report-not-workbook")
            _check_size(path, package.infolist())
            return [*_macro_notes(path, parts), *_link_notes(path, package), *_copy_notes(path, package)]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, expat.ExpatError) as error:
        raise _refusal(path, "report-damaged") from error


def is_copied(path: Path) -> bool:
    """Whether the file is a workbook, and not too large to be held as a whole and written anew."""
    with path.open("rb") as file:
        if file.read(len(ZIPPED)) != ZIPPED:
            return False
    with zipfile.ZipFile(path) as package:
        return _unpacked(package.infolist()) <= _LARGEST_COPIED


def _unpacked(parts: list[zipfile.ZipInfo]) -> int:
    """How many bytes ``parts`` unpack to."""
    return sum(part.file_size for part in parts)


def _copy_notes(path: Path, package: zipfile.ZipFile) -> Iterator[Fault]:
    if _unpacked(package.infolist()) > _LARGEST_COPIED:
        yield Fault("report-no-copy", path.name, {"most": _LARGEST_COPIED // 2**20}, severity=Severity.NOTED)


def _check_size(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    size = _unpacked(parts)
    dense = any(
        part.file_size > _DENSE
        and part.file_size > _DENSEST * part.compress_size
        and not part.filename.startswith("xl/worksheets/")
        for part in parts
    )
    if size > _LARGEST or dense:
        raise _refusal(path, "report-too-large", size=f"{size / 2**20:.0f}", most=_LARGEST // 2**20)


def _macro_notes(path: Path, parts: dict[str, zipfile.ZipInfo]) -> Iterator[Fault]:
    if _MACROS in parts:
        yield Fault("report-macros", path.name, severity=Severity.NOTED)


def _link_notes(path: Path, package: zipfile.ZipFile) -> Iterator[Fault]:
    targets: list[str] = []
    for name in package.namelist():
        if name.startswith(_LINKS):
            _parse(package.read(name), lambda _, attributes: targets.append(attributes.get("Target", "")))
    named = [shown(target) for target in targets if target]
    if named:
        yield Fault("report-links", path.name, {"names": ", ".join(named)}, severity=Severity.NOTED)


def open_sheets(path: Path) -> tuple[list[Grid], datetime.date]:
    """The sheets of the workbook at ``path``, and day 0 of its serial dates.

    Raises:
        UnreadableError: the workbook is damaged, or a sheet is larger than sheets can be.
    """
    try:
        book = _loaded(path, read_only=True)
        with zipfile.ZipFile(path) as package:
            _check_sheets(path, package, len(book.sheetnames))
            return [_grid(path, package, sheet) for sheet in book.worksheets], book.epoch.date()
    except UnreadableError:
        raise
    except Exception as error:  # a damaged file makes the library fail in as many ways as it has parts
        raise _refusal(path, "report-damaged") from error


def _loaded(path: Path, *, read_only: bool) -> Any:
    """The workbook as the library reads it; what that warns of is told by others, or is no matter of the cells."""
    import warnings

    from openpyxl import load_workbook

    warnings.filterwarnings("ignore", module="openpyxl")
    file = path.open("rb")  # a path it would judge by its suffix; it reads on for as long as the workbook is used
    return load_workbook(file, read_only=read_only, keep_links=False)


def _check_sheets(path: Path, package: zipfile.ZipFile, found: int) -> None:
    """Make sure that no sheet that the workbook lists was passed over."""
    listed: list[str] = []
    _parse(package.read(_WORKBOOK), lambda name, _: listed.append(name.rpartition(":")[2]))
    if not found or listed.count("sheet") != found:
        raise _refusal(path, "report-damaged")


def open_whole(path: Path) -> Any:
    """The workbook at ``path``, to be written anew without macros and links.

    Raises:
        UnreadableError: it is damaged, or none.
    """
    check_package(path)
    try:
        return _loaded(path, read_only=False)
    except Exception as error:  # see open_sheets
        raise _refusal(path, "report-damaged") from error


def _grid(path: Path, package: zipfile.ZipFile, sheet: Any) -> Grid:
    survey = _Survey()
    try:
        with package.open(sheet._worksheet_path) as part:
            survey.parser.ParseFile(part)
    except OverflowError as error:
        raise _refusal(path, "report-damaged") from error
    faults: list[Fault] = []
    lines = partial(_lines, path, sheet, survey.last, faults)
    return Grid(path.name, sheet.title, lines, tuple(survey.merges), sheet.sheet_state != "visible", faults)


class _Survey:
    """What is known of a sheet before its cells are read: its last row with content, its merged ranges."""

    def __init__(self) -> None:
        self.last = 0
        self.merges: list[Merge] = []
        self._row = self._cells = 0
        self.parser = _parser(self._start)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._cells += 1
        elif name == "row":
            self._row, self._cells = int(attributes.get("r", self._row + 1)), 0
        elif name in _CONTENT:
            self.last = max(self.last, self._row)
        elif name == "mergeCell":
            self.merges += _merge(attributes["ref"])
        if self._row > _MOST_ROWS or self._cells > _MOST_COLUMNS:
            raise OverflowError


def _merge(reference: str) -> Iterator[Merge]:
    from openpyxl.utils.cell import range_boundaries

    column, first, _, last = range_boundaries(reference)
    if column and first and last and last > first:
        yield Merge(column - 1, first, last)


def _parser(start: Any) -> Any:
    """A parser of XML that takes no declarations, hence expands nothing."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _no_declarations
    return parser


def _no_declarations(*_: Any) -> None:
    raise OverflowError


def _parse(data: bytes, start: Any) -> None:
    _parser(start).Parse(data, True)


def _lines(path: Path, sheet: Any, last: int, faults: list[Fault]) -> Iterator[Line]:
    faults.clear()
    if not last:
        return
    sheet.reset_dimensions()
    rows = sheet.iter_rows(min_row=1, max_row=last)
    number = 0
    try:
        for number, cells in enumerate(rows, 1):  # noqa: B007
            if cells:
                yield Line(number, tuple(_text(cell) for cell in cells))
    except (ValueError, TypeError, KeyError, IndexError, SyntaxError, zipfile.BadZipFile):
        place = Place(path.name, sheet.title, number + 1, column_letters(0))
        faults.append(Fault("report-stopped", str(place), {"row": number + 1}))


def _text(cell: Any) -> str:
    """What a cell shows: a date as ISO 8601, a number in as many digits as Excel keeps, a formula as it is written."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Formula(formula_text(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        return _plain(value)
    return clean(str(value))


def formula_text(value: Any) -> str:
    """How the formula of a cell is written; one of a whole range is an object."""
    return str(getattr(value, "text", value) or "=")


def _plain(value: float) -> str:
    """A number of a workbook in plain digits, to the precision that Excel has."""
    return f"{Decimal(format(value, _DIGITS)):f}"


def _refusal(path: Path, code: str, **values: object) -> UnreadableError:
    return UnreadableError(Fault(code, path.name, values))

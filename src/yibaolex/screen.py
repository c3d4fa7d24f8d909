"""Text that may be shown: on one line where it comes from a file, and fitted to the columns of a screen.

Chinese takes two columns a character and is broken anywhere but at its punctuation.

What a reader must not break: nothing but line breaks and indentation is added, and numbers and names stay whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unicodedata import category, east_asian_width

_HANG = 2
_NARROWEST = 12
_CLOSING = ("Pe", "Pf", "Po")
_OPENING = ("Ps", "Pi")


def width(text: str) -> int:
    """The columns that ``text`` takes."""
    return sum(2 if _is_wide(character) else 1 for character in text)


def fitted(text: str, columns: int) -> str:
    """``text`` for a screen of ``columns``: long lines go on below, a little further in than they began."""
    return "".join(part + "\n" for line in text.splitlines() for part in _parts(line, columns))


def _parts(line: str, columns: int) -> Iterator[str]:
    start = len(line) - len(line.lstrip())
    room, indent, part = max(columns - start, _NARROWEST), " " * start, ""
    for piece in _pieces(line.lstrip()):
        if part and width(part + piece.rstrip()) > room:
            yield indent + part.rstrip()
            room, indent, part = max(columns - start, _NARROWEST) - _HANG, " " * (start + _HANG), ""
        part += piece
    yield indent + part.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """The pieces between which a line may be broken."""
    piece = ""
    for before, character in zip(" " + text, text, strict=False):
        joined = category(character) in _CLOSING or category(before) in _OPENING or character == " "
        if piece and not joined and (before == " " or _is_wide(before) or _is_wide(character)):
            yield piece
            piece = ""
        piece += character
    yield piece


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"


def shown(value: Any) -> str:
    """A value as it may be shown in a message: as the file has it, short, and on one line."""
    line = one_line(str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return line if len(line) <= 60 else line[:57] + "..."


def one_line(text: str) -> str:
    """Text of a file as it may be shown: what would break or hide a line is spelt out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)

"""Text fitted to a screen: Chinese takes two columns a character and is broken anywhere but at its punctuation.

What a reader must not break: nothing but line breaks and indentation is added, and numbers and names stay whole.
"""

from __future__ import annotations

from collections.abc import Iterator
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

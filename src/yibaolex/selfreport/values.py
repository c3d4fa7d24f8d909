"""What the text of a cell means: dates, amounts, counts, choices, answers and labels in the ways people write them.

What this module is for: text in, a plain value out, or None where it has no one meaning. What a reader must not break:
nothing is guessed (no two-digit year, no decimal comma, no rounded amount) and no amount passes through floating point.
The words for dates stand in the catalogues, those for units, answers and choices in the form.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from decimal import Context, Decimal
from functools import cache, lru_cache, partial
from unicodedata import normalize

from yibaolex.catalogue import LANGUAGES, catalogue
from yibaolex.research import folded
from yibaolex.selfreport.forms import CellKind, Column, Forms

Meaning = Callable[[str], str | None]

EPOCH = datetime.date(1899, 12, 30)  # day 0 of Excel; workbooks from old Macs begin at another
_MOST_DIGITS = 60  # of an amount or a count; longer ones are no number that anybody means
_EXACT = Context(prec=100)
_NUMBER = re.compile(r"([+-]?)(?:¥ ?)?([0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)([.][0-9]+)?\s*(\D*)")
_DAY = re.compile(r"([0-9]{4})(-|/|[.])([0-9]{1,2})\2([0-9]{1,2})(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.]0+)?)?)?")
_PACKED_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"[0-9]{5}")
_FIRST_SERIAL, _LAST_SERIAL = datetime.date(1990, 1, 1), datetime.date(2099, 12, 31)
_NUMBERING = re.compile(r"\W*[0-9]+\W+")
_MINUS = str.maketrans("\u2212\u2013\ufe63", "---")
_REMEMBERED = 4096


def key(text: str) -> str:
    """``text`` as the words of a form are compared: width, case and spaces do not matter."""
    return folded(text).replace(" ", "")


def plain(text: str) -> str:
    """``text`` in half-width characters, without spaces around it."""
    return normalize("NFKC", text).translate(_MINUS).strip()


class Meanings:
    """How the cells of a form are understood; ``epoch`` is day 0 of serial dates."""

    def __init__(self, forms: Forms, epoch: datetime.date = EPOCH) -> None:
        self._forms = forms
        self._epoch = epoch
        self._units = {key(word): factor for word, factor in forms.units.items()}
        self._answers = {key(word): value for word, value in forms.answers.items()}
        self._answers |= {value: value for value in forms.answers.values()}

    def unit(self, word: str) -> Decimal | None:
        """How many yuan one ``word`` is; None if it is no unit of money."""
        return self._units.get(key(word))

    def of(self, column: Column, factor: Decimal | None) -> Meaning:
        """How a cell of ``column`` is understood; ``factor`` is the yuan in the unit of an amount that names none."""
        ways: dict[CellKind, Meaning] = {
            CellKind.TEXT: str.strip,
            CellKind.IDENTIFIER: _identifier,
            CellKind.DATE: partial(_date, self._epoch),
            CellKind.YUAN: partial(self._yuan, factor),
            CellKind.COUNT: partial(_count, frozenset(key("".join(column.labels.values())))),
            CellKind.CHOICE: partial(_choice, _choices(column)),
            CellKind.ANSWER: partial(_choice, self._answers),
            CellKind.LABEL: self._label,
        }
        return lru_cache(maxsize=_REMEMBERED)(ways[column.kind])

    def _label(self, text: str) -> str | None:
        found = self._forms.label_called(text) or self._forms.label_called(_NUMBERING.sub("", plain(text), count=1))
        return found.notation if found else None

    def _yuan(self, factor: Decimal | None, text: str) -> str | None:
        number, unit = _number(text)
        if unit:
            factor = self.unit(unit)
        if number is None or factor is None:
            return None
        amount = _EXACT.multiply(number, factor)
        to_the_fen = f"{amount:.2f}"
        return to_the_fen if Decimal(to_the_fen) == amount else f"{amount:f}".rstrip("0")


def _identifier(text: str) -> str:
    """A number or code as it is written; width and spaces are no part of it."""
    return "".join(plain(text).split())


def _number(text: str) -> tuple[Decimal | None, str]:
    """The number at the beginning of ``text``, and the words behind it."""
    found = _NUMBER.fullmatch(plain(text))
    if found is None or len(found[2] + (found[3] or "")) > _MOST_DIGITS:
        return None, ""
    return Decimal(found[1] + re.sub("[, ]", "", found[2]) + (found[3] or "")), found[4]


def _count(counted: frozenset[str], text: str) -> str | None:
    """A whole number; behind it may stand what the column counts."""
    number, unit = _number(text)
    if number is None or number % 1 or not set(key(unit)) <= counted:
        return None
    return f"{number:.0f}"


def _choices(column: Column) -> dict[str, str]:
    return {
        key(word): choice.notation
        for choice in column.choices
        for word in (choice.notation, *choice.labels.values(), *choice.variants)
    }


def _choice(known: dict[str, str], text: str) -> str | None:
    return known.get(key(text))


def _date(epoch: datetime.date, text: str) -> str | None:
    """The date that ``text`` writes out, or whose serial number it is, as ISO 8601."""
    written = plain(text)
    if _SERIAL.fullmatch(written):
        day = epoch + datetime.timedelta(days=int(written))
        return day.isoformat() if _FIRST_SERIAL <= day <= _LAST_SERIAL else None
    if found := _DAY.fullmatch(written):
        return _day(found.group(1, 3, 4))
    if found := _PACKED_DAY.fullmatch(written):
        return _day(found.groups())
    matches = (pattern.fullmatch(written.replace(" ", "")) for pattern in _worded_dates())
    return next((_day(found.group("year", "month", "day")) for found in matches if found), None)


def _day(parts: Iterable[str]) -> str | None:
    try:
        return datetime.date(*map(int, parts)).isoformat()
    except ValueError:
        return None


@cache
def _worded_dates() -> tuple[re.Pattern[str], ...]:
    """How dates are written in words, by the catalogues."""
    parts = {"year": "(?P<year>[0-9]{4})", "month": "(?P<month>[0-9]{1,2})", "day": "(?P<day>[0-9]{1,2})"}
    templates = {text for language in LANGUAGES for text in catalogue(language)["dates"].values()}
    return tuple(re.compile(template.format(**parts)) for template in sorted(templates))

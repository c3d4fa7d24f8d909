"""The message catalogues: the words of the program, by language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Formatter

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).resolve().parent / "locale"


class _Filler(Formatter):
    """Fills templates in, where ``{number:row|rows}`` stands for the first word if the number is one."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, bar, more = format_spec.partition("|")
        return (one if value == 1 else more) if bar else str(super().format_field(value, format_spec))


_FILLER = _Filler()


@cache
def catalogue(language: str) -> dict[str, dict[str, str]]:
    """The catalogue of ``language``: sections of templates."""
    import tomllib  # who is told nothing does not wait for it

    with (_FOLDER / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)


def say(language: str, section: str, key: str, **values: object) -> str:
    """The sentence ``key`` of ``section`` with ``values`` filled in."""
    return filled(catalogue(language)[section][key], **values)


def reason(error: OSError, language: str) -> str:
    """What the system says went wrong, in ``language``; in its own words where the catalogue has none."""
    import errno

    name = errno.errorcode.get(error.errno or 0, "")
    return catalogue(language)["system"].get(name) or error.strerror or str(error)


def filled(template: str, /, **values: object) -> str:
    """``template`` with ``values`` filled in, and its words in the number that these ask for."""
    return _FILLER.vformat(template, (), values)

"""The message catalogues: the words of the program, by language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).resolve().parent / "locale"


@cache
def catalogue(language: str) -> dict[str, dict[str, str]]:
    """The catalogue of ``language``: sections of templates."""
    import tomllib  # who is told nothing does not wait for it

    with (_FOLDER / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)


def say(language: str, section: str, key: str, **values: object) -> str:
    """The sentence ``key`` of ``section`` with ``values`` filled in."""
    return catalogue(language)[section][key].format(**values)

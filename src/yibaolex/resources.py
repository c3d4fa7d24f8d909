"""Where the law lives: the folders ``ontology/``, ``shapes/`` and ``queries/``.

A wheel carries them inside the package; a checkout (and an editable install of it) keeps them at the top level.
A reader must not break: this is the one place that knows both.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """Return the folder ``name`` of the knowledge base.

    Raises:
        FileNotFoundError: neither the installed package nor the checkout has it.
    """
    for parent in (_PACKAGE, _PACKAGE.parent.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(name)


@cache
def text(path: Path) -> str:
    """The text of a file of the knowledge base; most are asked for twice."""
    return path.read_text(encoding="utf-8")


def header(text: str) -> dict[str, str]:
    """What the lines ``#+ key: value`` of a query say."""
    lines = (line.removeprefix("#+ ") for line in text.splitlines() if line.startswith("#+ ") and ": " in line)
    return {key.strip(): value.strip() for key, _, value in (line.partition(": ") for line in lines)}


@cache
def files(name: str, suffix: str) -> tuple[Path, ...]:
    """The files below folder ``name`` that end in ``suffix``, in the order of their paths."""
    return tuple(sorted(folder(name).rglob("*" + suffix), key=str))

"""Search by words: provisions, norms, contacts and defined terms.

What this module is for: finding what a researcher only knows words of. What a reader must not break: a hit holds every
word, in whatever width or case it is written, and the best come first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from pyoxigraph import NamedNode

from yibaolex.research import ELI, Research, folded, in_order
from yibaolex.screen import one_line
from yibaolex.terms import DEFINITION, LABEL, NOTATION, SHORT_LABEL, core

_NAMES = (NOTATION, LABEL, SHORT_LABEL)
_TEXTS = (
    core("text"),
    core("paraphrase"),
    DEFINITION,
    NamedNode(ELI + "title"),
    *map(core, ("actionText", "objectText", "conditionText", "exceptionText", "deadlineText")),
    *map(core, ("contactBody", "phone", "postalAddress", "area")),
)
_AROUND = 40


class _Rank(NamedTuple):
    """How good a hit is; the least comes first: exact names, names, texts; of each the law before our own terms."""

    kind: int
    is_term: bool
    length: int


@dataclass(frozen=True)
class Hit:
    """What was found, and the text around the first word in it; ``cut`` says at which ends that goes on."""

    node: NamedNode
    line: str
    cut: tuple[bool, bool]


def search(research: Research, words: Iterable[str], language: str) -> list[Hit]:
    """What holds all ``words``: exact names first, then names, then texts, then words spread over several texts.

    The text around a hit is in ``language`` where there is one.
    """
    asked = [folded(word) for word in words]
    graph = research.graph
    found = []
    for node in research.provisions | {n for n in graph.subjects(DEFINITION) if isinstance(n, NamedNode)}:
        names = [name.value for predicate in _NAMES for name in graph.objects(node, predicate)]
        told = [text for predicate in _TEXTS for text in graph.objects(node, predicate)]
        texts = [text.value for text in sorted(told, key=lambda text: text.language not in (language, None))]
        ranked = _ranked(asked, names, texts, node not in research.provisions)
        if ranked is not None:
            found.append((ranked[0], in_order(node), _hit(node, ranked[1], texts, asked)))
    return [hit for _, _, hit in sorted(found, key=lambda item: item[:2])]


def _ranked(asked: list[str], names: list[str], texts: list[str], is_term: bool) -> tuple[_Rank, str] | None:
    """How good the best of ``names`` and ``texts`` is, and which that is; None if a word is nowhere."""
    exact = " ".join(asked)
    best: tuple[_Rank, str] | None = None
    spread: list[str] = []
    for kind, text in [*((1, name) for name in names), *((2, text) for text in texts)]:
        plain = folded(text)
        held = [word in plain for word in asked]
        if any(held):
            spread.append(text)
        if all(held):
            rank = _Rank(0 if kind == 1 and plain == exact else kind, is_term, len(plain) if kind == 1 else 0)
            best = (rank, text) if best is None or rank < best[0] else best
    if best is not None:
        return best
    plain_texts = list(map(folded, spread))
    held_somewhere = all(any(word in text for text in plain_texts) for word in asked)
    return (_Rank(3, is_term, 0), spread[-1]) if held_somewhere and spread else None


def _hit(node: NamedNode, best: str, texts: list[str], asked: list[str]) -> Hit:
    """The part around the first word of a text that has one, else how a text begins: names are shown anyway."""
    placed = {text: place for text in texts if (place := _place(text, asked)) is not None}
    text = next(iter([*(t for t in placed if t == best), *placed, *texts, best]))
    place = placed.get(text, 0)
    start, end = max(place - _AROUND, 0), min(place + max(map(len, asked)) + _AROUND, len(text))
    return Hit(node, one_line(text[start:end]), (start > 0, end < len(text)))


def _place(text: str, asked: list[str]) -> int | None:
    """Where the first of the words that ``text`` has begins."""
    plain = "".join((folded(character) or character)[0] for character in text)  # as long as the text itself
    return min((place for word in asked if (place := plain.find(word)) >= 0), default=None)

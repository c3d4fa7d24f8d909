"""What is wrong with an input: closed records that the message catalogues turn into sentences.

A reader must not break: a fault always says where; its words stand in the catalogues and the shapes, never here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pyoxigraph import NamedNode

from yibaolex.catalogue import LANGUAGES, say


class TwoValuesError(ValueError):
    """The law as encoded gives a fact of an act, or a field of an outcome, two values; the message says where."""


class Severity(Enum):
    """What a fault does to the case."""

    REFUSED = "refused"
    NOTED = "noted"


@dataclass(frozen=True)
class Fault:
    """One fault: a catalogue code (or, from a shape, its own texts), the place, and what it concerns."""

    code: str
    place: str
    values: Mapping[str, Any] = field(default_factory=dict)
    fact: NamedNode | None = None
    severity: Severity = Severity.REFUSED
    texts: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[NamedNode, ...] = ()

    @property
    def messages(self) -> dict[str, str]:
        """What is wrong and what to do, by language."""
        return {lang: self.texts.get(lang) or say(lang, "fault", self.code, **self.values) for lang in LANGUAGES}

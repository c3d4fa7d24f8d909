"""The clauses that a report rests on: of each row those that its lines cite and those of its consequences.

What this module is for: that a reader finds the wording of every clause that a report names. What a reader must not
break: a clause is quoted once in a report, however many rows rest on it; what is cited but has no wording of its own is
quoted by its parts, each under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from pyoxigraph import NamedNode

from yibaolex.catalogue import catalogue, say
from yibaolex.explanation import Explanation
from yibaolex.knowledge import Knowledge
from yibaolex.reasons import Finding, Kind
from yibaolex.research import in_order
from yibaolex.telling import RULED_OUT
from yibaolex.terms import PART_OF, SOURCE, core


def cited_in(line: str, language: str) -> Iterator[tuple[str, bool]]:
    """The parts of ``line`` in order, each with whether it is the name of a clause that the line cites."""
    words = catalogue(language)["why"]
    opening, closing = map(re.escape, words["clauses"].split("{clauses}"))
    for part in re.split(f"({opening}[^{closing}]*{closing})", line):
        if part.startswith(words["clauses"][0]) and part.endswith(words["clauses"][-1]):
            yield part[0], False
            yield from names_in(part[1:-1], language)
            yield part[-1], False
        elif part:
            yield part, False


def names_in(joined: str, language: str) -> Iterator[tuple[str, bool]]:
    """Names of clauses that were joined in one text, and what stands between them, each with whether it is a name."""
    words = catalogue(language)["why"]
    between = "|".join(re.escape(words[name]) for name in ("and", "list"))
    for position, part in enumerate(re.split(f"({between})", joined)):
        yield part, position % 2 == 0


class Clauses:
    """The clauses of one report in one language; it keeps which of them were met."""

    def __init__(self, knowledge: Knowledge, language: str) -> None:
        self._knowledge = knowledge
        self._language = language
        self._met: dict[NamedNode, None] = {}

    def of_row(
        self, lines: Iterable[str], sources: Iterable[NamedNode], explanation: Explanation | None
    ) -> list[NamedNode]:
        """The clauses of ``sources``, of what follows by ``explanation``, and those that ``lines`` cite, each once."""
        told = (name for line in lines for name, is_name in cited_in(line, self._language) if is_name)
        cited = [self._named[name] for name in told if name in self._named]
        found = dict.fromkeys([*sources, *self._of_results(explanation), *cited])
        self._met |= found
        return list(found)

    def met(self) -> list[dict[str, str]]:
        """All clauses met so far with their wording, in the order of the texts."""
        return [self.quoted(node) for node in sorted(self._met, key=in_order)]

    def quoted(self, node: NamedNode) -> dict[str, str]:
        """The name and the wording of a clause; of one without a wording that of its parts."""
        return {"label": self._label(node), "quote": self._text(node) or "\n".join(self._parts(node))}

    def _label(self, node: NamedNode) -> str:
        return self._knowledge.label(node, self._language)

    def _text(self, node: NamedNode) -> str:
        text = self._knowledge.graph.one(node, core("text"))
        return text.value if text else ""

    def _parts(self, node: NamedNode) -> Iterator[str]:
        for part in sorted(self._knowledge.graph.subjects(PART_OF, node), key=in_order):
            if text := self._text(part):
                yield say(self._language, "template", "quote", clause=self._label(part), text=text)
            else:
                yield from self._parts(part)

    @cached_property
    def _named(self) -> dict[str, NamedNode]:
        """Whatever something rests on, by its name."""
        found = (quad.object for quad in self._knowledge.graph.quads(SOURCE))
        sources = dict.fromkeys(node for node in found if isinstance(node, NamedNode))
        return {self._knowledge.short_label(node, self._language): node for node in sources}

    def _of_results(self, explanation: Explanation | None) -> Iterator[NamedNode]:
        """On what the category and the consequences rest that may follow, in the settled or the provisional result."""
        if explanation is None:
            return
        found = (explanation.result.settled, explanation.result.provisional)
        for reasons in (reasons for result in found if result is not None for reasons in result.reasons):
            for finding in filter(_follows, (*reasons.schemes, *reasons.of_kind(Kind.CONSEQUENCE))):
                bearer = finding.value if finding.kind is Kind.SCHEME else finding.about
                yield from self._knowledge.source_nodes(bearer)


def _follows(finding: Finding) -> bool:
    """Whether a category is settled, or a consequence may follow."""
    return finding.value is not None and finding.value not in RULED_OUT

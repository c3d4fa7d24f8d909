"""Faults turned into sentences for readers.

A reader must not break: no sentence stands in the code; every fault says where, what is wrong, which clause, and what
to do.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from yibaolex.catalogue import say
from yibaolex.faults import Fault, Severity
from yibaolex.knowledge import Knowledge
from yibaolex.terms import core


class Teller:
    """Tells faults in one language."""

    def __init__(self, knowledge: Knowledge, language: str) -> None:
        self._knowledge = knowledge
        self._language = language

    def tell(self, fault: Fault) -> str:
        """The fault in one line: severity, place, fact, value, what is wrong and what to do, clause."""
        lang = self._language
        message = fault.messages[lang]
        shown = fault.values.get("shown", "") if fault.texts else ""
        line = say(
            lang,
            "report",
            "fault",
            place=fault.place,
            fact=self._fact(fault),
            message=message + self._permitted(fault),
            stated=say(lang, "report", "stated", shown=shown) if shown else self._pause(fault),
            sources=self._sources(fault),
        )
        return say(lang, "report", "refused" if fault.severity is Severity.REFUSED else "noted") + line

    def message(self, fault: Fault) -> str:
        """What is wrong and what to do, with the clauses that the fault itself names."""
        return fault.messages[self._language] + self._clauses(fault.sources)

    def _fact(self, fault: Fault) -> str:
        if fault.fact is None:
            return ""
        return say(self._language, "report", "fact", label=self._knowledge.label(fault.fact, self._language))

    def _pause(self, fault: Fault) -> str:
        return say(self._language, "report", "and") if fault.fact is not None else ""

    def _permitted(self, fault: Fault) -> str:
        """The permitted values of a choice, where the fault is about one."""
        if fault.fact is None or not fault.texts:
            return ""
        nodes = self._knowledge.graph.objects(fault.fact, core("allowedValue"))
        names = [
            say(self._language, "report", "choice", name=self._knowledge.notation(node), label=self._short(node))
            for node in sorted(nodes, key=self._knowledge.notation)
        ]
        return say(self._language, "report", "permitted", values=", ".join(names)) if names else ""

    def _short(self, node: NamedNode) -> str:
        return self._knowledge.short_label(node, self._language)

    def _sources(self, fault: Fault) -> str:
        return self._clauses(fault.sources or self._knowledge.source_nodes(fault.fact))

    def _clauses(self, sources: Iterable[NamedNode]) -> str:
        names = dict.fromkeys(self._knowledge.label(source, self._language) for source in sources)
        joined = say(self._language, "report", "and").join(names)
        return say(self._language, "report", "sources", sources=joined) if names else ""

"""The ontology loaded: notations, words, sources, facts and readings, found by following core vocabulary.

What this module is for: every look-up that needs no query. What a reader must not break: nothing here names a fact, an
article or a circumstance.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode

from yibaolex import resources
from yibaolex.graph import Graph
from yibaolex.terms import (
    BOOLEAN,
    DEFINITION,
    LABEL,
    NOTATION,
    PART_OF,
    RANGE,
    SHORT_LABEL,
    SOURCE,
    VERSION,
    core,
)

OVERLAYS = "alternatives"
_LISTS = (core("reportedUnder"), core("listedUnder"))
_WORDS = ("vocabulary.ttl", "text.ttl")


class Fact(NamedTuple):
    """A fact that a case may state: its name, its datatype, the classes of its statements, and its group if any."""

    node: NamedNode
    name: str
    datatype: NamedNode
    statements: tuple[NamedNode, ...]
    group: NamedNode | None


class Ontology:
    """The modules loaded together, under the chosen alternatives of the disputed readings.

    ``rules`` is the graph of the modules that derivations read. ``graph`` is the same one with those that only name and
    quote, which are loaded into it when it is first asked for; a reader must not break: they say nothing from which
    anything follows.
    """

    def __init__(self, paths: Iterable[Path], chosen: Iterable[NamedNode] = ()) -> None:
        found = list(paths)
        self._words = [path for path in found if only_words(path)]
        self.rules = Graph(path for path in found if not only_words(path))
        self._chosen = frozenset(chosen)
        for alternative in sorted(self._chosen, key=lambda node: node.value):
            path = self.overlay_of(alternative)
            if path is not None:
                self.rules.overlay(path)

    @cached_property
    def graph(self) -> Graph:
        """All modules."""
        self.rules.load(self._words)
        return self.rules

    # --- notations and words -----------------------------------------------------------------------------------------

    def notation(self, node: NamedNode) -> str:
        """The notation of ``node``: its spelling in machine formats.

        Raises:
            KeyError: it has none.
        """
        found = self.rules.one(node, NOTATION) or self.graph.one(node, NOTATION)
        if found is None:
            raise KeyError(node.value)
        return found.value

    def by_notation(self, kind: NamedNode) -> dict[str, NamedNode]:
        """The instances of ``kind`` by their notation."""
        return {self.notation(node): node for node in self.rules.instances(kind)}

    def label(self, node: NamedNode, language: str) -> str:
        """The label of ``node`` in ``language``, or its local name."""
        return self._text(node, LABEL, language) or node.value.rpartition("#")[2]

    def short_label(self, node: NamedNode, language: str) -> str:
        """The label of ``node`` where its context is known, or its label."""
        return self._text(node, SHORT_LABEL, language) or self.label(node, language)

    def definition(self, node: NamedNode, language: str) -> str:
        """The definition of ``node`` in ``language``, or nothing."""
        return self._text(node, DEFINITION, language)

    def argument(self, node: NamedNode, language: str) -> str:
        """The argument for an alternative of a reading, or nothing."""
        return self._text(node, core("argument"), language)

    def source_nodes(self, node: NamedNode | None) -> list[NamedNode]:
        """The provisions on which ``node`` rests, sorted by IRI."""
        return sorted(self.graph.objects(node, SOURCE), key=lambda n: n.value) if node is not None else []

    def mark(self, node: NamedNode) -> NamedNode | None:
        """How sure it is that ``node`` follows from its provisions; None where these simply say so."""
        found = self.graph.one(node, core("mark"))
        return None if found == core("TextMark") else found

    @cached_property
    def versions(self) -> list[NamedNode]:
        """The version IRIs of the modules that are loaded."""
        found = {version for node in self.graph.subjects(VERSION) for version in self.graph.objects(node, VERSION)}
        return sorted(found, key=lambda node: node.value)

    def _text(self, node: NamedNode, predicate: NamedNode, language: str) -> str:
        return next((o.value for o in self.graph.objects(node, predicate) if o.language == language), "")

    # --- facts -------------------------------------------------------------------------------------------------------

    @cached_property
    def facts(self) -> dict[NamedNode, Fact]:
        """Every fact with a notation, by IRI."""
        found = {}
        for kind in self.rules.subjects(core("statementClass")):
            for node in self.rules.instances(kind):
                name = self.rules.one(node, NOTATION)
                if name is not None:
                    group = self.rules.one(node, core("memberOf"))
                    classes = (
                        *self.rules.objects(kind, core("statementClass")),
                        *self.rules.objects(node, core("statementClass")),
                    )
                    found[node] = Fact(node, name.value, self.rules.one(node, RANGE), classes, group)
        return found

    @cached_property
    def facts_by_need(self) -> dict[str, NamedNode]:
        """The facts by the name under which needs list them."""
        relation = core("needNotation")
        names = {fact.name: node for node, fact in self.facts.items()}
        return {**names, **{self.rules.one(node, relation).value: node for node in self.rules.subjects(relation)}}

    @cached_property
    def authority_only(self) -> frozenset[NamedNode]:
        """The facts that only the authority may find."""
        return frozenset(node for node, fact in self.facts.items() if core("AuthorityStatement") in fact.statements)

    @cached_property
    def sources_of_facts(self) -> dict[NamedNode, list[tuple[NamedNode, ...]]]:
        """For each fact that follows from others the lists of sources from which it can follow, in order."""
        relation, members = core("derivedFrom"), self.rules.members
        return {
            fact: [tuple(members(sources)) for sources in members(self.rules.one(fact, relation))]
            for fact in self.rules.subjects(relation)
        }

    @cached_property
    def fines(self) -> frozenset[NamedNode]:
        """The consequences that are fines."""
        return frozenset(self.rules.subjects(core("fineMinimum")))

    def possible_values(self, fact: NamedNode) -> list[Literal]:
        """The values among which a truth or a choice is to be made; none for amounts and days."""
        if self.rules.one(fact, RANGE) == BOOLEAN:
            return [Literal(True), Literal(False)]
        return [Literal(self.notation(node)) for node in self.rules.objects(fact, core("allowedValue"))]

    # --- readings ----------------------------------------------------------------------------------------------------

    def alternatives(self, reading: NamedNode) -> list[NamedNode]:
        """The alternatives of a reading, the default one first."""
        found = self.rules.objects(reading, core("alternative"))
        return sorted(found, key=lambda a: (not self.is_default(a), a.value))

    def is_default(self, node: NamedNode) -> bool:
        """Whether an alternative of a reading, or a presumption profile, is the one that is taken unless another is."""
        return Literal(True) in self.rules.objects(node, core("isDefault"))

    def overlay_of(self, alternative: NamedNode) -> Path | None:
        """The file that is laid over the default triples under ``alternative``; None for a default one."""
        name = self.rules.one(alternative, core("overlay"))
        return None if name is None else resources.folder("ontology") / "readings" / OVERLAYS / name.value

    def touched_by(self, reading: NamedNode) -> frozenset[NamedNode]:
        """The terms whose triples some alternative of ``reading`` replaces."""
        paths = [self.overlay_of(alternative) for alternative in self.alternatives(reading)]
        return frozenset().union(*(_subjects(path) for path in paths if path is not None))

    def in_force(self, reading: NamedNode) -> NamedNode:
        """The alternative of ``reading`` that this knowledge base follows."""
        found = self.alternatives(reading)
        return next((alternative for alternative in found if alternative in self._chosen), found[0])

    def alternative_on(self, node: NamedNode) -> NamedNode | None:
        """The alternative in force of the reading that ``node`` depends on, if there is one."""
        return self._alternatives_on.get(node)

    @cached_property
    def _alternatives_on(self) -> dict[NamedNode, NamedNode]:
        readings = self.rules.instances(core("Reading"))
        return {node: self.in_force(reading) for reading in readings for node in self.touched_by(reading)}

    # --- names -------------------------------------------------------------------------------------------------------

    def names_in(self, language: str) -> dict[str, str]:
        """What a reader of ``language`` may call a term of an explanation: in lower case, and as it is written."""
        return {name: written for (name, given), (written, _) in self._names.items() if given in ("", language)}

    @cached_property
    def _names(self) -> dict[tuple[str, str], tuple[str, set[NamedNode]]]:
        """The terms of explanations by notation, rule or label in lower case, with the language of a label; before
        them the name as it is written.
        """
        kinds = ("Condition", "Sanction", "SanctionKind", "HandOver", "DiscretionScheme")
        nodes = {node for kind in kinds for node in self.graph.instances(core(kind))}
        nodes |= {*self.facts, *self.sources_of_facts, *self.graph.subjects(core("text")), *self._listed}
        found: dict[tuple[str, str], tuple[str, set[NamedNode]]] = {}
        for node in sorted(nodes, key=lambda node: node.value):
            for predicate in (NOTATION, LABEL, SHORT_LABEL, core("rule"), core("needNotation"), *_LISTS):
                for name in self.graph.objects(node, predicate):
                    key = (name.value.lower(), name.language or "")
                    found.setdefault(key, (name.value, set()))[1].add(node)
        return found

    @cached_property
    def _listed(self) -> frozenset[NamedNode]:
        """The classes whose instances an outcome lists."""
        return frozenset(kind for relation in _LISTS for kind in self.rules.subjects(relation))

    def called(self, name: str) -> frozenset[NamedNode]:
        """The terms that ``name`` means in an explanation; none if it means nothing.

        A kind of consequence means its consequences, a list of an outcome whatever it may hold, a provision whatever
        rests on it or on a part of it.
        """
        asked = name.strip().lower()
        found: set[Any] = {node for (given, _), (_, nodes) in self._names.items() if given == asked for node in nodes}
        found |= {sanction for node in list(found) for sanction in self.graph.subjects(core("sanctionKind"), node)}
        found |= {node for kind in found & self._listed for node in self.graph.instances(kind)}
        provisions = [node for node in found if self.graph.one(node, core("text")) is not None]
        while provisions:
            provision = provisions.pop()
            found |= {node for node in self.graph.subjects(SOURCE, provision) if self._has_elements(node)}
            provisions += self.graph.subjects(PART_OF, provision)
        return frozenset({*found, core("fineState")} if found & self.fines else found)

    def _has_elements(self, node: NamedNode) -> bool:
        """Whether a provision speaks of ``node`` itself: a condition, a consequence or a charge, not any fact of it."""
        return node not in self.sources_of_facts and (
            node not in self.facts or self.graph.one(node, core("memberOf")) is not None
        )


def only_words(path: Path) -> bool:
    """Whether the module at ``path`` only names and quotes, so that nothing is derived from it."""
    return path.name.endswith(_WORDS)


@cache
def _subjects(path: Path) -> frozenset[NamedNode]:
    return frozenset(quad.subject for quad in Graph([path]) if isinstance(quad.subject, NamedNode))

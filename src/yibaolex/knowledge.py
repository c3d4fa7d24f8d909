"""The knowledge base: the ontology loaded, its conditions read, its queries compiled, once per process.

What this module is for: everything that does not depend on a case. What a reader must not break: nothing here names a
fact, an article or a circumstance; all of it is found by following core vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from yibaolex import resources
from yibaolex.compiler import update_of
from yibaolex.expression import ExpressionReader, Node
from yibaolex.frame import Frame
from yibaolex.graph import Graph
from yibaolex.terms import (
    BOOLEAN,
    CORE,
    DEFINITION,
    LABEL,
    NOTATION,
    PART_OF,
    RANGE,
    SHORT_LABEL,
    SOURCE,
    TYPE,
    VERSION,
    core,
)

BEFORE_CONDITIONS = ("1-normalise", "2-facts")
AFTER_CONDITIONS = ("3-after-conditions", "4-sanctions")
AFTER_NEEDS = ("5-fine", "6-handover")
_TEXT_ONLY = "-lists.ttl"
_OVERLAYS = "alternatives"
_DERIVE = "queries/derive"
_OUTCOME = "queries/outcome"
_TOLD = (
    "AppliedArticle",
    "AppliedParagraph",
    "NoPenaltyGround",
    "LenientCircumstance",
    "EducationDuty",
    "GuardianDuty",
)
_CORE_TERM = re.compile(r"\by:([A-Za-z]+)")
READ_BY_CODE = ("askedThrough",)


@dataclass(frozen=True)
class Fact:
    """A fact that a case may state: its name, its datatype, the classes of its statements, and its group if any."""

    node: NamedNode
    name: str
    datatype: NamedNode
    statements: tuple[NamedNode, ...]
    group: NamedNode | None


@dataclass(frozen=True)
class Scheme:
    """Ordered steps, each the conditions that it settles.

    An act that has ``settled`` asks for nothing, else its first open step asks through ``asks``.
    """

    stages: tuple[tuple[NamedNode, ...], ...]
    settled: NamedNode
    asks: NamedNode


@dataclass(frozen=True)
class SanctionPlan:
    """The conditions that settle a consequence: ``first`` together, ``later`` once those are settled."""

    first: tuple[NamedNode, ...]
    later: tuple[NamedNode, ...]


class Knowledge:
    """Ontology, conditions, stages and outcome frame of one knowledge base."""

    def __init__(self, paths: Iterable[Path], chosen: Iterable[NamedNode] = ()) -> None:
        self.graph = Graph(paths)
        self._chosen = frozenset(chosen)
        for alternative in sorted(self._chosen, key=lambda node: node.value):
            path = self.overlay_of(alternative)
            if path is not None:
                self.graph.overlay(path)

    # --- the ontology -------------------------------------------------------------------------------------------

    def notation(self, node: NamedNode) -> str:
        """The notation of ``node``: its spelling in machine formats.

        Raises:
            KeyError: it has none.
        """
        found = self.graph.one(node, NOTATION)
        if found is None:
            raise KeyError(node.value)
        return found.value

    def by_notation(self, kind: NamedNode) -> dict[str, NamedNode]:
        """The instances of ``kind`` by their notation."""
        return {self.notation(node): node for node in self.graph.instances(kind)}

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

    def alternatives(self, reading: NamedNode) -> list[NamedNode]:
        """The alternatives of a reading, the default one first."""
        found = self.graph.objects(reading, core("alternative"))
        return sorted(found, key=lambda a: (self.graph.one(a, core("isDefault")) is None, a.value))

    def overlay_of(self, alternative: NamedNode) -> Path | None:
        """The file that is laid over the default triples under ``alternative``; None for a default one."""
        name = self.graph.one(alternative, core("overlay"))
        return None if name is None else resources.folder("ontology") / "readings" / _OVERLAYS / name.value

    def touched_by(self, reading: NamedNode) -> frozenset[NamedNode]:
        """The terms whose triples some alternative of ``reading`` replaces."""
        paths = [self.overlay_of(alternative) for alternative in self.alternatives(reading)]
        return frozenset().union(*(_subjects(path) for path in paths if path is not None))

    def possible_values(self, fact: NamedNode) -> list[Literal]:
        """The values among which a truth or a choice is to be made; none for amounts and days."""
        if self.graph.one(fact, RANGE) == BOOLEAN:
            return [Literal(True), Literal(False)]
        return [Literal(self.notation(node)) for node in self.graph.objects(fact, core("allowedValue"))]

    def _text(self, node: NamedNode, predicate: NamedNode, language: str) -> str:
        return next((o.value for o in self.graph.objects(node, predicate) if o.language == language), "")

    @cached_property
    def facts(self) -> dict[NamedNode, Fact]:
        """Every fact with a notation, by IRI."""
        found = {}
        for kind in self.graph.subjects(core("statementClass")):
            for node in self.graph.instances(kind):
                name = self.graph.one(node, NOTATION)
                if name is not None:
                    group = self.graph.one(node, core("memberOf"))
                    classes = (
                        *self.graph.objects(kind, core("statementClass")),
                        *self.graph.objects(node, core("statementClass")),
                    )
                    found[node] = Fact(node, name.value, self.graph.one(node, RANGE), classes, group)
        return found

    @cached_property
    def facts_by_need(self) -> dict[str, NamedNode]:
        """The facts by the name under which needs list them."""
        relation = core("needNotation")
        names = {fact.name: node for node, fact in self.facts.items()}
        return {**names, **{self.graph.one(node, relation).value: node for node in self.graph.subjects(relation)}}

    @cached_property
    def authority_only(self) -> frozenset[NamedNode]:
        """The facts that only the authority may find."""
        return frozenset(node for node, fact in self.facts.items() if core("AuthorityStatement") in fact.statements)

    # --- names -------------------------------------------------------------------------------------------------------

    def names_in(self, language: str) -> list[str]:
        """What a reader of ``language`` may call a term of an explanation, in lower case."""
        return [name for name, given in self._names if given in ("", language)]

    @cached_property
    def _names(self) -> dict[tuple[str, str], set[NamedNode]]:
        """The terms of explanations by notation, rule or label in lower case, with the language of a label."""
        kinds = ("Condition", "Sanction", "SanctionKind", "HandOver", "DiscretionScheme")
        nodes = {node for kind in kinds for node in self.graph.instances(core(kind))}
        nodes |= {*self.facts, *self.sources_of_facts, *self.graph.subjects(core("text"))}
        found: dict[tuple[str, str], set[NamedNode]] = {}
        for node in nodes:
            for predicate in (NOTATION, LABEL, SHORT_LABEL, core("rule"), core("needNotation")):
                for name in self.graph.objects(node, predicate):
                    found.setdefault((name.value.lower(), name.language or ""), set()).add(node)
        return found

    def called(self, name: str) -> frozenset[NamedNode]:
        """The terms that ``name`` means in an explanation; none if it means nothing.

        A kind of consequence means its consequences, a provision whatever rests on it or on a part of it.
        """
        asked = name.strip().lower()
        found: set[Any] = {node for (given, _), nodes in self._names.items() if given == asked for node in nodes}
        found |= {sanction for node in list(found) for sanction in self.graph.subjects(core("sanctionKind"), node)}
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

    # --- what a run needs ----------------------------------------------------------------------------------------

    @cached_property
    def background(self) -> list[Quad]:
        """The part of the ontology that some query or shape reads: by core relations and classes, and by notation."""
        texts = [path.read_text(encoding="utf-8") for path in (*_queries(), *resources.files("shapes", ".ttl"))]
        terms = [NamedNode(CORE + name) for name in {*_CORE_TERM.findall("\n".join(texts)), *READ_BY_CODE}]
        found = [quad for term in terms for quad in (*self.graph.quads(term), *self.graph.quads(TYPE, term))]
        return [*found, *self.graph.quads(NOTATION)]

    @cached_property
    def nodes(self) -> dict[NamedNode, Node]:
        """The conditions and their parts, children first."""
        reader = ExpressionReader(self.graph)
        return {node.node: node for node in reader.read(self.graph.instances(core("Condition")))}

    @cached_property
    def phases(self) -> dict[str, list[str]]:
        """The updates of the derivation queries by folder, in order."""
        found: dict[str, list[str]] = {}
        for path in resources.files(_DERIVE, ".rq"):
            found.setdefault(path.parent.name, []).append(update_of(path))
        return found

    def phase(self, folders: tuple[str, ...]) -> list[str]:
        """The updates of the derivation queries in ``folders``, in order."""
        return [update for folder in folders for update in self.phases[folder]]

    @cached_property
    def frames(self) -> list[Frame]:
        """The outcome frame: one query per field, in order."""
        return [Frame.read(path) for path in resources.files(_OUTCOME, ".rq")]

    # --- what asks for facts --------------------------------------------------------------------------------------

    @cached_property
    def asked_through(self) -> dict[NamedNode, NamedNode]:
        """For each derived fact the relation that leads to the stated facts it lacks."""
        relation = core("askedThrough")
        return {node: self.graph.one(node, relation) for node in self.graph.subjects(relation)}

    @cached_property
    def derived(self) -> frozenset[NamedNode]:
        """The derived facts."""
        return frozenset(self.graph.instances(core("DerivedFact")))

    @cached_property
    def never_asked(self) -> frozenset[NamedNode]:
        """Alternatives that are written out only so that they settle; they ask for nothing."""
        return frozenset(self.graph.instances(core("WrittenOutAlternative")))

    @cached_property
    def precedence(self) -> dict[NamedNode, tuple[frozenset[NamedNode], frozenset[NamedNode]]]:
        """For a condition the facts it asks first, and those it keeps back until then."""
        first, later = core("asksFirst"), core("asksLater")
        objects = self.graph.objects
        return {n: (frozenset(objects(n, first)), frozenset(objects(n, later))) for n in self.graph.subjects(first)}

    @cached_property
    def asking_conditions(self) -> dict[NamedNode, NamedNode]:
        """Conditions reported with their needs, and the relation that carries these."""
        relation = core("needsThrough")
        asking = [node for node in self.graph.subjects(relation) if node in self.nodes]
        return {node: self.graph.one(node, relation) for node in asking}

    @cached_property
    def asked_of_every_act(self) -> frozenset[NamedNode]:
        """Conditions whose needs are reported even for an act on which nothing can be concluded."""
        relation = core("asksOfEveryAct")
        return frozenset(self.graph.subjects(relation))

    @cached_property
    def schemes(self) -> dict[NamedNode, Scheme]:
        """The discretion schemes with their ordered steps; the one that gives the category comes first."""
        found = {node: self._scheme(node) for node in self.graph.instances(core("DiscretionScheme"))}
        return dict(sorted(found.items(), key=lambda item: item[1].settled != core("category")))

    def _scheme(self, node: NamedNode) -> Scheme:
        stages = self.graph.members(self.graph.one(node, core("stages")))
        return Scheme(
            tuple(tuple(self.graph.objects(stage, core("settles"))) for stage in stages),
            self.graph.one(node, core("settledThrough")),
            self.graph.one(node, core("needsThrough")),
        )

    @cached_property
    def sanction_plans(self) -> dict[NamedNode, SanctionPlan]:
        """For each consequence the conditions that settle it."""
        return {node: self._plan(node) for node in self.graph.instances(core("Sanction"))}

    def _plan(self, sanction: NamedNode) -> SanctionPlan:
        nature = self.nature(sanction)
        own = [*self.graph.objects(sanction, core("dueWhen")), *self.graph.objects(sanction, core("prevailsWhen"))]
        bars = [*self.graph.objects(nature, core("barredWhen")), *self.graph.objects(nature, core("handedOverWhen"))]
        return SanctionPlan((*own, *self.gates, *bars), tuple(self.graph.objects(nature, core("optionalWhen"))))

    # --- what explains a result -----------------------------------------------------------------------------------

    @cached_property
    def reported_conditions(self) -> list[NamedNode]:
        """The conditions that an outcome reports by themselves, in the order in which they are told."""
        nodes = [node for kind in _TOLD for node in sorted(self.graph.instances(core(kind)), key=self._told)]
        nodes += [
            *self.optional_conditions,
            *self.minimum_rules,
            *self.graph.subjects(core("reportedAs")),
            *self.graph.subjects(core("rule")),
        ]
        return [node for node in dict.fromkeys(nodes) if node in self.nodes]

    def _told(self, node: NamedNode) -> tuple:
        """Sort key: by notation, its numbers as numbers."""
        parts = re.split(r"([0-9]+)", self.notation(node) if self.graph.one(node, NOTATION) else node.value)
        return tuple(int(part) if part.isdigit() else part for part in parts)

    @cached_property
    def named(self) -> frozenset[NamedNode]:
        """The conditions that have a name, in contrast to the parts of their expressions."""
        return frozenset(self.graph.instances(core("Condition")))

    @cached_property
    def gates(self) -> list[NamedNode]:
        """The conditions without which nothing is concluded on an act."""
        return self.graph.instances(core("Gate"))

    @cached_property
    def optional_conditions(self) -> list[NamedNode]:
        """The conditions under which a consequence may be spared."""
        relation = core("optionalWhen")
        return list(dict.fromkeys(self.graph.one(nature, relation) for nature in self.graph.subjects(relation)))

    @cached_property
    def minimum_rules(self) -> list[NamedNode]:
        """The conditions under which a fine or a suspension is as a rule the minimum."""
        return [self.graph.one(point, core("dueWhen")) for point in self.graph.instances(core("FinePoint"))]

    @cached_property
    def contradictions(self) -> list[NamedNode]:
        """The conditions that hold where facts contradict each other."""
        return self.graph.instances(core("Contradiction"))

    @cached_property
    def fines(self) -> frozenset[NamedNode]:
        """The consequences that are fines."""
        return frozenset(self.graph.subjects(core("fineMinimum")))

    @cached_property
    def sources_of_facts(self) -> dict[NamedNode, list[tuple[NamedNode, ...]]]:
        """For each fact that follows from others the lists of sources from which it can follow, in order."""
        relation, members = core("derivedFrom"), self.graph.members
        return {
            fact: [tuple(members(sources)) for sources in members(self.graph.one(fact, relation))]
            for fact in self.graph.subjects(relation)
        }

    def nature(self, sanction: NamedNode) -> NamedNode:
        """The nature of a consequence."""
        return self.graph.one(self.graph.one(sanction, core("sanctionKind")), core("nature"))

    def conditions_of(self, sanction: NamedNode, status: NamedNode) -> list[NamedNode]:
        """The conditions on which it rests that ``sanction`` has ``status``."""
        relations = sorted(self.graph.objects(status, core("restsOn")), key=lambda node: node.value)
        owners = (sanction, self.nature(sanction))
        found = [node for owner in owners for relation in relations for node in self.graph.objects(owner, relation)]
        return list(dict.fromkeys([*found, *self.gates]))

    def conditions_ruling_out(self, sanction: NamedNode) -> list[NamedNode]:
        """The conditions that bar or absorb ``sanction``."""
        bars = self.graph.objects(self.nature(sanction), core("barredWhen"))
        return [*bars, *self.graph.objects(sanction, core("absorbedWhen"))]

    def alternative_on(self, node: NamedNode) -> NamedNode | None:
        """The alternative in force of the reading that ``node`` depends on, if there is one."""
        return self._alternatives_on.get(node)

    @cached_property
    def _alternatives_on(self) -> dict[NamedNode, NamedNode]:
        readings = self.graph.instances(core("Reading"))
        return {node: self.in_force(reading) for reading in readings for node in self.touched_by(reading)}

    def may_be_spared(self, category: NamedNode | None) -> bool:
        """Whether ``category`` leaves it to the authority to penalise at all."""
        return self.graph.one(category, core("fineStatus")) == core("OptionalFine")

    @cached_property
    def versions(self) -> list[NamedNode]:
        """The version IRIs of the modules that are loaded."""
        found = {version for node in self.graph.subjects(VERSION) for version in self.graph.objects(node, VERSION)}
        return sorted(found, key=lambda node: node.value)

    def in_force(self, reading: NamedNode) -> NamedNode:
        """The alternative of ``reading`` that this knowledge base follows."""
        found = self.alternatives(reading)
        return next((alternative for alternative in found if alternative in self._chosen), found[0])


def _queries() -> list[Path]:
    """The queries of a run: those that derive and those that fill the outcome."""
    return [path for folder in (_DERIVE, _OUTCOME) for path in resources.files(folder, ".rq")]


def loaded_paths() -> list[Path]:
    """The ontology that derivations read: without the page texts, and without the readings that are not chosen."""
    paths = resources.files("ontology", ".ttl")
    return [path for path in paths if not path.name.endswith(_TEXT_ONLY) and path.parent.name != _OVERLAYS]


@cache
def _subjects(path: Path) -> frozenset[NamedNode]:
    return frozenset(quad.subject for quad in Graph([path]) if isinstance(quad.subject, NamedNode))


@cache
def default_knowledge() -> Knowledge:
    """The knowledge base that the package ships, under its default readings."""
    return Knowledge(loaded_paths())


@cache
def knowledge_under(*chosen: tuple[str, str]) -> Knowledge:
    """The knowledge base under the ``chosen`` alternatives (reading, alternative), the others at their default.

    Raises:
        KeyError: there is no such reading, or it has no such alternative; the argument is the pair.
    """
    base = default_knowledge()
    alternatives = [_alternative(base, pair) for pair in chosen]
    if all(base.overlay_of(alternative) is None for alternative in alternatives):
        return base
    return Knowledge(loaded_paths(), alternatives)


def _alternative(base: Knowledge, pair: tuple[str, str]) -> NamedNode:
    reading = base.by_notation(core("Reading")).get(pair[0])
    for alternative in base.alternatives(reading) if reading else ():
        if base.notation(alternative) == pair[1]:
            return alternative
    raise KeyError(pair)

"""The knowledge base: the ontology loaded, its conditions read, its queries compiled, once per process.

What this module is for: everything that does not depend on a case. What a reader must not break: nothing here names a
fact, an article or a circumstance; all of it is found by following core vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, cached_property
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from yibaolex import resources
from yibaolex.compiler import update_of
from yibaolex.expression import ExpressionReader, Node
from yibaolex.frame import Frame
from yibaolex.kleene import Decider
from yibaolex.ontology import OVERLAYS, Ontology
from yibaolex.terms import CORE, NOTATION, TYPE, core

BEFORE_CONDITIONS = ("1-normalise", "2-facts")
AFTER_CONDITIONS = ("3-after-conditions", "4-sanctions")
AFTER_NEEDS = ("5-fine", "6-handover", "7-jurisdiction")
_TEXT_ONLY = "-lists.ttl"
_ASKED_ONLY = "norms"  # what researchers ask for and no assessment needs
FORMS = "forms"  # what readers of self-reports load besides
_DERIVE = "queries/derive"
_OUTCOME = "queries/outcome"
CORE_TERM = re.compile(r"\by:([A-Za-z]+)")
_PRESUMING = ("presumption", "presumedFact", "presumedValue")
SHAPES = ("statements.ttl", "contradictions.ttl")  # of what is stated, and of what follows from it


class Scheme(NamedTuple):
    """Ordered steps, each the conditions that it settles.

    An act that has ``settled`` asks for nothing, else its first open step asks through ``asks``.
    """

    stages: tuple[tuple[NamedNode, ...], ...]
    settled: NamedNode
    asks: NamedNode


class SanctionPlan(NamedTuple):
    """The conditions that settle a consequence: ``first`` together, ``later`` once those are settled."""

    first: tuple[NamedNode, ...]
    later: tuple[NamedNode, ...]


class Knowledge(Ontology):
    """Ontology, conditions, stages and outcome frame of one knowledge base."""

    # --- what a run needs ----------------------------------------------------------------------------------------

    @property
    def background(self) -> list[Quad]:
        """What queries and shapes read of every case; what they read of a district is left to cases that name it."""
        return self._by_place[""]

    def of_places(self, names: Iterable[str]) -> list[Quad]:
        """What queries and shapes read of the districts among ``names``: value, government and contact."""
        return [quad for name in names if name for quad in self._by_place.get(name, ())]

    @cached_property
    def _by_place(self) -> dict[str, list[Quad]]:
        """What queries and shapes read by the notation of the district that it is about, the rest under no name."""
        relation = core("underGovernment")
        names: dict[Any, str] = {}
        for value in self.rules.subjects(relation):
            government = self.rules.one(value, relation)
            contacts = self.rules.subjects(core("reconsiderationOrgan"), government)
            names |= dict.fromkeys((value, government, *contacts), self.notation(value))
        found: dict[str, list[Quad]] = {"": []}
        for quad in self._read:
            found.setdefault(names.get(quad.subject) or names.get(quad.object) or "", []).append(quad)
        return found

    @cached_property
    def _read(self) -> list[Quad]:
        """The part of the ontology that some query or shape reads: by core relations and classes, the instances of the
        classes of which a relation tells something, and the notations of what all of these lead to. What is presumed
        is left to those who choose a profile.
        """
        shapes = [resources.folder("shapes") / name for name in SHAPES]
        texts = [resources.text(path) for path in (*_queries(), *shapes)]
        names = {*CORE_TERM.findall("\n".join(texts))}.difference(_PRESUMING)
        terms = [NamedNode(CORE + name) for name in names]
        found = [quad for term in terms for quad in (*self.rules.quads(term), *self.rules.quads(TYPE, term))]
        found += [quad for kind in {quad.subject for quad in found} - {*terms} for quad in self.rules.quads(TYPE, kind)]
        reached = {*terms, *self.facts, *(node for quad in found for node in (quad.subject, quad.object))}
        return [*found, *(quad for quad in self.rules.quads(NOTATION) if quad.subject in reached)]

    def presumed(self, profile: NamedNode) -> list[Quad]:
        """What the chosen ``profile`` presumes."""
        relation, *of_each = map(core, _PRESUMING)
        found = list(self.rules.quads_of(profile, relation))
        return found + [quad for one in found for r in of_each for quad in self.rules.quads_of(one.object, r)]

    @cached_property
    def nodes(self) -> dict[NamedNode, Node]:
        """The conditions and their parts, children first."""
        reader = ExpressionReader(self.rules)
        return {node.node: node for node in reader.read(self.rules.instances(core("Condition")))}

    @cached_property
    def decider(self) -> Decider:
        """The nodes, ready for deciding acts."""
        return Decider(self.nodes.values())

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
        """The outcome frame: the queries that fill its fields, in order."""
        return [Frame.read(path) for path in resources.files(_OUTCOME, ".rq")]

    # --- what asks for facts --------------------------------------------------------------------------------------

    @cached_property
    def asked_through(self) -> dict[NamedNode, NamedNode]:
        """For each derived fact the relation that leads to the stated facts it lacks."""
        relation = core("askedThrough")
        return {node: self.rules.one(node, relation) for node in self.rules.subjects(relation)}

    @cached_property
    def derived(self) -> frozenset[NamedNode]:
        """The derived facts."""
        return frozenset(self.rules.instances(core("DerivedFact")))

    @cached_property
    def every_fact(self) -> frozenset[NamedNode]:
        """The facts that are stated, those derived from them, and those that conditions rest on."""
        return frozenset((*self.facts, *self.sources_of_facts, *self.derived, *self.decider.facts))

    @cached_property
    def never_asked(self) -> frozenset[NamedNode]:
        """Alternatives that are written out only so that they settle; they ask for nothing."""
        return frozenset(self.rules.instances(core("WrittenOutAlternative")))

    @cached_property
    def precedence(self) -> dict[NamedNode, tuple[frozenset[NamedNode], frozenset[NamedNode]]]:
        """For a condition the facts it asks first, and those it keeps back until then."""
        first, later = core("asksFirst"), core("asksLater")
        objects = self.rules.objects
        return {n: (frozenset(objects(n, first)), frozenset(objects(n, later))) for n in self.rules.subjects(first)}

    @cached_property
    def asking_conditions(self) -> dict[NamedNode, NamedNode]:
        """Conditions reported with their needs, and the relation that carries these."""
        relation = core("needsThrough")
        asking = [node for node in self.rules.subjects(relation) if node in self.nodes]
        return {node: self.rules.one(node, relation) for node in asking}

    @cached_property
    def asked_of_every_act(self) -> frozenset[NamedNode]:
        """Conditions whose needs are reported even for an act on which nothing can be concluded."""
        return frozenset(self.rules.subjects(core("asksOfEveryAct"), Literal(True)))

    @cached_property
    def schemes(self) -> dict[NamedNode, Scheme]:
        """The discretion schemes with their ordered steps; the one that gives the category comes first."""
        found = {node: self._scheme(node) for node in self.rules.instances(core("DiscretionScheme"))}
        return dict(sorted(found.items(), key=lambda item: item[1].settled != core("category")))

    def _scheme(self, node: NamedNode) -> Scheme:
        stages = self.rules.members(self.rules.one(node, core("stages")))
        return Scheme(
            tuple(tuple(sorted(self.rules.objects(stage, core("settles")), key=self._told)) for stage in stages),
            self.rules.one(node, core("settledThrough")),
            self.rules.one(node, core("needsThrough")),
        )

    @cached_property
    def sanction_plans(self) -> dict[NamedNode, SanctionPlan]:
        """For each consequence the conditions that settle it."""
        return {node: self._plan(node) for node in self.rules.instances(core("Sanction"))}

    def _plan(self, sanction: NamedNode) -> SanctionPlan:
        later = tuple(self.rules.objects(self.nature(sanction), core("optionalWhen")))
        first = (node for node in self.conditions_of(sanction, core("Open")) if node not in later)
        return SanctionPlan(tuple(first), later)

    # --- what explains a result -----------------------------------------------------------------------------------

    @cached_property
    def reported_conditions(self) -> list[NamedNode]:
        """The conditions that an outcome reports by themselves, in the order in which they are told."""
        kinds = self.rules.members(self.rules.one(core("Condition"), core("reasonsOrder")))
        nodes = [node for kind in kinds for node in sorted(self.rules.instances(kind), key=self._told)]
        nodes += [
            *self.optional_conditions,
            *self.minimum_rules,
            *self.rules.subjects(core("reportedAs")),
            *self.rules.subjects(core("rule")),
        ]
        return [node for node in dict.fromkeys(nodes) if node in self.nodes]

    def _told(self, node: NamedNode) -> tuple:
        """Sort key: by notation, its numbers as numbers."""
        parts = re.split(r"([0-9]+)", self.notation(node) if self.rules.one(node, NOTATION) else node.value)
        return tuple(int(part) if part.isdigit() else part for part in parts)

    @cached_property
    def named(self) -> frozenset[NamedNode]:
        """The conditions that have a name, in contrast to the parts of their expressions."""
        return frozenset(self.rules.instances(core("Condition")))

    @cached_property
    def told(self) -> frozenset[NamedNode]:
        """The conditions that queries and shapes can come upon."""
        return self.named.intersection(node for quad in self._read for node in (quad.subject, quad.object))

    @cached_property
    def gates(self) -> list[NamedNode]:
        """The conditions without which nothing is concluded on an act."""
        return self.rules.instances(core("Gate"))

    @cached_property
    def places(self) -> dict[NamedNode, list[NamedNode]]:
        """For a rule on jurisdiction the facts that tell which district it is."""
        relation = core("placedBy")
        return {node: self.rules.objects(node, relation) for node in self.rules.subjects(relation)}

    @cached_property
    def optional_conditions(self) -> list[NamedNode]:
        """The conditions under which a consequence may be spared."""
        relation = core("optionalWhen")
        return list(dict.fromkeys(self.rules.one(nature, relation) for nature in self.rules.subjects(relation)))

    @cached_property
    def minimum_rules(self) -> list[NamedNode]:
        """The conditions under which a fine or a suspension is as a rule the minimum."""
        return [self.rules.one(point, core("dueWhen")) for point in self.rules.instances(core("FinePoint"))]

    @cached_property
    def contradictions(self) -> list[NamedNode]:
        """The conditions that hold where facts contradict each other."""
        return self.rules.instances(core("Contradiction"))

    def nature(self, sanction: NamedNode) -> NamedNode:
        """The nature of a consequence."""
        return self.rules.one(self.rules.one(sanction, core("sanctionKind")), core("nature"))

    def conditions_of(self, sanction: NamedNode, status: NamedNode) -> tuple[NamedNode, ...]:
        """The conditions on which it rests that ``sanction`` has ``status``, in the order in which they are told."""
        return self._conditions_of[sanction, status]

    @cached_property
    def _conditions_of(self) -> dict[tuple[NamedNode, NamedNode], tuple[NamedNode, ...]]:
        relations = {s: self.rules.objects(s, core("restsOn")) for s in self.rules.subjects(core("restsOn"))}
        sanctions = self.rules.instances(core("Sanction"))
        return {(s, status): self._resting(s, relations[status]) for s in sanctions for status in relations}

    def _resting(self, sanction: NamedNode, relations: list[NamedNode]) -> tuple[NamedNode, ...]:
        pairs = product((sanction, self.nature(sanction)), sorted(relations, key=lambda node: node.value))
        found = (sorted(self.rules.objects(owner, relation), key=self._told) for owner, relation in pairs)
        return tuple(dict.fromkeys([*chain.from_iterable(found), *self.gates]))

    def conditions_ruling_out(self, sanction: NamedNode) -> list[NamedNode]:
        """The conditions that bar or absorb ``sanction``."""
        bars = self.rules.objects(self.nature(sanction), core("barredWhen"))
        return [*bars, *self.rules.objects(sanction, core("absorbedWhen"))]

    def may_be_spared(self, category: NamedNode | None) -> bool:
        """Whether ``category`` leaves it to the authority to penalise at all."""
        return self.rules.one(category, core("fineStatus")) == core("OptionalFine")


def _queries() -> list[Path]:
    """The queries of a run: those that derive and those that fill the outcome."""
    return [path for folder in (_DERIVE, _OUTCOME) for path in resources.files(folder, ".rq")]


def loaded_paths() -> list[Path]:
    """The ontology that derivations read: without page texts, norms, forms, and the readings that are not chosen."""
    left_out = (OVERLAYS, _ASKED_ONLY, FORMS)
    paths = resources.files("ontology", ".ttl")
    return [path for path in paths if not path.name.endswith(_TEXT_ONLY) and path.parent.name not in left_out]


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

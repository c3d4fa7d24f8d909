"""Outcomes as text for readers, from templates; labels come from the ontology.

A reader must not break: the templates hold the words, the ontology the terms, this module neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from yibaolex.derivation import Assessment
from yibaolex.knowledge import Knowledge
from yibaolex.outcome import Act
from yibaolex.terms import NOTATION, PART_OF, core

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = Path(__file__).resolve().parent / "templates"


class Labels:
    """Labels and provisions by the notations that outcomes use."""

    def __init__(self, knowledge: Knowledge, language: str) -> None:
        self._knowledge = knowledge
        self._language = language
        self._kinds: dict[str, dict[str, NamedNode]] = {}

    def of(self, kind: str, notation: str) -> str:
        """The label of the instance of core class ``kind`` that has ``notation``."""
        return self._knowledge.label(self._node(kind, notation), self._language)

    def about(self, kind: str, notation: str) -> str:
        """Its definition."""
        return self._knowledge.definition(self._node(kind, notation), self._language)

    def fact(self, name: str) -> str:
        """The label of the fact that needs call ``name``."""
        return self._knowledge.label(self._facts[name], self._language)

    def provisions(self, act: Act) -> list[str]:
        """The provisions on which the outcome of ``act`` rests: of its rules, grounds and circumstances."""
        names = [*act["rules"], *act["grounds"], *act["circumstances"]]
        nodes = [node for name in names for node in self._by_name.get(name, ())]
        sources = {self._whole(source) for node in nodes for source in self._knowledge.source_nodes(node)}
        return [self._knowledge.label(source, self._language) for source in sorted(sources, key=_natural)]

    def _whole(self, provision: NamedNode) -> NamedNode:
        """An item as it is; of a mere clause the article or paragraph that it is part of."""
        graph = self._knowledge.graph
        return provision if graph.one(provision, core("itemText")) else graph.one(provision, PART_OF) or provision

    def _node(self, kind: str, notation: str) -> NamedNode:
        if kind not in self._kinds:
            self._kinds[kind] = self._knowledge.by_notation(core(kind))
        return self._kinds[kind][notation]

    @cached_property
    def _facts(self) -> dict[str, NamedNode]:
        graph, relation = self._knowledge.graph, core("needNotation")
        return {
            **{fact.name: node for node, fact in self._knowledge.facts.items()},
            **{graph.one(node, relation).value: node for node in graph.subjects(relation)},
        }

    @cached_property
    def _by_name(self) -> dict[str, list[NamedNode]]:
        """Nodes by rule and by notation."""
        found: dict[str, list[NamedNode]] = {}
        for predicate in (core("rule"), NOTATION):
            for node in self._knowledge.graph.subjects(predicate):
                for name in self._knowledge.graph.objects(node, predicate):
                    found.setdefault(name.value, []).append(node)
        return found


def _natural(node: NamedNode) -> tuple:
    """Sort key under which article 9 comes before article 10."""
    head, _, tail = node.value.rpartition("/a")
    digits = "".join(c for c in tail.partition("/")[0] if c.isdigit())
    return head, int(digits or 0), tail


def yuan(amount: str) -> str:
    """An amount with thousands separators."""
    return f"{Decimal(amount):,}"


def text(assessments: Iterable[Assessment], knowledge: Knowledge, language: str) -> str:
    """The assessments as plain text in ``language``; a refused case is named."""
    template = _template(f"assess.{language}.txt")
    return template.render(assessments=list(assessments), labels=Labels(knowledge, language))


def readings(knowledge: Knowledge, language: str) -> str:
    """The disputed readings with their alternatives, the default one first."""
    found = [
        (knowledge.notation(node), node, [(knowledge.notation(a), a) for a in knowledge.alternatives(node)])
        for node in knowledge.graph.instances(core("Reading"))
    ]
    template = _template(f"readings.{language}.txt")
    return template.render(readings=found, knowledge=knowledge, language=language)


def _template(name: str) -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["yuan"] = yuan
    environment.filters["label_of"] = lambda notation, labels, kind: labels.of(kind, notation)
    return environment.get_template(name)

"""Outcomes as text for readers, from templates; labels come from the ontology.

A reader must not break: the templates hold the words, the ontology the terms, this module neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from yibaolex.amounts import yuan
from yibaolex.catalogue import say
from yibaolex.explanation import Explanation
from yibaolex.knowledge import Knowledge
from yibaolex.screen import one_line
from yibaolex.terms import core
from yibaolex.view import NO_HEADERS, CaseView, Headers, Wanted

if TYPE_CHECKING:
    import jinja2

    from yibaolex.provision import Shown

TEMPLATES = Path(__file__).resolve().parent / "templates"
_IN_SHORT = Wanted()


class Labels:
    """Labels and provisions by the notations that outcomes use."""

    def __init__(self, knowledge: Knowledge, language: str, headers: Headers = NO_HEADERS) -> None:
        self._knowledge = knowledge
        self._language = language
        self._headers = headers
        self._kinds: dict[str, dict[str, NamedNode]] = {}

    def of(self, kind: str, notation: str) -> str:
        """The label of the instance of core class ``kind`` that has ``notation``."""
        return self._knowledge.short_label(self._node(kind, notation), self._language)

    def full(self, kind: str, notation: str) -> str:
        """Its label as the texts have it, where a synonym would not do."""
        return self._knowledge.label(self._node(kind, notation), self._language)

    def needs(self, names: Iterable[str]) -> str:
        """The labels of the facts that needs list under ``names``."""
        facts = [self._knowledge.facts_by_need[name] for name in names]
        labels = (self._headers.get(fact) or self._knowledge.short_label(fact, self._language) for fact in facts)
        return say(self._language, "why", "list").join(labels)

    def about(self, kind: str, notation: str) -> str:
        """Its definition."""
        return self._knowledge.definition(self._node(kind, notation), self._language)

    def basis(self, kind: str, notations: Iterable[str]) -> str:
        """The provisions on which these instances rest, and how sure that is where a text does not simply say so."""
        nodes, known = [self._node(kind, notation) for notation in notations], self._knowledge
        sources = dict.fromkeys(known.label(s, self._language) for n in nodes for s in known.source_nodes(n))
        clauses = say(self._language, "why", "list").join(sources)
        marks = dict.fromkeys(mark for n in nodes if (mark := known.mark(n)) is not None)
        support = "".join(say(self._language, "why", "support", support=known.label(m, self._language)) for m in marks)
        return (say(self._language, "why", "clauses", clauses=clauses) if sources else "") + support

    def _node(self, kind: str, notation: str) -> NamedNode:
        if kind not in self._kinds:
            self._kinds[kind] = self._knowledge.by_notation(core(kind))
        return self._kinds[kind][notation]


def text(explanations: Iterable[Explanation], knowledge: Knowledge, language: str, wanted: Wanted = _IN_SHORT) -> str:
    """The explanations as plain text in ``language``; a refused case is named."""
    view = case_view(knowledge, language, wanted)
    template = _template(f"assess.{language}.txt")
    cases = [view.of(explanation) for explanation in explanations]
    return template.render(cases=cases, labels=Labels(knowledge, language))


def case_view(
    knowledge: Knowledge, language: str, wanted: Wanted = _IN_SHORT, headers: Headers = NO_HEADERS
) -> CaseView:
    """The view that lays explanations out in lines, with the words of ``language``.

    A missing fact for which a form has a column is told by the header of that, which ``headers`` gives.
    """
    told = _template(f"conclusion.{language}.txt").make_module({"labels": Labels(knowledge, language, headers)})
    return CaseView(knowledge, language, told, wanted, headers)


def readings(knowledge: Knowledge, language: str) -> str:
    """The disputed readings with their alternatives, the default one first."""
    found = [
        (knowledge.notation(node), node, [(knowledge.notation(a), a) for a in knowledge.alternatives(node)])
        for node in knowledge.graph.instances(core("Reading"))
    ]
    template = _template(f"readings.{language}.txt")
    return template.render(readings=found, knowledge=knowledge, language=language)


def shown(items: Sequence[Shown], whole: Sequence[str], language: str) -> str:
    """A provision with its parts, and the labels of what it is itself a part of."""
    return _template(f"show.{language}.txt").render(shown=items, whole=whole)


def _template(name: str) -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["yuan"] = yuan
    environment.filters["one_line"] = one_line
    environment.filters["label_of"] = lambda notation, labels, kind: labels.of(kind, notation)
    return environment.get_template(name)

"""One provision as a researcher reads it: its wording, its parts, the norms on it, and what refers to what.

What this module is for: gathering from the research graph what the templates tell. What a reader must not break: words
of our own are told as such and never as the text; everything is found by following core vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pyoxigraph import Literal, NamedNode

from yibaolex.catalogue import catalogue, say
from yibaolex.research import Research, in_order, short
from yibaolex.screen import one_line
from yibaolex.terms import BOOLEAN, DEFINITION, LABEL, NOTATION, PART_OF, SKOS, SOURCE, TYPE, core

_FIELDS = {
    "type": ("normType", "hohfeldianPosition"),
    "bearer": ("bearer",),
    "counterparty": ("counterparty",),
    "action": ("actionText",),
    "object": ("objectText",),
    "presupposes": ("presupposedService",),
    "condition": ("conditionText",),
    "exception": ("exceptionText",),
    "open_list": ("openList",),
    "deadline": ("deadlineText",),
    "enforcement": ("enforcement",),
    "coverage": ("sanctionCoverage",),
    "mark": ("mark",),
    "body": ("contactBody",),
    "phone": ("phone",),
    "address": ("postalAddress",),
    "area": ("area",),
    "organ": ("reconsiderationOrgan",),
    "as_of": ("asOf",),
}
_IN_BRIEF = ("normType", "bearer", "conditionText", "exceptionText", "deadlineText", "sanctionCoverage")
_NAMED_IN_BRIEF = {"conditionText": "field_condition", "exceptionText": "field_exception"}
_NOTE = NamedNode(SKOS + "note")
_MOST = 12  # of the things that refer here; the rest is counted


@dataclass(frozen=True)
class Shown:
    """A provision, norm or contact with what is told of it; ``depth`` says how far it lies below the one asked for.

    ``brief`` stands for the wording and the fields of a norm that was not asked for itself.
    """

    depth: int
    path: str
    notation: str
    label: str
    is_norm: bool
    brief: str = ""
    text: str = ""
    paraphrase: str = ""
    quote: str = ""
    definition: str = ""
    note: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    routes: tuple[str, ...] = ()
    leads: tuple[tuple[str, str], ...] = ()
    led: tuple[tuple[str, str], ...] = ()


class ProvisionView:
    """Gathers what is shown of provisions, in one language."""

    def __init__(self, research: Research, language: str) -> None:
        self._research = research
        self._graph = research.graph
        self._language = language

    def of(self, node: NamedNode, depth: int = 0) -> Iterator[Shown]:
        """``node`` and, further in, all its parts, in the order of the text; norms come before the parts."""
        yield self._shown(node, depth)
        for part in self.parts(node):
            yield from self.of(part, depth + 1)

    def whole_of(self, node: NamedNode) -> list[str]:
        """The labels of what ``node`` is a part of, the nearest first."""
        found = []
        above = self._graph.one(node, PART_OF)
        while above is not None:
            found.append(self._link(above))
            above = self._graph.one(above, PART_OF)
        return found

    # --- parts -------------------------------------------------------------------------------------------------------

    def parts(self, node: NamedNode) -> list[NamedNode]:
        """The norms on ``node``, then its parts in the order in which a page prints them, else of their paths."""
        found = sorted(self._graph.subjects(PART_OF, node), key=in_order)
        norms = [part for part in found if self._research.is_a(part, "Norm")]
        others = [part for part in found if part not in norms]
        printed = {part: self._printed_at(part) for part in others}
        if None not in printed.values():
            others.sort(key=lambda part: printed[part] or 0)
        return [*norms, *others]

    @cache  # noqa: B019 - a view lives as long as one command
    def _printed_at(self, node: NamedNode) -> int | None:
        """Where a page first prints ``node`` or a part of it."""
        segments = self._graph.subjects(core("quotes"), node)
        starts = [int(start.value) for s in segments for start in self._graph.objects(s, core("startOffset"))]
        below = [self._printed_at(part) for part in self._graph.subjects(PART_OF, node)]
        return min([*starts, *(start for start in below if start is not None)], default=None)

    # --- one thing ---------------------------------------------------------------------------------------------------

    def _shown(self, node: NamedNode, depth: int) -> Shown:
        notation = self._graph.one(node, NOTATION)
        named = notation.value if notation is not None else ""
        is_norm = self._research.is_a(node, "Norm")
        title = self._research.title(node, self._language)
        if is_norm and depth:
            return self._in_brief(node, Shown(depth, short(node), named, title, is_norm))
        return Shown(
            depth,
            short(node),
            named,
            title,
            is_norm,
            "",
            self._joined(node, core("text")),
            self._joined(node, core("paraphrase")),
            self._quote(node),
            self._joined(node, DEFINITION),
            self._joined(node, _NOTE),
            tuple(self._fields(node)),
            self._routes(node),
            tuple(self._grouped(self._leads(node))),
            tuple(self._grouped(self._led(node))),
        )

    def _in_brief(self, node: NamedNode, names: Shown) -> Shown:
        """A norm below the one asked for: some fields in one line, its routes, and what it refers to besides."""
        told = []
        for name in _IN_BRIEF:
            value = self._joined(node, core(name))
            key = _NAMED_IN_BRIEF.get(name)
            told.append(self._pair(self._say(key), value) if key and value else value)
        routes = self._routes(node)
        passed = core("sanctionVia") if routes else None  # the routes tell it
        leads = self._grouped(pair for pair in self._leads(node) if pair[0] != passed)
        return replace(names, brief=self._say("between").join(filter(None, told)), routes=routes, leads=tuple(leads))

    def _quote(self, node: NamedNode) -> str:
        """The words of the provision on which a norm rests."""
        text = self._graph.one(self._graph.one(node, PART_OF), core("text"))
        start, end = (self._graph.one(node, core(name)) for name in ("spanStart", "spanEnd"))
        return "" if None in (text, start, end) else text.value[int(start.value) : int(end.value)]

    def _fields(self, node: NamedNode) -> Iterator[tuple[str, str]]:
        for key, properties in _FIELDS.items():
            told = [value for name in properties if (value := self._joined(node, core(name)))]
            if told and key == "type":
                told += self._correlatives(node)
            if told:
                yield self._say("field_" + key), self._say("between").join(told)

    def _correlatives(self, node: NamedNode) -> Iterator[str]:
        """What stands on the other side of the positions of a norm, if there is any."""
        positions = self._graph.objects(node, core("hohfeldianPosition"))
        found = {self._joined(position, core("correlative")) for position in positions} - {""}
        if found:
            yield self._pair(self._relation(core("correlative")), self._listed(sorted(found)))

    def _routes(self, node: NamedNode) -> tuple[str, ...]:
        return tuple(map(self._route, sorted(self._graph.objects(node, core("sanctionRoute")), key=in_order)))

    def _route(self, route: NamedNode) -> str:
        """A route in one line: through which clause where to, how exactly, and on which further conditions."""
        objects = self._graph.objects
        gateway, target = (
            self._listed(self._link(node) for node in objects(route, core(name))) for name in ("gateway", "leadsTo")
        )
        told = self._say("route" if gateway else "route_direct", gateway=gateway, target=target)
        for key, name in (
            ("match", core("routeMatch")),
            ("only_for", core("onlyForActor")),
            ("only_if", core("onlyIfText")),
            ("note", _NOTE),
            ("mark", core("mark")),
        ):
            if value := self._joined(route, name):
                told += self._say("route_" + key, value=value)
        return told

    # --- references --------------------------------------------------------------------------------------------------

    def _leads(self, node: NamedNode) -> Iterator[tuple[NamedNode, Any]]:
        """What ``node`` refers to: relation and provision or subject matter, or whatever it rests on."""
        for quad in self._graph.statements(node):
            is_told = quad.object in self._research.provisions or self._research.is_a(quad.object, "SubjectMatter")
            if quad.predicate != PART_OF and (is_told or quad.predicate == SOURCE):
                yield quad.predicate, quad.object

    def _led(self, node: NamedNode) -> Iterator[tuple[NamedNode, Any]]:
        """What refers to ``node``: relation and subject, but for the pages that print it."""
        for quad in self._graph.statements_on(node):
            is_told = isinstance(quad.subject, NamedNode) and quad.predicate not in (PART_OF, TYPE)
            if is_told and not self._research.is_a(quad.subject, "TextSegment"):
                yield quad.predicate, quad.subject

    def _grouped(self, pairs: Iterable[tuple[NamedNode, Any]]) -> Iterator[tuple[str, str]]:
        found: dict[str, set[NamedNode]] = {}
        for relation, node in pairs:
            found.setdefault(self._relation(relation), set()).add(node)
        for relation_label in sorted(found):
            nodes = sorted(found[relation_label], key=in_order)
            told = self._listed(map(self._link, nodes[:_MOST]))
            more = self._say("and_more", number=len(nodes) - _MOST) if len(nodes) > _MOST else ""
            yield relation_label, told + more

    def _relation(self, relation: NamedNode) -> str:
        """The label of a relation; the catalogue has those of other vocabularies."""
        name = relation.value.rpartition("/")[2].rpartition("#")[2]
        known = catalogue(self._language)["relations"].get(name)
        return known or (self._research.title(relation, self._language) if self._graph.one(relation, LABEL) else name)

    # --- words -------------------------------------------------------------------------------------------------------

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, "show", key, **values)

    def _pair(self, heading: str, value: str) -> str:
        return say(self._language, "research", "pair", heading=heading, cell=value)

    def _listed(self, items: Iterable[str]) -> str:
        return self._say("list").join(items)

    def _link(self, node: NamedNode) -> str:
        label = self._research.title(node, self._language)
        return label if label == short(node) else self._say("link", label=label, path=short(node))

    def _joined(self, node: NamedNode, predicate: NamedNode) -> str:
        """The values of ``predicate`` in the language asked for, or in whatever there is."""
        values = self._graph.objects(node, predicate)
        wanted = [v for v in values if getattr(v, "language", None) == self._language]
        return self._listed(sorted(one_line(self._value(value)) for value in wanted or values))

    def _value(self, value: Any) -> str:
        if isinstance(value, NamedNode):
            return self._research.title(value, self._language)
        if isinstance(value, Literal) and value.datatype == BOOLEAN:
            return say(self._language, "why", value.value)
        return value.value

"""JSON cases read into statements.

What this module is for: bytes in, RDF statements out, each with the place it came from. What a reader must not break:
nothing is guessed and nothing is dropped; what cannot be read becomes a fault with its place, and the other cases of
the file go on. Amounts never pass through floating point: a JSON number with a point stays what was written and is
marked as a double, which the shapes refuse.
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from yibaolex.catalogue import LANGUAGES
from yibaolex.faults import Fault, Severity
from yibaolex.jsontext import FloatText, Repeated, UnreadableError, objects, unfit
from yibaolex.knowledge import Knowledge
from yibaolex.ontology import Fact
from yibaolex.screen import shown
from yibaolex.terms import DATE, DECIMAL, DOUBLE, INTEGER, STRING, TYPE, core

MOST_STATEMENTS = 30  # each is compared with each
MOST_UNKNOWN = 100  # names of one case that are told one by one, each with the nearest known one
_MOST_DIGITS = 20  # more are not an amount of yuan; the shapes refuse them
_DAY = len("2024-03-01")
_STATEMENT, _ABOUT, _FACT, _STATED_VALUE = map(core, ("Statement", "about", "fact", "statedValue"))
_DETAILS = ("standing", "statedSource", "evidenceReference", "provisionReliedOn", "foundBy")


@dataclass
class ReadCase:
    """One case as read: its statements with their places, facts and values, and the faults of reading it."""

    node: NamedNode
    place: str
    number: str | None
    triples: list[Quad] = field(default_factory=list)
    places: dict[NamedNode, str] = field(default_factory=dict)
    facts: dict[NamedNode, NamedNode] = field(default_factory=dict)
    values: dict[NamedNode, Any] = field(default_factory=dict)  # as the file has them
    faults: list[Fault] = field(default_factory=list)
    unknown: int = 0  # names that mean nothing


@dataclass(frozen=True)
class ReadFile:
    """The cases of a file, turned into statements as they are asked for: those of a long list need not all be held.

    ``single`` says that the file held one case and not a list.
    """

    items: list[Any]
    single: bool
    reader: CaseReader

    def __iter__(self) -> Iterator[ReadCase]:
        numbers: set[str] = set()
        for position, item in enumerate(self.items):
            yield self.reader.read(position, item, "$" if self.single else f"$[{position}]", numbers)

    @property
    def cases(self) -> list[ReadCase]:
        """All cases."""
        return list(self)


def read_json(data: bytes, knowledge: Knowledge) -> ReadFile:
    """Read one case or a list of cases.

    Raises:
        UnreadableError: the bytes are not UTF-8, not JSON, or neither an object nor a list of objects.
    """
    content = objects(data)
    items = content if isinstance(content, list) else [content]
    if not isinstance(content, (dict, list)) or not items:
        raise UnreadableError(Fault("no-case", "$"))
    return ReadFile(items, isinstance(content, dict), CaseReader(knowledge))


class SharedDetail(NamedTuple):
    """A detail written once for an object; ``facts`` limits it, none means all."""

    key: str
    text: str
    facts: frozenset[NamedNode]


Shared = tuple[SharedDetail, ...]


@dataclass(frozen=True)
class Scope:
    """The case or act whose statements are being read, and the details that all of its statements share."""

    case: ReadCase
    about: NamedNode
    place: str
    shared: Shared

    def fault(
        self,
        code: str,
        place: str,
        values: Mapping[str, Any] | None = None,
        about: NamedNode | None = None,
        severity: Severity = Severity.REFUSED,
    ) -> None:
        """Record what is wrong at ``place``, and the fact or group that it is about."""
        self.case.faults.append(Fault(code, place, values or {}, about, severity))

    def add(self, *triples: Quad) -> None:
        """Add statements of the case."""
        self.case.triples += triples


class CaseReader:
    """Turns JSON objects into the statements of cases and acts."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._facts = {(fact.group, fact.name): fact for fact in knowledge.facts.values()}
        self._groups = knowledge.by_notation(core("FactGroup"))
        self._case_key = knowledge.notation(core("caseNumber"))
        self._acts_key = knowledge.notation(core("hasAct"))
        self._act_key = knowledge.notation(core("actNumber"))
        self._own = (self._case_key, self._acts_key, self._act_key)
        self._value_key = knowledge.notation(core("statedValue"))
        self._unknown = knowledge.notation(core("Unknown"))
        self._details = {knowledge.notation(core(name)): core(name) for name in _DETAILS}
        self._shared = knowledge.by_notation(core("SharedDetail"))
        self._standings = knowledge.by_notation(core("Standing"))

    @cached_property
    def _roles(self) -> dict[str, NamedNode]:
        """The roles of those who state something by notation and label, which are loaded only for this."""
        return self._names_of(core("StatementRole"))

    @cached_property
    def _labelled(self) -> dict[tuple[NamedNode | None, str], str]:
        """The names of facts by group and label, for those who write the label."""
        labels = ((lang, key, fact) for key, fact in self._facts.items() for lang in LANGUAGES)
        return {(group, self._knowledge.label(fact.node, lang)): name for lang, (group, name), fact in labels}

    def _names_of(self, kind: NamedNode) -> dict[str, NamedNode]:
        found = self._knowledge.by_notation(kind)
        labelled = {self._knowledge.label(node, lang): node for node in found.values() for lang in ("zh", "en")}
        return {name.lower(): node for name, node in {**labelled, **found}.items()}

    def read(self, position: int, item: Any, place: str, taken: set[str]) -> ReadCase:
        """Read the case at ``position`` of its file, where ``taken`` are the numbers of those before it."""
        fault = unfit(item, place)
        node = NamedNode(_minted(position, item if fault is None else fault.code))
        case = ReadCase(node, place, None)
        if fault is not None:
            case.faults.append(fault)
            return case
        if not isinstance(item, dict):
            case.faults.append(Fault("case-not-object", place))
            return case
        acts = item.get(self._acts_key)
        scope = self._open(case, node, item, place, core("Case"), position)
        case.number = self._identifier(scope, item, self._case_key, core("caseNumber"), taken)
        own = () if acts else (self._act_key,)
        self._statements(scope, _without(item, self._case_key, self._acts_key, *own))
        if acts is not None and not isinstance(acts, list):
            scope.fault("acts-not-list", f"{place}.{self._acts_key}")
            return case
        numbers: set[str] = set()
        for index, act in enumerate(acts or [{key: item[key] for key in own if key in item}]):
            self._act(scope, index, act, f"{place}.{self._acts_key}[{index}]" if acts else place, numbers)
        if case.unknown > MOST_UNKNOWN:
            scope.fault("unknown-facts-more", place, {"number": case.unknown - MOST_UNKNOWN})
        return case

    def _act(self, scope: Scope, index: int, item: Any, place: str, taken: set[str]) -> None:
        if not isinstance(item, dict):
            scope.fault("act-not-object", place)
            return
        node = _part(scope.about, f"act-{index}")
        scope.add(Quad(scope.about, core("hasAct"), node))
        inner = self._open(scope.case, node, item, place, core("Act"), index, scope.shared)
        self._identifier(inner, item, self._act_key, core("actNumber"), taken)
        self._statements(inner, _without(item, self._act_key))

    def _open(
        self,
        case: ReadCase,
        node: NamedNode,
        item: dict,
        place: str,
        kind: NamedNode,
        position: int,
        outer: Shared = (),
    ) -> Scope:
        """Enter the case or act ``node``, with the details that its statements share."""
        case.places[node] = place
        case.triples += [Quad(node, TYPE, kind), _position(node, position)]
        scope = Scope(case, node, place, outer)
        own = [self._shared_detail(scope, name, item[name]) for name in item if name in self._shared]
        return Scope(case, node, place, (*outer, *(detail for detail in own if detail is not None)))

    def _shared_detail(self, scope: Scope, name: str, text: Any) -> SharedDetail | None:
        """A detail written once for an object; None if it is null or faulty."""
        graph, node = self._knowledge.rules, self._shared[name]
        key = self._knowledge.notation(graph.one(node, core("suppliesDetail")))
        if not self._is_detail(scope, key, text, f"{scope.place}.{name}", None):
            return None
        return SharedDetail(key, text, frozenset(graph.objects(node, core("forFact"))))

    def _identifier(self, scope: Scope, item: dict, key: str, relation: NamedNode, taken: set[str]) -> str | None:
        """Read the number of a case or act; ``taken`` are those of its kind before it."""
        value = item.get(key)
        if value is None:
            return None
        if isinstance(value, (bool, FloatText)) or not isinstance(value, (str, int)):
            scope.fault("identifier-not-text", f"{scope.place}.{key}", {"shown": shown(value)})
            return None
        scope.add(Quad(scope.about, relation, Literal(str(value))))
        if str(value) in taken:
            scope.fault("number-taken", f"{scope.place}.{key}", {"shown": shown(value)}, severity=Severity.NOTED)
        taken.add(str(value))
        return str(value)

    def _statements(self, scope: Scope, item: dict) -> None:
        for key, value in item.items():
            where = f"{scope.place}.{shown(key)}"
            if isinstance(key, Repeated):
                scope.fault("duplicate-key", where, {"name": shown(key)})
            elif key in self._groups:
                self._group(scope, self._groups[key], value, where)
            elif (None, key) in self._facts:
                self._fact(scope, self._facts[None, key], value, where)
            elif key not in self._shared:
                self._unknown_name(scope, key, None, where)

    def _group(self, scope: Scope, group: NamedNode, value: Any, place: str) -> None:
        members = {name: fact for (owner, name), fact in self._facts.items() if owner == group}
        scope.add(Quad(scope.about, core("states"), group))
        if value is None or value == self._unknown:
            value = dict.fromkeys(members)
        if not isinstance(value, dict):
            scope.fault("group-not-object", place, {"example": next(iter(members))}, group)
            return
        for key, item in value.items():
            where = f"{place}.{shown(key)}"
            if isinstance(key, Repeated):
                scope.fault("duplicate-key", where, {"name": shown(key)})
            elif key in members:
                self._fact(scope, members[key], item, where)
            else:
                self._unknown_name(scope, key, group, where)

    def _unknown_name(self, scope: Scope, key: str, group: NamedNode | None, place: str) -> None:
        if key.startswith("@"):
            scope.fault("keyword", place, {"name": shown(key)})
            return
        if key in self._own:
            on_case = _joined(self._case_key, self._acts_key)
            scope.fault("misplaced", place, {"name": key, "on_case": on_case, "on_act": self._act_key})
            return
        scope.case.unknown += 1
        if scope.case.unknown > MOST_UNKNOWN:
            return
        import difflib

        names = [name for owner, name in self._facts if owner == group]
        names += [*self._own, *self._groups, *self._shared] if group is None else []
        near = [self._labelled[group, key]] if (group, key) in self._labelled else []
        near = near or difflib.get_close_matches(key.lower(), names, 1, 0.5)
        code = "unknown-fact-near" if near else "unknown-fact"
        scope.fault(code, place, {"name": shown(key), "nearest": near[0] if near else ""})

    def _fact(self, scope: Scope, fact: Fact, value: Any, place: str) -> None:
        values = value if isinstance(value, list) else [value]
        if not values:
            scope.fault("no-statement", place, about=fact.node)
        if len(values) > MOST_STATEMENTS:
            scope.fault("too-many-statements", place, {"number": len(values), "most": MOST_STATEMENTS}, fact.node)
            return
        for index, one in enumerate(values):
            where = f"{place}[{index}]" if isinstance(value, list) else place
            node = _part(scope.about, f"{fact.node.value.rpartition('#')[2]}-{index}")
            scope.case.triples.extend(self._statement(scope, node, fact, one, where))
        if len(values) > 1:
            scope.add(Quad(scope.case.node, core("severalStatementsOf"), fact.node))

    def _statement(self, scope: Scope, node: NamedNode, fact: Fact, value: Any, place: str) -> Iterator[Quad]:
        yield Quad(node, TYPE, _STATEMENT)
        yield Quad(node, _ABOUT, scope.about)
        yield Quad(node, _FACT, fact.node)
        scope.case.places[node], scope.case.facts[node] = place, fact.node
        details = {d.key: d.text for d in scope.shared if not d.facts or fact.node in d.facts}
        if isinstance(value, dict):
            if self._value_key not in value:
                scope.fault("no-value", place, {"name": self._value_key}, fact.node)
            details |= _without(value, self._value_key)
            value = value.get(self._value_key)
        for key, detail in details.items():
            yield from self._detail(scope, node, fact, key, detail, f"{place}.{shown(key)}")
        if isinstance(value, (dict, list)):
            scope.fault("value-not-scalar", place, {"shown": shown(value)}, fact.node)
        elif value is None or value == self._unknown:
            yield Quad(node, _STATED_VALUE, core("Unknown"))
        else:
            for kind in fact.statements:
                yield Quad(node, TYPE, kind)
            scope.case.values[node] = value
            yield Quad(node, _STATED_VALUE, _literal(value, fact.datatype))

    def _detail(self, scope: Scope, node: NamedNode, fact: Fact, key: str, text: Any, place: str) -> Iterator[Quad]:
        if not self._is_detail(scope, key, text, place, fact.node):
            return
        relation = self._details[key]
        if relation == core("standing"):
            yield Quad(node, relation, self._standings[text])
            return
        yield Quad(node, relation, Literal(text))
        role = self._roles.get(text.strip().lower()) if relation == core("statedSource") else None
        if role is not None:
            yield Quad(node, core("statedBy"), role)
            yield from (Quad(node, TYPE, kind) for kind in self._knowledge.rules.objects(role, core("statementClass")))

    def _is_detail(self, scope: Scope, key: str, text: Any, place: str, about: NamedNode | None) -> bool:
        """Whether a detail says something; what is wrong with it is recorded."""
        relation = self._details.get(key)
        if isinstance(key, Repeated):
            scope.fault("duplicate-key", place, {"name": shown(key)}, about)
        elif relation is None and key.startswith("@"):
            scope.fault("keyword", place, {"name": shown(key)}, about)
        elif relation is None:
            known = _joined(self._value_key, *self._details)
            scope.fault("unknown-detail", place, {"name": shown(key), "known": known}, about)
        elif text is None:
            return False
        elif not isinstance(text, str) or isinstance(text, FloatText) or not text.strip():
            scope.fault("detail-not-text", place, {"shown": shown(text)}, about)
        elif relation == core("standing") and text not in self._standings:
            known = _joined(*self._standings)
            scope.fault("unknown-status", place, {"shown": shown(text), "known": known}, about)
        else:
            return True
        return False


def _without(item: dict, *keys: str) -> dict:
    """``item`` without ``keys``."""
    return {key: value for key, value in item.items() if key not in keys}


def _joined(*names: str) -> str:
    return ", ".join(names)


_LEXICAL = {
    DECIMAL: re.compile(r"(?!-0*[.]?0*\Z)[+-]?[0-9]+([.][0-9]+)?"),
    DATE: re.compile(r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?"),
}


def _literal(value: Any, datatype: NamedNode) -> Literal:
    """The literal for a JSON value where the fact has ``datatype``; what does not fit keeps the type it has.

    Text outside the lexical space of the datatype stays text: the engines' libraries read more than the standard
    allows, each something else.
    """
    if isinstance(value, bool):
        return Literal(value)
    if isinstance(value, FloatText):
        return Literal(str(value), datatype=DOUBLE)
    if isinstance(value, int):
        exact = datatype == DECIMAL
        return Literal(_to_the_fen(str(value)) if exact else str(value), datatype=DECIMAL if exact else INTEGER)
    lexical = _LEXICAL.get(datatype)
    if lexical is None or not lexical.fullmatch(value) or (datatype == DATE and not _is_day(value[:_DAY])):
        return Literal(value, datatype=STRING)
    return Literal(_to_the_fen(value) if datatype == DECIMAL else value, datatype=datatype)


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _to_the_fen(amount: str) -> str:
    """An amount that can be written to the fen, so written: equal amounts must be equal terms on every engine."""
    digits, _, decimals = amount.partition(".")
    return f"{Decimal(amount):.2f}" if len(decimals) <= 2 and len(digits) <= _MOST_DIGITS else amount


def _minted(position: int, item: Any) -> str:
    """The IRI of a case: the same for the same content at the same place, and for no other."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{position}:{json.dumps(item, default=str)}").urn


def _part(whole: NamedNode, name: str) -> NamedNode:
    """The IRI of a part of a case or act."""
    return NamedNode(f"{whole.value}{'/' if '#' in whole.value else '#'}{name}")


def _position(node: NamedNode, position: int) -> Quad:
    return Quad(node, core("position"), Literal(str(position), datatype=INTEGER))

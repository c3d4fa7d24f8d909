"""JSON cases read into statements.

What this module is for: bytes in, RDF statements out, each with the place it came from. What a reader must not break:
nothing is guessed and nothing is dropped; what cannot be read becomes a fault with its place, and the other cases of
the file go on. Amounts never pass through floating point: a JSON number with a point stays what was written and is
marked as a double, which the shapes refuse.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from yibaolex.faults import Fault
from yibaolex.knowledge import Fact, Knowledge
from yibaolex.terms import DATE, DECIMAL, DOUBLE, INTEGER, STRING, TYPE, core

DEEPEST = 40
_DETAILS = ("standing", "statedSource", "evidenceReference", "provisionReliedOn", "foundBy")


class FloatText(str):
    """A JSON number with a point or an exponent, as it was written."""


@dataclass(frozen=True)
class Pair:
    """A key of a JSON object that stands more than once."""

    key: str


@dataclass
class ReadCase:
    """One case as read: its statements with their places, facts and values, and the faults of reading it."""

    node: NamedNode
    place: str
    number: str | None
    triples: list[Triple] = field(default_factory=list)
    places: dict[NamedNode, str] = field(default_factory=dict)
    facts: dict[NamedNode, NamedNode] = field(default_factory=dict)
    values: dict[NamedNode, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class ReadFile:
    """The cases of a file; ``single`` says that the file held one case and not a list."""

    cases: list[ReadCase]
    single: bool


class UnreadableError(ValueError):
    """The file as a whole cannot be read; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def read_json(data: bytes, knowledge: Knowledge) -> ReadFile:
    """Read one case or a list of cases.

    Raises:
        UnreadableError: the bytes are not UTF-8, not JSON, or neither an object nor a list of objects.
    """
    content = _parse(data)
    items = content if isinstance(content, list) else [content]
    if not isinstance(content, (dict, list)) or not items:
        raise UnreadableError(Fault("no-case", "$"))
    reader = CaseReader(knowledge)
    places = [f"$[{i}]" for i in range(len(items))] if isinstance(content, list) else ["$"]
    return ReadFile(
        [reader.read(i, item, place) for i, (item, place) in enumerate(zip(items, places, strict=True))],
        isinstance(content, dict),
    )


def _parse(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(Fault("not-utf8", "$", {"position": error.start})) from error
    if not text.strip():
        raise UnreadableError(Fault("empty-file", "$"))
    try:
        return json.loads(text, parse_float=FloatText, parse_constant=FloatText, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        place = f"{error.lineno}:{error.colno}"
        raise UnreadableError(Fault("not-json", place, {"line": error.lineno, "column": error.colno})) from error
    except (RecursionError, ValueError) as error:
        raise UnreadableError(Fault("too-deep-or-large", "$")) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    """A JSON object; a repeated key is kept apart under ``Pair`` so that nothing is lost in silence."""
    found: dict[Any, Any] = {}
    for key, value in pairs:
        found[Pair(key) if key in found else key] = value
    return found


class CaseReader:
    """Turns JSON objects into the statements of cases and acts."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._facts = {(fact.group, fact.name): fact for fact in knowledge.facts.values()}
        self._groups = knowledge.by_notation(core("FactGroup"))
        self._case_key = knowledge.notation(core("caseNumber"))
        self._acts_key = knowledge.notation(core("hasAct"))
        self._act_key = knowledge.notation(core("actNumber"))
        self._value_key = knowledge.notation(core("statedValue"))
        self._unknown = knowledge.notation(core("Unknown"))
        self._metadata = {knowledge.notation(core(name)): core(name) for name in _DETAILS}
        self._standings = knowledge.by_notation(core("Standing"))
        self._roles = self._names_of(core("StatementRole"))

    def _names_of(self, kind: NamedNode) -> dict[str, NamedNode]:
        found = self._knowledge.by_notation(kind)
        labelled = {self._knowledge.label(node, lang): node for node in found.values() for lang in ("zh", "en")}
        return {**labelled, **found}

    def read(self, position: int, item: Any, place: str) -> ReadCase:
        """Read the case at ``position`` of its file."""
        node = NamedNode(f"urn:yibaolex:case:{position}")
        case = ReadCase(node, place, None)
        if not isinstance(item, dict):
            case.faults.append(Fault("case-not-object", place))
            return case
        case.places[node] = place
        case.triples += [Triple(node, TYPE, core("Case")), _position(node, position)]
        case.number = self._identifier(case, item, self._case_key, node, core("caseNumber"), place)
        acts = item.get(self._acts_key)
        rest = {key: value for key, value in item.items() if key not in (self._case_key, self._acts_key)}
        self._statements(case, node, rest, place, not acts)
        self._acts(case, acts, place)
        return case

    def _acts(self, case: ReadCase, acts: Any, place: str) -> None:
        if acts is not None and not isinstance(acts, list):
            case.faults.append(Fault("acts-not-list", f"{place}.{self._acts_key}"))
            return
        for index, item in enumerate(acts or [{}]):
            node = NamedNode(f"{case.node.value}:act:{index}")
            where = f"{place}.{self._acts_key}[{index}]" if acts else place
            case.places[node] = where
            case.triples += [
                Triple(case.node, core("hasAct"), node),
                Triple(node, TYPE, core("Act")),
                _position(node, index),
            ]
            if not isinstance(item, dict):
                case.faults.append(Fault("act-not-object", where))
                continue
            self._identifier(case, item, self._act_key, node, core("actNumber"), where)
            self._statements(case, node, {k: v for k, v in item.items() if k != self._act_key}, where, False)

    def _identifier(self, case: ReadCase, item: dict, key: str, node: NamedNode, relation: NamedNode, place: str):
        value = item.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            case.faults.append(Fault("identifier-not-text", f"{place}.{key}", {"shown": _shown(value)}))
            return None
        case.triples.append(Triple(node, relation, Literal(str(value))))
        return str(value)

    def _statements(self, case: ReadCase, about: NamedNode, item: dict, place: str, act_key_allowed: bool) -> None:
        for key, value in item.items():
            where = f"{place}.{key.key if isinstance(key, Pair) else key}"
            if isinstance(key, Pair):
                case.faults.append(Fault("duplicate-key", where, {"name": key.key}))
            elif key == self._act_key and act_key_allowed:
                case.triples.append(Triple(NamedNode(f"{about.value}:act:0"), core("actNumber"), Literal(str(value))))
            elif key in self._groups:
                self._group(case, about, self._groups[key], value, where)
            elif (None, key) in self._facts:
                self._fact(case, about, self._facts[None, key], value, where)
            else:
                case.faults.append(self._unknown_name(key, None, where))

    def _group(self, case: ReadCase, about: NamedNode, group: NamedNode, value: Any, place: str) -> None:
        members = {name: fact for (owner, name), fact in self._facts.items() if owner == group}
        case.triples.append(Triple(about, core("states"), group))
        if value is None or value == self._unknown:
            value = dict.fromkeys(members)
        if not isinstance(value, dict):
            case.faults.append(Fault("group-not-object", place, {"example": next(iter(members))}, fact=group))
            return
        for key, item in value.items():
            where = f"{place}.{key.key if isinstance(key, Pair) else key}"
            if isinstance(key, Pair):
                case.faults.append(Fault("duplicate-key", where, {"name": key.key}))
            elif key in members:
                self._fact(case, about, members[key], item, where)
            else:
                case.faults.append(self._unknown_name(key, group, where))

    def _unknown_name(self, key: str, group: NamedNode | None, place: str) -> Fault:
        names = [name for owner, name in self._facts if owner == group]
        names += list(self._groups) if group is None else []
        near = difflib.get_close_matches(key, names, 1, 0.5)
        code = "unknown-fact-near" if near else "unknown-fact"
        return Fault(code, place, {"name": key, "nearest": near[0] if near else ""})

    def _fact(self, case: ReadCase, about: NamedNode, fact: Fact, value: Any, place: str) -> None:
        values = value if isinstance(value, list) else [value]
        if isinstance(value, list) and not value:
            case.faults.append(Fault("no-statement", place, fact=fact.node))
        for index, one in enumerate(values):
            where = f"{place}[{index}]" if isinstance(value, list) else place
            node = NamedNode(f"{about.value}:{fact.node.value.rpartition('#')[2]}:{index}")
            case.triples += self._statement(case, node, about, fact, one, where)
        if len(values) > 1:
            case.triples.append(Triple(case.node, core("severalStatementsOf"), fact.node))

    def _statement(
        self, case: ReadCase, node: NamedNode, about: NamedNode, fact: Fact, value: Any, place: str
    ) -> Iterator[Triple]:
        yield Triple(node, TYPE, core("Statement"))
        yield Triple(node, core("about"), about)
        yield Triple(node, core("fact"), fact.node)
        yield Triple(node, core("place"), Literal(place))
        case.places[node], case.facts[node] = place, fact.node
        if isinstance(value, dict):
            if self._value_key not in value:
                case.faults.append(Fault("no-value", place, {"name": self._value_key}, fact=fact.node))
            yield from self._details(case, node, fact, value, place)
            value = value.get(self._value_key)
        if isinstance(value, (dict, list)):
            case.faults.append(Fault("value-not-scalar", place, {"shown": _shown(value)}, fact=fact.node))
        elif value is None or value == self._unknown:
            yield Triple(node, core("statedValue"), core("Unknown"))
        else:
            yield from (Triple(node, TYPE, kind) for kind in fact.statements)
            literal = _literal(value, fact.datatype)
            case.values[node] = _shown(literal.value)
            yield Triple(node, core("statedValue"), literal)

    def _details(self, case: ReadCase, node: NamedNode, fact: Fact, value: dict, place: str) -> Iterator[Triple]:
        for key, detail in value.items():
            if key == self._value_key or detail is None:
                continue
            where = f"{place}.{key.key if isinstance(key, Pair) else key}"
            relation = self._metadata.get(key) if isinstance(key, str) else None
            if relation is None:
                name = key.key if isinstance(key, Pair) else key
                near = difflib.get_close_matches(name, [self._value_key, *self._metadata], 1, 0.5)
                case.faults.append(
                    Fault(
                        "unknown-detail",
                        where,
                        {
                            "name": name,
                            "known": ", ".join([self._value_key, *self._metadata]),
                            "nearest": near[0] if near else "",
                        },
                        fact=fact.node,
                    )
                )
            elif not isinstance(detail, str) or not detail.strip():
                case.faults.append(Fault("detail-not-text", where, {"shown": _shown(detail)}, fact=fact.node))
            elif relation == core("standing"):
                yield from self._standing(case, node, fact, detail, where)
            else:
                yield Triple(node, relation, Literal(detail))
                if relation == core("statedSource") and detail in self._roles:
                    yield Triple(node, core("statedBy"), self._roles[detail])

    def _standing(self, case: ReadCase, node: NamedNode, fact: Fact, name: str, place: str) -> Iterator[Triple]:
        if name in self._standings:
            yield Triple(node, core("standing"), self._standings[name])
        else:
            case.faults.append(
                Fault("unknown-status", place, {"shown": name, "known": ", ".join(self._standings)}, fact=fact.node)
            )


def _literal(value: Any, datatype: NamedNode) -> Literal:
    """The literal for a JSON value where the fact has ``datatype``; what does not fit keeps the type it has."""
    if isinstance(value, bool):
        return Literal(value)
    if isinstance(value, FloatText):
        return Literal(str(value), datatype=DOUBLE)
    if isinstance(value, int):
        return Literal(str(value), datatype=DECIMAL if datatype == DECIMAL else INTEGER)
    return Literal(value, datatype=datatype if datatype in (DECIMAL, DATE) else STRING)


def _position(node: NamedNode, position: int) -> Triple:
    return Triple(node, core("position"), Literal(str(position), datatype=INTEGER))


def _shown(value: Any) -> str:
    """A value as it may be shown in a message: short, and on one line."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

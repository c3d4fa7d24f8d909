"""The questions that the package ships: queries with a header that says what they ask, with what, and how to show it.

What this module is for: reading ``queries/research/*.rq`` and binding the values that a researcher gives. What a
reader must not break: a value enters a query only as a term that the RDF library has written, never as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from pyoxigraph import Literal, NamedNode

from yibaolex import resources
from yibaolex.catalogue import LANGUAGES, catalogue, say
from yibaolex.research import FEW, Problem, Research, closest, folded, in_order
from yibaolex.terms import DATE, core

_FOLDER = "queries/research"
_PLACEHOLDER = re.compile(r"[?$](_\w+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LANGUAGE = "_lang"
PROVISION, _TRUTH = "provision", "truth"  # kinds that are treated apart
_INSTANCE, _VALUE = "iri", "value"  # kinds of parameter that are chosen among things of the knowledge base
FIRST = 8  # values that are told of a list that is too long to be told
_MOST = 8  # questions that are suggested for a word of their summaries


@dataclass(frozen=True)
class Parameter:
    """What may be chosen in a question: its name, what kind of value it takes, its default if any, and its labels."""

    name: str
    kind: str
    default: str
    labels: Mapping[str, str]

    @property
    def variable(self) -> str:
        """The variable that stands for it in the query."""
        return "_" + self.name.replace("-", "_")

    def term(self, given: str, research: Research, language: str) -> NamedNode | Literal:
        """The term for a value as a researcher writes it.

        Raises:
            Problem: it means nothing.
        """
        if self.relations or self.kind_class:
            return self._named(given, research, language)
        return _READERS[self.kind](given, research, language)

    def told(self, given: str, language: str) -> str:
        """A value as a reader of ``language`` would write it."""
        if self.kind != _TRUTH or not given.strip():
            return given
        return say(language, "why", str(_truth(given).value).lower())

    @property
    def kind_class(self) -> NamedNode | None:
        """The class whose instances may be chosen, if it is such a parameter."""
        kind, *names = self.kind.split()
        return core(names[0]) if kind == _INSTANCE else None

    @property
    def relations(self) -> tuple[NamedNode, ...]:
        """The relation whose objects may be chosen, and the one along which more may, if it is such a parameter."""
        kind, *names = self.kind.split()
        return tuple(core(name) for name in names) if kind == _VALUE else ()

    def allowed(self, research: Research) -> list[NamedNode]:
        """The things that may be chosen, in the order of their paths; none where any value may be written."""
        found = research.values_of(*self.relations) if self.relations else ()
        return sorted(research.instances_of(self.kind_class) if self.kind_class else found, key=in_order)

    def _named(self, given: str, research: Research, language: str) -> NamedNode:
        allowed = self.allowed(research)
        try:
            return research.called_among(given, allowed, language)
        except Problem as problem:
            if problem.key == "several-called":
                raise
            far = problem.key == "no-name"
            known = research.listed(allowed[:FIRST], language) if far else problem.values["known"]
            key = "no-value" if far or len(allowed) <= FEW else "unknown-value"
            raise Problem(key, name=given, known=known, number=len(allowed), parameter=self.name) from problem


@dataclass(frozen=True)
class Column:
    """What is shown of an answer: a variable under a heading."""

    variable: str
    headings: Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """A query with what its header says; ``notes``, if any, is what a reader of the answer may take wrongly."""

    name: str
    query: str
    summaries: Mapping[str, str]
    notes: Mapping[str, str]
    clauses: tuple[str, ...]
    basis: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]

    def bound(self, values: Mapping[str, str], research: Research, language: str) -> str:
        """The query with ``values`` for its parameters; one without a value or default stays a variable.

        Raises:
            Problem: a value means nothing.
        """
        return self.filled(self.terms(values, research, language))

    def filled(self, terms: Mapping[str, NamedNode | Literal]) -> str:
        """The query with ``terms``, by variable, in place of its parameters."""
        return _PLACEHOLDER.sub(lambda found: str(terms.get(found[1], found[0])), self.query)

    def terms(self, values: Mapping[str, str], research: Research, language: str) -> dict[str, NamedNode | Literal]:
        """The terms for ``values`` and defaults, by variable.

        Raises:
            Problem: a value means nothing.
        """
        terms: dict[str, NamedNode | Literal] = {_LANGUAGE: Literal(language)}
        for parameter in self.parameters:
            given = values.get(parameter.name, parameter.default)
            if parameter.default and not given.strip():
                raise Problem("empty-value", name=parameter.name)
            if given:
                terms[parameter.variable] = parameter.term(given, research, language)
        return terms


@cache
def questions() -> dict[str, Question]:
    """The questions by name, in the order of their names."""
    return {path.stem: read_question(path.stem, resources.text(path)) for path in resources.files(_FOLDER, ".rq")}


def question_called(name: str) -> Question:
    """The question ``name``.

    Raises:
        Problem: there is none.
    """
    known = questions()
    if name in known:
        return known[name]
    near = closest(name.lower(), known) or about(name)
    raise Problem("unknown-question-near" if near else "unknown-question", name=name, known=", ".join(near))


def about(name: str) -> list[str]:
    """The names of the questions with a tag or, if there are none, a summary that holds ``name`` in any language."""
    word = folded(name)
    tagged, summed = [], []
    for question in questions().values():
        tags = [catalogue(language)["tags"].get(tag, tag) for tag in question.tags for language in LANGUAGES]
        if any(word == folded(tag) for tag in (*tags, *question.tags)):
            tagged.append(question.name)
        if any(word in folded(summary) for summary in question.summaries.values()):
            summed.append(question.name)
    return tagged or summed[:_MOST] if word else []


def read_question(name: str, text: str) -> Question:
    """The question ``name`` with the header of ``text``.

    Raises:
        KeyError: a field is missing, or told in one language only.
        ValueError: a line of the header has too many or too few fields, or names no kind.
    """
    values, lists = _header(text)
    return Question(
        name,
        text,
        {"zh": values["summary-zh"], "en": values["summary"]},
        {"zh": values["note-zh"], "en": values["note"]} if {"note", "note-zh"} & values.keys() else {},
        tuple(values["clause"].split()),
        values.get("basis", ""),
        tuple(lists["tags"]),
        tuple(_parameter(line) for line in lists.get("params", [])),
        tuple(_column(line) for line in lists["columns"]),
    )


def _header(text: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The values and the lists of a header."""
    values: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith("#+"):
            break
        content = line.removeprefix("#+").strip()
        if content.startswith("- "):
            lists[next(reversed(values))].append(content[2:].strip())
        else:
            key, _, value = content.partition(":")
            values[key.strip()] = value.strip()
            lists[key.strip()] = []
    return values, lists


def _parameter(line: str) -> Parameter:
    name, kind, default, chinese, english = (part.strip() for part in line.split("|"))
    if not _KIND.fullmatch(kind):
        raise ValueError(line)
    return Parameter(name, kind, default, {"zh": chinese, "en": english})


def _column(line: str) -> Column:
    variable, chinese, english = (part.strip() for part in line.split("|"))
    return Column(variable, {"zh": chinese, "en": english})


# --- values -----------------------------------------------------------------------------------------------------------


def _provision(given: str, research: Research, language: str) -> NamedNode:
    return research.provision(given, language)


def _text(given: str, _research: Research, _language: str) -> Literal:
    return Literal(given)


def _truth(given: str, *_: object) -> Literal:
    for value in (True, False):
        name = str(value).lower()
        if given.strip().lower() in {name, *(say(language, "why", name) for language in LANGUAGES)}:
            return Literal(value)
    raise Problem("not-truth", shown=given)


def _date(given: str, _research: Research, _language: str) -> Literal:
    try:
        if _DATE.fullmatch(given):
            return Literal(date.fromisoformat(given).isoformat(), datatype=DATE)
    except ValueError:
        pass  # a day that does not exist
    raise Problem("not-a-date", shown=given)


_READERS: dict[str, Callable[[str, Research, str], NamedNode | Literal]] = {
    PROVISION: _provision,
    "text": _text,
    "date": _date,
    _TRUTH: _truth,
}
_KIND = re.compile(rf"{_INSTANCE} \w+|{_VALUE} \w+( \w+)?|" + "|".join(_READERS))

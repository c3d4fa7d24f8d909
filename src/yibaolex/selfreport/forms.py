"""The forms on which institutions report themselves: sheets, columns, values, the words for problems, the duties.

What this module is for: reading ``ontology/forms`` once, so that a template can be written and a filled-in form read.
What a reader must not break: no column, word or charge is named here; a word that may be several kinds of conduct
stays a question, and nothing here decides which it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from yibaolex import resources
from yibaolex.catalogue import LANGUAGES
from yibaolex.expression import Leaf
from yibaolex.knowledge import CORE_TERM, FORMS, Knowledge, default_knowledge
from yibaolex.ontology import Ontology
from yibaolex.research import closest, folded, in_order
from yibaolex.terms import DEFINITION, HIDDEN_LABEL, LABEL, NOTATION, PART_OF, SHORT_LABEL, TYPE, core

SHAPES = "self-report.ttl"


class CellKind(Enum):
    """The form of content that a column asks for; the values are the notations of the ontology."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    DATE = "date"
    YUAN = "yuan"
    COUNT = "count"
    CHOICE = "choice"
    ANSWER = "answer"
    LABEL = "label"


class Track(Enum):
    """How a problem is taken further, judged by its word: charged, asked about, under the contract, or neither."""

    CHARGE = "charge"
    QUESTION = "question"
    CONTRACT = "contract"
    OTHER = "without_charge"


@dataclass(frozen=True)
class Choice:
    """One of a fixed list of values: its spelling, its labels by language, and what else it may be called."""

    notation: str
    labels: Mapping[str, str]
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A place to fill in; ``types`` are the institution types that it can concern, none meaning all.

    ``fact`` is the fact of a case that its content states, ``examples`` is the sample content by language, ``sources``
    is the law of the column, or else of its fact; where there is none, ``purpose`` says what the column is for.
    """

    node: NamedNode
    notation: str
    labels: Mapping[str, str]
    variants: tuple[str, ...]
    help: Mapping[str, str]
    purpose: Mapping[str, str]
    examples: Mapping[str, str]
    kind: CellKind
    required: bool
    fact: str | None
    choices: tuple[Choice, ...]
    sources: tuple[NamedNode, ...]
    types: frozenset[str]


@dataclass(frozen=True)
class Sheet:
    """A page of a form; on a vertical one the headers stand in the first column and the contents to their right.

    ``printed`` are the notations of the columns that are filled in beforehand, ``closing`` the words with which a line
    below the contents begins, ``nothing`` patterns for what says that nothing was found; a page without columns is
    not read.
    """

    node: NamedNode
    notation: str
    labels: Mapping[str, str]
    variants: tuple[str, ...]
    columns: tuple[Column, ...]
    vertical: bool
    printed: frozenset[str]
    closing: frozenset[str]
    nothing: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """A word under which problems are reported, with the charges that such a problem may be (none, one or several)."""

    node: NamedNode
    notation: str
    labels: Mapping[str, str]
    variants: tuple[str, ...]
    definition: Mapping[str, str]
    conduct: tuple[str, ...]
    track: Track
    question: Mapping[str, str]
    types: frozenset[str]
    sources: tuple[NamedNode, ...]


@dataclass(frozen=True)
class Duty:
    """An item of the list of duties, with the charge that leaving it undone is, if it is one."""

    node: NamedNode
    notation: str
    labels: Mapping[str, str]
    conduct: str | None
    types: frozenset[str]
    sources: tuple[NamedNode, ...]


@dataclass(frozen=True)
class Form:
    """A form: its sheets, the facts that filling it in states by itself, and the leniency it may contribute to."""

    node: NamedNode
    notation: str
    labels: Mapping[str, str]
    sheets: tuple[Sheet, ...]
    given: Mapping[str, str]
    circumstances: tuple[NamedNode, ...]


class Forms:
    """The forms that the package ships, read on top of ``knowledge``."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._own = Ontology(form_paths())
        self._graph = self._own.graph

    # --- what there is -----------------------------------------------------------------------------------------------

    @cached_property
    def forms(self) -> dict[str, Form]:
        """The forms by notation."""
        found = (self._form(node) for node in self._graph.instances(core("Form")))
        return {form.notation: form for form in found}

    def facts_of(self, condition: NamedNode) -> list[NamedNode]:
        """The facts that ``condition`` tests, each once, in the order of its text."""
        found = self.knowledge.nodes[condition]
        if isinstance(found, Leaf):
            return [found.fact]
        return list(dict.fromkeys(fact for operand in found.operands for fact in self.facts_of(operand.node)))

    def found_for(self, circumstance: NamedNode) -> list[NamedNode]:
        """The facts that the authority must find before a ``circumstance`` that reporting may bring holds.

        What the party may not state; where it may state all of them, all, since nobody lightens a penalty for himself.
        """
        facts, party = self.facts_of(circumstance), core("Party")
        sources = {fact: self.knowledge.graph.objects(fact, core("suppliedBy")) for fact in facts}
        return [fact for fact in facts if party not in sources[fact]] or facts

    @cached_property
    def to_be_found(self) -> frozenset[NamedNode]:
        """The facts that no self-report settles: those that only the authority may find, and those it must find for
        a circumstance that reporting may bring.
        """
        brought = {circumstance for form in self.forms.values() for circumstance in form.circumstances}
        return self.knowledge.authority_only.union(*map(self.found_for, brought))

    def article_of(self, provision: NamedNode) -> NamedNode:
        """The part of an instrument, and of nothing smaller, that ``provision`` belongs to."""
        whole = self.knowledge.graph.one(provision, PART_OF)
        is_article = whole is None or self.knowledge.graph.one(whole, PART_OF) is None
        return provision if is_article else self.article_of(whole)

    def concerning(self, provisions: Iterable[NamedNode]) -> list[NamedNode]:
        """Those of ``provisions`` that may concern whoever fills in a form."""
        return [provision for provision in provisions if self.article_of(provision) not in self._foreign]

    @cached_property
    def _foreign(self) -> frozenset[NamedNode]:
        """The articles that, by what filling in any of the forms says, cannot apply to who fills it in."""
        given = [self._given(node) for node in self._graph.instances(core("Form"))]
        decided = [self.knowledge.decider.decide(facts) for facts in given]
        articles = self.knowledge.graph.instances(core("AppliedArticle"))
        found = (article for article in articles if all(truth.get(article) is False for truth in decided))
        return frozenset(map(self.article_of, chain.from_iterable(map(self.knowledge.source_nodes, found))))

    def form(self, notation: str) -> Form:
        """The form ``notation``.

        Raises:
            KeyError: there is none.
        """
        return self.forms[notation]

    @cached_property
    def issued(self) -> Form:
        """The form that the package writes out: the one with instructions, a sheet without columns."""
        return next(form for form in self.forms.values() if not all(sheet.columns for sheet in form.sheets))

    @cached_property
    def labels(self) -> dict[str, Label]:
        """The words for problems by notation: those that mean one charge first, each group in the order of charges."""
        found = map(self._label, sorted(self._graph.instances(core("ClaimedLabel")), key=self._rank))
        return {label.notation: label for label in found}

    def _rank(self, node: NamedNode) -> tuple:
        charges = sorted(map(in_order, self._graph.objects(node, core("mayBe"))))
        return (self._one(node, "question") is not None or not charges, not charges, charges, node.value)

    @cached_property
    def duties(self) -> dict[str, Duty]:
        """The items of the list of duties by notation, in order."""
        found = map(self._duty, sorted(self._graph.instances(core("ChecklistItem")), key=in_order))
        return {duty.notation: duty for duty in found}

    @cached_property
    def types(self) -> dict[str, Choice]:
        """The institution types by notation."""
        found = map(self._choice, self._graph.instances(core("InstitutionType")))
        return {choice.notation: choice for choice in found}

    @cached_property
    def replies(self) -> dict[str, Choice]:
        """The answers to a question of whether something is so, by notation."""
        kind = self._own.by_notation(core("CellKind"))[CellKind.ANSWER.value]
        found = map(self._choice, self._graph.members(self._one(kind, "offersChoices")))
        return {choice.notation: choice for choice in found}

    @cached_property
    def answers(self) -> dict[str, str]:
        """What an answer may be written as, folded, and its notation: "true", "false" or "unknown"."""
        return {word: reply.notation for reply in self.replies.values() for word in called(reply)}

    @cached_property
    def units(self) -> dict[str, Decimal]:
        """What a unit of money may be written as, folded, and its factor to yuan."""
        found = ((node, self._choice(node)) for node in self._graph.instances(core("MoneyUnit")))
        return {word: Decimal(self._one(node, "yuan").value) for node, unit in found for word in called(unit)}

    @cached_property
    def background(self) -> list[Quad]:
        """The part of the forms that the shapes of cells read, to be loaded beside the cells."""
        names = CORE_TERM.findall(resources.text(resources.folder("shapes") / SHAPES))
        graphs = (self._graph, self.knowledge.graph)
        terms = [core(name) for name in sorted(set(names))]
        found = [quad for term in terms for quad in (*self._graph.quads(term), *self._graph.quads(TYPE, term))]
        values = [*self.knowledge.graph.quads(core("allowedValue")), *self._offered()]
        notations = (quad for graph in graphs for quad in graph.quads(NOTATION))
        return [*dict.fromkeys([*found, *values, *notations])]

    def _offered(self) -> Iterator[Quad]:
        """Each option of a column directly, so that the shapes need not walk the lists."""
        for quad in self._graph.quads(core("offersChoices")):
            for choice in self._graph.members(quad.object):
                yield Quad(quad.subject, core("offersChoice"), choice)

    # --- names -------------------------------------------------------------------------------------------------------

    @cached_property
    def _called(self) -> dict[str, Label]:
        return {word: label for label in self.labels.values() for word in called(label)}

    def label_called(self, text: str) -> Label | None:
        """The word for problems that ``text`` is a spelling of, or None."""
        return self._called.get(folded(text))

    def near(self, text: str, language: str = LANGUAGES[0]) -> str:
        """The label in ``language`` of the word for problems most like ``text``, or nothing."""
        found = closest(folded(text), self._called)
        return self._called[found[0]].labels[language] if found else ""

    # --- reading -----------------------------------------------------------------------------------------------------

    def _one(self, node: NamedNode, name: str) -> Any:
        return self._graph.one(node, core(name))

    def _notations(self, node: NamedNode, name: str) -> list[str]:
        return sorted(self._own.notation(found) for found in self._graph.objects(node, core(name)))

    def _texts(self, node: NamedNode, predicate: NamedNode) -> dict[str, str]:
        """The texts of ``predicate`` by language; one without a language is the same in all."""
        found = {text.language: text.value for text in self._graph.objects(node, predicate)}
        return {lang: found.get(lang, found.get(None, "")) for lang in LANGUAGES} if found else {}

    def _variants(self, node: NamedNode) -> tuple[str, ...]:
        found = chain(self._graph.objects(node, SHORT_LABEL), self._graph.objects(node, HIDDEN_LABEL))
        return tuple(sorted({text.value for text in found}))

    def _choice(self, node: NamedNode) -> Choice:
        return Choice(self._own.notation(node), self._texts(node, LABEL), self._variants(node))

    def _value(self, node: NamedNode) -> Choice:
        """A value of a fact of the law, under the label by which readers know it."""
        labels = {lang: self.knowledge.short_label(node, lang) for lang in LANGUAGES}
        return Choice(self.knowledge.notation(node), labels, tuple(self.knowledge.label(node, x) for x in LANGUAGES))

    def _form(self, node: NamedNode) -> Form:
        return Form(
            node,
            self._own.notation(node),
            self._texts(node, LABEL),
            tuple(map(self._sheet, self._graph.members(self._one(node, "sheets")))),
            {self.knowledge.notation(fact): value.value for fact, value in self._given(node).items()},
            tuple(sorted(self._graph.objects(node, core("bringsCircumstance")), key=self.knowledge.notation)),
        )

    def _given(self, form: NamedNode) -> dict[NamedNode, Literal]:
        """The facts that filling in ``form`` states."""
        values = self._graph.objects(form, core("presupposes"))
        of_facts = {self.knowledge.graph.one(value, core("valueOf")): value for value in values}
        return {fact: Literal(self.knowledge.notation(value)) for fact, value in of_facts.items()}

    def _sheet(self, node: NamedNode) -> Sheet:
        return Sheet(
            node,
            self._own.notation(node),
            self._texts(node, LABEL),
            self._variants(node),
            tuple(map(self._column, self._graph.members(self._one(node, "columns")))),
            self._one(node, "vertical") == Literal(True),
            frozenset(self._notations(node, "printedColumn")),
            frozenset(text.value for text in self._graph.objects(node, core("closingWord"))),
            tuple(sorted(text.value for text in self._graph.objects(node, core("nothingPattern")))),
        )

    def _column(self, node: NamedNode) -> Column:
        fact = self._one(node, "fillsFact")
        offered = map(self._choice, self._graph.members(self._one(node, "offersChoices")))
        allowed = sorted(self.knowledge.graph.objects(fact, core("allowedValue")), key=in_order)
        return Column(
            node,
            self._own.notation(node),
            self._texts(node, LABEL),
            self._variants(node),
            self._texts(node, DEFINITION),
            self._texts(node, core("purpose")),
            self._texts(node, core("example")),
            CellKind(self._own.notation(self._one(node, "cellKind"))),
            self._one(node, "required") == Literal(True),
            None if fact is None else self.knowledge.notation(fact),
            (*offered, *map(self._value, allowed)),
            self._rests_on(node, fact),
            frozenset(self._notations(node, "concernsType")),
        )

    def _rests_on(self, column: NamedNode, fact: NamedNode | None) -> tuple[NamedNode, ...]:
        """The provisions on which a column rests: its own, or those of its fact."""
        return tuple(self._own.source_nodes(column) or self.concerning(self.knowledge.source_nodes(fact)))

    def _charges(self, node: NamedNode, name: str) -> tuple[str, ...]:
        return tuple(map(self.knowledge.notation, sorted(self._graph.objects(node, core(name)), key=in_order)))

    def _label(self, node: NamedNode) -> Label:
        return Label(
            node,
            self._own.notation(node),
            self._texts(node, LABEL),
            self._variants(node),
            self._texts(node, DEFINITION),
            self._charges(node, "mayBe"),
            Track(self._own.notation(self._one(node, "track"))),
            self._texts(node, core("question")),
            frozenset(self._notations(node, "concernsType")),
            tuple(self._own.source_nodes(node)),
        )

    def _duty(self, node: NamedNode) -> Duty:
        return Duty(
            node,
            self._own.notation(node),
            self._texts(node, LABEL),
            next(iter(self._charges(node, "breachIs")), None),
            frozenset(self._notations(node, "concernsType")),
            tuple(self._own.source_nodes(node)),
        )


def called(thing: Choice | Column | Sheet | Label) -> set[str]:
    """What ``thing`` may be written as: notation, labels and variants, folded."""
    return {folded(word) for word in (thing.notation, *thing.labels.values(), *thing.variants)}


def form_paths() -> list[Path]:
    """The modules of the forms, which no assessment loads."""
    return list(resources.files(f"ontology/{FORMS}", ".ttl"))


@cache
def forms() -> Forms:
    """The forms on top of the knowledge base that the package ships."""
    return Forms(default_knowledge())

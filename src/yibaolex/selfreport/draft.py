"""What an empty form holds for a type of institution, in one language.

What this module is for: the words and lists that each format of the empty form writes out. What a reader must not
break: clauses are quoted from the ontology, and every header can be read back by its label.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from yibaolex.catalogue import say
from yibaolex.selfreport.forms import CellKind, Choice, Column, Duty, Form, Forms, Label, Sheet
from yibaolex.terms import core

_CHOSEN = (CellKind.CHOICE, CellKind.ANSWER)


@dataclass(frozen=True)
class Draft:
    """What an empty form holds: the sheets, words and duties that can concern a type of institution (None: any)."""

    forms: Forms
    language: str
    institution_type: str | None

    @property
    def form(self) -> Form:
        """The form, with only the columns that can concern the type."""
        whole = self.forms.issued
        return replace(whole, sheets=tuple(map(self._narrowed, whole.sheets)))

    def _narrowed(self, sheet: Sheet) -> Sheet:
        return replace(sheet, columns=tuple(column for column in sheet.columns if self._concerned(column)))

    def _concerned(self, thing: Column | Label | Duty) -> bool:
        return self.institution_type is None or not thing.types or self.institution_type in thing.types

    @property
    def duties(self) -> list[Duty]:
        """The duties that can concern the type."""
        return [duty for duty in self.forms.duties.values() if self._concerned(duty)]

    def say(self, key: str, **values: object) -> str:
        """A sentence of the catalogue about templates."""
        return say(self.language, "template", key, **values)

    def header(self, thing: Form | Sheet | Column | Label | Choice | Duty) -> str:
        """The label of ``thing``."""
        return thing.labels[self.language]

    def options(self, column: Column) -> list[str]:
        """The values among which ``column`` chooses, as the reader sees them; none for other columns."""
        if column.kind is CellKind.LABEL:
            return list(map(self.header, self.labels))
        found = self.forms.replies.values() if column.kind is CellKind.ANSWER else column.choices
        return [self.header(choice) for choice in found]

    @property
    def labels(self) -> list[Label]:
        """The words for problems that can concern the type."""
        return [label for label in self.forms.labels.values() if self._concerned(label)]

    def named_clauses(self, label: Label) -> str:
        """The names of the clauses on which ``label`` rests."""
        knowledge = self.forms.knowledge
        return say(self.language, "why", "and").join(knowledge.label(node, self.language) for node in label.sources)

    def example(self, column: Column) -> str:
        """The sample content of ``column``; of a choice its label."""
        if given := self.given(column):
            return given
        text = column.examples.get(self.language, "")
        if column.kind is CellKind.LABEL:
            return self.header(self.forms.labels[text])
        found = {**self.forms.replies, **{choice.notation: choice for choice in column.choices}}
        return self.header(found[text]) if column.kind in _CHOSEN else text

    def given(self, column: Column) -> str:
        """What is filled in beforehand for the type of institution."""
        types = {choice.notation: choice for choice in column.choices}
        return self.header(types[self.institution_type]) if self.institution_type in types else ""

    def clauses(self, thing: Column | Duty) -> str:
        """The clauses on which ``thing`` rests, quoted where they have words of their own."""
        return "\n".join(self._quoted(thing))

    def _quoted(self, thing: Column | Duty) -> Iterator[str]:
        knowledge = self.forms.knowledge
        for source in thing.sources:
            text, clause = knowledge.graph.one(source, core("text")), knowledge.label(source, self.language)
            yield clause if text is None else self.say("quote", clause=clause, text=text.value.strip())

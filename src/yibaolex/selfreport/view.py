"""A report laid out: the one dictionary that the JSON output and every rendering of a report are made from.

What this module is for: for each row what a reader is told of it, and the figures and lists of the first page. What a
reader must not break: every figure is a sum over rows that are named or counted beside it; nothing is decided here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from pyoxigraph import NamedNode

from yibaolex.amounts import money
from yibaolex.catalogue import say
from yibaolex.explanation import Explanation, Setting
from yibaolex.faults import Fault, Severity
from yibaolex.knowledge import Knowledge
from yibaolex.render import case_view
from yibaolex.research import in_order
from yibaolex.selfreport.assessing import DutyResult, RowResult, Status
from yibaolex.selfreport.cells import Cell, Report
from yibaolex.selfreport.clauses import Clauses
from yibaolex.selfreport.forms import CellKind, Column, Forms, Label, Track
from yibaolex.selfreport.headings import missing_of_institution
from yibaolex.selfreport.losses import BANDS
from yibaolex.selfreport.rows import BILLED, DESCRIPTION, FUND, LABEL, NUMBER, RETURNED, columns
from yibaolex.selfreport.totals import (
    UNASSESSED,
    Figures,
    OfArticle,
    Range,
    Sum,
    Todo,
    Totals,
    needed_of,
    place_in_file,
)
from yibaolex.telling import ReasonTeller
from yibaolex.terms import core

JSON = dict[str, Any]
_NAMED = 3
_LIMITS = ("claims", "standing", "unknown", "range", "provisional", "advice")
_LINES = ("conclusion", "follow", "held", "failed", "handed")
_NO_OTHER = ("unsettled", "same")  # what the provisional result says where it says nothing of its own
_UNREAD = "unread"
_AMOUNTS = {"billed": BILLED, "fund": FUND, "returned": RETURNED}
_TOLD = {NUMBER, LABEL, DESCRIPTION, *_AMOUNTS.values()}  # the columns that the view of a row has by name


class ReportTeller:
    """Lays out reports on one form in one language."""

    def __init__(self, setting: Setting, forms: Forms, form: str, language: str) -> None:
        self._knowledge: Knowledge = setting.knowledge
        self._forms = forms
        self._language = language
        self._form = forms.form(form)
        self._headers = self._of_columns()
        self._cases = case_view(self._knowledge, language, headers=self._headers)
        self._teller = ReasonTeller(self._knowledge, language)
        self._quotes = Clauses(self._knowledge, language)
        self._articles = self._knowledge.by_notation(core("AppliedArticle"))
        self._categories = self._knowledge.by_notation(core("DiscretionCategory"))
        self._facts = {fact.name: node for node, fact in self._knowledge.facts.items()}

    def _of_columns(self) -> dict[NamedNode, str]:
        """The header of the column in which the form asks for a fact that the reporter may settle."""
        asked = {c.fact: c.labels[self._language] for sheet in self._form.sheets for c in sheet.columns if c.fact}
        facts = self._knowledge.facts.keys() - self._forms.to_be_found
        return {fact: asked[name] for fact in facts if (name := self._knowledge.notation(fact)) in asked}

    def _asked_as(self, fact: NamedNode) -> str:
        """What the reporter knows a fact by: the header of its column, or its label."""
        return self._headers.get(fact) or self._knowledge.label(fact, self._language)

    @property
    def profile(self) -> str:
        """The notation of the presumption profile under which claims are assessed provisionally."""
        graph = self._knowledge.graph
        found = (
            n for n in graph.subjects(core("forStanding")) if core("Claimed") in graph.objects(n, core("forStanding"))
        )
        return self._knowledge.notation(next(found))

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, "selfreport", key, **values)

    # --- a row --------------------------------------------------------------------------------------------------------

    def row(self, result: RowResult, figures: Figures) -> JSON:
        """What a reader is told of one row."""
        row, label = result.row, result.label
        view: JSON = {
            "number": number_shown(result),
            "place": str(row.place),
            "status": result.status.value,
            "label": label.labels[self._language] if label is not None else _text(row.cells.get(LABEL)),
            "written": _written(row.cells.get(LABEL), label),
            "description": _text(row.cells.get(DESCRIPTION)),
            "amounts": {
                name: money(figures.amounts[column]) if column in figures.amounts else None
                for name, column in _AMOUNTS.items()
            },
            "stated": self._stated({name: cell for name, cell in row.cells.items() if name not in _TOLD}),
            "headline": self._headline(result, figures),
            **dict.fromkeys((*_LINES, "provisional_lines", "presumed", "missing"), []),
            "if_fined": self._if_fined(figures),
            "provisional": None,
            "faults": [self.fault(fault) for fault in result.faults],
            "questions": [label.question[self._language]] if label is not None and label.question else [],
            "articles": list(figures.articles),
            "category": figures.category,
            "category_label": self._category(figures.category),
            "fine_range": figures.settled.fine.shown if figures.settled is not None else None,
            "provisional_fine": figures.likely.fine.shown if figures.likely is not None else None,
            "clauses": [self._clause(source) for source in self._own_clauses(result)],
        }
        if result.explanation is not None and result.explanation.result.settled.outcome is not None:
            view |= self._told(result.explanation)
        return {**view, "cited": self._cited(result, view)}

    def _category(self, notation: str | None) -> str | None:
        return None if notation is None else self._knowledge.label(self._categories[notation], self._language)

    def _cited(self, result: RowResult, view: JSON) -> list[str]:
        """The names of all clauses on which a row rests; they are quoted once in the report."""
        lines = [view["headline"], *(line for name in (*_LINES, "provisional_lines") for line in view[name])]
        sources = [*self._own_clauses(result), *(source for fault in result.faults for source in fault.sources)]
        found = self._quotes.of_row(lines, sources, result.explanation)
        return [self._knowledge.label(node, self._language) for node in found]

    def _if_fined(self, figures: Figures) -> list[str]:
        """What each fine that is possible would be, and the one fact that keeps the category open, if there is one."""
        lines = []
        for fine in figures.likely.possible if figures.likely is not None else ():
            told = {"label": self._knowledge.label(fine.fine, self._language)}
            if fine.range is None:
                lines.append(self._say("if_fined_untold", **told))
                continue
            ends = (self._yuan(end) for end in (fine.range.low, fine.range.high))
            told |= dict(zip(("low", "high"), ends, strict=True))
            if fine.base is None or fine.multiples is None:
                lines.append(self._say("if_fined_fixed", **told))
                continue
            told |= {"base": self._knowledge.label(fine.base, self._language)}
            told |= dict(zip(("least", "most"), (f"{m.normalize():f}" for m in fine.multiples), strict=True))
            lines.append(self._say("if_fined_supposed" if fine.supposed else "if_fined_multiple", **told))
        return [*lines, *self._decisive(figures.decisive)]

    def _decisive(self, name: str | None) -> list[str]:
        if name is None:
            return []
        return [self._say("category_lacks", label=self._asked_as(self._knowledge.facts_by_need[name]))]

    @staticmethod
    def _yuan(amount: Decimal | None) -> str:
        return f"{amount:,.2f}"

    def _headline(self, result: RowResult, figures: Figures) -> str:
        """The headline of a row that was not assessed; one with nothing to assess names the loss that is left out."""
        if result.status in (Status.ASSESSED, Status.QUESTION):
            return ""
        sources = result.label.sources if result.label is not None else ()
        told = self._say(f"row_{result.status.value}", clause=self._named(sources), articles=self._named(self._listing))
        if result.status in UNASSESSED and FUND in figures.amounts:
            told += self._say("row_unassessed_loss", amount=money(figures.amounts[FUND]))
        return told

    def _named(self, provisions: Iterable[NamedNode]) -> str:
        labels = [self._knowledge.label(provision, self._language) for provision in provisions]
        return self._teller.say("list").join(labels)

    @cached_property
    def _listing(self) -> list[NamedNode]:
        """The articles that list the charges which the words for problems may be."""
        charges = dict.fromkeys(name for label in self._forms.labels.values() for name in label.conduct)
        items = [source for name in charges for source in self._knowledge.source_nodes(self._facts[name])]
        return sorted(dict.fromkeys(map(self._forms.article_of, items)), key=in_order)

    def _told(self, explanation: Explanation) -> JSON:
        """The lines of the case view of the one act of a row."""
        (act,) = self._cases.of(explanation)["views"]
        told = {name: [line.strip() for line in act[name]] for name in _LINES}
        others = self._teller.say("missing_presumed", number=len(act["outcome"]["needs"]) - len(act["missing"]) + 1)
        return {
            **told,
            "headline": self._cases.headline(act["outcome"]),
            "missing": [line for line in act["missing"] if line != others],
            "provisional": act["provisional"],
            "provisional_lines": act.get("provisional_lines", []),
            "presumed": [*act.get("presumed", []), *self._not_presumed(explanation)],
        }

    def _not_presumed(self, explanation: Explanation) -> list[str]:
        """What is not presumed of a row, because the reporter himself says otherwise."""
        later, graph = explanation.result.provisional, self._knowledge.graph
        forgone = later.reasons[0].forgone if later is not None else ()
        told = ((graph.one(p, core("presumedFact")), graph.one(p, core("presumedValue"))) for p in forgone)
        return [
            self._say("not_presumed", label=self._teller.label(fact), shown=self._teller.value(fact, value))
            for fact, value in told
        ]

    def _own_clauses(self, result: RowResult) -> list[NamedNode]:
        """The provisions that the charges and the label of a row rest on."""
        if result.label is None:
            return []
        charges = [self._facts[name] for name in result.label.conduct]
        sources = [source for charge in charges for source in self._knowledge.source_nodes(charge)]
        return list(dict.fromkeys([*sources, *result.label.sources]))

    def _clause(self, source: NamedNode) -> JSON:
        return self._quotes.quoted(source)

    def fault(self, fault: Fault) -> JSON:
        """A fault: its place, what was written, what is wrong, the clause if any, and whether it refuses the row."""
        labels = [self._knowledge.label(source, self._language) for source in fault.sources]
        return {
            "place": fault.place,
            "shown": str(fault.values.get("shown", "")),
            "message": fault.messages[self._language],
            "clause": self._teller.joined(labels),
            "refused": fault.severity is Severity.REFUSED,
        }

    # --- the whole ----------------------------------------------------------------------------------------------------

    def head(self, report: Report, totals: Totals, duties: Sequence[DutyResult]) -> JSON:
        """All of the view but its rows and its receipt."""
        return {
            "title": self._say("title"),
            "language": self._language,
            "file": report.file,
            "institution": self._institution(report),
            "summary": self._summary(totals, duties),
            "duties": [self._duty(duty) for duty in duties],
            "faults": [self.fault(fault) for fault in report.faults],
            "self_report": self._self_report(totals),
            "clauses": self._quotes.met(),
            "limits": [self._say(f"limit_{name}") for name in _LIMITS],
        }

    def _institution(self, report: Report) -> list[JSON]:
        """What is stated of the institution, then what should be and is not, which has no place."""
        missing = missing_of_institution(self._form, report.institution)
        absent = self._say("absent_of_institution")
        not_stated = ({"label": c.labels[self._language], "shown": absent, "place": ""} for c in missing)
        return [*self._stated(report.institution), *not_stated]

    def _stated(self, cells: Mapping[str, Cell]) -> list[JSON]:
        """What cells say, each under the header of its column."""
        known = columns(self._forms)
        return [
            {
                "label": known[name].labels[self._language],
                "shown": self.shown(known[name], cell),
                "place": str(cell.place),
            }
            for name, cell in cells.items()
            if name in known
        ]

    def shown(self, column: Column, cell: Cell) -> str:
        """A cell as readers know it: a choice by its label, anything else as it was understood, or else written."""
        choices = self._forms.replies.values() if column.kind is CellKind.ANSWER else column.choices
        labels = {choice.notation: choice.labels[self._language] for choice in choices}
        return labels.get(cell.meant, cell.meant)

    def _summary(self, totals: Totals, duties: Sequence[DutyResult]) -> JSON:
        counts, (own, others) = totals.status, needed_of(self._knowledge, self._forms, totals)
        rows = self._rows_of(totals)
        return {
            "rows": counts.total(),
            "assessed": counts[Status.ASSESSED],
            "refused": counts[Status.REFUSED],
            "contract": counts[Status.CONTRACT],
            "uncharged": counts[Status.UNCHARGED],
            "questions": counts[Status.QUESTION],
            "amounts": {name: _sum(totals, column) for name, column in _AMOUNTS.items()},
            "amounts_open_rows": {name: counts.total() - totals.stated[column] for name, column in _AMOUNTS.items()},
            "losses": {band: totals.losses[band] for band in BANDS},
            "fine_range": self._fine(totals.settled),
            "return": _return(totals.settled),
            "provisional_fine": self._fine(totals.likely),
            "provisional_return": _return(totals.likely),
            "if_fined": [self._sum_if_fined(totals, bases, rows) for bases in sorted(totals.if_fined, key=str)],
            "articles": [
                {
                    "article": name,
                    **self._article(self._knowledge.label(self._articles[name], self._language), of, rows),
                }
                for name, of in sorted(totals.articles.items())
            ],
            "unplaced": [
                self._article(self._say("article_open" if is_open else "article_none"), of, rows)
                for is_open, of in sorted(totals.unplaced.items(), reverse=True)
            ],
            "categories": [
                {"label": self._knowledge.label(self._categories[name], self._language), **rows(places)}
                for name, places in sorted(totals.categories.items(), key=lambda item: (-len(item[1]), item[0]))
            ],
            "this_week": self._this_week(totals, duties, own, rows),
            "bureau": [
                {"text": self._knowledge.label(fact, self._language), **self._rests(fact), **rows(places)}
                for fact, places in others
            ],
            "missing": [
                {
                    "fact": self._knowledge.notation(fact),
                    "label": self._asked_as(fact),
                    **rows(places),
                }
                for fact, places in own
            ],
        }

    def _fine(self, found: Sum) -> JSON:
        """A sum of fines with what it leaves out, said plainly."""
        told = Range(found.low, None if found.no_end == found.rows > 0 else found.high).shown
        note = self._say("fine_note", open=found.open_rows, rows=found.rows) if found.open_rows else ""
        note += self._say("fine_no_end", rows=found.no_end) if found.no_end else ""
        if found.no_end == found.rows:
            note = self._say("fine_all_open" if found.rows else "fine_nothing", rows=found.rows)
        return {**told, "of_rows": found.rows, "open_rows": found.open_rows, "no_end_rows": found.no_end, "note": note}

    def _sum_if_fined(
        self, totals: Totals, bases: tuple[NamedNode, ...], rows: Callable[[Sequence[str]], JSON]
    ) -> JSON:
        """What the fines would come to if they were imposed, and what of that is not told."""
        found = totals.if_fined[bases]
        base = self._teller.joined(self._knowledge.label(fact, self._language) for fact in bases)
        suffix = "supposed" if bases else "if_fined"
        note = self._say(f"sum_{suffix}", rows=len(found.places), base=base)
        if totals.untold:
            note += self._say("sum_untold", rows=len(totals.untold))
        for name, places in totals.decisive.items():
            number = len(set(places).intersection(found.places))
            label = self._asked_as(self._knowledge.facts_by_need[name])
            note += self._say("sum_category_lacks", rows=number, label=label) if number else ""
        ends = {"low": money(found.low), "high": money(found.high)}
        return {"label": self._say(f"outlook_{suffix}", base=base), **ends, **rows(found.places), "note": note}

    def _article(self, label: str, of: OfArticle, rows: Callable[[Sequence[str]], JSON]) -> JSON:
        """What the rows of an article come to; a loss or an upper end that no row has is None."""
        return {
            "label": label,
            **rows(of.places),
            "fund_loss": None if of.unstated == of.fine.rows else money(of.loss),
            "loss_open_rows": of.unstated,
            "fine_low": money(of.fine.low),
            "fine_high": None if of.fine.no_end == of.fine.rows else money(of.fine.high),
            "no_end_rows": of.fine.no_end,
        }

    def _rows_of(self, totals: Totals) -> Callable[[Sequence[str]], JSON]:
        """What gives for places their count and the names of the rows: a number taken twice comes with its place."""
        taken = Counter(totals.numbers.values())

        def name(place: str) -> str:
            number = totals.numbers[place]
            return number if taken[number] == 1 else self._say("row_name", number=number, place=place)

        return lambda places: {"rows": len(places), "numbers": [name(place) for place in places]}

    def _rests(self, fact: NamedNode) -> JSON:
        """The provisions on which a fact rests, with the text of the first."""
        told = [self._clause(source) for source in self._forms.concerning(self._knowledge.source_nodes(fact))]
        quote = next((clause["quote"] for clause in told if clause["quote"]), "")
        return {"clause": self._teller.joined(clause["label"] for clause in told), "quote": quote}

    def _this_week(
        self,
        totals: Totals,
        duties: Sequence[DutyResult],
        own: list[tuple[NamedNode, list[str]]],
        rows: Callable[[Sequence[str]], JSON],
    ) -> list[JSON]:
        """What the institution can do itself, each with the rows that it is about."""
        amount = f"{totals.outstanding:,.2f}"
        of_agreement = [label for label in self._forms.labels.values() if label.track is Track.CONTRACT]
        sources = dict.fromkeys(source for label in of_agreement for source in label.sources)
        clause = self._named(sources)
        told = [
            {
                "text": self._say(f"todo_{todo.value}", rows=len(places), amount=amount, clause=clause),
                **rows(places),
            }
            for todo, places in ((todo, totals.todo[todo]) for todo in Todo if totals.todo.get(todo))
        ]
        for status in (status for status in UNASSESSED if totals.unassessed.get(status)):
            losses = totals.unassessed[status]
            amount = f"{sum(losses.values()):,.2f}"
            text = self._say(f"todo_{status.value}_loss", rows=len(losses), amount=amount)
            told.append({"text": text, **rows(list(losses))})
        if own:
            labels = self._teller.say("list").join(
                self._teller.say("quoted", label=self._asked_as(fact)) for fact, _ in own[:_NAMED]
            )
            if len(own) > _NAMED:
                labels = self._teller.say("results_more", results=labels, number=len(own))
            places = dict.fromkeys(place for _, found in own for place in found)
            told.append({"text": self._say("todo_facts", labels=labels), **rows(list(places))})
        left = [duty for duty in duties if duty.breached]
        if left:
            told.append({"text": self._say("todo_duties", duties=len(left)), **rows([])})
        items = [{**item, "rows": item["numbers"], "duties": []} for item in told]
        if left:
            items[-1]["duties"] = [result.duty.notation for result in left]
        return items

    # --- duties, and what a self-report brings ------------------------------------------------------------------------

    def _duty(self, result: DutyResult) -> JSON:
        duty, sources = result.duty, list(result.duty.sources)
        if result.breached and duty.conduct is not None:
            sources += self._knowledge.source_nodes(self._facts[duty.conduct])
        told = list(map(self._clause, sources))
        act = None if result.explanation is None else self._told(result.explanation)
        clause = self._teller.joined(clause["label"] for clause in told)
        lines = [] if act is None else self._blocks(act)
        return {
            "number": duty.notation,
            "label": duty.labels[self._language],
            "answer": _answer(result),
            "remark": _text(result.remark),
            "clause": clause,
            "quote": "\n".join(clause["quote"] for clause in told if clause["quote"]),
            "lines": lines or ([self._say("duty_no_charge", clause=clause)] if result.breached else []),
        }

    def _blocks(self, act: JSON) -> list[str]:
        """The settled and the provisional result of a duty, each line with the word which of them it is of."""
        later, lines = act["provisional"], act["provisional_lines"]
        if later is not None:
            lines = [self._say(f"duty_{later}") if later in _NO_OTHER else later, *lines]
        settled = [act["headline"], *act["conclusion"]]
        blocks = (("duty_settled", settled), ("duty_presumed", lines))
        return [self._say(key, line=line) for key, some in blocks for line in some]

    def _self_report(self, totals: Totals) -> list[JSON]:
        """The circumstances to which a self-report may contribute, the rows that claim one, and what must be found."""
        return [self._circumstance(node, totals) for node in self._form.circumstances]

    def _circumstance(self, node: NamedNode, totals: Totals) -> JSON:
        facts = self._forms.facts_of(node)
        claimed = [totals.affirmed.get(self._knowledge.notation(fact), []) for fact in facts]
        others = self._forms.found_for(node)
        return {
            "item": self._knowledge.notation(node),
            "label": self._knowledge.label(node, self._language),
            "quote": self._rests(node)["quote"],
            "claimed_rows": self._rows_of(totals)(list(dict.fromkeys(p for places in claimed for p in places)))[
                "numbers"
            ],
            "authority_must_find": [self._knowledge.label(fact, self._language) for fact in others],
        }


def number_shown(result: RowResult) -> str:
    """The number that the reporter gave a row, or its place in the file."""
    place = result.row.place
    number = result.row.cells.get(NUMBER)
    return number.meant if number is not None else place_in_file(str(place), place.file)


def _text(cell: Cell | None) -> str:
    return cell.text if cell is not None else ""


def _written(cell: Cell | None, label: Label | None) -> str:
    """The word that was written for a known label, where it is none of the names of that label; else nothing."""
    return "" if cell is None or label is None or cell.text in label.labels.values() else cell.text


def _answer(result: DutyResult) -> str | None:
    """The answer to a duty: None where there is none, else what was answered, or that it could not be read."""
    if result.cell is None:
        return None
    return _UNREAD if result.cell.value is None else result.answer


def _return(found: Sum) -> JSON:
    """What is to be returned (None: open for every row), and how much of it is stated to have been."""
    amount = None if found.due_open == found.rows > 0 else money(found.due)
    return {"amount": amount, "open_rows": found.due_open, "returned": money(found.returned)}


def _sum(totals: Totals, column: str) -> str | None:
    return money(totals.amounts[column]) if column in totals.amounts else None

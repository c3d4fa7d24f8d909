"""The command ``check``: the knowledge base held against its own rules, told to a reader.

A reader must not break: the words stand in the catalogues and in what was found; this module only puts them together.
"""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from yibaolex import hygiene
from yibaolex.answers import Answer, as_table
from yibaolex.catalogue import say
from yibaolex.research import Table, research, short
from yibaolex.screen import fitted

_COLUMNS = ("instrument", "clauses", "encoded", "tested", "queried", "recorded", "share")
_OF_CLAUSE = ("path", "clause", "encoded", "tested", "queried", "reason")
_EXPLAINED = ("encoded", "tested", "queried")


def check(language: str, columns: int | None) -> tuple[str, bool]:
    """What is not in order, how far the clauses are covered, and whether all of it is in order."""
    wrong = [_flaw(flaw, language) for flaw in hygiene.flaws(research())]
    ran, unmet = _by_hermit(language)
    wrong += unmet
    covered = hygiene.coverage(hygiene.clauses(research()))
    number, whole = _number(covered, language)
    table = _table(_COLUMNS, list(map(_counts, covered)), language, columns)
    told = [table, *ran, *_explained(language, columns), number]
    told.append(_say(language, "wrong", number=len(wrong)) if wrong else _say(language, "sound"))
    return "\n".join([*wrong, *told]) + "\n", not wrong and whole


def check_clauses(language: str, columns: int | None) -> tuple[str, bool]:
    """Each clause with what is done with it, and whether all are encoded or have a reason recorded why not."""
    found = hygiene.clauses(research())
    number, whole = _number(hygiene.coverage(found), language)
    table = _table(_OF_CLAUSE, [_states(clause, language) for clause in found], language, columns)
    return "\n".join([table, *_explained(language, columns), number]) + "\n", whole


def _flaw(flaw: hygiene.Flaw, language: str) -> str:
    detail = _say(language, "detail", text=flaw.detail) if flaw.detail else ""
    remedy = _say(language, "remedy", text=flaw.remedy[language]) if flaw.remedy else ""
    title = research().title(flaw.node, language)
    return _say(
        language, "flaw", title=title, path=short(flaw.node), wrong=flaw.wrong[language], detail=detail, remedy=remedy
    )


def _by_hermit(language: str) -> tuple[list[str], list[str]]:
    """On what HermiT ran and with which result, or that it is not installed; and what it finds wrong."""
    from yibaolex.hermit import MissingReasonerError

    try:
        conditions, whole = hygiene.unsatisfiable(), hygiene.structure()
    except MissingReasonerError as error:
        return [_say(language, "no-hermit", name=error.name)], []
    wrong = [] if conditions.consistent else [_say(language, "inconsistent")]
    wrong += [_say(language, "unsatisfiable", title=research().title(n, language)) for n in conditions.unmeetable]
    ran = [_say(language, "hermit-conditions", number=conditions.number, unmeetable=len(conditions.unmeetable))]
    ran.append(_say(language, "hermit-structure", **{name: str(number) for name, number in vars(whole).items()}))
    if not whole.consistent:
        wrong.append(_say(language, "structure-inconsistent"))
    return ran if conditions.consistent and whole.consistent else [], wrong


def _number(covered: list[hygiene.Coverage], language: str) -> tuple[str, bool]:
    """The one number of the coverage in a sentence, and whether it is the whole."""
    share = sum(c.encoded + c.recorded for c in covered) / sum(c.clauses for c in covered)
    return _say(language, "coverage", share=_percent(share)), share == 1


def _counts(of: hygiene.Coverage) -> tuple[NamedNode | Literal, ...]:
    numbers = (of.clauses, of.encoded, of.tested, of.queried, of.recorded)
    return of.instrument, *map(Literal, numbers), Literal(_percent(of.share))


def _states(clause: hygiene.Clause, language: str) -> tuple[NamedNode | Literal, ...]:
    states = map(Literal, (clause.encoded, clause.tested, clause.queried))
    return Literal(short(clause.node)), clause.node, *states, Literal(clause.reasons.get(language, ""))


def _explained(language: str, columns: int | None) -> list[str]:
    """What the columns count."""
    lines = (_say(language, f"explain-{name}", name=_say(language, f"column-{name}")) for name in _EXPLAINED)
    return [line if columns is None else fitted(line, columns).rstrip("\n") for line in lines]


def _table(names: tuple[str, ...], rows: list[tuple], language: str, columns: int | None) -> str:
    headings = tuple(_say(language, f"column-{name}") for name in names)
    answer = Answer(Table(names, tuple(rows)), headings, research(), language, exact=False)
    return as_table(answer, columns).rstrip("\n")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _say(language: str, key: str, **values: object) -> str:
    return say(language, "check", key, **values)

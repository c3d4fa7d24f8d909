"""The command ``check``: the knowledge base held against its own rules, told to a reader.

A reader must not break: the words stand in the catalogues and in what was found; this module only puts them together.
"""

from __future__ import annotations

from pyoxigraph import Literal

from yibaolex import hygiene
from yibaolex.answers import Answer, as_table
from yibaolex.catalogue import say
from yibaolex.research import Table, research, short

_COLUMNS = ("instrument", "clauses", "encoded", "recorded", "share")


def check(language: str, columns: int | None) -> tuple[str, bool]:
    """What is not in order, how far the clauses are covered, and whether all of it is in order."""
    wrong = [_flaw(flaw, language) for flaw in hygiene.flaws(research())]
    skipped, unmet = _by_hermit(language)
    wrong += unmet
    covered = hygiene.coverage(research())
    share = sum(c.encoded + c.recorded for c in covered) / sum(c.clauses for c in covered)
    parts = [*wrong, *skipped, _table(covered, language, columns), _say(language, "coverage", share=_percent(share))]
    parts.append(_say(language, "wrong", number=len(wrong)) if wrong else _say(language, "sound"))
    return "\n".join(parts) + "\n", not wrong and share == 1


def _flaw(flaw: hygiene.Flaw, language: str) -> str:
    detail = _say(language, "detail", text=flaw.detail) if flaw.detail else ""
    remedy = _say(language, "remedy", text=flaw.remedy[language]) if flaw.remedy else ""
    title = research().title(flaw.node, language)
    return _say(
        language, "flaw", title=title, path=short(flaw.node), wrong=flaw.wrong[language], detail=detail, remedy=remedy
    )


def _by_hermit(language: str) -> tuple[list[str], list[str]]:
    """That HermiT is not installed, if so, and what it finds wrong with the conditions."""
    from yibaolex.hermit import MissingReasonerError

    try:
        found = hygiene.unsatisfiable()
    except MissingReasonerError as error:
        return [_say(language, "no-hermit", name=error.name)], []
    if found is None:
        return [], [_say(language, "inconsistent")]
    return [], [_say(language, "unsatisfiable", title=research().title(node, language)) for node in found]


def _table(covered: list[hygiene.Coverage], language: str, columns: int | None) -> str:
    rows = tuple(
        (c.instrument, Literal(c.clauses), Literal(c.encoded), Literal(c.recorded), Literal(_percent(c.share)))
        for c in covered
    )
    headings = tuple(_say(language, f"column-{name}") for name in _COLUMNS)
    return as_table(Answer(Table(_COLUMNS, rows), headings, research(), language, exact=False), columns).rstrip("\n")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _say(language: str, key: str, **values: object) -> str:
    return say(language, "check", key, **values)

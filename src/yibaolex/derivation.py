"""Statements derived to outcomes: one straight line of stages over a chunk of cases.

normalise → facts → conditions → consequences → needs → fine → hand-over → outcome frame. A reader must not break: cases
share nothing but the background, so that a chunk gives what its cases give one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyoxigraph import Quad, Triple

from yibaolex.engines import Engine, OxigraphEngine, RdflibEngine
from yibaolex.frame import JSON, assemble
from yibaolex.knowledge import AFTER_CONDITIONS, AFTER_NEEDS, BEFORE_CONDITIONS, Knowledge
from yibaolex.needs import find_needs

ENGINES: dict[str, Callable[[Iterable[Quad]], Engine]] = {"oxigraph": OxigraphEngine, "reference": RdflibEngine}


def derive(knowledge: Knowledge, engine: Engine, statements: Iterable[Triple]) -> None:
    """Add ``statements`` to ``engine`` and derive all that follows from them."""
    engine.add(statements)
    engine.update([
        *knowledge.phase(BEFORE_CONDITIONS), *knowledge.condition_updates, *knowledge.phase(AFTER_CONDITIONS)])
    engine.add(list(find_needs(knowledge, engine)))
    engine.update(knowledge.phase(AFTER_NEEDS))


def outcomes(knowledge: Knowledge, engine_name: str, statements: Iterable[Triple]) -> list[JSON]:
    """Derive a chunk of cases on a fresh engine and return their outcomes in order."""
    engine = ENGINES[engine_name](knowledge.background)
    derive(knowledge, engine, statements)
    return assemble(knowledge.frames, engine.select)

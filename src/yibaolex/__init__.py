"""yibaolex: the law of medical-security-fund supervision in Chongqing as a knowledge base, with a reasoner over it."""

from importlib import import_module
from typing import TYPE_CHECKING

from yibaolex.api import (
    Assessment,
    Fault,
    Findings,
    Report,
    Severity,
    UnreadableError,
    assess,
    explain,
    findings,
    profiles,
    readings,
    validate,
)
from yibaolex.knowledge import Knowledge

if TYPE_CHECKING:
    from yibaolex.explanation import Explanation
    from yibaolex.outcome import Act, Fine, Interval, Jurisdiction, Outcome, Sanction

__version__ = "0.1.0"

_LOADED_WHEN_NAMED = {
    "Explanation": "explanation",
    "Act": "outcome",
    "Fine": "outcome",
    "Interval": "outcome",
    "Jurisdiction": "outcome",
    "Outcome": "outcome",
    "Sanction": "outcome",
}

__all__ = [
    "Act",
    "Assessment",
    "Explanation",
    "Fault",
    "Findings",
    "Fine",
    "Interval",
    "Jurisdiction",
    "Knowledge",
    "Outcome",
    "Report",
    "Sanction",
    "Severity",
    "UnreadableError",
    "assess",
    "explain",
    "findings",
    "profiles",
    "readings",
    "validate",
]


def __getattr__(name: str) -> type:
    """A type that only some callers name; its module is loaded then."""
    if name not in _LOADED_WHEN_NAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LOADED_WHEN_NAMED[name]}"), name)

"""yibaolex: the law of medical-security-fund supervision in Chongqing as a knowledge base, with a reasoner over it."""

from yibaolex.api import (
    Assessment,
    Explanation,
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
from yibaolex.outcome import Act, Fine, Interval, Outcome, Sanction

__version__ = "0.1.0"

__all__ = [
    "Act",
    "Assessment",
    "Explanation",
    "Fault",
    "Findings",
    "Fine",
    "Interval",
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

"""yibaolex: the law of medical-security-fund supervision in Chongqing as a knowledge base, with a reasoner over it."""

from yibaolex.api import Assessment, Fault, Report, Severity, UnreadableError, assess, profiles, readings, validate
from yibaolex.knowledge import Knowledge
from yibaolex.outcome import Act, Fine, Interval, Outcome, Sanction

__version__ = "0.1.0"

__all__ = [
    "Act",
    "Assessment",
    "Fault",
    "Fine",
    "Interval",
    "Knowledge",
    "Outcome",
    "Report",
    "Sanction",
    "Severity",
    "UnreadableError",
    "assess",
    "profiles",
    "readings",
    "validate",
]

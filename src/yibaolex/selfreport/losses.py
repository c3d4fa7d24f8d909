"""How losses of the fund are spread: the band that a loss is in, from one power of ten of yuan to the next.

What a reader must not break: a loss that is not stated is in a band of its own, never in that of nought; a band holds
its lower end and not its upper one.
"""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal

_ZERO, _UNKNOWN = "zero", "unknown"
_POWERS = (3, 4, 5, 6)
_EDGES = tuple(Decimal(10) ** power for power in _POWERS)  # yuan
_BETWEEN = ("below", *(f"from_{power}" for power in _POWERS))
BANDS = (_ZERO, *_BETWEEN, _UNKNOWN)


def band_of(loss: Decimal | None) -> str:
    """The band of a loss in yuan; None is one that is not known."""
    if loss is None:
        return _UNKNOWN
    return _BETWEEN[bisect_right(_EDGES, loss)] if loss > 0 else _ZERO

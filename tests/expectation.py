"""Compares a hand-derived, partial expectation with an outcome.

Objects are compared on the expected keys only; lists of strings as whole sets; sanctions by their code and article, of
which the set must be complete; decimals as numbers. Yields one line per difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

_SANCTION = ("code", "article")
_IDENTIFIERS = ("case_id", "act_id", "article", "key")


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """Yield where ``found`` is not what ``expected`` says."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            if key not in found:
                yield f"{path}.{key}: missing"
            else:
                yield from differences(value, found[key], f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(found, list):
        yield from _lists(expected, found, path)
    elif not _same(expected, found, path):
        yield f"{path}: expected {expected!r}, found {found!r}"


def _lists(expected: list, found: list, path: str) -> Iterator[str]:
    if path.endswith(".sanctions"):
        wanted = {tuple(item[key] for key in _SANCTION): item for item in expected}
        present = {tuple(item[key] for key in _SANCTION): item for item in found}
        if wanted.keys() != present.keys():
            yield f"{path}: expected {sorted(wanted)}, found {sorted(present)}"
        for key in wanted.keys() & present.keys():
            yield from differences(wanted[key], present[key], f"{path}[{key}]")
    elif any(isinstance(item, dict) for item in expected) or path.endswith((".payable", ".months")):
        if len(expected) != len(found):
            yield f"{path}: expected {len(expected)} items, found {len(found)}"
        for index, (one, other) in enumerate(zip(expected, found, strict=False)):
            yield from differences(one, other, f"{path}[{index}]")
    elif sorted(expected) != sorted(found):
        yield f"{path}: expected {sorted(expected)}, found {sorted(found)}"


def _same(expected: Any, found: Any, path: str) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool) or expected is None or found is None:
        return expected is found
    if path.rpartition(".")[2] not in _IDENTIFIERS:
        try:
            return Decimal(str(expected)) == Decimal(str(found))
        except InvalidOperation:
            pass
    return expected == found

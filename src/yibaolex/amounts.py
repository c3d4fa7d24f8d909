"""Exact amounts and numbers as text.

A reader must not break: nothing passes through floating point, and no fen is rounded away.
"""

from __future__ import annotations

from decimal import Decimal


def money(value: Decimal) -> str:
    """Print an amount in yuan: two places if it is a whole number of fen, else exactly."""
    fen = value.quantize(Decimal("0.01"))
    return f"{fen:f}" if fen == value else number(value)


def number(value: Decimal) -> str:
    """Print a decimal exactly, without trailing zeros or exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def yuan(amount: str) -> str:
    """An amount in yuan with thousands separators."""
    return f"{Decimal(amount):,}"

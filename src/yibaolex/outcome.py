"""The shape of an outcome, for type checkers and readers.

The fields are those of the outcome frame (``queries/outcome``), which fills them; a test holds the two together.
Amounts are strings in yuan, numbers exact decimals as strings, None is unknown.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Interval(TypedDict):
    """An interval; ``payable`` gives the first and the last fen that can be paid, or None if there is none."""

    low: str
    low_closed: bool
    high: str
    high_closed: bool
    payable: NotRequired[list[str] | None]


class Sanction(TypedDict):
    """A consequence, with what it still lacks."""

    code: str
    article: str
    status: str
    modality: str
    nature: str
    by: str
    rule: str
    needs: list[str]
    amount: NotRequired[str | None]
    months: NotRequired[list[int]]
    typical_months: NotRequired[int | None]


class Fine(TypedDict):
    """The fine: status, bands in multiples and in yuan, and the band that applies."""

    status: str
    article: str | None
    needs: list[str]
    multiples: dict[str, Interval | str] | None
    bands: dict[str, Interval | str] | None
    applicable: Interval | None
    default_point: str | None
    minimum_rule: bool | None
    minimum_rule_needs: list[str]


class Jurisdiction(TypedDict):
    """Who decides and who hears a complaint; the contact is None while the district is not known."""

    decided_by: str
    district: str | None
    heard_by: str
    contact: str | None
    office: str | None
    telephone: str | None
    address: str | None
    as_of: str | None


class Act(TypedDict):
    """What follows for one act."""

    act_id: str | None
    applies: dict[str, bool | None]
    paragraphs: dict[str, bool | None]
    breaches: dict[str, bool | None]
    breached_norms: list[str]
    category: str | None
    category_needs: list[str]
    grounds: list[str]
    circumstances: list[str]
    discretion_if_penalised: str | None
    penalty_provided: bool | None
    return_due: bool | None
    sanctions: list[Sanction]
    fine: Fine
    education: bool | str | None
    guardian_orders: list[str]
    transfer_to_police: bool | None
    transfer_duty_crime: bool | None
    duties: dict[str, bool | None]
    jurisdiction: Jurisdiction | None
    jurisdiction_rules: list[str]
    jurisdiction_needs: list[str]
    contradictions: list[str]
    needs: list[str]
    handover: list[str]
    rules: list[str]


class Outcome(TypedDict):
    """What follows for one case: its acts, the sum of its fines, what is lacking, and what a person must decide."""

    case_id: str | None
    acts: list[Act]
    total_fine: Interval | None
    needs: list[str]
    handover: list[str]

"""Random but plausible cases from a fixed seed: mostly consistent, any share of facts known, days near the limits."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

INSTITUTION = [f"38.{i}" for i in range(1, 8)] + [f"39.{i}" for i in range(1, 8)] + [f"40.{i}" for i in range(1, 5)]
PERSON = ["41.1", "41.2", "41.3", "41.b", "41.c"]
TRUTHS = """
    facts_clear evidence_sufficient intent_to_defraud loss_caused fund_defrauded refused_to_correct timely_corrected
    minor_violation first_offence violates_other_law suspected_crime suspected_duty_crime no_fault_proven hardship
    continuing_state still_ongoing involves_life_health involves_financial_safety eliminated_or_reduced_harm coerced
    deceived voluntarily_confessed unknown_to_authority key_clue_or_evidence confession_verified joint_violation
    secondary_role voluntarily_stopped active_cooperation truthful_statement provided_evidence other_merit
    voluntary_surrender small_amount aggravating_circumstance insured has_practice_qualification
""".split()  # noqa: SIM905 - a column of names reads better
ASSERTED = """
    fault_exception_by_law special_limitation_rule other_no_penalty_ground other_should_lighten_ground
    other_may_lighten_ground
""".split()  # noqa: SIM905
LIKELY_TRUE = {"facts_clear", "evidence_sufficient", "insured", "loss_caused"}
CHOICES = {
    "harm_level": ["none", "slight", "moderate", "serious"],
    "capacity_at_act": ["full", "full", "partial", "none"],
    "limitation_counting": ["start_day_excluded", "start_day_counted"],
    "age_class_at_act": ["under14", "14to18", "adult"],
}
AMOUNTS = [
    "0.00",
    "0.01",
    "333.33",
    "1000.00",
    "5000.00",
    "10000.00",
    "20000.00",
    "25000.00",
    "50000.00",
    "123456789.99",
]


def generate(number: int, seed: int) -> list[dict[str, Any]]:
    """Return ``number`` cases; the same ones for the same ``seed``."""
    source = random.Random(seed)
    return [_case(source, f"generated-{seed}-{index}") for index in range(number)]


def _case(source: random.Random, name: str) -> dict[str, Any]:
    known = source.choice([0.1, 0.4, 0.7, 0.9, 0.97])
    case: dict[str, Any] = {"case_id": name}
    person = source.random() < 0.4
    if source.random() < max(known, 0.6):
        case["party_type"] = "other" if source.random() < 0.04 else "individual" if person else "designated_institution"
    if source.random() < 0.75:
        return case | _facts(source, known, person)
    shared = _facts(source, known / 2, person)
    shared.pop("conduct", None)
    acts = [{"act_id": str(i)} | _facts(source, known, person) for i in range(source.randint(2, 3))]
    return case | shared | {"acts": acts}


def _facts(source: random.Random, known: float, person: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name in TRUTHS:
        if source.random() < known:
            facts[name] = source.random() < (0.9 if name in LIKELY_TRUE else 0.2)
        elif source.random() < 0.05:
            facts[name] = None
    for name in ASSERTED:
        if source.random() < 0.03:
            facts[name] = source.choice([True, None])
    for name, values in CHOICES.items():
        if source.random() < (known if name != "age_class_at_act" else 0.08):
            facts[name] = source.choice(values)
    for name in ("loss_amount", "defrauded_amount"):
        if source.random() < known * 0.7:
            amount = source.choice(AMOUNTS)
            facts[name] = [amount, amount.rstrip("0").rstrip(".") or "0"] if source.random() < 0.1 else amount
    facts["conduct"] = _charges(source, person)
    return facts | _days(source, known, person)


def _charges(source: random.Random, person: bool) -> dict[str, Any]:
    own, other = (PERSON, INSTITUTION) if person else (INSTITUTION, PERSON)
    charged = source.sample(own, source.choice([1, 1, 1, 2, 3]))
    charges: dict[str, Any] = dict.fromkeys(charged, True)
    if source.random() < 0.05:
        charges[source.choice(other)] = True
    if source.random() < 0.1:
        charges[source.choice(own)] = source.choice([None, False])
    return charges


def _days(source: random.Random, known: float, person: bool) -> dict[str, str]:
    start = source.choice([date(2024, 2, 29), date(2021, 4, 30), date(2021, 5, 1), date(2023, 3, 1), date(2022, 6, 15)])
    end = start + timedelta(days=source.choice([0, 0, 1, 30, 400]))
    found = _later(source.choice([start, end]), source.choice([0, 2, 2, 5])) + timedelta(
        days=source.choice([-1, 0, 1, 90])
    )
    days = {"act_date": start, "act_end_date": end, "discovered_on": max(found, end)}
    days["self_reported_on"] = days["discovered_on"] + timedelta(days=source.choice([0, 0, 10, 10, -10]))
    if person:
        days["birth_date"] = _later(start, -source.choice([14, 18, 30])) + timedelta(days=source.choice([-1, 0, 1]))
    return {name: day.isoformat() for name, day in days.items() if source.random() < known}


def _later(day: date, years: int) -> date:
    """The counterpart of ``day`` after ``years``, or 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)

"""The reasons suffice: with only the statements that they cite the outcome is the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from yibaolex.derivation import assess_chunk
from yibaolex.intake import read_json
from yibaolex.knowledge import default_knowledge, knowledge_under
from yibaolex.reasons import ActReasons, Finding, Kind
from yibaolex.terms import core

CASES = sorted((Path(__file__).parents[1] / "law" / "cases").iterdir())
KEPT = {"case_id", "act_id", "fact_status", "fact_source"}


def reduced(item: Any, cited: set[str], place: str, outer: frozenset[str] = frozenset()) -> Any:
    """The case, act or charge sheet at ``place`` without the statements that are not in ``cited``.

    A statement on an act stays where one on the case about the same fact (``outer``) would take its place.
    """
    kept = {}
    for key, value in item.items():
        where = f"{place}.{key}"
        if key == "acts":
            kept[key] = [reduced(act, cited, f"{where}[{i}]", frozenset(item)) for i, act in enumerate(value)]
        elif key == "conduct":
            kept[key] = reduced(value, cited, where) if value else value
        elif key in KEPT or key in outer or where in cited:
            kept[key] = value
        elif isinstance(value, list):
            several = [one for i, one in enumerate(value) if f"{where}[{i}]" in cited]
            kept |= {key: several} if several else {}
    return kept


def assess(facts: list[dict], settings: dict, explain: bool) -> list:
    base = knowledge_under(*sorted(settings.get("readings", {}).items()))
    profile = settings.get("presume")
    node = base.by_notation(core("PresumptionProfile"))[profile] if profile else None
    read = read_json(json.dumps(facts).encode(), default_knowledge())
    return assess_chunk(base, "oxigraph", read.cases, node, explain=explain)


def groups() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for case in CASES:
        expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
        settings = {key: expected[key] for key in ("readings", "presume") if key in expected}
        found.setdefault(json.dumps(settings), []).append(case)
    return found


@pytest.mark.parametrize("settings", groups())
def test_the_cited_statements_suffice(settings: str) -> None:
    cases = groups()[settings]
    facts = [json.loads((case / "case.json").read_text(encoding="utf-8")) for case in cases]
    whole = assess(facts, json.loads(settings), explain=True)
    cited = [{s.place for act in a.reasons for s in act.statements} for a in whole]
    parts = [reduced(item, places, f"$[{i}]") for i, (item, places) in enumerate(zip(facts, cited, strict=True))]
    again = assess(parts, json.loads(settings), explain=False)
    differing = [case.name for case, a, b in zip(cases, whole, again, strict=True) if a.outcome != b.outcome]
    assert not differing


BRANCHES = {
    Kind.FINE: lambda act, about: {**act["fine"], "minimum_rule": None, "minimum_rule_needs": None},
    Kind.SCHEME: lambda act, about: (act["category"], act["category_needs"]),
    Kind.CONSEQUENCE: lambda act, about: [s for s in act["sanctions"] if s["rule"] == about],
    Kind.HAND_OVER: lambda act, about: about in act["handover"],
}
STEP = {Kind.FINE: 2, Kind.SCHEME: 3, Kind.CONSEQUENCE: 12, Kind.HAND_OVER: 2}


@pytest.mark.parametrize("kind", BRANCHES, ids=lambda kind: kind.name)
def test_the_statements_of_a_branch_suffice_for_it(kind: Kind) -> None:
    """For the fine, the category, each consequence and each hand-over point, those which that branch cites."""
    facts = [json.loads((case / "case.json").read_text(encoding="utf-8")) for case in groups()["{}"][:: STEP[kind]]]
    whole = assess(facts, {}, explain=True)
    tried, parts = [], []
    for position, found in enumerate(whole):
        for number, act in enumerate(found.reasons):
            for branch in branches(act, kind):
                cited = {s.place for s in ActReasons(act.act, (branch,)).statements}
                places = {place.replace(f"$[{position}]", f"$[{len(parts)}]", 1) for place in cited}
                parts.append(reduced(facts[position], places, f"$[{len(parts)}]"))
                tried.append((found, number, rule_of(branch)))
    again = assess(parts, {}, explain=False)
    differing = []
    for (found, number, about), part, result in zip(tried, parts, again, strict=True):
        before, after = found.outcome["acts"][number], result.outcome["acts"][number]
        if BRANCHES[kind](before, about) != BRANCHES[kind](after, about):
            differing.append((found.number, about, part))
    assert not differing


def branches(act: ActReasons, kind: Kind) -> list[Finding]:
    """The findings of ``kind`` on which something is reported; for the schemes the one of the category."""
    found = [f for f in act.of_kind(kind) if f.value != core("NotDue")]
    if kind is Kind.HAND_OVER:
        per_case = default_knowledge().graph.instances(core("CaseHandOver"))
        return [finding for finding in found if finding.about not in per_case]
    return found[:1] if kind is Kind.SCHEME else found


def rule_of(finding: Finding) -> str | None:
    if finding.kind is Kind.HAND_OVER:
        return default_knowledge().notation(finding.about)
    rule = default_knowledge().graph.one(finding.about, core("rule"))
    return rule.value if rule is not None else None


PERSON = {"party_type": "individual", "conduct": {"41.1": True}}
BIRTHDAY = PERSON | {"birth_date": "2008-03-03", "act_date": "2021-05-01", "still_ongoing": True}
MISMATCH = PERSON | {"birth_date": "2011-03-03", "act_date": "2023-03-04", "age_class_at_act": "14to18"}
BOUNDARY = json.loads((CASES[0].parent / "t-limitation-on-anniversary-disputed" / "case.json").read_text("utf-8"))


@pytest.mark.parametrize(("case", "code", "expected"), [
    # On the last day of an act that goes on, the day of discovery, the person turns fourteen.
    (BIRTHDAY | {"discovered_on": "2022-03-03"}, "H-BIRTHDAY", {"birth_date", "discovered_on", "still_ongoing"}),
    # Twelve on the only day of the act, found to be fourteen to eighteen.
    (MISMATCH | {"continuing_state": False}, "H-CONTRADICTION", {"birth_date", "age_class_at_act", "continuing_state"}),
    # Discovered on the counterpart date: the days make it disputed.
    (BOUNDARY, "H-LIMITATION-BOUNDARY", {"act_date", "discovered_on", "continuing_state"}),
], ids=["birthday", "mismatch", "boundary"])  # fmt: skip
def test_what_a_hand_over_point_cites(case: dict, code: str, expected: set[str]) -> None:
    (found,) = assess([case], {}, explain=True)
    (act,) = found.reasons
    (finding,) = [f for f in act.of_kind(Kind.HAND_OVER) if default_knowledge().notation(f.about) == code]
    cited = {s.fact.value.rpartition("#")[2] for s in ActReasons(act.act, (finding,)).statements}
    assert expected <= cited


def test_contradiction_under_a_profile() -> None:
    """What is still reported of a contradictory act rests on cited statements as well."""
    case = {
        "party_type": "designated_institution", "conduct": {"38.1": True}, "loss_amount": "100",
        "harm_level": "moderate", "facts_clear": True, "evidence_sufficient": True, "act_date": "2025-03-03",
        "act_end_date": "2025-03-01", "aggravating_circumstance": None,
    }  # fmt: skip
    settings = {"presume": "bureau-case"}
    (whole,) = assess([case], settings, explain=True)
    cited = {s.place for act in whole.reasons for s in act.statements}
    (again,) = assess([reduced(case, cited, "$[0]")], settings, explain=False)
    assert again.outcome == whole.outcome

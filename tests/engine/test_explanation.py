"""Results beside each other: presumptions that matter, rival readings, and what each missing fact would change."""

import json
from pathlib import Path

import pytest

import yibaolex
from yibaolex.derivation import assess_all
from yibaolex.intake import read_json
from yibaolex.knowledge import Knowledge, default_knowledge, loaded_paths
from yibaolex.reasons import Kind, Origin, leaves
from yibaolex.terms import core

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "law" / "cases"
HEAD = "@prefix y: <https://w3id.org/yibaolex/core#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"


def facts(name: str) -> dict:
    return json.loads((CASES / name / "case.json").read_text(encoding="utf-8"))


def results(outcome: dict) -> list:
    """Category, consequences and fine of each act, without what is told by itself: minimum rule, bands not applied."""
    by_itself = dict.fromkeys(("minimum_rule", "minimum_rule_needs", "bands", "multiples"))
    return [(a["category"], a["category_needs"], a["sanctions"], {**a["fine"], **by_itself}) for a in outcome["acts"]]


def cited(assessment: yibaolex.Assessment) -> list[str]:
    kinds = (Kind.CONSEQUENCE, Kind.FINE)
    told = [finding for act in assessment.reasons for finding in act.findings if finding.kind in kinds]
    told += [finding for act in assessment.reasons for finding in act.schemes]
    presumed = [leaf for finding in told for leaf in leaves(finding) if leaf.origin is Origin.PRESUMED]
    return sorted({leaf.ground.value for leaf in presumed})


WITHOUT_PENALTY = {
    "party_type": "designated_institution",
    "conduct": {"39.1": True},
    "loss_caused": False,
    "harm_level": "moderate",
    "facts_clear": True,
    "evidence_sufficient": True,
    "intent_to_defraud": False,
    "minor_violation": False,
    "timely_corrected": False,
    "act_date": "2025-03-03",
    "discovered_on": "2025-09-01",
    "continuing_state": False,
}


@pytest.mark.parametrize("profile", ["bureau-case", "self-report"])
@pytest.mark.parametrize(
    ("case", "least"), [(facts("presume-bureau-case-fills-silence"), 6), (WITHOUT_PENALTY, 3)], ids=["fine", "none"]
)
def test_the_presumptions_told_are_just_those_that_matter(case, least, profile: str, tmp_path: Path) -> None:
    """With them alone the result is the same; without any one of them it is not.

    Without a fine (art. 39, correction not refused) only fault, refusal and other law are left to presume.
    """
    base = default_knowledge()
    read = read_json(json.dumps(case).encode(), base)
    node = base.by_notation(core("PresumptionProfile"))[profile]
    (whole,) = assess_all(base, "oxigraph", read.cases, node, explain=True)
    items = cited(whole)
    kept = [items, *([other for other in items if other != item] for item in items)]
    lines = [
        f'<urn:p:{i}> a y:PresumptionProfile ; skos:notation "p{i}" ; y:presumption <{"> , <".join(some)}> .'
        for i, some in enumerate(kept)
    ]
    file = tmp_path / "profiles.ttl"
    file.write_text(HEAD + "\n".join(lines), encoding="utf-8")
    knowledge = Knowledge([*loaded_paths(), file])
    profiles = knowledge.by_notation(core("PresumptionProfile"))
    runs = [assess_all(knowledge, "oxigraph", read.cases, profiles[f"p{i}"])[0] for i in range(len(kept))]
    same = [results(run.outcome) == results(whole.outcome) for run in runs]
    assert len(items) >= least
    assert same == [True, *[False] * len(items)]


def test_nothing_is_presumed_where_nothing_is_missing() -> None:
    (found,) = yibaolex.explain(ROOT / "examples" / "changli-02.json")
    assert found.result.provisional is None


def test_the_profile_suits_the_case() -> None:
    """Claims of an institution are previewed as a self-report, anything else as a bureau's case."""
    case = {"party_type": "designated_institution", "conduct": {"38.1": True}}
    names = []
    for given in (case, case | {"fact_status": "claimed"}, case | {"fact_status": "verified"}):
        (found,) = yibaolex.explain(given)
        names.append(default_knowledge().notation(found.result.profile))
    assert names == ["bureau-case", "self-report", "bureau-case"]
    (chosen,) = yibaolex.explain(case, presume="self-report")
    assert default_knowledge().notation(chosen.result.profile) == "self-report"


def test_published_decision_three_differs_by_its_reading_alone() -> None:
    """Changli TCM hospital, no. 01 of 2023: not penalised, as a loss repaid in full was taken to be no harm."""
    source = ROOT / "examples" / "changli-tcm-01.json"
    (found,) = yibaolex.explain(source)
    base = default_knowledge()
    outcomes = {base.notation(r.alternative): r.result.settled.outcome["acts"][0] for r in found.rivals}
    changed = {name for name, act in outcomes.items() if act != found.result.settled.outcome["acts"][0]}
    assert changed == {"no-harm"}
    assert outcomes["no-harm"]["category"] == "应当不予处罚"
    (same,) = yibaolex.assess(source, readings={"repaid-loss": "no-harm"}).assessments
    assert same.outcome["acts"][0] == outcomes["no-harm"]


@pytest.mark.parametrize("presume", [None, "bureau-case"])
def test_no_reading_that_matters_is_left_out(presume: str | None) -> None:
    """An alternative that was not run leaves category, consequences, fine and hand-over as they are."""
    base, items = default_knowledge(), [facts(case.name) for case in sorted(CASES.iterdir())[::4]]
    explained = yibaolex.explain(items)
    run = [{(base.notation(r.reading), base.notation(r.alternative)) for r in found.rivals} for found in explained]
    spared = 0
    before = [told(a.outcome) for a in yibaolex.assess(items, presume=presume).assessments]
    for reading, alternatives in yibaolex.readings().items():
        for alternative in alternatives[1:]:
            report = yibaolex.assess(items, presume=presume, readings={reading: alternative})
            after = [told(a.outcome) for a in report.assessments]
            left_out = [i for i, ran in enumerate(run) if (reading, alternative) not in ran]
            assert [items[i]["case_id"] for i in left_out if after[i] != before[i]] == []
            spared += len(left_out)
    assert spared > 4 * len(items)


def told(outcome: dict) -> list:
    return [results(outcome), [act["handover"] for act in outcome["acts"]]]


def test_effects_are_those_of_stating_the_fact() -> None:
    """Each effect is the provisional result of the same case with that one fact stated."""
    item = facts("a40-p2-intent-unknown-with-loss-both-open")
    (found,) = yibaolex.explain(item, effects=True)
    profile = default_knowledge().notation(found.result.profile)
    assert {(e.fact.value.rpartition("#")[2], e.value.value) for e in found.effects} == {
        ("intent_to_defraud", "true"),
        ("intent_to_defraud", "false"),
    }
    for effect in found.effects:
        stated = item | {"intent_to_defraud": effect.value.value == "true"}
        (direct,) = yibaolex.assess(stated, presume=profile).assessments
        assert effect.found.outcome["acts"] == direct.outcome["acts"]


def test_effects_on_one_act_are_told_of_it_alone_and_are_those_in_the_whole_case() -> None:
    item = {
        "party_type": "designated_institution",
        "refused_to_correct": None,
        "acts": [{"act_id": "1", "conduct": {"39.1": True}}, {"act_id": "2", "conduct": {"39.2": True}}],
    }
    (found,) = yibaolex.explain(item, effects=True)
    second = [e for e in found.effects if e.act == 1 and e.fact.value.endswith("#refused_to_correct")]
    assert len(second) == 2
    for effect in second:
        (after,) = effect.found.outcome["acts"]
        refused = effect.value.value == "true"
        fines = [s["status"] for s in after["sanctions"] if s["code"] == "fine"]
        assert bool(fines) == refused
        whole = item | {"acts": [item["acts"][0], item["acts"][1] | {"refused_to_correct": refused}]}
        (stated,) = yibaolex.explain(whole)
        assert stated.result.provisional.outcome["acts"][1] == after


def test_a_refused_case_is_explained_as_refused() -> None:
    found = yibaolex.explain([{"loss_amount": 1.5}, {"party_type": "individual"}])
    assert [e.result.settled.outcome is None for e in found] == [True, False]
    assert found[0].rivals == () and found[0].result.provisional is None


@pytest.mark.parametrize(
    ("days", "lacking"),
    [
        ({}, {"act_date"}),
        ({"act_date": "2021-11-30"}, {"act_end_date", "continuing_state"}),
        ({"act_date": "2021-11-30", "continuing_state": True}, {"act_end_date"}),
        ({"act_date": "2021-11-30", "act_end_date": "2021-11-30"}, set()),
        ({"act_date": "2021-12-01"}, set()),
    ],
)
def test_what_is_lacking_to_date_an_act_against_the_order(days: dict, lacking: set[str]) -> None:
    """Order 345 applies from 2021-12-01 (art. 40): a paragraph is breached by an act that is not over before."""
    base = default_knowledge()
    case = {"party_type": "designated_institution", "conduct": {"38.1": True}} | days
    (found,) = assess_all(base, "oxigraph", read_json(json.dumps(case).encode(), base).cases, explain=True)
    told = {finding.about.value: finding for finding in found.reasons[0].of_kind(Kind.CONDITION)}
    breached = told["https://w3id.org/yibaolex/cq345#Article14Paragraph1"]
    assert {base.notation(fact) for fact in breached.needs} == lacking

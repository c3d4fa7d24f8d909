"""What ``validate`` says about faulty input, and about its neighbours that are sound (``invalid/*-valid``).

The expected texts are written by hand. A file that cannot be read at all is reported on standard error; anything else
on standard output, with a last line that sums up.
"""

import json
from pathlib import Path

import pytest

from yibaolex import api, cli
from yibaolex.intake import read_json
from yibaolex.knowledge import default_knowledge

FOLDERS = sorted(path for path in (Path(__file__).parent / "invalid").iterdir() if path.is_dir())
LANGUAGES = ("zh", "en")
SUMMARY = {"zh": ("没有发现问题", "发现 "), "en": ("nothing found", "fault(s) found")}
DEPTH = 100_000


def content(folder):
    """The input; the one that no repository should hold is made here."""
    if folder.name == "deep-nesting":
        return b"[" * DEPTH
    return next(folder.glob("input.*")).read_bytes()


def expected(folder, language):
    return (folder / f"expected.{language}.txt").read_text(encoding="utf-8")


def unreadable(folder):
    """Whether the file as a whole cannot be read: its message has no summary."""
    return SUMMARY["zh"][0] not in expected(folder, "zh") and SUMMARY["zh"][1] not in expected(folder, "zh")


def validate(data, language, capsys, tmp_path):
    file = tmp_path / "input.json"
    file.write_bytes(data)
    status = cli.main(["validate", str(file), "--lang", language])
    return status, *capsys.readouterr()


def seen(faults):
    return [(f.place, f.code, f.severity, dict(f.messages), dict(f.values), f.fact, f.sources) for f in faults]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_says_what_is_wrong(folder, language, capsys, tmp_path):
    status, out, err = validate(content(folder), language, capsys, tmp_path)
    text = expected(folder, language)
    assert (out, err) == (("", text) if unreadable(folder) else (text, ""))
    assert status == (0 if folder.name.endswith("-valid") else 1)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_expected_texts_are_complete(folder):
    """Both languages tell the same number of faults, one to a line, at the same places."""
    lines = {language: expected(folder, language).splitlines() for language in LANGUAGES}
    if not unreadable(folder):
        for language in LANGUAGES:
            last = lines[language].pop()
            assert any(words in last for words in SUMMARY[language])
    zh = [line.partition("】")[2].partition("：")[0] for line in lines["zh"]]
    en = [line.partition("] ")[2].partition(": ")[0] for line in lines["en"]]
    assert zh == en
    assert bool(zh) != folder.name.endswith("-valid")


# --- the reference engine ---------------------------------------------------------------------------------------------


def cases_in(folder):
    """The JSON texts of the cases; a list is taken apart textually, since parsing would mend duplicate keys."""
    text = content(folder).decode("utf-8-sig").strip()
    return text[1:-1] if text.startswith("[") else text


@pytest.fixture(scope="module")
def assessments():
    """For each engine and folder the assessments, all folders read as one list: the engines are slow to start."""
    readable = [folder for folder in FOLDERS if not unreadable(folder)]
    together = "[" + ",\n".join(map(cases_in, readable)) + "]"
    found = {}
    for engine in ("oxigraph", "reference"):
        report = iter(api.assess(together, engine=engine).assessments)
        found[engine] = {
            f.name: [next(report) for _ in json.loads(f"[{cases_in(f)}]", parse_int=str)] for f in readable
        }
        assert next(report, None) is None
    return found


@pytest.mark.parametrize("folder", [f for f in FOLDERS if not unreadable(f)], ids=lambda f: f.name)
def test_reference_engine_finds_the_same(folder, assessments):
    default, reference = (assessments[engine][folder.name] for engine in ("oxigraph", "reference"))
    assert [seen(a.faults) for a in reference] == [seen(a.faults) for a in default]
    assert [a.outcome for a in reference] == [a.outcome for a in default]


@pytest.mark.parametrize("folder", [f for f in FOLDERS if not unreadable(f)], ids=lambda f: f.name)
def test_case_has_the_same_faults_alone_and_in_a_list(folder, assessments):
    """Only the position of the case differs, and what numbers come before it."""
    alone = api.assess(content(folder)).assessments
    in_list = assessments["oxigraph"][folder.name]

    def inside(assessment):
        found = [(fault[0].removeprefix(assessment.place), *fault[1:]) for fault in seen(assessment.faults)]
        return [fault for fault in found if fault[:2] != (".case_id", "number-taken")]

    assert [inside(a) for a in alone] == [inside(a) for a in in_list]


@pytest.mark.parametrize("folder", [f for f in FOLDERS if unreadable(f)], ids=lambda f: f.name)
def test_unreadable_for_either_engine(folder):
    for engine in ("oxigraph", "reference"):
        with pytest.raises(api.UnreadableError):
            api.validate(content(folder), engine=engine)


@pytest.mark.parametrize(
    "fact, value",
    [
        ("loss_amount", "NaN"),
        ("loss_amount", "1\n"),
        ("loss_amount", "\n1"),
        ("loss_amount", "١٢"),
        ("act_date", "2024-03-01T10:00"),
        ("act_date", "-2024-03-01"),
        ("act_date", "2024-03-01\n"),
        ("act_date", "２０２４-03-01"),
    ],
)
def test_values_that_libraries_read_leniently(fact, value):
    default, reference = (api.validate({fact: value}, engine=engine) for engine in ("oxigraph", "reference"))
    assert [fault.severity for fault in default] == [api.Severity.REFUSED]
    assert seen(reference) == seen(default)


# --- input meant to upset ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"party_type": "indi\\nvidual"}',
        '{"party_type": "indi\\u2028vidual"}',
        '{"in\\nsured": true}',
        '{"loss_amount": "1\\n"}',
        '{"insured": {"value": true, "status": "a\\nb"}}',
        '{"insured": {"value": true, "a\\nb": "c"}}',
        '{"acts": [{"conduct": {"38\\n1": true}}]}',
    ],
)
def test_one_fault_is_one_line(text, capsys, tmp_path):
    status, out, _ = validate(text.encode(), "zh", capsys, tmp_path)
    assert status == 1
    assert len(out.splitlines()) == 2


@pytest.mark.parametrize(
    "text",
    [
        '{"case_id": "\\ud800"}',
        '{"\\ud800": 1}',
        '{"party_type": "\\ud800"}',
        '{"act_id": "\\ud800"}',
        '{"insured": {"value": true, "source": "\\ud800"}}',
        '{"insured": {"value": true, "\\ud800": "a"}}',
        '{"insured": {"value": true, "status": "\\ud800"}}',
        '{"insured": {"value": {"\\ud800": 1}}}',
    ],
)
def test_half_a_character_is_no_text(text, tmp_path):
    """A lone surrogate is JSON but no text: it cannot be printed, so the case is refused."""
    file = tmp_path / "input.json"
    file.write_text(text)
    for command in (["validate"], ["assess", "--format", "json"]):
        assert cli.main([*command, str(file), "-o", str(tmp_path / "out")]) == 1


@pytest.mark.parametrize("around", ['{"insured": %s}', '{"case_id": %s}', '{"insured": {"value": true, "by": %s}}'])
@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_nesting_of_any_depth_is_a_fault(around, opening, closing):
    """Also just below the depth at which the parser gives up."""
    for depth in (2, 41, *range(800, 1010), 5000):
        try:
            text = around % (opening * depth + "1" + closing * depth)
            assert read_json(text.encode(), default_knowledge()).cases[0].faults
        except api.UnreadableError as error:
            assert error.fault.code == "too-deep"


@pytest.mark.parametrize("number, rest", [(100, 0), (101, 1), (5000, 4900)])
def test_names_that_mean_nothing_are_listed_up_to_a_number(number, rest, capsys, tmp_path):
    """Names on the case and on its acts count together."""
    half = number // 2
    case = {f"列{n}": n for n in range(half)} | {"acts": [{f"项{n}": n for n in range(number - half)}]}
    status, out, _ = validate(json.dumps(case).encode(), "zh", capsys, tmp_path)
    told = f"【不予评估】$：另有 {rest} 个名称也不是事实，没有逐一列出；"
    lines = out.splitlines()
    assert (status, len(lines)) == (1, min(number, 100) + (rest > 0) + 1)
    assert any(line.startswith(told) for line in lines) == (rest > 0)


@pytest.mark.parametrize("number, refused", [(30, False), (31, True)])
def test_statements_of_one_fact_are_limited(number, refused, capsys, tmp_path):
    text = json.dumps({"insured": [True] * number})
    status, out, _ = validate(text.encode(), "zh", capsys, tmp_path)
    assert status == refused
    told = "【不予评估】$.insured：参保人员；有 31 条陈述，同一事实最多 30 条；请只保留仍有意义的陈述。"
    assert out.startswith(told) == refused


def test_faults_of_twelve_acts_come_in_their_order():
    case = {"case_id": "1", "acts": [{"act_id": str(i), "harm_level": "big"} for i in range(12)]}
    assert [fault.place for fault in api.validate(case)] == [f"$.acts[{i}].harm_level" for i in range(12)]


def test_faults_of_a_long_list_come_in_their_order():
    """Across the borders of the chunks."""
    cases = [{"insured": "是" if i % 3 else True} for i in range(450)]
    assert [fault.place for fault in api.validate(cases)] == [f"$[{i}].insured" for i in range(450) if i % 3]

"""The command line as a user meets it: what it prints where, its exit status, and never a traceback."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from yibaolex import __version__, cli, jsontext
from yibaolex.catalogue import reason
from yibaolex.knowledge import default_knowledge
from yibaolex.terms import CORE

ROOT = Path(__file__).parents[2]
FACT = "https://w3id.org/yibaolex/fact#"
EXAMPLE = ROOT / "examples" / "yunyang-145.json"
SOUND = {"case_id": "sound", "party_type": "individual"}
COMMANDS = (
    "'assess', 'validate', 'readings', 'ask', 'show', 'search', 'sparql', 'check', 'export', "
    "'report', 'verify', 'template'"
)
REFUSED = {"case_id": "refused", "insured": "是"}


@pytest.fixture
def run(capsys):
    """Run the command in this process: (exit status, standard output, standard error)."""

    def run(*arguments):
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse ends --help and --version like this
            status = stop.code
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def write(tmp_path):
    """Write what is given as JSON and return the path."""

    def write(content, name="input.json"):
        file = tmp_path / name
        file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return file

    return write


def command(*arguments, **options):
    """Run the command in a process of its own."""
    line = [sys.executable, "-m", "yibaolex", *map(os.fspath, arguments)]
    return subprocess.run(line, capture_output=True, timeout=60, **options)


# --- outcomes ---------------------------------------------------------------------------------------------------------


def test_one_case_gives_an_object(run):
    status, out, err = run("assess", EXAMPLE, "--format", "json")
    outcome = json.loads(out)
    assert (status, err) == (0, "")
    assert outcome["case_id"] == "yunyang-145"
    assert [act["act_id"] for act in outcome["acts"]] == ["1", "2"]


def test_list_of_one_case_gives_a_list(run, write):
    status, out, _ = run("assess", write([SOUND]), "--format", "json")
    assert status == 0
    assert [outcome["case_id"] for outcome in json.loads(out)] == ["sound"]


def test_list_gives_its_cases_in_order(run, write):
    names = [f"case {i}" for i in (3, 11, 1, 2, 10)]
    status, out, _ = run("assess", write([{"case_id": name} for name in names]), "--format", "json")
    assert status == 0
    assert [outcome["case_id"] for outcome in json.loads(out)] == names


def test_refused_case_keeps_its_place(run, write):
    status, out, err = run("assess", write([SOUND, REFUSED, {**SOUND, "case_id": "other"}]), "--format", "json")
    first, refused, last = json.loads(out)
    assert status == 1
    assert [first["case_id"], refused["case_id"], last["case_id"]] == ["sound", "refused", "other"]
    assert set(refused) == {"case_id", "errors"}
    assert [error["place"] for error in refused["errors"]] == ["$[1].insured"]
    assert [error["message"] for error in refused["errors"]] == err.splitlines()
    assert first["acts"] and last["acts"]


def test_refused_case_alone_is_an_object(run, write):
    status, out, _ = run("assess", write(REFUSED), "--format", "json")
    assert status == 1
    assert json.loads(out)["case_id"] == "refused"


def test_refused_case_is_named_in_the_text(run, write):
    """Whoever reads only the text must see that a case is missing from it."""
    status, out, _ = run("assess", write([SOUND, REFUSED]))
    assert status == 1
    assert "refused" in out


def test_contradictory_act_leaves_the_other_act_settled(run, write):
    case = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    sound = json.loads(run("assess", EXAMPLE, "--format", "json")[1])
    case["acts"][0]["still_ongoing"] = True
    status, out, err = run("assess", write(case), "--format", "json")
    found = json.loads(out)
    assert status == 0
    assert err.startswith("【提示】$.acts[0]：")
    assert found["acts"][0]["contradictions"] and not found["acts"][1]["contradictions"]
    assert (found["acts"][0]["category"], found["acts"][0]["fine"]["status"]) == (None, "undetermined")
    assert found["acts"][1] == sound["acts"][1]
    assert sound["acts"][1]["fine"]["status"] == "band"


def test_noted_case_is_assessed(run, write):
    """A remark goes to standard error and does not change the exit status of ``assess``, but that of ``validate``."""
    file = write({"case_id": "1", "aggravating_circumstance": True})
    status, out, err = run("assess", file, "--format", "json")
    assert (status, json.loads(out)["case_id"]) == (0, "1")
    assert err.startswith("【提示】$.aggravating_circumstance：")
    assert run("validate", file)[0] == 1


def test_text_is_the_default_format(run):
    assert run("assess", EXAMPLE) == run("assess", EXAMPLE, "--format", "text")
    assert run("assess", EXAMPLE)[1].startswith("案件 yunyang-145\n")


def test_engines_print_the_same(run):
    reference, default = (run("assess", EXAMPLE, "--format", "json", "--engine", e) for e in ("reference", "oxigraph"))
    assert json.loads(reference[1]) == json.loads(default[1])
    assert (reference[0], reference[2]) == (default[0], default[2]) == (0, "")
    assert default == run("assess", EXAMPLE, "--format", "json")
    assert run("assess", EXAMPLE, "--engine", "reference") == run("assess", EXAMPLE)


def test_no_presumption_is_the_default(run):
    assert run("assess", EXAMPLE, "--presume", "none") == run("assess", EXAMPLE)


@pytest.mark.parametrize("before", [["--lang", "en"], ["--lang=en"]], ids=" ".join)
@pytest.mark.parametrize(
    "rest",
    [["assess", EXAMPLE], ["validate", EXAMPLE], ["assess", EXAMPLE, "--format", "text"]],
    ids=lambda rest: " ".join([rest[0], *rest[2:]]),
)
def test_language_before_and_after_the_subcommand(run, before, rest):
    assert run(*before, *rest) == run(*rest, *before)
    assert run(*before, *rest)[1].startswith(("case yunyang-145\n", "nothing found in 1 case(s).\n"))


def test_language_after_the_subcommand_wins(run):
    assert run("--lang", "en", "validate", EXAMPLE, "--lang", "zh")[1].startswith("没有发现问题")


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["assess"],
        ["assess", "--format", "json"],
        ["validate"],
        ["validate", "--lang", "en"],
    ],
    ids=" ".join,
)
def test_output_file_holds_what_would_be_printed(run, tmp_path, arguments):
    printed = run(*arguments, EXAMPLE)[1]
    for option in ("-o", "--output"):
        out = tmp_path / f"out{option}"
        assert run(*arguments, EXAMPLE, option, out) == (0, "", "")
        assert out.read_bytes().decode("utf-8") == printed


@pytest.mark.parametrize("subcommand", ["assess", "validate"])
def test_output_that_cannot_be_written(run, tmp_path, subcommand):
    for out in (tmp_path / "missing" / "out", tmp_path):
        status, printed, err = run(subcommand, EXAMPLE, "-o", out)
        assert (status, printed) == (2, "")
        assert err.startswith(f"无法写入 {out}：")


@pytest.mark.parametrize("subcommand", ["assess", "validate"])
@pytest.mark.parametrize("name", ["missing.json", "."])
def test_input_that_cannot_be_opened(run, tmp_path, subcommand, name):
    file = tmp_path / name
    status, out, err = run(subcommand, file)
    assert (status, out) == (2, "")
    assert err.startswith(f"无法读取 {file}：") and err.count("\n") == 1
    assert run(subcommand, file, "--lang", "en")[2].startswith(f"cannot read {file}: ")


@pytest.mark.parametrize("subcommand", ["assess", "validate"])
def test_unreadable_input_is_a_finding(run, tmp_path, subcommand):
    file = tmp_path / "broken.json"
    file.write_text("{")
    message = "【不予评估】1:2：不是有效的 JSON（到第 1 行第 2 列就结束了）；还缺少括号或者值，请核对文件是否完整。\n"
    assert run(subcommand, file) == (1, "", message)


@pytest.mark.parametrize("subcommand", ["assess", "validate"])
def test_standard_input(run, monkeypatch, subcommand):
    with EXAMPLE.open(encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert run(subcommand, "-") == run(subcommand, EXAMPLE)


@pytest.mark.parametrize(
    "arguments",
    [
        ["assess"],
        ["assess", "--format", "json"],
        ["assess", "-o"],
        ["validate"],
        ["validate", "-o"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("content", [SOUND, [SOUND, REFUSED]], ids=["sound", "refused"])
def test_input_is_never_modified(run, write, arguments, content):
    """Not even if it is named as the output."""
    file = write(content)
    before = file.read_bytes()
    subcommand, *options = arguments
    run(subcommand, file, *options, *([file] if "-o" in options else []))
    assert file.read_bytes() == before


# --- wrong use --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, zh, en",
    [
        ([], "缺少 COMMAND", "COMMAND is missing"),
        (
            ["judge", EXAMPLE],
            f"COMMAND 只能是 {COMMANDS} 之一，不能是“judge”",
            f'COMMAND must be one of {COMMANDS}, not "judge"',
        ),
        (["assess"], "缺少 FILE", "FILE is missing"),
        (["validate"], "缺少 FILE", "FILE is missing"),
        (
            ["asess", EXAMPLE],
            f"COMMAND 只能是 {COMMANDS} 之一，不能是“asess”；是否指 assess",
            f'COMMAND must be one of {COMMANDS}, not "asess"; do you mean assess',
        ),
        (
            ["assess", EXAMPLE, EXAMPLE],
            f"多写了 {EXAMPLE}；要读取多个时请分别执行",
            f"{EXAMPLE} is one too many; run the command once for each",
        ),
        (["assess", EXAMPLE, "--fast"], "不认识 --fast", "--fast is not known"),
        (["validate", EXAMPLE, "--format", "json"], "不认识 --format json", "--format json is not known"),
        (
            ["assess", EXAMPLE, "--format", "pdf"],
            "--format 只能是 'text', 'json', 'turtle', 'jsonld' 之一，不能是“pdf”",
            "--format must be one of 'text', 'json', 'turtle', 'jsonld', not \"pdf\"",
        ),
        (
            ["assess", EXAMPLE, "--engine", "jena"],
            "--engine 只能是 'oxigraph', 'reference' 之一，不能是“jena”",
            "--engine must be one of 'oxigraph', 'reference', not \"jena\"",
        ),
        (["assess", EXAMPLE, "-o"], "-o/--output 后面缺少值", "-o/--output needs a value"),
        (["assess", EXAMPLE, "--presume"], "--presume 后面缺少值", "--presume needs a value"),
    ],
    ids=lambda value: " ".join(a for a in value if isinstance(a, str)) if isinstance(value, list) else "",
)
def test_wrong_use(run, arguments, zh, en):
    assert run(*arguments) == (2, "", f"用法不对：{zh}。用 --help 查看用法。\n")
    assert run("--lang", "en", *arguments) == (2, "", f"wrong use: {en}. See --help.\n")


def test_unknown_language(run):
    status, out, err = run("--lang", "fr", "assess", EXAMPLE)
    assert (status, out) == (2, "")
    assert err == "用法不对：--lang 只能是 'zh', 'en' 之一，不能是“fr”。用 --help 查看用法。\n"


@pytest.mark.parametrize(
    "option, zh, en",
    [
        (
            ["--presume", "guilt"],
            "没有名为“guilt”的推定方案；可用的有 ",
            'there is no presumption profile "guilt"; there are ',
        ),
        (["--presume", ""], "没有名为“”的推定方案；可用的有 ", 'there is no presumption profile ""; there are '),
        (
            ["--reading", "first-day=never"],
            "没有“first-day=never”这一解释选项；可用的有 ",
            'there is no reading "first-day=never"; there are ',
        ),
        (
            ["--reading", "first-day"],
            "没有“first-day”这一解释选项；可用的有 ",
            'there is no reading "first-day"; there are ',
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_unknown_profile_or_reading(run, option, zh, en):
    for language, words in (("zh", zh), ("en", en)):
        status, out, err = run("assess", EXAMPLE, *option, "--lang", language)
        assert (status, out) == (2, "")
        assert err.startswith(words) and err.count("\n") == 1
        assert "none" in err if "--presume" in option else "first-day=" in err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["assess", "--help"], ["validate", "-h"]], ids=" ".join)
def test_help(run, arguments):
    for language, words, start in (("zh", "显示帮助", "用法："), ("en", "show this help", "usage: ")):
        status, out, err = run("--lang", language, *arguments)
        assert (status, err) == (0, "")
        assert words in out and out.startswith(f"{start}yibaolex")
        assert ("options:" in out) == ("选项:" not in out) == (language == "en")


def test_version(run):
    assert run("--version") == (0, f"yibaolex {__version__}\n", "")


# --- in a process of its own ------------------------------------------------------------------------------------------


def test_process_prints_utf8_whatever_the_locale():
    result = command("validate", EXAMPLE, env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    assert (result.returncode, result.stdout.decode("utf-8")) == (0, "没有发现问题：1 个案件。\n")


def test_process_reads_standard_input():
    result = command("validate", "-", input=b'\xef\xbb\xbf{"insured": 1}')
    assert result.returncode == 1
    assert result.stdout.decode("utf-8").startswith("【不予评估】$.insured：")


def test_reference_engine_keeps_its_library_quiet(write):
    """rdflib logs a traceback for each malformed literal."""
    result = command("validate", write({"act_date": "2024-02-30", "loss_amount": "abc"}), "--engine", "reference")
    assert result.returncode == 1
    assert result.stderr.decode("utf-8") == ""


def test_file_name_that_is_no_text(tmp_path):
    result = command("validate", os.fsencode(tmp_path) + b"/\xff.json")
    assert result.returncode == 2
    assert b"Traceback" not in result.stderr and b"lost sys.stderr" not in result.stderr


def test_reader_that_goes_away():
    """As with ``yibaolex assess cases.json | true``."""
    line = [sys.executable, "-m", "yibaolex", "assess", str(EXAMPLE)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.parametrize("order", [["--why", EXAMPLE], [EXAMPLE, "--why"], [EXAMPLE, "--why", ""]], ids=str)
def test_bare_why_asks_for_everything_wherever_it_stands(run, order):
    status, out, _ = run("assess", *order)
    assert status == 0
    assert "【从轻、减轻的情形】" in out and "【法律后果】" in out


def test_why_is_not_misled_by_a_file_of_that_name(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fine").write_text("", encoding="utf-8")
    assert run("assess", EXAMPLE, "--why", "fine")[0] == 0


@pytest.mark.parametrize("folder", ["derive", "outcome", "alternatives"])
def test_the_program_runs_wherever_it_stands(tmp_path, folder):
    """The names of the folders above it mean nothing."""
    home = tmp_path / folder / "home"
    for part in ("src", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / part, home / part)
    command = [sys.executable, "-m", "yibaolex", "assess", EXAMPLE, "--format", "json"]
    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(home / "src")}, capture_output=True, check=True)
    assert json.loads(run.stdout)["acts"]


@pytest.mark.parametrize(
    "key", ["fine", "罚款", "R38.4", "TL38.s3b", "loss_amount", "造成损失金额", "Category", "裁量档次"]
)
def test_why_knows_kinds_rules_clauses_facts_and_labels(run, key):
    status, out, _ = run("assess", EXAMPLE, "--why", key)
    assert status == 0
    assert "没有用到" not in out
    assert len(out) < len(run("assess", EXAMPLE, "--why")[1])


@pytest.mark.parametrize(
    "option, zh, en",
    [
        (
            ["--why", "finne"],
            "没有名为“finne”的结果、规则、条款或者事实；相近的有 fine",
            'there is no result, rule, clause or fact called "finne"; close to it are fine',
        ),
        (["--why", "--format", "json"], "--why 只用于文字格式；", "--why is for the text format only; "),
        (
            ["--reading", "first-day=open", "--reading", "first-day=counted"],
            "解释“first-day”指定了不止一次；",
            'reading "first-day" is given more than once; ',
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_why_and_readings_used_wrongly(run, option, zh, en):
    for language, words in (("zh", zh), ("en", en)):
        status, out, err = run("assess", EXAMPLE, *option, "--lang", language)
        assert (status, out) == (2, "")
        assert err.startswith(words) and err.count("\n") == 1


def test_an_instrument_as_akoma_ntoso(run, tmp_path):
    target = tmp_path / "cq345.xml"
    assert run("export", "cq345", "--format", "akn", "-o", str(target)) == (0, "", "")
    assert target.read_text(encoding="utf-8").startswith('<?xml version="1.0" encoding="UTF-8"?>\n<akomaNtoso ')


@pytest.mark.parametrize("arguments", [["--format", "akn"], ["cq345"]])
def test_export_of_one_needs_a_path_and_of_all_takes_none(run, arguments):
    status, out, err = run("export", *arguments, "--lang", "en")
    assert (status, out) == (2, "")
    assert err == (
        "--format akn needs the path of an instrument (such as cq345); "
        "the other formats write everything, or the glossary (glossary), and take no other path\n"
    )


def test_what_no_page_prints_cannot_be_exported(run):
    status, out, err = run("export", "sil", "--format", "akn")
    assert (status, out) == (2, "")
    assert err.startswith("“《社会保险法》（2018年修正）”没有逐页载明全文")


def test_check_finds_nothing_wrong(run):
    status, out, err = run("check", "--lang", "en")
    assert (status, err) == (0, "")
    assert out.endswith("(clauses encoded or with a recorded reason)\nNothing is wrong.\n")


@pytest.mark.parametrize(
    "arguments", [["ask", "prohibitions-of"], ["assess", EXAMPLE], ["validate", EXAMPLE], ["readings"]]
)
def test_output_that_the_caller_closed(arguments, capsys, monkeypatch):
    monkeypatch.setattr(cli.sys, "stdout", None)
    assert cli.main([str(argument) for argument in arguments]) == 2
    monkeypatch.undo()
    assert "已经关闭" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["assess", "validate", "sparql"])
def test_input_that_the_caller_closed(name, run, monkeypatch):
    monkeypatch.setattr(cli.sys, "stdin", None)
    assert run(name, "-") == (2, "", "无法读取 -：已经关闭。请检查路径和权限。\n")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_the_system_says_is_told_in_the_language(language):
    """What the catalogue has no words for stays as the system puts it."""
    known = {"zh": "磁盘空间不足", "en": "no space left on the disk"}
    assert reason(OSError(errno.ENOSPC, "No space left on device"), language) == known[language]
    assert reason(OSError(errno.EXDEV, "Invalid cross-device link"), language) == "Invalid cross-device link"
    assert reason(OSError("no number"), language) == "no number"


def test_a_name_cannot_change_the_screen(run):
    status, _, err = run("assess", "no\x1b[31m\n.json")
    assert status == 2 and err == "无法读取 no\\u001b[31m\\n.json：没有这个文件或者文件夹。请检查路径和权限。\n"


def test_faults_do_not_go_to_the_output_where_the_caller_closed_their_stream(write):
    file = write([REFUSED, SOUND])
    outcome = command("assess", file, "--format", "json", preexec_fn=lambda: os.close(2))
    assert outcome.returncode == 1
    assert [case["case_id"] for case in json.loads(outcome.stdout)] == ["refused", "sound"]


def test_the_case_file_is_not_overwritten_by_way_of_standard_input(write):
    file = write(SOUND)
    before = file.read_bytes()
    with file.open("rb") as stream:
        outcome = command("assess", "-", "-o", file, stdin=stream)
    assert (outcome.returncode, file.read_bytes()) == (2, before)
    assert outcome.stderr.decode() == f"{file} 就是要读取的案件文件，不能覆盖；请另选输出文件。\n"


def test_a_file_that_never_ends_is_refused(run, monkeypatch):
    for module in (cli, jsontext):
        monkeypatch.setattr(module, "LARGEST", 2**20)
    status, out, err = run("validate", "/dev/zero")
    assert (status, out) == (1, "")
    assert err == "【不予评估】$：文件超过 1 MB，无法读取；请把案件分成几个文件。\n"


def test_too_little_memory_is_told(run, monkeypatch):
    def out_of_memory(*_, **__):
        raise MemoryError

    monkeypatch.setattr(cli.api, "assess", out_of_memory)
    status, out, err = run("validate", EXAMPLE, "--lang", "en")
    assert (status, out) == (1, "")
    assert err.startswith("out of memory, not finished; split the cases")


def test_a_law_that_contradicts_itself_is_told_and_gives_no_result(run, write, monkeypatch):
    """A rule that gives a fact a second value beside what is stated."""
    law = default_knowledge()
    rule = f"INSERT {{ ?act <{FACT}insured> false }} WHERE {{ ?act a <{CORE}Act> }}"
    monkeypatch.setattr(law, "phases", {**law.phases, "2-facts": [*law.phases["2-facts"], rule]})
    case = write({"party_type": "individual", "insured": True})
    status, out, err = run("assess", case, "--format", "json", "--lang", "en")
    assert (status, out) == (1, "")
    assert err.startswith("the law as encoded contradicts itself, and there is no result: ")
    assert f"{FACT}insured is both " in err

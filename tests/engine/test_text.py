"""The text that readers get, word for word: ``text/<case or example>[@<asked for>][~<options>].<language>.txt``."""

import json
import re
from pathlib import Path

import pytest

from yibaolex import cli
from yibaolex.screen import fitted, width

CASES = Path(__file__).parents[1] / "law" / "cases"
EXAMPLES = Path(__file__).parents[2] / "examples"
TEXTS = sorted((Path(__file__).parent / "text").glob("*.txt"))


def parts(golden):
    stem, language = golden.stem.rsplit(".", 1)
    name = re.split("[@~]", stem)[0]
    case = CASES / name / "case.json"
    return case if case.exists() else EXAMPLES / f"{name}.json", language


def options(golden):
    """What stands in the name: after ``@`` what is asked of the reasons (``all``: everything), after ``~`` options."""
    name, *given = golden.stem.rsplit(".", 1)[0].split("~")
    _, asked, key = name.partition("@")
    return ["--why", *([key] if key != "all" else []), *given] if asked else given


@pytest.mark.parametrize("golden", TEXTS, ids=lambda path: path.stem)
def test_text(golden, capsys):
    case, language = parts(golden)
    assert cli.main(["assess", str(case), "--format", "text", "--lang", language, *options(golden)]) == 0
    assert capsys.readouterr().out == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_texts_of_a_list_are_those_of_its_cases(language, capsys, tmp_path):
    """With an empty line between cases."""
    goldens = [golden for golden in TEXTS if parts(golden)[1] == language and not options(golden)]
    assert len(goldens) >= 20
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([json.loads(parts(golden)[0].read_text(encoding="utf-8")) for golden in goldens]))
    assert cli.main(["assess", str(file), "--lang", language]) == 0
    assert capsys.readouterr().out == "\n".join(golden.read_text(encoding="utf-8") for golden in goldens)


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("golden", TEXTS[::4], ids=lambda path: path.stem)
def test_text_fits_the_screen(golden, columns):
    """No line is wider than the screen (a Chinese character takes two columns), and no character is lost."""
    told = golden.read_text(encoding="utf-8")
    shown = fitted(told, columns)
    deepest = max(len(line) - len(line.lstrip()) for line in told.splitlines())
    longest_word = max(width(word) for word in re.findall(r"[!-~]+", told)) + 4
    assert max(map(width, shown.splitlines())) <= max(columns, deepest + 2 + max(12, longest_word))
    assert "".join(shown.split()) == "".join(told.split())
    assert max(map(width, told.splitlines())) <= columns or shown != told


@pytest.mark.parametrize(("line", "parts"), [
    ("  ✓ 一二三四五六七八九十。", ["  ✓ 一二三四五六七八", "    九十。"]),
    ("一二三四五六七八九十：一", ["一二三四五六七八九", "  十：一"]),
    ("一二三四五六七八九（十）", ["一二三四五六七八九", "  （十）"]),
    ("金额一二三 14,061.60 元整", ["金额一二三 14,061.60", "  元整"]),
    ("金额一二三四五 14,061.60 元", ["金额一二三四五", "  14,061.60 元"]),
    ("", [""]),
    ("short", ["short"]),
], ids=str)  # fmt: skip
def test_lines_are_broken_between_characters_but_not_at_punctuation_or_in_numbers(line, parts):
    assert fitted(line + "\n", 20).splitlines() == parts


def test_text_is_fitted_on_a_screen_only(monkeypatch, capsys, tmp_path):
    case = str(EXAMPLES / "changli-02.json")
    assert cli.main(["assess", case]) == 0
    plain = capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cli.main(["assess", case]) == 0
    assert capsys.readouterr().out == fitted(plain, 60)
    assert cli.main(["assess", case, "-o", str(tmp_path / "out.txt")]) == 0
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == plain


def test_every_text_is_in_both_languages():
    found = {lang: {g.name.rsplit(".", 2)[0] for g in TEXTS if parts(g)[1] == lang} for lang in ("zh", "en")}
    assert found["zh"] == found["en"]


def test_a_case_cannot_forge_a_line(capsys, tmp_path):
    """Free text of the file stays on the line on which it is told."""
    forged = "x\n      ✓ fine: no fine\u2028y"
    stated = {"value": "100.00", "evidence": forged, "by": forged, "source": forged}
    case = {"case_id": forged, "acts": [{"act_id": forged, "conduct": {"38.1": True}, "loss_amount": stated}]}
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case), encoding="utf-8")
    for options in ([], ["--why"], ["--why", "loss_amount"]):
        assert cli.main(["assess", str(file), *options, "--lang", "en"]) == 0
        told = capsys.readouterr().out
        assert not [line for line in told.splitlines() if line.strip().startswith("✓ fine: no fine")]
        assert "x\\n" in told

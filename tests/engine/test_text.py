"""The text that readers get, word for word: ``text/<case or example>[@<what is asked for>].<language>.txt``."""

import json
from pathlib import Path

import pytest

from yibaolex import cli

CASES = Path(__file__).parents[1] / "law" / "cases"
EXAMPLES = Path(__file__).parents[2] / "examples"
TEXTS = sorted((Path(__file__).parent / "text").glob("*.txt"))


def parts(golden):
    name, language = golden.stem.rsplit(".", 1)
    case = CASES / name.partition("@")[0] / "case.json"
    return case if case.exists() else EXAMPLES / f"{name.partition('@')[0]}.json", language


def options(golden):
    """What follows ``@`` in the name: the result, rule, clause or fact asked for; ``all`` asks for everything."""
    _, asked, key = golden.stem.rsplit(".", 1)[0].partition("@")
    return ["--why", *([key] if key != "all" else [])] if asked else []


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


def test_every_text_is_in_both_languages():
    found = {lang: {g.name.rsplit(".", 2)[0] for g in TEXTS if parts(g)[1] == lang} for lang in ("zh", "en")}
    assert found["zh"] == found["en"]

"""The pages of the vocabulary are what the script writes from the ontology today, and need nothing else."""

import re
import runpy
from pathlib import Path

import pytest

pytest.importorskip("pylode")

ROOT = Path(__file__).parents[2]
PAGES = runpy.run_path(str(ROOT / "docs" / "build_ontology.py"))["pages"]()
TERM = re.compile(r"(?m)^y:(\w+)")
CHINESE = re.compile(r"[⺀-鿿]")


@pytest.fixture(params=PAGES, ids=lambda page: page.name)
def page(request) -> Path:
    return request.param


def test_page_is_what_the_script_writes(page):
    assert page.read_text(encoding="utf-8") == PAGES[page], "run: python docs/build_ontology.py"


def test_page_loads_nothing(page):
    text = PAGES[page]
    assert not re.findall(r"<script|<img|<iframe|@import|url\(|\ssrc=", text)
    assert re.findall(r"<link [^>]*>", text) == ['<link href="data:," rel="icon">']


def test_every_term_has_a_place_and_every_link_in_the_page_leads_to_one(page):
    folder = ROOT / "ontology"
    sources = [*folder.glob("core/*.ttl"), folder / "norms" / "vocabulary.ttl"]
    terms = {term for path in sources for term in TERM.findall(path.read_text(encoding="utf-8"))}
    places = re.findall(r'\sid="([^"]+)"', PAGES[page])
    assert sorted(terms - set(places)) == []
    assert sorted(set(re.findall(r'href="#([^"]+)"', PAGES[page])) - set(places)) == []
    assert sorted(place for place in places if places.count(place) > 1) == []


def test_english_page_has_no_chinese_but_the_link_to_the_other(page):
    lines = [line for line in PAGES[page].splitlines() if CHINESE.search(line)]
    if page.name.endswith(".en.html"):
        assert lines == ['<a href="ontology.zh.html" lang="zh">中文</a>']
    else:
        assert len(lines) > 1000

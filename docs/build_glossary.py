"""Writes the pages of the glossary: ``python docs/build_glossary.py``.

What this script is for: ``glossary.zh.html`` and ``glossary.en.html``, where every actor, fund, fact, condition and
consequence stands with what it means. What a reader must not break: the words of a page stand in
``ontology.words.toml`` and in the ontology, none here; a page needs nothing from the network. Classes and properties
that nothing stands above are on the pages of the vocabulary.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from html import escape
from pathlib import Path

from pyoxigraph import Literal

from yibaolex.glossary import glossary
from yibaolex.research import BASE

DOCS = Path(__file__).resolve().parent
WORDS = tomllib.loads((DOCS / "ontology.words.toml").read_text(encoding="utf-8"))
SKOS = "http://www.w3.org/2004/02/skos/core#"
SOURCE = "http://purl.org/dc/terms/source"
COLUMNS = ("term", "other_language", "names", "definition", "broader", "distinct", "source")
STYLE = """
body { font-family: sans-serif; margin: 2em; line-height: 1.5; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #ddd; padding: 4px 8px; text-align: left; vertical-align: top; }
th { white-space: nowrap; }
:target { background: #ffd; }
"""


class Page:
    """The glossary in one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._other = next(name for name in WORDS if name != language)
        self._words = WORDS[language]["glossary"]
        self._said: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
        for quad in glossary():
            self._said[quad.subject.value][quad.predicate.value].append(quad.object)

    def text(self) -> str:
        """The page as HTML."""
        sections = self._sections()
        contents = "".join(
            f'<li><a href="#section-{self._place(top)}">{escape(self._label(top))}</a></li>\n' for top in sections
        )
        tables = "".join(self._section(top, members) for top, members in sections.items())
        return (
            f'<!DOCTYPE html>\n<html lang="{self._language}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
            f"<title>{escape(self._words['title'])}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
            f"<h1>{escape(self._words['title'])}</h1>\n"
            f'<p><a href="glossary.{self._other}.html" lang="{self._other}">{WORDS[self._language]["other"]}</a></p>\n'
            f"<p>{self._words['about']}</p>\n<ul>\n{contents}</ul>\n{tables}</body>\n</html>\n"
        )

    def _sections(self) -> dict[str, list[str]]:
        """The concepts that have something above them, under the top of their line, all by their labels."""
        found = defaultdict(list)
        for node, said in self._said.items():
            if said[SKOS + "broader"]:
                found[self._top(node)].append(node)
        return {top: sorted(found[top], key=self._order) for top in sorted(found, key=self._order)}

    def _top(self, node: str) -> str:
        wider = self._said[node][SKOS + "broader"]
        return self._top(min(concept.value for concept in wider)) if wider else node

    def _section(self, top: str, members: list[str]) -> str:
        heads = "".join(f"<th>{escape(self._words[name])}</th>" for name in COLUMNS)
        rows = "".join(self._row(node) for node in members)
        title = f'<h2 id="section-{self._place(top)}">{escape(self._label(top))}</h2>'
        return f"{title}\n<p>{escape(self._text(top, 'definition'))}</p>\n<table>\n<tr>{heads}</tr>\n{rows}</table>\n"

    def _row(self, node: str) -> str:
        cells = (
            escape(self._label(node)),
            f'<span lang="{self._other}">{escape(self._label(node, self._other))}</span>',
            escape(self._text(node, "altLabel")),
            escape(self._text(node, "definition")),
            self._links(node, "broader"),
            self._links(node, "related"),
            escape(self._joined(source.value.removeprefix(BASE) for source in self._said[node][SOURCE])),
        )
        return f'<tr id="{self._place(node)}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n"

    def _links(self, node: str, relation: str) -> str:
        targets = sorted((concept.value for concept in self._said[node][SKOS + relation]), key=self._order)
        return self._words["comma"].join(
            f'<a href="#{self._anchor(target)}">{escape(self._label(target))}</a>' for target in targets
        )

    def _anchor(self, node: str) -> str:
        """Where a concept stands on the page: its row, or the section of a top concept."""
        return self._place(node) if self._said[node][SKOS + "broader"] else "section-" + self._place(node)

    def _place(self, node: str) -> str:
        return escape(node.removeprefix(BASE))

    def _label(self, node: str, language: str = "") -> str:
        return self._text(node, "prefLabel", language)

    def _order(self, node: str) -> tuple[str, str]:
        return self._label(node), node

    def _text(self, node: str, relation: str, language: str = "") -> str:
        texts = (text for text in self._said[node][SKOS + relation] if isinstance(text, Literal))
        return self._joined(text.value for text in texts if text.language == (language or self._language))

    def _joined(self, texts) -> str:
        return self._words["comma"].join(sorted(texts))


def pages() -> dict[Path, str]:
    """The text of each page, by its path."""
    return {DOCS / f"glossary.{language}.html": Page(language).text() for language in WORDS}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")

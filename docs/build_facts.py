"""Writes the reference pages from the ontology and the queries: ``python docs/build_facts.py``.

Each ``NAME.template.md`` of this folder becomes ``NAME.md``. A reader must not break: the words of a page stand in its
template, the words of the law in the ontology, none here; the order of a table is that of the Turtle files.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import jinja2
from pyoxigraph import RdfFormat, parse

DOCS = Path(__file__).resolve().parent
CORE = "https://w3id.org/yibaolex/core#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SOURCE = "http://purl.org/dc/terms/source"


class Term:
    """A resource of the ontology as the templates see it; ``found`` holds the objects of its predicates, in order."""

    def __init__(self, triples: dict[str, dict[str, list]], node: str) -> None:
        self._triples = triples
        self.found = triples[node]
        self.notation = next((found.value for found in self.found[SKOS + "notation"]), "")

    def is_a(self, kind: str) -> bool:
        """Whether it is an instance of the core class ``kind``."""
        return any(found.value == CORE + kind for found in self.found[TYPE])

    def label(self, language: str) -> str:
        """Its label in ``language``."""
        return self._text(LABEL, language)

    def definition(self, language: str) -> str:
        """Its definition in ``language``."""
        return self._text(SKOS + "definition", language)

    def sources(self) -> list[Term]:
        """The provisions on which it rests."""
        return [Term(self._triples, found.value) for found in self.found[SOURCE]]

    def all(self, relation: str) -> list[Term]:
        """The resources to which the core relation ``relation`` leads."""
        return [Term(self._triples, found.value) for found in self.found[CORE + relation]]

    def has(self, relation: str, name: str | None = None) -> bool:
        """Whether it has the core relation ``relation`` (to the core term ``name``)."""
        return any(name is None or found.value == CORE + name for found in self.found[CORE + relation])

    def _text(self, predicate: str, language: str) -> str:
        return next((found.value for found in self.found[predicate] if found.language == language), "")


def pages() -> dict[Path, str]:
    """The text of each page, by its path."""
    triples: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    folders = (DOCS.parent / "ontology" / name for name in ("core", "law"))
    for path in (path for folder in folders for path in sorted(folder.glob("*.ttl"))):
        for quad in parse(path=str(path), format=RdfFormat.TURTLE):
            triples[quad.subject.value][quad.predicate.value].append(quad.object)
    terms = [term for term in (Term(triples, node) for node in list(triples)) if term.notation]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(DOCS),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    names = sorted(path.name for path in DOCS.glob("*.template.md"))
    told = {"terms": terms, "questions": questions()}
    return {DOCS / name.replace(".template", ""): environment.get_template(name).render(told) for name in names}


def questions() -> list[dict[str, str]]:
    """The name and the header lines of each query about findings."""
    found = []
    for path in sorted((DOCS.parent / "queries" / "findings").glob("*.rq")):
        lines = [line[3:] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#+ ")]
        header = (line.partition(":") for line in lines)
        found.append({"name": path.stem, **{key.strip().replace("-", "_"): text.strip() for key, _, text in header}})
    return found


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")

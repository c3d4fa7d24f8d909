"""Writes the pages of the vocabulary with pyLODE: ``python docs/build_ontology.py``.

What this script is for: ``ontology.zh.html`` and ``ontology.en.html`` from ``ontology/core/`` and the vocabulary of
norms, one language each. What a reader must not break: the words of a page stand in ``ontology.words.toml`` and in the
ontology, none here; a page needs nothing from the network; a link to a term is its name, whatever its label.

pyLODE 3.3.4 writes the tables of the terms and the style sheet. Its headings are English only, it leaves out
individuals, and it expects one ontology a page; so the frame of the page is written here. (The wheel of 3.4.1 cannot be
imported: it reads a file that it lacks.)
"""

from __future__ import annotations

import re
import tomllib
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dominate.tags import a, div, h1, h3, h4, li, link, meta, p, style, ul
from dominate.util import raw
from pylode.profiles.ontpub import OntPub
from pylode.rdf_elements import CLASS_PROPS, PROP_PROPS
from pylode.utils import section_html
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef

DOCS = Path(__file__).resolve().parent
ONTOLOGY = DOCS.parent / "ontology"
SOURCES = [*sorted((ONTOLOGY / "core").glob("*.ttl")), ONTOLOGY / "norms" / "vocabulary.ttl"]
CORE = "https://w3id.org/yibaolex/core#"
WORDS = tomllib.loads((DOCS / "ontology.words.toml").read_text(encoding="utf-8"))
INDIVIDUAL_PROPS = [RDFS.isDefinedBy, DCTERMS.title, DCTERMS.type, DCTERMS.description, SKOS.notation, DCTERMS.source]
SECTIONS = {
    "classes": (OWL.Class, CLASS_PROPS),
    "object_properties": (OWL.ObjectProperty, PROP_PROPS),
    "datatype_properties": (OWL.DatatypeProperty, PROP_PROPS),
    "annotation_properties": (OWL.AnnotationProperty, PROP_PROPS),
    "individuals": (OWL.NamedIndividual, INDIVIDUAL_PROPS),
}
TOOLTIP = re.compile(r' title="[^"]* Defined in [^"]*"')
STYLE = """
#content { max-width: 60em; }
.entity th { width: 11em; font-weight: normal; color: #555; }
.entity th, .entity td { padding-bottom: 6px; vertical-align: top; }
.hover_property { color: inherit; border: 0; cursor: inherit; }
#content td ul { margin: 0; padding: 0; list-style: none; }
#content td ul li { margin: 0; }
td p { margin: 0; }
code { font-size: small; }
#pylode { position: static; transform: none; margin-top: 3em; }
@media (max-width: 60em) {
  body { padding: 1em; }
  #toc { position: static; width: auto; height: 16em; }
  #content { width: auto; }
  .entity th { width: 7em; }
}
"""


class Page(OntPub):
    """The page of the vocabulary in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words = WORDS[language]
        super().__init__(terms(language, self.words["functional"]), sort_subjects=True)
        self.ns = (CORE, CORE)
        self.fids = {str(node): str(node).removeprefix(CORE) for node in self.ont.subjects() if CORE in node}
        rows = {URIRef(name): {"title": row, "description": "", "ont_title": ""} for name, row in self.rows.items()}
        self.props_labeled = {**self.props_labeled, **rows}
        self.doc.title = self.words["title"]
        self.doc["lang"] = language

    @property
    def rows(self) -> dict[str, str]:
        """What each row of a table is headed."""
        return self.words["rows"]

    def text(self) -> str:
        """The page as HTML."""
        page = TOOLTIP.sub("", self.make_html())
        return "\n".join(line.strip() for line in page.splitlines()) + "\n"

    def _make_head(self, *_: Any, **__: Any) -> None:
        sheet = Path(find_spec("pylode").origin).with_name("pylode.css").read_text(encoding="utf-8")
        with self.doc.head:
            meta(charset="utf-8")
            meta(name="viewport", content="width=device-width, initial-scale=1")
            link(rel="icon", href="data:,")
            style(raw(sheet + STYLE))

    def _make_metadata(self) -> None:
        other = next(name for name in WORDS if name != self.language)
        sources = self.words["comma"].join(str(path.relative_to(DOCS.parent)) for path in SOURCES)
        with self.content, div(id="metadata", _class="section"):
            h1(self.words["title"])
            p(a(self.words["other"], href=f"ontology.{other}.html", lang=other))
            p(a(self.words["glossary_page"], href=f"glossary.{self.language}.html"))
            p(self.words["about"].format(sources=sources, namespace=CORE))
            for module in sorted(self.ont.subjects(RDF.type, OWL.Ontology)):
                with p():
                    raw(self._module(module))

    def _module(self, module: URIRef) -> str:
        """What the opening says of a module."""
        told = {"iri": module, "licence": self.ont.value(module, DCTERMS.license)}
        said = {"title": DCTERMS.title, "version": OWL.versionInfo, "abstract": DCTERMS.abstract}
        links = {name: f'<a href="{escape(target)}">{escape(target)}</a>' for name, target in told.items()}
        words = {name: escape(self.ont.value(module, predicate)) for name, predicate in said.items()}
        return self.words["module"].format(**links, **words)

    def _make_main_sections(self) -> None:
        for name, (kind, rows) in SECTIONS.items():
            self.content.appendChild(
                section_html(
                    self.words[name],
                    self.ont,
                    self.back_onts,
                    self.ns,
                    kind,
                    rows,
                    self.toc,
                    name,
                    self.fids,
                    self.props_labeled,
                )
            )

    def _make_namespaces(self) -> None:
        """None: the opening paragraph names the one that the page defines."""

    def _make_legend(self) -> None:
        """None: the headings say what the marks stand for."""

    def _make_toc(self) -> None:
        with self.doc, div(id="toc"):
            h3(self.words["contents"])
            with ul(_class="first"):
                for name, entries in self.toc.items():
                    with li():
                        h4(a(self.words[name], href=f"#{name}"))
                        with ul(_class="second"):
                            for place, title in entries:
                                li(a(title, href=place))


def terms(language: str, functional: str) -> Graph:
    """The vocabulary in ``language``, with what pyLODE is to show said in the terms that it knows."""
    graph = Graph()
    for path in SOURCES:
        graph.parse(path)
    for triple in list(graph):
        node, predicate, value = triple
        foreign = CORE not in node and (node, RDF.type, OWL.Ontology) not in graph
        if foreign or isinstance(value, Literal) and value.language not in (None, language):
            graph.remove(triple)
        elif predicate == RDF.type and value == OWL.FunctionalProperty:
            graph.remove(triple)
            graph.add((node, SKOS.note, Literal(functional)))
        elif predicate == RDF.type and not value.startswith(OWL):
            graph.add((node, RDF.type, OWL.NamedIndividual))
            graph.add((node, DCTERMS.type, value))
    return graph


def pages() -> dict[Path, str]:
    """The text of each page, by its path."""
    return {DOCS / f"ontology.{language}.html": Page(language).text() for language in WORDS}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")

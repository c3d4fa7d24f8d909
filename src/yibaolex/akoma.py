"""An instrument as an Akoma Ntoso document, the XML in which parliaments and gazettes exchange law.

What this module is for: handing the text of an instrument, with its structure, dates and references, to tools that know
nothing of this project. What a reader must not break: every word, number and heading is the one printed on the page
that carries the instrument, in its order; nothing is in the document that the knowledge base does not say. The norms
are not in it, because Akoma Ntoso has no place for them; what they refer to is.

Specifications: Akoma Ntoso 1.0 (OASIS Standard 2018; namespace 3.0), Akoma Ntoso Naming Convention 1.0 (OASIS Standard
2019). The hierarchy follows the print: a part begins with the printed number before it, and what has a number and
nothing below it is a point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from pyoxigraph import NamedNode

from yibaolex import export
from yibaolex.research import ELI, Problem, Research, in_order
from yibaolex.terms import LABEL, PART_OF, TYPE, core

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_LANGUAGE, _LANGUAGE_CODE, _COUNTRY = "zh", "zho", "cn"
_EDITOR, _PUBLISHER, _SIGNATORY = "#editor", "#publisher", "#signatory"
_ORIGINAL, _IN_FORCE, _PERIOD = "#original", "#entry-into-force", "#tmpg_1"
_ACTS = (core("LocalGovernmentRule"), core("AdministrativeRegulation"), core("Statute"))
_NUMBER_ROLES = (core("ArticleLabelRole"), core("ChapterHeadingRole"))
_FRAME_ROLES = (core("TitleRole"), core("PromulgationRole"))
_REFERENCES = (core("refersTo"), core("restates"))
_SHORT_NAMES = {"chapter": "chp", "article": "art", "section": "sec", "paragraph": "para", "point": "point"}
_RUNNING = ("p", "num", "heading")  # elements whose white space is text
_DATES = {"adoption": core("adoptedOn"), "signature": NamedNode(ELI + "date_document")}
_FORCE = NamedNode(ELI + "first_date_entry_in_force")
_CREATED = NamedNode("http://purl.org/dc/terms/created")
_CREATOR = NamedNode("http://purl.org/dc/terms/creator")
_WORD = re.compile(r"[a-z0-9]+")
_DIGITS = re.compile(r"\d+")


@dataclass
class _Part:
    """A part of an instrument as it is printed: a provision, its number, what role its text has, its own parts."""

    node: NamedNode
    number: NamedNode | None = None
    role: NamedNode | None = None
    parts: list[_Part] = field(default_factory=list)


def akoma_ntoso(research: Research, instrument: NamedNode) -> str:
    """The Akoma Ntoso document of ``instrument``.

    Raises:
        Problem: no page in the knowledge base prints all of it.
    """
    return _Document(research, instrument).text()


class _Document:
    """What is on the way from an instrument to its document."""

    def __init__(self, research: Research, instrument: NamedNode) -> None:
        self._research = research
        self._graph = research.graph
        self._instrument = instrument
        self._is_act = self._graph.one(instrument, _eli("type_document")) in _ACTS
        page = self._page()
        self._frame = self._framing(page)
        self._top = list(self._printed(page))
        self._ids: dict[NamedNode, str] = {}

    def text(self) -> str:
        """The document as XML."""
        root = Element("akomaNtoso", xmlns=NAMESPACE)
        kind = _slug(self._said(self._graph.one(self._instrument, _eli("type_document")), LABEL, "en"))
        document = SubElement(root, "act" if self._is_act else "doc", name=kind, contains="originalVersion")
        meta = SubElement(document, "meta")
        self._front(SubElement(document, "preface", eId="preface"))
        self._preamble(document)
        body = SubElement(document, "body" if self._is_act else "mainBody", eId="body", period=_PERIOD)
        for part in self._top:
            if part.number is not None:
                self._hierarchy(body, part, "")
        self._end(SubElement(document, "conclusions", eId="conclusions"))
        self._meta(meta, kind)
        _indent(root, 0)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'

    # --- what is printed ---------------------------------------------------------------------------------------------

    def _page(self) -> list[NamedNode]:
        """The segments, in order, of the page that prints the title of the instrument."""
        title = self._said(self._instrument, _eli("title"))
        for segment in self._graph.subjects(core("role"), core("TitleRole")):
            if self._said(segment, core("text")) == title:
                page = self._graph.one(segment, PART_OF)
                return sorted(self._graph.subjects(PART_OF, page), key=self._offset)
        raise Problem("no-printed-text", name=self._research.title(self._instrument, _LANGUAGE))

    def _offset(self, segment: NamedNode) -> int:
        return int(self._graph.one(segment, core("startOffset")).value)

    def _framing(self, page: list[NamedNode]) -> list[NamedNode]:
        """The run of title, promulgation, signature and date in which the title of the instrument stands."""
        run: list[NamedNode] = []
        found = False
        for segment in page:
            if self._role(segment) in _FRAME_ROLES:
                run.append(segment)
                found = found or self._said(segment, core("text")) == self._said(self._instrument, _eli("title"))
            elif found:
                break
            else:
                run = []
        return run

    def _role(self, segment: NamedNode) -> NamedNode:
        return self._graph.one(segment, core("role"))

    def _printed(self, page: list[NamedNode]) -> Iterator[_Part]:
        """The parts of the instrument itself. Printed numbers belong to the parts that begin after them, from above."""
        begun: dict[NamedNode, _Part] = {}
        numbers: list[NamedNode] = []
        for segment in page:
            if self._role(segment) in _NUMBER_ROLES:
                numbers.append(segment)
            elif self._role(segment) not in _FRAME_ROLES:
                line = self._line(self._graph.one(segment, core("quotes")))
                for node in line:
                    if node not in begun:
                        begun[node] = _Part(node, numbers.pop(0) if numbers else None, self._role(segment))
                        above = self._graph.one(node, PART_OF)
                        if above == self._instrument:
                            yield begun[node]
                        else:
                            begun[above].parts.append(begun[node])
                numbers = []

    def _line(self, provision: Any) -> list[NamedNode]:
        """The parts of the instrument from the outermost one to ``provision``; none if it is of another instrument."""
        line: list[NamedNode] = []
        while provision is not None and provision != self._instrument:
            line.insert(0, provision)
            provision = self._graph.one(provision, PART_OF)
        return line if provision is not None else []

    def _said(self, node: Any, predicate: NamedNode, language: str = _LANGUAGE) -> str:
        """What ``predicate`` says of ``node`` in ``language``, or without a language, or nothing."""
        found = sorted(self._graph.objects(node, predicate), key=lambda literal: literal.language != language)
        return found[0].value if found and found[0].language in (language, None) else ""

    # --- what stands before and after the body -----------------------------------------------------------------------

    def _element_of(self, segment: NamedNode) -> str:
        """Which element a segment of the frame becomes; the promulgation itself becomes none of them."""
        text = self._said(segment, core("text"))
        numbers = _DIGITS.findall(text)
        if self._role(segment) == core("TitleRole"):
            return "docTitle"
        if text in (self._signatory().replace(" ", ""), self._said(self._instrument, _eli("publisher"))):
            return "signature"
        if numbers == [self._said(self._instrument, _eli("number"))]:
            return "docNumber"
        if len(numbers) == len(self._day().split("-")):
            return "docDate"
        return "docType"

    def _frame_elements(self) -> Iterator[tuple[str, NamedNode]]:
        for segment in self._frame:
            if self._graph.one(segment, core("quotes")) is None:
                yield self._element_of(segment), segment

    def _front(self, preface: Element) -> None:
        for name, segment in self._frame_elements():
            if name in ("docTitle", "docNumber", "docType"):
                SubElement(SubElement(preface, "p"), name).text = self._said(segment, core("text"))

    def _preamble(self, document: Element) -> None:
        """The words of promulgation and what precedes the numbered parts."""
        quoted = [self._graph.one(segment, core("quotes")) for segment in self._frame]
        formulas = [node for node in quoted if node is not None]
        before = [leaf.node for part in self._top if part.number is None for leaf in part.parts or [part]]
        if formulas or before:
            preamble = SubElement(document, "preamble", eId="preamble")
            for count, node in enumerate([*formulas, *before], 1):
                self._ids[node] = f"preamble__formula_{count}"
                name = "promulgation" if node in formulas else "enactingFormula"
                formula = SubElement(preamble, "formula", eId=self._ids[node], GUID=node.value, name=name)
                self._paragraph(formula, self._said(node, core("text")))

    def _end(self, conclusions: Element) -> None:
        for name, segment in self._frame_elements():
            if name == "signature":
                signed = SubElement(SubElement(conclusions, "p"), name)
                person = bool(self._signatory())
                signing = SubElement(signed, "person" if person else "organization")
                signing.set("refersTo", _SIGNATORY if person else _PUBLISHER)
                signing.text = self._signatory() or self._said(segment, core("text"))
            elif name == "docDate":
                SubElement(SubElement(conclusions, "p"), name, date=self._day()).text = self._said(
                    segment, core("text")
                )

    def _signatory(self) -> str:
        return self._said(self._instrument, core("signedBy"))

    def _day(self) -> str:
        return self._said(self._instrument, _DATES["signature"])

    def _days(self) -> list[tuple[str, str]]:
        """The days on which the instrument was made, in order, as far as they are known."""
        found = [(name, self._said(self._instrument, predicate)) for name, predicate in _DATES.items()]
        return [(name, day) for name, day in found if day]

    # --- the body ----------------------------------------------------------------------------------------------------

    def _hierarchy(self, above: Element, part: _Part, prefix: str) -> None:
        """The element of ``part``. Only parts without parts are counted anew in each part: only they have a prefix."""
        name = self._name(part)
        number = self._said(part.node, _eli("number"))
        identifier = f"{'' if part.parts else prefix}{_SHORT_NAMES[name]}_{number}"
        self._ids[part.node] = identifier
        element = SubElement(above, name, eId=identifier, GUID=part.node.value)
        text = self._said(part.node, core("text"))
        if part.number is not None:
            heading = self._said(part.node, core("sectionTitle"))
            printed = self._said(part.number, core("text"))
            SubElement(element, "num").text = printed.removesuffix(heading)
            if heading:
                SubElement(element, "heading").text = heading
        elif name == "point":
            printed = (re.match(rf"{number}\W", text) or [""])[0]
            SubElement(element, "num").text = printed
            text = text.removeprefix(printed)
        for below in part.parts:
            self._hierarchy(element, below, identifier + "__")
        if not part.parts:
            self._paragraph(SubElement(element, "content"), text)

    def _name(self, part: _Part) -> str:
        if not part.parts:
            return "point" if part.number is not None or part.role == core("ContactRole") else "paragraph"
        if part.number is not None and self._role(part.number) == core("ChapterHeadingRole"):
            return "chapter"
        return "article" if self._is_act else "section"

    def _paragraph(self, above: Element, text: str) -> None:
        """``text`` as a paragraph in which the titles of other instruments are references."""
        paragraph = SubElement(above, "p")
        titles = {title: node for title, node in self._titles.items() if title in text}
        pieces = re.split(f"({'|'.join(map(re.escape, titles))})", text) if titles else [text]
        paragraph.text = pieces[0]
        for title, following in zip(pieces[1::2], pieces[2::2], strict=True):
            reference = SubElement(paragraph, "ref", href=titles[title].value)
            reference.text = title
            reference.tail = following

    @cached_property
    def _titles(self) -> dict[str, NamedNode]:
        """The other instruments by title, the longest title first."""
        others = (node for node in self._graph.subjects(TYPE, _eli("LegalResource")) if node != self._instrument)
        by_title = {self._said(node, _eli("title")): node for node in others}
        return {title: by_title[title] for title in sorted(by_title, key=lambda title: (-len(title), title)) if title}

    # --- metadata ----------------------------------------------------------------------------------------------------

    def _meta(self, meta: Element, kind: str) -> None:
        self._identification(SubElement(meta, "identification", source=_EDITOR), kind)
        force = self._said(self._instrument, _FORCE)
        lifecycle = SubElement(meta, "lifecycle", source=_EDITOR)
        SubElement(lifecycle, "eventRef", eId="event_1", date=self._day(), type="generation", source=_ORIGINAL)
        SubElement(lifecycle, "eventRef", eId="event_2", date=force, source=_ORIGINAL, refersTo=_IN_FORCE)
        self._workflow(SubElement(meta, "workflow", source=_EDITOR))
        self._analysis(meta)
        temporal = SubElement(SubElement(meta, "temporalData", source=_EDITOR), "temporalGroup", eId=_PERIOD[1:])
        SubElement(temporal, "timeInterval", start="#event_2", refersTo=_IN_FORCE)
        self._things(SubElement(meta, "references", source=_EDITOR))

    def _identification(self, identification: Element, kind: str) -> None:
        number = self._said(self._instrument, _eli("number"))
        self._work = "/".join(("/akn", _COUNTRY, "act" if self._is_act else "doc", kind, self._day(), number or "nn"))
        expression = f"{self._work}/{_LANGUAGE_CODE}@"
        work = SubElement(identification, "FRBRWork")
        _identify(work, f"{self._work}/!main", self._work)
        SubElement(work, "FRBRalias", value=self._instrument.value, name="IRI")
        for name, day in reversed(self._days()):
            SubElement(work, "FRBRdate", date=day, name=name)
        SubElement(work, "FRBRauthor", href=_PUBLISHER)
        SubElement(work, "FRBRcountry", value=_COUNTRY)
        SubElement(work, "FRBRsubtype", value=kind)
        if number:
            SubElement(work, "FRBRnumber", value=number)
        SubElement(work, "FRBRname", value=self._said(self._instrument, _eli("title")))
        if self._is_act:
            SubElement(work, "FRBRprescriptive", value="true")
        made = SubElement(identification, "FRBRExpression")
        _identify(made, f"{expression}/!main", expression)
        SubElement(made, "FRBRdate", date=self._day(), name="signature")
        SubElement(made, "FRBRauthor", href=_PUBLISHER)
        SubElement(made, "FRBRlanguage", language=_LANGUAGE_CODE)
        written = SubElement(identification, "FRBRManifestation")
        _identify(written, f"{expression}/!main.xml", f"{expression}.akn")
        SubElement(written, "FRBRdate", date=self._said(self._module, _CREATED), name="markup")
        SubElement(written, "FRBRauthor", href=_EDITOR)
        SubElement(written, "FRBRformat", value="application/xml")

    @cached_property
    def _module(self) -> NamedNode:
        """The module that records the instrument."""
        found = export.modules().quads_for_subject(self._instrument)
        return NamedNode(next(str(q.graph_name)[1:-1] for q in found if q.predicate == TYPE))

    def _workflow(self, workflow: Element) -> None:
        for name, day in self._days():
            by = _SIGNATORY if name == "signature" and self._signatory() else _PUBLISHER
            SubElement(workflow, "step", date=day, by=by, refersTo=f"#{name}")

    def _analysis(self, meta: Element) -> None:
        """What the norms of each part refer to without naming it by its title there."""
        found = [(part, target) for part in sorted(self._ids, key=in_order) for target in self._referred_to(part)]
        if found:
            others = SubElement(SubElement(meta, "analysis", source=_EDITOR), "otherReferences", source=_EDITOR)
            for part, target in found:
                reference = SubElement(others, "implicitReference")
                reference.set("for", f"#{self._ids[part]}")
                reference.set("href", f"#{self._ids[target]}" if target in self._ids else target.value)
                reference.set("showAs", self._research.title(target, _LANGUAGE))

    def _referred_to(self, part: NamedNode) -> list[NamedNode]:
        norms = self._graph.subjects(PART_OF, part)
        found = {target for norm in norms for name in _REFERENCES for target in self._graph.objects(norm, name)}
        named = {node for title, node in self._titles.items() if title in self._said(part, core("text"))}
        return sorted(found - named, key=in_order)

    def _things(self, references: Element) -> None:
        """The document itself, and the bodies, persons and events to which the rest refers."""
        title = self._said(self._instrument, _eli("title"))
        SubElement(references, "original", eId=_ORIGINAL[1:], href=self._work, showAs=title)
        publisher = (self._said(self._instrument, _eli("publisher"), language) for language in ("en", _LANGUAGE))
        _thing(references, "organization", _PUBLISHER, *publisher)
        editor = self._said(self._module, _CREATOR)
        _thing(references, "organization", _EDITOR, editor, editor)
        if self._signatory():
            name = self._said(self._instrument, core("signedBy"), "en")
            _thing(references, "person", _SIGNATORY, name, self._signatory())
        for event in (*(f"#{name}" for name, _ in self._days()), _IN_FORCE):
            _thing(references, "event", event, event[1:], event[1:])


def _eli(name: str) -> NamedNode:
    return NamedNode(ELI + name)


def _slug(text: str) -> str:
    return "-".join(_WORD.findall(text.lower()))


def _identify(level: Element, this: str, uri: str) -> None:
    SubElement(level, "FRBRthis", value=this)
    SubElement(level, "FRBRuri", value=uri)


def _thing(references: Element, kind: str, identifier: str, name: str, shown: str) -> None:
    """An entry of the ontology of Akoma Ntoso, which it calls a top level class."""
    href = f"/akn/ontology/{kind}/{_COUNTRY}/{_slug(name)}"
    SubElement(references, f"TLC{kind.capitalize()}", eId=identifier[1:], href=href, showAs=shown)


def _indent(element: Element, level: int) -> None:
    """Break lines between elements, but not in running text."""
    if len(element) and element.tag not in _RUNNING:
        element.text = "\n" + "  " * (level + 1)
        for child in element:
            _indent(child, level + 1)
            child.tail = "\n" + "  " * (level + (child is not element[-1]))

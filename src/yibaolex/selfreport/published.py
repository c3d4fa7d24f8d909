"""A report as RDF: its rows with the findings on them, and its receipt.

What this module is for: leading from each finding to the cells that it rests on, and to the digests of all that it was
derived from. What a reader must not break: rows can be written one by one, the receipt last; IRIs are minted from
content, with no blank node and no clock.

Specification: PROV-O (W3C Recommendation 2013); digests in the terms of SPDX 2.3 (`Checksum`), as DCAT 3 uses them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from yibaolex import __version__
from yibaolex.explanation import Setting
from yibaolex.provenance import SOFTWARE, activity_of, findings_of
from yibaolex.selfreport.assessing import RowResult
from yibaolex.selfreport.cells import Report
from yibaolex.selfreport.forms import Forms
from yibaolex.selfreport.receipt import knowledge_digest, readings_in_force
from yibaolex.selfreport.rows import cells_graph, cells_of, institution_of, row_node
from yibaolex.terms import HEX, LANGUAGE, TITLE, TYPE, core, prov, spdx

JSON = dict[str, Any]


def activity_on(report: Report, setting: Setting, language: str) -> NamedNode:
    """The IRI of the activity that assesses ``report``, known before its rows are."""
    readings = sorted(readings_in_force(setting.knowledge).items())
    settings = [setting.engine, readings, language, __version__, knowledge_digest()]
    return _minted(report.sha256, report.file, institution_of(report), *settings)


def row_triples(result: RowResult, activity: NamedNode, setting: Setting, forms: Forms) -> Iterator[Triple]:
    """A row: its cells with their places, and the findings on its case with their provenance."""
    yield from (q.triple for q in cells_graph(result.row, forms))
    yield from (Triple(n, core("place"), Literal(str(cell.place))) for n, cell in cells_of(result.row).items())
    if result.case is not None and result.explanation is not None:
        yield Triple(result.case.node, prov("wasDerivedFrom"), row_node(result.row))
        yield Triple(activity_of(result.case), prov("wasInformedBy"), activity)
        yield from findings_of(setting.knowledge, None, result.case, result.explanation.result.settled)


def receipt_triples(receipt: JSON, activity: NamedNode, setting: Setting) -> Iterator[Triple]:
    """The receipt: what the activity used and under which settings, and what it found, each with its digest."""
    yield from _activity(receipt, activity, setting)
    given = _minted(receipt["input"])
    yield from _digested(given, receipt["input"], receipt["file"])
    yield Triple(activity, prov("used"), given)
    whole = _minted(receipt["knowledge"])
    yield from _digested(whole, receipt["knowledge"])
    yield Triple(whole, TYPE, prov("Collection"))
    yield Triple(activity, prov("used"), whole)
    for name, digest in receipt["files"].items():
        file = _minted(name, digest)
        yield from _digested(file, digest, name)
        yield Triple(whole, prov("hadMember"), file)
        yield Triple(activity, prov("used"), file)
    found = NamedNode(f"{activity.value}#findings")
    yield from _digested(found, receipt["result"])
    yield Triple(found, TYPE, core("ReportFindings"))
    yield Triple(found, prov("wasGeneratedBy"), activity)
    yield Triple(found, LANGUAGE, Literal(receipt["language"]))
    yield Triple(found, core("rowDigests"), Literal(receipt["rows"]))


def _activity(receipt: JSON, activity: NamedNode, setting: Setting) -> Iterator[Triple]:
    knowledge = setting.knowledge
    yield Triple(activity, TYPE, core("ReportActivity"))
    yield Triple(activity, TYPE, prov("Activity"))
    yield Triple(activity, prov("wasAssociatedWith"), SOFTWARE)
    yield Triple(activity, core("programVersion"), Literal(receipt["version"]))
    yield Triple(activity, core("programEngine"), Literal(receipt["engine"]))
    for reading in knowledge.graph.instances(core("Reading")):
        yield Triple(activity, core("followsReading"), knowledge.in_force(reading))
    yield Triple(activity, core("underProfile"), knowledge.by_notation(core("PresumptionProfile"))[receipt["profile"]])
    if receipt["institution"] is not None:
        yield Triple(activity, core("onInstitution"), Literal(receipt["institution"]))


def _digested(node: NamedNode, digest: str, title: str | None = None) -> Iterator[Triple]:
    """An entity with its digest, and its name if it has one."""
    checksum = NamedNode(f"{node.value}{'-' if '#' in node.value else '#'}checksum")
    yield Triple(node, TYPE, prov("Entity"))
    if title is not None:
        yield Triple(node, TITLE, Literal(title))
    yield Triple(node, spdx("checksum"), checksum)
    yield Triple(checksum, TYPE, spdx("Checksum"))
    yield Triple(checksum, spdx("algorithm"), spdx("checksumAlgorithm_sha256"))
    yield Triple(checksum, spdx("checksumValue"), Literal(digest, datatype=HEX))


def _minted(*content: Any) -> NamedNode:
    """An IRI that says no more than ``content``."""
    return NamedNode(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content, ensure_ascii=False)).urn)

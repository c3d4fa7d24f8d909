"""Findings as RDF: each result of a case with what it was derived from, in the terms of PROV-O.

What this module is for: publishing reasons so that others can query and check them. What a reader must not break: one
finding per act and matter, IRIs minted from the content of the case (the same input gives the same graph), no
blank-node names and no clock in it; an open matter is a finding without a result, never a missing one.

Specification: PROV-O (W3C Recommendation 2013), sections 3.1 (starting points) and 3.3 (qualified association).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from yibaolex import resources
from yibaolex.amounts import money
from yibaolex.derivation import Assessment
from yibaolex.intake import ReadCase
from yibaolex.knowledge import Knowledge
from yibaolex.reasons import ActReasons, Finding, Kind, Origin
from yibaolex.terms import CORE, DECIMAL, TYPE, VALUE, core, prov

BASE = CORE.removesuffix("core#")
SOFTWARE = NamedNode(BASE.removesuffix("/"))
SYNTAXES = ("turtle", "jsonld")
_CONTEXT = "context.jsonld"
_CLASSES = {
    Kind.FACT: core("FactFinding"),
    Kind.CONDITION: core("ConditionFinding"),
    Kind.CONSEQUENCE: core("SanctionFinding"),
    Kind.SCHEME: core("SchemeFinding"),
    Kind.FINE: core("FineFinding"),
    Kind.HAND_OVER: core("HandOverFinding"),
}


def written(triples: Iterable[Triple], syntax: str) -> str:
    """The triples as text in ``syntax`` (one of ``SYNTAXES``)."""
    context = json.loads((resources.folder("ontology") / _CONTEXT).read_text(encoding="utf-8"))
    prefixes = {k: v for k, v in context["@context"].items() if isinstance(v, str) and v.endswith(("#", "/"))}
    turtle = (serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes) or b"").decode()
    if syntax == "turtle":
        return turtle
    from rdflib import Graph

    graph = Graph().parse(data=turtle, format="turtle")
    found = json.loads(graph.serialize(format="json-ld", context=context["@context"], auto_compact=False))
    return json.dumps(_ordered(found), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _ordered(item: Any) -> Any:
    """JSON-LD with its lists, which are sets, in one order: the library's differs from run to run."""
    if isinstance(item, dict):
        return {key: _ordered(value) for key, value in item.items()}
    if isinstance(item, list):
        return sorted(map(_ordered, item), key=lambda part: json.dumps(part, sort_keys=True))
    return item


def findings_of(
    knowledge: Knowledge, profile: NamedNode | None, case: ReadCase, assessment: Assessment
) -> Iterator[Triple]:
    """The statements of a case, the findings on its acts, and the activities that led to them.

    Of a refused case the statements and why it was refused.
    """
    activity = activity_of(case)
    yield from _activity(knowledge, profile, activity)
    yield from (quad.triple for quad in case.triples if quad.predicate not in _INTERNAL)
    for statement in case.facts:
        yield Triple(statement, TYPE, prov("Entity"))
        yield Triple(statement, core("place"), Literal(case.places[statement]))
    if assessment.outcome is None:
        texts = {(text, lang) for fault in assessment.faults for lang, text in fault.messages.items()}
        yield from (Triple(case.node, core("refusedBecause"), Literal(t, language=lang)) for t, lang in sorted(texts))
    plans: dict[NamedNode, NamedNode] = {}
    for act in assessment.reasons:
        for finding in act.every:
            yield from _finding(act, finding, _generated_by(case.node, activity, finding, plans))
            yield from (Triple(_node(act, finding), prov("wasDerivedFrom"), a) for a in _followed(knowledge, finding))
    for plan, applied in plans.items():
        yield from _application(plan, applied, activity)


def activity_of(case: ReadCase) -> NamedNode:
    """The activity of assessing ``case``."""
    return _part(case.node, "assessment")


_INTERNAL = frozenset((core("position"), core("states"), core("severalStatementsOf")))


def _activity(knowledge: Knowledge, profile: NamedNode | None, activity: NamedNode) -> Iterator[Triple]:
    yield Triple(activity, TYPE, core("AssessmentActivity"))
    yield Triple(activity, TYPE, prov("Activity"))
    yield Triple(activity, prov("wasAssociatedWith"), SOFTWARE)
    yield Triple(SOFTWARE, TYPE, prov("SoftwareAgent"))
    for version in knowledge.versions:
        yield Triple(activity, prov("used"), version)
    for reading in knowledge.graph.instances(core("Reading")):
        yield Triple(activity, core("followsReading"), knowledge.in_force(reading))
    if profile is not None:
        yield Triple(activity, core("underProfile"), profile)


def _generated_by(
    case: NamedNode, activity: NamedNode, finding: Finding, plans: dict[NamedNode, NamedNode]
) -> NamedNode:
    """The activity that led to a finding: the application of a rule, or the assessment where there is none."""
    if finding.kind is Kind.FINE or finding.kind is Kind.FACT and finding.origin is not Origin.DERIVED:
        return activity
    return plans.setdefault(finding.about, _part(case, f"rule/{_slug(finding.about)}"))


def _application(plan: NamedNode, applied: NamedNode, activity: NamedNode) -> Iterator[Triple]:
    association = NamedNode(f"{applied.value}/association")
    yield Triple(applied, TYPE, core("RuleActivity"))
    yield Triple(applied, TYPE, prov("Activity"))
    yield Triple(applied, prov("wasInformedBy"), activity)
    yield Triple(applied, prov("qualifiedAssociation"), association)
    yield Triple(association, TYPE, prov("Association"))
    yield Triple(association, prov("agent"), SOFTWARE)
    yield Triple(association, prov("hadPlan"), plan)


def _finding(act: ActReasons, finding: Finding, generated_by: NamedNode) -> Iterator[Triple]:
    node = _node(act, finding)
    yield Triple(node, TYPE, _CLASSES[finding.kind])
    yield Triple(node, TYPE, core("Finding"))
    yield Triple(node, TYPE, prov("Entity"))
    yield Triple(node, core("ofAct"), act.act)
    yield Triple(node, core("concerns"), finding.about)
    yield Triple(node, prov("wasGeneratedBy"), generated_by)
    if finding.origin is not None:
        yield Triple(node, core("factOrigin"), finding.origin.value)
    if finding.value is not None:
        relation = VALUE if isinstance(finding.value, Literal) else core("result")
        yield Triple(node, relation, _canonical(finding.value))
    sources = [_node(act, reason) for reason in finding.reasons]
    sources += [*(statement.node for statement in finding.statements), *finding.acts]
    sources += [] if finding.ground is None else [finding.ground]
    yield from (Triple(node, prov("wasDerivedFrom"), source) for source in dict.fromkeys(sources))
    yield from (Triple(node, core("lacks"), fact) for fact in sorted(finding.needs, key=lambda fact: fact.value))
    yield from (Triple(node, relation, _canonical(amount)) for relation, amount in finding.amounts)


def _canonical(value: Any) -> Any:
    """Amounts spelt alike whatever engine they come from; anything else as it is."""
    if isinstance(value, Literal) and value.datatype == DECIMAL:
        return Literal(money(Decimal(value.value)), datatype=DECIMAL)
    return value


def _followed(knowledge: Knowledge, finding: Finding) -> list[NamedNode]:
    """The alternatives of readings that define what a finding is about, or the band that it ends in."""
    terms = [finding.about]
    if finding.kind is Kind.CONSEQUENCE:
        terms += [knowledge.graph.one(finding.about, core("sanctionKind")), knowledge.nature(finding.about)]
    if finding.kind is Kind.SCHEME and finding.value is not None:
        terms += knowledge.graph.objects(finding.value, core("categoryBand"))
    found = (knowledge.alternative_on(term) for term in terms if finding.kind is not Kind.FACT)
    return list(dict.fromkeys(alternative for alternative in found if alternative is not None))


def _node(act: ActReasons, finding: Finding) -> NamedNode:
    return NamedNode(f"{act.act.value}/finding/{_slug(finding.about)}{_SUFFIX.get(finding.kind, '')}")


# A hand-over code can also be a condition; its two findings differ.
_SUFFIX: Mapping[Kind, str] = {Kind.HAND_OVER: "/hand-over"}


def _slug(node: NamedNode) -> str:
    """A short name for a term, unique among terms."""
    return node.value.removeprefix(BASE).replace("#", "/")


def _part(case: NamedNode, name: str) -> NamedNode:
    return NamedNode(f"{case.value}#{name}")

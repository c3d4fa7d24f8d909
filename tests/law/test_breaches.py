"""What the conditions say of the norms that are breached, held against the norms and their routes."""

from collections.abc import Iterator

from pyoxigraph import NamedNode

from yibaolex.expression import Leaf
from yibaolex.knowledge import Knowledge, default_knowledge
from yibaolex.research import BASE, PREFIXES, research
from yibaolex.terms import core

ROUTES = """SELECT DISTINCT ?norm ?source WHERE {
  ?charge y:breachesNorm ?any ; dcterms:source ?source .
  ?norm y:sanctionRoute ?route . ?route y:leadsTo ?item ; y:routeMatch ?match .
  FILTER (?match IN (y:ExactMatch, y:BroaderMatch))
  FILTER (?source = ?item || STRSTARTS(STR(?source), CONCAT(STR(?item), "/"))) }"""
CHARGES = "SELECT ?norm ?source WHERE { ?charge y:breachesNorm ?norm ; dcterms:source ?source }"


def test_breached_norms_are_those_whose_route_leads_to_the_item() -> None:
    """A charge breaches the norms whose route leads to its item as the same or a broader duty; a catch-all none."""
    routes, charges = ({tuple(row) for row in research().graph.query(q, BASE, PREFIXES)} for q in (ROUTES, CHARGES))
    assert routes == charges and routes


def test_provisions_name_the_charges_of_their_conditions() -> None:
    knowledge = default_knowledge()
    for provision in knowledge.graph.instances(core("BreachedProvision")):
        charges = set(charges_below(knowledge, provision))
        assert charges == set(knowledge.graph.objects(provision, core("onCharge"))) and charges


def charges_below(knowledge: Knowledge, node: NamedNode) -> Iterator[NamedNode]:
    definition = knowledge.nodes[node]
    if isinstance(definition, Leaf):
        yield from [definition.fact] if definition.fact in knowledge.graph.instances(core("ChargeFact")) else []
        return
    for operand in definition.operands:
        yield from charges_below(knowledge, operand.node)

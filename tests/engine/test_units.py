"""Parts of the program by themselves, and properties of assessments that hold for every case."""

import copy
import json
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from yibaolex import api
from yibaolex.amounts import money, number
from yibaolex.compiler import update_of
from yibaolex.derivation import ENGINES
from yibaolex.expression import Composite, ExpressionError, ExpressionReader, Leaf, Operand, Operator
from yibaolex.expression import Test as Comparison
from yibaolex.faults import TwoValuesError
from yibaolex.graph import Graph
from yibaolex.kleene import Decider
from yibaolex.knowledge import default_knowledge
from yibaolex.shapes import ShapeError, Shapes
from yibaolex.terms import BOOLEAN, DECIMAL, TYPE, core

CASES = Path(__file__).parents[1] / "law" / "cases"
EXAMPLE = json.loads((Path(__file__).parents[2] / "examples" / "yunyang-145.json").read_text(encoding="utf-8"))
PREFIXES = """
@prefix y: <https://w3id.org/yibaolex/core#> .
@prefix x: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
x:leaf owl:equivalentClass [ owl:onProperty x:fact ; owl:hasValue true ] .
"""
SEVERAL_ACTS = (
    "several-acts-three-articles-sum",
    "several-acts-different-categories",
    "contradiction-loss-with-no-harm-other-act-settled",
)


def outcome(case, **options):
    (assessment,) = api.assess(case, **options).assessments
    return assessment.outcome


def load(name):
    return json.loads((CASES / name / "case.json").read_text(encoding="utf-8"))


# --- amounts and numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, text",
    [
        ("0", "0.00"),
        ("0.0", "0.00"),
        ("0.01", "0.01"),
        ("0.1", "0.10"),
        ("1", "1.00"),
        ("1.10", "1.10"),
        ("1.100", "1.10"),
        ("0.010000", "0.01"),
        ("0.005", "0.005"),
        ("0.0050", "0.005"),
        ("0.004", "0.004"),
        ("0.995", "0.995"),
        ("4136.5", "4136.50"),
        ("1E+3", "1000.00"),
        ("1E-2", "0.01"),
        ("1E-3", "0.001"),
        ("9999999999999.99", "9999999999999.99"),
        ("49999999999999.95", "49999999999999.95"),
        ("9999999999999.999", "9999999999999.999"),
    ],
)
def test_money(value, text):
    assert money(Decimal(value)) == text


@pytest.mark.parametrize(
    "value, text",
    [
        ("0", "0"),
        ("0.0", "0"),
        ("0.00", "0"),
        ("10", "10"),
        ("100", "100"),
        ("1.0", "1"),
        ("1.50", "1.5"),
        ("0.2", "0.2"),
        ("0.20", "0.2"),
        ("1E+2", "100"),
        ("1E-2", "0.01"),
        ("2.05", "2.05"),
        ("0.1000000000000000000001", "0.1000000000000000000001"),
    ],
)
def test_number(value, text):
    assert number(Decimal(value)) == text


# --- conditions and shapes outside the supported subset ---------------------------------------------------------------


def turtle(tmp_path, text):
    file = tmp_path / "graph.ttl"
    file.write_text(PREFIXES + text, encoding="utf-8")
    return file


def read_conditions(tmp_path, text):
    graph = Graph([turtle(tmp_path, text)])
    return ExpressionReader(graph).read(graph.instances(core("Condition")))


BOUNDED = "x:a a y:Condition ; owl:equivalentClass [ owl:onProperty x:fact ; owl:someValuesFrom [ %s ] ] ."


@pytest.mark.parametrize(
    "text, named, words",
    [
        ("x:a a y:Condition ; owl:equivalentClass x:a .", "a", "defined in terms of itself"),
        ("x:a a y:Condition ; owl:equivalentClass [ owl:complementOf x:a ] .", "a", "defined in terms of itself"),
        (
            "x:a a y:Condition ; owl:equivalentClass [ owl:unionOf ( x:b x:leaf ) ] ."
            "x:b owl:equivalentClass [ owl:intersectionOf ( x:a x:leaf ) ] .",
            "a",
            "defined in terms of itself",
        ),
        (
            "x:a a y:Condition ; y:ownCondition x:leaf . x:b y:displaces x:a ; owl:equivalentClass x:a .",
            "a",
            "defined in terms of itself",
        ),
        ("x:a a y:Condition .", "a", "no owl:equivalentClass"),
        ("x:a a y:Condition ; owl:equivalentClass [ owl:unionOf ( x:leaf x:c ) ] .", "c", "no owl:equivalentClass"),
        ("x:a a y:Condition ; y:ownCondition x:o .", "o", "no owl:equivalentClass"),
        (BOUNDED % "owl:withRestrictions ( [ xsd:minInclusive 1.0 ] )", "a", "only hasValue"),
        (BOUNDED % "owl:onDatatype xsd:decimal", "a", "only hasValue"),
    ],
)
def test_condition_outside_the_subset(tmp_path, text, named, words):
    with pytest.raises(ExpressionError) as error:
        read_conditions(tmp_path, text)
    assert f"https://example.org/{named}: " in str(error.value)
    assert words in str(error.value)


def test_one_of_two_facets_is_not_ignored(tmp_path):
    """A restriction with a lower and an upper bound must not be read as the lower alone."""
    with pytest.raises(ExpressionError):
        facets = "( [ xsd:minExclusive 1.0 ] [ xsd:maxInclusive 2.0 ] )"
        read_conditions(tmp_path, BOUNDED % f"owl:withRestrictions {facets}")


def test_shared_part_is_read_once_and_before_its_users(tmp_path):
    nodes = read_conditions(
        tmp_path,
        """
        x:a a y:Condition ; owl:equivalentClass [ owl:unionOf ( x:c x:b ) ] .
        x:b a y:Condition ; owl:equivalentClass [ owl:intersectionOf ( x:c x:leaf ) ] .
        x:c a y:Condition ; owl:equivalentClass [ owl:complementOf x:leaf ] .""",
    )
    names = [node.node.value.rpartition("/")[2] for node in nodes]
    assert len(names) == len(set(names)) == 4
    assert names.index("leaf") < names.index("c") < names.index("b") < names.index("a")


SHAPE = "x:s a sh:NodeShape ; sh:targetClass x:C ; sh:order 1 ; y:onFailure y:Note ; "


@pytest.mark.parametrize(
    "text, named",
    [
        (SHAPE + "sh:property x:p . x:p sh:path x:v ; sh:order 1 ; sh:minCount 1 .", "p"),
        (SHAPE + "sh:property x:p . x:p sh:path x:v ; sh:order 1 ; sh:datatype xsd:integer .", "p"),
        (SHAPE + "sh:not [ sh:path x:v ; sh:minCount 1 ] .", "s"),
        (SHAPE + "sh:not [ sh:hasValue x:w ] .", "s"),
    ],
)
def test_shape_outside_the_subset(tmp_path, text, named):
    with pytest.raises(ShapeError, match=f"https://example.org/{named}"):
        len(Shapes(turtle(tmp_path, text)).constraints)


# --- queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT { ?a <urn:b> ?c } WHERE { ?a <urn:d> ?c }\nCONSTRUCT { ?a <urn:e> ?c } WHERE { ?a <urn:d> ?c }\n",
        "SELECT ?a WHERE { ?a <urn:b> ?c }\n",
        "# CONSTRUCT { ?a <urn:b> ?c } WHERE { ?a <urn:d> ?c }\n",
        "",
    ],
)
def test_query_file_holds_exactly_one_construct(tmp_path, text):
    file = tmp_path / "10-query.rq"
    file.write_text(text)
    with pytest.raises(ValueError, match="10-query.rq"):
        update_of(file)


def test_construct_becomes_insert(tmp_path):
    file = tmp_path / "10-query.rq"
    file.write_text("#+ summary: CONSTRUCT { in a remark }\nCONSTRUCT { ?a <urn:b> ?c }\nWHERE { ?a <urn:d> ?c }\n")
    assert update_of(file) == "INSERT { ?a <urn:b> ?c }\nWHERE { ?a <urn:d> ?c }"


# --- order and company do not matter ----------------------------------------------------------------------------------


def backwards(value):
    """The same JSON with the keys of every object in reverse order."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(item) for item in value] if isinstance(value, list) else value


def spread():
    """Twenty of the hand-derived cases, evenly over the alphabet."""
    names = sorted(path.name for path in CASES.iterdir())
    return names[:: len(names) // 20][:20]


def test_order_of_keys_does_not_matter():
    cases = [load(name) for name in spread()]
    found = [assessment.outcome for assessment in api.assess(cases).assessments]
    assert [a.outcome for a in api.assess(backwards(cases)).assessments] == found


@pytest.mark.parametrize("name", SEVERAL_ACTS)
def test_order_of_acts_does_not_matter(name):
    case = load(name)
    reversed_case = {**case, "acts": case["acts"][::-1]}
    found, other = outcome(case), outcome(reversed_case)
    assert len(found["acts"]) > 1
    assert other.pop("acts") == found.pop("acts")[::-1]
    assert other == found


def test_batch_equals_single():
    cases = [load(name) for name in spread()]
    together = api.assess(cases).assessments
    alone = [api.assess(case).assessments[0] for case in cases]
    assert [a.outcome for a in together] == [a.outcome for a in alone]
    assert len({json.dumps(a.outcome, sort_keys=True) for a in alone}) == len(cases)


def test_company_of_a_refused_case_does_not_matter():
    cases = [load(name) for name in spread()]
    refused = {"case_id": "refused", "insured": "no"}
    found = api.assess([refused, *cases, refused]).assessments
    assert [found[0].outcome, found[-1].outcome] == [None, None]
    assert [a.outcome for a in found[1:-1]] == [a.outcome for a in api.assess(cases).assessments]


def test_input_objects_are_not_changed():
    case = copy.deepcopy(EXAMPLE)
    outcome(case)
    assert case == EXAMPLE


# --- what is taken from several statements ----------------------------------------------------------------------------


def with_amount(statements):
    """The example with ``statements`` on the loss of its first act: its fine tells which value was taken."""
    case = copy.deepcopy(EXAMPLE)
    case["acts"][0]["loss_amount"] = statements
    return outcome(case)["acts"][0]


def amount_taken(act):
    """The fine of the example starts at the amount of the loss."""
    applicable = act["fine"]["applicable"]
    return applicable and applicable["low"]


VERIFIED = {"value": "100", "status": "verified"}
CLAIMED = {"value": "200", "status": "claimed"}
PLAIN = {"value": "300"}
DISPUTED = {"value": "400", "status": "disputed"}
UNKNOWN = {"value": None}


@pytest.mark.parametrize(
    "statements, amount",
    [
        ("300", "300.00"),
        ([PLAIN], "300.00"),
        ([CLAIMED], "200.00"),
        ([VERIFIED], "100.00"),
        ([VERIFIED, CLAIMED], "100.00"),
        ([VERIFIED, PLAIN], "100.00"),
        ([VERIFIED, DISPUTED], "100.00"),
        ([VERIFIED, UNKNOWN], "100.00"),
        ([VERIFIED, VERIFIED], "100.00"),
        ([PLAIN, "300.00"], "300.00"),
        ([PLAIN, {**CLAIMED, "value": "300"}], "300.00"),
        (DISPUTED, None),
        ([DISPUTED], None),
        ([PLAIN, CLAIMED], None),
        ([PLAIN, UNKNOWN], None),
        ([PLAIN, DISPUTED], None),
        ([VERIFIED, {**VERIFIED, "value": "101"}], None),
        ([{**VERIFIED, "source": "party"}, PLAIN], None),
        ([{**VERIFIED, "source": "party", "value": "300"}, PLAIN], "300.00"),
        (UNKNOWN, None),
        (None, None),
        ("unknown", None),
    ],
    ids=str,
)
def test_statement_taken(statements, amount):
    act = with_amount(statements)
    assert amount_taken(act) == amount
    assert ("loss_amount" in act["needs"]) == (amount is None)
    assert act["fine"]["status"] == ("band" if amount else "undetermined")


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_a_fact_with_two_values_is_an_error_of_the_law_and_not_a_choice(engine):
    base, act = default_knowledge(), NamedNode("urn:act")
    fact = next(iter(base.decider.facts))
    held = engine([Quad(act, TYPE, core("Act")), Quad(act, fact, Literal(True))])
    held.decide(base.decider, base.told)
    held.add([Quad(act, fact, Literal(False))])
    with pytest.raises(TwoValuesError, match=f"^urn:act: {fact.value} is both (true and false|false and true)$"):
        held.decide(base.decider, base.told)


def test_order_of_statements_does_not_matter():
    statements = [VERIFIED, CLAIMED, PLAIN, DISPUTED, UNKNOWN]
    assert with_amount(statements) == with_amount(statements[::-1])
    assert with_amount([CLAIMED, PLAIN]) == with_amount([PLAIN, CLAIMED])


def test_disputed_counts_as_unknown():
    act = with_amount(DISPUTED)
    assert act == with_amount(None)
    assert act != with_amount("400")


def test_claim_on_what_only_the_authority_may_find_counts_as_unknown():
    silent = outcome({**EXAMPLE, "intent_to_defraud": None})
    assert silent != outcome(EXAMPLE)
    for claim in ({"status": "claimed"}, {"source": "party"}, {"source": "当事人"}):
        assert outcome({**EXAMPLE, "intent_to_defraud": {"value": False, **claim}}) == silent


def test_claim_on_what_only_the_authority_may_find_does_not_override_the_case():
    claim = {"value": False, "status": "claimed"}
    found = {**EXAMPLE, "intent_to_defraud": True}
    silent = {**EXAMPLE, "intent_to_defraud": None}
    for case in (found, silent):
        claiming = {**case, "acts": [{**act, "intent_to_defraud": claim} for act in case["acts"]]}
        assert outcome(claiming) == outcome(case)
    assert outcome(found) != outcome(silent)


def test_what_another_body_verified_does_not_outrank_what_the_authority_found():
    agency = {"value": False, "source": "agency", "status": "verified"}
    authority = {"value": True, "source": "authority"}
    found = outcome({**EXAMPLE, "intent_to_defraud": authority})
    assert found != outcome({**EXAMPLE, "intent_to_defraud": None})
    assert outcome({**EXAMPLE, "intent_to_defraud": [agency, authority]}) == found


def test_act_overrides_case():
    case = copy.deepcopy(EXAMPLE)
    case["harm_level"] = "serious"
    case["acts"][0]["harm_level"] = "moderate"
    moderate, serious = outcome(case)["acts"]
    plain = outcome(EXAMPLE)["acts"]
    assert moderate == plain[0]
    assert serious != plain[1]


@pytest.mark.parametrize(
    "unknown",
    [
        None,
        "unknown",
        {"value": None},
        [None],
        {"value": "unknown", "source": "执法机关"},
    ],
    ids=str,
)
def test_explicit_null_on_an_act_overrides_the_case(unknown):
    case = copy.deepcopy(EXAMPLE)
    case["acts"][0]["refused_to_correct"] = unknown
    first, second = outcome(case)["acts"]
    assert "refused_to_correct" in first["needs"]
    assert "refused_to_correct" not in second["needs"]
    assert second == outcome(EXAMPLE)["acts"][1]


# --- the verbs --------------------------------------------------------------------------------------------------------


def test_source_may_be_a_path_text_bytes_or_objects(tmp_path):
    text = json.dumps(EXAMPLE, ensure_ascii=False)
    file = tmp_path / "case.json"
    file.write_text(text, encoding="utf-8")
    found = [outcome(source) for source in (EXAMPLE, text, text.encode(), file)]
    assert all(one == found[0] for one in found)


@pytest.mark.parametrize("options", [{"engine": "jena"}, {"presume": "guilt"}], ids=str)
def test_unknown_names_are_key_errors(options):
    with pytest.raises(KeyError, match=next(iter(options.values()))):
        api.assess(EXAMPLE, **options)


def test_presuming_nothing_is_the_default():
    assert outcome(EXAMPLE, presume="none") == outcome(EXAMPLE)
    assert "none" in api.profiles(default_knowledge())


# --- strong Kleene logic, by hand -------------------------------------------------------------------------------------

T, F, U = True, False, None
AND = {(T, T): T, (T, F): F, (T, U): U, (F, F): F, (F, U): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, F): F, (F, U): U, (U, U): U}
TWO_OF_THREE = {
    (T, T, T): T, (T, T, F): T, (T, T, U): T, (T, F, F): F, (T, F, U): U, (T, U, U): U,
    (F, F, F): F, (F, F, U): F, (F, U, U): U, (U, U, U): U,
}  # fmt: skip
TABLES = [(Operator.ALL, AND, 0), (Operator.ANY, OR, 0), (Operator.COUNT, TWO_OF_THREE, 2)]


@pytest.mark.parametrize(
    ("operator", "values", "least", "expected"),
    [
        (operator, order, least, result)
        for operator, table, least in TABLES
        for values, result in table.items()
        for order in sorted(set(permutations(values)), key=str)
    ],
)
def test_kleene_tables(operator, values, least, expected):
    """Each operand as it is, and each under a complement."""
    facts = [NamedNode(f"urn:f{i}") for i in range(len(values))]
    leaves = [Leaf(NamedNode(f"urn:n{i}"), fact, Comparison.EQUALS, Literal(True)) for i, fact in enumerate(facts)]
    for positive in (True, False):
        operands = tuple(Operand(leaf.node, positive) for leaf in leaves)
        whole = Composite(NamedNode("urn:whole"), operator, operands, least)
        known = {f: Literal(v if positive else not v) for f, v in zip(facts, values, strict=True) if v is not None}
        assert Decider([*leaves, whole]).decide(known).get(whole.node) is expected


@pytest.mark.parametrize(("test", "bound", "value", "holds"), [
    (Comparison.EQUALS, Literal("none"), Literal("none"), True),
    (Comparison.EQUALS, Literal("none"), Literal("slight"), False),
    (Comparison.EQUALS, Literal(True), Literal("1", datatype=BOOLEAN), True),
    (Comparison.ABOVE, Literal("0.0", datatype=DECIMAL), Literal("0.00", datatype=DECIMAL), False),
    (Comparison.ABOVE, Literal("0.0", datatype=DECIMAL), Literal("0.01", datatype=DECIMAL), True),
    (Comparison.AT_MOST, Literal("0.0", datatype=DECIMAL), Literal("0", datatype=DECIMAL), True),
    (Comparison.AT_MOST, Literal("0.0", datatype=DECIMAL), Literal("0.01", datatype=DECIMAL), False),
])  # fmt: skip
def test_kleene_leaves(test, bound, value, holds):
    leaf = Leaf(NamedNode("urn:n"), NamedNode("urn:f"), test, bound)
    assert Decider([leaf]).decide({leaf.fact: value}) == {leaf.node: holds}
    assert Decider([leaf]).decide({}) == {}

"""The checks of the knowledge base: nothing is wrong with it, and each check notices the fault that is planted.

Each file of ``hygiene/`` holds one fault and says on its first line how it is told.
"""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from rdflib import SH, Graph
from tested import RECORD, record

from yibaolex import cli, hygiene, resources
from yibaolex.ontology import OVERLAYS
from yibaolex.research import BASE, Research, research, short

FAULTS = sorted((Path(__file__).parent / "hygiene").glob("*.ttl"))
UNUSED = "is used by no norm, route, condition or rule"
NEEDED = ("vocabulary", "core", "cq345-text", "actors")  # pySHACL takes a second and a half over the whole


def modules():
    return [path for path in resources.files("ontology", ".ttl") if path.parent.name != OVERLAYS]


def test_the_knowledge_base_is_in_order():
    assert list(hygiene.flaws(research())) == []


@pytest.mark.parametrize("planted", FAULTS, ids=lambda path: path.stem)
def test_a_planted_fault_is_noticed(planted):
    expected = planted.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    faulty = Research([*(path for path in modules() if path.stem in NEEDED), planted])
    found = {flaw.wrong["en"] for flaw in hygiene.flaws(faulty) if "planted" in str(flaw.node)}
    assert expected in found
    assert found <= {expected, UNUSED}  # nothing uses what is planted


def test_every_check_has_a_planted_fault():
    planted = {path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in FAULTS}
    queries = [path.read_text(encoding="utf-8") for path in resources.files("queries/hygiene", ".rq")]
    summaries = {text.partition("#+ summary: ")[2].splitlines()[0] for text in queries}
    shapes = Graph().parse(resources.folder("shapes") / "norms.ttl")
    messages = {str(text) for text in shapes.objects(None, SH.message) if text.language == "en"}
    assert summaries | messages == planted


def test_every_clause_is_encoded_or_recorded():
    found = {short(coverage.instrument): coverage for coverage in hygiene.coverage(hygiene.clauses(research()))}
    assert {name: coverage.share for name, coverage in found.items()} == dict.fromkeys(found, 1)
    # the Order: 63 paragraphs and the promulgation; the notice: preamble, six sections, six items
    assert (found["cq345"].clauses, found["cq345"].encoded, found["cq345"].recorded) == (64, 63, 1)
    assert (found["cqfy2021"].clauses, found["cqfy2021"].encoded) == (13, 13)


def test_a_clause_that_is_neither_lowers_the_share():
    planted = Path(__file__).parent / "hygiene" / "clause-not-encoded.ttl"
    clauses = hygiene.clauses(Research([*modules(), planted]))
    missed = [clause for clause in clauses if not clause.encoded and not clause.reasons]
    assert ["planted" in clause.node.value for clause in missed] == [True]
    assert (missed[0].tested, missed[0].queried) == (False, False)
    shares = {short(coverage.instrument): coverage.share for coverage in hygiene.coverage(clauses)}
    assert [name for name, share in shares.items() if share < 1] == [short(missed[0].instrument)]


def test_tested_clauses_are_recorded():
    assert RECORD.read_text(encoding="utf-8") == record(), "run: python tests/tested.py"


@pytest.mark.parametrize("thing, clauses", [
    ("cq345/a16/p1/n3", {"cq345/a16/p1"}), ("cq345/a16/p1", {"cq345/a16/p1"}), ("cq345/a16", set()), ("cq345", set()),
    ("reg735#sanction-R39.3", {"reg735/a39/s3"}), ("cqcj/a9/i6/s1", {"cqcj/a9/i6", "cqcj/a9/i6/s1"}),
    ("actor#designated-institution", set()), ("nothing", set()),
])  # fmt: skip
def test_what_is_of_a_clause(thing, clauses):
    """A norm, a sanction and a sentence are of their clauses; an article is more than one of its paragraphs."""
    assert set(map(short, hygiene.clauses_of(research(), [NamedNode(BASE + thing)]))) == clauses


def test_each_clause_says_what_is_done_with_it():
    """The promulgation sets no rule, but is asked for; art. 16 is in a hand-derived answer; a duty is assessed."""
    found = {short(clause.node): clause for clause in hygiene.clauses(research())}
    states = {path: (clause.encoded, clause.tested, clause.queried) for path, clause in found.items()}
    assert states["cq345/promulgation"] == (False, False, True)
    assert set(found["cq345/promulgation"].reasons) == {"zh", "en"}
    assert states["cq345/a16/p1"] == (True, True, True)
    assert states["cqcj/a9/edu"] == (True, True, False)
    assert all(clause.encoded != bool(clause.reasons) for clause in found.values())


@pytest.mark.parametrize("language, heads", [
    ("zh", ["已编写：", "已测试：", "可查询：", "条文覆盖：100.0 %"]),
    ("en", ["encoded: ", "tested: ", "queried: ", "coverage of the text: 100.0 %"]),
])  # fmt: skip
def test_check_explains_its_columns(capsys, language, heads):
    assert cli.main(["check", "--lang", language]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(name.partition("：")[0].partition(":")[0] in lines[0].split() for name in heads[:3])
    assert [line[: len(head)] for line, head in zip(lines[-5:-1], heads, strict=True)] == heads


@pytest.mark.parametrize("language", ["zh", "en"])
def test_clauses_are_listed_with_states_and_reasons(capsys, language):
    assert cli.main(["check", "--clauses", "--lang", language]) == 0
    lines = capsys.readouterr().out.splitlines()
    clauses = hygiene.clauses(research())
    assert [line.split()[0] for line in lines[2:-4]] == [short(clause.node) for clause in clauses]
    for line, clause in zip(lines[2:-4], clauses, strict=True):
        assert line.endswith(clause.reasons.get(language, ""))
        yes = "是" if language == "zh" else "yes"
        assert line.split().count(yes) == clause.encoded + clause.tested + clause.queried


def test_no_condition_is_unsatisfiable():
    found = hygiene.unsatisfiable()
    assert (found.consistent, found.unmeetable) == (True, ()) and found.number > 100


def test_all_modules_are_consistent():
    found = hygiene.structure()
    assert found.consistent
    assert found.things > 2000 and found.links > 5000  # norms, actors, routes, provisions and what joins them


@pytest.mark.parametrize("triple", [
    "<https://w3id.org/yibaolex/cq345/a14/p1/n1> y:bearer <https://w3id.org/yibaolex/routing/matter-enrolment>",
    "<https://w3id.org/yibaolex/cq345/a14/p1/n1> a y:Actor",
    "<https://w3id.org/yibaolex/cq345/a21/p1/n2/r1> y:gateway <https://w3id.org/yibaolex/actor#employer>",
])  # fmt: skip
def test_hermit_finds_a_link_that_a_relation_does_not_allow(triple, tmp_path):
    planted = tmp_path / "planted.ttl"
    planted.write_text(f"@prefix y: <{BASE}core#> .\n{triple} .\n", encoding="utf-8")
    assert not hygiene.structure(Research([*modules(), planted])).consistent


@pytest.mark.parametrize("language, lines", [
    ("zh", ["HermiT：依定义归类 175 个条件，其中 0 个", "HermiT：全部模块（核心、法律、规范、表格、解释）一致："]),
    ("en", ["HermiT: 175 conditions classified from their definitions; 0 of them", "HermiT: all modules (core, law,"]),
])  # fmt: skip
def test_check_says_on_what_hermit_ran(capsys, language, lines):
    cli.main(["check", "--lang", language])
    told = [line for line in capsys.readouterr().out.splitlines() if "HermiT" in line]
    assert [line[: len(start)] for line, start in zip(told, lines, strict=True)] == lines

"""The law is data: the Python code names no notation, label or fact of the ontology, and holds no Chinese text."""

import ast
import re
from pathlib import Path

import pytest
from rdflib import RDFS, SKOS, Graph

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "src").rglob("*.py"))
CORE = "https://w3id.org/yibaolex/core#"
FORM = "https://w3id.org/yibaolex/form#"
FORMATS = {"none", "person", "A", "B"}  # Akoma Ntoso, Python and spreadsheets call other things so
CHINESE = re.compile(r"[⺀-鿿　-〿＀-￯]")


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every notation and label of the ontology, and the local name of every fact.

    The core vocabulary is left out: it is free of any law, and the code is written in its terms. So are the columns of
    forms, which are what the program reads; the facts that they fill are not.
    """
    graph = Graph()
    for path in sorted((ROOT / "ontology").rglob("*.ttl")):
        graph.parse(path)
    named = [pair for predicate in (SKOS.notation, RDFS.label) for pair in graph.subject_objects(predicate)]
    found = {str(name) for term, name in named if not str(term).startswith((CORE, FORM))}
    facts = {str(s).partition("/fact#")[2] for s in graph.subjects() if "/fact#" in str(s)}
    return (found | facts) - FORMATS


def constants(module: Path) -> list[tuple[int, str]]:
    """The string constants of a module that are not docstrings, with their lines."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    bodies = [n for n in ast.walk(tree) if isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef))]
    docstrings = {id(n.body[0].value) for n in bodies if n.body and isinstance(n.body[0], ast.Expr)}
    strings = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [(n.lineno, n.value) for n in strings if id(n) not in docstrings]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.stem)
def test_no_word_of_the_law(module: Path, words: set[str]) -> None:
    named = [(line, text) for line, text in constants(module) if text.strip() in words]
    assert not named, f"{module.name} names words of the ontology: {named}"


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.stem)
def test_no_chinese(module: Path) -> None:
    found = [n for n, line in enumerate(module.read_text(encoding="utf-8").splitlines(), 1) if CHINESE.search(line)]
    assert not found, f"{module.name}: Chinese text in lines {found}"


def test_the_test_sees_words(words: set[str]) -> None:
    """The collection is not empty: it holds a fact, a charge, a category and a label."""
    assert {"loss_amount", "38.1", "一般", "order to correct"} <= words

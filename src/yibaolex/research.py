"""The research knowledge: every module of the ontology in one graph, with what things are called and how to ask it.

What this module is for: finding a thing by the name that a researcher uses for it, and running read-only queries on
either engine. What a reader must not break: no query changes anything or reaches beyond the graph, and nothing here
names an instrument, an article or an actor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, islice
from typing import Any
from unicodedata import normalize

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from yibaolex import resources
from yibaolex.ontology import OVERLAYS, Ontology
from yibaolex.terms import (
    CORE,
    HIDDEN_LABEL,
    LABEL,
    NOTATION,
    OWL,
    PART_OF,
    RDFS,
    SHORT_LABEL,
    SKOS,
    TYPE,
    XSD,
    core,
)

BASE = CORE.removesuffix("core#")
ELI = PART_OF.value.removesuffix("is_part_of")
PREFIXES = {
    "y": CORE,
    "actor": BASE + "actor#",
    "eli": ELI,
    "skos": SKOS,
    "rdfs": RDFS,
    "dcterms": "http://purl.org/dc/terms/",
    "owl": OWL,
    "xsd": XSD,
}
_SUBCLASS = NamedNode(RDFS + "subClassOf")
_PROVISION_CLASSES = (NamedNode(ELI + "LegalResource"), NamedNode(ELI + "LegalResourceSubdivision"))
_NEAREST = 5
FEW = 20  # values that are told one by one; of more only the first, or the nearest
_NUMBER = re.compile(r"([0-9]+)")
_REACHING = {"service": "servixe", "from": "frxm"}  # keywords that would lead out of the graph, and what is none
_REACHING_WORD = re.compile("|".join(_REACHING), re.IGNORECASE)
_QUOTED = re.compile(
    r"""'''.*?'''|\"\"\".*?\"\"\"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|\#[^\n]*""", re.DOTALL
)
_BARE_REACHING = re.compile(rf"(?<![\w?$:.-])({'|'.join(_REACHING)})(?![\w:])", re.IGNORECASE)
_UPDATE = re.compile(
    r"\s*((prefix\s+\S*|base)\s+)*(insert|delete|load|clear|drop|create|add|move|copy|with)\b", re.IGNORECASE
)
_PLACE = re.compile(r"error at (\d+):(\d+): expected (.*)", re.DOTALL)
_ALTERNATIVES = re.compile(r"one of |, ")
_DEPTH = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}
_DEEPEST = 200  # the parser ends the process on some thousands
_LONGER_THAN_KEYWORDS = "\n" * 16


class Problem(Exception):
    """Why a question cannot be answered: the key of a sentence, and what it names."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True)
class Table:
    """Rows of terms under variables; what is not bound is None."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


Found = Table | bool | tuple[Triple, ...]


def folded(text: str) -> str:
    """``text`` as names are compared: full and half width, upper and lower case and kinds of space alike."""
    return " ".join(normalize("NFKC", text).casefold().split())


def _plain(name: str) -> str:
    """A name as it is looked up: words joined by hyphens and words apart are alike."""
    return folded(name.replace("-", " ").replace("_", " "))


def short(node: NamedNode) -> str:
    """The path of ``node`` below the base of the knowledge base, or its whole IRI."""
    return node.value.removeprefix(BASE)


def in_order(node: NamedNode) -> tuple:
    """Sort key: by path, its numbers as numbers."""
    parts = _NUMBER.split(short(node))
    return tuple(int(part) if part.isdigit() else part for part in parts)


class Research(Ontology):
    """All modules together, without the alternatives of disputed readings."""

    # --- what there is -----------------------------------------------------------------------------------------------

    def kinds(self, *classes: NamedNode) -> frozenset[NamedNode]:
        """``classes`` with the classes below them."""
        found: set[NamedNode] = set()
        waiting = list(classes)
        while waiting:
            kind = waiting.pop()
            if kind not in found:
                found.add(kind)
                waiting += self.graph.subjects(_SUBCLASS, kind)
        return frozenset(found)

    def instances_of(self, *classes: NamedNode) -> frozenset[NamedNode]:
        """The instances of ``classes`` and of the classes below them."""
        found = (node for kind in self.kinds(*classes) for node in self.graph.instances(kind))
        return frozenset(node for node in found if isinstance(node, NamedNode))

    def values_of(self, relation: NamedNode, along: NamedNode | None = None) -> frozenset[NamedNode]:
        """What anything has as ``relation``; with ``along`` also what stands above or below these by that relation."""
        found = frozenset(quad.object for quad in self.graph.quads(relation) if isinstance(quad.object, NamedNode))
        if along is None:
            return found
        above = self._reached(found, lambda node: self.graph.objects(node, along))
        return found | above | self._reached(found, lambda node: self.graph.subjects(along, node))

    @staticmethod
    def _reached(start: Iterable[NamedNode], step: Callable[[NamedNode], list[Any]]) -> set[NamedNode]:
        """What some number of steps from ``start`` leads to."""
        found: set[NamedNode] = set()
        waiting = list(start)
        while waiting:
            new = [node for node in step(waiting.pop()) if node not in found]
            found.update(new)
            waiting += new
        return found

    @cached_property
    def provisions(self) -> frozenset[NamedNode]:
        """The instruments, their parts, and the norms and contacts in them."""
        return self.instances_of(*_PROVISION_CLASSES)

    def is_a(self, node: Any, name: str) -> bool:
        """Whether ``node`` is an instance of the core class ``name``."""
        return core(name) in self.graph.objects(node, TYPE)

    def title(self, node: NamedNode, language: str) -> str:
        """The label of ``node`` in ``language``, in any other, or its path."""
        labels = self.graph.objects(node, LABEL)
        told = [label.value for label in labels if label.language == language]
        return next(iter([*told, *sorted(label.value for label in labels)]), short(node))

    def holds(self, whole: NamedNode, part: NamedNode | None) -> bool:
        """Whether ``part`` is ``whole`` or lies in it."""
        while part is not None and part != whole:
            part = self.graph.one(part, PART_OF)
        return part is not None

    # --- names -------------------------------------------------------------------------------------------------------

    def names(self, node: NamedNode) -> Iterator[str]:
        """What ``node`` may be called: IRI, path, local name, notation, labels."""
        yield from (node.value, short(node), node.value.rpartition("#")[2])
        for predicate in (NOTATION, LABEL, SHORT_LABEL, HIDDEN_LABEL):
            yield from (name.value for name in self.graph.objects(node, predicate))

    def called_among(self, name: str, nodes: Collection[NamedNode], language: str) -> NamedNode:
        """The one of ``nodes`` that ``name`` means.

        Raises:
            Problem: it means none, or several; what is known or near is told, the nearest first.
        """
        by_name: dict[str, set[NamedNode]] = {}
        for node in nodes:
            for given in self.names(node):
                by_name.setdefault(_plain(given), set()).add(node)
        found = by_name.get(_plain(name), set())
        if len(found) == 1:
            return next(iter(found))
        key = "several-called" if found else "unknown-name"
        near = sorted(found, key=in_order) or self._near(name, by_name)
        raise Problem(key if near else "no-name", name=name, known=self.listed(near, language))

    def listed(self, nodes: Iterable[NamedNode], language: str) -> str:
        """``nodes`` in one line, each by label and by what to write on a command line."""
        return "; ".join(f"{self.title(node, language)} ({self._handle(node)})" for node in nodes)

    def _handle(self, node: NamedNode) -> str:
        """The shortest way to write ``node`` on a command line."""
        if "#" in node.value:
            return node.value.rpartition("#")[2]
        notation = None if node in self.provisions else self.graph.one(node, NOTATION)
        return short(node) if notation is None else notation.value

    def _near(self, name: str, by_name: dict[str, set[NamedNode]]) -> list[NamedNode]:
        """What has a name like ``name``, the nearest first, of few things followed by the others."""
        nodes = set().union(*by_name.values())
        plain = _plain(name)
        holding = [known for known in sorted(by_name, key=lambda known: (len(known), known)) if plain in known]
        names = holding or closest(plain, by_name)
        near = list(dict.fromkeys(node for known in names for node in sorted(by_name[known], key=in_order)))
        return [*near, *sorted(nodes.difference(near), key=in_order)] if len(nodes) <= FEW else near[:_NEAREST]

    def provision(self, name: str, language: str) -> NamedNode:
        """The thing of the knowledge base at a path, IRI or notation.

        Raises:
            Problem: there is none.
        """
        path = normalize("NFKC", name).strip().strip("<>/")
        prefix, _, rest = path.partition(":")
        for iri in (path, BASE + path, PREFIXES.get(prefix, BASE) + rest):
            node = _node(iri)
            if node is not None and self.graph.about(node):
                return node
        return self.called_among(path, self.provisions, language)

    # --- queries -----------------------------------------------------------------------------------------------------

    def run(self, query: str, *, on_reference: bool = False, most: int | None = None) -> Found:
        """The answer to a read-only ``query``, from pyoxigraph or from the reference engine.

        No more than ``most`` rows are taken, and pyoxigraph does not look for more where the query lets it; of triples
        all are.

        Raises:
            Problem: the query is not SPARQL, would change the graph or reach beyond it, or the engine fails.
        """
        check_query(query)
        try:
            return _found(self._on_reference(query) if on_reference else self.graph.query(query, BASE, PREFIXES), most)
        except Problem:
            raise
        except Exception as error:  # an engine may fail in as many ways as it has parts; no reader is shown a traceback
            raise Problem("engine-failed", detail=" ".join(str(error).split())) from error

    @cached_property
    def reference(self) -> Any:
        """The same triples as an rdflib graph."""
        from yibaolex.engines import RdflibEngine

        return RdflibEngine(self.graph).graph

    def _on_reference(self, query: str) -> Any:
        """What rdflib answers, as pyoxigraph gives it."""
        from rdflib.plugins.sparql import prepareQuery
        from rdflib.plugins.sparql.algebra import CompValue, traverse

        prepared: Any = prepareQuery(query, initNs=PREFIXES, base=BASE)
        parts: list[str] = []
        traverse(
            prepared.algebra, visitPre=lambda part: parts.append(part.name) if isinstance(part, CompValue) else None
        )
        # its parser may see what the other did not
        if "ServiceGraphPattern" in parts or prepared.algebra.datasetClause:
            raise Problem("reaches-out")
        result = self.reference.query(prepared)
        if result.graph is not None:
            return parse(result.graph.serialize(format="nt"), RdfFormat.N_TRIPLES)
        return parse_query_results(result.serialize(format="json"), QueryResultsFormat.JSON)

    def described(self, nodes: Iterable[NamedNode]) -> tuple[Triple, ...]:
        """The Concise Bounded Descriptions of ``nodes`` together."""
        wanted = " ".join(str(node) for node in sorted(set(nodes), key=in_order))
        return tuple(self.graph.query(f"DESCRIBE {wanted}", BASE, PREFIXES)) if wanted else ()


@cache
def research() -> Research:
    """The research knowledge that the package ships."""
    return Research(path for path in resources.files("ontology", ".ttl") if path.parent.name != OVERLAYS)


def closest(name: str, names: Iterable[str], alike: float = 0.5) -> list[str]:
    """The ``names`` most like ``name``, best first; ``alike`` is from 0 (any will do) to 1 (the same)."""
    import difflib

    return difflib.get_close_matches(name, list(names), _NEAREST, alike)


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def _found(answer: Any, most: int | None) -> Found:
    if isinstance(answer, QueryBoolean):
        return bool(answer)
    if isinstance(answer, QuerySolutions):
        names = tuple(variable.value for variable in answer.variables)
        return Table(names, tuple(tuple(row) for row in islice(answer, most)))
    return tuple(Triple(t.subject, t.predicate, t.object) for t in answer)


# --- what may be asked ------------------------------------------------------------------------------------------------


def check_query(query: str) -> None:
    """Make sure, without running it, that ``query`` is SPARQL that changes nothing and does not reach beyond the graph.

    Every word that could be a keyword leading outside is replaced by one that is no keyword: inside a string, a name or
    a comment that changes nothing; as a keyword it makes the parser itself refuse the query.

    Raises:
        Problem: it is not.
    """
    if max(accumulate((_DEPTH.get(character, 0) for character in query), initial=0)) > _DEEPEST:
        raise Problem("too-deep", most=_DEEPEST)
    harmless = _REACHING_WORD.sub(lambda word: _REACHING[word[0].lower()], query)
    try:
        Store().query(harmless + _LONGER_THAN_KEYWORDS, base_iri=BASE, prefixes=PREFIXES)
    except SyntaxError as error:
        bare = _QUOTED.sub(" ", query)
        if _UPDATE.match(bare):
            raise Problem("changes") from error
        if _BARE_REACHING.search(bare):
            raise Problem("reaches-out") from error
        raise _syntax_problem(query, str(error)) from error
    except (OSError, RuntimeError, ValueError):
        return  # it is SPARQL; what else is wrong with it shows when it runs


def _syntax_problem(query: str, message: str) -> Problem:
    place = _PLACE.match(message)
    if place is None:
        return Problem("not-sparql", detail=message)
    above = query.split("\n")[: int(place[1]) - 1]
    offset = sum(len(line) + 1 for line in above) + int(place[2]) - 1 - _read_ahead(place[3])
    before = query[: max(offset, 0)]
    return Problem("syntax", line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))


def _read_ahead(expected: str) -> int:
    """How far behind the mistake the parser stopped: it reads as many characters as a keyword has, then compares."""
    words = [word for word in _ALTERNATIVES.split(expected) if word]
    return max(map(len, words)) if words and all(word.isalpha() and word.isupper() for word in words) else 0

"""Which relations a SPARQL text cannot do without, told from the text alone.

A query that must match a relation which the graph never uses finds nothing, and reading its text takes longer than all
the rest of it. A reader must not break: what is named here is a subset of what the query needs, never more; groups,
paths that branch or turn, and everything in brackets are passed over.

Specification: SPARQL 1.1, sections 5.1 (basic graph patterns) and 11.1 (an aggregate without groups gives a row).
"""

from __future__ import annotations

import re
from functools import cache

from pyoxigraph import NamedNode

_PREFIX = re.compile(r"PREFIX (\w*): *<([^>]*)>")
_PASSED_OVER = re.compile(r'"(?:[^"\\]|\\.)*"|(?<!\S)#.*$', re.MULTILINE)
_BRACKET = re.compile(r"([{}()])")
_TOKEN = re.compile(r"(?:<[^>]*>|[^\s.;<]|\.(?=\d))+|[.;]")
_NAME = re.compile(r"(\w*):([\w-]+)|<([^>]*)>")
_SEQUENCE = re.compile(rf"(?:{_NAME.pattern})(?:/(?:{_NAME.pattern}))*")
_AGGREGATE = re.compile(r"\b(?:COUNT|SUM|MIN|MAX|AVG|SAMPLE|GROUP_CONCAT) *\(")
_PREDICATE = 1  # its place in a triple pattern, counted from 0


@cache
def required_relations(text: str) -> tuple[NamedNode, ...]:
    """The relations without which the SELECT query or the INSERT of ``text`` finds nothing."""
    head, _, body = _PASSED_OVER.sub("", text).partition("WHERE {")
    if _AGGREGATE.search(head):
        return ()
    prefixes = dict(_PREFIX.findall(head))
    found = dict.fromkeys(relation for token in _predicates(_outermost(body)) for relation in _named(token, prefixes))
    return tuple(NamedNode(relation) for relation in found)


def _outermost(body: str) -> str:
    """``body`` up to the bracket that closes it, with a full stop for each bracket within."""
    depth, kept = 0, []
    for part in _BRACKET.split(body):
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(part, 0)
        if depth < 0:
            break
        if depth == 0:
            kept.append(" . " if part in "{}()" else part)
    return "".join(kept)


def _predicates(patterns: str) -> list[str]:
    """What stands in the place of a predicate."""
    place, found = 0, []
    for token in _TOKEN.findall(patterns):
        if token in (".", ";"):
            place = 0 if token == "." else _PREDICATE
            continue
        if place == _PREDICATE:
            found.append(token)
        place += 1
    return found


def _named(token: str, prefixes: dict[str, str]) -> list[str]:
    """The IRIs that ``token`` names one after the other; none if it is a variable, another path or a word."""
    if _SEQUENCE.fullmatch(token) is None:
        return []
    return [iri or prefixes[prefix] + name for prefix, name, iri in _NAME.findall(token)]

"""What a query cannot do without, so that the default engine need not read one that can find nothing.

Reading a query takes longer than running it, and of those of a run a good part finds nothing in most cases. A reader
must not break: nothing that could find something is passed over. So nothing is claimed of what stands in brackets, in
a path of alternatives or under OPTIONAL, and nothing at all of a query that counts, which answers even for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import NamedTuple

from pyoxigraph import NamedNode

_TOKEN = re.compile(r'"[^"]*"(?:\^\^<[^<>]*>|\^\^[\w:]+|@\w+)?|<[^<>\s]*>|[{}()]|[^\s{}()]+')
_NAME = re.compile(r"(\w+):([\w-]+)")
_PASSED_OVER = ("OPTIONAL", "MINUS", "EXISTS", "VALUES")


class Need(NamedTuple):
    """What a graph must hold for a group of patterns to be found: all ``terms``, one alternative of each choice."""

    terms: tuple[NamedNode, ...] = ()
    choices: tuple[tuple[Need, ...], ...] = ()

    def beyond(self, known: Container[object]) -> Need:
        """What is left of the need once the terms ``known`` are there."""
        choices = [tuple(need.beyond(known) for need in choice) for choice in self.choices]
        terms = tuple(term for term in self.terms if term not in known)
        return Need(terms, tuple(choice for choice in choices if Need() not in choice))


def needed(text: str) -> Need:
    """What the query or update ``text`` cannot do without."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    prefixes = dict(re.findall(r"PREFIX (\w*): <([^>]*)>", "\n".join(lines)))
    head, _, body = "\n".join(lines).partition("WHERE {")
    return Need() if "(" in head else _group(iter(_TOKEN.findall(body)), prefixes)


def _group(tokens: Iterator[str], prefixes: dict[str, str]) -> Need:
    """The need of one group, whose opening brace has been read."""
    terms: list[NamedNode] = []
    choices: list[list[Need]] = []
    keyword, counts = "", False
    for token in tokens:
        if token == "}":
            break
        if token == "{":
            inner = _group(tokens, prefixes)
            if keyword == "UNION":
                choices[-1].append(inner)
            elif keyword not in _PASSED_OVER:
                choices.append([inner])
            keyword = ""
        elif token == "(":
            counts |= keyword == "SELECT"
            _skip_brackets(tokens)
        elif token.isupper():
            keyword = token
        elif token[0] == "<":
            terms.append(NamedNode(token[1:-1]))
        elif token[0] not in '"?' and not {*"|*?"} & {*token}:
            terms.extend(NamedNode(prefixes[prefix] + name) for prefix, name in _NAME.findall(token))
    return Need() if counts else Need(tuple(dict.fromkeys(terms)), tuple(map(tuple, choices)))


def _skip_brackets(tokens: Iterator[str]) -> None:
    """Skip to the bracket that closes the one that has been read."""
    depth = 1
    while depth:
        depth += {"(": 1, ")": -1}.get(next(tokens), 0)

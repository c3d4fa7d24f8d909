"""Rows that belong together and do not stand together in their file.

What this module is for: whether the rows of an institution are interrupted by those of another, and, if so, bringing
them together. What a reader must not break: no more than one row is held in memory, however many there are; rows of one
institution keep their order, and the institutions that of their first rows.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import groupby

from yibaolex.selfreport.cells import Row

Key = Callable[[Row], tuple[str, ...]]
_PRIVATE = ""  # a database of this name is a temporary file of its own, gone when it is closed


def come_back(rows: Iterable[Row], key: Key) -> bool:
    """Whether rows of one ``key`` are interrupted by rows of another."""
    met: set[tuple[str, ...]] = set()
    for name, _ in groupby(rows, key):
        if name in met:
            return True
        met.add(name)
    return False


def together(rows: Iterable[Row], key: Key) -> Iterator[Row]:
    """All ``rows``, those of one ``key`` one after the other."""
    order: dict[tuple[str, ...], int] = {}
    kept = ((order.setdefault(key(row), len(order)), at, pickle.dumps(row)) for at, row in enumerate(rows))
    with closing(sqlite3.connect(_PRIVATE)) as database:
        database.execute("CREATE TABLE kept (owner INTEGER, position INTEGER, row BLOB, PRIMARY KEY (owner, position))")
        database.executemany("INSERT INTO kept VALUES (?, ?, ?)", kept)
        for (row,) in database.execute("SELECT row FROM kept ORDER BY owner, position"):
            yield pickle.loads(row)

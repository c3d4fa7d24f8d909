"""What is seen of a run while it works, and how it is stopped.

What this module is for: a bar on a terminal, with a share where the whole is known at little cost, and Ctrl-C. What a
reader must not break: nothing of it reaches a file or a pipe, and no result depends on it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple, TextIO

from yibaolex.catalogue import say
from yibaolex.jsontext import UnreadableError
from yibaolex.selfreport import textfile
from yibaolex.selfreport.grid import Grid

Write = Callable[[str, TextIO], object]
_COLUMNS, _LINES = 80, 24  # of a terminal that does not tell its size
_TOP = 20  # lines among which the header is


class Steps(NamedTuple):
    """What is called for each row, and for each file that was gone through."""

    row: Callable[[], object]
    file: Callable[[], object]


@contextmanager
def progress(files: list[Path], language: str) -> Iterator[tuple[Steps, Write]]:
    """What counts rows and files, and what prints a line; a bar is shown meanwhile if standard error is a terminal.

    The bar gives way to each line, on whichever stream, and is gone at the end.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield Steps(_nothing, _nothing), lambda line, file: print(line, file=file)
        return
    from tqdm import tqdm

    columns, lines = os.get_terminal_size(sys.stderr.fileno())
    total = len(files) if len(files) > 1 else _rows_of(files[0])
    with tqdm(
        file=sys.stderr,
        mininterval=0.5,
        miniters=0,
        leave=False,
        total=total,
        bar_format=_format(len(files), total, language),
        ncols=(columns or _COLUMNS) - 1,
        nrows=lines or _LINES,
        postfix="0",
    ) as bar:
        rows = count(1)

        def row_of_many() -> None:
            bar.set_postfix_str(str(next(rows)), refresh=False)
            bar.update(0)

        steps = Steps(row_of_many, bar.update) if len(files) > 1 else Steps(bar.update, _nothing)
        try:
            yield steps, lambda line, file: bar.write(line, file=file)
        finally:
            bar.clear()  # closing takes away only what was drawn after the beginning


def _format(files: int, total: int | None, language: str) -> str:
    """How the bar looks: the share of files or rows that are done, or only the count of rows."""
    doing, rows, many = (say(language, "selfreport", key) for key in ("progress", "unit", "files"))
    if total is None:
        return f"{doing} {{n_fmt}} {rows} [{{elapsed}}]"
    done = f"{doing} {{percentage:3.0f}}% |{{bar}}| {{n_fmt}}/{{total_fmt}}"
    return f"{done} {many}{{postfix}} {rows} [{{elapsed}}]" if files > 1 else f"{done} {rows} [{{elapsed}}]"


def _rows_of(path: Path) -> int | None:
    """About how many rows a file has: the records of a CSV file below its first; of others it takes long to tell."""
    if path.suffix.lower() != ".csv":
        return None
    try:
        table = max(textfile.grids(path), key=_columns_of)
        return max(sum(1 for _ in table.lines()) - 1, 0) or None
    except (UnreadableError, OSError):  # told when it is read
        return None


def _columns_of(table: Grid) -> int:
    return max((len(line.texts) for line in islice(table.lines(), _TOP)), default=0)


def _nothing() -> None:
    """Count nothing."""


@contextmanager
def heeding_stop() -> Iterator[None]:
    """Have Ctrl-C raise KeyboardInterrupt meanwhile, where it would end the process without a word."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

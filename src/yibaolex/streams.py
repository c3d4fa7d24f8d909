"""The files that a command reads, ``-`` for standard input.

A reader must not break: a stream that the caller closed is an ``OSError`` like that of a file that cannot be opened.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

STANDARD = "-"


def opened(name: str) -> contextlib.AbstractContextManager[BinaryIO]:
    """The file ``name``, or standard input for ``-``.

    Raises:
        OSError: it cannot be opened, or standard input is closed.
    """
    if name != STANDARD:
        return Path(name).open("rb")
    if sys.stdin is None:
        raise closed()
    return contextlib.nullcontext(sys.stdin.buffer)


def closed() -> OSError:
    """What the system says of a standard stream that the caller closed."""
    return OSError(errno.EBADF, os.strerror(errno.EBADF), STANDARD)

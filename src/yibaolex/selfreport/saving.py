"""Office files written as a whole.

What a reader must not break: the library never holds the file itself open, since it would try to end it once more, with
a traceback, where the disk is full.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any


def save(document: Any, path: Path) -> None:
    """Write a workbook or a text document of its library to ``path``.

    Raises:
        OSError: the file cannot be written.
    """
    packed = BytesIO()
    document.save(packed)
    path.write_bytes(packed.getbuffer())

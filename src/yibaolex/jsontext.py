"""The text of a JSON file as objects, with nothing lost.

What this module is for: bytes in, plain objects out, or the reason why not. What a reader must not break: a number with
a point stays what was written, a repeated key is kept apart, and whatever the bytes hold ends in a sentence, never in
an exception of a library.
"""

from __future__ import annotations

import json
import re
from typing import Any
from unicodedata import category

from yibaolex.faults import Fault
from yibaolex.screen import shown

DEEPEST = 40
LARGEST = 2**28  # bytes; held more than once, so that a larger file would need several GB
_OFFICE = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"%PDF")  # how Excel, Word, PDF and zip files begin
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")  # gz, bz2, xz, 7z, rar, zst

_EXTRA_COMMA = re.compile(r",[, \t\r\n]*[}\]]")


class FloatText(str):
    """A JSON number with a point or an exponent, or of more digits than are read as one, as it was written."""


class Repeated(str):
    """A key of a JSON object that already stood in it."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


class UnreadableError(ValueError):
    """The file as a whole cannot be read; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault

    def __str__(self) -> str:
        return "\n".join(f"{self.fault.place}: {message}" for message in self.fault.messages.values())


def parse(data: bytes) -> Any:
    """The objects that ``data`` holds.

    Raises:
        UnreadableError: the bytes are too many, not text, not UTF-8, not JSON, nested too deeply, or half characters.
    """
    content = objects(data)
    fault = unfit(content, "$")
    if fault is not None:
        raise UnreadableError(fault)
    return content


def objects(data: bytes) -> Any:
    """The objects that ``data`` holds, each of which may still be ``unfit``.

    Raises:
        UnreadableError: the bytes are too many, not text, not UTF-8, not JSON, or nested too deeply to be read at all.
    """
    if len(data) > LARGEST:
        raise UnreadableError(Fault("file-too-large", "$", {"most": LARGEST >> 20}))
    if data.startswith(_OFFICE):
        raise UnreadableError(Fault("not-text", "$"))
    if data.startswith(_PACKED):
        raise UnreadableError(Fault("packed-file", "$"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(Fault("not-utf8", "$", {"position": error.start + 1})) from error
    if "\0" in text[:4]:  # UTF-16 without its mark
        raise UnreadableError(Fault("not-utf8", "$", {"position": data.index(b"\0") + 1}))
    if not text.strip():
        raise UnreadableError(Fault("empty-file", "$"))
    try:
        return json.loads(
            text, parse_int=_integer, parse_float=FloatText, parse_constant=FloatText, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(_not_json(text, error)) from error
    except RecursionError as error:
        raise UnreadableError(_too_deep("$")) from error


def unfit(content: Any, place: str) -> Fault | None:
    """Why nobody can go through ``content`` or print it, if so."""
    if _depth(content) > DEEPEST:
        return _too_deep(place)
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return Fault("half-character", place)
    return None


def _not_json(text: str, error: json.JSONDecodeError) -> Fault:
    """What is wrong where ``text`` ceases to be JSON."""
    position, start = error.pos, text.lstrip()[:20]
    mark = text[position : position + 1]
    comma = text.rfind(",", 0, position + 1)
    extra = _EXTRA_COMMA.match(text, comma) if comma >= 0 else None
    if not start.startswith(("{", "[")):
        code = "other-format"
    elif error.msg.startswith(("Unterminated string", "Invalid control character")):
        code = "not-json-quote"
    elif error.msg.startswith("Extra data"):
        code = "not-json-more"
    elif not text[position:].strip():
        code = "not-json-end"
    elif mark == "'" or (not mark.isascii() and category(mark).startswith("P")):
        code = "not-json-mark"
    elif extra is not None and position < extra.end():
        code, position = "not-json-comma", comma  # a later parser stops there, and not at the bracket
    else:
        code = "not-json"
    at = json.JSONDecodeError(error.msg, text, position)
    values = {"line": at.lineno, "column": at.colno, "shown": shown(start), "mark": shown(mark)}
    return Fault(code, f"{at.lineno}:{at.colno}", values)


def _too_deep(place: str) -> Fault:
    return Fault("too-deep", place, {"most": DEEPEST})


def _integer(text: str) -> int | FloatText:
    try:
        return int(text)
    except ValueError:  # more digits than Python turns into a number
        return FloatText(text)


def _depth(content: Any) -> int:
    """How deeply ``content`` is nested; found without recursion."""
    depth, level = 0, [content]
    while level:
        depth += 1
        inner = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, (dict, list))]
        level = [value for values in inner for value in values]
    return depth


def _object(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    """A JSON object; a repeated key is kept apart as ``Repeated`` so that nothing is lost in silence."""
    found: dict[Any, Any] = {}
    for key, value in pairs:
        found[Repeated(key) if key in found else key] = value
    return found

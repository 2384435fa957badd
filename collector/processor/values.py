"""OTLP's AnyValue, decoded straight from its wire format: the processor meets millions and wants few of them."""

from __future__ import annotations

import base64
import json
import math
import re
import struct
from decimal import Decimal
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from attribution.conventions.content import is_content

STRING, INT, DOUBLE = 0x0A, 0x18, 0x21
"""First byte of an encoded AnyValue: field number and wire type of the member that is set."""

FIGURE = re.compile(r"[-+0-9.eE]{1,40}")
"""A number as text."""

_double = struct.Struct("<d").unpack_from


def decode(raw: bytes) -> Any:
    """The value in an encoded AnyValue: str, bool, int, float, bytes, list, dict, or None when nothing is set."""
    if not raw:
        return None
    kind, size = raw[0], len(raw)
    if kind == INT and size <= 3:  # noqa: PLR2004  (up to 14 bits, as most counts are)
        return raw[1] & 0x7F | raw[2] << 7 if size == 3 else raw[1]  # noqa: PLR2004
    if kind == STRING:
        length, start = (raw[1], 2) if raw[1] < 0x80 else _varint(raw)  # noqa: PLR2004  (one byte of length)
        if start + length == size:
            return raw[start:].decode()
    elif kind == INT:
        number, end = _varint(raw)
        if end == size:
            return number - (1 << 64) if number >> 63 else number
    if kind == DOUBLE and size == 9:  # noqa: PLR2004
        return _double(raw, 1)[0]
    return plain(AnyValue.FromString(raw))


def _varint(raw: bytes) -> tuple[int, int]:
    """The number after the first byte, seven bits a byte, the lowest first; and where it ends."""
    number, end = raw[1] & 0x7F, 2
    while raw[end - 1] & 0x80:
        number |= (raw[end] & 0x7F) << 7 * (end - 1)
        end += 1
    return number, end


def plain(value: AnyValue) -> Any:
    """An AnyValue message as plain Python values."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: plain(item.value) for item in value.kvlist_value.values}
    return getattr(value, kind)


def text(value: Any, *, keep_content: bool) -> str:
    """A value as the store holds it: text as it is, '' where nothing is set, numbers by `number_text`, bytes in base64, the rest as JSON.

    Args:
        value: as `decode` gives it.
        keep_content: members of objects that hold content are kept as well.

    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict | list):
        return _json(value if keep_content else without_content(value))
    return number_text(value)


def without_content(value: Any) -> Any:
    """A value without the members that hold content, at any depth. Numbers stay: usage has members that are called as content is."""
    if isinstance(value, dict):
        return {key: without_content(inner) for key, inner in value.items() if not is_content(key) or _is_figure(inner)}
    if isinstance(value, list):
        return [without_content(inner) for inner in value]
    return value


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and FIGURE.fullmatch(value) is not None)


_POSITIONAL = range(-6, 21)
"""Powers of ten that ClickHouse writes without an exponent."""


def number_text(number: float) -> str:
    """A number as ClickHouse's toString spells it: `true`, `12`, `0.5`, `1e21`, `1e-7`, `nan`, `-inf`."""
    if isinstance(number, bool):
        return "true" if number else "false"
    shortest = repr(number)
    digits, is_short, exponent = shortest.partition("e")
    if not is_short:
        return shortest.removesuffix(".0")
    if int(exponent) in _POSITIONAL:
        return f"{Decimal(shortest):f}"
    return f"{digits}e{int(exponent)}"


def _json(value: Any) -> str:
    """As the Collector spells what JSON has no word for: bytes in base64, no number as null."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(key)}:{_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "null"
    if isinstance(value, bytes):
        return _quoted(base64.b64encode(value).decode())
    return _quoted(value) if isinstance(value, str) else number_text(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

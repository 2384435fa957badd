"""OTLP's AnyValue, decoded straight from its wire format: the processor meets millions and wants few of them."""

from __future__ import annotations

import base64
import json
import math
import re
import struct
from collections.abc import Callable, Mapping
from operator import itemgetter
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


_ARRAY, _MAP = 0x2A, 0x32
"""First bytes of an encoded AnyValue that holds others."""
_CONTAINERS = frozenset({bytes([_ARRAY]), bytes([_MAP])})
_first: Callable[[bytes], bytes] = itemgetter(slice(0, 1))


def nested(attributes: Mapping[str, bytes], *, keep_content: bool) -> dict[str, str]:
    """JSON text of those attributes whose arrays and objects hold arrays or objects; shallower ones ClickHouse spells itself."""
    if _CONTAINERS.isdisjoint(map(_first, attributes.values())):
        return {}
    found = {}
    for key, raw in attributes.items():
        if raw[:1] in _CONTAINERS:
            value = decode(raw)
            if isinstance(value, dict | list) and any(isinstance(inner, dict | list) for inner in _entries(value)):
                found[key] = json.dumps(_json(value if keep_content else without_content(value)), ensure_ascii=False, separators=(",", ":"))
    return found


def without_content(value: Any) -> Any:
    """A value without the members that hold content, at any depth. Numbers stay: usage has members that are called as content is."""
    if isinstance(value, dict):
        return {key: without_content(inner) for key, inner in value.items() if not is_content(key) or _is_figure(inner)}
    if isinstance(value, list):
        return [without_content(inner) for inner in value]
    return value


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and FIGURE.fullmatch(value) is not None)


def _entries(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


def _json(value: Any) -> Any:
    """As the Collector spells what JSON has no word for: bytes in base64, no number as null."""
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_json(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""OTLP's AnyValue, decoded straight from its wire format: the processor meets millions and wants few of them."""

from __future__ import annotations

import struct
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

STRING, BOOL, INT, DOUBLE = 0x0A, 0x10, 0x18, 0x21
"""First byte of an encoded AnyValue: field number and wire type of the member that is set."""

_double = struct.Struct("<d").unpack_from


def decode(raw: bytes) -> Any:
    """The value in an encoded AnyValue: str, bool, int, float, bytes, list, dict, or None when nothing is set."""
    if not raw:
        return None
    kind = raw[0]
    if kind == STRING and raw[1] == len(raw) - 2 and raw[1] < 0x80:  # noqa: PLR2004  (one byte of length)
        return raw[2:].decode()
    if kind == INT and len(raw) == 2:  # noqa: PLR2004  (one byte of value)
        return raw[1]
    if kind == INT and len(raw) == 3:  # noqa: PLR2004  (two bytes of value)
        return (raw[1] & 0x7F) | raw[2] << 7
    if kind == DOUBLE and len(raw) == 9:  # noqa: PLR2004
        return _double(raw, 1)[0]
    return plain(AnyValue.FromString(raw))


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

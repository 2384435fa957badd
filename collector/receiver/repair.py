"""Mends a request that cannot be decoded as a whole, so that one odd value costs its span at most; and one of before OTLP 0.15.

Walks the wire format with the message descriptors: text that is not UTF-8 gets U+FFFD where it is not, values nested too deeply become
empty, and a span (log record, metric) whose bytes make no sense is left out. Only for what the decoder has refused.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError

from collector.receiver.bounds import WireError, fields
from collector.receiver.signals import ENTRIES, OLD_SCOPES, SCOPES, TRACES, Signal

DEPTH_MAX = 60
"""Messages inside one another. The decoder takes 100, ClickHouse and the processor read what this leaves."""


def repaired(body: bytes, signal: Signal = TRACES) -> tuple[bytes, int]:
    """Return the request as it can be decoded, and how many entries had to be left out. Raises WireError where nothing can be read."""
    lost: list[int] = []
    return _message(signal.request.DESCRIPTOR, body, 0, lost), len(lost)


def of_today(body: bytes) -> bytes:
    """The request with its scopes where they are since OTLP 0.15. A resource that has some there keeps those: it tells all twice."""
    return b"".join(_tagged(number, kind, _with_scopes(body[start:end])) for number, kind, start, end in fields(body, 0, len(body)))


def _with_scopes(resource: bytes) -> bytes:
    held = [(number, kind, resource[start:end]) for number, kind, start, end in fields(resource, 0, len(resource))]
    is_today = any(number == SCOPES for number, _, _ in held)
    return b"".join(
        _tagged(SCOPES if number == OLD_SCOPES else number, kind, value)
        for number, kind, value in held
        if number != OLD_SCOPES or not is_today
    )


def _message(descriptor: Descriptor, body: bytes, depth: int, lost: list[int]) -> bytes:
    if depth > DEPTH_MAX:
        return b""
    parts: list[bytes] = []
    for number, kind, start, end in fields(body, 0, len(body)):
        value = body[start:end]
        field = descriptor.fields_by_number.get(number)
        if kind == 2 and field is not None:  # noqa: PLR2004  (a length and bytes)
            mended = _value(field, value, depth, lost)
            if mended is None:
                continue
            value = mended
        parts.append(_tagged(number, kind, value))
    return b"".join(parts)


def _value(field: Any, value: bytes, depth: int, lost: list[int]) -> bytes | None:
    """The value of one field; None: it is left out."""
    if field.message_type in ENTRIES:
        return _entry(field.message_type, value, depth, lost)
    if field.message_type is not None:
        return _message(field.message_type, value, depth + 1, lost)
    if field.type == FieldDescriptor.TYPE_STRING:
        return value.decode(errors="replace").encode()
    return value


def _entry(descriptor: Descriptor, value: bytes, depth: int, lost: list[int]) -> bytes | None:
    try:
        mended = _message(descriptor, value, depth + 1, lost)
        ENTRIES[descriptor].entry.FromString(mended)
    except (WireError, DecodeError):
        lost.append(1)
        return None
    return mended


def _tagged(number: int, kind: int, value: bytes) -> bytes:
    head = _varint(number << 3 | kind)
    return head + _varint(len(value)) + value if kind == 2 else head + value  # noqa: PLR2004


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)

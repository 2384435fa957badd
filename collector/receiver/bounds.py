"""How much one request may make of its bytes, counted before anything is built of them.

Two bytes of protobuf are an empty resource, and a message in memory takes 50 to 100 times that: 16 KB of gzip can hold 8 million of
them. So elements are bounded as well as bytes. Resources and scopes are counted in every request, for each costs a row's work however
empty it is; all other elements only where the bytes could hold too many.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collector.receiver.outcome import Outcome, RefusalError
from collector.receiver.signals import OLD_SCOPES, SCOPES, TRACES, Signal

RESOURCES_MAX = 10_000
"""Resources, and scopes, of a request. A gateway sends one for each process that it serves."""
ELEMENTS_MAX = 1_000_000
"""Messages of a request, attributes and values included: about 100 MiB in memory. A request of 512 spans with a hundred attributes each
has a tenth of it."""
ELEMENT_BYTES_MIN = 2
"""A tag and a length: a body of fewer bytes than ELEMENTS_MAX of these needs no counting."""
QUOTES_MAX = 8 * ELEMENTS_MAX
"""Of JSON: each element has a few keys and values; what is quoted in text counts as well."""
_RESOURCES = 1
_LENGTH = 2
_ANY_SCOPES = frozenset({SCOPES, OLD_SCOPES})
_FIXED = {1: 8, 5: 4}


class WireError(ValueError):
    """The bytes are not protobuf."""


def check(body: bytes, signal: Signal = TRACES) -> bool:
    """Whether scopes stand where they stood before OTLP 0.15. Bytes that are no protobuf pass: decoding tells.

    Raises RefusalError (TOO_LARGE) where a request in protobuf holds too much.
    """
    try:
        has_old_scopes = _check_resources(body)
        if len(body) > ELEMENTS_MAX * ELEMENT_BYTES_MIN:
            _check_elements(body, signal)
    except WireError:
        return False
    return has_old_scopes


def check_json(body: bytes) -> None:
    """Raise RefusalError (TOO_LARGE) where a request in JSON holds too much; what stands in text counts too, and is seldom so much."""
    if body.count(b"{") + body.count(b"[") > ELEMENTS_MAX or body.count(b'"') > QUOTES_MAX:
        raise _too_much("elements", ELEMENTS_MAX)


def _check_resources(body: bytes) -> bool:
    resources = scopes = 0
    has_old_scopes = False
    for number, kind, start, end in fields(body, 0, len(body)):
        if number != _RESOURCES or kind != _LENGTH:
            continue
        resources += 1
        if resources > RESOURCES_MAX:
            raise _too_much("resources", RESOURCES_MAX)
        for inner, inner_kind, _, _ in fields(body, start, end):
            has_old_scopes = has_old_scopes or inner == OLD_SCOPES
            scopes += inner in _ANY_SCOPES and inner_kind == _LENGTH
            if scopes > RESOURCES_MAX:
                raise _too_much("scopes", RESOURCES_MAX)
    return has_old_scopes


def _check_elements(body: bytes, signal: Signal) -> None:
    waiting: list[tuple[Any, int, int]] = [(signal.request.DESCRIPTOR, 0, len(body))]
    count = 0
    while waiting:
        message, start, end = waiting.pop()
        inside = {field.number: field.message_type for field in message.fields if field.message_type}
        for number, kind, first, last in fields(body, start, end):
            if number in inside and kind == _LENGTH:
                count += 1
                if count > ELEMENTS_MAX:
                    raise _too_much("elements", ELEMENTS_MAX)
                if first < last:
                    waiting.append((inside[number], first, last))


def fields(body: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, wire type, start and end of the value of each field of a message. Raises WireError."""
    while at < end:
        tag, at = varint(body, at, end)
        kind = tag & 7
        if kind == _LENGTH:
            size, at = varint(body, at, end)
            stop = at + size
        elif kind == 0:
            _, stop = varint(body, at, end)
        elif kind in _FIXED:
            stop = at + _FIXED[kind]
        else:
            raise WireError("groups are not used")
        if stop > end or not tag >> 3:
            raise WireError("a field is cut off")
        yield tag >> 3, kind, at, stop
        at = stop


def varint(body: bytes, at: int, end: int) -> tuple[int, int]:
    """The number that starts there, and where it ends. Raises WireError."""
    number = shift = 0
    while at < end and shift < 70:  # noqa: PLR2004  (ten bytes of seven bits)
        byte = body[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004
            return number, at
        shift += 7
    raise WireError("a number is cut off")


def _too_much(what: str, most: int) -> RefusalError:
    return RefusalError(Outcome.TOO_LARGE, f"the request holds more than {most} {what}, send smaller batches")

"""OTLP JSON to protobuf: what browser and Node.js exporters send by default.

Source: OTLP specification, "JSON Protobuf Encoding": protobuf's JSON mapping, but trace and span ids are hex instead of base64,
unknown keys are ignored; null means absent. What others make of the same messages is read too, for its sender is not told that it is
wrong: snake_case, ids in base64 or as numbers, longs in two halves, Go's names for a oneof, the names of OTLP before 0.15. The mapping is
compiled from the message descriptors once; google.protobuf.json_format, which does not know these rules, takes several times as long.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError

from collector.receiver.bounds import check_json
from collector.receiver.outcome import Outcome, RefusalError
from collector.receiver.signals import ENTRIES, OLD_NAMES, TRACES, Signal

Convert = Callable[[Any], Any]

ID_BYTES = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
"""Fields that are hex, and how many bytes they have."""

INTEGER_DIGITS_MAX = 20
"""Of the largest uint64."""


DEPTH_MAX = 120
"""Brackets inside one another, of a body that json cannot read: a level of a nested value takes three or four, and two or three of the
100 messages inside one another that protobuf takes."""

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Transcoded:
    """A request in protobuf; `problems` are those of the entries that could not be transcoded, which it lacks."""

    body: bytes
    problems: list[str] = field(default_factory=list)


_problems: ContextVar[list[str]] = ContextVar("_problems")


def to_protobuf(body: bytes, signal: Signal = TRACES) -> bytes:
    """Transcode a request whole. Raises RefusalError (MALFORMED) saying which field is wrong."""
    done = transcode(body, signal)
    if done.problems:
        raise _malformed(done.problems[0], signal)
    return done.body


def transcode(body: bytes, signal: Signal = TRACES) -> Transcoded:
    """Transcode a request, and leave out entries that cannot be.

    Raises RefusalError: MALFORMED saying which field is wrong, TOO_LARGE when it holds too much.
    """
    check_json(body)
    problems: list[str] = []
    token = _problems.set(problems)
    try:
        values = _loads(body)
        known = _known(values, signal)
        return Transcoded(_serialized(known, problems, signal), problems)
    except RecursionError:
        raise RefusalError(Outcome.MALFORMED, "the JSON is nested too deeply") from None
    except (ValueError, TypeError, DecodeError) as problem:  # what json, base64, the converters below and protobuf raise
        raise _malformed(problem, signal) from None
    finally:
        _problems.reset(token)


def _serialized(known: dict[str, Any], problems: list[str], signal: Signal) -> bytes:
    """The request; an entry that alone is just not too deep can be it inside the request, and is left out."""
    try:
        return bytes(signal.request(**known).SerializeToString())
    except DecodeError:
        resources, scopes, entries = signal.lists
        for scope in (scope for resource in known[resources] for scope in resource.get(scopes, ())):
            scope[entries] = [entry for entry in scope.get(entries, ()) if _fits(entry, problems, signal)]
        return bytes(signal.request(**known).SerializeToString())


def _fits(entry: Any, problems: list[str], signal: Signal) -> bool:
    resources, scopes, entries = signal.lists
    try:
        signal.request(**{resources: [{scopes: [{entries: [entry]}]}]})
    except DecodeError:
        problems.append(f"{signal.entry_name} ({_name_of(entry)!r:.64}): a value is nested too deeply")
        return False
    return True


def _name_of(entry: Any) -> Any:
    """A log record has an event's name, or none."""
    return getattr(entry, "name", None) or getattr(entry, "event_name", "")


def _known(values: Any, signal: Signal) -> dict[str, Any]:
    """The arguments of the request. Raises ValueError where it says something, and nothing that is known."""
    if values is None:
        raise TypeError("the body must be an object, not null")
    known: dict[str, Any] = _message(signal.request.DESCRIPTOR)(values)
    resources = signal.request.DESCRIPTOR.fields_by_name[signal.lists[0]]
    if values and not known and resources.json_name not in values:
        raise ValueError(f"nothing of it is known, it has {', '.join(map(repr, list(values)[:3]))[:100]}")
    return known


def _malformed(problem: object, signal: Signal) -> RefusalError:
    return RefusalError(Outcome.MALFORMED, f"the body is not an {signal.request_name} in JSON: {str(problem)[:200]}")


def _loads(body: bytes) -> Any:
    """JSON as it was meant: bytes that are not UTF-8 are replaced, what is nested too deeply is null."""
    text = body if body.isascii() else body.decode(errors="replace")
    try:
        return json.loads(text)
    except RecursionError:
        return json.loads(_shallow(body).decode(errors="replace"))
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer of thousands of digits
        return json.loads(text, parse_int=lambda digits: int(digits[: INTEGER_DIGITS_MAX + 2]))


def _shallow(body: bytes) -> bytes:
    parts, depth, kept_to = [], 0, 0
    for found in _BRACKETS.finditer(body):
        mark = found.group()
        if mark in (b"{", b"["):
            depth += 1
            if depth == DEPTH_MAX + 1:
                parts += [body[kept_to : found.start()], b"null"]
                kept_to = len(body)
        elif mark in (b"}", b"]"):
            if depth == DEPTH_MAX + 1:
                kept_to = found.end()
            depth -= 1
    return b"".join([*parts, body[kept_to:]])


@cache
def _message(descriptor: Descriptor) -> Convert:
    """Converts a JSON object to the keyword arguments of the message's constructor."""
    fields: Mapping[str, tuple[str, Convert]] | None = None
    oneofs = [oneof.name.capitalize() for oneof in descriptor.oneofs if len(oneof.fields) > 1]  # as Go's encoding/json nests them

    def convert(value: Any) -> dict[str, Any]:
        nonlocal fields
        if fields is None:  # on first use, because messages contain themselves
            fields = _spelled(descriptor)
        if value is None:
            return {}
        if type(value) is not dict:
            raise TypeError(f"{descriptor.name} must be an object, not {value!r:.40}")
        for oneof in oneofs:
            if type(value.get(oneof)) is dict:
                value = {**value, **value[oneof]}
        known: dict[str, Any] = {}
        for key, item in value.items():
            if item is not None and (field := fields.get(key)) and not known.get(field[0]):  # of two spellings the one that says something
                known[field[0]] = field[1](item)
        return known

    return convert


def _spelled(descriptor: Descriptor) -> dict[str, tuple[str, Convert]]:
    """Name and converter of each field, by the spellings of its name: OTLP's, protobuf's, Go's, and those of before 0.15."""
    named = {each.name: (each.name, _field(each)) for each in descriptor.fields}
    old = {name: named[today] for name, today in OLD_NAMES.items() if today in named}
    spelled: dict[str, tuple[str, Convert]] = {}
    for name, known in (old | named).items():
        first, *rest = name.split("_")
        camel = first + "".join(part.capitalize() for part in rest)
        spelled |= {name: known, camel: known, camel[:1].upper() + camel[1:]: known}
    return spelled | {each.json_name: named[each.name] for each in descriptor.fields}


def _field(of: FieldDescriptor) -> Convert:
    one = _message(of.message_type) if of.message_type else _scalar(of)
    if not of.is_repeated:
        return one  # null never comes here: it means absent. In an array it is an empty message.

    def convert(value: Any) -> list[Any]:
        if type(value) is not list:
            raise TypeError(f"{of.json_name} must be an array, not {value!r:.40}")
        return [one(item) for item in value]

    signal = ENTRIES.get(of.message_type)
    if signal is None:
        return convert
    entry, entry_name = signal.entry, signal.entry_name

    def convert_entries(value: Any) -> list[Any]:
        """Each apart: one that cannot be read costs no other."""
        if type(value) is not list:
            raise TypeError(f"{of.json_name} must be an array, not {value!r:.40}")
        entries = []
        for place, item in enumerate(value):
            try:
                entries.append(entry(**one(item)))
            except (ValueError, TypeError, RecursionError, DecodeError) as problem:
                name = item.get("name") if isinstance(item, dict) else None
                _problems.get().append(f"{entry_name} {place} ({name!r:.64}): {str(problem)[:200]}")
        return entries

    return convert_entries


def _scalar(field: FieldDescriptor) -> Convert:
    name, kind = field.json_name, field.type
    if kind == FieldDescriptor.TYPE_BYTES:
        return _id(name, ID_BYTES[field.name]) if field.name in ID_BYTES else _base64(name)
    if kind == FieldDescriptor.TYPE_STRING:
        return _text(name)
    if kind == FieldDescriptor.TYPE_BOOL:
        return _typed(name, bool, "true or false")
    if kind == FieldDescriptor.TYPE_DOUBLE:
        return _double(name)
    numbers = {value.name: value.number for value in field.enum_type.values} if field.enum_type else {}
    return _integer(name, numbers)


def _text(name: str) -> Convert:
    typed = _typed(name, str, "a string")

    def convert(value: Any) -> Any:
        """Half a surrogate, which JavaScript's strings can hold and UTF-8 cannot, becomes U+FFFD."""
        text = typed(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text

    return convert


def _typed(name: str, kind: type, what: str) -> Convert:
    def convert(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{name} must be {what}, not {value!r:.40}")
        return value

    return convert


def _id(name: str, size: int) -> Convert:
    """Hex; base64 and numbers have other lengths, so that nothing is taken for what it is not."""
    base64_lengths = {len(base64.b64encode(bytes(size))), len(base64.b64encode(bytes(size)).rstrip(b"="))}
    from_base64 = _base64(name)

    def convert(value: Any) -> bytes:
        try:
            if type(value) is str and len(value) in base64_lengths:
                return bytes(from_base64(value))
            if type(value) is dict and type(value.get("data")) is list:  # Node's Buffer
                value = value["data"]
            if type(value) is list and len(value) == size:
                return bytes(value)
            return bytes.fromhex(value)
        except (TypeError, ValueError):
            raise ValueError(f"{name} must be hexadecimal, not {value!r:.40}") from None

    return convert


def _base64(name: str) -> Convert:
    def convert(value: Any) -> bytes:
        try:
            return base64.b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4), validate=True)
        except (AttributeError, TypeError, ValueError):
            raise ValueError(f"{name} must be base64, not {value!r:.40}") from None

    return convert


def _double(name: str) -> Convert:
    def convert(value: Any) -> float:
        if type(value) is bool:
            raise TypeError(f"{name} must be a number, not {value}")
        try:
            return float(value)  # "NaN" and "Infinity" are strings in JSON
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{name} must be a number, not {value!r:.40}") from None

    return convert


def _integer(name: str, numbers: Mapping[str, int]) -> Convert:
    """A number or a decimal string; protobuf checks the range. Enum names are against the rules, and understood."""

    def convert(value: Any) -> int:
        if type(value) is int:
            return value
        if type(value) is float and value.is_integer():
            return int(value)
        if type(value) is str:
            if value in numbers:
                return numbers[value]
            if len(value) <= INTEGER_DIGITS_MAX and value.removeprefix("-").isdecimal():
                return int(value)
        if type(value) is dict and type(value.get("low")) is int and type(value.get("high")) is int:  # a Long of JavaScript
            return int((value["high"] << 32) + (value["low"] & 0xFFFFFFFF))
        raise ValueError(f"{name} must be an integer, not {value!r:.40}")

    return convert

"""OTLP JSON to protobuf: what browser and Node.js exporters send by default.

Source: OTLP specification, "JSON Protobuf Encoding": protobuf's JSON mapping, but trace and span ids are hex instead of base64,
unknown keys are ignored; null means absent. The mapping is compiled from the message
descriptors once; google.protobuf.json_format, which does not know these rules, takes several times as long.
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
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.receiver.bounds import check_json
from collector.receiver.outcome import Outcome, RefusalError

Convert = Callable[[Any], Any]

HEX_FIELDS = frozenset({"trace_id", "span_id", "parent_span_id"})

INTEGER_DIGITS_MAX = 20
"""Of the largest uint64."""


DEPTH_MAX = 120
"""Brackets inside one another, of a body that json cannot read: a level of a nested value takes three or four, and two or three of the
100 messages inside one another that protobuf takes."""

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Transcoded:
    """A request in protobuf; `problems` are those of the spans that could not be transcoded, which it lacks."""

    body: bytes
    problems: list[str] = field(default_factory=list)


_problems: ContextVar[list[str]] = ContextVar("_problems")


def to_protobuf(body: bytes) -> bytes:
    """Transcode an ExportTraceServiceRequest whole. Raises RefusalError (MALFORMED) saying which field is wrong."""
    done = transcode(body)
    if done.problems:
        raise _malformed(done.problems[0])
    return done.body


def transcode(body: bytes) -> Transcoded:
    """Transcode an ExportTraceServiceRequest, and leave out spans that cannot be.

    Raises RefusalError: MALFORMED saying which field is wrong, TOO_LARGE when it holds too much.
    """
    check_json(body)
    problems: list[str] = []
    token = _problems.set(problems)
    try:
        values = _loads(body)
        known = _known(values)
        return Transcoded(_serialized(known, problems), problems)
    except RecursionError:
        raise RefusalError(Outcome.MALFORMED, "the JSON is nested too deeply") from None
    except (ValueError, TypeError, DecodeError) as problem:  # what json, base64, the converters below and protobuf raise
        raise _malformed(problem) from None
    finally:
        _problems.reset(token)


def _serialized(known: dict[str, Any], problems: list[str]) -> bytes:
    """The request; a span that alone is just not too deep can be it inside the request, and is left out."""
    try:
        return bytes(ExportTraceServiceRequest(**known).SerializeToString())
    except DecodeError:
        for scope in (scope for resource in known["resource_spans"] for scope in resource.get("scope_spans", ())):
            scope["spans"] = [span for span in scope.get("spans", ()) if _fits(span, problems)]
        return bytes(ExportTraceServiceRequest(**known).SerializeToString())


def _fits(span: Any, problems: list[str]) -> bool:
    try:
        ExportTraceServiceRequest(resource_spans=[{"scope_spans": [{"spans": [span]}]}])
    except DecodeError:
        problems.append(f"span ({span.name!r:.64}): a value is nested too deeply")
        return False
    return True


def _known(values: Any) -> dict[str, Any]:
    """The arguments of the request. Raises ValueError where it says something, and nothing that is known."""
    if values is None:
        raise TypeError("the body must be an object, not null")
    known: dict[str, Any] = _message(ExportTraceServiceRequest.DESCRIPTOR)(values)
    if values and not known and "resourceSpans" not in values:
        raise ValueError(f"nothing of it is known, it has {', '.join(map(repr, list(values)[:3]))[:100]}")
    return known


def _malformed(problem: object) -> RefusalError:
    return RefusalError(Outcome.MALFORMED, f"the body is not an ExportTraceServiceRequest in JSON: {str(problem)[:200]}")


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

    def convert(value: Any) -> dict[str, Any]:
        nonlocal fields
        if fields is None:  # on first use, because messages contain themselves
            fields = {each.name: (each.name, _field(each)) for each in descriptor.fields}
            fields |= {each.json_name: fields[each.name] for each in descriptor.fields}
        if value is None:
            return {}
        if type(value) is not dict:
            raise TypeError(f"{descriptor.name} must be an object, not {value!r:.40}")
        known = {}
        for key, item in value.items():
            if item is not None and (field := fields.get(key)):
                known[field[0]] = field[1](item)
        return known

    return convert


def _field(of: FieldDescriptor) -> Convert:
    one = _message(of.message_type) if of.message_type else _scalar(of)
    if not of.is_repeated:
        return one  # null never comes here: it means absent. In an array it is an empty message.

    def convert(value: Any) -> list[Any]:
        if type(value) is not list:
            raise TypeError(f"{of.json_name} must be an array, not {value!r:.40}")
        return [one(item) for item in value]

    def convert_spans(value: Any) -> list[Any]:
        """Each apart: one that cannot be read costs no other."""
        if type(value) is not list:
            raise TypeError(f"{of.json_name} must be an array, not {value!r:.40}")
        spans = []
        for place, item in enumerate(value):
            try:
                spans.append(Span(**one(item)))
            except (ValueError, TypeError, RecursionError, DecodeError) as problem:
                name = item.get("name") if isinstance(item, dict) else None
                _problems.get().append(f"span {place} ({name!r:.64}): {str(problem)[:200]}")
        return spans

    return convert_spans if of.message_type is Span.DESCRIPTOR else convert


def _scalar(field: FieldDescriptor) -> Convert:
    name, kind = field.json_name, field.type
    if kind == FieldDescriptor.TYPE_BYTES:
        return _hex(name) if field.name in HEX_FIELDS else _base64(name)
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


def _hex(name: str) -> Convert:
    def convert(value: Any) -> bytes:
        try:
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
        raise ValueError(f"{name} must be an integer, not {value!r:.40}")

    return convert

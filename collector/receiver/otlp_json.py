"""OTLP JSON to protobuf: what browser and Node.js exporters send by default.

Source: OTLP specification, "JSON Protobuf Encoding": protobuf's JSON mapping, but trace and span ids are hex instead of base64,
keys are lowerCamelCase only and unknown ones are ignored; null means absent. The mapping is compiled from the message
descriptors once; google.protobuf.json_format, which does not know these rules, takes several times as long.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.receiver.outcome import Outcome, RefusalError

Convert = Callable[[Any], Any]

HEX_FIELDS = frozenset({"trace_id", "span_id", "parent_span_id"})

INTEGER_DIGITS_MAX = 20
"""Of the largest uint64."""


def to_protobuf(body: bytes) -> bytes:
    """Transcode an ExportTraceServiceRequest. Raises RefusalError (MALFORMED) saying which field is wrong."""
    try:
        values = json.loads(body)
        return bytes(ExportTraceServiceRequest(**_message(ExportTraceServiceRequest.DESCRIPTOR)(values)).SerializeToString())
    except RecursionError:
        raise RefusalError(Outcome.MALFORMED, "the JSON is nested too deeply") from None
    except (ValueError, TypeError) as problem:  # what json, base64, the converters below and protobuf raise
        raise RefusalError(Outcome.MALFORMED, f"the body is not an ExportTraceServiceRequest in JSON: {str(problem)[:200]}") from None


@cache
def _message(descriptor: Descriptor) -> Convert:
    """Converts a JSON object to the keyword arguments of the message's constructor."""
    fields: Mapping[str, tuple[str, Convert]] | None = None

    def convert(value: Any) -> dict[str, Any]:
        nonlocal fields
        if fields is None:  # on first use, because messages contain themselves
            fields = {field.json_name: (field.name, _field(field)) for field in descriptor.fields}
        if type(value) is not dict:
            raise TypeError(f"{descriptor.name} must be an object, not {value!r:.40}")
        known = {}
        for key, item in value.items():
            if item is not None and (field := fields.get(key)):
                known[field[0]] = field[1](item)
        return known

    return convert


def _field(field: FieldDescriptor) -> Convert:
    one = _message(field.message_type) if field.message_type else _scalar(field)
    if not field.is_repeated:
        return one

    def convert(value: Any) -> list[Any]:
        if type(value) is not list:
            raise TypeError(f"{field.json_name} must be an array, not {value!r:.40}")
        return [one(item) for item in value]

    return convert


def _scalar(field: FieldDescriptor) -> Convert:
    name, kind = field.json_name, field.type
    if kind == FieldDescriptor.TYPE_BYTES:
        return _hex(name) if field.name in HEX_FIELDS else _base64(name)
    if kind == FieldDescriptor.TYPE_STRING:
        return _typed(name, str, "a string")
    if kind == FieldDescriptor.TYPE_BOOL:
        return _typed(name, bool, "true or false")
    if kind == FieldDescriptor.TYPE_DOUBLE:
        return _double(name)
    numbers = {value.name: value.number for value in field.enum_type.values} if field.enum_type else {}
    return _integer(name, numbers)


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

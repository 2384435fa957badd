"""ClickHouse's types for the messages of delivery.proto, read off the compiled schema so that there is one truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from collector.processor.columns import UNKNOWN
from collector.processor.delivery_pb2 import Delivery, Facts

SCHEMA = Path(__file__).parent.parent / "processor" / "delivery.proto"
"""What a delivery is."""

_SCALARS = {
    "string": "String",
    "bytes": "String",
    "bool": "Bool",
    "double": "Float64",
    "int32": "Int32",
    "int64": "Int64",
    "sint64": "Int64",
    "uint64": "UInt64",
    "fixed64": "UInt64",
}
_TYPE_NAMES = {number: name.removeprefix("TYPE_").lower() for name, number in vars(FieldDescriptor).items() if name.startswith("TYPE_")}


def schema_text() -> str:
    """The text of delivery.proto; comments are left out, since it travels with every insert."""
    return "\n".join(line for line in SCHEMA.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("//"))


def structure() -> str:
    """Columns of a Delivery: `resource_spans Array(Tuple(...)), facts Tuple(...)`."""
    return _members(Delivery.DESCRIPTOR)


def facts(prefix: str) -> str:
    """An expression for the repeated fields of Facts as one array of named tuples: of a resource (`resource_`) or of a span (``).

    A field that is empty for every entry is left out of a delivery. It is filled up here.
    """
    fields = [field for field in Facts.DESCRIPTOR.fields if field.is_repeated and field.name.startswith("resource_") == bool(prefix)]
    entries = "length(resource_spans)" if prefix else "length(facts.usage)"
    columns = ", ".join(_column(f"facts.{field.name}", _SCALARS[_TYPE_NAMES[field.type]], entries) for field in fields)
    types = ", ".join(f"{field.name} {_SCALARS[_TYPE_NAMES[field.type]]}" for field in fields)
    return f"CAST(arrayZip({columns}) AS Array(Tuple({types})))"


def _column(name: str, kind: str, entries: str) -> str:
    nothing = f"toInt64({UNKNOWN})" if kind == "Int64" else "''"
    return f"if(empty({name}), arrayResize({name}, {entries}, {nothing}), {name})"


def _members(message: Any) -> str:
    members = [f"{field.name} {_type(field)}" for field in message.fields]
    for oneof in message.oneofs:
        # Which member is set: without it an absent value and a zero would look alike.
        choices = ", ".join(f"'{field.name}' = {field.number}" for field in oneof.fields)
        members.append(f"{oneof.name} Enum8('no_value' = 0, {choices})")
    return ", ".join(members)


def _type(field: Any) -> str:
    kind = f"Tuple({_members(field.message_type)})" if field.message_type else _SCALARS[_TYPE_NAMES[field.type]]
    return f"Array({kind})" if field.is_repeated else kind

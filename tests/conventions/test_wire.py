"""What the processor reads straight off the wire is what protobuf would have read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from collector.config import Config
from collector.processor import Processor
from collector.processor.facts import USAGES, facts
from collector.processor.values import decode, plain
from collector.spool import Delivery

INT64 = st.integers(-(2**63), 2**63 - 1)
LENGTHS = (0, 1, 125, 126, 127, 128, 129, 16_383, 16_384)


@given(st.one_of(INT64, st.integers(0, 2**22), st.booleans(), st.floats(allow_nan=False), st.text(), st.binary()))
def test_scalars(value: Any) -> None:
    field = {bool: "bool_value", int: "int_value", float: "double_value", str: "string_value", bytes: "bytes_value"}[type(value)]
    assert same(AnyValue(**{field: value})) == value


@pytest.mark.parametrize("length", LENGTHS)
def test_lengths_of_text(length: int) -> None:
    assert same(AnyValue(string_value="é" * length)) == "é" * length
    assert same(AnyValue(string_value="e" * length)) == "e" * length


@pytest.mark.parametrize("number", [0, 127, 128, 16_383, 16_384, 2**21, 2**53, 2**63 - 1, -1, -(2**63)])
def test_lengths_of_numbers(number: int) -> None:
    assert same(AnyValue(int_value=number)) == number


def test_nothing_is_none() -> None:
    assert same(AnyValue()) is None


def same(value: AnyValue) -> Any:
    found = decode(value.SerializeToString())
    assert (found, type(found)) == (plain(value), type(plain(value)))
    return found


def test_a_count_of_zero_is_told_and_an_unknown_one_is_left_out() -> None:
    row = stored({"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 7})
    assert (row["input_tokens"], row["output_tokens"], row["reasoning_tokens"]) == (0, 7, None)
    assert (row["usage"], row["model"], row["span_team"]) == (USAGES["leaf"], "gpt-4o", "")


def test_tags_of_the_ingest_key_win() -> None:
    row = stored({"team": "said", "user.id": "u1"}, {"team": "stamped"})
    assert (row["span_team"], row["span_user"], row["tags"]) == ("", "u1", '{"team": "stamped"}')


def test_what_repeats_the_resource_is_not_said_of_the_work() -> None:
    row = stored({"team": "ops", "project": "mars", "user.id": "u1"}, resource={"team": "ops", "project": "venus"})
    assert (row["span_team"], row["span_project"], row["span_user"]) == ("", "mars", "u1")
    row = stored({"team": "ops", "cost_center": "c1"}, resource={"team": "ops"})
    assert (row["span_team"], row["span_cost_center"]) == ("ops", "c1"), "the three come from one place"


def test_a_key_that_names_a_team_binds_the_department_and_the_cost_center() -> None:
    row = stored({"team": "said", "department": "emea", "user.id": "u1"}, {"team": "stamped", "user": "bot"})
    assert (row["span_team"], row["span_department"], row["span_user"]) == ("", "", "")
    assert row["tags"] == '{"client_department": "emea", "team": "stamped", "user": "bot"}'


def test_kinds_of_task_of_a_span_and_of_its_resource() -> None:
    row = stored({"task.type": "refund"}, resource={"task_type": "batch", "team": "sales"})
    assert (row["span_task_type"], row["resource_task_type"], row["resource_team"]) == ("refund", "batch", "sales")
    row = stored({"team": "sales"})
    assert (row["span_task_type"], row["resource_task_type"]) == ("", "")


def stored(
    attributes: dict[str, str | int], tags: dict[str, str] | None = None, resource: dict[str, str | int] | None = None
) -> dict[str, Any]:
    request = ExportTraceServiceRequest()
    each = request.resource_spans.add()
    put(each.resource.attributes, resource or {})
    put(each.scope_spans.add().spans.add(name="chat").attributes, attributes)
    return row_of(request, tags)


def stored_events(scope: str, events: list[dict[str, str | int]]) -> dict[str, Any]:
    """What is stored of a span that says nothing but by its events."""
    request = ExportTraceServiceRequest()
    scope_spans = request.resource_spans.add().scope_spans.add()
    scope_spans.scope.name = scope
    span = scope_spans.spans.add(name="OpenAI.chat")
    for event in events:
        put(span.events.add(name=str(event["class_name"]), time_unix_nano=1).attributes, event)
    return row_of(request)


def put(target: Any, attributes: dict[str, str | int]) -> None:
    for key, value in attributes.items():
        setattr(target.add(key=key).value, "string_value" if isinstance(value, str) else "int_value", value)


def row_of(request: ExportTraceServiceRequest, tags: dict[str, str] | None = None) -> dict[str, Any]:
    """What is stored beside what was sent, of a request of one span."""
    delivery = Delivery(seq=1, version=1, spans=1, tags=tags or {}, body=request.SerializeToString())
    columns = facts([Processor(Config()).process(delivery)])
    return {name: value for name, (value,) in columns.items()}

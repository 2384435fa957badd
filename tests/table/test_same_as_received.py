"""What is attributed from a Collector's table is what is attributed when the same spans come in over OTLP."""

from __future__ import annotations

from collections import Counter
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from attribution.annotation import ADDED, GEN_AI_COST
from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.conventions import is_content
from attribution.conventions.table import ANSWER_FACTS
from attribution.storage import Store
from attribution.tables import read_table
from collector.processor import Processor
from collector.spool import Delivery
from tests.attribution.otlp import exporter_to
from tests.emitters.test_golden import FIXTURES, delivery
from tests.table.exporter import export, request_of

CONFIG = AttributionConfig.parse(
    {
        "agents": {"shared": ["*weather*", "planner"]},
        "pricing": {"tools": {"*": {"per_call": "0.001"}}, "rules": [{"bucket": "compute", "name": "*crew*", "per_second": "0.0001"}]},
    }
)
# A table of traces has no logs: what came as one is a span there.
SPANS = "SELECT * EXCEPT (attributes, repriced_at, signal) FROM attributed_spans ORDER BY trace_id, span_id"
START_NS = 1_793_613_600_000_000_000
FACTS = "SELECT trace_id, span_id, request_fees, span_task_type, resource_task_type FROM span_records FINAL ORDER BY trace_id, span_id"
"""What no view shows."""
LEDGER = "SELECT * EXCEPT posted_at FROM ledger"


def test_every_captured_emitter_is_attributed_alike(store: Store, second: Store, table: str) -> None:
    deliveries = [delivery(name, version) for version, name in enumerate(FIXTURES, 1)]
    processor = Processor(CONFIG)
    exporter_to(store).export([processor.process(each) for each in deliveries])
    export(second, table, [ExportTraceServiceRequest.FromString(each.body) for each in deliveries])
    read = read_table(second, CONFIG, table)
    for each in (store, second):
        attribute(each, CONFIG)

    assert read.spans == second.count("spans") == store.count("spans") > 200
    assert second.query(SPANS) == store.query(SPANS)
    assert second.query(FACTS) == store.query(FACTS)
    assert counted(second.query(LEDGER)) == counted(store.query(LEDGER))
    for view in ("traces", "costs_by_team", "costs_by_agent", "allocations", "unpriced_models", "price_differences", "savings"):
        assert counted(second.query(f"SELECT * FROM {view}")) == counted(store.query(f"SELECT * FROM {view}")), view
    assert second.query("SELECT * FROM audits") == []


def test_the_kind_of_a_task_is_stored_alike(store: Store, second: Store, table: str) -> None:
    request = request_of(
        [
            {"trace_id": 1, "span_id": 1, "start_ns": START_NS, "attributes": {"task.type": "refund"}},
            {"trace_id": 1, "span_id": 2, "start_ns": START_NS, "attributes": {"metadata": '{"task_type": "escalation"}'}},
            {"trace_id": 1, "span_id": 3, "start_ns": START_NS},
        ],
        {"service.name": "agents", "task_type": "support"},
    )
    received = Delivery(seq=1, version=1, body=request.SerializeToString(), spans=3, tags={})
    exporter_to(store).export([Processor(CONFIG).process(received)])
    export(second, table, [request])
    read_table(second, CONFIG, table)
    for each in (store, second):
        rows = each.query("SELECT span_task_type, resource_task_type FROM span_records ORDER BY span_id")
        assert [tuple(row.values()) for row in rows] == [("refund", "support"), ("escalation", "support"), ("", "support")]


def test_the_views_show_the_attributes_of_the_table(store: Store, second: Store, table: str) -> None:
    deliveries = [delivery(name, version) for version, name in enumerate(FIXTURES, 1)]
    processor = Processor(CONFIG)
    exporter_to(store, keep_content=True).export([processor.process(each) for each in deliveries])
    export(second, table, [ExportTraceServiceRequest.FromString(each.body) for each in deliveries])
    read_table(second, CONFIG, table)

    # As the table has them, content included, and nothing of ours.
    shown = second.query("SELECT * FROM otel_traces ORDER BY TraceId, SpanId")
    assert shown == second.query(f"SELECT * FROM {table} ORDER BY TraceId, SpanId")
    # Which is what is received, but for the spelling of numbers within JSON.
    received = store.query("SELECT trace_id, span_id, mapKeys(attributes) AS keys, resource FROM spans ORDER BY trace_id, span_id")
    found = second.query("SELECT trace_id, span_id, mapKeys(attributes) AS keys, resource FROM spans ORDER BY trace_id, span_id")
    assert [emitted(row) for row in found] == [emitted(row) for row in received]
    assert any(is_content(key) for row in found for key in row["keys"])


def test_no_span_is_copied(second: Store, table: str) -> None:
    deliveries = [delivery(name, version) for version, name in enumerate(FIXTURES, 1)]
    export(second, table, [ExportTraceServiceRequest.FromString(each.body) for each in deliveries])
    read_table(second, CONFIG, table)
    (row,) = second.query(
        "SELECT sum(length(attributes) + length(resource) + length(event_names) + length(status_message)) AS stored FROM span_records"
    )
    assert row["stored"] == 0


def counted(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(str(row) for row in rows)


def emitted(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "keys": sorted(key for key in row["keys"] if key not in {*ADDED, ANSWER_FACTS, GEN_AI_COST})}


def test_a_delivery_is_the_same_one_wherever_it_is_found(store: Store, second: Store, table: str) -> None:
    """R1: which of several deliveries counts hangs on nothing that only one of the two ways has."""
    deliveries = [delivery(name, version) for version, name in enumerate(FIXTURES, 1)]
    processor = Processor(CONFIG)
    exporter_to(store).export([processor.process(each) for each in deliveries])
    export(second, table, [ExportTraceServiceRequest.FromString(each.body) for each in deliveries])
    read_table(second, CONFIG, table)
    # The exporter of the table writes doubles with other digits.
    doubles = [
        one.trace_id.hex() + one.span_id.hex()
        for each in deliveries
        for resource_spans in ExportTraceServiceRequest.FromString(each.body).resource_spans
        for scope_spans in resource_spans.scope_spans
        for one in scope_spans.spans
        if any(attribute.value.HasField("double_value") for attribute in one.attributes)
    ]
    versions = (
        "SELECT trace_id, span_id, version FROM span_records FINAL"
        " WHERE concat(trace_id, span_id) NOT IN {doubles:Array(String)} ORDER BY ALL"
    )
    found = store.query(versions, {"doubles": doubles})
    assert second.query(versions, {"doubles": doubles}) == found
    assert len(found) > 200

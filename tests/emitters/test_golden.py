"""Every fixture through the real path, held against the golden table: what each emitter's spans cost, to the last digit.

The cost is worked out by hand in the column `calculation`: tokens times the published price per million.
"""

from __future__ import annotations

import ast
import csv
import json
import operator
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.conventions.emitters import KNOWN
from attribution.repricing import reprice
from attribution.storage import Store
from collector.processor import Processor
from collector.receiver.logs import take_logs
from collector.receiver.otlp_json import to_protobuf
from collector.receiver.signals import LOGS
from collector.receiver.validation import Window, validate
from collector.spool import LOG, SPAN, Delivery
from tests.attribution.otlp import exporter_to

HERE = Path(__file__).parent
FIXTURES = {path.stem: path for path in sorted((HERE / "fixtures").glob("*.json"))}
FIXTURE_BYTES_MAX = 30 * 1024
FIXTURES_BYTES_MAX = 6 * 256 * 1024
TOKENS = ("input", "output", "cache_read", "cache_write", "reasoning")
READ = ("fixture", "source", "provider", "model", *TOKENS, "billed", "unbilled", "cost_source", "cost")
"""Columns that are held against the store; `cost_today` is what we say where we are wrong and know it, and `note` says why."""
SAID = ("Weather in Paris", "It is sunny", "Sun in Paris")
"""Prompt, answer and tool result of every captured conversation."""
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


@cache
def golden() -> dict[str, dict[str, str]]:
    with (HERE / "golden.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["fixture"] for row in rows}) == len(rows)
    return {row["fixture"]: row for row in rows}


@cache
def fixture(name: str) -> dict[str, Any]:
    return json.loads(FIXTURES[name].read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def spans(name: str) -> list[str]:
    """The trace ids of the spans of a fixture, and of the records that its log events become."""
    made = ExportTraceServiceRequest.FromString(delivery(name, 1).body)
    return [span.trace_id.hex() for each in made.resource_spans for scope in each.scope_spans for span in scope.spans]


def test_all_fixtures_cost_what_the_golden_table_says(store: Store) -> None:
    processor, exporter = Processor(AttributionConfig()), exporter_to(store)
    exporter.export([processor.process(delivery(name, version)) for version, name in enumerate(FIXTURES, 1)])
    attribute(store, AttributionConfig())

    assert {name: table_row(name, found) for name, found in stored(store).items()} == {
        name: {column: row[column] for column in READ} | {"cost": row["cost_today"] or row["cost"]} for name, row in golden().items()
    }
    assert store.query("SELECT * FROM audits") == []
    assert said(store) == []


def test_what_part_of_a_cost_web_searches_are_is_stored_with_the_span_that_tells_them(store: Store) -> None:
    processed = Processor(AttributionConfig()).process(delivery("openinference-anthropic-web-search", 1))
    exporter_to(store).export([processed])
    rows = store.query("SELECT scope_name, cost, request_fees FROM span_records ORDER BY span_id")
    assert [tuple(row.values()) for row in rows] == [
        ("openinference.instrumentation.anthropic", Decimal("0.0207"), Decimal("0.02")),
        ("com.anthropic.sdk.python", Decimal("0.0007"), None),
    ]


def test_what_is_read_from_the_store_is_what_was_read_off_the_wire(store: Store) -> None:
    """Repricing finds nothing to change, though prompts and answers are gone."""
    processor, exporter = Processor(AttributionConfig()), exporter_to(store)
    exporter.export([processor.process(delivery(name, version)) for version, name in enumerate(FIXTURES, 1)])
    assert reprice(store, AttributionConfig(), date(2000, 1, 1)) == []


def test_hazard_20_a_tool_call_that_mcp_client_and_server_tell_is_billed_once(store: Store) -> None:
    config = AttributionConfig.parse({"pricing": {"tools": {"weather": {"per_call": "0.01"}}}})
    processed = Processor(config).process(delivery("opentelemetry-mcp-tool", 1))
    exporter_to(store).export([processed])
    attribute(store, config)

    rows = store.query("SELECT kind, service, billable, unbilled_reason, cost FROM attributed_spans WHERE bucket = 'tool' ORDER BY span_id")
    assert [tuple(row.values()) for row in rows] == [
        ("Client", "documented", False, "duplicate", Decimal("0.01")),
        ("Server", "weather-server", True, "", Decimal("0.01")),
    ]
    assert store.query("SELECT sum(amount) AS usd FROM ledger") == [{"usd": Decimal("0.010072")}]
    assert store.query("SELECT * FROM audits") == []


def delivery(name: str, version: int) -> Delivery:
    return received(fixture(name)["request"], version)


def received(request: dict[str, Any], version: int) -> Delivery:
    body = json.dumps(request).encode()
    is_logs = "resourceLogs" in request
    verdict = take_logs(to_protobuf(body, LOGS), Window()) if is_logs else validate(to_protobuf(body))
    assert not verdict.rejected, verdict.message
    return Delivery(version, version, verdict.spans, {}, verdict.body, signal=LOG if is_logs else SPAN)


def stored(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Attributed spans by fixture."""
    owner = {trace_id: name for name in FIXTURES for trace_id in spans(name)}
    found = defaultdict(list)
    for row in store.query("SELECT * FROM attributed_spans ORDER BY trace_id, start_time, span_id"):
        found[owner[row["trace_id"]]].append(row)
    assert sum(map(len, found.values())) == sum(len(spans(name)) for name in FIXTURES)
    return found


def table_row(name: str, found: list[dict[str, Any]]) -> dict[str, str]:
    """What the golden table should say of these spans."""
    billed = [row for row in found if row["billable"]]
    unbilled = Counter(row["unbilled_reason"] for row in found if row["unbilled_reason"])
    return {
        "fixture": name,
        "source": fixture(name)["source"],
        "provider": distinct(billed, "provider"),
        "model": distinct(billed, "model"),
        **{kind: total(row[f"{kind}_tokens"] for row in billed) for kind in TOKENS},
        "billed": str(len(billed)),
        "unbilled": " ".join(f"{count} {reason}" for reason, count in sorted(unbilled.items())),
        "cost_source": distinct(billed, "cost_source"),
        "cost": "" if any(row["cost"] is None for row in billed) else plain(sum((row["cost"] for row in billed), Decimal(0))),
    }


def said(store: Store) -> list[dict[str, Any]]:
    """Attributes that still hold content, which is dropped unless the configuration keeps it."""
    everything = "SpanName, toString(SpanAttributes) || toString(ResourceAttributes) || toString(Events.Attributes) AS text"
    rows = store.query(f"SELECT {everything} FROM otel_traces")
    return [row for row in rows if any(words in row["text"] for words in SAID)]


def distinct(rows: list[dict[str, Any]], column: str) -> str:
    return " ".join(dict.fromkeys(row[column] for row in rows if row[column]))


def total(counts: Any) -> str:
    known = [count for count in counts if count is not None]
    return str(sum(known)) if known else ""


def plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


@pytest.mark.parametrize("name", golden())
def test_the_calculation_gives_the_cost(name: str) -> None:
    row = golden()[name]
    if row["cost"]:
        assert plain(calculated(ast.parse(row["calculation"], mode="eval").body, row["calculation"])) == row["cost"]
    else:
        assert row["calculation"] == ""
    assert row["note"] or not row["cost_today"]


def calculated(node: ast.expr, text: str) -> Decimal:
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](calculated(node.left, text), calculated(node.right, text))  # type: ignore[no-any-return]
    return Decimal(ast.get_source_segment(text, node))  # type: ignore[arg-type]


def test_every_fixture_has_a_row_and_every_row_a_fixture() -> None:
    assert list(golden()) == list(FIXTURES)


def test_every_known_emitter_has_a_fixture_and_every_fixture_a_known_emitter() -> None:
    assert {fixture(name)["emitter"] for name in FIXTURES} == {known.name for known in KNOWN}


@pytest.mark.parametrize("name", FIXTURES)
def test_a_fixture_says_where_it_comes_from_and_is_small(name: str) -> None:
    known = fixture(name)
    assert known["source"] in {"captured", "documented"}
    assert known["versions"]
    if known["source"] == "captured":
        assert (HERE / "capture" / known["script"]).is_file()
    else:
        assert known["documentation"]
    assert known["emitter"] == golden()[name]["emitter"]
    assert FIXTURES[name].stat().st_size < FIXTURE_BYTES_MAX


def test_fixtures_are_small_together() -> None:
    assert sum(path.stat().st_size for path in FIXTURES.values()) < FIXTURES_BYTES_MAX


@pytest.mark.parametrize("name", FIXTURES)
def test_a_fixture_names_no_machine(name: str) -> None:
    text = FIXTURES[name].read_text(encoding="utf-8")
    for trace in ("/tmp/", "/root", "/home/", "site-packages", "process.pid", "host.name"):  # noqa: S108 (searched for, not used)
        assert trace not in text

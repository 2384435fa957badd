"""Pricing what was stored says the same as pricing what came in, however deep the attributes are and whatever is dropped."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest

from attribution.configuration import AttributionConfig
from attribution.repricing import reprice
from attribution.storage import Store
from collector.processor import Processor
from collector.spool import Delivery
from tests.attribution.otlp import exporter_to
from tests.emitters.test_golden import FIXTURES, fixture, received


@pytest.mark.parametrize("keep_content", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_repricing_what_was_stored_equals_pricing_what_came_in(store: Store, deep: bool, keep_content: bool) -> None:
    """`deep`: what is JSON text in a fixture arrives as maps and lists, as some SDKs send dictionaries."""
    processor, exporter = Processor(AttributionConfig()), exporter_to(store, keep_content=keep_content)
    exporter.export([processor.process(delivery(name, version, deep=deep)) for version, name in enumerate(FIXTURES, 1)])
    assert reprice(store, AttributionConfig(), date(2000, 1, 1)) == []


def test_what_is_nested_is_stored_as_json_text(store: Store) -> None:
    held = {"usage": {"tokens": [1, {"deep": 2.5}], "odd": None, "said": 'a "word" é'}, "flat": True}
    request = one_span(
        {"metadata": value(held), "tag.tags": value([[1, 2], [3]]), "flat": value({"a": 1}), "output.value": value([{"role": "x"}])}
    )
    exporter_to(store).export([Processor(AttributionConfig()).process(received(request, 1))])
    [row] = store.query("SELECT attributes FROM spans")
    assert json.loads(row["attributes"]["metadata"]) == held
    assert row["attributes"]["tag.tags"] == "[[1,2],[3]]"
    assert json.loads(row["attributes"]["flat"]) == {"a": 1}
    assert "output.value" not in row["attributes"]  # content


def test_whatever_is_nested_wherever_it_stands_is_stored_as_the_collector_writes_it(store: Store) -> None:
    held = {"deep": [{"a": [1, None]}, "x"], "no number": float("inf"), "yes": True}
    written = {"deep": [{"a": [1, None]}, "x"], "no number": None, "yes": True}
    request = one_span(
        {"nobody.reads.this": value(held), "bytes": value([[1], {}]), "gen_ai.input.messages": value([{"parts": [{"x": 1}]}])}
    )
    [resource] = request["resourceSpans"]
    resource["resource"] = {"attributes": [{"key": "k8s", "value": value(held)}, {"key": "service.name", "value": value("app")}]}
    events = [
        {"name": "first"},
        {"name": "second", "attributes": [{"key": "of.event", "value": value(held)}, {"key": "n", "value": value(3)}]},
    ]
    resource["scopeSpans"][0]["spans"][0]["events"] = events
    exporter_to(store).export([Processor(AttributionConfig()).process(received(request, 1))])
    [row] = store.query(
        "SELECT SpanAttributes AS span, ResourceAttributes AS resource, `Events.Attributes` AS events, ServiceName FROM otel_traces"
    )
    assert {key: json.loads(text) for key, text in row["span"].items()} == {"nobody.reads.this": written, "bytes": [[1], {}]}
    assert json.loads(row["resource"]["k8s"]) == written
    assert row["ServiceName"] == "app"
    assert [{key: json.loads(text) for key, text in event.items()} for event in row["events"]] == [{}, {"of.event": written, "n": 3}]


@pytest.mark.parametrize("keep_content", [False, True])
def test_content_is_dropped_wherever_it_stands(store: Store, keep_content: bool) -> None:
    """In resources, events and links, in maps, in maps inside maps; figures that are called as content is stay."""
    secret = "what the user asked"
    said = {"prompt": secret, "messages": [{"content": secret}], "output": 12, "input": "34", "label": "kept"}
    request = one_span({"payload": value(said), "metadata": value({"usage": {"tokens": [1]}, "inner": said})})
    [resource] = request["resourceSpans"]
    resource["resource"] = {"attributes": pairs({"gen_ai.system_instructions": secret, "app": said})}
    [span] = resource["scopeSpans"][0]["spans"]
    span["events"] = [{"name": "e", "timeUnixNano": "1", "attributes": pairs({"payload": {"deep": {"deeper": said}}})}]
    span["links"] = [{"traceId": "33" * 16, "spanId": "44" * 8, "attributes": pairs({"prompt": secret})}]
    processor = Processor(AttributionConfig())
    exporter_to(store, keep_content=keep_content).export([processor.process(received(request, 1))])
    [row] = store.query("SELECT * FROM span_records")
    assert (secret in str(row)) == keep_content
    for kept in (row["attributes"]["payload"], row["resource"]["app"]):
        assert {"output": 12, "input": "34", "label": "kept"}.items() <= json.loads(kept).items()
    assert json.loads(row["attributes"]["metadata"])["inner"]["output"] == 12
    assert json.loads(row["event_attributes"][0]["payload"]).keys() == {"deep"}


def test_usage_in_a_deep_map_is_priced_again_as_it_was(store: Store) -> None:
    metadata = {"anthropic": {"usage": {"cache_creation": {"ephemeral_1h_input_tokens": 200}}}}
    told = {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.model.provider": "anthropic",
        "ai.model.id": "claude-sonnet-4-5",
        "ai.usage.inputTokens": 1000,
        "ai.usage.outputTokens": 10,
        "ai.usage.inputTokenDetails.cacheWriteTokens": 200,
    }
    request = one_span({key: value(held) for key, held in told.items()} | {"ai.response.providerMetadata": value(metadata)})
    exporter_to(store).export([Processor(AttributionConfig()).process(received(request, 1))])
    assert store.query("SELECT toString(cost) AS usd FROM spans") == [{"usd": "0.00375"}]  # 800*3 + 200*6 + 10*15 per million
    assert reprice(store, AttributionConfig(), date(2000, 1, 1)) == []


def one_span(attributes: dict[str, Any]) -> dict[str, Any]:
    span = {
        "traceId": "11" * 16,
        "spanId": "22" * 8,
        "name": "call",
        "startTimeUnixNano": "1793707200000000000",
        "endTimeUnixNano": "1793707201000000000",
        "attributes": [{"key": key, "value": held} for key, held in attributes.items()],
    }
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "ai"}, "spans": [span]}]}]}


def pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(held)} for key, held in attributes.items()]


def delivery(name: str, version: int, *, deep: bool) -> Delivery:
    request = copy.deepcopy(fixture(name)["request"])
    resources, scopes, entries = (
        ("resourceLogs", "scopeLogs", "logRecords") if "resourceLogs" in request else ("resourceSpans", "scopeSpans", "spans")
    )
    if deep:
        for resource in request[resources]:
            for scope in resource[scopes]:
                for entry in scope[entries]:
                    for pair in entry.get("attributes", []):
                        pair["value"] = deepened(pair["value"])
    return received(request, version)


def deepened(held: dict[str, Any]) -> dict[str, Any]:
    text = held.get("stringValue", "")
    if text[:1] not in {"{", "["}:
        return held
    try:
        return value(json.loads(text))
    except ValueError:
        return held


def value(plain: Any) -> dict[str, Any]:
    """A Value as OTLP's JSON has it."""
    if isinstance(plain, list):
        return {"arrayValue": {"values": [value(entry) for entry in plain]}}
    if isinstance(plain, dict):
        return {"kvlistValue": {"values": [{"key": key, "value": value(inner)} for key, inner in plain.items()]}}
    names = {bool: "boolValue", int: "intValue", float: "doubleValue", str: "stringValue"}
    return {} if plain is None else {names[type(plain)]: plain}

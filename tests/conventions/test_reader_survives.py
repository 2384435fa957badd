"""Whatever attributes hold, reading and pricing them never raises: any JSON, any types, under keys that are read."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.appraisal import Appraiser
from attribution.configuration import AttributionConfig
from attribution.conventions import Conventions, table
from collector.receiver.logs import take_logs
from collector.receiver.otlp_json import transcode
from collector.receiver.outcome import RefusalError
from collector.receiver.signals import LOGS, METRICS, SIGNALS, TRACES
from collector.receiver.totals import take_metrics
from collector.receiver.validation import Window, validate

APPRAISER = Appraiser(AttributionConfig())
KEYS = sorted(APPRAISER.conventions.keys | set(table.ANSWERS) | set(table.QUOTED_RESPONSE_IDS))
SCOPES = ["", "ai", "crewai", "codex_exec", "com.anthropic.claude_code.events", "openinference.instrumentation.openai", "gemini-cli"]
TELLING = ["usage", "input_tokens", "prompt_tokens_details", "cached_tokens", "cost", "model", "output", "type", "replies", "meta", "total"]
FIGURES = st.integers() | st.floats() | st.sampled_from([0, 1, 1000, 2**53, -1, "1000", "1e400", "NaN", "", "None", "0x10", "\u0661"])
SCALARS = st.none() | st.booleans() | FIGURES | st.text(max_size=20) | st.binary(max_size=8)
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(TELLING) | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def as_json(value: Any) -> str:
    return json.dumps(value, default=lambda held: held.hex())


VALUES = PLAIN | PLAIN.map(as_json) | PLAIN.map(repr) | PLAIN.map(as_json).map(as_json)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8),
    st.sampled_from(SCOPES),
    st.sampled_from(["", "llm_request", "handle_responses", "bedrock.converse", "call_llm"]),
    st.booleans(),
)
def test_reading_and_pricing_never_raise_and_stay_within_what_can_be_stored(
    attributes: dict[str, Any], scope: str, name: str, failed: bool
) -> None:
    reading, price = APPRAISER.appraise(scope, name, "app", attributes, 1_793_707_200 * 10**9, 10**9, failed=failed)
    for kind in ("input", "output", "cache_read", "cache_write", "reasoning"):
        count = getattr(reading, f"{kind}_tokens")
        assert count is None or (type(count) is int and 0 <= count < 2**63)
    for amount in (price.cost, price.reported_cost, price.computed_cost):
        assert amount is None or (isinstance(amount, Decimal) and amount.is_finite() and 0 <= amount < Decimal(10) ** 26)
    assert all(isinstance(value, str) for value in reading.dims.values())
    assert isinstance(reading.model, str)
    # A reading is the same whichever way it is asked for: shapes that are remembered change nothing.
    assert Conventions().read_span(scope, name, attributes, failed=failed).input_tokens == reading.input_tokens


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([
            *("resourceSpans", "scopeSpans", "spans", "resourceLogs", "scopeLogs", "logRecords", "resourceMetrics", "scopeMetrics"),
            *("attributes", "key", "value", "stringValue", "intValue", "kvlistValue", "values", "traceId", "spanId", "timeUnixNano"),
            *("eventName", "instrumentationLibrarySpans", "Value", "metrics", "startTimeUnixNano", "name", "sum", "dataPoints"),
            *("asInt", "body"),
        ]),
        inner, max_size=5,
    ),
    max_leaves=30,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(JSON)
@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_any_json_is_read_or_refused(signal: Any, sent: Any) -> None:
    take = {TRACES: validate, LOGS: take_logs, METRICS: take_metrics}[signal]
    try:
        take(transcode(json.dumps(sent).encode(), signal).body, Window())
    except RefusalError:
        return


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
@pytest.mark.parametrize("take", [validate, take_logs, take_metrics])
def test_any_bytes_are_read_or_refused(take: Any, sent: bytes) -> None:
    try:
        take(b"\x0a" + bytes([min(len(sent), 127)]) + sent, Window())
    except RefusalError:
        return

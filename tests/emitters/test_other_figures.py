"""Every captured span again with other figures: a reading must not be right only where the cache happens to be the larger part.

Nothing but figures is changed. A provider said what a call used (`capture/fake_provider.py`); each number on its span is one of these
figures or a sum of them. Put others in their places, and what is read must be the others too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from attribution.appraisal import Appraiser
from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.conventions import Reading
from attribution.storage import Store
from collector.processor import Processor
from tests.attribution.otlp import exporter_to
from tests.emitters.capture.fake_provider import FIRST, FOLLOW_UP, Usage
from tests.emitters.test_golden import FIXTURES, fixture, received

SETS = {
    "cache smaller": Usage(uncached=70_003, output=6_101, read=9_007, write_5m=1_301, write_1h=409, reasoning=1_709),
    "cache larger": Usage(uncached=911, output=6_101, read=71_003, write_5m=13_007, write_1h=4_103, reasoning=1_709),
    "no cache": Usage(uncached=70_003, output=6_101),
}
"""Below the tiers of all models, and no figure a sum of others."""
RATES = {
    "claude-sonnet-4-5": ("3", "0.30", "3.75", "6", "15"),
    "us.anthropic.claude-sonnet-4-5": ("3.30", "0.33", "4.125", "6.60", "16.50"),
    "claude-haiku-4-5": ("1", "0.10", "1.25", "2", "5"),
    "gpt-4o": ("2.50", "1.25", "0", "0", "10"),
    "gpt-4o-mini": ("0.15", "0.075", "0", "0", "0.60"),
    "gpt-5": ("1.25", "0.125", "0", "0", "10"),
    "gemini-2.5-flash": ("0.30", "0.03", "0", "0", "2.50"),
    "amazon.nova-pro": ("0.80", "0.20", "0", "0", "3.20"),
}
"""USD per million: fresh, read, written for 5 minutes, for an hour, answered (README.md)."""
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "reasoning_tokens")
AT = int(datetime(2026, 11, 2, 10, tzinfo=UTC).timestamp()) * 1_000_000_000
NUMBER = re.compile(r"(?<![\w.-])\d+(?![\w-]|\.\d)")
SDK = "com.anthropic.sdk.python"


def roles(usage: Usage) -> list[int]:
    """Every figure that some emitter makes of a usage, always in the same order."""
    uncached, output, read, write_5m, write_1h, reasoning = astuple(usage)
    write, whole = write_5m + write_1h, usage.input
    return [
        *(uncached, output, read, write_5m, write_1h, reasoning, write, whole),
        *(whole + output, whole - read, whole - write, read + write, output - reasoning, whole + output - reasoning),
    ]


def changed(told: Usage, wanted: Usage) -> dict[str, str]:
    """By figure as it is written what stands in its place; empty where one figure has two meanings. What was not there stays away."""
    parts = [new if old else 0 for old, new in zip(astuple(told), astuple(wanted), strict=True)]
    pairs = [(old, new) for old, new in zip(roles(told), roles(Usage(*parts)), strict=True) if old]
    meant: dict[int, set[int]] = {}
    for old, new in pairs:
        meant.setdefault(old, set()).add(new)
    return {str(old): str(new.pop()) for old, new in meant.items()} if all(len(new) == 1 for new in meant.values()) else {}


def other(value: Any, figures: dict[str, str]) -> Any:
    """An OTLP JSON value with other figures."""
    if isinstance(value, dict):
        return {name: other(held, figures) for name, held in value.items()}
    if isinstance(value, list):
        return [other(held, figures) for held in value]
    if isinstance(value, str):
        return NUMBER.sub(lambda found: figures.get(found[0], found[0]), value)
    if isinstance(value, float) and value.is_integer() and str(int(value)) in figures:
        return float(figures[str(int(value))])
    return int(figures.get(str(value), value)) if type(value) is int else value


def decoded(value: dict[str, Any]) -> Any:
    """A Value of OTLP JSON."""
    [(kind, held)] = value.items() or [("stringValue", "")]
    if kind == "arrayValue":
        return [decoded(each) for each in held.get("values", [])]
    if kind == "kvlistValue":
        return {each["key"]: decoded(each["value"]) for each in held.get("values", [])}
    return int(held) if kind == "intValue" else held


def leaves(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Scope and span of all spans that tell one call."""
    for resource in fixture(name)["request"].get("resourceSpans", []):
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                if read(scope["scope"].get("name", ""), span)[0].usage == "leaf":
                    yield scope["scope"].get("name", ""), span


def read(scope: str, span: dict[str, Any]) -> Any:
    appraiser = Appraiser(AttributionConfig())
    attributes = {each["key"]: decoded(each["value"]) for each in span.get("attributes", [])}
    events = [{each["key"]: decoded(each["value"]) for each in event.get("attributes", [])} for event in span.get("events", [])]
    if appraiser.conventions.reads_events(scope):
        attributes = dict(appraiser.conventions.with_events(attributes, events))
    return appraiser.appraise(scope, span["name"], "", attributes, AT, 0)


def told_by(reading: Reading) -> Usage | None:
    """Which of the provider's answers a span tells of."""
    model = (reading.model or reading.request_model).removeprefix("us.").removeprefix("anthropic.").rpartition("/")[2]
    known = max((key for key in FIRST if model.startswith(key)), key=len, default="")
    found = [table[known] for table in (FIRST, FOLLOW_UP) if known in table]
    return next((usage for usage in found if (usage.input, usage.output) == (reading.input_tokens, reading.output_tokens)), None)


def cases() -> list[tuple[str, str]]:
    return [
        (name, which)
        for name in FIXTURES
        for which in SETS
        if fixture(name)["source"] == "captured" and "resourceSpans" in fixture(name)["request"]
    ]


@pytest.mark.parametrize(("name", "which"), cases())
def test_other_figures_are_read_as_these_were(name: str, which: str) -> None:
    for scope, span in leaves(name):
        before, _ = read(scope, span)
        usage = told_by(before)
        figures = changed(usage, SETS[which]) if usage else {}
        if not figures:
            continue
        after, price = read(scope, other(span, figures))
        expected = {field: int(figures.get(str(old := getattr(before, field) or 0), old)) for field in COUNTS}
        assert {field: getattr(after, field) or 0 for field in COUNTS} == expected, (scope, span["name"])
        if price.source == "priced" and not price.request_fees:
            assert price.cost == cost(after), (scope, span["name"], price.price_id)


def cost(reading: Reading) -> Decimal | None:
    """By hand."""
    model = max(
        (each for each in RATES if (reading.model or reading.request_model).rpartition("/")[2].startswith(each)), key=len, default=""
    )
    if reading.provider == "aws.bedrock" and model == "claude-sonnet-4-5":
        model = f"us.anthropic.{model}"
    fresh, hit, short, long, answer = map(Decimal, RATES[model])
    read, write, hour = reading.cache_read_tokens or 0, reading.cache_write_tokens or 0, reading.cache_write_1h_tokens or 0
    assert reading.input_tokens is not None
    amount = (reading.input_tokens - read - write) * fresh + read * hit + (write - hour) * short + hour * long
    return (amount + (reading.output_tokens or 0) * answer) / 1_000_000


def test_most_captures_take_part() -> None:
    """Whoever changes the figures of the fake provider sees here that nothing is tried any more."""
    tried = {
        name
        for name in FIXTURES
        if any(changed(usage, SETS["cache smaller"]) for scope, span in leaves(name) if (usage := told_by(read(scope, span)[0])))
    }
    assert len(tried) >= 60, sorted(set(FIXTURES) - tried)


def outers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Frameworks' spans of a first call of Claude: of each scope one, with its fixture."""
    seen = set()
    for name in FIXTURES:
        for scope, span in leaves(name):
            reading, price = read(scope, span)
            if (
                scope not in {SDK, *seen}
                and price.source == "priced"
                and reading.provider == "anthropic"
                and told_by(reading) == FIRST["claude-sonnet-4-5"]
            ):
                seen.add(scope)
                yield name, scope, span


def undated(value: Any) -> Any:
    """As a framework names a model that was asked for; without the response's id."""
    if isinstance(value, dict):
        return {name: undated(held) for name, held in value.items()}
    if isinstance(value, list):
        return [
            undated(held) for held in value if not (isinstance(held, dict) and held.get("key", "").endswith(("response.id", "request_id")))
        ]
    return re.sub(r"-20250929|msg_[\w-]+", "", value) if isinstance(value, str) else value


def nested(trace: str, outer: tuple[str, dict[str, Any]], inner: dict[str, Any]) -> dict[str, Any]:
    """A request in which the framework's span is above the SDK's."""
    ids = [{"traceId": trace, "spanId": trace[:16]}, {"traceId": trace, "spanId": trace[16:], "parentSpanId": trace[:16]}]
    placed = [
        {**span, "parentSpanId": "", **its, "startTimeUnixNano": str(AT + at), "endTimeUnixNano": str(AT + 10**9 - at)}
        for at, (span, its) in enumerate(zip((outer[1], inner), ids, strict=True))
    ]
    scopes = [{"scope": {"name": scope}, "spans": [span]} for scope, span in zip((outer[0], SDK), placed, strict=True)]
    return {"resourceSpans": [{"resource": {}, "scopeSpans": scopes}]}


def test_a_framework_that_names_no_date_around_an_instrumented_sdk_is_one_call(store: Store) -> None:
    [inner] = [
        span
        for scope, span in leaves("pydantic-ai-anthropic")
        if scope == SDK and told_by(read(scope, span)[0]) == FIRST["claude-sonnet-4-5"]
    ]
    processor, exporter = Processor(AttributionConfig()), exporter_to(store)
    expected = {}
    for number, (name, scope, span) in enumerate(outers()):
        for place, usage in enumerate(SETS.values()):
            figures, trace = changed(FIRST["claude-sonnet-4-5"], usage), f"{number + 1:016x}{place + 1:016x}"
            told = other(inner, figures)
            request = nested(trace, (scope, undated(other(span, figures))), told)
            exporter.export([processor.process(received(request, 3 * number + place + 1))])
            expected[trace] = (name, cost(read(SDK, told)[0]), 1)
    attribute(store, AttributionConfig())
    rows = store.query("SELECT trace_id, sum(amount) AS usd, countIf(billable) AS billed FROM attributed_spans GROUP BY trace_id")
    found = {row["trace_id"]: (expected[row["trace_id"]][0], row["usd"], row["billed"]) for row in rows}
    assert found == expected
    assert len(expected) >= 8 * len(SETS)

"""What emitters leave out is told beside what their calls cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from attribution import reports
from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.conventions.emitters import SILENT, untold
from attribution.storage import Store
from collector.processor import Processor
from tests.attribution.otlp import exporter_to
from tests.emitters.test_golden import delivery, golden

SHOWN = ("opentelemetry-botocore-bedrock", "openllmetry-anthropic-messages", "llama-index-openai-stream", "claude-code-cli-api-request")


def test_each_emitters_line_says_what_it_costs_and_does_not_tell(store: Store) -> None:
    processor, exporter = Processor(AttributionConfig()), exporter_to(store)
    exporter.export([processor.process(delivery(name, version)) for version, name in enumerate(SHOWN, 1)])
    attribute(store, AttributionConfig())

    rows = {(row["scope"], row["signal"]): row for row in reports.emitters(store)}
    botocore = rows["opentelemetry.instrumentation.botocore.bedrock-runtime", "span"]
    assert (botocore["calls"], botocore["unpriced"], botocore["usd"]) == (1, 0, Decimal(golden()[SHOWN[0]]["cost"]))
    assert botocore["untold"] == ["cache", "one-hour cache writes, service tier"]
    assert rows["llamaindex.opentelemetry.tracer", "span"]["unpriced"] == 1
    assert sum(row["usd"] for row in rows.values()) == store.query("SELECT sum(amount) AS usd FROM ledger")[0]["usd"]
    assert reports.emitters(store, date(2020, 1, 1), date(2020, 1, 2)) == []


@pytest.mark.parametrize(
    ("scope", "signal", "provider", "told"),
    [
        ("com.anthropic.claude_code.tracing", "span", "anthropic", False),
        ("com.anthropic.claude_code.events", "log", "anthropic", True),
        ("langfuse-sdk", "span", "anthropic", False),
        ("langfuse-sdk", "span", "aws.bedrock", True),
        ("ai", "span", "openai", False),
        ("aisuite", "span", "openai", True),
        ("ai-something", "span", "openai", True),
        ("nobody.known", "span", "openai", True),
    ],
)
def test_what_is_untold_depends_on_signal_and_provider(scope: str, signal: str, provider: str, told: bool) -> None:
    assert (untold(scope, signal, provider) == []) == told


def test_every_silence_is_found_by_its_own_scope() -> None:
    assert all(each in untold(scope, each.signal or "span", (each.providers or ("",))[0]) for each in SILENT for scope in each.scopes)

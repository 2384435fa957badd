"""What Prometheus sees of the ledger: all of it, in a bounded number of series, and what it lacks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from prometheus_client import CollectorRegistry

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.storage import Store
from collector import costs as module
from collector.costs import Costs
from collector.metrics import Metrics
from tests.attribution.cases import call, guarded
from tests.attribution.compare import deliver
from tests.beginnings import Begin

CONFIG = AttributionConfig.parse({"agents": {"shared": ["guardrail"]}})


def series(store: Store) -> dict[tuple[str, str, str], float]:
    registry = CollectorRegistry()
    Costs(Metrics(registry)).read(store)
    return {
        (sample.labels["team"], sample.labels["model"], sample.labels["bucket"]): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "spanledger_cost_usd_total"
    }


def three_traces(store: Store) -> None:
    """Two teams share the guardrail; one call has no price."""
    unpriced = call("u", trace="t3", cost=None, input_tokens=5, output_tokens=6, span_team="sales")
    deliver(store, [*guarded("t1", "sales", "1"), *guarded("t2", "support", "2"), unpriced])
    attribute(store, CONFIG)


@pytest.fixture
def billed(store: Store, begin: Begin) -> Store:
    begin(three_traces)
    return store


def test_the_series_sum_to_what_is_posted(billed: Store) -> None:
    posted = billed.query("SELECT toString(sum(amount)) AS usd FROM ledger")[0]["usd"]
    found = series(billed)
    assert sum(found.values()) == float(Decimal(posted)) > 0
    assert {team for team, _, _ in found} == {"sales", "support"}


def test_the_number_of_series_is_bounded_and_nothing_is_left_out(billed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = series(billed)
    monkeypatch.setattr(module, "SERIES_MAX", 1)
    found = series(billed)
    assert len(found) == 2
    assert sum(found.values()) == sum(whole.values())
    assert max(found.values()) == max(whole.values())


def test_what_is_missing_is_told(billed: Store) -> None:
    registry = CollectorRegistry()
    reader = Costs(Metrics(registry))
    reader.read(billed)
    told = lambda reason: registry.get_sample_value("spanledger_missing_spans", {"reason": reason})  # noqa: E731
    assert [told(reason) for reason in ("unpriced", "pending", "quarantined", "rejected")] == [1, 0, 0, 0]
    deliver(billed, guarded("t4", "sales", "1"))
    reader.read(billed)
    assert told("pending") == 0, "not read again at once"

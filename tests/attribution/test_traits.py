"""A stage that is not run, because the batch has none of the traits that it needs, would have changed nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.storage import Store, work_tables
from attribution.storage.models import Model
from attribution.traces.traces import STAGES
from tests.attribution.cases import call, paid_by_the_second, total, work
from tests.attribution.compare import decisions, deliver
from tests.oracle.model import Span
from tests.oracle.strategies import Sizes, random_world

CONFIG = AttributionConfig.model_validate({"sessions": {"inherit": True}})
SMALL = Sizes(traces_max=2, spans_max=4, linking_spans_max=2)

Ran = list[frozenset[str]]


@pytest.fixture
def traits(monkeypatch: pytest.MonkeyPatch) -> Ran:
    """What the batches of the passes had, one after the other."""
    seen: Ran = []
    is_needed = work_tables.is_needed

    def asked(one: Model, has: set[str]) -> bool:
        if one.statement == STAGES[-1]:
            seen.append(frozenset(has))
        return is_needed(one, has)

    monkeypatch.setattr(work_tables, "is_needed", asked)
    return seen


def shown(store: Store) -> tuple[Any, ...]:
    ledger = "SELECT trace_id, span_id, team, pool, kind, sum(amount) AS amount FROM ledger GROUP BY ALL ORDER BY ALL"
    return (
        decisions(store),
        store.query(ledger),
        store.query("SELECT * FROM costs_by_agent ORDER BY ALL"),
        store.query("SELECT * FROM audits"),
    )


def attributed(store: Store, batches: Iterable[list[Span]]) -> None:
    for spans in batches:
        deliver(store, spans)
        attribute(store, CONFIG)


def test_what_is_not_run_would_have_changed_nothing(store: Store, monkeypatch: pytest.MonkeyPatch, traits: Ran) -> None:
    batches = [random_world(seed, SMALL).deliveries for seed in range(40, 46)]
    attributed(store, batches)
    assert len(set(traits)) > 2, "the batches differ in their traits"
    before = shown(store)
    monkeypatch.setattr(work_tables, "is_needed", lambda *_: True)
    deliver(store, [span for spans in batches for span in spans])
    assert attribute(store, CONFIG).postings == 0
    assert shown(store) == before


ONE = call("a", cost="0.5")
SAME = {"cost": "0.5", "response_id": "r"}
LINKS = {"link_trace_ids": ("t2", "t3"), "link_span_ids": ("x", "y")}


@pytest.mark.parametrize(
    ("spans", "has"),
    [
        ([ONE], set()),
        ([ONE, call("b", trace="t2", cost="0.5")], set()),
        ([work("a"), call("b", "a", cost="0.5")], set()),
        ([call("a", cost=None)], {"missing"}),
        (
            [call("a", **SAME), call("b", "a", **SAME)],
            {"several_records", "shared_responses", "suspects", "joined_records", "shared_records", "calls"},
        ),
        (
            [call("a", **SAME), call("b", trace="t2", **SAME, service="proxy")],
            {"shared_responses", "shared_records", "several_chains", "calls"},
        ),
        ([work("a"), call("b", "a", cost="0.5"), call("c", "a", cost="0.5", at=5)], {"several_records"}),
        ([total("a", cost="0.5"), call("b", "a", cost="0.5")], {"aggregates"}),
        ([paid_by_the_second("a")], {"own_time"}),
        ([call("a", cost="1", **LINKS), work("x", trace="t2", span_team="sales"), work("y", trace="t3")], {"links"}),
        (
            [call("a", cost="1", **LINKS), work("x", trace="t2", span_team="sales"), work("y", trace="t3", span_team="hr")],
            {"links", "split_costs"},
        ),
        ([call("a", cost="0.5", span_session="s")], {"sessions", "continued_sessions"}),
    ],
)
def test_a_batch_has_the_traits_of_its_spans(store: Store, traits: Ran, spans: list[Span], has: set[str]) -> None:
    attributed(store, [spans])
    assert traits == [has]


def test_a_trace_that_comes_again_has_corrections(store: Store, traits: Ran) -> None:
    attributed(store, [[ONE], [call("b", cost="0.5")]])
    assert ["corrections" in had for had in traits] == [False, True]

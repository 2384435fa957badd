"""Servers that give an id again: what is decided together is what may be one call, and the decisions are those of the rules (R1, R14)."""

from __future__ import annotations

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.storage import Store
from tests.attribution.cases import call, work
from tests.attribution.compare import assert_agrees, deliver
from tests.oracle import model
from tests.oracle.model import Span

CONFIG = AttributionConfig()
NOON = 43_200
APART = 600
"""Seconds, after which no clock makes two records one."""


def answered(trace: str, at: float, version: int = 1, **more: str) -> Span:
    return call("a", trace=trace, at=NOON + at, lasts=2, cost="1", response_id="chatcmpl-1", version=version, **more)


def decided(store: Store, *spans: Span) -> int:
    """How many traces are decided because of some spans."""
    deliver(store, list(spans))
    return attribute(store, CONFIG).traces


def test_only_what_may_be_one_call_is_decided_again(store: Store) -> None:
    sent = [answered(f"app {n}", n / 2) for n in range(20)]
    assert decided(store, *sent) == 20
    more = [
        answered("again", 9.8),  # the same emitter at the same time: another call
        answered("elsewhere", 9.8 + APART, service="proxy"),  # another emitter, at another time
        answered("near", 0.2, service="proxy"),  # another emitter, which may be near to 14 of them: seconds are rounded
    ]
    assert [decided(store, one) for one in more] == [1, 1, 15]
    assert_agrees(store, model.attribute([*sent, *more], CONFIG))


def test_what_was_one_call_is_decided_again_when_a_record_moves(store: Store) -> None:
    sent = [answered("app", 0, span_team="sales"), answered("proxy", 1, service="proxy")]
    assert decided(store, *sent) == 2
    assert [row["n"] for row in store.query("SELECT uniqExact(call_id) AS n FROM attributed_spans")] == [1]
    moved = answered("proxy", APART, version=2, service="proxy")
    assert decided(store, moved) == 2
    assert_agrees(store, model.attribute([*sent, moved], CONFIG))


def test_a_trace_in_which_every_call_has_one_id(store: Store) -> None:
    """An SDK tells each call and a gateway every other one; they begin and end as they come."""
    calls = [
        call(
            f"c{n}", "root" if n % 5 else "", trace="t", at=NOON + n / 4, lasts=1 + n % 3, cost="1", response_id="chatcmpl-1",
            service=("app", "proxy", "app")[n % 3], tokens=(100 + n // 6, 10), span_team="sales",
        )
        for n in range(60)
    ]  # fmt: skip
    sent = [work("root", trace="t", at=NOON, lasts=60), *calls]
    assert decided(store, *sent) == 1
    assert_agrees(store, model.attribute(sent, CONFIG))

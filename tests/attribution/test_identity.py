"""R1: which delivery of a span counts is said by what it holds, never by when it came; through the real processor and exporter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

from attribution.storage import Store
from collector.config import Config
from tests.attribution.otlp import Sent, send

CONFIG = Config.parse({"pricing": {"update": False}})
CALL = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-4o"}
USED = {**CALL, "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100}

BEGUN = Sent(1, CALL, lasts=0)
"""As it is exported when it begins."""
COUNTING = Sent(1, USED | {"gen_ai.usage.output_tokens": 7}, lasts=0)
ENDED = Sent(1, CALL, lasts=30)
"""It ended, and its usage was lost on the way."""
FINAL = Sent(1, USED, lasts=10)
LONGER = Sent(1, USED | {"gen_ai.usage.output_tokens": 200}, lasts=11)
MORE = Sent(1, USED | {"gen_ai.usage.output_tokens": 300}, lasts=10)
FULLER = Sent(1, USED | {"session.id": "what another pipeline left out"}, lasts=10)


CASES = [
    ([BEGUN, FINAL], FINAL),
    ([COUNTING, ENDED], ENDED),
    ([ENDED, FINAL], FINAL),
    ([FINAL, LONGER], LONGER),
    ([FINAL, MORE], MORE),
    ([FULLER, MORE], MORE),
    ([FINAL, FULLER], FULLER),
    ([BEGUN, COUNTING, FINAL], FINAL),
    ([ENDED, FINAL, LONGER], LONGER),
]
"""Deliveries of a span, and which of them stands."""


def stored(store: Store, orders: Sequence[Sequence[Sent]]) -> list[tuple[int, int, str | None, str]]:
    """Of a span that is delivered in each order: duration in seconds, tokens of the answer, cost and session."""
    for nth in range(max(map(len, orders))):
        send(store, CONFIG, [replace(order[nth], trace=trace) for trace, order in enumerate(orders, 1) if nth < len(order)])
    rows = store.query("SELECT duration_ns, output_tokens, toString(cost) AS usd, span_session FROM span_records FINAL ORDER BY trace_id")
    assert len(rows) == len(orders)
    return [(row["duration_ns"] // 10**9, row["output_tokens"], row["usd"], row["span_session"]) for row in rows]


def test_what_stands_is_said_by_what_it_holds(store: Store) -> None:
    alone = [FINAL, ENDED, LONGER, MORE, FULLER]
    tried = [(one, stands) for deliveries, stands in CASES for order in permutations(deliveries) for one in (order, (*order, order[0]))]
    found = stored(store, [*([stands] for stands in alone), *(order for order, _ in tried)])
    by_itself = found[: len(alone)]
    for (order, stands), is_found in zip(tried, found[len(alone) :], strict=True):
        assert is_found == by_itself[alone.index(stands)], f"{order}: {stands}"


def test_contents_of_one_size_are_the_same_in_any_order(store: Store) -> None:
    one, other = (Sent(1, {**USED, "session.id": name}) for name in ("a", "b"))
    in_order, turned = stored(store, [[one, other], [other, one]])
    assert in_order == turned


def test_what_pricing_adds_is_no_content(store: Store) -> None:
    """The same delivery once more by other prices: its cost is that of today."""
    contract = Config.parse({"pricing": {"update": False, "models": [{"model": "gpt-4o", "input": "1", "output": "1"}]}})
    for config in (CONFIG, contract):
        send(store, config, [FINAL])
    assert store.query("SELECT uniqExact(version) AS versions FROM span_records") == [{"versions": 1}]
    assert store.query("SELECT toString(cost) AS cost FROM spans") == [{"cost": "0.0011"}]

"""R1: which delivery of a span counts is said by what it holds, never by when it came; through the real processor and exporter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest

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


def stored(store: Store, deliveries: Sequence[Sent]) -> tuple[int, int, str | None, str]:
    """Duration in seconds, tokens of the answer, cost and session of the one span there is."""
    store.execute("TRUNCATE TABLE span_records")
    for one in deliveries:
        send(store, CONFIG, [one])
    (row,) = store.query("SELECT duration_ns, output_tokens, toString(cost) AS usd, span_session FROM span_records FINAL")
    return row["duration_ns"] // 10**9, row["output_tokens"], row["usd"], row["span_session"]


@pytest.mark.parametrize(
    ("deliveries", "stands"),
    [
        ([BEGUN, FINAL], FINAL),
        ([COUNTING, ENDED], ENDED),
        ([ENDED, FINAL], FINAL),
        ([FINAL, LONGER], LONGER),
        ([FINAL, MORE], MORE),
        ([FULLER, MORE], MORE),
        ([FINAL, FULLER], FULLER),
        ([BEGUN, COUNTING, FINAL], FINAL),
        ([ENDED, FINAL, LONGER], LONGER),
    ],
)
def test_what_stands_is_said_by_what_it_holds(store: Store, deliveries: Sequence[Sent], stands: Sent) -> None:
    expected = stored(store, [stands])
    for order in permutations(deliveries):
        assert stored(store, order) == expected
        assert stored(store, [*order, order[0]]) == expected, "and once more"


def test_contents_of_one_size_are_the_same_in_any_order(store: Store) -> None:
    one, other = (Sent(1, {**USED, "session.id": name}) for name in ("a", "b"))
    assert stored(store, [one, other]) == stored(store, [other, one])


def test_what_pricing_adds_is_no_content(store: Store) -> None:
    """The same delivery once more by other prices: its cost is that of today."""
    contract = Config.parse({"pricing": {"update": False, "models": [{"model": "gpt-4o", "input": "1", "output": "1"}]}})
    for config in (CONFIG, contract):
        send(store, config, [FINAL])
    assert store.query("SELECT uniqExact(version) AS versions FROM span_records") == [{"versions": 1}]
    assert store.query("SELECT toString(cost) AS cost FROM spans") == [{"cost": "0.0011"}]

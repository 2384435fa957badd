"""A price as a sum over counts is what the book says of any call that it is for: of every model, at any time, in either direction of each
edge.
"""  # noqa: D205

from __future__ import annotations

import random
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.configuration.pricing import Pricing
from attribution.conventions import Reading
from attribution.prices import Price, PriceBook
from attribution.prices.linear import Linear

NAMES = [(provider.id, model.id) for provider in get_snapshot().providers for model in provider.models]
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "reasoning_tokens")
TIERS = ("", "", "", "flex", "priority", "batch", "default")
FIRST_NS, LAST_NS = 1_700_000_000 * 10**9, 1_850_000_000 * 10**9
UNIT = Decimal(1).scaleb(-12)
BOOKS = (
    PriceBook(Pricing()),
    PriceBook(Pricing.model_validate({"corrections": False})),
    PriceBook(
        Pricing.model_validate(
            {
                "models": [
                    {"provider": "*", "model": "g*", "input": "1.1", "output": "3.3", "cache_read": "0.07", "from": "2025-01-01"},
                    {"provider": "*", "model": "g*", "input": "1.3", "output": "3.3", "reasoning": "7", "from": "2026-06-01"},
                    {"provider": "openai", "model": "o3*", "input": "2", "output": "5", "from": "2025-06-01", "to": "2026-06-01"},
                ]
            }
        )
    ),
)


def counts(some: random.Random, present: dict[str, bool]) -> dict[str, int | None]:
    """Counts above zero where they are present, else none: a part is not more than its whole."""
    whole = some.choice((10, 1000, 150_000, 300_000, 2_000_000))
    found = dict.fromkeys(COUNTS, 0)
    found["input_tokens"], found["output_tokens"] = some.randrange(4, whole), some.randrange(2, whole)
    found["cache_read_tokens"] = some.randrange(1, found["input_tokens"] // 2)
    found["cache_write_tokens"] = some.randrange(1, found["input_tokens"] // 2)
    found["cache_write_1h_tokens"] = some.randrange(1, found["cache_write_tokens"] + 1)
    found["reasoning_tokens"] = some.randrange(1, found["output_tokens"])
    if not present["cache_write_tokens"]:
        found["cache_write_1h_tokens"] = 0
    return {
        name: (found[name] if is_there else 0 if name in {"input_tokens", "output_tokens"} else None) for name, is_there in present.items()
    }


def is_for(linear: Linear, found: dict[str, int | None], start_ns: int) -> bool:
    """Whether it says that it is for such a call."""
    known = {name: count or 0 for name, count in found.items()}
    least, most = linear.input_tokens
    in_limits = all(sum(factor * known[name] for name, factor in limit.items()) >= 0 for limit in linear.limits)
    return linear.from_ns <= start_ns < linear.until_ns and least <= known["input_tokens"] <= most and in_limits


def start(some: random.Random, linear: Linear | None) -> int:
    """Any time, or one at an edge."""
    edges = [] if linear is None else [linear.from_ns, linear.from_ns - 1, linear.until_ns, linear.until_ns - 1]
    near = [edge for edge in edges if FIRST_NS < edge < LAST_NS]
    return some.choice(near) if near and some.random() < 0.5 else some.randrange(FIRST_NS, LAST_NS)


def told(price: Price) -> tuple[Any, ...]:
    return price._replace(cost=None, computed_cost=None)


@given(st.integers(0, 2**32))
@settings(max_examples=1500, deadline=None)
def test_it_is_what_the_book_says_of_any_call_that_it_is_for(seed: int) -> None:
    some = random.Random(seed)
    book = some.choice(BOOKS)
    provider, model = some.choice(NAMES)
    names = {
        "usage": some.choice(("leaf", "leaf", "aggregate")),
        "operation": some.choice(("chat", "invoke_agent", "embeddings")),
        "provider": some.choice((provider, provider, "")),
        "model": model if some.random() < 0.95 else "no-such-model",
        "service_tier": some.choice(TIERS),
        "speed": some.choice(("", "", "", "fast")),
    }
    present = {name: some.random() < 0.6 for name in COUNTS}
    present["input_tokens"] = present["input_tokens"] or some.random() < 0.8
    at = start(some, None)
    first = counts(some, present)
    price = book.price(Reading(**names, **first), at)  # type: ignore[arg-type]
    linear = book.linear(Reading(**names, **first), at, price)  # type: ignore[arg-type]
    if linear is None:
        return
    assert is_for(linear, first, at)
    for _ in range(6):
        then, other = start(some, linear), counts(some, present)
        if not is_for(linear, other, then):
            continue
        asked = book.price(Reading(**names, **other), then)  # type: ignore[arg-type]
        assert told(asked) == told(price)
        if linear.weights or linear.base:
            exact = linear.cost({name: count for name, count in other.items() if count})
            cost = (Decimal(exact.numerator) / exact.denominator).quantize(UNIT, ROUND_HALF_EVEN)
            assert (asked.cost, asked.computed_cost) == (cost, cost)
        else:
            assert (asked.cost, asked.computed_cost) == (price.cost, price.computed_cost)


def test_most_calls_have_one() -> None:
    some, found = random.Random(1), 0
    for _ in range(300):
        provider, model = some.choice(NAMES)
        reading = Reading("leaf", "chat", provider, model, input_tokens=1000, output_tokens=10)
        price = BOOKS[0].price(reading, LAST_NS)
        found += BOOKS[0].linear(reading, LAST_NS, price) is not None
    assert found > 270

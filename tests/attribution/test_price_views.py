"""Savings, differences between what was reported and what the prices say, models without a price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attribution.attribute import attribute
from attribution.reports import price_line, unpriced_models
from attribution.storage import Store
from collector.config import Config
from tests.attribution.otlp import Sent, send

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.usage.input_tokens": 1000}
CONFIG = Config.parse({"pricing": {"tools": {"search": {"per_unit": 1, "unit": "hits"}}}})


def chat(span_id: int, model: str = "gpt-4o", output: int = 100, **attributes: Any) -> Sent:
    return Sent(span_id, {**CHAT, "gen_ai.response.model": model, "gen_ai.usage.output_tokens": output, **attributes}, at=span_id * 20)


def settle(store: Store, *spans: Sent) -> None:
    send(store, CONFIG, spans)
    attribute(store, CONFIG)
    assert store.query("SELECT * FROM audits") == []


def rows(store: Store, view: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.query(f"SELECT * FROM {view} ORDER BY ALL")]


def test_savings_are_what_cached_answers_would_have_cost(store: Store) -> None:
    hit = {"litellm.cache_hit": True}
    settle(store, chat(1), chat(2, **hit), chat(3, **hit), chat(4, "gpt-4o-mini", **hit), chat(5, "our-llm", **hit))
    # 0.0035 twice; 1,000 * 0.15 + 100 * 0.60 = 210 per million; nothing is known of our-llm
    assert [row[1:] for row in rows(store, "savings")] == [
        ("openai", "gpt-4o", 2, Decimal("0.007"), 0),
        ("openai", "gpt-4o-mini", 1, Decimal("0.00021"), 0),
        ("openai", "our-llm", 1, None, 1),
    ]
    assert store.query("SELECT sum(amount) AS usd FROM ledger") == [{"usd": Decimal("0.0035")}]


def test_price_differences_begin_above_one_percent(store: Store) -> None:
    def said(cost: str) -> dict[str, Any]:
        return {"gen_ai.usage.cost": cost}

    # computed 0.0035; a hundredth of it is 0.000035
    exact, within, above, below = said("0.0035"), said("0.003535"), said("0.003535000001"), said("0.0014")
    settle(store, chat(1, **exact), chat(2, **within), chat(3, **above), chat(4, **below), chat(5, "our-llm", **exact))
    reported, computed = Decimal("0.004935000001"), Decimal("0.007")
    assert rows(store, "price_differences") == [
        ("openai", "gpt-4o", 2, reported, computed, reported - computed, Decimal("-0.294999999857")),
    ]


def test_a_difference_to_nothing_has_no_relation(store: Store) -> None:
    free = Config.parse({"pricing": {"models": [{"model": "gpt-4o", "input": 0, "output": 0}]}})
    send(store, free, [chat(1, **{"gen_ai.usage.cost": 0.5})])
    assert rows(store, "price_differences") == [("openai", "gpt-4o", 1, Decimal("0.5"), Decimal(0), Decimal("0.5"), None)]


def test_unpriced_models_are_those_that_no_price_names(store: Store) -> None:
    tool = Sent(9, {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"})
    silent = {"gen_ai.usage.input_tokens": "unknown"}
    settle(store, chat(1), chat(2, "our-llm", 50), chat(3, "our-llm", 60), chat(4, "their-llm", **silent), tool)
    found = unpriced_models(store)
    assert [tuple(row.values())[:5] for row in found] == [("openai", "our-llm", 2, 2000, 110), ("openai", "their-llm", 1, None, 100)]
    assert (found[0]["first_seen"].second, found[0]["last_seen"].minute) == (40, 1)
    assert found[0]["fix"] == '- {provider: "openai", model: "our-llm", input: USD_PER_MILLION, output: USD_PER_MILLION}'
    # The tool's rule counts an attribute that the span does not have: unknown, and no model.
    unknown = store.query("SELECT price_id, cost FROM spans WHERE cost_source = 'unpriced' AND bucket = 'tool'")
    assert unknown == [{"price_id": "rule:tool/search", "cost": None}]


def test_a_line_for_a_model_whose_name_is_no_plain_word() -> None:
    assert price_line("", 'a "b": {c}') == '- {model: "a \\"b\\": {c}", input: USD_PER_MILLION, output: USD_PER_MILLION}'


def test_two_spans_of_one_self_hosted_call_are_billed_once(store: Store) -> None:
    """A framework's span around the server's, both paid by GPU time: one call, and the total above it repeats it."""
    config = Config.parse({"pricing": {"rules": [{"bucket": "compute", "model": "our-llm", "per_gpu_second": "0.01", "gpus": 2}]}})
    call = {**CHAT, "gen_ai.response.model": "our-llm", "gen_ai.usage.output_tokens": 100}
    agent = {**call, "gen_ai.operation.name": "invoke_agent", "gen_ai.usage.cost": 3}
    send(store, config, [Sent(1, agent), Sent(2, call, parent=1, at=1, lasts=6), Sent(3, call, parent=2, at=2, lasts=4)])
    attribute(store, config)
    found = store.query("SELECT unbilled_reason, cost, bucket FROM attributed_spans ORDER BY span_id")
    assert [tuple(row.values()) for row in found] == [
        ("aggregate", Decimal(3), "llm"),
        ("duplicate", Decimal("0.12"), "compute"),
        ("", Decimal("0.08"), "compute"),
    ]
    assert store.query("SELECT * FROM audits") == []

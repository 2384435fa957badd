"""Calls that leave to a span above what their price needs: Codex CLI's their model, Mastra's the answer. A span comes when it has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.completion import complete, completion
from attribution.repricing import reprice
from attribution.storage import Store
from attribution.traces import batch
from collector.config import Config
from tests.attribution.otlp import Sent, send

PLAIN = Config()
USAGE = {
    "gen_ai.usage.input_tokens": 2000,
    "gen_ai.usage.cache_read.input_tokens": 1600,
    "gen_ai.usage.output_tokens": 100,
    "codex.usage.reasoning_output_tokens": 40,
    "codex.usage.total_tokens": 2100,
}
COST = Decimal("0.0017")
"""gpt-5: 400*1.25/1e6 + 1600*0.125/1e6 + 100*10/1e6."""


def codex(span_id: int, name: str, parent: int = 0, scope: str = "codex_cli_rs", **attributes: Any) -> Sent:
    return Sent(span_id, attributes, parent=parent, name=name, scope=scope)


TURN = codex(1, "run_turn", model="gpt-5-mini", **{"conversation.id": "c-1"})
SAMPLING = codex(2, "try_run_sampling_request", 1, model="gpt-5")
STREAM = codex(3, "receiving_stream", 2)
CALL = Sent(4, USAGE, parent=3, name="handle_responses", scope="codex_cli_rs")


def billed(store: Store) -> list[tuple[Any, ...]]:
    rows = store.query("SELECT model, amount, cost_source FROM attributed_spans WHERE billable ORDER BY span_id")
    return [tuple(row.values()) for row in rows]


def test_the_nearest_model_above_prices_the_call_in_whatever_order_spans_come(store: Store) -> None:
    """All orders side by side, each in a trace of its own."""
    orders = list(permutations([TURN, SAMPLING, STREAM, CALL]))
    for nth in range(len(orders[0])):
        send(store, PLAIN, [replace(order[nth], trace=trace) for trace, order in enumerate(orders, 1)])
        attribute(store, PLAIN)
    assert billed(store) == [("gpt-5", COST, "priced")] * len(orders)
    assert store.query("SELECT DISTINCT usd FROM (SELECT sum(amount) AS usd FROM ledger GROUP BY trace_id)") == [{"usd": COST}]
    assert store.query("SELECT * FROM audits") == []
    assert complete(store, PLAIN) == 0
    assert store.query("SELECT DISTINCT span_session FROM span_records FINAL WHERE name = 'handle_responses'") == [{"span_session": "c-1"}]


def test_repricing_with_unchanged_prices_changes_nothing(store: Store) -> None:
    send(store, PLAIN, [TURN, SAMPLING, STREAM, CALL])
    attribute(store, PLAIN)
    assert reprice(store, PLAIN, date(2026, 10, 1)) == []
    assert store.query("SELECT count() AS n FROM spans WHERE has(mapKeys(attributes), 'spanledger.above')") == [{"n": 0}]


def test_a_call_that_is_delivered_again_is_completed_again_and_billed_once(store: Store) -> None:
    for _ in range(2):
        send(store, PLAIN, [TURN, SAMPLING, STREAM, CALL])
        attribute(store, PLAIN)
    assert billed(store) == [("gpt-5", COST, "priced")]
    assert store.query("SELECT sum(amount) AS usd FROM ledger") == [{"usd": COST}]


def test_of_spans_of_several_senders_with_one_id_the_call_s_own_sender_s_tells(store: Store) -> None:
    for sender, model in (("a", "gpt-5-mini"), ("b", "gpt-5"), ("c", "gpt-5-nano")):
        send(store, PLAIN, [codex(3, "try_run_sampling_request", model=model)], sender=sender)
    for sender in "bcd":  # the call's ids are told thrice, each time below another model, or below none of its own
        send(store, PLAIN, [CALL], sender=sender)
    attribute(store, PLAIN)
    rows = store.query("SELECT sender, model, amount FROM attributed_spans WHERE span_id = '0000000000000004' ORDER BY sender")
    assert [tuple(row.values()) for row in rows] == [("b", "gpt-5", COST), ("c", "gpt-5-nano", COST / 25), ("d", "", 0)]


def test_without_a_model_above_the_price_is_unknown(store: Store) -> None:
    send(store, PLAIN, [STREAM, CALL])
    attribute(store, PLAIN)
    assert billed(store) == [("", Decimal(0), "unpriced")]


def test_calls_that_come_while_others_are_attributed_are_completed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reach, late = batch.reach_of_pass, [TURN, SAMPLING, STREAM, CALL]

    def come_late(store: Store, after: str) -> str:
        if late:
            send(store, PLAIN, late)
            late.clear()
        return reach(store, after)

    send(store, PLAIN, [replace(CALL, trace=2)])
    monkeypatch.setattr(batch, "reach_of_pass", come_late)
    attribute(store, PLAIN)
    assert sorted(billed(store)) == [("", Decimal(0), "unpriced"), ("gpt-5", COST, "priced")]


def test_spans_of_other_emitters_take_no_model_from_above(store: Store) -> None:
    send(store, PLAIN, [SAMPLING, Sent(4, USAGE, parent=2, name="handle_responses", scope="another")])
    attribute(store, PLAIN)
    assert billed(store) == [("", Decimal(0), "unpriced")]


def test_many_calls_are_completed_part_by_part_and_loops_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "CALLS_MAX", 2)
    calls = [Sent(10 + nth, USAGE, parent=2, name="handle_responses", scope="codex_exec") for nth in range(5)]
    loop = [Sent(20, {}, parent=21, scope="codex_exec"), Sent(21, {}, parent=20, scope="codex_exec")]
    lost = Sent(22, USAGE, parent=20, name="handle_responses", scope="codex_exec")
    send(store, PLAIN, [SAMPLING, *calls, *loop, lost])
    attribute(store, PLAIN)
    assert billed(store) == [("gpt-5", COST, "priced")] * 5 + [("", Decimal(0), "unpriced")]


BODY = (
    '{"id": "msg_1", "content": [{"type": "text", "text": "Hello"}], "usage": {"input_tokens": 100, "output_tokens": 200, '
    '"cache_read_input_tokens": 2000, "cache_creation_input_tokens": 350, "cache_creation": {"ephemeral_5m_input_tokens": 300, '
    '"ephemeral_1h_input_tokens": 50}, "server_tool_use": {"web_search_requests": 2}}}'
)
ANSWERED = Decimal("0.025325")
"""claude-sonnet-4-5: 100*3/1e6 + 2000*0.30/1e6 + 300*3.75/1e6 + 50*6/1e6 + 200*15/1e6 + 2*10/1e3."""
UNQUOTED = Decimal("0.0039")
"""100*3/1e6 + 2000*0.30/1e6 + 200*15/1e6."""
LEFT_OUT = {
    "gen_ai.request.model": "claude-sonnet-4-5",
    "gen_ai.provider.name": "anthropic.messages",
    "gen_ai.usage.input_tokens": 2100,
    "gen_ai.usage.cache_read.input_tokens": 2000,
    "gen_ai.usage.output_tokens": 200,
}


def mastra(span_id: int, kind: str, parent: int = 0, scope: str = "@mastra/otel-exporter", **attributes: Any) -> Sent:
    return Sent(span_id, {"mastra.span.type": kind, **attributes}, parent=parent, name=kind, scope=scope)


STEP = mastra(2, "model_step", 1, **{"gen_ai.operation.name": "agent_step", "mastra.metadata.body": BODY})
INFERENCE = mastra(3, "model_inference", 2, **{"gen_ai.operation.name": "chat", **LEFT_OUT})


def test_the_answer_that_the_step_quotes_is_that_of_the_call_below_it(store: Store) -> None:
    orders = list(permutations([mastra(1, "model_generation"), STEP, INFERENCE]))
    for nth in range(len(orders[0])):
        send(store, PLAIN, [replace(order[nth], trace=trace) for trace, order in enumerate(orders, 1)])
        attribute(store, PLAIN)
    assert billed(store) == [("claude-sonnet-4-5", ANSWERED, "priced")] * len(orders)
    assert complete(store, PLAIN) == 0
    assert reprice(store, PLAIN, date(2026, 10, 1)) == []
    assert store.query("SELECT DISTINCT input_tokens, cache_write_tokens FROM attributed_spans WHERE billable") == [
        {"input_tokens": 2450, "cache_write_tokens": 350}
    ]
    assert store.query("SELECT * FROM audits") == []


def test_an_answer_is_no_call_s_that_is_further_below_or_of_another_emitter(store: Store) -> None:
    far = [replace(STEP, trace=1), mastra(4, "agent_run", 2), replace(INFERENCE, parent=4)]
    other = [replace(STEP, trace=2), replace(INFERENCE, trace=2, scope="another")]
    streamed = [mastra(2, "model_step", 1), replace(INFERENCE, trace=3)]
    send(store, PLAIN, [*far, *other, replace(streamed[0], trace=3), streamed[1]])
    attribute(store, PLAIN)
    assert billed(store) == [("claude-sonnet-4-5", UNQUOTED, "priced")] * 3


def test_searches_that_have_spans_of_their_own_are_billed_there(store: Store) -> None:
    search = '{"type": "web_search_call", "status": "completed", "action": {"type": "search"}}'
    usage = '"usage": {"input_tokens": 1000, "output_tokens": 100}'
    body = f'{{"id": "resp_1", "service_tier": "flex", "output": [{search}], {usage}}}'
    call = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5", "gen_ai.provider.name": "openai.responses"}
    counts = {"gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100}
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.id": "ws_1", "gen_ai.tool.name": "web_search"}
    step = mastra(2, "model_step", 1, **{"mastra.metadata.body": body})
    send(store, PLAIN, [step, mastra(3, "model_inference", 2, **call, **counts), mastra(4, "tool_call", 2, **tool)])
    attribute(store, PLAIN)
    rows = store.query("SELECT amount FROM attributed_spans WHERE billable ORDER BY span_id")
    assert [row["amount"] for row in rows] == [Decimal("0.001125"), Decimal("0.01")]  # 1000*0.625/1e6 + 100*5/1e6

"""ATTRIBUTES.md, section 10, where one span cannot tell: off the wire, through attribution, the ledger holds the call once.

The other hazards are in tests/conventions/test_hazards.py.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attribution.attribute import attribute
from attribution.storage import Store
from collector.config import Config
from tests.attribution.otlp import Sent, send

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.provider.name": "openai"}
TOKENS = {"gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100}
CALL_USD = Decimal("0.0035")
"""1,000 * 2.50 + 100 * 10 per million."""
AGENT = {"openinference.span.kind": "AGENT", "llm.token_count.prompt": 1000, "llm.token_count.completion": 100, "llm.model_name": "gpt-4o"}


def billed(store: Store, *spans: Sent) -> dict[int, str]:
    """Why each span with figures is not billed, '' for those that are; the ledger holds one call."""
    send(store, Config(), spans)
    attribute(store, Config())
    (ledger,) = store.query("SELECT sum(amount) AS usd FROM ledger")
    assert ledger["usd"] == CALL_USD
    assert store.query("SELECT * FROM audits") == []
    rows = store.query("SELECT span_id, unbilled_reason FROM attributed_spans WHERE usage != 'none' ORDER BY trace_id, span_id")
    return {int(row["span_id"], 16): row["unbilled_reason"] for row in rows}


def chat(span_id: int, more: dict[str, Any] | None = None, **how: Any) -> Sent:
    return Sent(span_id, CHAT | TOKENS | (more or {}), name="chat gpt-4o", **how)


def test_hazard_12_the_root_of_a_claude_agent_sdk_run_and_claude_codes_own_spans(store: Store) -> None:
    claude = {"span.type": "llm_request", "model": "gpt-4o", "input_tokens": 1000, "output_tokens": 100}
    root = Sent(1, AGENT, name="ClaudeAgentSDK.query", scope="openinference.instrumentation.claude_agent_sdk")
    call = Sent(2, claude, parent=1, lasts=5, name="claude_code.llm_request", scope="com.anthropic.claude_code.tracing")
    assert billed(store, root, call) == {1: "aggregate", 2: ""}


def test_hazard_13_a_frameworks_span_around_the_providers_by_response_id(store: Store) -> None:
    answer = {"gen_ai.response.id": "chatcmpl-1"}
    outer = chat(1, answer | {"gen_ai.usage.output_tokens": 90}, scope="langchain")
    assert billed(store, outer, chat(2, answer, parent=1, at=1, lasts=5)) == {1: "duplicate", 2: ""}


def test_hazard_13_a_frameworks_span_around_the_providers_by_its_work(store: Store) -> None:
    assert billed(store, chat(1, scope="langchain"), chat(2, parent=1, at=1, lasts=5)) == {1: "duplicate", 2: ""}


def test_hazard_14_application_gateway_and_server_in_one_trace(store: Store) -> None:
    answer = {"gen_ai.response.id": "chatcmpl-1"}
    gateway = chat(2, answer, parent=1, at=1, lasts=8, scope="litellm")
    server = Sent(3, answer | TOKENS | {"gen_ai.request.model": "gpt-4o"}, parent=2, at=2, lasts=6, scope="vllm", name="llm_request")
    reasons = billed(store, chat(1, answer), gateway, server)
    assert sorted(reasons.values()) == ["", "duplicate", "duplicate"]


def test_hazard_18_a_trace_that_was_exported_twice(store: Store) -> None:
    send(store, Config(), [chat(1)])
    assert billed(store, chat(1)) == {1: ""}


def test_hazard_19_a_guardrails_cost_inside_the_total_is_not_added(store: Store) -> None:
    cost = {"litellm.cost.total": 0.0035, "litellm.cost.guardrail": 0.001, "litellm.guardrail.cost_in_spend": True}
    assert billed(store, chat(1, cost)) == {1: ""}


def test_hazard_19_a_guardrails_cost_is_no_part_of_a_sum(store: Store) -> None:
    cost = {"litellm.cost.input": 0.0025, "litellm.cost.output": 0.001, "litellm.cost.guardrail": 0.001}
    assert billed(store, chat(1, cost)) == {1: ""}

"""The double-counting hazards of ATTRIBUTES.md, section 10, that the classification of single spans decides."""

import pytest

from attribution.conventions import Conventions

TOKENS = {"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10}


def usage(attributes, scope="s", name="n"):
    return Conventions().read_span(scope, name, attributes).usage


@pytest.mark.parametrize("operation", ["invoke_agent", "invoke_workflow", "agent_step", "plan", "create_agent", "team_run"])
def test_hazards_1_3_4_7_10_agent_totals_are_aggregates(operation):
    assert usage({"gen_ai.operation.name": operation, **TOKENS}) == "aggregate"
    assert usage({"gen_ai.operation.name": operation}) == "none"


@pytest.mark.parametrize("operation", ["ai.generateText", "ai.streamText", "ai.generateObject", "ai.embed", "ai.embedMany"])
def test_hazard_2_ai_sdk_6_outer_spans_are_aggregates(operation):
    outer = {"ai.operationId": operation, "ai.model.id": "gpt-4o", "ai.usage.inputTokens": 10, "ai.usage.tokens": 10}
    assert usage(outer) == "aggregate"
    assert usage(outer | {"ai.operationId": f"{operation}.doIt"}) == "leaf"


@pytest.mark.parametrize("operation", ["embeddings", "rerank"])
def test_ai_sdk_7_roots_that_repeat_the_operation_without_usage_are_billed_only_where_no_call_is_below(operation):
    """Its rerank tells no usage on either span: the lower one of two aggregates is the call."""
    root = {"gen_ai.operation.name": operation, "gen_ai.request.model": "text-embedding-3-small"}
    assert usage(root, scope="gen_ai") == "aggregate"
    assert usage({"gen_ai.operation.name": operation}, scope="gen_ai") == "none"
    assert usage(root | {"gen_ai.usage.input_tokens": 3}, scope="gen_ai") == "leaf"
    assert usage(root, scope="another") == "leaf"


def test_hazard_5_traceloop_crewai_agent_is_an_aggregate():
    assert usage({"traceloop.span.kind": "agent", **TOKENS}) == "aggregate"


@pytest.mark.parametrize("kind", ["AGENT", "CHAIN", "RETRIEVER", "GUARDRAIL", "EVALUATOR", "PROMPT"])
def test_hazard_6_openinference_other_than_llm_repeats(kind):
    assert usage({"openinference.span.kind": kind, "llm.token_count.total": 9, "llm.token_count.prompt": 9}) == "aggregate"
    assert usage({"openinference.span.kind": kind}) == "none"


def test_hazard_7_aggregate_by_cost_alone():
    assert usage({"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.cost": 0.5}) == "aggregate"


@pytest.mark.parametrize(("kind", "operation"), [("chain", "chat"), ("retriever", "embeddings"), ("prompt", "chat")])
def test_hazard_8_langsmith_kind_beats_the_operation_derived_from_it(kind, operation):
    attributes = {"gen_ai.operation.name": operation, "langsmith.span.kind": kind}
    assert usage(attributes | TOKENS) == "aggregate"
    assert usage(attributes | {"gen_ai.request.model": "gpt-4o"}) == "none"


def test_hazard_9_adk_call_llm_repeats_generate_content():
    assert usage(TOKENS, scope="gcp.vertex.agent", name="call_llm") == "aggregate"
    assert (
        usage({"gen_ai.operation.name": "generate_content", **TOKENS}, scope="gcp.vertex.agent", name="generate_content gemini") == "leaf"
    )


def test_hazard_9_of_adk_for_javascript_call_llm_alone_tells_the_answer():
    answer = '{"usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 50, "totalTokenCount": 1080, '
    answer += '"cachedContentTokenCount": 400, "thoughtsTokenCount": 30}}'
    attributes = {"gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 50, "gcp.vertex.agent.llm_response": answer}
    reading = Conventions().read_span("gcp.vertex.agent", "call_llm", attributes | {"gen_ai.request.model": "gemini-2.5-flash"})
    assert (reading.usage, reading.output_tokens, reading.cache_read_tokens, reading.reasoning_tokens) == ("aggregate", 80, 400, 30)


def test_hazard_10_aggregated_usage_is_not_read():
    conventions = Conventions()
    assert not conventions.wanted("gen_ai.aggregated_usage.input_tokens")
    assert usage({"gen_ai.operation.name": "invoke_agent", "gen_ai.aggregated_usage.input_tokens": 9}) == "none"


def test_hazard_11_logfire_claude_sdk_bills_the_root():
    chat = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "claude-sonnet-4-5", "gen_ai.usage.partial.input_tokens": 9}
    assert usage(chat) == "none"
    assert usage({"gen_ai.operation.name": "invoke_agent", "operation.cost": 0.5, **TOKENS}) == "aggregate"


def test_hazard_15_litellm_raw_request_bears_nothing():
    reading = Conventions().read_span(
        "litellm", "raw_gen_ai_request", {"gen_ai.operation.name": "chat", "gen_ai.usage.cost": 0.5, **TOKENS}
    )
    assert (reading.usage, reading.input_tokens, reading.reported_cost) == ("none", None, None)
    assert usage(TOKENS, scope="litellm", name="Received Proxy Server Request") == "aggregate"


def test_hazard_16_two_namespaces_on_one_span_count_once():
    both = {"openinference.span.kind": "LLM", **TOKENS, "llm.token_count.prompt": 100, "llm.token_count.completion": 10}
    reading = Conventions().read_span("s", "n", both)
    assert (reading.usage, reading.input_tokens, reading.output_tokens) == ("leaf", 100, 10)


@pytest.mark.parametrize("key", ["logfire.metrics", "crewai.crew.usage_metrics", "mlflow.trace.tokenUsage", "usage"])
def test_hazard_17_rollups_are_not_read(key):
    assert not Conventions().wanted(key)


def test_hazard_20_decide_and_mcp_pairs_bear_no_usage():
    assert usage({"gen_ai.operation.name": "chat", "pydantic_ai.decision.usage.input_tokens": 5, **TOKENS}) == "none"
    assert usage({"gen_ai.operation.name": "decide", **TOKENS}) == "none"
    assert usage({"gen_ai.operation.name": "execute_tool", "mcp.method.name": "tools/call"}) == "none"


def test_kinds_are_asked_in_the_order_of_section_9():
    assert usage({"langfuse.observation.type": "span", "gen_ai.operation.name": "chat", **TOKENS}) == "aggregate"
    assert usage({"openinference.span.kind": "UNKNOWN", "gen_ai.operation.name": "chat", **TOKENS}) == "leaf"
    assert usage({"openinference.span.kind": "LLM", "gen_ai.operation.name": "invoke_agent", **TOKENS}) == "leaf"


def test_without_a_kind_model_and_figures_make_a_leaf():
    assert usage(TOKENS) == "leaf"
    assert usage({"gen_ai.usage.input_tokens": 5}) == "aggregate"
    assert usage({"gen_ai.request.model": "gpt-4o"}) == "none"


def test_a_call_that_ended_well_is_a_leaf_even_without_figures():
    assert usage({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}) == "leaf"
    assert usage({"gen_ai.operation.name": "chat"}) == "leaf"


def test_a_tool_with_tokens_has_an_agent_behind_it():
    assert usage({"gen_ai.operation.name": "execute_tool", "gen_ai.usage.cost": 0.1}) == "none"
    assert usage({"gen_ai.operation.name": "execute_tool", **TOKENS}) == "aggregate"


@pytest.mark.parametrize(("kind", "usage"), [("model_call", "none"), ("subtask", "none"), ("compaction", "leaf"), ("aggregation", "leaf")])
def test_what_ag2_calls_by_itself_has_no_other_span(kind, usage):
    attributes = {"ag2.span.type": "usage", "ag2.usage.kind": kind, "gen_ai.operation.name": "record_usage"}
    attributes |= {"gen_ai.response.model": "gpt-4o", "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100}
    assert Conventions().read_span("ag2", "record_usage", attributes).usage == usage

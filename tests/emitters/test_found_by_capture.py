"""What the captured packages do that no documentation said; each cost money, or showed a prompt, until it was read so."""

from __future__ import annotations

import pytest

from attribution.conventions import Conventions, is_content

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 2450, "gen_ai.usage.output_tokens": 200}


def read(attributes, scope="s", name="n"):
    return Conventions().read_span(scope, name, attributes)


def test_the_anthropic_sdk_traces_itself_and_tells_how_long_cache_writes_last():
    reading = read(
        CHAT
        | {
            "gen_ai.usage.cache_write.input_tokens": 350,
            "anthropic.usage.cache_creation.ephemeral_5m_input_tokens": 300,
            "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 50,
            "anthropic.response.service_tier": "batch",
        },
        "com.anthropic.sdk.python",
    )
    assert (reading.cache_write_tokens, reading.cache_write_1h_tokens, reading.service_tier) == (350, 50, "batch")


@pytest.mark.parametrize(
    ("answer", "response_id"),
    [
        ('{"id":"msg_1","content":[{"text":"x"}]}', "msg_1"),
        ('{"id": "resp_1", "output": [{"id": "msg_2"}]}', "resp_1"),
        ('{"generations": [[{"message": {"kwargs": {"id": "run-1", "response_metadata": {"id": "chatcmpl-1"}}}}]]}', "chatcmpl-1"),
        ('{"content": "say \\"id\\": \\"msg_9\\""}', ""),
        ("It is sunny.", ""),
    ],
)
def test_openinference_names_the_response_only_inside_the_answer(answer, response_id):
    call = {"openinference.span.kind": "LLM", "llm.model_name": "m", "llm.token_count.prompt": 1, "output.value": answer}
    assert read(call, "openinference.instrumentation.langchain").response_id == response_id
    assert read(call, "another").response_id == ""
    assert read(call | {"openinference.span.kind": "CHAIN"}, "openinference.instrumentation.langchain").response_id == ""


@pytest.mark.parametrize(
    "usage",
    [
        {"gen_ai.usage.raw": '{"cache_read_input_tokens": 2000, "cache_creation_input_tokens": 350}'},  # logfire
        {"langsmith.metadata.usage_metadata": '{"input_token_details": {"cache_read": 2000, "cache_creation": 350}}'},
        {
            "metadata.usage_object": "{'iterations': None, 'cache_creation_input_tokens': 350, "
            "'prompt_tokens_details': {'audio_tokens': None, 'cached_tokens': 2000}}"
        },  # LiteLLM, as Python prints it
    ],
)
def test_the_cache_is_told_beside_the_usual_keys(usage):
    reading = read(CHAT | usage)
    assert (reading.input_tokens, reading.cache_read_tokens, reading.cache_write_tokens) == (2450, 2000, 350)


@pytest.mark.parametrize("printed", ["{'a': " + "1" * 5000 + "}", "{'a': __import__('os')}", "{'a'"])
def test_what_python_printed_is_never_run_and_bounded(printed):
    assert read(CHAT | {"metadata.usage_object": printed}).cache_read_tokens is None


LOGFIRE = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "operation.cost": 0.1}


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ('{"input_tokens": 9, "output_tokens": 1, "server_tool_use": {"web_search_requests": 3}}', ({"web_search_requests": 3}, "", "0.1")),
        ('{"input_tokens": 9, "output_tokens": 1, "inference_geo": "us"}', ({}, "us", "0.1")),
        (
            '{"prompt_tokens": 9, "completion_tokens": 1, "cost": 0.02}',
            ({}, "", "0.02"),
        ),  # OpenRouter's goes before what logfire made of it
        ('{"prompt_tokens": 9, "completion_tokens": 1, "cost_in_usd_ticks": 200000000}', ({}, "", "0.02")),
    ],
)
def test_logfire_passes_on_the_providers_own_usage(usage, expected):
    reading = read(LOGFIRE | {"gen_ai.usage.raw": usage}, "logfire.openai")
    assert (reading.units, reading.region, str(reading.reported_cost).rstrip("0")) == expected
    assert reading.reported_by_book == (expected[2] == "0.1")


def test_logfire_tells_what_a_stream_used_on_a_record_of_its_own():
    request = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
    assert read(request | {"logfire.span_type": "span"}, "logfire.anthropic").usage == "none"
    assert read(CHAT | {"logfire.span_type": "span"}, "logfire.anthropic").usage == "leaf"
    assert read(request | {"logfire.span_type": "log"}, "logfire.anthropic").usage == "leaf"  # a stream that told nothing: unknown
    assert read(request | {"logfire.span_type": "span"}).usage == "leaf"


def test_who_works_out_a_cost_for_open_weights_without_a_biller_took_the_api_for_one():
    served = {"gen_ai.operation.name": "chat", "gen_ai.system": "openai", "operation.cost": 0.1}
    assert read(served | {"gen_ai.request.model": "gpt-oss-120b"}).reported_cost is None
    assert str(read(served | {"gen_ai.request.model": "gpt-4o"}).reported_cost) == "0.1"
    assert str(read(served | {"gen_ai.request.model": "gpt-oss-120b", "server.address": "api.groq.com"}).reported_cost) == "0.1"


def test_openllmetry_calls_the_model_of_langchains_streams_unknown():
    unknown = CHAT | {"gen_ai.request.model": "unknown", "gen_ai.response.model": "unknown"}
    named = unknown | {"traceloop.association.properties.ls_model_name": "deepseek-v4-flash"}
    assert read(named, "opentelemetry.instrumentation.langchain").model == "deepseek-v4-flash"
    assert read(unknown, "opentelemetry.instrumentation.langchain").model == ""


@pytest.mark.parametrize(
    ("sent", "tier"),
    [
        ({"openai.request.service_tier": "flex", "gen_ai.request.stream": True}, "flex"),
        ({"gen_ai.request.stream": True}, ""),
        ({"openai.request.service_tier": "flex", "gen_ai.request.stream": False}, "default"),  # it was not served so
    ],
)
def test_openlit_calls_every_streamed_answer_of_responses_default(sent, tier):
    answer = CHAT | {"telemetry.sdk.name": "openlit", "openai.api.type": "responses", "openai.response.service_tier": "default"}
    assert read(answer | sent, "openlit.instrumentation.openai").service_tier == tier
    assert read(answer | sent, "another").service_tier == tier
    assert read({**answer, **sent, "telemetry.sdk.name": "opentelemetry"}, "another").service_tier == "default"


def test_pydantic_ai_passes_on_what_xai_bills():
    details = {"gen_ai.usage.details.cost_in_usd_ticks": 12345000, "gen_ai.usage.details.num_sources_used": 4}
    reading = read(CHAT | details, "pydantic-ai")
    assert (str(reading.reported_cost), reading.units) == ("0.0012345000", {"sources": 4})


def test_mlflow_tells_the_tier_of_streams_in_the_request_only():
    stream = {"mlflow.spanType": "CHAT_MODEL", "service_tier": '"flex"', "mlflow.spanOutputs": '{"service_tier": null, "usage": {}}'}
    assert read(stream, "mlflow.tracing.provider").service_tier == "flex"
    answered = stream | {"mlflow.spanOutputs": '{"service_tier": "default", "usage": {}}'}
    assert read(answered, "mlflow.tracing.provider").service_tier == "default"


def test_openllmetry_tells_geminis_thoughts_only_in_the_total():
    gemini = CHAT | {"gen_ai.usage.total_tokens": 2680}
    reading = read(gemini, "opentelemetry.instrumentation.google_generativeai")
    assert (reading.output_tokens, reading.reasoning_tokens) == (230, 30)
    assert read(gemini).output_tokens == 200


def test_crewais_own_spans_name_the_agent_by_a_hash():
    names = {"gen_ai.agent.name": "0c2e", "crewai.agent.role": "planner"}
    assert read(names, "crewai").agent == "planner"
    assert read(names).agent == "0c2e"


@pytest.mark.parametrize("key", ["gen_ai.task.input", "llm.anthropic.content", "raw_input", "tool.result", "response.message.blocks"])
def test_prompts_and_answers_under_other_keys_are_content(key):
    assert is_content(key)

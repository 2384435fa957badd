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

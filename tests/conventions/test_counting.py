"""Whole and parts: who includes the cache and reasoning (ATTRIBUTES.md, section 9)."""

import pytest

from attribution.conventions import Conventions

CACHED = {"gen_ai.usage.cache_read.input_tokens": 300, "gen_ai.usage.cache_creation.input_tokens": 100}


def read(attributes, scope="s", name="n"):
    return Conventions().read_span(scope, name, {"gen_ai.operation.name": "chat", **attributes})


def span(input_tokens, output_tokens=10, provider="anthropic", **more):
    return {
        "gen_ai.system": provider,
        "gen_ai.usage.input_tokens": input_tokens,
        "gen_ai.usage.output_tokens": output_tokens,
        **{f"gen_ai.usage.{key}": value for key, value in more.items()},
    }


@pytest.mark.parametrize(
    ("scope", "name", "provider", "model", "whole"),
    [
        ("openlit.otel.tracing", "chat", "anthropic", "claude", 1400),
        ("openlit.otel.tracing", "chat", "aws.bedrock", "anthropic.claude", 1400),
        ("openlit.otel.tracing", "chat", "openai", "gpt-4o", 1000),
        ("openlit.instrumentation.anthropic", "chat", "anthropic", "deepseek-v4-flash", 1400),
        ("openlit.instrumentation.anthropic", "chat", "vertex_ai", "claude", 1400),
        ("openlit.instrumentation.litellm", "chat", "anthropic", "claude", 1000),
        ("openlit.instrumentation.langchain", "chat", "anthropic", "claude", 1000),
        ("opentelemetry.instrumentation.bedrock", "bedrock.converse", "aws", "nova", 1400),
        ("opentelemetry.instrumentation.anthropic", "anthropic.chat", "anthropic", "claude", 1000),
        ("@traceloop/instrumentation-anthropic", "chat claude", "anthropic", "claude", 1400),
        ("@mastra/otel", "chat claude", "anthropic", "claude", 1400),
        ("@mastra/otel", "chat gpt-4o", "openai", "gpt-4o", 1000),
        ("@mastra/otel-exporter", "chat claude", "anthropic", "claude", 1000),
        ("opentelemetry.instrumentation.ag2", "chat claude", "anthropic", "claude", 1400),
        ("opentelemetry.instrumentation.ag2", "chat gpt-4o", "openai", "gpt-4o", 1000),
        ("agent_framework", "chat", "anthropic", "claude", 1400),
        ("agent_framework", "chat", "openai", "gpt-4o", 1000),
        ("openinference.instrumentation.bedrock", "bedrock.invoke_model", "aws", "amazon.nova-pro-v1:0", 1400),
        ("openinference.instrumentation.bedrock", "bedrock.converse", "aws", "amazon.nova-pro-v1:0", 1000),
        ("opentelemetry.instrumentation.botocore.bedrock-runtime", "chat", "aws.bedrock", "anthropic.claude", 1400),
        ("opentelemetry.instrumentation.genai.bedrock", "chat", "aws.bedrock", "anthropic.claude", 1400),
        ("openinference.instrumentation.agno", "Claude.invoke", "Anthropic", "claude", 1400),
        ("openinference.instrumentation.agno", "OpenAIChat.invoke", "OpenAI", "gpt-4o", 1000),
        ("com.anthropic.claude_code.tracing", "claude_code.llm_request", "anthropic", "claude", 1000),
        ("pydantic-ai", "chat", "anthropic", "claude", 1000),
    ],
)
def test_rule_1_the_emitter_decides(scope, name, provider, model, whole):
    reading = read({**span(1000, provider=provider), **CACHED, "gen_ai.request.model": model}, scope, name)
    assert (reading.input_tokens, reading.cache_read_tokens, reading.cache_write_tokens) == (whole, 300, 100)


@pytest.mark.parametrize("conventional", [{}, {**span(1400), **CACHED}])
def test_rule_1_the_bare_keys_of_claude_code_leave_out_the_cache_and_go_before_the_conventional_ones(conventional):
    bare = {"span.type": "llm_request", "input_tokens": 1000, "output_tokens": 10, "cache_read_tokens": 300, "cache_creation_tokens": 100}
    reading = read({**conventional, **bare}, "com.anthropic.claude_code.tracing", "claude_code.llm_request")
    assert (reading.input_tokens, reading.cache_read_tokens, reading.cache_write_tokens) == (1400, 300, 100)


@pytest.mark.parametrize(
    ("scope", "model", "whole"),
    [
        ("strands-agents", "claude-sonnet-4-5", 1400),
        ("the-service", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", 1400),
        ("strands-agents", "anthropic/claude-sonnet-4.5", 1000),  # through OpenAI's client
        ("strands-agents", "gpt-4o", 1000),
        ("strands.telemetry.tracer", "claude-sonnet-4-5", 1000),
    ],
)
def test_rule_1_strands_for_typescript_passes_on_what_the_provider_counts(scope, model, whole):
    reading = read({**span(1000, provider="strands-agents"), **CACHED, "gen_ai.request.model": model}, scope, "chat")
    assert (reading.input_tokens, reading.cache_read_tokens) == (whole, 300)


@pytest.mark.parametrize("service", ["planner", "groq"])
def test_rule_1_strands_for_typescript_calls_itself_as_the_service_is_called(service):
    attributes = {**span(1000, provider=service), **CACHED, "gen_ai.request.model": "claude-sonnet-4-5"}
    reading = read({**attributes, "gen_ai.event.start_time": "2026-11-02T10:00:00Z"}, service, "chat")
    assert (reading.provider, reading.input_tokens) == ("anthropic", 1400)
    assert read(attributes, service, "chat").provider == service


def test_langsmith_for_javascript_spells_the_hour_otherwise():
    details = '{"ephemeral_5m_input_tokens": 300, "ephemeral_1hr_input_tokens": 700, "cache_read": 500}'
    reading = read({**span(3500), "gen_ai.usage.input_token_details": details}, "langsmith")
    assert (reading.input_tokens, reading.cache_write_tokens, reading.cache_write_1h_tokens) == (3500, 1000, 700)


def test_rule_1_openlit_is_known_by_its_attribute_too():
    assert read({**span(1000), **CACHED, "telemetry.sdk.name": "openlit"}).input_tokens == 1400


@pytest.mark.parametrize(("stated", "whole"), [(400, 400), (399, 799), (0, 400)])
def test_rule_2_a_cache_larger_than_the_input_is_not_in_it(stated, whole):
    assert read({**span(stated), **CACHED}).input_tokens == whole


@pytest.mark.parametrize(("total", "whole"), [(1410, 1400), (1010, 1000), (1411, 1000)])
def test_rule_3_the_total_tells(total, whole):
    assert read({**span(1000, total_tokens=total), **CACHED}).input_tokens == whole


def test_rule_3_proves_nothing_for_emitters_of_rule_1():
    assert read({**span(1000, total_tokens=1010), **CACHED}, "openlit").input_tokens == 1400


def test_rule_4_otherwise_the_cache_is_inside():
    assert read({**span(1000), **CACHED}).input_tokens == 1000


def test_old_and_new_name_of_cache_write_are_never_added():
    both = {**span(1000), **CACHED, "gen_ai.usage.cache_write.input_tokens": 100}
    assert read(both).cache_write_tokens == 100


def test_the_split_by_lifetime_gives_the_missing_whole():
    split = {"gen_ai.usage.details.ephemeral_5m_input_tokens": 20, "gen_ai.usage.details.ephemeral_1h_input_tokens": 30}
    reading = read({**span(1000), **split})
    assert (reading.cache_write_tokens, reading.cache_write_1h_tokens) == (50, 30)


@pytest.mark.parametrize(
    ("scope", "input_tokens", "provider", "is_partial"),
    [
        ("crewai", 0, "gcp.gemini", True),
        ("crewai", 1, "gcp.gemini", False),
        ("crewai", 0, "anthropic", False),
        ("crewai", 0, "aws.bedrock", False),
        ("another", 0, "gcp.gemini", False),
    ],
)
def test_a_prompt_that_crewai_says_is_empty_is_not_known(scope, input_tokens, provider, is_partial):
    """It says so of Gemini's; of Anthropic's nothing may be left beside the cache."""
    reading = read({**span(input_tokens, 80, provider), "gen_ai.usage.cache_read.input_tokens": 400}, scope=scope)
    assert (reading.usage, reading.output_tokens, reading.is_partial) == ("leaf", 80, is_partial)


def test_a_cache_without_an_input_is_the_least_the_prompt_had():
    assert read(CACHED).input_tokens == 400


@pytest.mark.parametrize(
    ("scope", "provider", "model", "output"),
    [
        ("opentelemetry.instrumentation.google_generativeai", "Google", "gemini-2.5-pro", 150),
        ("opentelemetry.instrumentation.vertexai", "Google", "gemini-2.5-pro", 150),
        ("openlit", "gemini", "gemini-2.5-pro", 150),
        ("opentelemetry.instrumentation.ag2", "google", "gemini-2.5-pro", 150),
        ("opentelemetry.instrumentation.ag2", "openai", "o3", 100),
        ("opentelemetry.instrumentation.google_genai", "gcp.gemini", "gemini-2.5-pro", 100),
        ("crewai", "openai", "o3", 100),
    ],
)
def test_reasoning_is_inside_the_output_unless_the_emitter_leaves_it_out(scope, provider, model, output):
    attributes = {**span(10, 100, provider, reasoning_tokens=50), "gen_ai.request.model": model}
    reading = read(attributes, scope)
    assert (reading.output_tokens, reading.reasoning_tokens) == (output, 50)


@pytest.mark.parametrize(("total", "output"), [(110, 100), (160, 150), (161, 100)])
def test_reasoning_beyond_the_total_is_added(total, output):
    assert read(span(10, 100, reasoning_tokens=50, total_tokens=total)).output_tokens == output


def test_more_reasoning_than_output_was_not_in_it():
    assert read(span(10, 100, reasoning_tokens=101)).output_tokens == 201


def test_mlflow_gemini_tells_reasoning_by_its_total_only():
    usage = '{"input_tokens": 10, "output_tokens": 5, "total_tokens": 40}'
    reading = read({"gen_ai.request.model": "gemini-2.5-pro", "mlflow.chat.tokenUsage": usage})
    assert (reading.output_tokens, reading.reasoning_tokens) == (30, 25)


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ('{"input": 10, "output": 5, "input_cache_read": 90}', (100, 5, 90, None)),
        ('{"input": 10, "output": 5, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 7}', (107, 5, 90, None)),
        ('{"input": 10, "output": 5, "input_audio": 3, "output_audio": 2, "output_reasoning": 1}', (13, 8, None, 1)),
        ('{"input": 10, "output": 5, "output_reasoning": 2, "total": 15}', (10, 5, None, 2)),
        ('{"input_tokens": 100, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 90}}', (100, 5, 90, None)),
        ('{"input": "10", "output": -5}', (10, None, None, None)),
        # Langfuse leaves what has priority inside the whole.
        ('{"input": 70, "output": 9, "total": 79, "input_priority": 30, "input_priority_cache_read": 40}', (70, 9, 40, None)),
        ('{"input": 70, "output": 9, "total": 79, "output_priority_reasoning": 4, "output_priority": 5}', (70, 9, None, 4)),
        ('{"input": 0, "output": 0, "input_modality_TEXT": 60, "input_modality_AUDIO": 7, "cached_modality_TEXT": 5}', (72, 0, 5, None)),
    ],
)
def test_langfuse_buckets_are_disjoint_unless_openai_shaped(details, expected):
    reading = Conventions().read_span(
        "langfuse-sdk", "n", {"langfuse.observation.type": "generation", "langfuse.observation.usage_details": details}
    )
    assert (reading.input_tokens, reading.output_tokens, reading.cache_read_tokens, reading.reasoning_tokens) == expected


def test_thoughts_that_only_langfuses_total_tells_are_not_the_cache_too():
    buckets = '{"input": 600, "output": 50, "total": 1080, "input_cache_read": 400}'
    reading = read({"langfuse.observation.usage_details": buckets, "gen_ai.request.model": "gemini-2.5-flash"}, "langfuse-sdk")
    assert (reading.input_tokens, reading.output_tokens, reading.cache_read_tokens, reading.reasoning_tokens) == (1000, 80, 400, 30)


@pytest.mark.parametrize(
    ("output", "total", "whole"),
    [(0, 1250, 250), (100, 1250, 250), (50, 1350, 350)],  # 100 beside 150 thoughts; the same in two buckets; 200 beside 150
)
def test_langfuse_takes_thoughts_off_an_output_of_xais_that_did_not_hold_them(output, total, whole):
    buckets = f'{{"input": 800, "output": {output}, "total": {total}, "input_cache_read": 200, "output_reasoning": 150}}'
    reading = read({"langfuse.observation.usage_details": buckets, "gen_ai.request.model": "grok-4.3"}, "langfuse-sdk")
    assert (reading.input_tokens, reading.output_tokens, reading.is_partial) == (1000, whole, False)


def test_langfuse_buckets_and_other_keys_never_mix():
    details = {"langfuse.observation.type": "generation", "langfuse.observation.usage_details": '{"input": 10, "output": 5}'}
    assert read({**details, **span(1000), **CACHED}).input_tokens == 10


@pytest.mark.parametrize("details", ["{}", "null", "not json", "[1]"])
def test_unreadable_buckets_leave_the_word_to_the_other_keys(details):
    reading = read({"langfuse.observation.type": "generation", "langfuse.observation.usage_details": details, **span(1000), **CACHED})
    assert (reading.usage, reading.input_tokens, reading.cache_read_tokens) == ("leaf", 1000, 300)


def test_media_that_exceed_the_whole_were_not_in_it():
    reading = read({**span(10), "gen_ai.usage.audio.input_tokens": 8, "gen_ai.usage.image.input_tokens": 8})
    assert reading.input_tokens == 26


def test_an_embedding_with_only_a_total_is_all_input():
    attributes = {"gen_ai.operation.name": "embeddings", "gen_ai.request.model": "m", "gen_ai.usage.total_tokens": 12}
    assert Conventions().read_span("s", "n", attributes).input_tokens == 12


def test_what_anthropic_wrote_for_an_hour_langfuse_counts_beside_the_input():
    details = '{"input": 30, "output": 2, "total": 81, "input_cache_creation": 0, "input_ephemeral_5m_input_tokens": 9'
    details += ', "input_ephemeral_1h_input_tokens": 40}'
    reading = read({"langfuse.observation.type": "generation", "langfuse.observation.usage_details": details})
    assert (reading.input_tokens, reading.cache_write_tokens, reading.cache_write_1h_tokens, reading.is_partial) == (79, 49, 40, False)


def test_the_tier_of_langfuses_buckets_is_that_of_the_call():
    details = '{"input": 70, "output": 9, "input_priority": 70, "output_priority": 9}'
    reading = read({"langfuse.observation.type": "generation", "langfuse.observation.usage_details": details})
    assert (reading.service_tier, reading.input_tokens) == ("priority", 70)


@pytest.mark.parametrize(
    ("scope", "more", "whole"),
    [
        ("opentelemetry.instrumentation.genai.openai", {}, 14),
        ("opentelemetry.instrumentation.openai_v2", {}, 14),
        ("pydantic-ai", {}, 14),
        ("opentelemetry.instrumentation.genai.openai", {"openai.api.type": "responses"}, 10),
        ("opentelemetry.instrumentation.openai.v1", {"gen_ai.usage.total_tokens": 114}, 14),
        ("opentelemetry.instrumentation.openai.v1", {"gen_ai.usage.total_tokens": 110}, 10),
    ],
)
def test_of_xais_chats_the_output_leaves_reasoning_out(scope, more, whole):
    reasoned = {**span(100, provider="xai"), "gen_ai.usage.reasoning.output_tokens": 4, **more}
    assert read(reasoned, scope).output_tokens == whole


def test_what_xais_total_has_beyond_its_counts_it_thought():
    reading = read({**span(100, provider="xai", total_tokens=150)})
    assert (reading.output_tokens, reading.reasoning_tokens, reading.is_partial) == (50, 40, False)


def test_only_openllmetrys_anthropic_is_doubtful():
    assert read(span(1), "opentelemetry.instrumentation.anthropic").is_doubtful
    assert not read(span(1), "com.anthropic.sdk.python").is_doubtful


def test_what_an_image_model_made_is_images():
    assert read({**span(9, 90, provider="openai"), "gen_ai.operation.name": "image_generation"}).output_image_tokens == 90

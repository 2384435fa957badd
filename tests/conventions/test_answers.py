"""Providers' own answers, in the shapes in which they come and are wrapped, and anything else that may stand there."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.conventions import Conventions, answers, values

ANTHROPIC = {
    "input_tokens": 700,
    "cache_read_input_tokens": 200,
    "cache_creation_input_tokens": 100,
    "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 40},
    "output_tokens": 50,
}
WHOLE = {"input_tokens": 1000, "cache_read_tokens": 200, "cache_write_tokens": 100, "cache_write_1h_tokens": 40, "output_tokens": 50}
OPENAI = {
    "prompt_tokens": 1000,
    "completion_tokens": 50,
    "prompt_tokens_details": {"cached_tokens": 200},
    "completion_tokens_details": {"reasoning_tokens": 20},
}
OPENAI_WHOLE = {"input_tokens": 1000, "cache_read_tokens": 200, "output_tokens": 50, "reasoning_tokens": 20}
RESPONSES = {
    "input_tokens": 1000,
    "output_tokens": 50,
    "input_tokens_details": {"cached_tokens": 200},
    "output_tokens_details": {"reasoning_tokens": 20},
}
SEARCH = {"type": "web_search_call", "status": "completed", "action": {"type": "search"}}

SHAPES = {
    "OpenAI chat": ({"service_tier": "priority", "usage": OPENAI}, OPENAI_WHOLE | {"service_tier": "priority"}),
    "OpenAI Responses, with tools": (
        {
            "usage": RESPONSES,
            "output": [
                SEARCH,
                SEARCH | {"action": {"type": "open_page"}},
                SEARCH | {"status": "failed"},
                {"type": "file_search_call"},
                {"type": "code_interpreter_call"},
                {"type": "image_generation_call"},
                {"type": "message"},
            ],
        },
        OPENAI_WHOLE | {"web_search_requests": 1, "file_searches": 1, "code_executions": 1, "image_generations": 1},
    ),
    "OpenAI code in containers": (
        {
            "tools": [{"type": "file_search"}, {"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "4g"}}],
            "output": [{"type": "code_interpreter_call", "container_id": each} for each in ("c1", "c2", "c1")],
            "usage": {"input_tokens": 7, "output_tokens": 3},
        },
        {"input_tokens": 7, "output_tokens": 3, "code_executions": 8},
    ),
    "OpenAI code in a container of one's own": (
        {"tools": [{"type": "code_interpreter", "container": "c1"}], "output": [{"type": "code_interpreter_call", "container_id": "c1"}]},
        {"code_executions": 1},
    ),
    "a total beyond the counts": (
        {"usage": {"prompt_tokens": 70, "completion_tokens": 20, "total_tokens": 150}},
        {"input_tokens": 70, "output_tokens": 20, "total_tokens": 150},
    ),
    "LangChain's ChatOpenRouter": (
        {"response_metadata": {"model_provider": "openrouter", "cost": 0.0002}, "usage_metadata": {"input_tokens": 9, "output_tokens": 1}},
        {"input_tokens": 9, "output_tokens": 1, "cost": Decimal("0.0002")},
    ),
    "LangChain's ChatPerplexity": (
        {"response_metadata": {"model_name": "sonar", "search_context_size": "high"}, "usage_metadata": {"input_tokens": 9}},
        {"input_tokens": 9, "search_context_size": "high", "model": "sonar"},
    ),
    "xAI, as many thoughts as cached": (
        {
            "usage": {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 130}
            | {"prompt_tokens_details": {"cached_tokens": 30}, "completion_tokens_details": {"reasoning_tokens": 30}}
        },
        {"input_tokens": 90, "output_tokens": 40, "cache_read_tokens": 30, "reasoning_tokens": 30},
    ),
    "the entries of a Response alone": ([SEARCH, {"type": "message"}, SEARCH], {"web_search_requests": 2}),
    "OpenAI images": (
        {"data": [{"b64_json": "x"}], "usage": {"input_tokens": 9, "output_tokens": 90, "input_tokens_details": {"text_tokens": 9}}},
        {"input_tokens": 9, "output_tokens": 90, "output_image_tokens": 90, "images": 1},
    ),
    "OpenAI transcription by duration": ({"text": "x", "usage": {"type": "duration", "seconds": 12.5}}, {"seconds": Decimal("12.5")}),
    "Anthropic": (
        {
            "usage": ANTHROPIC
            | {"service_tier": "batch", "speed": "fast", "inference_geo": "us"}
            | {"server_tool_use": {"web_search_requests": 2}}
        },
        WHOLE | {"service_tier": "batch", "speed": "fast", "region": "us", "web_search_requests": 2},
    ),
    "Anthropic, the history shortened and another model asked before the answer": (
        {
            "usage": {
                "input_tokens": 9,
                "output_tokens": 2,
                "iterations": [
                    {"type": "compaction", "input_tokens": 70, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 10}
                    | {"cache_creation": {"ephemeral_1h_input_tokens": 4}, "output_tokens": 5},
                    {"type": "compaction", "input_tokens": 1, "output_tokens": 1},
                    {"type": "advisor_message", "model": "m", "input_tokens": 8, "output_tokens": 8},
                    {"type": "message", "input_tokens": 9, "output_tokens": 2},
                    "odd",
                ],
            }
        },
        {"input_tokens": 9, "output_tokens": 2, "advisor_messages": 1}
        | {"compaction_input_tokens": 101, "compaction_output_tokens": 6, "compaction_cache_read_tokens": 20}
        | {"compaction_cache_write_tokens": 10, "compaction_cache_write_1h_tokens": 4},
    ),
    "Gemini, grounded in maps": (
        {"candidates": [{"groundingMetadata": {"groundingChunks": [{"web": {}}, {"maps": {"uri": "u"}}]}}]},
        {"map_prompts": 1},
    ),
    "Gemini, a picture's model that wrote": (
        {"usage_metadata": {"prompt_token_count": 9, "candidates_token_count": 5}
         | {"candidates_tokens_details": [{"modality": "TEXT", "token_count": 5}]}},
        {"input_tokens": 9, "output_tokens": 5, "output_image_tokens": 0, "output_audio_tokens": 0},
    ),
    "xAI, live search": ({"usage": OPENAI | {"num_sources_used": 3}}, OPENAI_WHOLE | {"sources": 3}),
    "Gemini": (
        {
            "candidates": [{"grounding_metadata": {"web_search_queries": ["a", "b"]}}],
            "usage_metadata": {
                "prompt_token_count": 1000,
                "candidates_token_count": 50,
                "thoughts_token_count": 30,
                "cached_content_token_count": 200,
                "total_token_count": 1080,
                "prompt_tokens_details": [{"modality": "TEXT", "token_count": 900}, {"modality": "AUDIO", "token_count": 100}],
                "traffic_type": "ON_DEMAND_FLEX",
            },
        },
        {
            "input_tokens": 1000,
            "cache_read_tokens": 200,
            "output_tokens": 80,
            "reasoning_tokens": 30,
            "input_audio_tokens": 100,
            "search_queries": 2,
            "service_tier": "flex",
        },
    ),
    "Gemini in camel case, a tool's prompt in the total": (
        {"usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 5, "toolUsePromptTokenCount": 40, "totalTokenCount": 145}},
        {"input_tokens": 140, "output_tokens": 5},
    ),
    "Gemini, a search's results not in the total": (
        {"usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 5, "toolUsePromptTokenCount": 40, "totalTokenCount": 105}},
        {"input_tokens": 100, "output_tokens": 5},
    ),
    "Bedrock Converse": (
        {
            "usage": {"inputTokens": 700, "outputTokens": 50, "cacheReadInputTokens": 200, "cacheWriteInputTokens": 100}
            | {"cacheDetails": [{"ttl": "1h", "inputTokens": 40}, {"ttl": "5m", "inputTokens": 60}]},
            "serviceTier": {"type": "flex"},
        },
        WHOLE | {"service_tier": "flex"},
    ),
    "Bedrock stream metrics": (
        {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 700, "outputTokenCount": 50, "cacheReadInputTokenCount": 200}},
        {"input_tokens": 900, "cache_read_tokens": 200, "output_tokens": 50},
    ),
    "Cohere": (
        {"usage": {"billed_units": {"input_tokens": 900.0, "output_tokens": 90.0}, "tokens": {"input_tokens": 1400, "output_tokens": 95}}},
        {"input_tokens": 900, "output_tokens": 90},
    ),
    "Cohere rerank": ({"meta": {"billed_units": {"search_units": 2}}}, {"searches": 2}),
    "Voyage": ({"usage": {"total_tokens": 77}}, {"total_tokens": 77}),
    "DeepSeek": (
        {"usage": {"prompt_tokens": 10, "completion_tokens": 1, "prompt_cache_hit_tokens": 6, "prompt_cache_miss_tokens": 4}},
        {"input_tokens": 10, "output_tokens": 1, "cache_read_tokens": 6},
    ),
    "OpenRouter": ({"usage": OPENAI | {"cost": 0.00123}}, OPENAI_WHOLE | {"cost": Decimal("0.00123")}),
    "Perplexity": (
        {"usage": OPENAI | {"search_context_size": "high", "cost": {"total_cost": 0.02}}},
        OPENAI_WHOLE | {"search_context_size": "high", "cost": Decimal("0.02")},
    ),
    "xAI": ({"usage": OPENAI | {"cost_in_usd_ticks": 12300000}}, OPENAI_WHOLE | {"cost": Decimal("0.00123")}),
    "Mistral OCR": ({"usage_info": {"pages_processed": 3}}, {"pages": 3}),
    "LangChain, the provider's usage inside": (
        {"generations": [[{"message": {"kwargs": {"response_metadata": {"usage": ANTHROPIC}, "usage_metadata": {"input_tokens": 1}}}}]]},
        WHOLE,
    ),
    "LangChain, filed under a tier": (
        {
            "generations": [
                [{"message": {"kwargs": {"usage_metadata": {
                    "input_tokens": 1000,
                    "output_tokens": 50,
                    "input_token_details": {"flex": 800, "flex_cache_read": 200},
                    "output_token_details": {"flex_reasoning": 20, "flex": 30},
                }}}}]
            ]
        },
        OPENAI_WHOLE | {"service_tier": "flex"},
    ),
    "Genkit": ({"usage": {"inputTokens": 1, "outputTokens": 1}, "raw": {"usage": OPENAI}}, OPENAI_WHOLE),
    "the last chunk of a stream": ([{"usage": None}, {"choices": []}, {"usage": OPENAI}], OPENAI_WHOLE),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), SHAPES.values(), ids=SHAPES)
def test_shapes(answer, expected):
    found = answers.told(answer)
    assert {name: figure for name, figure in found.items() if figure or name in expected} == expected
    text = json.dumps(answer)
    assert answers.told(text) == answers.told(json.dumps(text)) == found
    assert answers.again(answers.spelled(found)) == found


@pytest.mark.parametrize(
    "said",
    [
        "It is sunny.",
        '{"content": "no usage"}',
        '{"usage": "none"}',
        '{"usage": {"prompt_tokens": -1, "completion_tokens": "many"}}',
        '{"choices": [{"message": {"tool_calls": [{"usage": {"prompt_tokens": 9}}]}}]}',
        '{"usage": ' + "[" * 100_000,
        '{"usage": 1e999, "x": NaN}',
        "x" * (values.CONTENT_CHARACTERS_MAX + 1),
        "",
    ],
)
def test_what_tells_nothing(said):
    assert answers.told(said) == {}


def test_metadata_of_the_ai_sdk_tells_parts():
    metadata = {
        "anthropic": {"usage": {name: held for name, held in ANTHROPIC.items() if name != "output_tokens"}},
        "gateway": {"cost": "0.00142", "routing": {}},
        "openai": {"serviceTier": "flex"},
    }
    found = answers.provider_metadata(metadata)
    assert found["cost"] == Decimal("0.00142")
    assert (found["service_tier"], found["cache_write_1h_tokens"]) == ("flex", 40)
    assert "input_tokens" not in found


def test_perplexitys_cost_stands_beside_its_usage_in_metadata_of_the_ai_sdk():
    metadata = {"perplexity": {"usage": {"numSearchQueries": None}, "cost": {"requestCost": 0.012, "totalCost": 0.0123}}}
    assert answers.provider_metadata(metadata) == {"cost": Decimal("0.0123")}


def test_version_7_of_the_ai_sdk_counts_a_compaction_in_and_the_provider_does_not():
    steps = [{"type": "compaction", "input_tokens": 5000, "output_tokens": 300}, {"type": "message"}]
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": 6000,
        "gen_ai.usage.output_tokens": 500,
        "ai.response.providerMetadata": json.dumps(
            {"anthropic": {"usage": {"input_tokens": 1000, "output_tokens": 200, "iterations": steps}}}
        ),
    }
    reading = Conventions().read_span("gen_ai", "chat", told)
    assert (reading.input_tokens, reading.output_tokens) == (1000, 200)
    assert reading.units == {"compaction_input_tokens": 5000, "compaction_output_tokens": 300}


@pytest.mark.parametrize(
    ("provider", "asked", "answered", "expected"),
    [
        ("azure", "my-gpt", "gpt-4o-2024-11-20", ("azure.ai.openai", "gpt-4o-2024-11-20", "my-gpt")),
        ("openai", "smart", "claude-haiku-4-5", ("anthropic", "claude-haiku-4-5", "smart")),  # a proxy's alias
        ("openai", "gpt-4o", "gpt-4o-2024-11-20", ("openai", "gpt-4o", "")),
        ("aws", "us.anthropic.claude-haiku-4-5", "claude-haiku-4-5", ("aws.bedrock", "us.anthropic.claude-haiku-4-5", "")),
    ],
)
def test_what_is_called_by_a_name_of_the_companys_own_is_named_by_the_answer(provider, asked, answered, expected):
    answer = json.dumps({"usage_metadata": {"input_tokens": 9, "output_tokens": 1}, "response_metadata": {"model_name": answered}})
    call = {"openinference.span.kind": "LLM", "llm.provider": provider, "llm.model_name": asked, "output.value": answer}
    reading = Conventions().read_span("openinference.instrumentation.langchain", "ChatOpenAI", call)
    assert (reading.provider, reading.model, reading.request_model) == expected
    stored = {name: held for name, held in call.items() if name != "output.value"} | {"spanledger.answer": reading.told}
    assert Conventions().read_span("openinference.instrumentation.langchain", "ChatOpenAI", stored).model == expected[1]


GEMINI_USAGE = {"promptTokenCount": 1000, "cachedContentTokenCount": 400, "candidatesTokenCount": 50, "thoughtsTokenCount": 30}
ANTHROPIC_USAGE = {"input_tokens": 2000, "cache_read_input_tokens": 500, "cache_creation_input_tokens": 300}


@pytest.mark.parametrize(
    ("provider", "usage", "stated", "expected"),
    [
        ("anthropic", {"usage": ANTHROPIC_USAGE | {"output_tokens": 200}}, (2000, 200), (2800, 200, 500)),
        ("anthropic", {"usage": ANTHROPIC_USAGE | {"output_tokens": 1}}, (2000, 200), (2800, 200, 500)),  # a stream's first event
        ("anthropic", {"usage": ANTHROPIC_USAGE | {"output_tokens": 200}}, (2800, 200), (2800, 200, 500)),  # AI SDK 6
        ("google", {"usageMetadata": GEMINI_USAGE}, (1000, 50), (1000, 80, 400)),
    ],
)
def test_a_whole_usage_in_metadata_of_the_ai_sdk_goes_before_what_the_sdk_made_of_it(provider, usage, stated, expected):
    told = {
        "ai.operationId": "ai.generateText.doGenerate",
        "gen_ai.system": provider,
        "gen_ai.usage.input_tokens": stated[0],
        "gen_ai.usage.output_tokens": stated[1],
        "ai.response.providerMetadata": json.dumps({provider: usage}),
    }
    reading = Conventions().read_span("ai", "ai.generateText.doGenerate", told)
    assert (reading.input_tokens, reading.output_tokens, reading.cache_read_tokens) == expected


@pytest.mark.parametrize(
    ("calls", "units"),
    [
        ([{"toolCallId": "ws_1"}, {"toolCallId": "ws_2"}, {"toolCallId": "fs_1"}], {"web_search_requests": 2, "file_searches": 1}),
        ([{"toolCallId": "call_ws_1", "toolName": "ws_"}, {"toolCallId": 1}, "ws_", {}], {}),
    ],
)
def test_calls_that_the_ai_sdk_lists_tell_the_providers_own_tools(calls, units):
    told = {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.model.id": "gpt-5",
        "gen_ai.usage.input_tokens": 10,
        "ai.response.toolCalls": json.dumps(calls),
    }
    reading = Conventions().read_span("ai", "ai.generateText.doGenerate", told)
    assert reading.units == units
    del told["ai.response.toolCalls"]  # content, which the store drops
    assert Conventions().read_span("ai", "ai.generateText.doGenerate", told | {"spanledger.answer": reading.told}).units == units


@pytest.mark.parametrize("odd", [None, 1, "", '"ws_', '["ws_"]', '{"ws_": 1}', '[{"toolCallId": ["ws_1"]}, "ws_1"]'])
def test_odd_lists_of_calls_tell_nothing(odd):
    assert answers.tools_called(odd) == {}


def read(attributes, **more):
    return Conventions().read_span("openinference.instrumentation.x", "call", attributes | {"openinference.span.kind": "LLM"}, **more)


def test_the_answer_goes_before_what_the_emitter_made_of_it():
    reading = read(
        {
            "llm.model_name": "m",
            "llm.token_count.prompt": 1,
            "llm.token_count.completion": 1,
            "output.value": json.dumps({"usage": ANTHROPIC}),
        }
    )
    assert (reading.input_tokens, reading.output_tokens, reading.cache_write_1h_tokens) == (1000, 50, 40)
    assert json.loads(reading.told)["input_tokens"] == 1000


@pytest.mark.parametrize(("model", "output", "is_partial"), [("gemini-2.5-flash", 80, False), ("gpt-5", 20, True)])
def test_what_a_total_has_beyond_its_counts_gemini_thought(model, output, is_partial):
    answer = json.dumps({"usage": {"prompt_tokens": 70, "completion_tokens": 20, "total_tokens": 150}})
    reading = read({"llm.model_name": model, "llm.token_count.total": 150, "llm.token_count.prompt": 70, "output.value": answer})
    assert (reading.input_tokens, reading.output_tokens, reading.is_partial) == (70, output, is_partial)


def test_the_answer_settles_what_the_emitters_own_total_leaves_open():
    answer = json.dumps({"usage": {"prompt_tokens": 70, "completion_tokens": 20, "total_tokens": 90}})
    reading = read({"llm.token_count.total": 150, "llm.token_count.prompt": 70, "llm.token_count.completion": 20, "output.value": answer})
    assert not reading.is_partial


def test_openlit_names_the_calls_of_openais_own_tools():
    reading = read({"openai.response.built_in_tools": "web_search, file_search, web_search, computer_use"})
    assert reading.units == {"web_search_requests": 2, "file_searches": 1}


def test_parts_fill_what_the_emitter_left_out():
    answer = json.dumps({"usage": {"output_tokens_details": {"reasoning_tokens": 30}}})
    reading = read({"llm.token_count.prompt": 10, "llm.token_count.completion": 50, "output.value": answer})
    assert (reading.input_tokens, reading.output_tokens, reading.reasoning_tokens) == (10, 50, 30)


def test_what_was_told_is_read_where_the_answer_is_gone():
    whole = {"llm.model_name": "gemini-2.5-flash", "output.value": json.dumps(SHAPES["Gemini"][0])}
    first = read(whole)
    again = read({"llm.model_name": "gemini-2.5-flash", "spanledger.answer": first.told})
    kept = read(whole | {"spanledger.answer": first.told})
    for reading in (again, kept):
        assert (reading.input_tokens, reading.reasoning_tokens, reading.service_tier, reading.units) == (
            1000,
            30,
            "flex",
            {"web_search_requests": 1},
        )


def test_google_bills_later_models_by_search():
    assert read({"llm.model_name": "gemini-3-pro", "output.value": json.dumps(SHAPES["Gemini"][0])}).units == {"web_search_requests": 2}


@pytest.mark.parametrize(("model", "billed"), [("gemini-2.5-flash", 1), ("gemini-3-pro", 3), ("claude-haiku-4-5", 3)])
def test_searches_that_the_emitter_counted_are_billed_as_those_of_the_answer(model, billed):
    assert read({"llm.model_name": model, "gen_ai.usage.details.web_search_requests": 3}).units == {"web_search_requests": billed}


@pytest.mark.parametrize("scope", ["openinference.instrumentation.langchain", "@arizeai/openinference-instrumentation-langchain"])
def test_openinference_names_the_response_in_the_answer_whatever_its_language(scope):
    answer = json.dumps({"generations": [[{"message": {"kwargs": {"id": "chatcmpl-9"}}}]]})
    reading = Conventions().read_span(scope, "ChatOpenAI", {"openinference.span.kind": "LLM", "output.value": answer})
    assert reading.response_id == "chatcmpl-9"


def test_the_answer_of_what_is_no_call_is_not_read():
    reading = Conventions().read_span("x", "agent", {"openinference.span.kind": "AGENT", "output.value": json.dumps({"usage": OPENAI})})
    assert (reading.usage, reading.input_tokens) == ("none", None)


@pytest.mark.parametrize(
    ("attributes", "failed", "usage"),
    [({}, True, "none"), ({}, False, "leaf"), ({"llm.token_count.prompt": 5}, True, "leaf"),
     ({"llm.token_count.prompt": 0, "llm.token_count.completion": 0}, True, "none")],
)  # fmt: skip
def test_a_call_that_failed_without_usage_is_none_and_one_that_ended_well_is_unknown(attributes, failed, usage):
    assert read(attributes | {"llm.model_name": "m"}, failed=failed).usage == usage


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=8)
_NAMES = st.sampled_from([
    *("usage", "usage_metadata", "usageMetadata", "input_tokens", "prompt_tokens", "promptTokenCount", "inputTokens", "output_tokens"),
    *("prompt_tokens_details", "input_token_details", "cached_tokens", "cache_creation", "billed_units", "cost", "total_cost", "output"),
    *("content", "candidates", "grounding_metadata", "web_search_queries", "service_tier", "serviceTier", "raw", "message", "generations"),
    *("data", "type", "modality", "token_count", "server_tool_use", "total_tokens", "reasoning_tokens", "speed", "cacheDetails", "action"),
])  # fmt: skip
_ANY = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES | st.text(max_size=4), inner, max_size=6), max_leaves=40
)


@settings(max_examples=500, deadline=None)
@given(_ANY)
def test_anything_is_survived(answer):
    for found in (answers.told(answer), answers.provider_metadata(answer)):
        assert answers.again(answers.spelled(found)) == found
        counts = [found[name] for name in answers.COUNTS if name in found]
        assert all(isinstance(count, int) and count >= 0 for count in counts)
        assert found.get("cost", Decimal(1)) > 0
    try:
        text = json.dumps(answer)
    except TypeError:  # bytes
        return
    answers.told(text)
    read({"output.value": text, "llm.invocation_parameters": text, "ai.response.providerMetadata": text})


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='{}[]",:0123456789eE+-.usagetoknsprm_ \\', max_size=200))
def test_any_text_is_survived(text):
    answers.told(text)
    answers.told('{"usage":' + text)
    answers.again(text)


def livekit(name, **attributes):
    return Conventions().read_span("livekit-agents", name, {key: json.dumps(value) for key, value in attributes.items()})


def test_livekit_tells_what_was_spoken_and_how_long_a_session_lasted():
    spoken = {"characters_count": 900, "input_tokens": 0, "output_tokens": 0, "metadata": {"model_name": "tts-1", "model_provider": "x"}}
    reading = livekit("tts_request", **{"lk.tts_metrics": spoken})
    assert (reading.usage, reading.operation, reading.model, reading.provider) == ("leaf", "speech", "tts-1", "openai")
    assert reading.units == {"characters": 900}

    turn = {"gen_ai.operation.name": "generate_content", "gen_ai.request.model": "grok-voice-latest", "gen_ai.usage.input_tokens": 0}
    reading = livekit("realtime", **turn, **{"lk.realtime_model_metrics": {"session_duration": 90.5}})
    assert (reading.input_tokens, reading.units) == (None, {"seconds": Decimal("90.5")})
    assert livekit("realtime", **turn, **{"lk.realtime_model_metrics": {"session_duration": 0.0}}).units == {}


@pytest.mark.parametrize(
    ("request_sent", "asked"),
    [
        ({"contents": [], "service_tier": "flex", "generation_config": {}}, {"service_tier": "flex"}),
        ({"config": {"serviceTier": "SERVICE_TIER_PRIORITY"}}, {"service_tier": "priority"}),
        ({"extra_body": {"inference_geo": "us"}, "speed": "fast"}, {"region": "us", "speed": "fast"}),
        ({"messages": [{"service_tier": "flex"}], "service_tier": "auto"}, {}),
        ({"service_tier": 7, "x": "service_tier"}, {}),
        ([{"service_tier": "flex"}], {}),
    ],
)
def test_how_a_call_was_asked_to_be_served(request_sent, asked):
    assert answers.asked(json.dumps(request_sent)) == asked


@pytest.mark.parametrize(
    ("told", "tier"),
    [
        ({}, "flex"),
        ({"output.value": '{"service_tier": "default", "usage": {"prompt_tokens": 3}}'}, "default"),
        ({"openai.response.service_tier": "default"}, "default"),
        ({"llm.invocation_parameters": '{"service_tier": "priority"}'}, "priority"),
    ],
)
def test_what_was_asked_for_goes_after_all_that_is_told(told, tier):
    attributes = {"llm.model_name": "m", "input.value": '{"service_tier": "flex"}', **told}
    reading = read(attributes)
    assert reading.service_tier == tier
    stored = {key: value for key, value in attributes.items() if key not in {"input.value", "output.value"}}
    assert read({**stored, "spanledger.answer": reading.told}).service_tier == tier


def test_pydantic_ai_marks_the_calls_of_the_providers_own_tools():
    def call(name, **given):
        return {"type": "tool_call", "name": name, "builtin": True, "arguments": given}

    parts = [
        *(call("file_search"), call("file_search", queries=["x"]), {"type": "tool_call", "name": "file_search"}),
        *(call("code_execution", container_id="c1"), call("code_execution", container_id="c1"), call("code_execution", container_id="c2")),
        *({"type": "tool_call_response", "name": "file_search", "builtin": True}, "odd", call("web_search"), call(None)),
    ]
    said = json.dumps([{"role": "assistant", "parts": parts}, {"parts": 3}, None])
    assert answers.said(said) == {"file_searches": 2, "code_executions": 2}
    reading = Conventions().read_span("pydantic-ai", "chat", {"gen_ai.operation.name": "chat", "gen_ai.output.messages": said})
    assert reading.units == {"file_searches": 2, "code_executions": 2}
    assert json.loads(reading.told) == {"file_searches": 2, "code_executions": 2}


@pytest.mark.parametrize(
    "odd", ["", "{", '"builtin"', '{"builtin": 1}', '["builtin"]', '[{"parts": [{"builtin": true}]}] "builtin"', 7, None, b"x"]
)
def test_odd_messages_tell_nothing(odd):
    assert answers.said(odd) == answers.asked(odd) == answers.iterations(odd) == {}


def test_openinference_lists_the_steps_beside_the_answer():
    metadata = json.dumps({"usage_iterations": [{"type": "compaction", "input_tokens": 5000, "output_tokens": 300}]})
    reading = read({"llm.model_name": "m", "llm.token_count.prompt": 9, "metadata": metadata})
    assert (reading.input_tokens, reading.units) == (9, {"compaction_input_tokens": 5000, "compaction_output_tokens": 300})


def test_the_anthropic_sdk_sums_the_steps():
    keys = {"anthropic.usage.compaction.input_tokens": 5000, "anthropic.usage.compaction.output_tokens": 300}
    reading = Conventions().read_span("com.anthropic.sdk.python", "n", {"gen_ai.operation.name": "chat", **keys})
    assert reading.units == {"compaction_input_tokens": 5000, "compaction_output_tokens": 300}

"""The one table of attribute keys: for each fact, where emitters put it, in the order in which it is looked for.

`key#a/b` is member b of member a of the JSON object (or OTLP map) under `key`, a number the place in a list; in the
tag attributes `key#team` is the tag `team:...` or `team=...`. The first key that has a usable value wins and nothing
is ever added across keys: a span that is written in two conventions says the same thing twice. `events@key` is an
attribute of the span's events, of several the last one's, and is looked for in the scopes that tell something there.
Sources: OpenTelemetry GenAI, OpenInference, Langfuse, OpenLLMetry, OpenLIT, Vercel AI SDK and the frameworks, read
from their packages.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

_USAGE = "langfuse.observation.usage_details"
_COST = "langfuse.observation.cost_details"
_MLFLOW = "mlflow.chat.tokenUsage"
_PARAMETERS = "langfuse.observation.model.parameters"
_PROVIDER_METADATA = "ai.response.providerMetadata"
_GEN_AI = "gen_ai.usage."
_DETAILS = "gen_ai.usage.details."
"""pydantic-ai: the provider's own names, mostly a second time."""
_LITELLM = "metadata.usage_object"
"""LiteLLM 1: the cache is nowhere else."""
EVENTS = "events@"
"""Begins the keys of attributes of events."""
EVENT_SCOPES = frozenset({"llamaindex.opentelemetry.tracer"})
"""Scopes whose events tell anything that the table reads; events of others are not looked at."""
_EVENT = f"{EVENTS}response.raw.usage."
"""LlamaIndex: the provider's own usage, flattened."""
_GOOGLE_EVENT = f"{EVENTS}response.raw.usage_metadata."
_COMPONENT, _STEP = "haystack.component.output", "haystack.agent.step.llm.output"
_REPLY = tuple(f"{key}#replies/0/meta/" for key in (_COMPONENT, _STEP))
"""Haystack's chat generators: every reply repeats the usage of all."""
_META = (*_REPLY, f"{_COMPONENT}#meta/0/", f"{_COMPONENT}#meta/")
"""The same, its other generators, its embedders."""
_TTS, _REALTIME = "lk.tts_metrics#", "lk.realtime_model_metrics#"
"""LiveKit: what was spoken; how long a session of a voice model lasted that is billed by its time."""
_LANGCHAIN = "langsmith.metadata.usage_metadata"
_LLM = "llm.token_count."
_AI = "ai.usage."

_REQUESTS = ("llm.invocation_parameters", "embedding.invocation_parameters", "model_request_parameters", "request_data")
"""What was asked for: OpenInference, pydantic-ai, logfire."""
_LANGCHAIN_PLACES = (
    *("langfuse.observation.metadata.", "traceloop.association.properties.", "langsmith.metadata.", "metadata."),
)  # fmt: skip
"""Where LangChain's own metadata stands."""


def _requested(*names: str) -> tuple[str, ...]:
    return tuple(f"{key}#{under}{name}" for key in _REQUESTS[:2] for under in ("", "extra_body/", "model_kwargs/") for name in names)


LANGFUSE_USAGE = _USAGE
"""Disjoint buckets that stand for themselves: where a span has them, no other key counts its tokens."""
BARE_INPUT = "input_tokens"
"""Claude Code's own key: it leaves out the cache. Beside it stands `gen_ai.usage.input_tokens`, which does not."""
OPENAI_USAGE_MEMBERS = ("prompt_tokens", "input_tokens_details")
"""Members of LANGFUSE_USAGE that show OpenAI's shape, in which the cache is inside the input."""

ABOVE = "spanledger.above"
"""What the spans above tell of a call and its own span leaves out, as JSON; kept beside the attributes, not among them."""
LEVELS_MAX = 32
"""Up the path: Codex CLI has two or three. Loops of parent pointers end here too."""


class Above(NamedTuple):
    """Calls that leave something to the spans above them."""

    scope: str
    """How their scopes begin."""
    name: str
    """Their own, '' for any."""
    told: tuple[str, ...]
    """What is looked for; without the first one nothing is worth keeping."""
    levels: int
    """How far up the path it may stand."""


TOLD_ABOVE: tuple[Above, ...] = (
    Above("codex", "handle_responses", ("model", "session"), LEVELS_MAX),
    Above("@mastra/otel-exporter", "", ("answer",), 1),
)
"""Codex CLI's spans with a call's usage leave its model to those above; above Mastra's calls the step quotes the provider's answer."""

KINDS: tuple[str, ...] = (
    "logfire.span_type",  # a placeholder sent at the start
    "ag2.usage.kind",
    "ag2.span.type",
    "mastra.span.type",
    "langfuse.observation.type",
    "openinference.span.kind",
    "gen_ai.operation.name",
    "gen_ai.span.kind",  # Dify
    "traceloop.span.kind",
    "llm.request.type",  # OpenLLMetry
    "ai.operationId",  # Vercel AI SDK up to 6
    "langsmith.span.kind",
    "mlflow.spanType",
    "genkit:metadata:subtype",
    "span.type",  # Claude Code
    "event.name",  # of a log record
    f"{EVENTS}class_name",  # LlamaIndex
)
"""What kind of work a span is, most explicit first; attribution/conventions/kinds.py says what the values mean."""

TEXTS: dict[str, tuple[str, ...]] = {
    "provider": (
        "gen_ai.provider.name",
        "gen_ai.system",  # its old name
        "llm.provider",
        "ai.model.provider",
        "mlflow.llm.provider",
        "llm.system",
        "anthropic.provider",  # Claude Code: firstParty, bedrock, vertex
        f"{EVENTS}model_dict.class_name",  # LlamaIndex: openai_llm
        *(f"{place}ls_provider" for place in _LANGCHAIN_PLACES),
        "lk.llm.provider",
    ),
    "gateway_model": ("litellm.provider.model", "genkit:name"),  # `openai/gpt-4o`: the prefix is who really answered
    "address": (
        "gen_ai.openai.api_base",  # OpenLLMetry
        "openai.api_base",
        "server.address",
        "gen_ai.request.base_url",
        "llm.base_url",
        "llm.api_base",
        "litellm.api_base",
    ),
    "model": (
        "langfuse.observation.model.name",
        "gen_ai.response.model",
        "llm.response.model_name",
        "ai.response.model",
        "gen_ai.request.model",
        "llm.model_name",
        "llm.request.model_name",
        "embedding.model_name",
        "reranker.model_name",
        "decision.model_name",
        "ai.model.id",
        "mlflow.llm.model",
        "litellm.provider.model",
        "model",  # Claude Code
        f"{EVENTS}response.raw.model",  # LlamaIndex
        f"{EVENTS}model_dict.model_name",
        "genkit:name",  # of a model: openai/gpt-4o
        *(f"{place}ls_model_name" for place in _LANGCHAIN_PLACES),  # OpenLLMetry calls the model of streams `unknown`
    ),
    "request_model": (
        "gen_ai.request.model",
        "llm.request.model_name",
        "ai.model.id",
        "litellm.provider.model",
        f"{EVENTS}model_dict.model_name",
    ),
    "service_tier": (
        "openai.response.service_tier",
        "gen_ai.openai.response.service_tier",
        "gen_ai.response.service_tier",
        "anthropic.response.service_tier",
        "gen_ai.usage.service_tier",
        "litellm.response.service_tier",
        "openai.request.service_tier",
        "gen_ai.openai.request.service_tier",
        "gen_ai.request.service_tier",
        f"{EVENTS}response.raw.service_tier",
        f"{_EVENT}service_tier",
        "service_tier",  # MLflow, of the request: its answer of a stream leaves it out
    ),
    "asked_tier": ("openai.request.service_tier", "gen_ai.openai.request.service_tier", "gen_ai.request.service_tier"),
    "streamed": ("gen_ai.request.stream",),
    "speed": ("speed", "anthropic.response.speed", "gen_ai.response.speed", "anthropic.request.speed"),  # Claude Code: fast or normal
    "region": ("anthropic.response.inference_geo", "anthropic.request.inference_geo", "gen_ai.request.inference_geo"),
    "search_context_size": ("gen_ai.request.search_context_size", "perplexity.search_context_size"),
    "cache_hit": ("litellm.cache_hit",),
    "api": ("openai.api.type",),  # responses or chat_completions
    "sdk": ("telemetry.sdk.name",),  # OpenLIT writes it on its spans
    "response_id": ("gen_ai.response.id", "ai.response.id", f"{EVENTS}response.raw.id"),
    "agent": (
        "gen_ai.agent.name",
        "gen_ai.agent.id",
        "agent.name",
        "agent_id",  # Claude Code
        "crewai.agent.role",
    ),
    "role": ("crewai.agent.role",),  # CrewAI's own spans: their gen_ai.agent.name is a hash
    "entity": ("traceloop.entity.name",),  # an agent's or a tool's name, depending on traceloop.span.kind
    "function": ("ai.telemetry.functionId",),  # the AI SDK's name of the work, after every name of an agent
    "workflow_name": ("gen_ai.workflow.name", "n8n.workflow.name", "traceloop.workflow.name"),
    "tool": ("gen_ai.tool.name", "tool.name", "ai.toolCall.name", "tool_name"),
}

TEXT_MEMBERS: dict[str, tuple[str, ...]] = {
    "service_tier": (
        f"{_PROVIDER_METADATA}#openai/serviceTier",
        f"{_PROVIDER_METADATA}#anthropic/usage/service_tier",
        f"{_PARAMETERS}#service_tier",
        *(f"{reply}usage/service_tier" for reply in _REPLY),
        f"{_USAGE}#service_tier",  # from the names of the buckets
        *_requested("service_tier", "serviceTier"),
    ),
    "speed": (f"{_PARAMETERS}#speed", *_requested("speed")),
    "region": (f"{_PARAMETERS}#inference_geo", *_requested("inference_geo", "inferenceGeo")),
    "search_context_size": (
        f"{_PARAMETERS}#web_search_options/search_context_size",
        *_requested("web_search_options/search_context_size"),
    ),
    "cache_hit": ("hidden_params#cache_hit",),  # LiteLLM 1
    "address": _requested("base_url", "api_base", "openai_api_base"),  # OpenInference's spans of the OpenAI Agents SDK
    "model": (
        *(f"{meta}model" for meta in _META),
        *_requested("model", "model_name", "model_id"),
        f"{ABOVE}#model",
        f"{_TTS}metadata/model_name",
    ),
}
"""The same, inside JSON; asked where no attribute of its own says it."""

TOOL_CALL_ID = "gen_ai.tool.call.id"

SCOPED_RESPONSE_IDS: dict[str, str] = {
    "request_id": "com.anthropic.claude_code",
    "gen_ai.request.id": "vllm",
    "response_id": "logfire.openai_agents",
}
"""Keys that hold the response id for one scope only; elsewhere they name an application's request, which has many calls."""

ANSWER_FACTS = "spanledger.answer"
"""What the provider's answer told, as JSON, where the answer itself is content and not kept."""
PROVIDER_METADATA: tuple[str, ...] = (_PROVIDER_METADATA, "gen_ai.response.provider_metadata", "ai.response.provider_metadata")
"""Objects in which the AI SDK keeps, by provider, what that provider told beside the usage."""
OWN_USAGES: tuple[str, ...] = ("gen_ai.usage.raw",)
"""The provider's own usage, without the answer around it: logfire's."""
ASKED = "input.value"
"""Quotes the whole request: OpenInference tells there what its parameters leave out."""
SAID = "gen_ai.output.messages"
"""Quotes what was said, and of pydantic-ai what the provider's own tools did."""
CALLED = "ai.response.toolCalls"
"""Lists the calls of tools: of a provider's own tools the AI SDK 5 and 6 have nothing else."""
ITERATIONS: tuple[str, ...] = ("metadata",)
"""Objects that may list the steps of Anthropic's usage: OpenInference's."""
STEP_ANSWER = "mastra.metadata.body"
"""Quotes the answer to the call below; the calls of the provider's own tools have spans beside it."""
ANSWERS: tuple[str, ...] = (
    "output.value",  # OpenInference
    "langfuse.observation.output",
    "genkit:output",
    "response_data",  # logfire
    "gen_ai.completion",  # LangSmith
    "lmnr.span.output",
    "mlflow.spanOutputs",
    "gcp.vertex.agent.llm_response",
    "llm.raw_response",
    "gen_ai.response.raw",
    STEP_ANSWER,
    SAID,
    CALLED,
    ASKED,
)
"""Attributes that may quote the provider's answer with its usage: attribution/conventions/answers.py reads it, whoever quotes it."""

QUOTED_RESPONSE_IDS: dict[str, tuple[str, ...]] = {
    "output.value": ("openinference", "@arizeai/openinference"),
    "gen_ai.completion": ("langsmith",),
}
"""Keys that quote the answer, by the beginnings of scopes, Python's and JavaScript's. These name the response nowhere else;
without its id, their span and that of the provider's SDK could not be told to be one call."""

TOLD_IN_CONTENT: dict[str, tuple[str, ...]] = {
    _COMPONENT: ("haystack.component.run", "haystack.chat_generator.run"),
    _STEP: ("haystack.agent.step.llm",),
}
"""Keys of content that tell the model and the usage, which such spans tell nowhere else, by name of the span. The store drops
content: what is read from it again keeps what it was stored with."""

COUNTS: dict[str, tuple[str, ...]] = {
    "input_tokens": (
        *(f"{_USAGE}#{name}" for name in ("input", "prompt_tokens", "input_tokens")),
        f"{_GEN_AI}input_tokens",
        f"{_GEN_AI}prompt_tokens",
        "llm.usage.prompt_tokens",
        f"{_LLM}prompt",
        f"{_AI}inputTokens",
        f"{_AI}promptTokens",  # AI SDK 4
        f"{_AI}tokens",  # embeddings
        f"{_MLFLOW}#input_tokens",
        "decision.token_count.input",
        "input_tokens",  # Claude Code
        "input_token_count",  # log events of Codex, Gemini CLI, Qwen Code
        *(f"{_EVENT}{name}" for name in ("prompt_tokens", "input_tokens")),
        f"{_GOOGLE_EVENT}prompt_token_count",
        f"{EVENTS}response.additional_kwargs.prompt_tokens",
        *(f"{meta}usage/prompt_tokens" for meta in _META),
        *(f"gen_ai.response.{name}" for name in ("input_tokens", "prompt_tokens")),  # .NET before mid-2025
        f"{_TTS}input_tokens",
    ),
    "output_tokens": (
        *(f"{_USAGE}#{name}" for name in ("output", "completion_tokens", "output_tokens")),
        f"{_GEN_AI}output_tokens",
        f"{_GEN_AI}completion_tokens",
        "llm.usage.completion_tokens",
        f"{_LLM}completion",
        f"{_AI}outputTokens",
        f"{_AI}completionTokens",
        f"{_MLFLOW}#output_tokens",
        "decision.token_count.output",
        "output_tokens",
        "output_token_count",
        *(f"{_EVENT}{name}" for name in ("completion_tokens", "output_tokens")),
        f"{_GOOGLE_EVENT}candidates_token_count",
        f"{EVENTS}response.additional_kwargs.completion_tokens",
        *(f"{meta}usage/completion_tokens" for meta in _META),
        *(f"gen_ai.response.{name}" for name in ("output_tokens", "completion_tokens")),
        f"{_TTS}output_tokens",
    ),
    "cache_read_tokens": (
        *(
            f"{_USAGE}#{name}"
            for name in ("input_cache_read", "cache_read_input_tokens", "input_cached_tokens", "cache_read", "cached_tokens")
        ),
        f"{_USAGE}#prompt_tokens_details/cached_tokens",
        f"{_USAGE}#input_tokens_details/cached_tokens",
        f"{_GEN_AI}cache_read.input_tokens",
        f"{_GEN_AI}cache_read_input_tokens",
        f"{_GEN_AI}prompt_tokens_details.cached_tokens",
        f"{_GEN_AI}cached_tokens",
        f"{_LLM}prompt_details.cache_read",
        f"{_LLM}prompt_details.cache_input",
        f"{_AI}inputTokenDetails.cacheReadTokens",
        f"{_AI}cachedInputTokens",
        f"{_MLFLOW}#cache_read_input_tokens",
        f"{_LANGCHAIN}#input_token_details/cache_read",
        f"{_LITELLM}#prompt_tokens_details/cached_tokens",
        "cache_read_tokens",
        *("cached_token_count", "cached_content_token_count"),  # Codex; Gemini CLI, Qwen Code
        *(f"{_EVENT}{name}.cached_tokens" for name in ("prompt_tokens_details", "input_tokens_details")),
        f"{_EVENT}cache_read_input_tokens",
        f"{_GOOGLE_EVENT}cached_content_token_count",
        *(f"{meta}usage/prompt_tokens_details/cached_tokens" for meta in _META),
        *(f"{reply}usage/{name}" for reply in _REPLY for name in ("cache_read_input_tokens", "cached_content_token_count")),
        *(
            f"{_GEN_AI}{name}"
            for name in (
                *("cache_read_tokens", "input_tokens.cached", "input_cached_tokens", "cached_input_tokens", "input_tokens_cached"),
                *("input_tokens_details.cached_tokens", "input_token_details.cached_tokens", "prompt_cache_hit_tokens"),
                *("input_tokens.cache_read", "input_cache_read_tokens", "cached_content_tokens"),
            )
        ),
        f"{_GEN_AI}input_token_details#cache_read",  # LangSmith, as Python prints it
        *(f"{_DETAILS}{name}" for name in ("cache_read_tokens", "cache_read_input_tokens", "cached_tokens", "prompt_cache_hit_tokens")),
        f"{_DETAILS}cached_content_tokens",
        f"{_LLM}cache_read",  # Cursor
        f"{_LLM}prompt_details.cached_tokens",
    ),
    "cache_write_tokens": (
        *(f"{_USAGE}#{name}" for name in ("input_cache_creation", "cache_creation_input_tokens", "input_cache_write", "cache_write")),
        f"{_GEN_AI}cache_write.input_tokens",
        f"{_GEN_AI}cache_creation.input_tokens",  # its name until 2026; never both added
        f"{_GEN_AI}cache_creation_input_tokens",
        f"{_GEN_AI}cache_write_input_tokens",
        f"{_LLM}prompt_details.cache_write",
        f"{_AI}inputTokenDetails.cacheWriteTokens",
        f"{_PROVIDER_METADATA}#anthropic/cacheCreationInputTokens",
        f"{_MLFLOW}#cache_creation_input_tokens",
        f"{_LANGCHAIN}#input_token_details/cache_creation",
        f"{_LITELLM}#cache_creation_input_tokens",
        *("cache_creation_tokens", "cache_write_token_count"),
        f"{_EVENT}cache_creation_input_tokens",
        f"{_EVENT}prompt_tokens_details.cache_write_tokens",
        *(f"{reply}usage/cache_creation_input_tokens" for reply in _REPLY),
        *(
            f"{_GEN_AI}{name}"
            for name in (
                *("cache_write_tokens", "cache_creation_tokens", "input_tokens.cache_write", "input_tokens.cache_creation"),
                *("input_cache_write_tokens", "input_cache_creation_tokens", "prompt_tokens_details.cache_write_tokens"),
            )
        ),
        f"{_GEN_AI}input_token_details#cache_creation",
        *(f"{_DETAILS}{name}" for name in ("cache_write_tokens", "cache_creation_input_tokens", "cache_creation_tokens")),
        f"{_LLM}cache_write",
    ),
    "cache_write_5m_tokens": (
        f"{_USAGE}#input_cache_creation_5m",
        f"{_USAGE}#cache_creation/ephemeral_5m_input_tokens",
        f"{_GEN_AI}details.ephemeral_5m_input_tokens",
        "anthropic.usage.cache_creation.ephemeral_5m_input_tokens",  # the Anthropic SDK's own spans
        f"{_LANGCHAIN}#input_token_details/ephemeral_5m_input_tokens",
        f"{_LITELLM}#prompt_tokens_details/cache_creation_token_details/ephemeral_5m_input_tokens",
        f"{_PROVIDER_METADATA}#anthropic/usage/cache_creation/ephemeral_5m_input_tokens",
        "cache_creation_5m_tokens",
        f"{_EVENT}cache_creation.ephemeral_5m_input_tokens",
        *(f"{reply}usage/cache_creation/ephemeral_5m_input_tokens" for reply in _REPLY),
        f"{_GEN_AI}input_token_details#ephemeral_5m_input_tokens",
        *(f"{_GEN_AI}{name}.ephemeral_5m_input_tokens" for name in ("cache_creation", "cache_write")),
        *(f"{_USAGE}#{name}_ephemeral_5m_input_tokens" for name in ("cache_creation", "input")),
    ),
    "cache_write_1h_tokens": (
        f"{_USAGE}#input_cache_creation_1h",
        f"{_USAGE}#cache_creation/ephemeral_1h_input_tokens",
        f"{_GEN_AI}details.ephemeral_1h_input_tokens",  # pydantic-ai
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens",
        f"{_LANGCHAIN}#input_token_details/ephemeral_1h_input_tokens",
        f"{_LITELLM}#prompt_tokens_details/cache_creation_token_details/ephemeral_1h_input_tokens",
        f"{_PROVIDER_METADATA}#anthropic/usage/cache_creation/ephemeral_1h_input_tokens",
        "cache_creation_1h_tokens",
        f"{_EVENT}cache_creation.ephemeral_1h_input_tokens",
        *(f"{reply}usage/cache_creation/ephemeral_1h_input_tokens" for reply in _REPLY),
        *(f"{_GEN_AI}input_token_details#ephemeral_{hour}_input_tokens" for hour in ("1h", "1hr")),  # 1hr: LangSmith JS
        *(f"{_GEN_AI}{name}.ephemeral_1h_input_tokens" for name in ("cache_creation", "cache_write")),
        *(f"{_USAGE}#{name}_ephemeral_1h_input_tokens" for name in ("cache_creation", "input")),
    ),
    "reasoning_tokens": (
        *(f"{_USAGE}#{name}" for name in ("output_reasoning", "output_reasoning_tokens", "reasoning_tokens", "reasoning")),
        f"{_USAGE}#completion_tokens_details/reasoning_tokens",
        f"{_USAGE}#output_tokens_details/reasoning_tokens",
        f"{_GEN_AI}reasoning.output_tokens",
        f"{_GEN_AI}reasoning_tokens",
        f"{_GEN_AI}completion_tokens_details.reasoning_tokens",
        f"{_LLM}completion_details.reasoning",
        f"{_AI}reasoningTokens",
        f"{_AI}outputTokenDetails.reasoningTokens",
        f"{_LANGCHAIN}#output_token_details/reasoning",
        f"{_LITELLM}#completion_tokens_details/reasoning_tokens",
        *(f"{_EVENT}{name}.reasoning_tokens" for name in ("completion_tokens_details", "output_tokens_details")),
        f"{_GOOGLE_EVENT}thoughts_token_count",
        *(f"{meta}usage/completion_tokens_details/reasoning_tokens" for meta in _META),
        *(f"{reply}usage/thoughts_token_count" for reply in _REPLY),
        *(f"{_GEN_AI}{name}" for name in ("output_tokens.reasoning", "output_reasoning_tokens", "output_tokens_details.reasoning_tokens")),
        *(f"{_GEN_AI}{name}" for name in ("thoughts_tokens", "thinking_tokens", "thoughts_token_count", "reasoning_output_tokens")),
        f"{_GEN_AI}output_token_details#reasoning",
        *(f"{_DETAILS}{name}" for name in ("reasoning_tokens", "thoughts_tokens")),
        "codex.usage.reasoning_output_tokens",
        *("reasoning_token_count", "thoughts_token_count"),  # Codex; Gemini CLI, Qwen Code
    ),
    "input_audio_tokens": (
        f"{_USAGE}#input_audio",
        f"{_USAGE}#input_audio_tokens",
        f"{_USAGE}#prompt_tokens_details/audio_tokens",
        f"{_GEN_AI}audio.input_tokens",
        f"{_LLM}prompt_details.audio",
        f"{_LITELLM}#prompt_tokens_details/audio_tokens",
        f"{_EVENT}prompt_tokens_details.audio_tokens",
        f"{_GEN_AI}input_audio_tokens",  # LiveKit
        f"{_GEN_AI}prompt_tokens_details.audio_tokens",
        f"{_GEN_AI}input_token_details#audio",
        *(f"{_DETAILS}{name}" for name in ("input_audio_tokens", "audio_prompt_tokens")),
    ),
    "input_image_tokens": (
        f"{_USAGE}#input_image",
        f"{_USAGE}#input_image_tokens",
        f"{_GEN_AI}image.input_tokens",
        f"{_GEN_AI}input_image_tokens",
        *(f"{_DETAILS}{name}" for name in ("input_image_tokens", "image_prompt_tokens")),
    ),
    "input_video_tokens": (
        f"{_USAGE}#input_video",
        f"{_GEN_AI}video.input_tokens",
        f"{_GEN_AI}input_video_tokens",
        f"{_DETAILS}video_prompt_tokens",
    ),
    "cache_audio_read_tokens": (
        f"{_GEN_AI}audio.cache_read.input_tokens",
        f"{_GEN_AI}input_cached_audio_tokens",
        *(f"{_DETAILS}{name}" for name in ("cache_audio_read_tokens", "audio_cache_tokens")),
    ),
    "cache_image_read_tokens": (
        f"{_GEN_AI}image.cache_read.input_tokens",
        f"{_GEN_AI}input_cached_image_tokens",
    ),
    "output_audio_tokens": (
        f"{_USAGE}#output_audio",
        f"{_USAGE}#output_audio_tokens",
        f"{_USAGE}#completion_tokens_details/audio_tokens",
        f"{_GEN_AI}audio.output_tokens",
        f"{_LLM}completion_details.audio",
        f"{_EVENT}completion_tokens_details.audio_tokens",
        f"{_GEN_AI}output_audio_tokens",
        f"{_GEN_AI}completion_tokens_details.audio_tokens",
        f"{_GEN_AI}output_token_details#audio",
        *(f"{_DETAILS}{name}" for name in ("output_audio_tokens", "audio_candidates_tokens")),
    ),
    "output_image_tokens": (
        f"{_USAGE}#output_image",
        f"{_USAGE}#output_image_tokens",
        f"{_GEN_AI}image.output_tokens",
        f"{_GEN_AI}output_image_tokens",
        *(f"{_DETAILS}{name}" for name in ("output_image_tokens", "image_candidates_tokens")),
    ),
    "output_video_tokens": (f"{_USAGE}#output_video", f"{_GEN_AI}video.output_tokens"),
    "total_tokens": (
        f"{_USAGE}#total",
        f"{_USAGE}#total_tokens",
        f"{_GEN_AI}total_tokens",
        "llm.usage.total_tokens",
        f"{_LLM}total",
        f"{_AI}totalTokens",
        f"{_MLFLOW}#total_tokens",
        f"{_EVENT}total_tokens",
        f"{_GOOGLE_EVENT}total_token_count",
        *(f"{meta}usage/total_tokens" for meta in _META),
        *("total_token_count", "codex.usage.total_tokens"),
    ),
    "tool_input_tokens": ("tool_token_count",),  # Gemini CLI, beside its input; of Codex it is the total
}
"""As emitted: attribution/conventions/tokens.py makes wholes and parts of them."""

UNITS: dict[str, tuple[str, ...]] = {
    "web_search_requests": (
        f"{_GEN_AI}details.web_search_requests",
        "metadata#server_tool_use/web_search_requests",  # OpenInference Anthropic
        f"{_USAGE}#server_tool_use/web_search_requests",
        f"{_GEN_AI}server_tool_use.web_search_requests",
        f"{_GEN_AI}web_search_requests",
        f"{_GEN_AI}web_searches",
        f"{_DETAILS}server_side_tools_web_search",  # pydantic-ai, of xAI
        f"{_LITELLM}#server_tool_use/web_search_requests",
        f"{_EVENT}server_tool_use.web_search_requests",
        *(f"{reply}usage/server_tool_use/web_search_requests" for reply in _REPLY),
    ),
    "compaction_input_tokens": ("anthropic.usage.compaction.input_tokens",),  # the Anthropic SDK's own spans: cache and all, not split
    "compaction_output_tokens": ("anthropic.usage.compaction.output_tokens",),
    "sources": (f"{_DETAILS}num_sources_used",),  # of xAI's live search
    "x_searches": (f"{_DETAILS}server_side_tools_x_search",),
    "code_executions": (f"{_DETAILS}server_side_tools_code_execution",),
    "images": ("image_count", f"{_GEN_AI}images"),
    "characters": (f"{_GEN_AI}characters", f"{_GEN_AI}input_characters", f"{_TTS}characters_count"),
    "seconds": (
        f"{_GEN_AI}seconds",
        f"{_GEN_AI}audio_seconds",
        f"{_GEN_AI}duration_seconds",
        "gen_ai.request.audio_duration",
        "gen_ai.response.audio.duration",
        f"{_REALTIME}session_duration",
    ),
    "pages": (f"{_GEN_AI}pages",),
    "searches": (f"{_GEN_AI}search_units", f"{_GEN_AI}searchUnits"),
    "file_searches": (f"{_GEN_AI}file_search_requests", f"{_DETAILS}file_search_requests", f"{_GEN_AI}file_searches"),
}

TOOLS_CALLED: dict[str, dict[str, str]] = {
    "openai.response.built_in_tools": {"web_search": "web_search_requests", "file_search": "file_searches"},  # OpenLIT
}
"""Keys that name each call of a provider's own tools, with commas between them, and what calls of a tool count as."""

COSTS: tuple[str, ...] = (
    f"{_COST}#total",
    "litellm.cost.total",
    "gen_ai.cost.total_cost",  # LiteLLM 1
    "operation.cost",  # pydantic-ai, logfire
    "llm.cost.total",
    "gen_ai.usage.cost",
    "gen_ai.usage.total_cost",
    "mlflow.llm.cost#total_cost",
    "opencode.llm.cost.total",
    "gen_ai.usage.cost.amount",
    "gen_ai.usage.cost.total",
    "gen_ai.cost.total",
    "gen_ai.cost.amount",
    "llm.usage.cost",
    "llm.usage.total_cost",
    "gen_ai.usage.cost_usd",
    "openrouter.cost",
    "lk.llm.cost",
    "cost_usd",  # Claude Code's log event
)
"""USD for the whole span; the first above zero."""

RECKONED_COSTS: frozenset[str] = frozenset({"operation.cost"})
"""Costs that the emitter worked out by the price book that is ours too (pydantic-ai, logfire), and no provider told."""

COST_PARTS: tuple[tuple[str, ...], ...] = (
    (f"{_COST}#*",),  # every bucket
    ("litellm.cost.input", "litellm.cost.output", "litellm.cost.tool_usage"),
    ("gen_ai.cost.input_cost", "gen_ai.cost.output_cost"),
    ("gen_ai.usage.input_cost", "gen_ai.usage.output_cost"),  # Laminar
    ("gen_ai.usage.cost.input", "gen_ai.usage.cost.output"),
    ("gen_ai.cost.input", "gen_ai.cost.output"),
    ("llm.cost.prompt", "llm.cost.completion"),
    ("mlflow.llm.cost#input_cost", "mlflow.llm.cost#output_cost"),
)
"""Disjoint parts that make the whole where no total is given; the first set with a sum above zero."""

CURRENCIES: tuple[str, ...] = ("gen_ai.usage.cost.currency", "gen_ai.cost.currency", "gen_ai.usage.cost_currency")
"""In what currency the cost is told; USD where nothing says."""

CREDITS: dict[str, Decimal] = {
    "github.copilot.nano_aiu": Decimal("1e-11"),  # GitHub's credit costs 0.01 USD, and is told in billionths
    f"{_DETAILS}cost_in_usd_ticks": Decimal("1e-10"),  # pydantic-ai, of xAI
}
"""Keys that count credits, and what one of what they count is worth in USD."""

CALL_EVENTS: dict[str, str] = {
    "api_request": "chat",  # Claude Code, whose body says claude_code.api_request
    "claude_code.api_request": "chat",
    "codex.sse_event": "chat",
    "codex.websocket_event": "chat",
    "gemini_cli.api_response": "chat",
    "qwen-code.api_response": "chat",
}
"""Names of log events that tell of a call, and what is called. Others do where they name an operation of OpenTelemetry's and tell usage."""
EVENT_KINDS: dict[str, str] = {"codex.sse_event": "response.completed", "codex.websocket_event": "response.completed"}
"""Events that are sent for every piece of an answer: the `event.kind` of the one that has the usage."""
OWN_EVENTS: tuple[str, ...] = ("gemini-cli", "gemini_cli", "qwen-code")
"""How scopes begin that tell each call twice: in an event of CALL_EVENTS, which knows more, and in OpenTelemetry's."""
EVENT_DURATIONS: tuple[str, ...] = ("duration_ms",)
"""How long the call took that an event tells of when it has ended, in milliseconds."""
EVENT_SESSIONS: tuple[str, ...] = ("session.id", "conversation.id", "gen_ai.conversation.id")
EVENT_PROMPTS: tuple[str, ...] = ("prompt.id", "prompt_id", "turn.id", "turn_id")
"""What a person asked: events of one of them, in one session, make a trace where they name none."""

METRICS: dict[str, str] = {
    "claude_code.token.usage": "tokens",
    "claude_code.cost.usage": "usd",
    "gemini_cli.token.usage": "tokens",
    "qwen-code.token.usage": "tokens",
    "codex.turn.token_usage": "tokens",
    "gen_ai.client.token.usage": "tokens",
    "gen_ai.client.cost": "usd",
}
"""Metrics that count what calls used, and in what unit: totals to hold the records against, never added to them."""
METRIC_TOKEN_TYPES: tuple[str, ...] = ("gen_ai.token.type", "type", "token_type")
METRIC_MODELS: tuple[str, ...] = ("gen_ai.response.model", "gen_ai.request.model", "model")
TOKEN_TYPES: dict[str, str] = {
    "input": "input",
    "prompt": "input",
    "output": "output",
    "completion": "output",
    "cacheread": "cache_read",
    "cache_read": "cache_read",
    "cached_input": "cache_read",
    "cache": "cache_read",
    "cachecreation": "cache_write",
    "cache_creation": "cache_write",
    "cache_write": "cache_write",
    "cache_write_input": "cache_write",
    "thought": "reasoning",
    "reasoning": "reasoning",
    "reasoning_output": "reasoning",
    "tool": "tool",
    "total": "total",
}
"""What metrics call the kinds of tokens, in lower case."""

STRANDS_TIME = "gen_ai.event.start_time"
"""Strands' own, in Python and in TypeScript."""

IGNORED_USAGE: tuple[str, ...] = (
    "gen_ai.usage.partial.input_tokens",
    "gen_ai.usage.partial.output_tokens",
    "pydantic_ai.decision.usage.input_tokens",
    "pydantic_ai.decision.usage.output_tokens",
)
"""Keys whose presence says that another span bears this one's figures: the root of logfire's Claude SDK, pydantic-ai's chat."""

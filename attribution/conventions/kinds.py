"""Leaf, aggregate or neither: what the kinds that emitters write on their spans mean.

A leaf is one call that somebody bills. Everything else that carries figures repeats the calls below it, and so does a
span of a kind that nobody here knows: it is billed when nothing below it is, which loses nothing and counts nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attribution.conventions.table import CALL_EVENTS

Verdict = Literal["leaf", "repeats", "tool", "never", "untold"]
"""leaf: one billed call. repeats: its figures are those of calls below. tool: a tool call; what it costs is its own fee.
never: its figures stand on another span. untold: no kind given, the figures decide."""

_GEN_AI_LEAVES = {
    "chat": "chat",
    "realtime_inference": "chat",
    "generate_live_content": "generate_content",
    "llm_call": "chat",
    "generate_content": "generate_content",
    "text_completion": "text_completion",
    "completion": "text_completion",
    "responses": "chat",
    "messages": "chat",
    "embeddings": "embeddings",
    "embedding": "embeddings",
    "embed": "embeddings",
    "rerank": "rerank",
    "image_generation": "image_generation",
    "image": "image_generation",
    "speech": "speech",
    "text_to_speech": "speech",
    "transcription": "transcription",
    "transcribe": "transcription",
    "speech_to_text": "transcription",
    "audio": "speech",
}
_LEAVES: dict[str, Mapping[str, str]] = {
    "langfuse.observation.type": {"generation": "chat", "embedding": "embeddings"},
    "openinference.span.kind": {"llm": "chat", "embedding": "embeddings", "reranker": "rerank", "decision": "decide"},
    "gen_ai.operation.name": _GEN_AI_LEAVES,
    "gen_ai.span.kind": {"llm": "chat", "embedding": "embeddings", "reranker": "rerank"},
    "llm.request.type": {"chat": "chat", "completion": "text_completion", "rerank": "rerank", "embedding": "embeddings"},
    "langsmith.span.kind": {"llm": "chat", "embedding": "embeddings"},
    "mlflow.spanType": {"llm": "chat", "chat_model": "chat", "embedding": "embeddings", "reranker": "rerank"},
    "mastra.span.type": {"model_inference": "chat"},
    "genkit:metadata:subtype": {"model": "chat", "embedder": "embeddings", "reranker": "rerank"},
    "span.type": {"llm_request": "chat"},
    "event.name": CALL_EVENTS,
    "ag2.usage.kind": {"compaction": "chat", "aggregation": "chat"},
    "events@class_name": {
        **dict.fromkeys(("llmchatstartevent", "llmchatinprogressevent", "llmchatendevent"), "chat"),
        **dict.fromkeys(("llmcompletionstartevent", "llmcompletioninprogressevent", "llmcompletionendevent"), "text_completion"),
        **dict.fromkeys(("embeddingstartevent", "embeddingendevent"), "embeddings"),
    },
}
_OPERATIONS = {
    "agent": "invoke_agent",
    "tool": "execute_tool",
    "workflow": "invoke_workflow",
    "retriever": "retrieval",
    "interaction": "invoke_agent",
    "agent_call": "invoke_agent",
    "tool_call": "execute_tool",
}
"""What other kinds are called, where OpenTelemetry has a name."""

_NEVER_OPERATIONS = frozenset({"fetch_response", "decide"})
"""Read back or repeat a call that another span reports."""
_PLACEHOLDERS = {"logfire.span_type": "pending_span", "ag2.span.type": "usage"}
"""Spans that stand for others: logfire sends one at the start of each, ag2 one beside each call with the same usage;
but for what ag2 calls by itself (it compacts history, it joins answers), that one is all there is."""
_QUOTING = {"mastra.span.type": "model_step"}
"""Spans that quote the answer to the call right below them, whose figures stand there."""
_TOTALS = {"mastra.span.type": "model_generation"}
"""Spans that call themselves a call and hold the total of a whole loop of them."""
_ASIDE = frozenset({"event.name", "logfire.span_type", "ag2.usage.kind", "ag2.span.type", "mastra.span.type"})
"""Kinds of which only these values say anything; of others the standard keys on the same span do."""
_SILENT = frozenset({"", "unknown", "none"})
"""Kinds that say nothing: the next one is asked."""

_NEVER_NAMES = frozenset({"raw_gen_ai_request"})
"""LiteLLM's copy of the request that `litellm_request` above it reports."""
REPEATING_NAMES = frozenset({"call_llm", "Received Proxy Server Request"})
"""Google ADK's schema 1 around `generate_content`; LiteLLM's proxy around `litellm_request`. Where no such span is, they are the call."""
_CALLS: Mapping[str, tuple[str, str]] = {
    "llm_request": ("vllm", "chat"),
    "tts_request": ("livekit", "speech"),
    "bedrock.completion": ("@traceloop/instrumentation-bedrock", "chat"),  # what it cannot read, Converse among it, keeps this name
}
"""By name calls that no kind marks: how their scopes begin, and their operation."""
_BEDROCK_NAMES = frozenset({"bedrock.invoke_model", "bedrock.invoke_model_with_response_stream", "bedrock.converse"})
TELLING_NAMES = _NEVER_NAMES | REPEATING_NAMES | _BEDROCK_NAMES | _CALLS.keys()
"""Span names that a rule looks at."""

GATEWAYS_OR_LIBRARIES = frozenset({"litellm"})
"""Scopes of gateways that also run as a library inside the application, whose resource is then the application's."""
GATEWAY_SCOPES = GATEWAYS_OR_LIBRARIES | {"envoyproxy/ai-gateway", "agentgateway", "kong-gateway", "bifrost", "portkey-gateway"}
"""Scopes of gateways: what they record their callers may record too."""


def leaf_kinds(key: str) -> list[str]:
    """The values of a kind that are model calls, in lower case."""
    return list(_LEAVES.get(key, {}))


def classify(kinds: Mapping[str, str], scope: str, name: str, *, borne_elsewhere: bool) -> tuple[Verdict, str]:
    """Verdict and operation from the kinds that a span has, in the order of the table."""
    if name in _NEVER_NAMES:
        return "never", ""
    verdict, operation = _by_kinds(_without_derived(kinds))
    if borne_elsewhere:
        return "never", operation
    if name in REPEATING_NAMES and verdict != "tool":
        return "repeats", operation
    if name in _CALLS and scope.startswith(_CALLS[name][0]):
        return "leaf", _CALLS[name][1]
    return verdict, operation


def is_quoting(kinds: Mapping[str, str]) -> bool:
    """Whether the answer that a span quotes is that of the call right below it."""
    return any(kinds.get(key, "").lower() == kind for key, kind in _QUOTING.items())


def _without_derived(kinds: Mapping[str, str]) -> Mapping[str, str]:
    """LangSmith derives the operation from its own kind and calls retrievers `embeddings`, prompts `chat`: its kind decides."""
    own = kinds.get("langsmith.span.kind", "").lower()
    if own in _SILENT:
        return kinds
    return {key: kind for key, kind in kinds.items() if key != "gen_ai.operation.name"}


def _by_kinds(kinds: Mapping[str, str]) -> tuple[Verdict, str]:
    for key, kind in kinds.items():
        value = kind.lower()
        if value in _SILENT:
            continue
        if value in {_PLACEHOLDERS.get(key), _QUOTING.get(key)}:
            return "never", ""
        if _TOTALS.get(key) == value:
            return "repeats", "chat"
        if key in _ASIDE and value not in _LEAVES.get(key, {}):
            continue
        if key == "ai.operationId":
            return _ai_sdk(kind)
        operation = _LEAVES.get(key, {}).get(value)
        if operation:
            return "leaf", operation
        return _not_leaf(key, value)
    return "untold", ""


def _not_leaf(key: str, value: str) -> tuple[Verdict, str]:
    operation = _OPERATIONS.get(value, value)
    if operation == "execute_tool":
        return "tool", operation
    if operation in _NEVER_OPERATIONS and key == "gen_ai.operation.name":
        return "never", operation
    return "repeats", operation


def _ai_sdk(operation: str) -> tuple[Verdict, str]:
    """`ai.generateText` repeats what `ai.generateText.doGenerate` below it used."""
    if operation.startswith("ai.toolCall"):
        return "tool", "execute_tool"
    lowered = operation.lower()
    kind = "embeddings" if "embed" in lowered else "rerank" if "rerank" in lowered else "chat"
    return ("leaf", kind) if ".do" in operation else ("repeats", "chain")

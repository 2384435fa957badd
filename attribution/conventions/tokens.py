"""From the counts that emitters write to wholes and parts of them.

Emitters disagree on whether the input includes the cache and whether the output includes reasoning; it depends on who
wrote the span, not on the key.
"""

from __future__ import annotations

from dataclasses import dataclass

Counts = list[int | None]

NAMES: tuple[str, ...] = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "reasoning_tokens",
    "input_audio_tokens",
    "input_image_tokens",
    "input_video_tokens",
    "cache_audio_read_tokens",
    "cache_image_read_tokens",
    "output_audio_tokens",
    "output_image_tokens",
    "output_video_tokens",
    "total_tokens",
    "cache_write_5m_tokens",
    "tool_input_tokens",
)
"""Positions in a list of counts; the first fourteen are those of Reading, in its order."""
(INPUT, OUTPUT, READ, WRITE, WRITE_1H, REASONING) = range(6)
_CACHE, _INPUT_MEDIA, OUTPUT_MEDIA = slice(2, 4), slice(6, 9), slice(11, 14)
(TOTAL, WRITE_5M, TOOL_INPUT) = (14, 15, 16)
READING_COUNTS = 14

_TRACELOOP_GEMINI = frozenset({"opentelemetry.instrumentation.google_generativeai", "opentelemetry.instrumentation.vertexai"})
_TRACELOOP_ANTHROPIC = "opentelemetry.instrumentation.anthropic"
_GEMINI_CLI_EVENT = "gemini_cli.api_response"
_LLAMA_INDEX = "llamaindex.opentelemetry.tracer"
CLAUDE_CODE_SCOPE = "com.anthropic.claude_code"
CLAUDE_CODE_EVENTS = frozenset({"api_request", "claude_code.api_request"})


@dataclass(frozen=True, slots=True)
class Emitter:
    """How the emitter of a span counts."""

    excludes_cache: bool = False
    """Its input leaves out what was read from and written to the cache."""
    excludes_reasoning: bool = False
    """Its output leaves out reasoning."""
    total_tells_reasoning: bool = False
    """It has no count of reasoning, but its total includes it: Gemini's own total and xAI's do, whoever passes them on."""
    total_tells_output: bool = False
    """Of disjoint counts: reasoning was taken off an output that did not include it (xAI's), and the total alone tells what both were."""
    counts_tool_input: bool = False
    """Its input leaves out what tools put into the prompt, which stands beside it."""
    is_doubtful: bool = False
    """It counts the output of a stream's first event twice: OpenLLMetry's Anthropic does."""


_EXCLUSIVE_SCOPES = (
    "opentelemetry.instrumentation.bedrock",  # OpenLLMetry
    "opentelemetry.instrumentation.botocore",
    "opentelemetry.instrumentation.genai.bedrock",
    "@opentelemetry/instrumentation-aws-sdk",
    "@traceloop/instrumentation-bedrock",
    "@traceloop/instrumentation-anthropic",  # what Python's adds up, JavaScript's does not
    "io.opentelemetry.aws-sdk",
)
"""Beginnings of scopes that pass on Bedrock's or Anthropic's own counts, whose input leaves out the cache."""
_AG2 = "opentelemetry.instrumentation.ag2"
"""It passes on what each provider counts: Anthropic's and Bedrock's input without the cache, Gemini's output without its thoughts."""
_XAI_SCOPES = ("opentelemetry.instrumentation.genai.openai", "opentelemetry.instrumentation.openai_v2", "pydantic-ai")
"""Beginnings of scopes that pass on xAI's own counts without its total: the output of its chats leaves reasoning out."""
_STRANDS_PYTHON = "strands.telemetry.tracer"
"""It adds the cache to the input. TypeScript's, whose scope is the name of the service, passes on the provider's counts."""
_MASTRA_0 = "@mastra/otel"
"""Mastra before version 1, whose models are those of the AI SDK 5: they leave the cache out. Later ones are `@mastra/otel-exporter`."""
_OPENLIT_ANTHROPIC = "openlit.instrumentation.anthropic"
"""It passes on what Anthropic's client counts, whoever answers it: Vertex AI, DeepSeek."""
_OPENLIT_WHOLES = (
    *(f"openlit.instrumentation.{package}" for package in ("langchain", "litellm", "claude_agent_sdk")),
    _STRANDS_PYTHON,  # its own spans, which OpenLIT marks
)
"""Beginnings of OpenLIT's scopes in which all that the provider counts is added up already."""
_AGNO_SCOPE = "openinference.instrumentation.agno"


def emitter(
    scope: str,
    name: str,
    provider: str,
    model: str,
    *,
    openlit: bool,
    bare_claude_code: bool,
    mlflow: bool,
    strands: bool = False,
    event: str = "",
    api: str = "",
) -> Emitter:
    """What is known of the package that wrote the span; unknown ones are judged by their figures."""
    openlit = (openlit or scope.startswith("openlit")) and not scope.startswith(_OPENLIT_WHOLES)
    gemini = "gemini" in model.lower()
    return Emitter(
        excludes_cache=(
            bare_claude_code
            or scope.startswith(_EXCLUSIVE_SCOPES)
            or (scope == _AGNO_SCOPE and _counts_like_anthropic(provider, model))
            or (openlit and (provider in {"anthropic", "aws.bedrock"} or scope == _OPENLIT_ANTHROPIC))
            or (
                ((strands and scope != _STRANDS_PYTHON) or scope == _MASTRA_0)
                and provider in {"anthropic", "aws.bedrock"}
                and not model.startswith("anthropic/")  # OpenRouter's names: through OpenAI's client
            )
            or (scope in {_LLAMA_INDEX, _AG2} and provider in {"anthropic", "aws.bedrock"})
            or (scope.startswith("agent_framework") and provider == "anthropic")
            or (scope.startswith("openinference.instrumentation.bedrock") and _raw_bedrock(name, model))
        ),
        excludes_reasoning=(
            scope in _TRACELOOP_GEMINI
            or ((openlit or scope == _AG2) and provider.startswith("gcp."))
            or (mlflow and gemini)
            or event == _GEMINI_CLI_EVENT
            or (provider == "x_ai" and scope.startswith(_XAI_SCOPES) and api != "responses")
        ),
        total_tells_reasoning=scope in _TRACELOOP_GEMINI or gemini or provider == "x_ai",
        total_tells_output=provider == "x_ai",
        counts_tool_input=event == _GEMINI_CLI_EVENT,
        is_doubtful=scope == _TRACELOOP_ANTHROPIC,
    )


def _counts_like_anthropic(provider: str, model: str) -> bool:
    """Anthropic's API, Bedrock's, and Claude's wherever it is sold leave the cache out."""
    return provider in {"anthropic", "aws.bedrock"} or "claude" in model.lower()


def _raw_bedrock(name: str, model: str) -> bool:
    """OpenInference passes on the provider's own counts for Nova and for streams; it normalises Converse."""
    return name.startswith("bedrock.invoke_model") and ("nova" in model.lower() or "stream" in name)


TOTAL_SLACK = 2
"""Tokens, and percent, by which a total may be off."""


def normalise(counts: Counts, how: Emitter, *, disjoint: bool) -> bool:
    """Make `counts` wholes and parts, in place; whether the total tells of more than they do.

    `disjoint`: every bucket stands for itself (Langfuse), unless the total says that the cache is inside the input.
    """
    _complete_writes(counts)
    if disjoint and _total_includes_cache(counts):
        disjoint = False
    elif disjoint:
        _add_parts(counts, INPUT, _INPUT_MEDIA)
        _add_parts(counts, OUTPUT, OUTPUT_MEDIA)
    if how.counts_tool_input and counts[TOOL_INPUT]:
        counts[INPUT] = (counts[INPUT] or 0) + (counts[TOOL_INPUT] or 0)
    stated = counts[INPUT]
    if disjoint or how.excludes_cache or _figures_exclude_cache(counts):
        _add_parts(counts, INPUT, _CACHE)
    _settle_reasoning(counts, how, disjoint=disjoint, stated_input=counts[INPUT] if disjoint else stated)
    _cover_parts(counts)
    total = counts[TOTAL]
    if total is None or (counts[INPUT] is None and counts[OUTPUT] is None):
        return False
    return total - (counts[INPUT] or 0) - (counts[OUTPUT] or 0) > max(TOTAL_SLACK, total * TOTAL_SLACK // 100)


def _total_includes_cache(counts: Counts) -> bool:
    stated, cached = counts[INPUT] or 0, (counts[READ] or 0) + (counts[WRITE] or 0)
    return 0 < cached <= stated and counts[TOTAL] == stated + (counts[OUTPUT] or 0)


def _complete_writes(counts: Counts) -> None:
    """The split by lifetime gives the whole where the whole is missing or smaller."""
    split = (counts[WRITE_5M] or 0) + (counts[WRITE_1H] or 0)
    if split > (counts[WRITE] or 0):
        counts[WRITE] = split


def _figures_exclude_cache(counts: Counts) -> bool:
    cached = (counts[READ] or 0) + (counts[WRITE] or 0)
    if not cached:
        return False
    stated = counts[INPUT] or 0
    if cached > stated:
        return True
    # Where both are as many, what the total has beyond the counts is reasoning: those who leave the cache out tell none.
    return counts[TOTAL] == stated + (counts[OUTPUT] or 0) + cached and counts[REASONING] != cached


def _settle_reasoning(counts: Counts, how: Emitter, *, disjoint: bool, stated_input: int | None) -> None:
    total, output = counts[TOTAL], counts[OUTPUT] or 0
    beyond = 0 if total is None else total - (stated_input or 0) - output
    if how.total_tells_reasoning and counts[REASONING] is None and beyond > 0:
        counts[REASONING] = beyond
    reasoning = counts[REASONING]
    if not reasoning:
        return
    if disjoint and how.total_tells_output and beyond > reasoning:
        counts[OUTPUT] = output + beyond
        return
    if -beyond == reasoning <= output and total is not None:  # the emitter added what was inside already
        counts[OUTPUT] = output - reasoning
        return
    inside_by_total = disjoint and total == (counts[INPUT] or 0) + output
    outside = how.excludes_reasoning or beyond == reasoning or reasoning > output or disjoint
    if outside and not inside_by_total:
        counts[OUTPUT] = output + reasoning


def _cover_parts(counts: Counts) -> None:
    """A part cannot exceed its whole: if it does, it was not inside."""
    for whole, parts in ((INPUT, _INPUT_MEDIA), (OUTPUT, OUTPUT_MEDIA)):
        if any(counts[parts]) and sum(filter(None, counts[parts])) > (counts[whole] or 0):
            _add_parts(counts, whole, parts)


def _add_parts(counts: Counts, whole: int, parts: slice) -> None:
    known = [part for part in counts[parts] if part is not None]
    if known:
        counts[whole] = (counts[whole] or 0) + sum(known)

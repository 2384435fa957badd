"""What a provider's own answer tells of its use, whatever attribute quotes it: one reader for the shapes of all providers.

An answer is JSON: OpenAI's chat and Responses, Anthropic's, Gemini's, Bedrock's, Cohere's, Mistral's, DeepSeek's, Perplexity's and
OpenRouter's, as they came or wrapped by a framework (LangChain, Genkit, the AI SDK). Its usage is what the provider bills by, so it goes
before what the emitter made of it. Text that people and models wrote is never looked into: only the members named here are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from attribution.conventions import printed, values
from attribution.conventions.tokens import NAMES, OUTPUT_MEDIA, READING_COUNTS, Emitter, normalise

NODES_MAX = 64
"""Objects looked at within one answer: a wrapper has five."""
ITEMS_MAX = 256
"""Entries looked at in one list of an answer, the last ones: the last chunk of a stream has the usage."""
NAME_CHARACTERS_MAX = 200
"""Of the name of a model."""
DEPTH_MAX = 4
"""Levels of a usage: details of details."""

Told = dict[str, Any]
"""By field: counts (wholes and parts, as Reading has them), units, `cost`, `model`, and the texts of TEXTS."""
TEXTS = ("service_tier", "speed", "region", "search_context_size")
MODEL = "model"
"""What answered, by the name that the provider gives it."""
COMPACTION = "compaction_"
"""Begins the names of what Anthropic used to shorten the history before it answered: counts of their own, which the usage leaves out."""
COMPACTED = tuple(
    f"{COMPACTION}{name}" for name in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens")
)
UNITS = (
    *("web_search_requests", "search_queries", "map_prompts", "file_searches", "code_executions", "image_generations", "advisor_messages"),
    *("searches", "sources", "pages", "seconds", "images", *COMPACTED),
)
COUNTS = NAMES[:READING_COUNTS]
COST = "cost"
TOTAL = "total_tokens"
"""Where it is more than the counts: of an embedding or a rerank, which have no others, it is the input."""

_MARKS = (
    *("usage", "Usage", "billed_units", "billedUnits", '_call"', '_call\\"', "rounding", "nvocationMetrics", "ervice_tier", "erviceTier"),
    *('"cost"', '\\"cost\\"'),
)
"""An answer without any of these tells nothing: most of what models say is passed over without being parsed."""
_ENVELOPES = (
    *("raw", "rawResponse", "raw_response", "generations", "message", "kwargs", "response_metadata", "generation_info", "llm_output"),
    *("response", "result", "results", "body", "additional_kwargs", "custom", "meta", "data", "x_groq", "output"),
)
"""Members that wrap an answer. The innermost is asked first: it is the provider's own."""
_USAGES = (
    *("usage", "usage_metadata", "usageMetadata", "token_usage", "tokenUsage", "billed_units", "billedUnits", "usage_info", "usageInfo"),
    "amazon-bedrock-invocationMetrics",
)
"""Members that hold the use."""

_IN = ("prompt_tokens_details", "input_tokens_details", "input_token_details", "prompt_token_details")
_OUT = ("completion_tokens_details", "output_tokens_details", "output_token_details", "completion_token_details")
_MADE = ("candidates_tokens_details", "response_tokens_details")
"""Gemini's, which list the kinds that there are."""
_TIERS = ("flex", "priority", "batch", "fast", "scale")
"""Under which LangChain files what was used at a special price."""
_EXCLUSIVE = (
    *("cache_read_input_tokens", "cache_creation_input_tokens", "cache_write_input_tokens", "cache_creation", "cache_details"),
    *("cache_read_input_token_count", "cache_write_input_token_count"),
)
"""Members of a usage beside `input_tokens` that show Anthropic's and Bedrock's shape, whose input leaves out the cache."""


def _inside(details: Iterable[str], *names: str) -> tuple[tuple[str, ...], ...]:
    return tuple((detail, name) for detail in details for name in names)


_PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "input_tokens": (
        *(("billed_units", "input_tokens"), ("prompt_tokens",), ("input_tokens",), ("prompt_token_count",), ("input_token_count",)),
        ("input_text_token_count",),  # Bedrock's Titan
    ),
    "output_tokens": (
        *(("billed_units", "output_tokens"), ("completion_tokens",), ("output_tokens",), ("candidates_token_count",)),
        *(("response_token_count",), ("output_token_count",), ("generation_token_count",)),
    ),
    "cache_read_tokens": (
        *(("cache_read_input_tokens",), ("cache_read_input_token_count",), ("cached_content_token_count",)),
        *_inside(_IN, "cached_tokens", "cache_read", "cache_read_tokens", "cache_read_input_tokens"),
        *_inside(_IN, *(f"{tier}_cache_read" for tier in _TIERS)),
        *(("cached_input_tokens",), ("prompt_cache_hit_tokens",), ("num_cached_tokens",), ("cached_tokens",), ("cache_read_tokens",)),
        *(("cached_content_tokens",), ("cached_input_token_count",)),
    ),
    "cache_write_tokens": (
        *(("cache_creation_input_tokens",), ("cache_write_input_tokens",), ("cache_write_input_token_count",)),
        *_inside(_IN, "cache_creation", "cache_write_tokens", "cache_creation_tokens", "cache_write", "cache_write_input_tokens"),
        *_inside(_IN, *(f"{tier}_cache_creation" for tier in _TIERS)),
        ("cache_write_tokens",),
    ),
    "cache_write_5m_tokens": (
        *(("cache_creation", "ephemeral_5m_input_tokens"), *_inside(_IN, "ephemeral_5m_input_tokens")),
        *((detail, "cache_creation_token_details", "ephemeral_5m_input_tokens") for detail in _IN),
    ),
    "cache_write_1h_tokens": (
        *(("cache_creation", "ephemeral_1h_input_tokens"), *_inside(_IN, "ephemeral_1h_input_tokens", "ephemeral_1hr_input_tokens")),
        *((detail, "cache_creation_token_details", "ephemeral_1h_input_tokens") for detail in _IN),
        ("cache_details", "1h"),
    ),
    "reasoning_tokens": (
        *_inside(_OUT, "reasoning_tokens", "reasoning", *(f"{tier}_reasoning" for tier in _TIERS)),
        *(("thoughts_token_count",), ("thoughts_tokens",), ("reasoning_output_tokens",), ("reasoning_tokens",)),
    ),
    "input_audio_tokens": _inside(_IN, "audio_tokens", "audio"),
    "input_image_tokens": _inside(_IN, "image_tokens", "image"),
    "input_video_tokens": _inside(_IN, "video_tokens", "video"),
    "cache_audio_read_tokens": (
        *((detail, "cached_tokens_details", "audio_tokens") for detail in _IN),
        ("cache_tokens_details", "audio"),
    ),
    "cache_image_read_tokens": (
        *((detail, "cached_tokens_details", "image_tokens") for detail in _IN),
        ("cache_tokens_details", "image"),
    ),
    "output_audio_tokens": (*_inside(_OUT, "audio_tokens", "audio"), *_inside(_MADE, "audio")),
    "output_image_tokens": (*_inside(_OUT, "image_tokens", "image"), *_inside(_MADE, "image")),
    "output_video_tokens": (*_inside(_OUT, "video_tokens", "video"), *_inside(_MADE, "video")),
    "total_tokens": (("total_tokens",), ("total_token_count",)),
}
_UNIT_PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "web_search_requests": (("server_tool_use", "web_search_requests"),),
    "searches": (("billed_units", "search_units"), ("search_units",)),
    "pages": (("pages_processed",),),
    "seconds": (("seconds",), ("prompt_audio_seconds",)),
    "sources": (("num_sources_used",),),  # xAI's live search
}
_COST_PATHS = (("cost",), ("cost", "total_cost"), ("total_cost",), ("estimated_cost",))
"""OpenRouter's, Perplexity's, DeepInfra's."""
_TICKS = ("cost_in_usd_ticks",)
_USD_A_TICK = Decimal("1e-10")
"""xAI's unit."""
_CALLS = {
    "web_search_call": "web_search_requests",
    "file_search_call": "file_searches",
    "code_interpreter_call": "code_executions",
    "image_generation_call": "image_generations",
}
"""OpenAI's Responses list what their tools did among the output."""
_CODE = "code_executions"
"""What is billed of it are containers, by the gigabyte: one of 4 GB counts as four."""
_MEMORY_GB = {"1g": 1, "4g": 4, "16g": 16, "64g": 64}


def told(answer: Any, *, tools: bool = True) -> Told:
    """What an answer tells; empty where it tells nothing, or is none. Never raises, whatever it is given.

    Args:
        answer: a Value; text is JSON, or a dictionary as Python prints it.
        tools: also what the provider's own tools did that the answer lists.

    """
    opened = _opened(answer)
    if opened is None:
        return {}
    found: Told = {}
    for node in _nodes(opened):
        _read(node, found, tools=tools)
    _name_images(opened, found)
    return found


def told_beside_tools(answer: Any) -> Told:
    """The same, where each call of such a tool has a span of its own, which is billed."""
    return told(answer, tools=False)


def own_usage(value: Any) -> Told:
    """The same of a provider's usage without the answer around it."""
    found: Told = {}
    held = values.members(value)
    if held:
        _read_usage(held, found)
    return found


def provider_metadata(value: Any) -> Told:
    """The same of the AI SDK's metadata, which holds what each provider tells beside the standard usage under the provider's name.

    Where a provider tells its whole usage there, that is what it bills by. Version 5 of the SDK passes on Anthropic's input without the
    cache, and Gemini's output without its thoughts. Other counts are parts: their wholes stand in the SDK's own keys.
    """
    opened = _opened(value)
    if not isinstance(opened, dict):
        return {}
    found: Told = {}
    for name, metadata in opened.items():
        if isinstance(metadata, dict):
            if name == "gateway" and (cost := values.cost(metadata.get("cost"))) is not None:  # Vercel's
                found.setdefault(COST, cost)
            if isinstance(cost := metadata.get("cost"), dict):  # Perplexity's, beside its usage
                _note_cost({"cost": _plain(cost, 0)}, _COST_PATHS[1:2], found)
            _read(metadata, found)
    if not found.keys() >= _WHOLES:
        for whole in _WHOLES:
            found.pop(whole, None)
    return found


_WHOLES = frozenset({"input_tokens", "output_tokens"})


def _opened(answer: Any) -> Any:
    for _ in range(2):  # some encode an answer that is JSON already once more
        if not isinstance(answer, str):
            break
        text = answer.strip()
        if printed.is_printed(text):
            return _printed(text)
        if text[:1] not in {"{", "[", '"'} or len(text) > values.CONTENT_CHARACTERS_MAX or not any(mark in text for mark in _MARKS):
            return None
        if text.startswith("{'"):
            return values.members(text) or None
        try:
            answer = _DECODER.decode(text)
        except (ValueError, RecursionError, MemoryError):
            return None
    if isinstance(answer, list):
        return {"output": answer}  # Langfuse keeps the entries of a Response alone
    return answer if isinstance(answer, dict) else None


def _printed(text: Any) -> dict[str, Any] | None:
    """An answer as Python prints it."""
    if not isinstance(text, str) or not printed.is_printed(text) or not any(mark in text for mark in _MARKS):
        return None
    return printed.members(text) or None


def _never(_: str) -> None:
    """NaN and infinities are no figures."""


_DECODER = json.JSONDecoder(parse_float=str, parse_constant=_never)
"""Figures with a point stay text until one is wanted: an embedding has thousands."""


def _nodes(root: Any) -> Iterator[dict[str, Any]]:
    """The objects that can be an answer, the innermost first."""
    found: list[dict[str, Any]] = []
    waiting = [root]
    while waiting and len(found) < NODES_MAX:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(entry for entry in node[-ITEMS_MAX:] if isinstance(entry, dict | list))
        elif isinstance(node, dict):
            found.append(node)
            held = (node.get(name) for name in _ENVELOPES)
            waiting.extend(inner for each in held if isinstance(inner := _printed(each) if isinstance(each, str) else each, dict | list))
    return iter(found[::-1])


def _read(node: Mapping[str, Any], found: Told, *, tools: bool = True) -> None:
    for name in _USAGES:
        usage = node.get(name)
        if isinstance(usage, dict):
            _read_usage({name: usage} if name.startswith("billed") else usage, found)
    for field, figure in _called(node).items():
        if tools or field not in PROVIDER_TOOLS.values():
            found.setdefault(field, figure)
    tier = _tier(node.get("service_tier", node.get("serviceTier")))
    if tier:
        found.setdefault("service_tier", tier)
    if "model_name" in node or "model_provider" in node:  # LangChain's response_metadata
        _note_cost(node, _COST_PATHS[:1], found)
        _note_texts({"search_context_size": node.get("search_context_size")}, found)
    if isinstance(model := node.get("model_name", node.get("model")), str) and 0 < len(model.strip()) <= NAME_CHARACTERS_MAX:
        found.setdefault(MODEL, model.strip())
    if "choices" not in node and isinstance(hidden := node.get("_hidden_params"), dict):
        _note_cost(hidden, (("response_cost",),), found)


def _read_usage(raw: Mapping[str, Any], found: Told) -> None:
    usage = _plain(raw, DEPTH_MAX)
    counts = _counts(usage)
    is_gemini = "prompt_token_count" in usage or "candidates_token_count" in usage
    if is_gemini:
        _add_tool_prompt(usage, counts)
        if any(usage.get(name) for name in _MADE):  # a kind that is not listed was not made
            counts[OUTPUT_MEDIA] = [count or 0 for count in counts[OUTPUT_MEDIA]]
    exclusive = "input_tokens" in usage or "input_token_count" in usage
    exclusive = exclusive and any(name in usage for name in _EXCLUSIVE) and not any(detail in usage for detail in _IN)
    if counts[0] is not None or counts[1] is not None:
        is_partial = normalise(counts, Emitter(excludes_cache=exclusive, excludes_reasoning=is_gemini), disjoint=False)
    else:
        is_partial = True
    if not any(name in found for name in (*COUNTS, TOTAL)):  # counts of two usages never mix
        found.update({name: figure for name, figure in zip(COUNTS, counts[:READING_COUNTS], strict=True) if figure is not None})
        total = counts[NAMES.index("total_tokens")]
        if is_partial and total is not None:
            found[TOTAL] = total
    for unit, paths in _UNIT_PATHS.items():
        figure = _first_amount(usage, paths)
        if figure is not None:
            found.setdefault(unit, int(figure) if figure == figure.to_integral_value() else figure)
    _note_cost(usage, _COST_PATHS, found)
    ticks = values.cost(usage.get(_TICKS[0]))
    if ticks is not None:
        found.setdefault(COST, ticks * _USD_A_TICK)
    _note_texts(usage, found)
    for unit, figure in _iterated(raw.get("iterations")).items():
        found.setdefault(unit, figure)


def _counts(usage: Mapping[str, Any]) -> list[int | None]:
    """In the order of NAMES, as the provider counts."""
    return [_first_count(usage, _PATHS.get(name, ())) for name in NAMES]


def asked(request: Any) -> Told:
    """How a call was asked to be served, of the request as it was sent: what the answer says goes before it. Never raises."""
    if not isinstance(request, str) or not any(mark in request for mark in _ASKED):
        return {}
    held = values.bounded_members(request)
    inner = [each for name in ("config", "generation_config", "extra_body") if isinstance(each := held.get(name), dict)]
    found: Told = {}
    for node in (held, *inner):
        plain = {_snake(name): text for name, text in node.items() if isinstance(name, str) and isinstance(text, str | dict)}
        _note_texts({name: text for name, text in plain.items() if name in TEXTS or name == "inference_geo"}, found)
    return found


_ASKED = ("service_tier", "serviceTier", "inference_geo", "inferenceGeo", '"speed"')
"""A request without any of these is passed over without being parsed."""


def said(messages: Any) -> Told:
    """What the provider's own tools did, of messages that mark their calls. Never raises."""
    if not isinstance(messages, str) or _BUILT_IN not in messages or len(messages) > values.CONTENT_CHARACTERS_MAX:
        return {}
    try:
        held = _DECODER.decode(messages)
    except (ValueError, RecursionError, MemoryError):
        return {}
    found: Told = {}
    containers: set[str] = set()
    for part in _parts(held):
        name, given = part.get("name"), part.get("arguments")
        field = _BUILT_IN_TOOLS.get(name, "") if isinstance(name, str) else ""
        if field == _CODE:
            containers.add(str(given.get("container_id")) if isinstance(given, dict) else "")
        elif field:
            found[field] = found.get(field, 0) + 1
    return found | ({_CODE: len(containers)} if containers else {})


def tools_called(calls: Any) -> Told:
    """What the provider's own tools did, of the calls that the AI SDK lists: their ids tell whose they are. Never raises."""
    if (
        not isinstance(calls, str)
        or not any(f'"{begin}' in calls for begin in PROVIDER_TOOLS)
        or len(calls) > values.CONTENT_CHARACTERS_MAX
    ):
        return {}
    try:
        held = _DECODER.decode(calls)
    except (ValueError, RecursionError, MemoryError):
        return {}
    found: Told = {}
    for call in held[-ITEMS_MAX:] if isinstance(held, list) else ():
        called = call.get("toolCallId") if isinstance(call, dict) else None
        field = next((unit for begin, unit in PROVIDER_TOOLS.items() if isinstance(called, str) and called.startswith(begin)), "")
        if field:
            found[field] = found.get(field, 0) + 1
    return found


PROVIDER_TOOLS = {"ws_": "web_search_requests", "fs_": "file_searches"}
"""How ids of the calls of a provider's own tools begin, and what they count as: OpenAI's searches of the web and of files."""


def _parts(messages: Any) -> Iterator[dict[str, Any]]:
    """The calls of the provider's own tools in messages."""
    for message in messages[-ITEMS_MAX:] if isinstance(messages, list) else ():
        parts = message.get("parts") if isinstance(message, dict) else None
        for part in parts[-ITEMS_MAX:] if isinstance(parts, list) else ():
            if isinstance(part, dict) and part.get("builtin") is True and part.get("type") == "tool_call":
                yield part


_BUILT_IN = '"builtin"'
_BUILT_IN_TOOLS = {"file_search": "file_searches", "code_execution": _CODE, "image_generation": "image_generations"}
"""pydantic-ai's names of them; it counts searches of the web elsewhere."""


def iterations(metadata: Any) -> Told:
    """The same of OpenInference's metadata, which repeats the steps that Anthropic's usage lists."""
    if isinstance(metadata, str) and _ITERATIONS not in metadata:
        return {}
    return _iterated(values.members(metadata).get(_ITERATIONS))


_ITERATIONS = "usage_iterations"


def _iterated(steps: Any) -> Told:
    """What was used in steps that the usage as a whole leaves out: to shorten the history, and to ask another model for advice."""
    found: Told = {}
    for step in steps[:ITEMS_MAX] if isinstance(steps, list) else ():
        kind = step.get("type") if isinstance(step, dict) else None
        if kind == "advisor_message":
            found["advisor_messages"] = found.get("advisor_messages", 0) + 1
        elif kind == "compaction":
            counts = _counts(_plain(step, DEPTH_MAX))
            normalise(counts, Emitter(excludes_cache=True), disjoint=False)
            for name, figure in zip(NAMES, counts, strict=True):
                if figure is not None and (unit := f"{COMPACTION}{name}") in COMPACTED:
                    found[unit] = found.get(unit, 0) + figure
    return found


def _note_texts(usage: Mapping[str, Any], found: Told) -> None:
    tier = _tier(usage.get("service_tier")) or _tier(usage.get("traffic_type")) or _filed_tier(usage)
    texts = {
        "service_tier": tier,
        "speed": usage.get("speed"),
        "region": usage.get("inference_geo"),
        "search_context_size": usage.get("search_context_size"),
    }
    for field, text in texts.items():
        if isinstance(text, str) and text.strip():
            found.setdefault(field, text.strip().lower())


def _note_cost(holder: Mapping[str, Any], paths: Iterable[tuple[str, ...]], found: Told) -> None:
    for path in paths:
        cost = values.cost(values.member(holder, path))
        if cost is not None:
            found.setdefault(COST, cost)
            return


def _tier(stated: Any) -> str:
    """Gemini says ON_DEMAND_FLEX, Bedrock {"type": "flex"}."""
    if isinstance(stated, dict):
        stated = stated.get("type")
    if not isinstance(stated, str):
        return ""
    tier = stated.strip().lower().removeprefix("service_tier_").removeprefix("on_demand_")
    return "" if tier in {"auto", "null", "none", "on_demand", "unspecified", "traffic_type_unspecified"} else tier


def _filed_tier(usage: Mapping[str, Any]) -> str:
    """Under what tier LangChain files the tokens."""
    details = [part for name in (*_IN, *_OUT) if isinstance(part := usage.get(name), dict)]
    return next((tier for tier in _TIERS if any(tier in part for part in details)), "")


def _add_tool_prompt(usage: Mapping[str, Any], counts: list[int | None]) -> None:
    """What Gemini's tools put into the prompt is billed where the total has it: of its own search's results it has not."""
    tool = values.count(usage.get("tool_use_prompt_token_count"))
    total = counts[NAMES.index("total_tokens")]
    if tool and counts[0] is not None:
        beside = (counts[1] or 0) + (counts[NAMES.index("reasoning_tokens")] or 0)
        if total is None or total >= counts[0] + tool + beside:
            counts[0] += tool


def _called(node: Mapping[str, Any]) -> dict[str, int]:
    """What the provider's own tools did, as the entries of an answer say."""
    found: dict[str, int] = {}
    for name in ("output", "content"):
        entries = node.get(name)
        if isinstance(entries, list):
            for entry in entries[-ITEMS_MAX:]:
                field = _call(entry)
                if field:
                    found[field] = found.get(field, 0) + 1
            if _CODE in found:
                found[_CODE] = len(_containers(entries)) * _gigabytes(node)
    queries = _searches(node)
    if queries:
        found["search_queries"] = queries
    elif _rests_on_maps(node):
        found["map_prompts"] = 1
    images = node.get("data")
    if isinstance(images, list) and any(_is_image(entry) for entry in images[-ITEMS_MAX:]):
        found["images"] = len(images)
    return found


def _call(entry: Any) -> str:
    if not isinstance(entry, dict) or entry.get("status") == "failed":
        return ""
    kind = entry.get("type")
    field = _CALLS.get(kind, "") if isinstance(kind, str) else ""
    action = entry.get("action")
    if field == "web_search_requests" and isinstance(action, dict) and action.get("type", "search") != "search":
        return ""  # opening a page that was found, and looking through it, is no search
    return field


def _containers(entries: list[Any]) -> set[str]:
    """The containers in which code ran: each is billed once, however often it is used."""
    return {str(entry.get("container_id")) for entry in entries[-ITEMS_MAX:] if _call(entry) == _CODE}


def _gigabytes(node: Mapping[str, Any]) -> int:
    """The memory of the containers that were asked for."""
    tools = node.get("tools")
    for tool in tools[:ITEMS_MAX] if isinstance(tools, list) else ():
        container = tool.get("container") if isinstance(tool, dict) else None
        if isinstance(container, dict):
            return _MEMORY_GB.get(str(container.get("memory_limit")), 1)
    return 1


def _searches(node: Mapping[str, Any]) -> int:
    """How many searches of Google's an answer of Gemini rests on."""
    asked = (metadata.get("web_search_queries") or metadata.get("webSearchQueries") for metadata in _grounding(node))
    return sum(len(queries) for queries in asked if isinstance(queries, list))


def _rests_on_maps(node: Mapping[str, Any]) -> bool:
    """Whether an answer of Gemini rests on Google's maps, which is billed by prompt."""
    found = (metadata.get("grounding_chunks") or metadata.get("groundingChunks") for metadata in _grounding(node))
    return any(
        isinstance(chunk, dict) and bool(chunk.get("maps"))
        for chunks in found
        for chunk in (chunks[:ITEMS_MAX] if isinstance(chunks, list) else ())
    )


def _grounding(node: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What the candidates of Gemini's answer, or a candidate alone, rest on."""
    candidates = node.get("candidates")
    for holder in candidates[-ITEMS_MAX:] if isinstance(candidates, list) else (node,):
        metadata = (holder.get("grounding_metadata") or holder.get("groundingMetadata")) if isinstance(holder, dict) else None
        if isinstance(metadata, dict):
            yield metadata


def _is_image(entry: Any) -> bool:
    return isinstance(entry, dict) and ("b64_json" in entry or "b64Json" in entry)


def _name_images(root: Any, found: Told) -> None:
    """Of OpenAI's images the usage has one output, and that is the images."""
    output = found.get("output_tokens")
    if found.get("images") and output and "output_image_tokens" not in found and isinstance(root, dict):
        found["output_image_tokens"] = output


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=[0-9])")


@lru_cache(maxsize=1024)
def _snake(name: str) -> str:
    """`cachedInputTokens` is cached_input_tokens, and `ephemeral5mInputTokens` ephemeral_5m_input_tokens."""
    return _HUMP.sub("_", name).lower()


def _plain(value: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """A usage with all names in one spelling, and its lists by modality (Gemini) or lifetime (Bedrock) as objects."""
    plain: dict[str, Any] = {}
    for name, held in list(value.items())[:ITEMS_MAX]:
        if not isinstance(name, str) or len(name) > 64:  # noqa: PLR2004  (no name of theirs is longer, and the memory is bounded)
            continue
        plain.setdefault(_snake(name), _plain_member(held, depth))
    return plain


def _plain_member(held: Any, depth: int) -> Any:
    if isinstance(held, dict):
        return _plain(held, depth - 1) if depth else {}
    return _by_kind(held) if isinstance(held, list) else held


def _by_kind(entries: list[Any]) -> dict[str, Any]:
    counted: dict[str, Any] = {}
    for entry in entries[:ITEMS_MAX]:
        if isinstance(entry, dict):
            kind = entry.get("modality", entry.get("ttl"))
            figure = next((entry[name] for name in ("token_count", "tokenCount", "inputTokens", "input_tokens") if name in entry), None)
            count = values.count(figure)
            if isinstance(kind, str) and count is not None:
                kind = kind.lower().removeprefix("modality_")
                counted[kind] = counted.get(kind, 0) + count
    return counted


def _first_count(usage: Mapping[str, Any], paths: Iterable[tuple[str, ...]]) -> int | None:
    return next((count for path in paths if (count := values.count(values.member(usage, path))) is not None), None)


def _first_amount(usage: Mapping[str, Any], paths: Iterable[tuple[str, ...]]) -> Decimal | None:
    return next((figure for path in paths if (figure := values.amount(values.member(usage, path))) is not None), None)


def spelled(found: Told) -> str:
    """The same as JSON text, to be kept beside a span whose answer is not; '' for nothing."""
    return json.dumps(found, default=str, separators=(",", ":"), sort_keys=True) if found else ""


def again(kept: Any) -> Told:
    """What `spelled` kept. Never raises, whatever a sender puts there."""
    held = values.members(kept)
    found: Told = {}
    for name in (*COUNTS, TOTAL, *UNITS):
        figure = values.amount(held.get(name)) if name in UNITS else values.count(held.get(name))
        if figure is not None:
            found[name] = int(figure) if figure == int(figure) else figure
    for name in (*TEXTS, MODEL):
        if isinstance(text := held.get(name), str) and text:
            found[name] = text
    cost = values.cost(held.get(COST))
    return found | ({COST: cost} if cost is not None else {})


def told_above(above: Any) -> Told:
    """The same of an answer that the span above quotes: `above` is what that one tells. Never raises."""
    return again(values.members(above).get("answer"))

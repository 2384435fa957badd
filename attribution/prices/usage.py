"""A reading in the units of genai-prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any

from attribution.conventions import Reading
from attribution.conventions.answers import COMPACTION
from attribution.prices.formula import Quantity

_MEDIA: tuple[tuple[str, str], ...] = (
    ("input_audio_tokens", "input_audio_tokens"),
    ("input_image_tokens", "input_image_tokens"),
    ("input_video_tokens", "input_video_tokens"),
    ("cache_audio_read_tokens", "cache_audio_read_tokens"),
    ("cache_image_read_tokens", "cache_image_read_tokens"),
    ("output_audio_tokens", "output_audio_tokens"),
    ("output_image_tokens", "output_image_tokens"),
    ("output_video_tokens", "output_video_tokens"),
)
"""genai-prices' usage key and the field of Reading."""
TEXT_FIELDS: Mapping[str, str] = {
    **{key: key for key in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens")},
    "output_reasoning_tokens": "reasoning_tokens",
}
"""genai-prices' usage key of each count of text, and the field of Reading."""
_OWN_NAMES = ("image_generations", "advisor_messages", "map_prompts", "map_searches", "sources", "x_searches")
"""What tools did that genai-prices has no key for."""
_UNITS: dict[str, tuple[str, ...]] = {
    "web_search_requests": ("web_searches",),
    "characters": ("input_characters",),
    "seconds": ("audio_seconds", "input_audio_seconds"),  # the same seconds: a price for input lies inside one for audio
    "pages": ("input_document_pages",),
    "searches": ("rerank_searches",),
    "file_searches": ("storage_searches",),
    "code_executions": ("code_executions",),
    **{unit: (unit,) for unit in _OWN_NAMES},
}
WEB_SEARCHES = "web_searches"
_TOOLS = frozenset({WEB_SEARCHES, "storage_searches", "code_executions", *_OWN_NAMES})
"""What a provider's own tools did, which is billed beside the tokens."""

_COUNTS = tuple(each.name for each in fields(Reading) if each.name.endswith("_tokens"))

_media_of: Callable[[Reading], tuple[int | None, ...]] = attrgetter(*(field for _, field in _MEDIA))
_NO_MEDIA = (None,) * len(_MEDIA)
_MEDIA_KEYS = tuple(key for key, _ in _MEDIA)


def text_used(reading: Reading) -> dict[str, Quantity]:
    """Tokens above zero, without regard to audio, images and video. Spelled out, since every call of a model passes here."""
    used: dict[str, Quantity] = {}
    if reading.input_tokens:
        used["input_tokens"] = reading.input_tokens
    if reading.output_tokens:
        used["output_tokens"] = reading.output_tokens
    if reading.cache_read_tokens:
        used["cache_read_tokens"] = reading.cache_read_tokens
    if reading.cache_write_tokens:
        used["cache_write_tokens"] = reading.cache_write_tokens
    if reading.cache_write_1h_tokens:
        used["cache_write_1h_tokens"] = reading.cache_write_1h_tokens
    if reading.reasoning_tokens:
        used["output_reasoning_tokens"] = reading.reasoning_tokens
    return used


def has_media(reading: Reading) -> bool:
    """Whether the span counts audio, images or video."""
    return _media_of(reading) != _NO_MEDIA


def media_used(reading: Reading, used: dict[str, Quantity]) -> dict[str, Quantity]:
    """Tokens of audio, images and video, and as much of them from the cache as the figures demand.

    A cached audio token belongs to the audio and to the cache; emitters give both sums but seldom what they share. The
    least that fits is taken: what does not fit beside the cached part of the input must be inside it.
    """
    media: dict[str, Quantity] = {key: count for key, count in zip(_MEDIA_KEYS, _media_of(reading), strict=True) if count}
    cached = used.get("cache_read_tokens", 0)
    room = used.get("input_tokens", 0) - cached
    for kind in ("audio", "image"):
        count = media.get(f"input_{kind}_tokens", 0)
        stated = media.get(f"cache_{kind}_read_tokens", 0)
        shared = min(count, cached, max(stated, count - room))
        room -= count - shared
        cached -= shared
        if shared > 0:
            media[f"cache_{kind}_read_tokens"] = shared
        else:
            media.pop(f"cache_{kind}_read_tokens", None)
    return media


def units_used(reading: Reading) -> dict[str, Quantity]:
    """What is not counted in tokens."""
    return {key: figure for unit, figure in reading.units.items() if figure for key in _UNITS.get(unit, ())}


def compaction(reading: Reading) -> Reading | None:
    """What was used to shorten the history before the answer, as a call of its own; None where nothing was."""
    used = {unit.removeprefix(COMPACTION): int(count) for unit, count in reading.units.items() if unit.startswith(COMPACTION)}
    if not any(used.values()):
        return None
    is_split = "cache_read_tokens" in used or "cache_write_tokens" in used
    unsure = reading.is_partial or (not is_split and bool(reading.cache_read_tokens or reading.cache_write_tokens))
    counts: dict[str, Any] = {**dict.fromkeys(_COUNTS), **used}
    return replace(reading, **counts, units={}, is_partial=unsure)


def has_no_fee(used: Mapping[str, Quantity], priced: frozenset[str]) -> bool:
    """Whether the provider's own tools did what has no price: a fee that nobody knows."""
    return not _TOOLS.isdisjoint(used) and not (_TOOLS & used.keys() <= priced)


def is_counted(reading: Reading) -> bool:
    """Whether the span says how much was used at all."""
    return reading.input_tokens is not None or reading.output_tokens is not None or any(unit in _UNITS for unit in reading.units)


def is_call(reading: Reading) -> bool:
    """Whether the span is one call and not the total of several.

    An aggregate without figures repeats no total: it is the call itself, or a span alike around it, and the lowest one is billed.
    """
    return reading.usage == "leaf" or (reading.usage == "aggregate" and reading.reported_cost is None and not is_counted(reading))

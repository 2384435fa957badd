"""What one span says of itself, in the project's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Value = str | bool | int | float | bytes | list | dict  # type: ignore[type-arg]  # nested values are decided by the wire
"""A decoded OTLP AnyValue."""

Decode = Callable[[Any], Any]
"""From an attribute as it is held to its Value; None where it has none."""


def as_it_is(value: Any) -> Any:
    """Decodes what is held as a Value."""
    return value


Usage = Literal["none", "leaf", "aggregate"]
"""leaf: the figures of the one call that the span is; aggregate: totals that repeat calls below it (R4)."""

DIMENSIONS: tuple[str, ...] = ("team", "department", "cost_center", "project", "environment", "user", "session", "task", "workflow")
"""Who can be asked to pay, and for what."""


@dataclass(slots=True)
class Reading:
    """The use, the names and the cost that a span carries; None is unknown, '' is absent.

    Counts are normalised: `input_tokens` is the whole prompt, cached and multimodal parts included, `output_tokens` is
    the whole answer, reasoning included, and every other count is a part of one of the two.
    """

    usage: Usage = "none"
    operation: str = ""
    """OpenTelemetry's name where it has one (chat, embeddings, execute_tool, invoke_agent, ...); '' when nothing says."""
    provider: str = ""
    """Who bills, by OpenTelemetry's name where it has one (openai, aws.bedrock, ...)."""
    model: str = ""
    request_model: str = ""
    service_tier: str = ""
    speed: str = ""
    cache_hit: bool = False
    """A gateway answered from its own cache: nothing was bought."""
    dims: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, Decimal] = field(default_factory=dict)
    """Figures that the user's prices count, by attribute key."""
    units: Mapping[str, int | Decimal] = field(default_factory=dict)
    """What is not counted in tokens: web_search_requests, images, characters, seconds, pages, searches."""
    region: str = ""
    """Where the provider worked, where that has a price: `us`, `eu`, `us-east5`; '' is anywhere."""
    search_context_size: str = ""
    """How much a search brought into the prompt: low, medium or high."""
    is_partial: bool = False
    """Its own total says that more was used than the counts tell: what the rest was, nobody knows."""
    is_doubtful: bool = False
    """Its emitter is known to count some of it twice: another record of the same call is believed."""
    told: str = ""
    """JSON of what was read from the provider's answer, which is content and not kept; '' where nothing was."""
    is_plain: bool = field(default=False, compare=False)
    """Nothing in it was judged but names: other spans with these names can be read alike (plain.py)."""
    unread: tuple[str, ...] = ()
    """Keys of attributes that look like usage or cost and that no convention reads."""
    response_id: str = ""
    agent: str = ""
    """The identity on this very span, never an ancestor's."""
    workflow_name: str = ""
    tool: str = ""
    tool_fee: str = ""
    """The beginning of the call's id that says whose own tool it was, where the tool's span is the only one that tells of the fee."""
    task_type: str = ""
    """What kind of task it is, not which."""
    reported_cost: Decimal | None = None
    """Above zero: zero usually means that the emitter did not know the model."""
    reported_by_book: bool = False
    """The emitter worked `reported_cost` out by genai-prices' book: what that has wrong is wrong in it too."""
    reported_currency: str = ""
    """Of `reported_cost`, by its code; '' is USD."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    """Part of `cache_write_tokens`."""
    reasoning_tokens: int | None = None
    input_audio_tokens: int | None = None
    input_image_tokens: int | None = None
    input_video_tokens: int | None = None
    cache_audio_read_tokens: int | None = None
    """Part of both `input_audio_tokens` and `cache_read_tokens`."""
    cache_image_read_tokens: int | None = None
    output_audio_tokens: int | None = None
    output_image_tokens: int | None = None
    output_video_tokens: int | None = None

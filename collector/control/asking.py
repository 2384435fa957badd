"""What a caller asks before a call: who works, with which model, how much it may use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from attribution.configuration.budgets import Scoped

BATCH_MAX = 1000
"""Decisions in one request."""
TOKENS_MAX = 1_000_000_000


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Name = Annotated[str, Field(max_length=1024)]
TraceId = Annotated[str, BeforeValidator(_lower), Field(pattern=r"^([0-9a-f]{32})?$")]
SpanId = Annotated[str, BeforeValidator(_lower), Field(pattern=r"^([0-9a-f]{16})?$")]
Tokens = Annotated[int, Field(ge=0, le=TOKENS_MAX, strict=True)]


class Ask(BaseModel):
    """One question. A key that is not known is refused: what it asks for would not be held."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dimensions: Mapping[Scoped, Name] = {}
    trace_id: TraceId = ""
    span_id: SpanId = ""
    links: tuple[TraceId, ...] = Field(default=(), max_length=16)
    """Traces that started this work: where this trace says nothing, theirs pays."""
    provider: Name = ""
    model: Name = ""
    tool: Name = ""
    """A call of a tool instead of a model."""
    service_tier: Name = ""
    input_tokens: Tokens | None = None
    cache_write_tokens: Tokens | None = None
    """Part of `input_tokens` that may be written to a cache; None: all of it, where that is dearer."""
    output_tokens_max: Tokens | None = None
    critical: bool = False


class Batch(BaseModel):
    """Several questions; each is decided by itself, in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    decisions: tuple[Ask, ...] = Field(max_length=BATCH_MAX)


class AskError(Exception):
    """The question is not understood; the text names the key and what is allowed."""


def read_one(body: Any) -> Ask:
    """One question. Raises AskError."""
    try:
        return Ask.model_validate(body)
    except ValidationError as problem:
        raise AskError("; ".join(map(_complaint, problem.errors()[:10]))) from None


def read(body: Any) -> tuple[Ask, ...] | Ask:
    """One question, or several. Raises AskError."""
    try:
        if isinstance(body, list):
            return Batch.model_validate({"decisions": body}).decisions
        if isinstance(body, dict) and "decisions" in body:
            return Batch.model_validate(body).decisions
    except ValidationError as problem:
        raise AskError("; ".join(map(_complaint, problem.errors()[:10]))) from None
    return read_one(body)


def _complaint(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        return f"{key}: there is no such key; allowed are {', '.join(Ask.model_fields)}"
    shown = error["input"] if isinstance(error["input"], str | int | float | bool) else type(error["input"]).__name__
    return f"{key or 'body'}: {shown!r} is not allowed: {error['msg']}"

"""Which log records tell of a call, and of which one: a record of the signal `log` is read, priced and attributed as a span is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from attribution.conventions import table, values
from attribution.conventions.conventions import Conventions

EVENT_NAME = "event.name"
"""Attribute that names an event; since OpenTelemetry 1.38 a field of the record does."""
NAME_CHARACTERS_MAX = 100
"""Of a body that names its event: others hold what people said."""
DURATION_MS_MAX = 24 * 3600 * 1000
"""A call that took longer was not measured."""
_USAGE = ("gen_ai.usage.", "gen_ai.operation.name")
_LEAST_KEYS = 2
"""An event of OpenTelemetry's that tells of a call names its operation and tells usage."""


def may_tell(name: str, keys: frozenset[str]) -> bool:
    """Whether a record with this name and these keys is worth looking at: most are not."""
    return name in table.CALL_EVENTS or sum(any(key.startswith(each) for key in keys) for each in _USAGE) == _LEAST_KEYS


def tells_of_call(conventions: Conventions, scope: str, name: str, attributes: Mapping[str, Any]) -> bool:
    """Whether an event tells of one call that somebody bills, and no other event of its emitter tells it better.

    Args:
        conventions: what is read.
        scope: name of the instrumentation scope.
        name: of the event.
        attributes: decoded, the name of the event among them.

    """
    kind = table.EVENT_KINDS.get(name)
    if kind is not None and values.text(attributes.get("event.kind")) != kind:
        return False
    if name not in table.CALL_EVENTS and scope.startswith(table.OWN_EVENTS):
        return False
    reading = conventions.read_span(scope, name, attributes)
    told = (reading.input_tokens, reading.output_tokens, reading.reported_cost) != (None, None, None)
    # A name without its emitter's before it can be anybody's; and Codex repeats the end of each answer without its usage.
    return reading.usage == "leaf" and bool(reading.operation) and (told or (kind is None and "." in name))


def named(field: str, attributes: Mapping[str, Any], body: str) -> str:
    """The name of an event: its attribute, its field (Codex's says where in the source it is), or its body, in which Claude Code repeats it
    with the name of the product before it.
    """  # noqa: D205
    name = values.text(attributes.get(EVENT_NAME)) or field
    is_name = bool(body) and len(body) <= NAME_CHARACTERS_MAX and (body.endswith(f".{name}") if name else body in table.CALL_EVENTS)
    return body if is_name else name


def duration_ns(attributes: Mapping[str, Any]) -> int:
    """How long the call took; 0 where the event does not say."""
    for key in table.EVENT_DURATIONS:
        milliseconds = values.amount(attributes.get(key))
        if milliseconds is not None and milliseconds <= DURATION_MS_MAX:
            return int(milliseconds * 1_000_000)
    return 0


def made_up_trace(attributes: Mapping[str, Any], digest: bytes) -> bytes:
    """The trace of an event that names none: that of its prompt, where it names one, else one of its own (`digest`). 16 bytes."""
    session, prompt = (
        next((text for key in keys if (text := values.text(attributes.get(key)))), "")
        for keys in (table.EVENT_SESSIONS, table.EVENT_PROMPTS)
    )
    if session and prompt:
        digest = hashlib.sha256(f"{session}\n{prompt}".encode()).digest()
    return digest[:16]

"""Where OpenTelemetry is installed: which span asks, and tags that travel as baggage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

try:
    from opentelemetry import baggage, context, trace
except ImportError:  # the guard does without
    baggage = context = trace = None  # type: ignore[assignment]

DIMENSIONS = (
    "team", "department", "cost_center", "project", "environment", "user", "session", "task", "workflow", "agent", "provider", "model",
)  # fmt: skip
ATTRIBUTES = {
    "user": "user.id", "session": "session.id", "task": "task.id", "workflow": "gen_ai.workflow.name",
    "environment": "deployment.environment.name",
}  # fmt: skip
"""How a dimension is called on a span, where it is not called by its own name."""
_NOT_ON_SPANS = frozenset({"agent", "provider", "model"})
"""Of these every span has its own."""
_tags: ContextVar[Mapping[str, str]] = ContextVar("spanledger_tags", default={})  # noqa: B039  (never changed in place)


def checked(dimensions: Mapping[str, str]) -> dict[str, str]:
    """Dimensions by name. Raises ValueError naming one that there is not."""
    unknown = sorted(dimensions.keys() - set(DIMENSIONS))
    if unknown:
        raise ValueError(f"there is no dimension {', '.join(unknown)}; there is {', '.join(DIMENSIONS)}")
    return {name: str(value) for name, value in dimensions.items() if value}


@contextmanager
def tagged(dimensions: Mapping[str, str]) -> Iterator[None]:
    """Tags for the time of the context, here and, as baggage, in what is called from here."""
    new = checked(dimensions)
    before = _tags.set({**_tags.get(), **new})
    attached = None
    if baggage is not None:
        carried = context.get_current()
        for name, value in new.items():
            carried = baggage.set_baggage(name, value, carried)
        attached = context.attach(carried)
    try:
        yield
    finally:
        if attached is not None:
            context.detach(attached)
        _tags.reset(before)


def current_tags() -> dict[str, str]:
    """Tags of here, and of the baggage that came with a request."""
    carried = {name: str(value) for name, value in baggage.get_all().items() if name in DIMENSIONS} if baggage is not None else {}
    return {**carried, **_tags.get()}


def current_span() -> tuple[str, str]:
    """Trace and span that ask, in hex; empty where none is recorded, for no record would end the reservation."""
    if trace is None:
        return "", ""
    span = trace.get_current_span()
    found = span.get_span_context()
    if not found.is_valid:
        return "", ""
    return f"{found.trace_id:032x}", f"{found.span_id:016x}" if span.is_recording() else ""


class TagProcessor:
    """A span processor of OpenTelemetry's SDK that writes tags to every span: `provider.add_span_processor(TagProcessor())`."""

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        """Copy what is tagged."""
        carried = baggage.get_all(parent_context) if baggage is not None else {}
        tags = {**{name: str(value) for name, value in carried.items() if name in DIMENSIONS}, **_tags.get()}
        for name, value in tags.items():
            if name not in _NOT_ON_SPANS:
                span.set_attribute(ATTRIBUTES.get(name, name), value)

    def _on_ending(self, span: Any) -> None:
        """Nothing."""

    def on_end(self, span: Any) -> None:
        """Nothing."""

    def shutdown(self) -> None:
        """Nothing."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is held."""
        del timeout_millis
        return True

"""What hooks of frameworks have in common: which work asks, and how much a call may read."""

from __future__ import annotations

import json
from typing import Any

from spanledger_guard.tracing import current_span
from spanledger_guard.transport import BYTES_A_TOKEN

_TRACE_DIGITS = 32
_SPAN_DIGITS = 16


def place(run: object, call: object = "") -> dict[str, str]:
    """Trace and span for a question: those of OpenTelemetry, else made of the framework's own ids, so that a run is known as one.

    Args:
        run: id of the run (a UUID, or text with 32 digits of hex at its end).
        call: id of the call; empty: it has none.

    """
    if current_span()[0]:
        return {}
    trace_id = _hex(run)[-_TRACE_DIGITS:]
    if len(trace_id) < _TRACE_DIGITS:
        return {}
    return {"trace_id": trace_id, "span_id": _hex(call)[:_SPAN_DIGITS]}


def tokens_max(*said: Any) -> int:
    """Of all that a call sends to a model: no tokenizer makes more tokens than bytes of a text."""
    return sum(len(json.dumps(one, default=str).encode()) for one in said if one) * BYTES_A_TOKEN


def whole(value: object) -> int | None:
    """A count, where it is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _hex(id_: object) -> str:
    text = str(id_).replace("-", "").rpartition("_")[2].lower()
    return text if text and all(digit in "0123456789abcdef" for digit in text) else ""

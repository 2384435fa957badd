"""Envoy asks before it passes a request on: `ext_authz` with an HTTP service.

Envoy sends the request that it holds, its path below `path_prefix: /api/v1/ext_authz`, its headers as `allowed_headers` says, and its
body where `with_request_body` is set. 200 lets it pass; any other status and the body go back to the client.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.responses import JSONResponse, Response

from attribution.configuration.budgets import SCOPED
from collector.control.answers import answer
from collector.control.asking import Ask, AskError, read_one
from collector.control.decisions import Decision

PREFIX = "x-spanledger-"
"""`x-spanledger-team: sales`, `x-spanledger-critical: true`, `x-spanledger-input-tokens: 1200`."""
BYTES_A_TOKEN = 1
"""Of a prompt in a body whose tokens nobody counted: no tokenizer makes more tokens than bytes."""
_OUTPUT_KEYS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
_TRACEPARENT_PARTS = 4


def asked_by_envoy(headers: Mapping[str, str], body: bytes) -> Ask:
    """The question that a held request is. Raises AskError."""
    trace_id, span_id = _traced(headers.get("traceparent", ""))
    said = _json(body)
    told = {str(name): headers.get(PREFIX + name.replace("_", "-"), "") for name in SCOPED}
    dimensions = {**_baggage(headers.get("baggage", "")), **{name: value for name, value in told.items() if value}}
    asked: dict[str, Any] = {
        "dimensions": dimensions,
        "trace_id": trace_id,
        "span_id": span_id,
        "provider": headers.get(PREFIX + "provider", ""),
        "model": headers.get(PREFIX + "model") or _text(said.get("model")),
        "service_tier": _text(said.get("service_tier")),
        "input_tokens": _number(headers, "input-tokens", len(body) * BYTES_A_TOKEN if said else None),
        "output_tokens_max": _number(headers, "output-tokens-max", _output_tokens_max(said)),
        "critical": headers.get(PREFIX + "critical", "").lower() == "true",
    }
    return read_one(asked)


def answer_to_envoy(decision: Decision) -> Response:
    """200, or why not: 403 is not tried again, 429 is, after a while."""
    said = answer(decision)
    if decision.verdict == "allow":
        return Response(status_code=200, headers={PREFIX + "reservation": said["reservation"] or ""})
    error = {"error": {"type": "budget_exceeded", "message": decision.reason, **said}}
    if decision.verdict == "throttle":
        return JSONResponse(error, 429, {"Retry-After": str(max(1, round(said["retry_after_s"])))})
    return JSONResponse(error, 403)


def _traced(traceparent: str) -> tuple[str, str]:
    """Trace and span of W3C's `traceparent`; nothing where it is none."""
    parts = traceparent.strip().lower().split("-")
    return (parts[1], parts[2]) if len(parts) >= _TRACEPARENT_PARTS and len(parts[1]) == 32 and len(parts[2]) == 16 else ("", "")  # noqa: PLR2004  (W3C)


def _baggage(text: str) -> dict[str, str]:
    """Dimensions of W3C's `baggage`."""
    pairs = (member.split(";")[0].partition("=") for member in text.split(","))
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs if name.strip() in SCOPED and value.strip()}


def _json(body: bytes) -> dict[str, Any]:
    """What a JSON body says; nothing where it is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _output_tokens_max(said: Mapping[str, Any]) -> int | None:
    """In all of the answers that a request wants."""
    limit = next((said[key] for key in _OUTPUT_KEYS if isinstance(said.get(key), int)), None)
    answers = said.get("n")
    return limit * max(answers, 1) if limit is not None and isinstance(answers, int) else limit


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(headers: Mapping[str, str], name: str, otherwise: int | None) -> int | None:
    said = headers.get(PREFIX + name)
    if said is None:
        return otherwise
    if not said.isdecimal():
        raise AskError(f"{PREFIX}{name}: {said!r} is not allowed: a whole number is needed")
    return int(said)

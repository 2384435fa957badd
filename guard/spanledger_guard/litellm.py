"""For LiteLLM's proxy: `hook = GuardHook(Guard())` in a file beside its configuration, which names it under `callbacks`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from litellm.exceptions import Timeout
from litellm.integrations.custom_logger import CustomLogger

from spanledger_guard.answers import Decision
from spanledger_guard.guard import Guard
from spanledger_guard.tracing import DIMENSIONS
from spanledger_guard.transport import output_tokens_max
from spanledger_guard.work import tokens_max

CALLS_MAX = 100_000
"""Calls in flight that are remembered; of others the record ends the reservation."""
_SAID = ("messages", "input", "prompt", "system", "instructions", "tools", "functions", "response_format", "text", "query", "documents")
"""What a request sends to a model."""
_HEADER = "x-spanledger-"
_ADMIN = "default_user_id"
"""What the proxy calls who has its master key."""


class GuardHook(CustomLogger):  # type: ignore[misc]
    """Asks before every call that the proxy passes on: 403 where a budget is spent, 429 with `Retry-After` where calls in flight hold it.

    The key's team pays; the rest is what the caller's baggage and `x-spanledger-*` headers say.
    """

    def __init__(self, guard: Guard, **ask: Any) -> None:
        """`ask`: what every question says as well, such as `environment="production"`."""
        super().__init__()
        self._guard, self._ask = guard, ask
        self._calls: dict[str, Decision] = {}

    async def async_pre_call_hook(self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str) -> dict[str, Any]:
        """Ask. Raises fastapi's HTTPException."""
        del cache, call_type
        if not isinstance(data.get("model"), str):
            return data
        headers = _headers(data)
        asked = {
            "dimensions": _dimensions(headers, user_api_key_dict),
            "input_tokens": _counted(headers, data),
            "output_tokens_max": output_tokens_max(data),
            "service_tier": data.get("service_tier") or "",
            "critical": headers.get(_HEADER + "critical", "").lower() == "true",
            **_model(data["model"]),
            **_place(headers, user_api_key_dict),
        }
        decision = await self._guard.soon(self._guard.decide, **{**asked, **self._ask})
        if decision.decision != "allow":
            raise _refusal(decision)
        self._remember(data, decision)
        return data

    async def async_log_success_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any) -> None:
        """The call is over; of a stream, when all of it was read."""
        del response_obj, start_time, end_time
        await self._end(kwargs)

    async def async_post_call_failure_hook(
        self, request_data: dict[str, Any], original_exception: Exception, user_api_key_dict: Any, traceback_str: str | None = None
    ) -> None:
        """No deployment has answered. One that was asked and took too long may bill the call all the same."""
        del user_api_key_dict, traceback_str
        await self._end(request_data, made=isinstance(original_exception, Timeout))

    def _remember(self, data: Mapping[str, Any], decision: Decision) -> None:
        call = data.get("litellm_call_id")
        if call and decision.reservation:
            if len(self._calls) >= CALLS_MAX:
                del self._calls[next(iter(self._calls))]
            self._calls[call] = decision

    async def _end(self, data: Mapping[str, Any], *, made: bool = True) -> None:
        decision = self._calls.pop(data.get("litellm_call_id") or "", None)
        if decision:
            await self._guard.soon(self._guard.ended if made else self._guard.release, decision)


def _headers(data: Mapping[str, Any]) -> dict[str, str]:
    """Of the caller, as the proxy keeps them."""
    request = data.get("proxy_server_request") or {}
    return {str(name).lower(): str(value) for name, value in (request.get("headers") or {}).items()}


def _counted(headers: Mapping[str, str], data: Mapping[str, Any]) -> int:
    """As the caller has counted it, else at most."""
    told = headers.get(_HEADER + "input-tokens", "")
    return int(told) if told.isdecimal() else tokens_max(*(data.get(name) for name in _SAID))


def _said(headers: Mapping[str, str]) -> dict[str, str]:
    """Who works, as the caller says: W3C's baggage, and headers for it."""
    members = (member.split(";")[0].partition("=") for member in headers.get("baggage", "").split(","))
    carried = {name.strip(): unquote(value.strip()) for name, _, value in members}
    named = {name: headers.get(_HEADER + name.replace("_", "-"), "") for name in DIMENSIONS}
    found = {name: named[name] or carried.get(name, "") for name in DIMENSIONS if name not in {"model", "provider"}}
    return {name: value for name, value in found.items() if value}


def _dimensions(headers: Mapping[str, str], key: Any) -> dict[str, str]:
    """Who pays: the team of the proxy's key, which nobody talks away. The key's user is who has it; who works, the caller says."""
    team, user = getattr(key, "team_alias", None) or getattr(key, "team_id", None), getattr(key, "user_id", None)
    found = {"user": user if user != _ADMIN else "", **_said(headers), **({"team": team} if team else {})}
    return {name: str(value) for name, value in found.items() if value}


def _model(alias: str) -> dict[str, str]:
    """What the provider calls the model that goes by a name of the proxy; of several deployments the first."""
    router = getattr(sys.modules.get("litellm.proxy.proxy_server"), "llm_router", None)  # of the proxy that runs
    deployments = (router.get_model_list(model_name=alias) if router else None) or []
    name = next((one["litellm_params"]["model"] for one in deployments), alias)
    provider, _, model = name.partition("/")
    return {"provider": provider, "model": model} if model else {"provider": "", "model": name}


def _place(headers: Mapping[str, str], key: Any) -> dict[str, str]:
    """The proxy's own span of the request where it has one, else the caller's."""
    span = getattr(key, "parent_otel_span", None)
    found = span.get_span_context() if span is not None else None
    if found is not None and found.is_valid:
        return {"trace_id": f"{found.trace_id:032x}", "span_id": f"{found.span_id:016x}"}
    parts = headers.get("traceparent", "").split("-")
    whole = len(parts) > 3 and len(parts[1]) == 32 and len(parts[2]) == 16  # noqa: PLR2004  (W3C)
    return {"trace_id": parts[1], "span_id": parts[2]} if whole else {}


def _refusal(decision: Decision) -> Exception:
    from fastapi import HTTPException  # noqa: PLC0415  (a part of the proxy)

    error = {"error": {"type": "budget_exceeded", "message": decision.reason, "budget": decision.budget}}
    if decision.decision == "throttle":
        return HTTPException(429, error, {"Retry-After": str(max(1, round(decision.retry_after_s)))})
    return HTTPException(403, error)

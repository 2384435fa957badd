"""For the HTTP clients of SDKs: a refused call is an answer of the provider's own kind, so that the SDK does what it does with those.

SDKs want a client of the package that they use themselves: `httpx`, or `httpx2` (Anthropic's from version 2 on).
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from spanledger_guard.answers import Decision

if TYPE_CHECKING:
    from spanledger_guard.guard import Guard

REFUSED = 400
"""From this status on a provider has done nothing that it bills."""
_OUTPUT_KEYS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
_PROVIDERS = {"api.openai.com": "openai", "api.anthropic.com": "anthropic"}
BYTES_A_TOKEN = 1
"""No tokenizer makes more tokens than bytes of a text; the record of the call gives back what it did not use."""


@functools.cache
def transport(library: str) -> Any:
    """The transport of a client; it is made with a guard and the transport within."""
    http: Any = importlib.import_module(library)

    class GuardTransport(http.BaseTransport):  # type: ignore[misc]
        """Asks before every request that names a model."""

        def __init__(self, guard: Guard, inner: Any) -> None:
            self._guard, self._inner = guard, inner or http.HTTPTransport()

        def handle_request(self, request: Any) -> Any:
            """Send it, or answer instead of the provider."""
            ask = _asked(request)
            if ask is None:
                return self._inner.handle_request(request)
            decision = self._guard.decide(**ask)
            if decision.decision != "allow":
                return _refusal(http, request, decision)
            try:
                response = self._inner.handle_request(request)
            except BaseException as problem:
                _failed(http, self._guard, problem)(decision)
                raise
            if response.status_code >= REFUSED:
                self._guard.release(decision)
            else:
                response.stream = _ending(http)(self._guard, decision, response.stream)
            return response

        def close(self) -> None:
            """Close the transport within."""
            self._inner.close()

    return GuardTransport


@functools.cache
def async_transport(library: str) -> Any:
    """That of a client that is awaited."""
    http: Any = importlib.import_module(library)

    class AsyncGuardTransport(http.AsyncBaseTransport):  # type: ignore[misc]
        """The same, awaited."""

        def __init__(self, guard: Guard, inner: Any) -> None:
            self._guard, self._inner = guard, inner or http.AsyncHTTPTransport()

        async def handle_async_request(self, request: Any) -> Any:
            """Send it, or answer instead of the provider."""
            ask = _asked(request)
            if ask is None:
                return await self._inner.handle_async_request(request)
            decision = await asyncio.to_thread(self._guard.decide, **ask)
            if decision.decision != "allow":
                return _refusal(http, request, decision)
            try:
                response = await self._inner.handle_async_request(request)
            except BaseException as problem:
                await asyncio.to_thread(_failed(http, self._guard, problem), decision)
                raise
            if response.status_code >= REFUSED:
                await asyncio.to_thread(self._guard.release, decision)
            else:
                response.stream = _async_ending(http)(self._guard, decision, response.stream)
            return response

        async def aclose(self) -> None:
            """Close the transport within."""
            await self._inner.aclose()

    return AsyncGuardTransport


@functools.cache
def _ending(http: Any) -> Any:
    """The answers of a client; they are made with a guard, a decision and the stream within."""

    class EndingStream(http.SyncByteStream):  # type: ignore[misc]
        """An answer; the call is over when it is closed."""

        def __init__(self, guard: Guard, decision: Decision, inner: Any) -> None:
            self._guard, self._decision, self._inner = guard, decision, inner

        def __iter__(self) -> Iterator[bytes]:
            yield from self._inner

        def close(self) -> None:
            """Close it, and say so."""
            self._inner.close()
            self._guard.ended(self._decision)

    return EndingStream


@functools.cache
def _async_ending(http: Any) -> Any:
    """Those of a client that is awaited."""

    class AsyncEndingStream(http.AsyncByteStream):  # type: ignore[misc]
        """The same, awaited."""

        def __init__(self, guard: Guard, decision: Decision, inner: Any) -> None:
            self._guard, self._decision, self._inner = guard, decision, inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for part in self._inner:
                yield part

        async def aclose(self) -> None:
            """Close it, and say so."""
            await self._inner.aclose()
            await asyncio.to_thread(self._guard.ended, self._decision)

    return AsyncEndingStream


def output_tokens_max(said: Mapping[str, Any]) -> int | None:
    """How much a request lets a model write, in all of the answers that it wants; None: it does not say."""
    limit = next((said[key] for key in _OUTPUT_KEYS if isinstance(said.get(key), int)), None)
    answers = said.get("n")
    return limit * max(answers, 1) if limit is not None and isinstance(answers, int) else limit


def _failed(http: Any, guard: Guard, problem: BaseException) -> Callable[[Decision], None]:
    """What to say of a call that has no answer: a provider that was reached may bill it."""
    return guard.release if isinstance(problem, http.ConnectError) else guard.ended


def _asked(request: Any) -> dict[str, Any] | None:
    """The question that a request is; None: it calls no model."""
    if request.method != "POST" or "json" not in request.headers.get("content-type", ""):
        return None
    try:
        said = json.loads(request.read())
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("model"), str):
        return None
    tier = said.get("service_tier")
    return {
        "model": said["model"],
        "provider": _PROVIDERS.get(request.url.host, ""),
        "service_tier": tier if isinstance(tier, str) and tier != "standard_only" else "",
        "input_tokens": len(request.content) * BYTES_A_TOKEN,
        "output_tokens_max": output_tokens_max(said),
    }


def _refusal(http: Any, request: Any, decision: Decision) -> Any:
    """403 is not repeated by the SDKs; 429 is, when `Retry-After` has passed."""
    error = {"type": "budget_exceeded", "code": "budget_exceeded", "message": decision.reason, "budget": decision.budget}
    body = {"type": "error", "error": error}
    if decision.decision == "throttle":
        headers = {"Retry-After": str(max(1, round(decision.retry_after_s)))}
        return http.Response(429, json=body, headers=headers, request=request)
    return http.Response(403, json=body, headers={"x-should-retry": "false"}, request=request)

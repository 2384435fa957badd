"""The guard: asks, waits where it is throttled, and releases what no record will end."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any, Literal, TypeVar

from spanledger_guard.answers import Decision, RefusedError, ThrottledError
from spanledger_guard.connection import Connection, UnreachableError
from spanledger_guard.state import LastKnown
from spanledger_guard.tracing import checked, current_span, current_tags, tagged
from spanledger_guard.transport import async_transport, transport

logger = logging.getLogger(__name__)
Function = TypeVar("Function", bound=Callable[..., Any])
Answer = TypeVar("Answer")
RETRY_SECONDS_MIN = 0.05


class Guard:
    """Asks Spanledger before calls. Thread safe.

    Args:
        url: where Spanledger's `--http` is; else `SPANLEDGER_URL`.
        key: the secret of an ingest key; else `SPANLEDGER_KEY`.
        on_failure: what happens when Spanledger cannot be asked and nothing is known: `open` lets calls go on, `closed` refuses them.
        state_seconds: for how long the last known answer counts instead.
        timeout_seconds: for an answer.
        wait_seconds: how long a throttled call waits.
        dimensions: of every call: team, user, agent, task ...

    Raises ValueError naming what is not allowed.

    """

    def __init__(
        self,
        url: str = "",
        *,
        key: str = "",
        on_failure: Literal["open", "closed"] = "open",
        state_seconds: float = 60,
        timeout_seconds: float = 1,
        wait_seconds: float = 0,
        **dimensions: str,
    ) -> None:
        if on_failure not in {"open", "closed"}:
            raise ValueError(f"on_failure: {on_failure!r} is not allowed: must be 'open' or 'closed'")
        url = url or os.environ.get("SPANLEDGER_URL", "")
        self._connection = Connection(url, key or os.environ.get("SPANLEDGER_KEY", ""), timeout_seconds)
        self._on_failure = on_failure
        self._known = LastKnown(state_seconds)
        self._wait_seconds = wait_seconds
        self._dimensions = checked(dimensions)

    def decide(self, **ask: Any) -> Decision:
        """May a call go on? `ask` has dimensions by name, and `model`, `input_tokens`, `output_tokens_max`, `critical` ...

        Never raises for a service that is away. Raises QuestionError where the question is wrong.
        """
        question = self._question(ask)
        try:
            decision = Decision.of(self._connection.ask("POST", "/api/v1/decisions", question))
        except UnreachableError as problem:
            return self._without_service(question, problem)
        self._known.take(question, decision)
        return decision

    def release(self, decision: Decision) -> None:
        """The call was not made."""
        self._tell(decision, "DELETE", "")

    def ended(self, decision: Decision) -> None:
        """The call was made and is over. It counts until its record arrives, or for as long as that takes."""
        self._tell(decision, "POST", "/ended")

    @contextmanager
    def call(self, **ask: Any) -> Iterator[Decision]:
        """Hold a reservation while a call is made. Raises RefusedError, ThrottledError before the block."""
        decision = self.allowed(**ask)
        try:
            yield decision
        finally:
            self.ended(decision)

    @asynccontextmanager
    async def awaited_call(self, **ask: Any) -> AsyncIterator[Decision]:
        """The same for who waits with `await`."""
        decision = await self.soon(self.allowed, **ask)
        try:
            yield decision
        finally:
            await self.soon(self.ended, decision)

    @staticmethod
    async def soon(ask: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
        """What a method of the guard says, without blocking the event loop."""
        import asyncio  # noqa: PLC0415  (only where it is used)

        return await asyncio.to_thread(ask, *args, **kwargs)

    def allowed(self, **ask: Any) -> Decision:
        """A decision that lets the call go on. Waits where it is throttled, up to `wait_seconds`. Raises RefusedError, ThrottledError."""
        limit = time.monotonic() + self._wait_seconds
        while True:
            decision = self.decide(**ask)
            if decision.decision == "allow":
                return decision
            if decision.decision == "deny":
                raise RefusedError(decision)
            pause = max(decision.retry_after_s, RETRY_SECONDS_MIN)
            if time.monotonic() + pause > limit:
                raise ThrottledError(decision)
            time.sleep(pause)

    def guarded(self, **ask: Any) -> Callable[[Function], Function]:
        """Decorate a function, or a coroutine function: it runs in `call`."""

        def decorate(function: Function) -> Function:
            if inspect.iscoroutinefunction(function):

                @functools.wraps(function)
                async def awaited(*args: Any, **kwargs: Any) -> Any:
                    async with self.awaited_call(**ask):
                        return await function(*args, **kwargs)

                return awaited  # type: ignore[return-value]

            @functools.wraps(function)
            def called(*args: Any, **kwargs: Any) -> Any:
                with self.call(**ask):
                    return function(*args, **kwargs)

            return called  # type: ignore[return-value]

        return decorate

    def tags(self, **dimensions: str) -> AbstractContextManager[None]:
        """Dimensions of every call in the context, and of what is called from there by services with OpenTelemetry."""
        return tagged(dimensions)

    def httpx_client(self, *, library: str = "httpx", **options: Any) -> Any:
        """A client for SDKs, such as `OpenAI(http_client=...)`.

        Args:
            library: `httpx`, or `httpx2` where the SDK uses that (Anthropic's from version 2 on).
            options: those of its `Client`.

        """
        within = transport(library)(self, options.pop("transport", None))
        return importlib.import_module(library).Client(transport=within, **options)

    def httpx_async_client(self, *, library: str = "httpx", **options: Any) -> Any:
        """The same for SDKs that wait with `await`."""
        within = async_transport(library)(self, options.pop("transport", None))
        return importlib.import_module(library).AsyncClient(transport=within, **options)

    def close(self) -> None:
        """Close the connections that are kept; another question opens one again."""
        self._connection.close()

    def _tell(self, decision: Decision, method: str, what: str) -> None:
        if decision.reservation:
            with contextlib.suppress(UnreachableError):  # it ends by itself
                self._connection.ask(method, f"/api/v1/decisions/{decision.reservation}{what}")

    def _question(self, ask: dict[str, Any]) -> dict[str, Any]:
        ask = dict(ask)
        own = ask.pop("dimensions", {})
        rest = {name: ask.pop(name) for name in ("model", "provider") if name in ask}
        facts = {name: ask.pop(name) for name in _FACTS if name in ask}
        trace_id, span_id = current_span()
        dimensions = {**self._dimensions, **current_tags(), **checked({**own, **ask})}
        question = {"dimensions": dimensions, "trace_id": trace_id, "span_id": span_id, **rest, **facts}
        return {name: value for name, value in question.items() if value not in ("", None)}

    def _without_service(self, question: dict[str, Any], problem: Exception) -> Decision:
        known = self._known.decide(question)
        if known is None:
            verdict: Literal["allow", "deny"] = "allow" if self._on_failure == "open" else "deny"
            known = Decision(verdict, f"Spanledger cannot be asked ({problem}); on_failure is {self._on_failure}", source="configured")
        logger.warning("%s: %s", known.decision, known.reason)
        return known


_FACTS = (
    "tool", "service_tier", "input_tokens", "cache_write_tokens", "output_tokens_max", "critical", "links", "trace_id", "span_id",
)  # fmt: skip

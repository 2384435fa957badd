"""For LangChain and LangGraph: `agent.invoke(question, config={"callbacks": [GuardCallback(guard)]})`."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.outputs import LLMResult

from spanledger_guard.answers import Decision
from spanledger_guard.guard import Guard
from spanledger_guard.work import place, tokens_max, whole

_OUTPUT_KEYS = ("max_completion_tokens", "max_output_tokens", "max_tokens", "max_tokens_to_sample")
_PROVIDERS = frozenset({"openai", "anthropic"})
"""What LangChain calls a provider, where it is the provider's own name."""


class GuardCallback(BaseCallbackHandler):
    """Asks before every call of a model in a run. RefusedError and ThrottledError end the run. Thread safe."""

    raise_error = True
    """Else LangChain logs what a handler raises, and makes the call."""

    def __init__(self, guard: Guard, **ask: Any) -> None:
        """`ask`: what every question says as well, such as `critical=True` or `workflow="refunds"`."""
        self._guard, self._ask = guard, ask
        self._lock = threading.Lock()
        self._roots: dict[UUID, UUID] = {}
        """Runs at work to the run that they belong to."""
        self._calls: dict[UUID, Decision] = {}

    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **_: Any) -> None:
        """A part of a run begins."""
        del serialized, inputs
        self._begin(run_id, parent_run_id)

    def on_tool_start(self, serialized: Any, input_str: str, *, run_id: UUID, parent_run_id: UUID | None = None, **_: Any) -> None:
        """A tool may call agents."""
        del serialized, input_str
        self._begin(run_id, parent_run_id)

    def on_chat_model_start(self, serialized: Any, messages: list[list[Any]], **facts: Any) -> None:
        """Ask. Raises RefusedError, ThrottledError."""
        del serialized
        self._allowed([one.model_dump(exclude={"response_metadata", "usage_metadata"}) for batch in messages for one in batch], **facts)

    def on_llm_start(self, serialized: Any, prompts: list[str], **facts: Any) -> None:
        """Ask. Raises RefusedError, ThrottledError."""
        del serialized
        self._allowed(prompts, **facts)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        """The call is over."""
        del response
        self._over(run_id)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """The call is over; a provider may bill it all the same."""
        del error
        self._over(run_id)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        """A part of a run is over."""
        del outputs
        self._end(run_id)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Likewise."""
        del error
        self._end(run_id)

    def on_tool_end(self, output: Any, *, run_id: UUID, **_: Any) -> None:
        """Likewise."""
        del output
        self._end(run_id)

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Likewise."""
        del error
        self._end(run_id)

    def _allowed(
        self,
        said: list[Any],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        metadata: Mapping[str, Any] | None = None,
        invocation_params: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> None:
        known, parameters = metadata or {}, invocation_params or {}
        provider = known.get("ls_provider", "")
        output = (parameters.get(key) for key in _OUTPUT_KEYS)
        ask = {
            "model": str(parameters.get("model") or parameters.get("model_name") or known.get("ls_model_name") or ""),
            "provider": provider if provider in _PROVIDERS else "",
            "agent": str(known.get("lc_agent_name") or ""),
            "input_tokens": tokens_max(said, parameters.get("tools"), parameters.get("functions"), parameters.get("response_format")),
            "output_tokens_max": next((one for one in output if whole(one) is not None), whole(known.get("ls_max_tokens"))),
            **place(self._root(run_id, parent_run_id), run_id),
        }
        decision = self._guard.allowed(**{**ask, **self._ask})
        with self._lock:
            self._calls[run_id] = decision

    def _over(self, run_id: UUID) -> None:
        with self._lock:
            decision = self._calls.pop(run_id, None)
        if decision:
            self._guard.ended(decision)

    def _begin(self, run_id: UUID, parent_run_id: UUID | None) -> None:
        with self._lock:
            self._roots[run_id] = self._known_root(run_id, parent_run_id)

    def _end(self, run_id: UUID) -> None:
        with self._lock:
            self._roots.pop(run_id, None)

    def _root(self, run_id: UUID, parent_run_id: UUID | None) -> UUID:
        with self._lock:
            return self._known_root(run_id, parent_run_id)

    def _known_root(self, run_id: UUID, parent_run_id: UUID | None) -> UUID:
        return self._roots.get(parent_run_id, parent_run_id) if parent_run_id else run_id

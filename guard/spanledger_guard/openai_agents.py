"""For the OpenAI Agents SDK: `Runner.run(agent, question, hooks=GuardHooks(guard))`; agents as tools take `hooks` too."""

from __future__ import annotations

import uuid
from dataclasses import asdict, is_dataclass
from typing import Any
from weakref import WeakKeyDictionary

from agents import Agent, ModelResponse, RunContextWrapper, RunHooks
from agents.models.default_models import get_default_model
from agents.tracing import get_current_trace

from spanledger_guard.answers import Decision
from spanledger_guard.guard import Guard
from spanledger_guard.work import place, tokens_max, whole


class GuardHooks(RunHooks[Any]):
    """Asks before every call of a model in a run, handoffs included. RefusedError and ThrottledError end the run."""

    def __init__(self, guard: Guard, **ask: Any) -> None:
        """`ask`: what every question says as well, such as `critical=True`, or `model` where a RunConfig says which."""
        self._guard, self._ask = guard, ask
        self._runs: WeakKeyDictionary[RunContextWrapper[Any], uuid.UUID] = WeakKeyDictionary()
        self._calls: WeakKeyDictionary[RunContextWrapper[Any], Decision] = WeakKeyDictionary()

    async def on_llm_start(
        self, context: RunContextWrapper[Any], agent: Agent[Any], system_prompt: str | None, input_items: list[Any]
    ) -> None:
        """Ask. Raises RefusedError, ThrottledError."""
        await self._over(context)  # one that failed: it is not told of otherwise
        tools = [getattr(one, "params_json_schema", None) or str(one) for one in (*agent.tools, *agent.handoffs)]
        descriptions = [getattr(one, "description", "") for one in agent.tools]
        ask = {
            "model": _model(agent),
            "agent": agent.name,
            "input_tokens": tokens_max(system_prompt, [_plain(one) for one in input_items], tools, descriptions, _output_schema(agent)),
            "output_tokens_max": whole(agent.model_settings.max_tokens),
            "service_tier": str((agent.model_settings.extra_args or {}).get("service_tier") or ""),
            **place(self._run(context)),
        }
        self._calls[context] = await self._guard.soon(self._guard.allowed, **{**ask, **self._ask})

    async def on_llm_end(self, context: RunContextWrapper[Any], agent: Agent[Any], response: ModelResponse) -> None:
        """The call is over."""
        del agent, response
        await self._over(context)

    async def _over(self, context: RunContextWrapper[Any]) -> None:
        decision = self._calls.pop(context, None)
        if decision:
            await self._guard.soon(self._guard.ended, decision)

    def _run(self, context: RunContextWrapper[Any]) -> object:
        """The trace of the SDK, that agents as tools are in too; where it is switched off, the run."""
        trace = get_current_trace()
        known = trace.trace_id if trace else ""
        return known if known.startswith("trace_") else self._runs.setdefault(context, uuid.uuid4())


def _model(agent: Agent[Any]) -> str:
    model = agent.model
    return model if isinstance(model, str) else str(getattr(model, "model", "") or get_default_model())


def _plain(item: Any) -> Any:
    if hasattr(item, "model_dump"):
        return item.model_dump()
    return asdict(item) if is_dataclass(item) and not isinstance(item, type) else item


def _output_schema(agent: Agent[Any]) -> Any:
    schema = getattr(agent.output_type, "model_json_schema", None)
    return schema() if schema else None

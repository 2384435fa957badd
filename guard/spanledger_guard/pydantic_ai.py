"""For Pydantic AI: `Agent("openai:gpt-4.1-mini", capabilities=[GuardCapability(guard)])`."""

from __future__ import annotations

import json
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability, WrapModelRequestHandler
from pydantic_ai.messages import ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import ModelRequestContext

from spanledger_guard.guard import Guard
from spanledger_guard.work import place, tokens_max, whole


class GuardCapability(AbstractCapability[Any]):
    """Asks before every call of a model of an agent. RefusedError and ThrottledError end the run."""

    def __init__(self, guard: Guard, **ask: Any) -> None:
        """`ask`: what every question says as well, such as `critical=True` or `workflow="refunds"`."""
        self._guard, self._ask = guard, ask

    async def wrap_model_request(
        self, ctx: RunContext[Any], *, request_context: ModelRequestContext, handler: WrapModelRequestHandler
    ) -> ModelResponse:
        """Ask, and make the call. Raises RefusedError, ThrottledError."""
        parameters, settings = request_context.model_request_parameters, request_context.model_settings or {}
        ask = {
            "model": request_context.model.model_name,
            "agent": (ctx.agent.name if ctx.agent else "") or "",
            "input_tokens": tokens_max(
                json.loads(ModelMessagesTypeAdapter.dump_json(request_context.messages)),
                [
                    (tool.name, tool.description, tool.parameters_json_schema)
                    for tool in parameters.function_tools + parameters.output_tools
                ],
                [str(part) for part in parameters.instruction_parts or ()],
            ),
            "output_tokens_max": whole(settings.get("max_tokens")),
            **place(ctx.run_id),
        }
        async with self._guard.awaited_call(**{**ask, **self._ask}):
            return await handler(request_context)

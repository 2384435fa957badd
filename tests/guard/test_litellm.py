"""The hook of LiteLLM's proxy, as the proxy calls it; `python -m bench.gateway_budgets` runs it in the real one."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from tests.guard.conftest import Server, decision  # isort: skip  (makes the guard importable)
from spanledger_guard import Guard

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
KEY = SimpleNamespace(team_alias="sales", team_id="t1", user_id="owner", parent_otel_span=None)
CALL = {"model": "openai/gpt-4.1-mini", "messages": [{"role": "user", "content": "hello"}], "litellm_call_id": "c1"}


def request(headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {**CALL, "proxy_server_request": {"headers": headers or {}}, **more}


def hook_of(service: Server) -> Any:
    from spanledger_guard.litellm import GuardHook  # noqa: PLC0415  (LiteLLM takes seconds to import)

    return GuardHook(Guard(service.url))


def asked(service: Server, data: dict[str, Any], key: Any = KEY) -> tuple[Any, dict[str, Any]]:
    hook = hook_of(service)
    assert asyncio.run(hook.async_pre_call_hook(key, None, data, "completion")) is data
    said: dict[str, Any] = service.asked[-1][2]
    return hook, said


def test_the_team_of_the_key_pays_and_the_caller_says_who_works(service: Server) -> None:
    headers = {"Traceparent": TRACEPARENT, "baggage": "team=ops,user=ann%20b;p=1,other=x", "x-spanledger-agent": "planner"}
    _, said = asked(service, request(headers, max_tokens=50, n=3, service_tier="priority"))
    assert said["dimensions"] == {"team": "sales", "user": "ann b", "agent": "planner"}
    assert (said["trace_id"], said["span_id"]) == ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    assert (said["provider"], said["model"], said["output_tokens_max"], said["service_tier"]) == ("openai", "gpt-4.1-mini", 150, "priority")
    assert 30 < said["input_tokens"] < 100


def test_a_key_of_nobody_leaves_it_to_the_caller(service: Server) -> None:
    _, said = asked(service, request({"baggage": "team=ops", "x-spanledger-input-tokens": "7"}), SimpleNamespace(user_id="owner"))
    assert said["dimensions"] == {"team": "ops", "user": "owner"}
    assert said["input_tokens"] == 7


@pytest.mark.parametrize(("verdict", "status", "headers"), [("deny", 403, None), ("throttle", 429, {"Retry-After": "1"})])
def test_what_is_not_allowed_is_an_answer_that_clients_understand(service: Server, verdict: str, status: int, headers: Any) -> None:
    from fastapi import HTTPException  # noqa: PLC0415  (likewise)

    service.answers = [(200, decision(verdict, reason="sales: 0 USD of 1 are left"))]
    with pytest.raises(HTTPException) as refused:
        asked(service, request())
    assert (refused.value.status_code, refused.value.headers) == (status, headers)
    assert refused.value.detail["error"]["message"] == "sales: 0 USD of 1 are left"  # type: ignore[index]


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ("", ("POST", "/api/v1/decisions/r1/ended")),
        ("Timeout", ("POST", "/api/v1/decisions/r1/ended")),
        ("APIConnectionError", ("DELETE", "/api/v1/decisions/r1")),
    ],
)
def test_the_end_of_a_call_is_told_once(service: Server, problem: str, told: tuple[str, str]) -> None:
    from litellm import exceptions  # noqa: PLC0415  (likewise)

    data = request()
    hook, _ = asked(service, data)
    for _ in range(2):
        if problem:
            raised = getattr(exceptions, problem)("late", model="gpt-4.1-mini", llm_provider="openai")
            asyncio.run(hook.async_post_call_failure_hook(data, raised, KEY))
        else:
            asyncio.run(hook.async_log_success_event({"litellm_call_id": "c1"}, None, None, None))
    assert service.paths[1:] == [told]


def test_a_name_of_the_proxy_is_priced_as_the_model_behind_it(service: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def get_model_list(model_name: str) -> list[Any] | None:
        return [{"litellm_params": {"model": "anthropic/claude-haiku-4-5"}}] if model_name == "cheap" else None

    router = SimpleNamespace(get_model_list=get_model_list)
    monkeypatch.setitem(sys.modules, "litellm.proxy.proxy_server", SimpleNamespace(llm_router=router))  # type: ignore[misc]
    _, said = asked(service, request(model="cheap"))
    assert (said["provider"], said["model"]) == ("anthropic", "claude-haiku-4-5")
    _, said = asked(service, request(model="gpt-4.1-mini"))
    assert ("provider" in said, said["model"]) == (False, "gpt-4.1-mini")


def test_what_calls_no_model_is_not_asked_for(service: Server) -> None:
    data = {"file_id": "f1"}
    assert asyncio.run(hook_of(service).async_pre_call_hook(KEY, None, data, "afile_content")) is data
    assert service.asked == []

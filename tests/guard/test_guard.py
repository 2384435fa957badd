"""The guard asks as it should, and does without the service as it is configured."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from opentelemetry import baggage
from opentelemetry.sdk.trace import TracerProvider

from tests.guard.conftest import CHAT, MESSAGE, Server, decision  # isort: skip  (makes the guard importable)
from spanledger_guard import Guard, QuestionError, RefusedError, ThrottledError
from spanledger_guard.tracing import TagProcessor

OVER = ("POST", "/api/v1/decisions/r1/ended")
NOT_MADE = ("DELETE", "/api/v1/decisions/r1")
NOWHERE = "http://127.0.0.1:9"
SAY = [{"role": "user", "content": "hello"}]
TRACER = TracerProvider().get_tracer("test")


def chat(guard: Guard, provider: Server, **more: Any) -> str | None:
    import openai  # noqa: PLC0415  (a second, for a few tests)

    http = guard.httpx_client(trust_env=False)
    with openai.OpenAI(api_key="k", base_url=provider.url, http_client=http, max_retries=2) as client:
        return (
            client.chat.completions.create(model="gpt-4.1-mini", messages=SAY, max_completion_tokens=50, **more).choices[0].message.content
        )  # type: ignore[arg-type]


def test_the_sdk_of_openai_asks_before_it_calls(provider: Server, service: Server) -> None:
    guard = Guard(service.url, team="sales")
    with guard.tags(user="ann"), TRACER.start_as_current_span("chat") as span:
        assert chat(guard, provider) == "hello"
    asked = service.asked[0]
    place = span.get_span_context()
    assert asked[2]["dimensions"] == {"team": "sales", "user": "ann"}
    assert (asked[2]["trace_id"], asked[2]["span_id"]) == (f"{place.trace_id:032x}", f"{place.span_id:016x}")
    assert (asked[2]["model"], asked[2]["output_tokens_max"]) == ("gpt-4.1-mini", 50)
    assert 50 < asked[2]["input_tokens"] < 500


def test_a_refused_call_never_reaches_the_provider_and_is_not_repeated(provider: Server, service: Server) -> None:
    import openai  # noqa: PLC0415  (likewise)

    service.answers = [(200, decision("deny", reason="sales: 0 USD of 1 are left"))]
    with pytest.raises(openai.PermissionDeniedError, match="sales: 0 USD of 1 are left"):
        chat(Guard(service.url), provider)
    assert (len(service.asked), provider.asked) == (1, [])


def test_a_throttled_call_is_repeated_by_the_sdk(provider: Server, service: Server) -> None:
    service.answers = [(200, decision("throttle")), (200, decision())]
    assert chat(Guard(service.url), provider) == "hello"
    assert [path for _, path in service.paths][:2] == ["/api/v1/decisions"] * 2
    assert service.paths[2:] == [OVER]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([(200, CHAT)], [OVER]),
        ([(500, {}), (200, CHAT)], [NOT_MADE, OVER]),  # the SDK tries again
    ],
)
def test_the_end_of_a_call_is_told(provider: Server, service: Server, answers: Any, told: list[tuple[str, str]]) -> None:
    provider.answers = answers
    chat(Guard(service.url), provider)
    assert [path for path in service.paths if path != ("POST", "/api/v1/decisions")] == told


def test_a_stream_is_over_when_it_was_read(provider: Server, service: Server) -> None:
    guard = Guard(service.url)
    with guard.httpx_client(trust_env=False) as http, http.stream("POST", provider.url, json={"model": "m"}) as answer:
        assert [method for method, _ in service.paths] == ["POST"]
        answer.read()
    assert service.paths[1:] == [OVER]


def test_several_answers_are_reckoned_with(provider: Server, service: Server) -> None:
    chat(Guard(service.url), provider, n=4)
    assert service.asked[0][2]["output_tokens_max"] == 200


def test_of_a_provider_that_was_not_reached_nothing_is_held(service: Server) -> None:
    guard = Guard(service.url)
    with guard.httpx_client(trust_env=False) as http, pytest.raises(httpx.ConnectError):
        http.post(NOWHERE, json={"model": "m"})
    assert service.paths[1:] == [NOT_MADE]


def test_the_sdk_of_anthropic_and_its_awaited_client(provider: Server, service: Server) -> None:
    import anthropic  # noqa: PLC0415  (likewise)

    library = anthropic.DefaultHttpxClient.__mro__[1].__module__.split(".")[0]  # which of two packages the installed version uses
    provider.answers = [(200, MESSAGE)]
    guard = Guard(service.url)

    async def say() -> str:
        http = guard.httpx_async_client(library=library, trust_env=False)
        client = anthropic.AsyncAnthropic(api_key="k", base_url=provider.url, http_client=http, max_retries=2)
        try:
            message = await client.messages.create(model="claude-of-a-test", max_tokens=50, messages=SAY)  # type: ignore[arg-type]
        finally:
            await client.close()
        return message.content[0].text  # type: ignore[union-attr]

    assert asyncio.run(say()) == "hello"
    service.answers = [(200, decision("deny", reason="spent"))]
    with pytest.raises(anthropic.PermissionDeniedError, match="spent"):
        asyncio.run(say())
    assert len(provider.asked) == 1


@pytest.mark.parametrize(("on_failure", "allowed"), [("open", True), ("closed", False)])
def test_without_the_service_it_is_open_or_closed_as_configured(on_failure: Any, allowed: bool) -> None:
    guard = Guard(NOWHERE, on_failure=on_failure)
    found = guard.decide(model="gpt-4.1-mini")
    assert (found.decision == "allow", found.source) == (allowed, "configured")


def test_the_last_known_state_counts_for_a_while(service: Server) -> None:
    guard = Guard(service.url, on_failure="closed", team="sales")
    ask = {"model": "gpt-4.1-mini"}
    assert guard.decide(**ask).source == "service"
    service.answers = [(503, {})]
    found = [guard.decide(**ask) for _ in range(3)]  # 1 was left, each may use 0.4
    assert [(one.decision, one.source) for one in found] == [("allow", "last known")] * 2 + [("throttle", "last known")]
    assert guard.decide(model="another").source == "configured"
    service.answers = [(200, decision("deny"))]
    guard.decide(**ask)
    service.answers = [(503, {})]
    assert guard.decide(**ask).decision == "deny"
    guard._known._seconds = 0
    assert guard.decide(**ask).source == "configured"


def test_a_block_is_not_entered_where_it_is_refused(service: Server) -> None:
    service.answers = [(200, decision("throttle")), (200, decision("throttle")), (200, decision("deny", reason="no"))]
    with pytest.raises(ThrottledError), Guard(service.url).call(model="m"):
        pytest.fail("throttled")
    with pytest.raises(RefusedError, match="no"), Guard(service.url, wait_seconds=5).call(model="m"):
        pytest.fail("refused")


def test_a_function_and_a_coroutine_are_guarded(service: Server) -> None:
    guard = Guard(service.url)

    @guard.guarded(agent="researcher", model="m")
    def research(topic: str) -> str:
        return topic

    @guard.guarded(agent="writer", tool="search")
    async def write(topic: str) -> str:
        return topic

    assert (research("a"), asyncio.run(write("b"))) == ("a", "b")
    assert [one["dimensions"]["agent"] for _, _, one in service.asked if one] == ["researcher", "writer"]
    assert service.paths == [("POST", "/api/v1/decisions"), OVER] * 2


def test_tags_are_on_spans_and_travel_as_baggage(service: Server) -> None:
    provider = TracerProvider()
    provider.add_span_processor(TagProcessor())  # type: ignore[arg-type]
    with Guard(service.url).tags(team="sales", user="ann"), provider.get_tracer("t").start_as_current_span("work") as span:
        assert dict(span.attributes) == {"team": "sales", "user.id": "ann"}  # type: ignore[attr-defined]
        assert dict(baggage.get_all()) == {"team": "sales", "user": "ann"}


def test_what_is_wrong_is_named(service: Server) -> None:
    with pytest.raises(ValueError, match="there is no dimension squad"):
        Guard(service.url, squad="x")
    with pytest.raises(ValueError, match="on_failure: 'maybe' is not allowed"):
        Guard(service.url, on_failure="maybe")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="url: 'localhost' is not allowed"):
        Guard("localhost")
    service.answers = [(400, {"error": "trace_id: 'x' is not allowed"})]
    with pytest.raises(QuestionError, match="trace_id: 'x' is not allowed"):
        Guard(service.url).decide(trace_id="x")

"""Providers are asked what they bill as their own clients ask it; whatever they answer, the key is nowhere and nothing is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

import collector.billing_apis as asked_of
from attribution.attribute import attribute
from attribution.billing import BilledLine, compared, reconcile
from attribution.configuration import AttributionConfig
from attribution.errors import ConfigurationError, RefusedError
from attribution.storage import Store
from collector.billing_apis import ATTEMPTS_MAX, BILLING_APIS, fetch_invoice
from tests.attribution.cases import call
from tests.attribution.compare import deliver
from tests.billing.fake_apis import TOLD, FakeApis, page, serving

FIRST, SECOND = date(2026, 11, 1), date(2026, 11, 2)
KEY = "sk-admin-very-secret"


@pytest.fixture
def apis(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApis]:
    for api in BILLING_APIS.values():
        monkeypatch.setenv(api.key, KEY)
    monkeypatch.setattr(asked_of, "DAYS_OF_OPENROUTER", 100_000)
    with serving(FakeApis(json.loads(json.dumps(TOLD)))) as running:
        yield running


def fetched(apis: FakeApis, provider: str, wait: Callable[[float], None] = lambda _: None) -> list[BilledLine]:
    return fetch_invoice(provider, FIRST, SECOND, address=apis.url, organization="acme", wait=wait)


def test_openai_tells_costs_with_their_tokens(apis: FakeApis) -> None:
    """Where costs count no tokens, usage does: what came from a cache is no input beside it."""
    assert fetched(apis, "openai") == [
        BilledLine(FIRST, "openai", "gpt-4o-2024-08-06", "input", Decimal(2000), Decimal("0.005")),
        BilledLine(FIRST, "openai", "gpt-4o-2024-08-06", "output", Decimal(100), Decimal("0.001")),
        BilledLine(FIRST, "openai", "", "web search tool calls", None, Decimal("0.01")),
        BilledLine(SECOND, "openai", "gpt-4o-mini-2024-07-18", "input", Decimal(2000), Decimal("0.0003")),
    ]
    assert {headers["authorization"] for _, _, headers in apis.asked} == {f"Bearer {KEY}"}


def test_anthropic_tells_costs_in_cents_and_tokens_apart(apis: FakeApis) -> None:
    """Both lives of a cache are one kind."""
    assert fetched(apis, "anthropic") == [
        BilledLine(FIRST, "anthropic", "claude-sonnet-4-5", "input", Decimal(1000), Decimal("0.003")),
        BilledLine(FIRST, "anthropic", "claude-sonnet-4-5", "cache_write", Decimal(350), Decimal("0.001425")),
        BilledLine(SECOND, "anthropic", "", "web_search", None, Decimal("0.01")),
    ]


def test_openrouter_tells_days_models_and_all_tokens(apis: FakeApis) -> None:
    """A day that was not asked for is left out, and what another provider bills by one's own key."""
    assert fetched(apis, "openrouter") == [
        BilledLine(FIRST, "openrouter", "openai/gpt-4.1-2025-04-14", "tokens", Decimal(175), Decimal("0.015"))
    ]


def test_github_is_asked_day_by_day(apis: FakeApis) -> None:
    apis.first.append((200, {}, json.dumps({"timePeriod": {"year": 2026, "month": 11, "day": 2}, "usageItems": []}).encode()))
    assert fetched(apis, "copilot") == [
        BilledLine(FIRST, "github-copilot", "GPT-5", "tokens", None, Decimal(1)),
        BilledLine(FIRST, "github-copilot", "", "included in the plan", None, Decimal("-0.6")),
    ]
    assert [query for _, query, _ in apis.asked] == [[("year", "2026"), ("month", "11"), ("day", day)] for day in ("1", "2")]
    assert {headers["x-github-api-version"] for _, _, headers in apis.asked} == {"2026-03-10"}


def test_the_real_client_of_openai_asks_and_reads_the_same(apis: FakeApis) -> None:
    import openai  # noqa: PLC0415  (a second, for one test)

    fetched(apis, "openai")
    ours, apis.asked = apis.asked, []
    costs = openai.OpenAI(admin_api_key=KEY, base_url=apis.url).admin.organization.usage
    start, end = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()), int(datetime(2026, 11, 3, tzinfo=UTC).timestamp())
    told: list[Any] = []
    following: Any = openai.omit
    while following is not None:
        answer = costs.costs(start_time=start, end_time=end, bucket_width="1d", group_by=["line_item"], limit=180, page=following)
        told += [result for each in answer.data for result in each.results]
        following = answer.next_page
    costs.completions(start_time=start, end_time=end, bucket_width="1d", group_by=["model"], limit=31)
    assert [result.line_item for result in told] == [
        "gpt-4o-2024-08-06, input", "gpt-4o-2024-08-06, output", "web search tool calls", "gpt-4o-mini-2024-07-18, input"
    ]  # fmt: skip
    assert same(ours) == same(apis.asked)


def test_the_real_client_of_anthropic_asks_and_reads_the_same(apis: FakeApis) -> None:
    import anthropic  # noqa: PLC0415  (likewise)

    fetched(apis, "anthropic")
    ours, apis.asked = apis.asked, []
    told = anthropic.Anthropic(api_key=KEY, base_url=apis.url).beta.organization.analytics
    days: Any = {"starting_at": "2026-11-01T00:00:00Z", "ending_at": "2026-11-03T00:00:00Z", "time_bucket_width": "1d", "limit": 1000}
    days |= {"order_by": "time", "order": "asc"}
    costs = list(told.cost.list(group_by=["model", "cost_type", "token_type"], **days))
    usage = list(told.usage.list(group_by=["model"], **days))
    assert sum(Decimal(row.cost.amount) for row in costs) == Decimal("1.4425")
    assert [row.usage.cache_creation.ephemeral_1h_input_tokens for row in usage] == [50]
    assert same(ours) == same(apis.asked)
    names = ("authorization", "anthropic-version", "anthropic-beta")
    assert [[headers[name] for name in names] for _, _, headers in ours] == [
        [headers[name] for name in names] for _, _, headers in apis.asked
    ]


def same(asked: list[Any]) -> list[Any]:
    """Path and parameters, in whatever order."""
    return [(path, sorted(query)) for path, query, _ in asked]


def test_who_is_busy_is_asked_again_when_it_says(apis: FakeApis) -> None:
    waited: list[float] = []
    apis.first += [(429, {"Retry-After": "7"}, b"{}"), (503, {}, b"{}")]
    assert len(fetched(apis, "openai", waited.append)) == 4
    assert waited == [7, 2]


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ((401, {}, b'{"error": {"message": "Wrong key: %s"}}' % KEY.encode()), r"costs answers 401: .*\(the key\).*ADMIN_KEY"),
        ((403, {}, b"forbidden"), "answers 403: forbidden"),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "answers 302"),
        ((200, {}, b"<html>"), "no JSON object"),
        ((200, {}, b"[]"), "no JSON object"),
        ((200, {}, b'{"rows": []}'), "`data`"),
        ((200, {}, b'{"data": [1]}'), "`data`"),
        ((200, {}, b'{"data": [{"results": [1]}]}'), "`data`"),
        ((200, {}, b'{"data": [], "has_more": true}'), "does not name the next"),
        ((200, {}, json.dumps(page([{"start_time": 1, "results": [{"line_item": "x"}]}])).encode()), "row 1.*amount.currency"),
        ((200, {}, json.dumps(page([])).encode()), "bills nothing from 2026-11-01 to 2026-11-02"),
    ],
)  # fmt: skip
def test_what_a_provider_refuses_is_named_and_the_key_is_not(apis: FakeApis, answer: Any, named: str) -> None:
    apis.first.append(answer)
    with pytest.raises(RefusedError, match=named) as refused:
        fetched(apis, "openai")
    assert KEY not in str(refused.value)


def test_nobody_is_asked_for_ever(apis: FakeApis) -> None:
    apis.first += [(500, {}, b"oops")] * ATTEMPTS_MAX
    with pytest.raises(RefusedError, match="answers 500: oops"):
        fetched(apis, "openai")
    apis.pages["/organization/costs"] = [page([], "page_1"), page([], "page_1")]
    with pytest.raises(RefusedError, match="the same page"):
        fetched(apis, "openai")
    with pytest.raises(RefusedError, match=f"cannot be reached: .*, {ATTEMPTS_MAX} times"):
        fetch_invoice("openai", FIRST, SECOND, address="http://127.0.0.1:1", wait=lambda _: None)


def test_what_is_missing_is_said_before_anybody_is_asked(apis: FakeApis, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"--url: 'http://example.com/v1' is not allowed"):
        fetch_invoice("openai", FIRST, SECOND, address="http://ada:x@example.com/v1")
    with pytest.raises(ConfigurationError, match="--organization"):
        fetch_invoice("copilot", FIRST, SECOND, address=apis.url)
    monkeypatch.setattr(asked_of, "DAYS_OF_OPENROUTER", 30)
    with pytest.raises(RefusedError, match="keeps 30 days"):
        fetch_invoice("openrouter", date(2026, 1, 1), SECOND, address=apis.url)
    monkeypatch.delenv("SPANLEDGER_OPENAI_ADMIN_KEY")
    with pytest.raises(ConfigurationError, match="SPANLEDGER_OPENAI_ADMIN_KEY: is not set: openai needs an admin key"):
        fetched(apis, "openai")
    assert apis.asked == []


def test_what_is_billed_for_all_tokens_together_is_held_against_all(apis: FakeApis) -> None:
    used = {"input": 60, "cache_read": 10, "cache_write": 0, "output": 70}
    row = {"day": FIRST, "provider": "openrouter", "model": "gpt-4.1", "calls": 4, "unpriced": 0, "cost": Decimal("0.012"), **used}
    (line,) = compared(fetched(apis, "openrouter"), [row])
    assert (line.kind, line.billed, line.explained, line.unseen) == ("tokens", Decimal("0.015"), Decimal("0.012"), Decimal("0.003"))
    assert line.reason == "35 tokens that no span tells of"


def test_days_on_which_nothing_is_billed_are_held_against_the_ledger_too(store: Store, apis: FakeApis) -> None:
    at = int(datetime(2026, 11, 2, 12, tzinfo=UTC).timestamp())
    deliver(store, [call("a", trace="t1", at=at, cost="1", span_team="sales", provider="openai", tokens=(1, 1))])
    attribute(store, AttributionConfig())
    lines = fetched(apis, "openai")[:1]
    assert [each.explained for each in reconcile(store, lines)] == [0]
    assert [each.explained for each in reconcile(store, lines, (FIRST, SECOND))] == [0, 1]

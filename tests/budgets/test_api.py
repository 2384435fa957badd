"""Decisions over HTTP: of guards, of Envoy, and of runtimes that listen for stops."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from attribution.budgets import Event, keep_events
from attribution.storage import Store
from collector.config import Key
from collector.control import control_routes
from collector.control.api import _Api
from collector.receiver.authentication import Authenticator
from tests.budgets.world import World, config, span, trace

BUDGETS = {
    "sales": {"scope": {"team": "sales"}, "limit": "0.30", "per": "month"},
    "run": {"limit": "0.20", "per": "run", "scope": {"team": "*"}},
    "dev": {"scope": {"environment": "dev"}, "limit": 0, "per": "day"},
    "prod": {"scope": {"environment": "prod"}, "limit": 0, "per": "day", "modes": {"prod": "soft"}},
    "hops": {"scope": {"team": "loops"}, "unit": "agent_hops", "limit": 4, "per": "run"},
    "euro": {"scope": {"team": "berlin"}, "unit": "EUR", "limit": "0.10", "per": "quarter", "year_starts": "04-01"},
    "paced": {"scope": {"team": "paced"}, "limit": 1, "per": "day", "throttle": 10},
}
MORE: dict[str, Any] = {
    "pricing": {"update": False, "currencies": {"EUR": [{"from": "2026-01-01", "usd": "1.25"}]}},
    "policies": {"required": {"project": "show", "team": "refuse"}, "models": {"dev": ["gpt-4.1*"]}},
    "organization": {"teams": {"sales": {"department": "revenue"}}},
}
KEY = Key(name="sales-agents", secret_sha256=hashlib.sha256(b"secret").hexdigest(), tags={"team": "sales"})


@pytest.fixture
def world(store: Store) -> World:
    return World(store, config(BUDGETS, **MORE))


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    yield from served(world)


def served(world: World, *keys: Key) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=control_routes(world.control, Authenticator(keys).check))) as client:
        yield client


def question(**more: Any) -> dict[str, Any]:
    """For a call that costs 0.12 USD."""
    said = {"team": "sales", **more.pop("dimensions", {})}
    return {"dimensions": said, "model": "gpt-4.1-mini", "input_tokens": 300_000, "output_tokens_max": 0, **more}


def test_decisions_in_one_go(client: TestClient, world: World, store: Store) -> None:  # noqa: PLR0915  (a store takes as long as many a test)
    def asked(**more: Any) -> dict[str, Any]:
        answer = client.post("/api/v1/decisions", json=question(**more))
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    # An answer says which budget decided, and what all of them have.
    first = asked(trace_id=trace(1), span_id=span(1))
    shown = {name: first[name] for name in ("decision", "budget", "unit", "limit", "spent", "reserved", "amount", "resets_at", "missing")}
    assert shown == {
        "decision": "allow", "budget": "run", "unit": "USD", "limit": "0.200000000000", "spent": "0", "reserved": "0.12",
        "amount": "0.12", "resets_at": None, "missing": ["project"],
    }  # fmt: skip
    assert [(one["budget"], one["resets_at"]) for one in first["budgets"]] == [("sales", "2026-12-01T00:00:00Z"), ("run", None)]
    assert first["expires_at"] == "2026-11-01T12:10:00Z"
    # Nested budgets all hold: the run is full, the month is not.
    second = asked(trace_id=trace(1), span_id=span(2))
    assert (second["decision"], second["budget"], second["reservation"]) == ("throttle", "run", None)
    assert second["retry_after_s"] == 2
    # The same question has the same answer, and reserves nothing more.
    assert asked(trace_id=trace(1), span_id=span(1))["reservation"] == first["reservation"]
    # Released, there is room again.
    assert client.delete(f"/api/v1/decisions/{first['reservation']}").json() == {"released": True}
    assert client.delete(f"/api/v1/decisions/{first['reservation']}").status_code == 404
    assert asked(trace_id=trace(1), span_id=span(2))["decision"] == "allow"
    # A batch is decided in its order, as a list or by name.
    batch = [question(trace_id=trace(2), span_id=span(1)), question(trace_id=trace(3), span_id=span(1))]
    verdicts = [one["decision"] for one in client.post("/api/v1/decisions", json={"decisions": batch}).json()["decisions"]]
    assert verdicts == ["allow", "throttle"]
    assert len(client.post("/api/v1/decisions", json=batch).json()["decisions"]) == 2
    # More than is left at all is denied; what is critical goes on, and is noted.
    denied = asked(trace_id=trace(4), span_id=span(1), input_tokens=1_000_000)
    assert (denied["decision"], denied["budget"]) == ("deny", "sales")
    critical = asked(trace_id=trace(4), span_id=span(1), input_tokens=1_000_000, critical=True)
    assert (critical["decision"], critical["budgets"][0]["beyond"]) == ("allow", True)
    # Hard in one environment, soft in another.
    assert asked(dimensions={"team": "ops", "environment": "dev"})["decision"] == "deny"
    soft = asked(dimensions={"team": "ops", "environment": "prod"})
    assert (soft["decision"], soft["reason"]) == ("allow", "prod is spent; the budget is soft")
    # Policies hold for what is critical too.
    refused = asked(dimensions={"team": "ops", "environment": "dev"}, model="o3", critical=True)
    assert (refused["decision"], refused["reason"]) == ("deny", "policies.models: o3 is not allowed in dev; allowed are gpt-4.1*")
    assert asked(dimensions={"team": ""})["reason"] == "policies.required: the call does not say its team"
    # Another currency: 0.10 EUR are 0.125 USD.
    euro = asked(dimensions={"team": "berlin"})
    assert (euro["decision"], Decimal(euro["limit"]), Decimal(euro["amount"])) == ("allow", Decimal("0.10"), Decimal("0.096"))
    assert euro["resets_at"] == "2027-01-01T00:00:00Z"
    # Agents that call each other back are stopped, though none of their spans has ended.
    loop = [
        asked(dimensions={"team": "loops", "agent": "ab"[n % 2]}, trace_id=trace(9), span_id=span(n + 1), input_tokens=1) for n in range(6)
    ]
    assert [one["decision"] for one in loop] == ["allow"] * 4 + ["deny", "allow"]  # b is at work already
    # From a tenth on one at a time.
    pace = [asked(dimensions={"team": "paced"}) for _ in range(2)]
    assert [one["decision"] for one in pace] == ["allow", "throttle"]
    # A run is paused by people, and goes on when they say so.
    keep_events(store, [Event("paused", trace_id=trace(7), who="ann", reason="it loops", at=world.at)])
    world.control.refresh()
    paused = asked(trace_id=trace(7), span_id=span(1), dimensions={"team": "ops"})
    assert (paused["decision"], paused["reason"]) == ("deny", f"run {trace(7)} is paused by ann: it loops")
    stops = client.get("/api/v1/stops").json()["stops"]
    assert {(one["stop"], one["budget"]) for one in stops} == {("budget", "dev"), ("paused", ""), ("budget", "hops")}
    world.passes(1)
    keep_events(store, [Event("resumed", trace_id=trace(7), who="ann", at=world.at)])
    world.control.refresh()
    assert asked(trace_id=trace(7), span_id=span(1), dimensions={"team": "ops"})["decision"] == "allow"
    # Whatever was refused or went beyond is in the store, once.
    world.control.carry_events()
    noted = store.query("SELECT kind, budget, count() AS n, sum(amount) AS usd FROM budget_events GROUP BY ALL ORDER BY ALL")
    assert {(row["kind"], row["budget"]): row["n"] for row in noted}.items() >= {
        ("critical", "sales"): 1, ("refused", "hops"): 1, ("soft", "prod"): 1, ("throttled", "run"): 1,
    }.items()  # fmt: skip
    assert next(row["usd"] for row in noted if row["kind"] == "critical" and row["budget"] == "sales") == Decimal("0.34")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("{", "the body is not JSON"),
        ('{"trace_id": "xyz"}', "trace_id: 'xyz' is not allowed"),
        ('{"input_tokens": -1}', "input_tokens: -1 is not allowed"),
        ('{"input_tokens": 1.5}', "input_tokens: 1.5 is not allowed"),
        ('{"max_tokens": 5}', "max_tokens: there is no such key"),
        ('{"dimensions": {"squad": "x"}}', "dimensions.squad: 'squad' is not allowed"),
        ('{"decisions": [{}, {"span_id": "1"}]}', "decisions.1.span_id: '1' is not allowed"),
        ("[1]", "decisions.0: 1 is not allowed"),
        ("null", "body: "),
    ],
)
def test_a_question_that_is_not_understood_is_refused_by_name(client: TestClient, body: str, complaint: str) -> None:
    answer = client.post("/api/v1/decisions", content=body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]


def test_keys_are_those_of_the_receiver_and_their_tags_stand(world: World) -> None:
    for client in served(world, KEY):
        assert client.post("/api/v1/decisions", json=question()).status_code == 401
        assert client.get("/api/v1/stops").status_code == 401
        said = {"Authorization": "Bearer secret"}
        assert client.post("/api/v1/decisions", json=question(dimensions={"team": "ops"}), headers=said).json()["budget"] == "sales"
        shown = client.get("/api/v1/budgets", headers=said).json()["budgets"]
        assert {one["budget"] for one in shown} == {"sales", "dev", "prod"}


def test_envoy_asks_with_the_request_that_it_holds(client: TestClient, world: World) -> None:
    body = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "x" * 99_000}], "max_completion_tokens": 25_000, "n": 2}
    traced = {"traceparent": f"00-{trace(1)}-{span(5)}-01", "baggage": "team=sales;p=1, user=ann%20b, other=1"}
    allowed = client.post("/api/v1/ext_authz/v1/chat/completions?x=1", json=body, headers=traced)
    assert (allowed.status_code, allowed.content) == (200, b"")
    (held,) = world.control.decider._state.reservations.values()
    assert (held.id, held.place) == (allowed.headers["x-spanledger-reservation"], (trace(1), span(5)))
    assert {held.dimensions[name] for name in ("team", "user")} == {"sales", "ann b"}
    assert held.bound.usd == Decimal(len(json.dumps(body, separators=(",", ":")))) * Decimal("0.0000004") + Decimal("0.08")
    said = {"x-spanledger-team": "sales", "x-spanledger-model": "gpt-4.1-mini", "x-spanledger-input-tokens": "450000"}
    waits = client.get("/api/v1/ext_authz", headers={**said, "x-spanledger-output-tokens-max": "1000"})
    assert (waits.status_code, waits.headers["retry-after"]) == (429, "2")
    denied = client.get("/api/v1/ext_authz", headers={**said, "x-spanledger-input-tokens": "2000000"})
    assert (denied.status_code, denied.json()["error"]["type"]) == (403, "budget_exceeded")
    assert client.get("/api/v1/ext_authz", headers={**said, "x-spanledger-input-tokens": "many"}).status_code == 400


def test_stops_are_streamed_when_they_change(world: World, store: Store) -> None:
    async def listen() -> list[list[str]]:
        found, stream = [], _Api(world.control)._stream()
        async for event in stream:
            if event.startswith("event: stops"):
                stops = json.loads(event.partition("data: ")[2])["stops"]
                found.append(sorted(one["budget"] for one in stops if one["stop"] == "paused"))
                if len(found) == 2:
                    await stream.aclose()  # type: ignore[attr-defined]
                    return found
                keep_events(store, [Event("paused", "sales", who="ann", reason="enough", at=world.at)])
                await asyncio.to_thread(world.control.refresh)
                asyncio.get_running_loop().call_later(0.1, lambda: [watcher() for watcher in world.control._watchers])
        return found

    assert asyncio.run(listen()) == [[], ["sales"]]

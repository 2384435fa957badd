"""What is left and `may I`: over HTTP, and over MCP with the real client and the real command."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from attribution.storage import Store
from collector.control.tools import ServiceError, Tools
from tests.budgets.test_api import KEY, served
from tests.budgets.world import COST, World, config, deciding, trace
from tests.e2e.batch import one
from tests.e2e.serving import free_port

SPANLEDGER = str(Path(sys.executable).with_name("spanledger"))
BUDGETS = {
    "sales": {"scope": {"team": "sales"}, "limit": "0.30", "per": "month"},
    "ops": {"scope": {"team": "ops"}, "limit": 5, "per": "month"},
    "user": {"each": ["user"], "limit": 1, "per": "day"},
    "run": {"limit": "0.20", "per": "run"},
}
CALL = {"model": "gpt-4.1-mini", "input_tokens": 300_000, "output_tokens_max": 0}


def left(answer: Any) -> dict[str, Decimal]:
    return {one["budget"]: Decimal(one["remaining"]) for one in answer}


def test_what_is_left_for_a_call_over_http(store: Store) -> None:
    """Of all that would hold for it, also where nothing was spent of it yet; asking holds nothing."""
    world = World(store, config(BUDGETS))
    world.arrive(world.root(), world.call(), attributed=True)
    for client in served(world):
        asked = {"team": "sales", "user": "ann", "run": trace(1)}
        for _ in range(2):
            found = client.get("/api/v1/budgets", params=asked).json()["budgets"]
            assert left(found) == {"sales": Decimal("0.30") - COST, "user": 1, "run": Decimal("0.20") - COST}
        assert left(client.get("/api/v1/budgets", params={"user": "bob"}).json()["budgets"]) == {"user": 1}
        wrong = client.get("/api/v1/budgets", params={"squad": "x"})
        assert (wrong.status_code, "dimensions.squad: 'squad' is not allowed" in wrong.json()["error"]) == (400, True)
    for client in served(world, KEY):  # nobody talks a key's team away
        said = {"Authorization": "Bearer secret"}
        assert left(client.get("/api/v1/budgets", params={"team": "ops"}, headers=said).json()["budgets"]) == {"sales": Decimal("0.18")}


async def asked_over_mcp(url: str, *options: str) -> list[Any]:
    from mcp import StdioServerParameters  # noqa: PLC0415  (a second, for two tests)
    from mcp.client.client import Client  # noqa: PLC0415

    command = StdioServerParameters(command=SPANLEDGER, args=["mcp", "--url", url, *options])
    async with Client(command) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert names == {"what_is_left", "may_i"}
        answers = [
            await client.call_tool("what_is_left", {"dimensions": {"user": "ann"}}),
            await client.call_tool("may_i", {**CALL, "run": trace(3)}),
            await client.call_tool("may_i", {**CALL, "input_tokens": 600_000}),
            await client.call_tool("may_i", {"run": "nonsense"}),
        ]
        return [(one.is_error, one.structured_content, one.content[0].text if one.content else "") for one in answers]  # type: ignore[union-attr]


def test_an_agent_asks_over_mcp(store: Store) -> None:
    world = World(store, config(BUDGETS))
    with deciding(world, KEY) as url:
        found = asyncio.run(asked_over_mcp(url, "--key", "secret", "--of", "agent=planner"))
        assert left(found[0][1]["result"]) == {"sales": Decimal("0.30"), "user": 1}
        allowed = found[1][1]
        assert (allowed["decision"], Decimal(allowed["amount"]), allowed["budget"]) == ("allow", COST, "run")
        refused = found[2][1]
        assert (refused["decision"], refused["budget"], Decimal(refused["amount"])) == ("allow", "sales", 2 * COST)
        assert found[3][0]
        assert "trace_id: 'nonsense' is not allowed" in found[3][2]
    assert world.control.decider._state.reservations == {}, "nothing stays reserved"


async def asked_over_http(address: str, key: str) -> list[Any]:
    from mcp.client.client import Client  # noqa: PLC0415  (likewise)
    from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415

    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http,
        Client(streamable_http_client(f"http://{address}/mcp", http_client=http)) as client,
    ):
        answers = [await client.call_tool("what_is_left", {"dimensions": {"user": "ann"}}), await client.call_tool("may_i", CALL)]
        return [(one.is_error, one.structured_content, one.content[0].text if one.content else "") for one in answers]  # type: ignore[union-attr]


def test_agents_ask_over_streamable_http_with_keys_of_their_own(store: Store) -> None:
    world = World(store, config(BUDGETS))
    address = f"127.0.0.1:{free_port()}"
    with (
        deciding(world, KEY) as url,
        subprocess.Popen([SPANLEDGER, "mcp", "--url", url, "--http", address, "--host", "mcp.test"]) as process,  # noqa: S603  (our own)
    ):
        try:
            answers(address)
            found = asyncio.run(asked_over_http(address, "secret"))
            assert left(found[0][1]["result"]) == {"sales": Decimal("0.30"), "user": 1}
            assert found[1][1]["decision"] == "allow"
            for refused in asyncio.run(asked_over_http(address, "wrong")):
                assert refused[0], "the key of another is none"
            for headers, status in (
                ({"Host": "evil.test"}, 421),
                ({"Origin": "http://evil.test"}, 403),
                ({"Host": "mcp.test", "Origin": "https://mcp.test"}, 406),  # so far it is let in; it accepts no answer
            ):
                told = httpx2.post(f"http://{address}/mcp", json={}, headers={"Accept": "text/html", **headers})
                assert told.status_code == status, (headers, told.text)
        finally:
            process.terminate()


def answers(address: str) -> None:
    limit = time.monotonic() + 30
    while True:
        with contextlib.suppress(httpx2.TransportError):
            httpx2.get(f"http://{address}/")
            return
        assert time.monotonic() < limit, "it does not listen"
        time.sleep(0.1)


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(ServiceError, match="--url: 'localhost' is not allowed"):
        Tools("localhost", "", {})
    with pytest.raises(ServiceError, match="does not answer"):
        Tools("http://127.0.0.1:9", "", {}).what_is_left()
    _, _, said = one(["mcp", "--http", "127.0.0.1:0", "--key", "secret"])
    assert "over HTTP each caller brings its own" in " ".join(said.split())
    code, _, said = one(["mcp", "--of", "squad=x"])
    assert code == 2
    assert "--of: 'squad=x' is not allowed: NAME=VALUE is needed" in " ".join(said.split())

"""`spanledger budget push`: budgets become limits that providers hold themselves, shown first, written once, with a record of each."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from attribution.budgets import events, extend
from attribution.errors import ConfigurationError, RefusedError
from attribution.storage import Store
from collector.config import Config
from collector.provider_limits import PERIODS, ProviderError, planned, push
from tests.e2e.serving import COMMAND, run

SECRET = "admin-secret"
TOKEN = "ab" * 32


class Provider(BaseHTTPRequestHandler):
    """Three administrations; each keeps what it is told, as it says it itself."""

    kept: ClassVar[dict[str, Any]] = {}
    writes: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if self.path.startswith("/litellm/key/info?key="):
            self._answer(
                {"key": TOKEN, "info": {"spend": 1.5, "max_budget": None, "budget_duration": None, **self.kept.get("litellm", {})}}
            )
        elif self.path in self.kept:
            self._answer(self.kept[self.path])
        else:
            self._answer({"error": {"message": "no such limit"}}, 404)

    def do_POST(self) -> None:
        from litellm.proxy._types import UpdateKeyRequest  # noqa: PLC0415  (seconds, for one test)

        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.writes.append(self.path)
        if self.path == "/litellm/key/update":
            asked = UpdateKeyRequest(**body)  # as the proxy reads it
            assert (asked.key, asked.max_budget) == (TOKEN, 20.0)
            self.kept["litellm"] = {"max_budget": asked.max_budget, "budget_duration": asked.budget_duration}
            self._answer(self.kept["litellm"])
        else:
            self.kept[self.path] = {"object": "project.spend_limit", "enforcement": {"status": "inactive"}, **body}
            self._answer(self.kept[self.path])

    def do_PATCH(self) -> None:
        self.writes.append(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.kept[self.path] = {"data": {**self.kept[self.path]["data"], **body}}
        self._answer(self.kept[self.path])

    def _answer(self, body: Any, status: int = 200) -> None:
        if self.headers["Authorization"] != f"Bearer {SECRET}":
            body, status = {"error": f"{self.headers['Authorization']} is no administrator"}, 401
        said = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        """Nothing is said."""


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("ADMIN_KEY", SECRET)
    Provider.kept = {"/openrouter/keys/hash": {"data": {"hash": "hash", "limit": 75.5, "limit_reset": None}}}
    Provider.writes = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def settings(url: str, **more: Any) -> dict[str, Any]:
    return {
        "budgets": {
            "support": {"scope": {"team": "support"}, "limit": 500, "per": "month"},
            "labs": {"limit": 20, "per": "day"},
            "coding": {"limit": "75.50", "per": "week"},
            "each": {"each": ["user"], "limit": 5, "per": "day"},
            "hops": {"unit": "agent_hops", "limit": 5, "per": "day"},
        },
        "provider_limits": [
            {"budget": "support", "provider": "openai", "target": "proj_1", "url": f"{url}/openai/v1", "admin_key_env": "ADMIN_KEY"},
            {"budget": "labs", "provider": "litellm", "target": TOKEN, "url": f"{url}/litellm/", "admin_key_env": "ADMIN_KEY"},
            {"budget": "coding", "provider": "openrouter", "target": "hash", "url": f"{url}/openrouter", "admin_key_env": "ADMIN_KEY"},
        ],
        **more,
    }


def only_first(at: str, /, **of: Any) -> Config:
    told = settings(at)
    return Config.parse({**told, "provider_limits": [{**told["provider_limits"][0], **of}]})


def test_nothing_is_written_before_it_is_said_and_then_once(store: Store, url: str) -> None:
    from openai import OpenAI  # noqa: PLC0415  (likewise)

    config, now = Config.parse(settings(url)), datetime.now(UTC)
    extend(store, config, "support", "12.34", who="olga", reason="a launch")
    changes = planned(store, config, now)
    assert [(str(one.there), str(one.ours)) for one in changes] == [
        ("none", "512.34 USD month"),
        ("none", "20 USD 1d"),
        ("75.5 USD in all", "75.5 USD weekly"),
    ]
    assert Provider.writes == [], "it was only asked"
    push(store, changes, who="olga", reason="the last line")
    assert len(Provider.writes) == 3
    admin = OpenAI(admin_api_key=SECRET, base_url=f"{url}/openai/v1").admin.organization.projects.spend_limit
    found = admin.retrieve("proj_1")
    assert (found.threshold_amount, found.currency, found.interval) == (51234, "USD", "month"), "as the real client reads it"
    assert Provider.kept["/openrouter/keys/hash"]["data"] == {"hash": "hash", "limit": 75.5, "limit_reset": "weekly"}

    again = planned(store, config, now)
    assert not any(one.is_needed for one in again)
    push(store, again, who="olga")
    assert len(Provider.writes) == 3, "what is as it should be is left alone"
    kept = [(one.budget, one.amount, one.who, one.reason, json.loads(one.detail)) for one in events(store, kinds=("pushed",))]
    assert kept[0] == (
        "support",
        Decimal("512.34"),
        "olga",
        "the last line",
        {"provider": "openai", "target": "proj_1", "before": "none", "after": "512.34 USD month"},
    )
    assert [one[0] for one in kept] == ["support", "labs", "coding"]


def test_every_window_has_a_name_that_litellm_knows() -> None:
    from litellm.litellm_core_utils.duration_parser import duration_in_seconds  # noqa: PLC0415  (likewise)

    assert [duration_in_seconds(name) > 0 for name in PERIODS["litellm"].values()] == [True] * 4


def test_what_is_wrong_is_named_without_the_secret(store: Store, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for budget in ("each", "hops", "labs"):
        with pytest.raises(RefusedError, match=f"openai cannot hold {budget}: a budget of money, without each, per month is needed"):
            planned(store, only_first(url, budget=budget), now)
    with pytest.raises(ProviderError, match=r"openrouter at \S+ answers 404 to GET of proj_1: .*no such limit"):
        push(store, planned(store, only_first(url, provider="openrouter", budget="coding"), now), who="olga")
    with pytest.raises(ProviderError, match="does not answer"):
        planned(store, only_first(url, url="http://127.0.0.1:9/v1"), now)
    with pytest.raises(RefusedError, match="the environment variable NO_KEY holds no key of an administrator"):
        planned(store, only_first(url, admin_key_env="NO_KEY"), now)
    monkeypatch.setenv("ADMIN_KEY", "wrong-secret")
    with pytest.raises(ProviderError, match=r"openai at \S+/openai/v1 answers 401 to GET of proj_1") as refused:
        planned(store, only_first(url), now)
    assert "wrong-secret" not in str(refused.value)
    (tmp_path / "key").write_text(f"{SECRET}\n", encoding="utf-8")
    assert planned(store, only_first(url, admin_key_env="", admin_key_file=str(tmp_path / "key")), now)[0].is_needed
    assert Provider.writes == []


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({"budget": "suport"}, "there is no budget 'suport'"),
        ({"provider": "litellm", "target": "sk-secret", "url": "http://proxy"}, "this is the key itself"),
        ({"provider": "litellm", "url": ""}, "where litellm is"),
        ({"admin_key_env": ""}, "admin_key_env or admin_key_file"),
    ],
)
def test_a_limit_that_cannot_be_reached_is_refused_at_the_start(of: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        only_first("http://127.0.0.1:1", **of)


def test_the_command_says_what_it_would_do_and_does_it_when_told(url: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings(url)), encoding="utf-8")
    command = [*COMMAND, "budget", "push", "--config", str(tmp_path / "config.yaml"), "--data", str(tmp_path / "data"), "--format", "json"]
    states = []
    for options in ([], ["--apply", "--why", "last line"], []):
        done = run(*command, *options, ADMIN_KEY=SECRET)
        assert done.returncode == 0, done.stderr
        states.append([row["state"] for row in json.loads(done.stdout)])
    assert states == [["would be written"] * 3, ["written"] * 3, ["as it is"] * 3]
    assert len(Provider.writes) == 3

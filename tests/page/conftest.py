"""A store with days of the demo's workload and a page of it, in this process; a service of its own for browsers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from attribution.attribute import attribute
from attribution.storage import Store
from collector.budgeting import Budgeting
from collector.config import Config
from collector.control import Control
from collector.demo import CONFIG
from collector.disputing import Disputing
from collector.oidc import SignIn
from collector.page import PageApp
from collector.page.access import Readers
from collector.page.view import Counts, Status
from collector.processor import Processor
from collector.spool import Delivery
from collector.users import Users, hashed
from tests.attribution.otlp import exporter_to
from tests.beginnings import Beginnings
from tests.conftest import ENGINES, own_store
from tests.e2e.serving import ROOT, environment, free_port, http_client
from tests.page.workload import weeks

DAYS = 4
PROVIDER_SECONDS_MAX = 60
BUDGETS = {
    "support": {"scope": {"team": "support"}, "limit": "0.0001", "per": "week", "mode": "soft"},
    "each team/day": {"each": ["team"], "limit": 5, "per": "day"},
    "all of us": {"limit": 1000, "unit": "EUR", "per": "quarter", "timezone": "Europe/Berlin"},
    "tokens": {"scope": {"team": ["sales", "supp*"]}, "limit": 10_000_000, "unit": "tokens", "per": "month"},
    "loops": {"unit": "agent_hops", "limit": 40, "per": "run"},
}
"""Of every kind: by scope and by key, in USD, another currency and in counts, by windows of time and by runs."""
EUR = {"EUR": [{"from": "2026-01-01", "usd": "1.10"}]}


@pytest.fixture(scope="session", params=ENGINES)
def filled(request: pytest.FixtureRequest, embedded_path: Path, beginnings: Beginnings) -> Iterator[Store]:
    """A store with days of the workload, attributed."""
    with own_store(request.param, embedded_path) as store:
        beginnings.bring(store, days_of_the_workload)
        yield store


def days_of_the_workload(store: Store) -> None:
    config = Config.parse(CONFIG)
    for number, (body, spans) in enumerate(weeks(DAYS, workflows=6)):
        delivery = Delivery(number + 1, time.time_ns(), spans, {}, body)
        exporter_to(store).export([Processor(config).process(delivery)])
    attribute(store, config)


class Served:
    """The page of a store, in this process."""

    def __init__(
        self,
        store: Store,
        users: Sequence[dict[str, Any]] = (),
        *,
        open_to_all: bool = True,
        clock: Callable[[], float] = time.monotonic,
        **settings: Any,
    ) -> None:
        self.store = store
        self.config = Config.parse(
            {**CONFIG, "pricing": {**CONFIG["pricing"], "currencies": EUR}, "budgets": BUDGETS, "users": list(users), **settings}
        )
        self.sign_in = SignIn(self.config.oidc, clock)
        readers = Readers(Users(self.config.users), open_to_all=open_to_all, sign_in=self.sign_in)
        self.control = Control(self.config, store.another(), None)
        self.control.refresh()
        disputing, budgeting = Disputing(store, lambda: self.config), Budgeting(store, lambda: self.config, self.control.refresh)
        self.app = PageApp(store, self.config, readers, disputing, budgeting, lambda: Status(violations=0), self.counts)
        self.client = TestClient(Starlette(routes=self.app.routes()), base_url="http://127.0.0.1", follow_redirects=False)

    def counts(self) -> Counts:
        decider = self.control.decider
        return Counts(decider.now(), decider.parts(), decider.standing)

    def close(self) -> None:
        self.app.close()
        self.control.stop()

    def post(self, path: str, said: dict[str, str], **options: Any) -> Any:
        """A form as a browser sends it from a page of ours."""
        return self.client.post(path, data=said, headers={"Sec-Fetch-Site": "same-origin"}, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def text(self, path: str, **options: Any) -> str:
        """Of a page that is there."""
        answer = self.get(path, **options)
        assert answer.status_code == 200, (path, answer.text)
        return str(answer.text)


@pytest.fixture(scope="session")
def page(filled: Store) -> Iterator[Served]:
    """The page without users."""
    served = Served(filled)
    yield served
    served.close()


@pytest.fixture(scope="session")
def of_users(filled: Store) -> Iterator[Served]:
    """The page with a user who sees all, and one who sees a team."""
    users = [
        {"name": "fay", "password_scrypt": hashed("fay's")},
        {"name": "sam", "password_scrypt": hashed("sam's"), "teams": ["support"]},
    ]
    served = Served(filled, users, open_to_all=False)
    yield served
    served.close()


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its issuer."""
    port = free_port()
    log = tmp_path_factory.mktemp("provider") / "log"
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(  # noqa: S603  (our own command)
            [sys.executable, "-W", "ignore", "-m", "tests.page.provider", str(port)], env=environment(), cwd=ROOT, stdout=out, stderr=out
        )
        issuer, limit = f"http://localhost:{port}", time.monotonic() + PROVIDER_SECONDS_MAX
        while not answers(issuer):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < limit, log.read_text(encoding="utf-8")
            time.sleep(0.1)
        yield issuer
        process.terminate()
        process.wait(PROVIDER_SECONDS_MAX)


def answers(issuer: str) -> bool:
    try:
        with http_client() as http:
            return http.get(f"{issuer}/.well-known/openid-configuration").status_code == 200
    except httpx.TransportError:
        return False

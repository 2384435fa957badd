"""What happens to a budget is told at least once, and no event twice: with the real Apprise, and a webhook that is made here."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from attribution.budgets import Event
from attribution.errors import ConfigurationError
from collector.control.decisions import Decider
from collector.control.journal import Journal
from tests.budgets.world import NOON, config


@dataclass
class Hook:
    """A webhook, and what came."""

    came: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    url: str = ""

    @property
    def titles(self) -> list[str]:
        return [one["title"] for one in self.came]


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if made.status == 200:
                made.came.append(said)
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, daemon=True).start()
    made.url = f"json://127.0.0.1:{http.server_port}/hook"
    yield made
    http.shutdown()
    http.server_close()


def tier(budget: str = "sales") -> Event:
    return Event("tier", budget, NOON, ("ann",), amount=Decimal(90), reason="18 of 20 USD are spent, 90.0 %")


def test_a_message_comes_once_and_says_what_happened(hook: Hook) -> None:
    how = config({"sales": {"limit": 1, "per": "day"}}, notify=[{"url": hook.url, "budgets": ["sal*"]}])
    decider = Decider(how, Journal(None))
    event = tier()
    for _ in range(2):
        decider.note(event)
        decider.tell()
    decider.note(tier(budget="support"))  # nobody wants it
    decider.note(Event("refused", "sales"))  # neither
    decider.tell()
    assert hook.titles == ["Tier 90: sales ann"]
    (message,) = hook.came
    assert message["type"] == "warning"
    assert message["message"].splitlines() == [
        "18 of 20 USD are spent, 90.0 %", "window since 2026-11-01 12:00 UTC", "", f"id {event.id}/0",
    ]  # fmt: skip


def test_a_message_waits_for_its_receiver_also_over_a_crash(hook: Hook, tmp_path: Path) -> None:
    how = config({}, notify=[{"url": hook.url, "name": "finance"}])
    journal = Journal(tmp_path / "control.sqlite")
    decider = Decider(how, journal)
    hook.status = 503
    decider.note(tier())
    decider.tell()
    journal.close()
    hook.status = 200
    journal = Journal(tmp_path / "control.sqlite")
    (due,) = journal.due(2e12)
    assert (due.receiver, due.attempts) == ("finance", 1)
    decider = Decider(how, journal)
    decider.tell()  # not yet: it backs off
    assert hook.came == []
    assert decider._outbox.send(how.notify, now=due.at + 10) == 1
    assert (hook.titles, journal.due(2e12)) == (["Tier 90: sales ann"], [])


def test_a_receiver_that_is_not_understood_is_refused_without_its_secret() -> None:
    with pytest.raises(ConfigurationError, match="scheme carrierpigeon") as refusal:
        config({}, notify=[{"url": "carrierpigeon://token-of-ours/roof"}])
    assert "token-of-ours" not in str(refusal.value)

"""What happens to a budget is told at least once, and no event twice: with the real Apprise, and a webhook that is made here."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from typer.testing import CliRunner

from attribution.budgets import Event
from attribution.errors import ConfigurationError
from collector.commands.notifying import app
from collector.control.decisions import Decider
from collector.control.journal import Journal
from collector.control.notify import Outbox
from collector.control.quiet import quiet_until
from tests.budgets.world import NOON, config


@dataclass
class Hook:
    """A webhook, and what came."""

    came: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
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
            body = self.rfile.read(int(self.headers["content-length"]))
            if made.status == 200:
                made.came.append(json.loads(body))
                made.bodies.append(body)
                made.headers.append({name.lower(): value for name, value in self.headers.items()})
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


NIGHTS = {"quiet": "22:00-07:00", "quiet_days": ["saturday", "sunday"], "timezone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("how", "at", "until"),
    [
        (NIGHTS, "2026-11-03 12:00", None),  # a Tuesday; Berlin is an hour ahead
        (NIGHTS, "2026-11-03 21:00", "2026-11-04 06:00"),
        (NIGHTS, "2026-11-04 05:59", "2026-11-04 06:00"),
        (NIGHTS, "2026-11-04 06:00", None),
        (NIGHTS, "2026-11-06 21:30", "2026-11-09 06:00"),  # a Friday's night runs into the weekend, and that into Monday's
        (NIGHTS, "2026-11-07 12:00", "2026-11-09 06:00"),
        ({"quiet": "12:00-13:30"}, "2026-11-03 13:29", "2026-11-03 13:30"),
        ({"quiet": "12:00-13:30"}, "2026-11-03 13:30", None),
        ({"quiet": "22:00-07:00", "timezone": "Europe/Berlin"}, "2026-03-28 22:00", "2026-03-29 05:00"),  # clocks go forward that night
        ({"quiet_days": ["sunday"]}, "2026-11-08 00:00", "2026-11-09 00:00"),
        ({}, "2026-11-08 00:00", None),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(how: dict[str, Any], at: str, until: str | None) -> None:
    (receiver,) = config({}, notify=[{"url": "json://localhost/", **how}]).notify
    moment, end = (datetime.fromisoformat(one).replace(tzinfo=UTC) if one else None for one in (at, until))
    assert moment
    assert quiet_until(receiver, moment) == end


def test_in_quiet_hours_messages_wait_but_those_that_never_do(hook: Hook) -> None:
    how = config({}, notify=[{"url": hook.url, "quiet": "22:00-07:00", "events": ["tier", "escalated"]}])
    outbox = Outbox(Journal(None))
    night = datetime(2026, 11, 3, 23, tzinfo=UTC).timestamp()
    for one in (tier(), Event("escalated", "sales", NOON, amount=Decimal(90), reason="nobody acknowledged")):
        outbox.put(one, how.notify)
    outbox._journal._connection.execute("UPDATE messages SET at = ?, due = ?", (night, night))
    assert outbox.send(how.notify, night) == 1
    assert hook.titles == ["Escalated 90: sales"]
    assert outbox.send(how.notify, night + 7 * 3600) == 0
    assert outbox.send(how.notify, night + 8 * 3600) == 1
    assert hook.titles[1:] == ["Tier 90: sales ann"]


def test_a_digest_is_one_message_of_what_came_in_its_time(hook: Hook) -> None:
    how = config({}, notify=[{"url": hook.url, "digest_minutes": 30, "events": ["tier", "critical"]}])
    outbox, begun = Outbox(Journal(None)), time.time()
    events = [tier(), tier("ops"), Event("critical", "ops", NOON, reason="it went on")]
    for one in events:
        outbox.put(one, how.notify)
    assert outbox.send(how.notify, begun + 60) == 1  # what never waits
    assert outbox.send(how.notify, begun + 29 * 60) == 0
    late = tier("labs")
    outbox.put(late, how.notify)
    hook.status = 503
    assert outbox.send(how.notify, begun + 31 * 60) == 0
    hook.status = 200
    assert outbox.send(how.notify, begun + 32 * 60) == 3
    assert hook.titles == ["Critical: ops", "3 messages: Tier 90: sales ann ..."]
    told = hook.came[1]["message"]
    assert [f"{one.id}/0" in told for one in (*events, late)] == [True, True, False, True]
    assert "Tier 90: labs ann\n18 of 20 USD are spent, 90.0 %" in told
    assert outbox._journal.due(2e12) == []
    outbox.put(tier("alone"), how.notify)
    assert outbox.send(how.notify, begun + 90 * 60) == 1
    assert hook.titles[2] == "Tier 90: alone ann"


@pytest.mark.parametrize("secret", ["whsec_" + base64.b64encode(b"k" * 24).decode(), "a plain text of ours"])
def test_a_webhook_of_ones_own_can_check_who_sends(hook: Hook, secret: str, tmp_path: Path) -> None:
    """By the library that Standard Webhooks has for it."""
    (tmp_path / "secret").write_text(secret + "\n")
    url = hook.url.replace("json://", "http://")
    how = config({}, notify=[{"url": url, "name": "ours", "secret_file": str(tmp_path / "secret")}])
    outbox, event = Outbox(Journal(None)), tier()
    outbox.put(event, how.notify)
    assert outbox.send(how.notify) == 1
    checked = Webhook(secret if secret.startswith("whsec_") else base64.b64encode(secret.encode()).decode())
    said = checked.verify(hook.bodies[0], hook.headers[0])
    assert said["type"] == "spanledger.tier"
    assert said["data"]["title"] == "Tier 90: sales ann"
    assert said["data"]["id"] == hook.headers[0]["webhook-id"] == f"{event.id}/ours"
    with pytest.raises(WebhookVerificationError):
        checked.verify(hook.bodies[0].replace(b"18", b"19"), hook.headers[0])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"quiet": "22-7"}, "two times of the day are needed"),
        ({"quiet": "08:00-08:00"}, "two times of the day are needed"),
        ({"quiet": "25:00-07:00"}, "two times of the day are needed"),
        ({"timezone": "Europe"}, "an IANA time zone name is needed"),
        ({"quiet_days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]}, "some day must not be quiet"),
        ({"digest_minutes": 1441}, "digest_minutes: 1441 is not allowed"),
        ({"secret_env": "S", "secret_file": "/s"}, "secret_env or secret_file: one of them"),
        ({"secret_env": "S"}, "with a secret it is a webhook, such as https://host/path"),
        ({"always": ["never"]}, "always.0: 'never' is not allowed"),
    ],
)
def test_what_is_wrong_with_a_receiver_is_named(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(why)):
        config({}, notify=[{"url": "json://localhost/", **said}])


def test_a_secret_that_is_not_there_is_said_and_the_message_stays(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    how = config({}, notify=[{"url": hook.url.replace("json://", "http://"), "name": "ours", "secret_env": "NO_SUCH_SECRET"}])
    outbox = Outbox(Journal(None))
    outbox.put(tier(), how.notify)
    assert outbox.send(how.notify) == 0
    assert "notify: ours: there is no secret in NO_SUCH_SECRET" in caplog.text
    assert len(outbox._journal.due(2e12)) == 1


def test_the_command_sends_a_test_and_says_who_has_taken_it(hook: Hook, tmp_path: Path) -> None:
    file = tmp_path / "spanledger.yaml"
    file.write_text(
        f"notify:\n  - {{url: '{hook.url}', name: finance, quiet: '00:00-23:59'}}\n  - {{url: 'json://127.0.0.1:1/', name: gone}}\n"
    )
    found = CliRunner().invoke(app, ["--config", str(file)])
    assert (found.exit_code, found.output.splitlines()) == (1, ["finance: has taken it", "gone: has not taken it"])
    assert hook.titles == ["Test: Spanledger can reach you"]
    assert CliRunner().invoke(app, ["--config", str(file), "--to", "finance"]).exit_code == 0
    refusal = CliRunner().invoke(app, ["--config", str(file), "--to", "nobody"])
    assert str(refusal.exception) == "there is no receiver 'nobody'; there is finance, gone"

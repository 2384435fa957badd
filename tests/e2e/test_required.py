"""`policies.required: quarantine`: what nobody says whose it is waits by name, till its trace, the configuration or a person says."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.otlp import chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving, only

KEYS = [{"name": "any-key", "sender": "any", "secret_sha256": hashlib.sha256(b"any").hexdigest()}]


@pytest.fixture
def serving(tmp_path: Path) -> Any:
    config = {"pricing": {"update": False}, "ingest": {"keys": KEYS}, "policies": {"required": {"team": "quarantine"}}}
    started = Serving(tmp_path / "data", config)
    started.start()
    yield started
    started.stop()


def sent(serving: Serving, *spans: Any, **resource: str) -> None:
    body = request(spans, {"service.name": "by-hand", **resource}).SerializeToString()
    assert serving.export(body, x_api_key="any").status_code == 200


def figures(serving: Serving) -> dict[str, int]:
    counted = {
        state: int(float(spans))
        for state, spans in re.findall(
            r'^spanledger_sender_spans{sender="any",state="(\w+)"} (\S+)$', serving.get("/metrics").text, re.MULTILINE
        )
    }
    assert counted.get("received", 0) == sum(
        counted.get(state, 0) for state in ("rejected", "waiting", "quarantined", "dropped", "delivered")
    )
    return counted


def quarantined(serving: Serving) -> list[dict[str, Any]]:
    return list(json.loads(serving.command("quarantine", "list", "--format", "json")))


def test_calls_of_nobody_are_set_aside_by_name_and_the_rest_is_stored(serving: Serving) -> None:
    said, above, silent = trace_id(), trace_id(), trace_id()
    sent(
        serving,
        span(said, 1, chat("gpt-4o", 1000, 10, team="sales")),
        span(above, 2, invoke("planner", team="support")),
        span(above, 3, chat("gpt-4o", 1000, 10), parent=2),
        span(silent, 4, invoke("planner")),
        span(silent, 5, chat("gpt-4o", 2000, 10), parent=4),
    )
    sent(serving, span(trace_id(), 1, chat("gpt-4o", 10, 1)), team="by the resource")
    serving.stored(said, 1)
    serving.stored(above, 2)
    serving.stored(silent, 1)
    aside = only(quarantined(serving))
    assert (aside["spans"], aside["reason"]) == (1, "policies.required: 1 call does not say its team, such as 'span 5'")
    assert "gpt-4o" in serving.command("quarantine", "show", str(aside["id"]))
    serving.until(
        lambda: figures(serving) == {"received": 6, "rejected": 0, "waiting": 0, "quarantined": 1, "dropped": 0, "delivered": 5}, "counted"
    )
    serving.attributed(said, above)
    missing = "SELECT sum(count) AS count FROM missing WHERE reason = 'quarantined'"
    serving.until(lambda: only(serving.query(missing))["count"] == 1, "totals say that it is missing")
    assert {row["team"] for row in serving.query("SELECT team FROM costs_by_team")} == {"sales", "support", "by the resource"}

    serving.command("quarantine", "retry", str(aside["id"]))
    serving.until(
        lambda: quarantined(serving) and only(quarantined(serving))["id"] != aside["id"], "nothing has changed: it is set aside again"
    )
    number = str(only(quarantined(serving))["id"])
    assert "NAME=VALUE is needed" in serving.command("quarantine", "retry", number, "--tag", "teem=sales", code=2)
    serving.command("quarantine", "retry", number, "--tag", "team=found")
    serving.stored(silent, 2)
    serving.attributed(silent)
    paid = "SELECT toString(direct) AS direct FROM costs_by_team WHERE team = 'found'"
    serving.until(lambda: serving.query(paid) == [{"direct": "0.0051"}], "the team that was named pays")
    assert quarantined(serving) == []
    assert figures(serving)["delivered"] == 6
    assert "audits pass" in serving.command("audit")


def test_calls_come_in_by_themselves_when_their_root_says_whose_they_are(serving: Serving) -> None:
    early, never = trace_id(), trace_id()
    sent(
        serving,
        span(early, 2, chat("gpt-4o", 1000, 10), parent=1),
        span(early, 3, {}, parent=2),
        span(never, 2, chat("gpt-4o", 1000, 10), parent=1),
    )
    serving.until(lambda: [one["spans"] for one in quarantined(serving)] == [2], "neither is known yet")
    sent(serving, span(early, 1, invoke("planner", team="sales")), span(never, 1, invoke("planner")))
    serving.stored(early, 3)
    serving.until(lambda: [one["spans"] for one in quarantined(serving)] == [1], "the other one waits on")
    serving.attributed(early)
    asked = "SELECT team, toString(sum(c.direct)) AS direct FROM costs_by_team AS c GROUP BY team HAVING sum(c.direct) > 0"
    serving.until(lambda: serving.query(asked) == [{"team": "sales", "direct": "0.0026"}], "its root says it")
    assert figures(serving)["received"] == 5


def test_after_the_policy_is_gone_all_of_it_comes_in(serving: Serving) -> None:
    trace = trace_id()
    sent(serving, span(trace, 1, chat("gpt-4o", 1000, 10)))
    serving.until(lambda: len(quarantined(serving)) == 1, "set aside")
    serving.stop()
    serving.settings = {**serving.settings, "policies": {}}
    serving.start()
    serving.command("quarantine", "retry", str(only(quarantined(serving))["id"]))
    serving.stored(trace, 1)
    assert quarantined(serving) == []

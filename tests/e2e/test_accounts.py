"""What became of every span, per sender, over kills, duplicates, rejects and the quarantine: in `/metrics`, in SQL and as an audit."""

from __future__ import annotations

import hashlib
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.otlp import chat, request, span, trace_id
from tests.e2e.serving import Serving

SENDERS = ("sales", "support")
STATES = ("received", "rejected", "waiting", "quarantined", "dropped", "delivered")


@pytest.fixture
def serving(tmp_path: Path) -> Any:
    keys = [{"name": f"{name}-key", "sender": name, "secret_sha256": hashlib.sha256(name.encode()).hexdigest()} for name in SENDERS]
    started = Serving(tmp_path / "data", {"pricing": {"update": False}, "ingest": {"keys": keys}})
    started.start()
    yield started
    started.stop()


def figures(serving: Serving, sender: str) -> dict[str, int]:
    found = re.findall(rf'^spanledger_sender_spans{{sender="{sender}",state="(\w+)"}} (\S+)$', serving.get("/metrics").text, re.MULTILINE)
    counted = {state: int(float(spans)) for state, spans in found}
    assert counted.get("received", 0) == sum(counted.get(state, 0) for state in STATES[1:])
    return counted


def test_every_span_is_accounted_for_over_kills(serving: Serving) -> None:
    trace = trace_id()
    spans = [span(trace, number, chat("gpt-4o", 10, 1)) for number in range(1, 6)]
    invalid = span(trace, 9, chat("gpt-4o", 10, 1))
    invalid.span_id = b"short"
    for nth in range(3):  # the second and third time they are duplicates
        body = request([*spans, invalid]).SerializeToString()
        assert serving.export(body, x_api_key="sales").status_code == 200
        assert serving.export(request([invalid]).SerializeToString(), x_api_key="support").status_code == 200
        assert figures(serving, "sales")["received"] == 6 * (nth + 1), "counted before it was acknowledged"
        serving.stop(signal.SIGKILL)
        serving.start()
        assert figures(serving, "sales")["received"] == 6 * (nth + 1)
    serving.until(lambda: figures(serving, "sales")["delivered"] == 15, "all is delivered")
    assert figures(serving, "sales") == {"received": 18, "rejected": 3, "waiting": 0, "quarantined": 0, "dropped": 0, "delivered": 15}
    assert figures(serving, "support") == {"received": 3, "rejected": 3, "waiting": 0, "quarantined": 0, "dropped": 0, "delivered": 0}
    asked = "SELECT sender, sum(received) AS received, sum(rejected) AS rejected, sum(delivered) AS delivered FROM senders GROUP BY sender"
    expected = [
        {"sender": "sales", "received": 18, "rejected": 3, "delivered": 15},
        {"sender": "support", "received": 3, "rejected": 3, "delivered": 0},
    ]
    serving.until(lambda: serving.query(f"{asked} ORDER BY sender") == expected, "the store knows it too")
    text = serving.get("/metrics").text
    serving.until(lambda: 'store_spans{sender="sales",state="stored"}' in serving.get("/metrics").text, "what is stored is counted")
    assert "audits pass" in serving.command("audit"), text
    assert serving.query("SELECT count() AS n FROM spans")[0]["n"] == 5

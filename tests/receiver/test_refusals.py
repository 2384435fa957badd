"""Refused senders are in the log by name, and do not flood it."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable

import pytest

from collector.logs import JsonFormatter
from collector.receiver import refusals as module
from collector.receiver.outcome import Outcome, RefusalError
from collector.receiver.refusals import Refusals

from .conftest import KEY, SECRET, Receiver

Start = Callable[..., Receiver]


def test_who_was_refused_is_told_once_a_minute(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals, now = Refusals(), [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    full = RefusalError(Outcome.FULL, "the spool is full", "sales")
    for _ in range(5):
        refusals.note(full)
    refusals.note(RefusalError(Outcome.MALFORMED, "no protobuf", "sales"))
    refusals.note(RefusalError(Outcome.FULL, "the spool is full", "support"))
    now[0] += module.LOG_SECONDS
    refusals.note(full)
    assert [record.getMessage() for record in caplog.records] == [
        "refused: sales: full: the spool is full",
        "refused: sales: malformed: no protobuf",
        "refused: support: full: the spool is full",
        "refused: sales: full: the spool is full, and 4 times before",
    ]


def test_names_that_anybody_may_choose_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KNOWN_MAX", 10)
    refusals = Refusals()
    for number in range(100):
        refusals.note(RefusalError(Outcome.UNAUTHENTICATED, "unknown", f"key {number}" * 1000))
    assert len(refusals._since) <= 10


def test_each_transport_names_the_sender(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    receiver = start(keys=[KEY])
    stranger = "Basic " + base64.b64encode(b"stranger:x").decode()
    assert receiver.post(b"\xff", authorization=stranger).status_code == 401
    assert receiver.post(b"\xff", x_api_key=SECRET).status_code == 400
    text = caplog.text
    assert "refused: unknown key 'stranger': unauthenticated" in text
    assert "refused: sales-agents: malformed" in text
    assert SECRET not in text


def test_a_line_of_json_is_an_object() -> None:
    problem = ValueError("wrong")
    record = logging.LogRecord("a.b", logging.ERROR, "f", 1, 'a "word" é %s', ("x",), (ValueError, problem, None))
    line = JsonFormatter().format(record)
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("error", "a.b", 'a "word" é x')
    assert told["time"].endswith("Z")
    assert "ValueError: wrong" in told["exception"]
    assert "\n" not in line

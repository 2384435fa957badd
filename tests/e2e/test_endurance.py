"""What was acknowledged stays, however the service ends; nothing starts that could not be right."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.otlp import chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving, batch

REQUESTS = 20


def test_kill_9_after_the_acknowledgement_loses_nothing_and_doubles_nothing(serving: Serving) -> None:
    serving.command("attribute")  # a worker that is killed at work holds up the next one for its lease
    old, posted = serving.query("SELECT trace_id, span_id, cost FROM spans"), serving.query("SELECT * FROM ledger")
    trace = trace_id()
    for nth in range(REQUESTS):
        spans = [span(trace, 1, invoke("writer", team="sales")), span(trace, 2 + nth, chat("gpt-4o", 1000 + nth, 100), parent=1)]
        assert serving.export(request(spans).SerializeToString()).status_code == 200
    serving.stop(signal.SIGKILL)
    assert serving.command("sql", "SELECT 'reads'", "--format", "TSV") == "reads\n", "what a killed service leaves behind stops no command"
    serving.start()
    serving.stored(trace, REQUESTS + 1)
    serving.attributed(trace)
    rows = serving.query("SELECT spans, toString(cost) AS cost, team FROM traces WHERE trace_id = {trace:String}", trace=trace)
    # Each call 100 tokens out, and 1000 to 1019 in.
    assert rows == [{"spans": REQUESTS + 1, "cost": "0.070475", "team": "sales"}]
    assert missing(old, serving.query("SELECT trace_id, span_id, cost FROM spans")) == []
    assert missing(posted, serving.query("SELECT * FROM ledger")) == []
    assert serving.query("SELECT * FROM audits") == []


def missing(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in before if row not in after]


def test_a_folder_has_one_service_and_a_port_one_listener(serving: Serving, data: Path) -> None:
    (first, folder_taken), (second, port_taken) = batch(
        ["serve", *serving.store, *ANYWHERE], ["serve", "--data", str(data), *ANYWHERE, "--http", f"127.0.0.1:{serving.http_port}"]
    )
    assert (first, second) == (2, 2)
    assert str(serving.data) in folder_taken
    assert f"cannot listen on 127.0.0.1:{serving.http_port}" in port_taken


ANYWHERE = ["--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--sql", "127.0.0.1:0"]
WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"pools": {"guardrail": {"driver": "calls"}}}, ["pools.guardrail.driver", "'calls'", "'invocations'", "'fixed'"]),
    ({"agents": {"share": ["guardrail"]}}, ["agents.share", "no such key"]),
    ({"pricing": {"models": [{"model": "gpt-4o", "input": "free"}]}}, ["pricing.models.0.input", "'free'"]),
    ({"ingest": {"keys": [{"name": "a", "secret_sha256": "sk-1"}]}}, ["ingest.keys.0.secret_sha256", "'sk-1'"]),
    ({"periods": {"timezone": "Mars/Olympus"}}, ["periods.timezone", "'Mars/Olympus'", "IANA"]),
    ({"forward": [{"endpoint": "otlp.example"}]}, ["forward.0.endpoint", "'otlp.example'", "grpc://"]),
]


def test_a_wrong_configuration_stops_the_start_with_the_key_the_value_and_what_is_allowed(tmp_path: Path) -> None:
    files = [tmp_path / f"{nth}.yaml" for nth in range(len(WRONG))]
    for file, (settings, _) in zip(files, WRONG, strict=True):
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    refused = batch(*(["serve", "--config", str(file), "--data", str(tmp_path / "data")] for file in files))
    for file, (_, told), (code, said) in zip(files, WRONG, refused, strict=True):
        assert code == 2
        assert [word for word in [*told, file.name] if word not in said] == [], said
    assert not (tmp_path / "data").exists(), "nothing was begun"


def test_without_keys_it_listens_on_loopback_addresses_only(data: Path) -> None:
    options = ("--grpc", "--http")
    for option, (code, said) in zip(
        options, batch(*(["serve", "--data", str(data), *ANYWHERE, option, "0.0.0.0:0"] for option in options)), strict=True
    ):
        assert code == 2
        assert [word for word in ("ingest.keys", option, "0.0.0.0:0", "127.0.0.1") if word not in said] == [], said


def test_a_configuration_that_is_not_there_is_named(data: Path) -> None:
    ((code, said),) = batch(["serve", "--config", f"{data}.yaml", "--data", str(data)])
    assert code == 2
    assert "cannot be read: No such file" in said

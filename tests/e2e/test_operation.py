"""How the service is run: it ends in time, takes a new configuration, and says when it is not ready."""

from __future__ import annotations

import hashlib
import signal
import stat
import time
from pathlib import Path

import clickhouse_connect
import pytest
import yaml

from attribution.errors import StorageError
from attribution.storage import DATABASE
from collector.folder import Folder
from tests.conftest import SERVER_URL
from tests.e2e.batch import one
from tests.e2e.otlp import chat, request, span, trace_id
from tests.e2e.serving import COMMAND, Serving, run

SECRETS = ("sk-first", "sk-second")


def _keys(*secrets: str) -> dict[str, object]:
    keys = [{"name": secret, "secret_sha256": hashlib.sha256(secret.encode()).hexdigest()} for secret in secrets]
    return {"ingest": {"keys": keys}, "pricing": {"update": False}}


def test_keys_are_reloaded_and_the_end_comes_in_time(tmp_path: Path) -> None:
    serving = Serving(tmp_path / "data", _keys(SECRETS[0]))
    serving.start()
    assert serving.process
    try:
        body = request([span(trace_id(), 1, chat("gpt-4o", 10, 1))]).SerializeToString()
        statuses = lambda: [serving.export(body, x_api_key=secret).status_code for secret in SECRETS]  # noqa: E731
        assert statuses() == [200, 401]
        serving.config.write_text(yaml.safe_dump(_keys(SECRETS[1])), encoding="utf-8")
        serving.process.send_signal(signal.SIGHUP)
        serving.until(lambda: statuses() == [401, 200], "the other key counts")
        serving.config.write_text("ingest: {keys: 5}", encoding="utf-8")
        serving.process.send_signal(signal.SIGHUP)
        serving.until(lambda: "not reloaded" in serving.log, "what is wrong is said")
        assert statuses() == [401, 200]
        for private in (serving.data, serving.data / "spool.sqlite", serving.data / "serving.json"):
            assert stat.S_IMODE(private.stat().st_mode) & 0o077 == 0, private
        left = serving.data / "temporary" / "left.otlp"
        left.write_bytes(b"of a killed server")
        assert serving.get("/healthz").json() == {"status": "ok", "dead": []}
        begun = time.monotonic()
        assert serving.stop() == 0
        assert time.monotonic() - begun < 10
        serving.start()
        assert not left.exists()
    finally:
        serving.stop()


def test_a_store_that_does_not_answer_is_not_ready(tmp_path: Path) -> None:
    """Served from the folder's own engine, whose files of a moment cannot be written: nothing moves, and that is said."""
    serving = Serving(tmp_path / "data", {"pricing": {"update": False}})
    serving.start()
    try:
        temporary = serving.data / "temporary"
        temporary.rmdir()
        temporary.write_text("a file where the folder was", encoding="utf-8")
        trace = trace_id()
        body = request([span(trace, 1, chat("gpt-4o", 10, 1))]).SerializeToString()
        assert serving.export(body).status_code == 200
        serving.until(lambda: serving.get("/readyz").status_code == 503, "it is not ready")
        assert "nothing moves" in serving.get("/readyz").text
        assert serving.get("/healthz").status_code == 200
        assert serving.get("/readyz?exclude=store").status_code == 200, "it still takes what is sent"
        assert serving.get("/readyz?exclude=spool,attribution").status_code == 503
        assert "only spool, store, attribution" in serving.get("/readyz?exclude=stor").text
        temporary.unlink()
        serving.stored(trace, 1)
        serving.until(lambda: serving.get("/readyz").status_code == 200, "it is ready again")
        assert serving.command("quarantine", "list", "--format", "json").strip() == "[]"
    finally:
        serving.stop()


@pytest.mark.skipif(not SERVER_URL, reason="CLICKHOUSE_TEST_URL is not set: not tested on a ClickHouse server")
@pytest.mark.parametrize("engine", ["server"])
def test_who_only_collects_leaves_attribution_decisions_and_the_page_to_another(tmp_path: Path, engine: str) -> None:
    settings = _keys(*SECRETS)
    collector = Serving(tmp_path / "collector", settings, clickhouse=SERVER_URL, options=["--collect-only"])
    worker = Serving(tmp_path / "worker", settings, clickhouse=SERVER_URL)
    with clickhouse_connect.get_client(dsn=SERVER_URL, session_id=f"collect-only-{engine}") as client:
        client.command(f"DROP DATABASE IF EXISTS {DATABASE}")
    collector.start()
    try:
        trace = trace_id()
        body = request([span(trace, 1, chat("gpt-4o", 10, 1))]).SerializeToString()
        assert collector.export(body, x_api_key=SECRETS[0]).status_code == 200
        collector.stored(trace, 1)
        assert collector.get("/").status_code == 404
        assert collector.get("/api/v1/stops", headers={"x-api-key": SECRETS[0]}).status_code == 404
        delivered = "SELECT sum(delivered) AS n FROM senders"
        collector.until(lambda: collector.query(delivered)[0]["n"], "its accounts are kept")
        assert collector.query("SELECT trace_id FROM traces") == [], "it has had its turn and left it to the other"
        worker.start()
        try:
            worker.until(lambda: worker.query("SELECT trace_id FROM traces"), "the other attributes what this one stored")
            assert worker.get("/api/v1/stops", headers={"x-api-key": SECRETS[0]}).status_code == 200
        finally:
            assert worker.stop() == 0, worker.log
        collector.process.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
        collector.until(lambda: "reloaded" in collector.log, "it takes another configuration")
        assert collector.get("/healthz").json() == {"status": "ok", "dead": []}
    finally:
        assert collector.stop() == 0, collector.log
        with clickhouse_connect.get_client(dsn=SERVER_URL, session_id=f"collected-{engine}") as client:
            client.command(f"DROP DATABASE IF EXISTS {DATABASE}")


def test_an_embedded_store_has_nobody_else_who_attributes(tmp_path: Path) -> None:
    refused = run(*COMMAND, "serve", "--collect-only", "--data", str(tmp_path / "data"))
    assert refused.returncode == 2
    assert "--collect-only: it needs --clickhouse" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_quarantine_of_no_folder_(tmp_path: Path) -> None:
    code, _, said = one(["quarantine", "list", "--data", str(tmp_path / "nowhere")])
    assert code == 2
    assert "no data folder" in said
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_of_another_user_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the folder of a volume in a container is, whose group may write."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(StorageError, match=f"belongs to another user; name one below it: --data {tmp_path}/spanledger"):
        Folder(tmp_path).prepare()

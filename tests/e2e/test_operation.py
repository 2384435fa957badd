"""How the service is run: it ends in time, takes a new configuration, and says when it is not ready."""

from __future__ import annotations

import hashlib
import signal
import stat
import time
from pathlib import Path

import yaml

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
        temporary.unlink()
        serving.stored(trace, 1)
        serving.until(lambda: serving.get("/readyz").status_code == 200, "it is ready again")
        assert serving.command("quarantine", "list", "--format", "json").strip() == "[]"
    finally:
        serving.stop()


def test_quarantine_of_no_folder_(tmp_path: Path) -> None:
    missing = run(*COMMAND, "quarantine", "list", "--data", str(tmp_path / "nowhere"))
    assert missing.returncode == 2
    assert "no data folder" in missing.stderr
    assert not (tmp_path / "nowhere").exists()

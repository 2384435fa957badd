"""Backups as docs/operating.md has them: what was restored holds all that was acknowledged, and what is delivered again counts once."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import clickhouse_connect
import pytest

from attribution.storage import DATABASE
from tests.conftest import SERVER_URL
from tests.e2e.otlp import chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving

SETTINGS = {"pricing": {"update": False}}
OF_THE_MOMENT = shutil.ignore_patterns("serving.json", "holder.lock", "temporary")
"""What a backup leaves out. Links are kept as links: ClickHouse finds its tables by them."""
COST = Decimal("0.0035")
"""Of each body: 1,000 tokens in and 100 out of gpt-4o."""


def body() -> bytes:
    trace = trace_id()
    return request(
        [span(trace, 1, invoke("planner", team="sales")), span(trace, 2, chat("gpt-4o", 1000, 100), parent=1)]
    ).SerializeToString()


def sent(serving: Serving, *bodies: bytes) -> None:
    for each in bodies:
        assert serving.export(each).status_code == 200


def assert_has(serving: Serving, traces: int) -> None:
    """The books hold so many traces, each once."""
    serving.until(lambda: len(serving.query("SELECT DISTINCT trace_id FROM spans")) == traces, f"{traces} traces are stored")
    serving.command("attribute", "--config", str(serving.config))
    assert serving.query("SELECT sum(amount) AS usd FROM ledger")[0]["usd"] == traces * COST
    assert serving.query("SELECT count() AS n FROM spans")[0]["n"] == 2 * traces
    assert "audits pass" in serving.command("audit")


@pytest.fixture
def original(tmp_path: Path) -> Iterator[Serving]:
    started = Serving(tmp_path / "data", SETTINGS)
    started.start()
    yield started
    if started.process and started.process.poll() is None:
        started.stop(signal.SIGKILL)


@pytest.mark.parametrize("way", ["stopped", "paused"])
def test_a_copy_of_the_data_folder_is_a_backup(original: Serving, tmp_path: Path, way: str) -> None:
    first, waiting = body(), body()
    sent(original, first)
    assert_has(original, 1)
    sent(original, waiting)  # it may still be in the spool
    copy = tmp_path / "copy" / "data"
    if way == "stopped":
        assert original.stop() == 0, original.log
        shutil.copytree(original.data, copy, symlinks=True, ignore=OF_THE_MOMENT)
    else:
        assert original.process
        original.process.send_signal(signal.SIGSTOP)
        shutil.copytree(original.data, copy, symlinks=True, ignore=OF_THE_MOMENT)
        original.process.send_signal(signal.SIGCONT)
        sent(original, body())
        assert_has(original, 3)
    restored = Serving(copy, SETTINGS)
    restored.start()
    try:
        assert_has(restored, 2)
        sent(restored, first, waiting)
        assert_has(restored, 2)
        assert restored.command("doctor")
    finally:
        restored.stop()


@pytest.mark.skipif(not SERVER_URL, reason="CLICKHOUSE_TEST_URL is not set: not tested on a ClickHouse server")
@pytest.mark.parametrize("engine", ["server"])
def test_a_backup_of_the_server_and_the_spool_are_restored_together(tmp_path: Path, engine: str) -> None:
    serving = Serving(tmp_path / "data", SETTINGS, clickhouse=SERVER_URL)
    with clickhouse_connect.get_client(dsn=SERVER_URL, session_id=f"backup-{tmp_path.name}-{engine}") as client:
        client.command(f"DROP DATABASE IF EXISTS {DATABASE}")
        serving.start()
        before, after = body(), body()
        sent(serving, before)
        assert_has(serving, 1)
        assert serving.stop() == 0, serving.log
        shutil.copytree(serving.data, tmp_path / "copy", symlinks=True, ignore=OF_THE_MOMENT)
        client.command(f"BACKUP DATABASE {DATABASE} TO Memory('spanledger')")
        serving.start()
        sent(serving, after)
        assert_has(serving, 2)
        assert serving.stop() == 0, serving.log
        client.command(f"DROP DATABASE {DATABASE} SYNC")
        shutil.rmtree(serving.data)
        shutil.move(tmp_path / "copy", serving.data)
        client.command(f"RESTORE DATABASE {DATABASE} FROM Memory('spanledger')")
        serving.start()
        try:
            assert_has(serving, 1)
            sent(serving, before, after)
            assert_has(serving, 2)
        finally:
            serving.stop()
            client.command(f"DROP DATABASE IF EXISTS {DATABASE}")

"""`spanledger attribute --table`: on a server, in a folder, and through the service that holds the folder."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from attribution.storage import Store
from attribution.views import follow_source_tables
from collector.folder import open_store
from tests.conftest import SERVER_URL
from tests.e2e.serving import COMMAND, Serving, run
from tests.table.exporter import TABLE, export, request_of
from tests.table.test_table import chat

SETTINGS = {"pricing": {"update": False, "models": [{"model": "gpt-4o", "input": 4, "output": 0}]}}


def fill(store: Store, table: str) -> None:
    store.execute(TABLE.format(name=table))
    export(store, table, [request_of([chat(1, 1, team="sales"), chat(2, 1, team="support")])])


def command(*arguments: str) -> tuple[int, str, str]:
    done = run(*COMMAND, *arguments)
    return done.returncode, done.stdout, done.stderr


def test_a_table_in_the_folder(tmp_path: Path) -> None:
    """As a user would: the table is in the database `default` of the embedded engine."""
    config, data = tmp_path / "spanledger.yaml", ["--data", str(tmp_path / "data")]
    config.write_text("pricing: {models: [{model: gpt-4o, input: 4, output: 0}]}", encoding="utf-8")
    made = f"""
from tests.table.test_command import fill
from collector.folder import Folder
from attribution.storage import Store
from pathlib import Path
with Store.embedded_in(Folder(Path({data[1]!r})).clickhouse) as store:
    fill(store, "default.otel_traces")
"""
    assert run(*COMMAND[:1], "-c", made).stderr == ""
    first = command("attribute", "--table", "otel_traces", "--config", str(config), *data)
    assert first == (0, "2 spans of default.otel_traces read\n2 traces, 2 spans attributed, 2 postings added\n", "")
    again = command("attribute", "--table", "default.otel_traces", *data)
    assert again == (0, "0 spans of default.otel_traces read\n0 traces, 0 spans attributed, 0 postings added\n", "")
    code, printed, _ = command("report", "team", "--format", "csv", *data)
    assert (code, printed.splitlines()[0]) == (
        0,
        "team,direct,shared,total,attributed,coverage,said,linked,inferred,through_others,at_least,reason,count,tokens,usd",
    )
    assert printed.splitlines()[1:] == [
        f"{team},0.004000000000,0.000000000000,0.004000000000,0.004000000000,1.0000,0.004000000000,0.000000000000,0.000000000000,0.000000000000,False,,,,"
        for team in ("sales", "support")
    ]
    assert "gpt-4o" in command("trace", "1".zfill(32), *data)[1]


def test_what_is_wrong_is_said_with_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    code, printed, said = command("attribute", "--table", "otel.otel_traces", "--data", str(tmp_path / "data"))
    assert (code, printed) == (1, "")
    assert said == "error: there is no table otel.otel_traces: expected is one that the Collector's ClickHouse exporter fills\n"
    code, _, said = command("attribute", "--table", "x; DROP TABLE y", "--data", str(tmp_path / "data"))
    assert (code, "is no name of a table" in said) == (1, True)


def test_through_the_service_that_holds_the_folder(tmp_path: Path) -> None:
    serving = Serving(tmp_path / "data", SETTINGS)
    serving.start()
    try:
        with open_store(serving.data, None) as store:
            fill(store, "default.otel_traces")
        printed = serving.command("attribute", "--table", "default.otel_traces", "--config", str(serving.config))
        assert printed.startswith("2 spans of default.otel_traces read\n")
        (row,) = serving.query("SELECT sum(amount) AS usd FROM ledger")
        assert row["usd"] == Decimal("0.008")
        (row,) = serving.query("SELECT attributes['team'] AS team FROM spans WHERE trace_id LIKE '%1'")
        assert row["team"] == "sales"
        assert "all audits pass" in serving.command("audit")
        assert "gpt-4o" in serving.command("reprice", "--from", "2026-11-01", "--dry-run", "--config", _free(tmp_path))
    finally:
        assert serving.stop() == 0, serving.log
    assert "Traceback" not in serving.log


def _free(folder: Path) -> str:
    file = folder / "free.yaml"
    file.write_text("pricing: {models: [{model: gpt-4o, input: 0, output: 0}]}", encoding="utf-8")
    return str(file)


@pytest.mark.skipif(not SERVER_URL, reason="CLICKHOUSE_TEST_URL is not set: not tested on a ClickHouse server")
def test_a_table_on_a_server(tmp_path: Path) -> None:
    with Store.at(SERVER_URL, "default") as server:
        served = bool(server.query("SELECT 1 FROM system.tables WHERE database = 'spanledger' LIMIT 1"))
    with Store.at(SERVER_URL) as store:
        store.execute("CREATE DATABASE IF NOT EXISTS otel_command")
        try:
            store.execute("DROP TABLE IF EXISTS otel_command.otel_traces SYNC")
            fill(store, "otel_command.otel_traces")
            where = ["--data", str(tmp_path / "data"), "--clickhouse", SERVER_URL]
            code, printed, said = command("attribute", "--table", "otel_command.otel_traces", *where)
            assert (code, said) == (0, "")
            assert "spans of otel_command.otel_traces read\n" in printed
            assert store.query("SELECT count() AS n FROM span_records FINAL WHERE source_table = 'otel_command.otel_traces'") == [{"n": 2}]
        finally:
            store.execute("DROP DATABASE otel_command")
            if served:  # a service that other tests started is at work in it
                store.execute("DELETE FROM source_tables WHERE source_table = 'otel_command.otel_traces'")
                follow_source_tables(store)
            else:
                store.execute("DROP DATABASE spanledger")

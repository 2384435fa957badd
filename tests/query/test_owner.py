"""The owner's Unix socket: the same interface and client, and everything may be run."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import clickhouse_connect
import httpx
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from collector.query import pool_manager

from .conftest import DATABASE, ROWS, Served


@pytest.fixture
def client(owner_socket: Path) -> Iterator[Client]:
    with clickhouse_connect.get_client(host="localhost", port=8123, pool_mgr=pool_manager(owner_socket), database=DATABASE) as made:
        made.command("DROP TABLE IF EXISTS owned")
        made.command("CREATE TABLE owned (team String, cost Decimal(38, 12), tags Array(String)) ENGINE = MergeTree ORDER BY team")
        yield made
        made.command("DROP TABLE owned")


def test_insert_select_with_parameters(client: Client) -> None:
    client.command("INSERT INTO owned SELECT {t:String}, number / 4, [] FROM numbers(3)", parameters={"t": "it's\ta \\ team"})
    rows = client.query("SELECT team, sum(cost) FROM owned GROUP BY team").result_rows
    assert rows == [("it's\ta \\ team", Decimal("0.75"))]


def test_insert_rows(client: Client) -> None:
    rows = [["a'b\n", Decimal("0.000000000001"), ["x", "\t"]], ["FORMAT TSV\n1", Decimal(2), []]]
    summary = client.insert("owned", rows, column_names=["team", "cost", "tags"])
    assert summary.written_rows == 2
    assert sorted(client.query("SELECT * FROM owned").result_rows) == sorted(tuple(row) for row in rows)


def test_insert_many_rows_compressed(owner_socket: Path, client: Client) -> None:
    with clickhouse_connect.get_client(
        host="localhost", port=8123, pool_mgr=pool_manager(owner_socket), database=DATABASE, compress="zstd"
    ) as packed:
        packed.insert("owned", [[str(n), Decimal(n), []] for n in range(20_000)], column_names=["team", "cost", "tags"])
    assert client.query("SELECT count(), sum(cost) FROM owned").result_rows == [(20_000, Decimal(199_990_000))]


def test_insert_arrow_and_raw(client: Client) -> None:
    client.insert_arrow("owned", pa.table({"team": ["arrow"], "tags": [["x"]]}))
    client.raw_insert("owned", ["team", "cost"], b"raw\t1.5\n", fmt="TSV")
    client.command("INSERT INTO owned (team) VALUES ('values'), ('FORMAT')")
    assert [row[0] for row in client.query("SELECT team FROM owned ORDER BY team").result_rows] == ["FORMAT", "arrow", "raw", "values"]


def test_query_arrow(client: Client) -> None:
    assert client.query_arrow("SELECT * FROM query_costs").num_rows == ROWS


def test_settings_apply_and_do_not_stay(client: Client) -> None:
    assert client.query("SELECT getSetting('max_threads')", settings={"max_threads": 1}).result_rows == [(1,)]
    with pytest.raises(DatabaseError, match="UNKNOWN_SETTING"):
        client.command("SELECT 1", settings={"allow_everything_please": 1})


def test_commands_without_a_result(client: Client) -> None:
    assert not isinstance(client.command("OPTIMIZE TABLE owned"), int | str)
    assert client.command("SELECT count() FROM owned") == 0


def test_failures_are_told(client: Client) -> None:
    with pytest.raises(DatabaseError, match="CANNOT_PARSE_INPUT_ASSERTION_FAILED"):
        client.raw_insert("owned", ["team", "cost"], b"raw\tmuch\n", fmt="TSV")
    assert client.command("SELECT count() FROM owned") == 0


def test_what_the_owner_writes_readers_see(client: Client, reader: Served) -> None:
    client.command("INSERT INTO owned (team) VALUES ('seen')")
    assert reader.http.post("/", content="SELECT team FROM owned").text == "seen\n"


def test_a_get_writes_nothing(client: Client, owner_socket: Path) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(owner_socket)), base_url="http://localhost") as http:
        for sql in ("INSERT INTO owned (team) VALUES ('x')", "INSERT INTO owned (team) FORMAT TSV\nx\n", "DROP TABLE owned"):
            assert http.get("/", params={"query": sql}).headers["X-ClickHouse-Exception-Code"] == "164"
        assert http.post("/", params={"query": "INSERT INTO owned (team) FORMAT TSV"}, content="x\n").status_code == 200
    assert client.command("SELECT count() FROM owned") == 1


def test_only_the_owner_can_open_the_socket(owner_socket: Path) -> None:
    assert stat.S_IMODE(owner_socket.stat().st_mode) == 0o600


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(OperationalError):
        clickhouse_connect.get_client(host="localhost", port=8123, pool_mgr=pool_manager(tmp_path / "none.sock"))

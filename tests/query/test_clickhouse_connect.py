"""ClickHouse's Python client over HTTP, used as its users use it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from .conftest import DATABASE, ROWS, Served


@pytest.fixture(scope="module")
def client(reader: Served) -> Iterator[Client]:
    with clickhouse_connect.get_client(host="127.0.0.1", port=reader.port) as made:
        yield made


def test_ping_version_and_database(client: Client) -> None:
    assert client.ping()
    assert client.server_version.startswith("2")
    assert client.command("SELECT currentDatabase()") == DATABASE


def test_query_gives_exact_types(client: Client) -> None:
    first = client.query("SELECT * FROM query_costs ORDER BY at LIMIT 2").named_results()
    row = list(first)[1]
    assert row["cost"] == Decimal("0.000000000001")
    assert isinstance(row["cost"], Decimal)
    assert row["team"] == "support"
    assert row["tags"] == {"k": "1"}
    assert row["parents"] == ["a", "1"]
    assert row["at"].replace(tzinfo=dt.UTC) == dt.datetime(2026, 10, 1, 0, 0, 1, tzinfo=dt.UTC)


def test_null_is_not_zero(client: Client) -> None:
    assert client.query("SELECT cost, sum(cost) OVER () IS NULL FROM query_costs ORDER BY at LIMIT 1").result_rows == [(None, 0)]


@pytest.mark.parametrize("value", ["it's", "a\tb\nc", "\\", "ü€\U0001f600", "{x:String}", "", "'; DROP TABLE query_costs; --"])
def test_bound_strings(client: Client, value: str) -> None:
    assert client.query("SELECT {v:String}", parameters={"v": value}).result_rows == [(value,)]
    assert client.query("SELECT {v:Array(String)}", parameters={"v": [value, value]}).result_rows == [([value, value],)]


def test_bound_values(client: Client) -> None:
    sql = "SELECT {d:Date}, {n:Nullable(UInt8)}, {m:Decimal(38, 12)}, {t:DateTime64(3, 'UTC')} > '2026-01-01'"
    values = {"d": dt.date(2026, 10, 1), "n": None, "m": Decimal("0.1"), "t": dt.datetime(2026, 10, 1, tzinfo=dt.UTC)}
    assert client.query(sql, parameters=values).result_rows == [(dt.date(2026, 10, 1), None, Decimal("0.1"), 1)]


def test_summary(client: Client) -> None:
    result = client.query("SELECT * FROM query_costs")
    assert (result.row_count, result.summary["result_rows"], result.summary["read_rows"]) == (ROWS, str(ROWS), str(ROWS))


def test_columns_of_an_empty_result(client: Client) -> None:
    assert client.query("SELECT team, cost FROM query_costs LIMIT 0").column_names == ("team", "cost")


def test_arrow_and_streams(client: Client) -> None:
    table = client.query_arrow("SELECT team, cost FROM query_costs")
    assert table.num_rows == ROWS
    with client.query_row_block_stream("SELECT number FROM numbers(200000)") as stream:
        assert sum(len(block) for block in stream) == 200_000
    assert client.raw_query("SELECT 1", fmt="CSV") == b"1\n"


@pytest.mark.parametrize("codec", [False, True, "gzip", "zstd", "lz4"])
def test_compression(reader: Served, codec: bool | str) -> None:
    with clickhouse_connect.get_client(host="127.0.0.1", port=reader.port, compress=codec) as client:
        assert client.query("SELECT count(), sum(number) FROM numbers(1000)").result_rows == [(1000, 499500)]


def test_settings(client: Client) -> None:
    """The client asks `system.settings` what it may set, and sets it."""
    assert client.query("SELECT getSetting('max_result_rows')", settings={"max_result_rows": 7}).result_rows == [(7,)]
    with pytest.raises(Exception, match="readonly"):
        client.query("SELECT 1", settings={"max_memory_usage_for_user": 7})


def test_commands_that_read(client: Client) -> None:
    assert "query_costs" in str(client.command("SHOW TABLES"))
    assert client.command("EXISTS query_costs") == 1


def test_user_password_and_session(reader: Served) -> None:
    with clickhouse_connect.get_client(
        host="127.0.0.1",
        port=reader.port,
        username="default",
        password="x",
        database="system",
        session_id="one",
    ) as client:
        assert client.query("SELECT currentDatabase()").result_rows == [("system",)]


def test_errors(client: Client) -> None:
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE") as failure:
        client.query("SELECT * FROM nope")
    assert failure.value.code == 60
    for write in ("DROP TABLE query_costs", "INSERT INTO query_costs (team) VALUES ('x')"):
        with pytest.raises(DatabaseError, match="READONLY"):
            client.command(write)
    with pytest.raises(DatabaseError, match="READONLY"):
        client.insert("query_costs", [["x"]], column_names=["team"])

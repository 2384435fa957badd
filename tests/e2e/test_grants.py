"""The grants of deploy/clickhouse/grants.sql are enough for the service and for readers, and nothing beyond them is allowed.

Run on a server on which users can be made; or, where its users stand in files, with two of them that have the grants of the file:
CLICKHOUSE_TEST_WRITER_URL and CLICKHOUSE_TEST_READER_URL.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from attribution.storage import DATABASE
from tests.conftest import SERVER_URL
from tests.e2e.otlp import chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving

pytestmark = pytest.mark.skipif(not SERVER_URL, reason="CLICKHOUSE_TEST_URL is not set: not tested on a ClickHouse server")

GRANTS = Path(__file__).parents[2] / "deploy" / "clickhouse" / "grants.sql"
USERS = {"writer": "CLICKHOUSE_TEST_WRITER_URL", "reader": "CLICKHOUSE_TEST_READER_URL"}
NOBODY_MAKES_USERS = {"497", "514"}
"""ClickHouse: the administrator may not, or users stand in files."""
PASSWORD = "for a test only"


def statements() -> list[str]:
    """Those of the file, one by one."""
    text = re.sub(r"^--.*\n", "", GRANTS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [one.strip() for one in text.split(";") if one.strip()]


@pytest.fixture(scope="module", params=["server"])
def admin(request: pytest.FixtureRequest) -> Iterator[Client]:
    """The name of its parameter puts these tests with the others that share the service's database there."""
    assert request.param == "server"
    with clickhouse_connect.get_client(dsn=SERVER_URL, autogenerate_session_id=False) as client:
        client.command(f"DROP DATABASE IF EXISTS {DATABASE}")
        yield client
        client.command(f"DROP DATABASE IF EXISTS {DATABASE}")


@pytest.fixture(scope="module")
def urls(admin: Client) -> Iterator[dict[str, str]]:
    """Of the writing and of the reading user."""
    given = {name: os.environ[variable] for name, variable in USERS.items() if variable in os.environ}
    if len(given) == len(USERS):
        yield given
        return
    made = {name: f"spanledger_test_{name}" for name in USERS}
    try:
        for statement in statements():
            admin.command(statement)
        for name, user in made.items():
            admin.command(f"CREATE USER OR REPLACE {user} IDENTIFIED BY '{PASSWORD}' DEFAULT ROLE spanledger_{name}")
    except ClickHouseError as problem:
        if (re.findall(r"Code: (\d+)", str(problem)) or [""])[0] not in NOBODY_MAKES_USERS:
            raise
        pytest.skip(f"no users can be made on this server: {', '.join(USERS.values())} are not set")
    parts = urlsplit(SERVER_URL)
    where = f"{parts.hostname}:{parts.port}"
    yield {name: urlunsplit((parts.scheme, f"{user}:{PASSWORD.replace(' ', '%20')}@{where}", "/", "", "")) for name, user in made.items()}
    for name, user in made.items():
        admin.command(f"DROP USER {user}")
        admin.command(f"DROP ROLE spanledger_{name}")


@pytest.fixture(scope="module")
def serving(urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service of the writing user, with a closed month whose spans were let go of."""
    started = Serving(tmp_path_factory.mktemp("granted") / "data", {"pricing": {"update": False}}, clickhouse=urls["writer"])
    started.start()
    yield started
    assert started.stop() == 0, started.log


@pytest.fixture
def reader(urls: dict[str, str], serving: Serving) -> Iterator[Client]:
    with clickhouse_connect.get_client(dsn=urls["reader"], database=DATABASE, autogenerate_session_id=False) as client:
        assert serving.process
        yield client


def test_the_service_and_its_commands_need_no_more(serving: Serving, reader: Client) -> None:
    trace = trace_id()
    spans = [span(trace, 1, invoke("planner", team="sales")), span(trace, 2, chat("gpt-4o", 1000, 100), parent=1)]
    assert serving.export(request(spans).SerializeToString()).status_code == 200
    serving.stored(trace, 2)
    serving.attributed(trace)
    month = str(serving.query("SELECT min(period) AS month FROM ledger")[0]["month"])
    following = f"{int(month[:4]) + (month[5:] == '12')}-{int(month[5:]) % 12 + 1:02}"
    done = serving.commands(
        ["report", "team"],
        ["trace", trace],
        ["pool", "add", "guardrail", "12", "--period", month],
        ["close", month],
        ["statement", month],
        ["prune", "--before", following],
        ["prune", "--before", following, "--content"],
        ["reprice", "--from", f"{month}-01"],
        ["audit"],
        ["doctor"],
    )
    assert [code for code, _ in done] == [0] * len(done), done
    assert reader.query("SELECT count() FROM audits").result_rows == [(0,)]
    assert reader.query("SELECT sum(amount) > 0 FROM ledger").result_rows == [(True,)]
    assert "not enough privileges" not in serving.log.lower()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO postings (pass) VALUES (1)",
        "ALTER TABLE postings DELETE WHERE true",
        "TRUNCATE TABLE facts",
        "DROP VIEW ledger",
        "CREATE TABLE mine (x UInt8) ENGINE = Memory",
        "CREATE DATABASE mine",
        "SELECT * FROM elsewhere.secrets",
        "SELECT * FROM system.query_log",
        "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'x String')",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SET readonly = 0",
    ],
)
def test_readers_read_and_nothing_else(reader: Client, admin: Client, statement: str) -> None:
    admin.command("CREATE DATABASE IF NOT EXISTS elsewhere")
    admin.command("CREATE TABLE IF NOT EXISTS elsewhere.secrets (x UInt8) ENGINE = Memory")
    try:
        with pytest.raises(ClickHouseError, match=r"Code: (497|164|60|291)\b"):
            reader.command(statement)
    finally:
        admin.command("DROP DATABASE elsewhere SYNC")


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM elsewhere.secrets", "DROP TABLE elsewhere.secrets", "CREATE USER intruder", "SELECT * FROM system.users"]
)
def test_the_service_reaches_no_other_database(urls: dict[str, str], admin: Client, statement: str) -> None:
    admin.command("CREATE DATABASE IF NOT EXISTS elsewhere")
    admin.command("CREATE TABLE IF NOT EXISTS elsewhere.secrets (x UInt8) ENGINE = Memory")
    try:
        with (
            clickhouse_connect.get_client(dsn=urls["writer"], autogenerate_session_id=False) as writer,
            pytest.raises(ClickHouseError, match=r"Code: 497\b"),
        ):
            writer.command(statement)
    finally:
        admin.command("DROP DATABASE elsewhere SYNC")

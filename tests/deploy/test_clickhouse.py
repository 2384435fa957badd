"""The files for a ClickHouse server: settings that it knows, rights that are those of grants.sql, a cluster that is the documented one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from tests.deploy.test_files import DEPLOY, ROOT

CLICKHOUSE = DEPLOY / "clickhouse"
GRANTS = (CLICKHOUSE / "grants.sql").read_text(encoding="utf-8")
LOGS = {
    "query_log", "query_thread_log", "part_log", "text_log", "trace_log", "metric_log", "asynchronous_metric_log", "processors_profile_log",
}  # fmt: skip
"""Sections of the server's configuration, each with a table of `system`."""


def parsed(name: str) -> ET.Element:
    return ET.parse(CLICKHOUSE / name).getroot()  # noqa: S314  (our own files)


def settings(client: Client, table: str) -> set[str]:
    return {row["name"] for row in client.query(f"SELECT name FROM system.{table}").named_results()}


@pytest.fixture(scope="module")
def engine(embedded_path: Path) -> Iterator[Client]:
    """The embedded one knows the settings and the language of a server."""
    client = clickhouse_connect.get_client(interface="chdb", path=str(embedded_path))
    yield client
    client.close()


def test_settings_are_those_that_the_server_knows(engine: Client) -> None:
    server = parsed("config.d/spanledger.xml")
    assert {each.tag for each in server} == {"merge_tree", "storage_configuration", "backups", *LOGS}
    assert {each.tag for each in server.find("merge_tree") or ()} <= settings(engine, "merge_tree_settings")
    for profile in parsed("users.d/spanledger.xml").find("profiles") or ():
        assert {each.tag for each in profile} <= settings(engine, "settings")


def test_what_the_server_notes_of_itself_does_not_stay_for_ever() -> None:
    for each in parsed("config.d/spanledger.xml"):
        if each.tag in LOGS:
            assert each.get("remove") == "1" or re.fullmatch(r"event_date \+ INTERVAL \d+ DAY DELETE", each.findtext("ttl", "")), each.tag


def test_users_in_files_have_the_rights_of_the_roles() -> None:
    users = {user.tag: [query.text for query in user.iter("query")] for user in parsed("users.d/spanledger.xml").find("users") or ()}
    for role, user in (("writer", "spanledger"), ("reader", "grafana")):
        wanted = re.findall(rf"^(GRANT .*) TO spanledger_{role};$", GRANTS, re.MULTILINE)
        assert Counter(users[user]) == Counter(wanted), "as in grants.sql"


def test_readers_in_files_have_the_limits_of_the_role() -> None:
    (profile,) = parsed("users.d/spanledger.xml").find("profiles") or ()
    role = re.search(r"CREATE ROLE IF NOT EXISTS spanledger_reader SETTINGS (.*);", GRANTS)
    assert role
    assert {each.tag: each.text for each in profile} == dict(re.findall(r"(\w+) = (\d+)", role[1]))


def test_no_password_stands_in_a_file() -> None:
    for user in parsed("users.d/spanledger.xml").find("users") or ():
        (password,) = (each for each in user if each.tag.startswith("password"))
        assert password.tag == "password_sha256_hex"
        assert password.get("from_env")
        assert not (password.text or "").strip()


def test_the_cluster_is_the_one_that_the_command_is_told_and_has_one_replica_a_shard() -> None:
    (cluster,) = parsed("config.d/cluster.xml").find("remote_servers") or ()
    shards = cluster.findall("shard")
    assert all(len(shard.findall("replica")) == 1 for shard in shards), "a replica that lags hides spans"
    hosts = {shard.findtext("replica/host") for shard in shards}
    command = re.search(r"^spanledger cluster (\w+) .*$", (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert command
    assert cluster.tag == command[1]
    assert hosts == set(re.findall(r"--shard http://(\w+):", command[0]))


@pytest.mark.parametrize("name", ["backup.sql", "restore.sql"])
def test_copies_are_made_in_the_language_of_the_server(engine: Client, name: str) -> None:
    text = re.sub(r"^--.*\n", "", (CLICKHOUSE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    disks = {disk.tag for disk in parsed("config.d/spanledger.xml").find("storage_configuration/disks") or ()}
    allowed = {each.text for each in parsed("config.d/spanledger.xml").iter("allowed_disk")}
    statements = [one for one in map(str.strip, text.split(";")) if one]
    assert statements
    for statement in statements:
        assert engine.query("SELECT formatQuerySingleLine({q:String})", parameters={"q": statement}).result_rows
        assert set(re.findall(r"Disk\('(\w+)'", statement)) <= disks & allowed


def test_every_file_says_where_it_goes() -> None:
    for file in [*CLICKHOUSE.glob("*.d/*.xml")]:
        assert f"/etc/clickhouse-server/{file.relative_to(CLICKHOUSE)}" in file.read_text(encoding="utf-8"), Path(file).name

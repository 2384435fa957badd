"""Stores to test on: the embedded engine, and a real ClickHouse server where CLICKHOUSE_TEST_URL names one.

Both run the same statements. That they decide alike is proven by the cases of the rules and of senders, and by the tests marked
`both_engines`, against the oracle; every other test of a store or a service runs on one of them, in turn.
"""

from __future__ import annotations

import os
import re
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from attribution.prepare import prepare
from attribution.storage import Store, quoted_name
from attribution.views import follow_source_tables
from tests.beginnings import Begin, Beginnings

Definitions = dict[str, tuple[Any, Any]]

SERVER_URL = os.environ.get("CLICKHOUSE_TEST_URL", "")
ENGINES = ("embedded", "server")
SOURCES = "span_contents"
"""The one view that says where spans are."""
OF_SESSION = re.compile(r"^tests/e2e/.*\[server")
"""Tests with the service of a session on the server."""
OF_THEIR_OWN = re.compile(
    r"::test_a_table_on_a_server$|test_grants\.py::|test_(?:backup|operation)\.py::.*server|faults/test_services\.py::test_connections"
)
"""Tests that start services of their own there."""
IN_ONE_PROCESS = {
    "in a browser": re.compile(r"^tests/page/test_browser\.py"),
    "packages of others": re.compile(
        r"^tests/(?:guard/test_(?:frameworks|guard|litellm)|billing/test_billing_apis|budgets/test_(?:mcp|provider_limits)"
        r"|receiver/test_clients)\.py"
    ),
    "services in folders": re.compile(r"^tests/e2e/(?:.*\[embedded|test_(?:clients|forward|quickstart)\.py::)"),
    "cases of the rules": re.compile(r"^tests/attribution/test_(?:rules|views|models)\.py::.*\[(embedded|server)"),
    "days of the workload": re.compile(r"^tests/(?:page/test_(?:page|figures|signing_in)|deploy/test_grafana)\.py::.*\[(embedded|server)"),
    "": re.compile(
        r"^(tests/(?:attribution/test_(?:audits|closing|costs_as_metrics|pruning|reprice|senders|statements_of_months)|api/test_ledger"
        r"|billing/test_(?:disputes|focus|hints)|page/test_places|e2e/test_tls|test_cookbook)\.py)::[^\[]*(?:\[(embedded|server))?"
    ),
}
"""Tests that share what takes long to make: a service, a store, the state that they begin with, an import of seconds. What a parenthesis
catches is told apart."""


@pytest.fixture(scope="session")
def embedded_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The one folder that this process may open: chDB has one engine a process. It stays open: to start the engine takes half a second."""
    folder = tmp_path_factory.mktemp("clickhouse")
    with Store.embedded_in(folder):
        yield folder


@pytest.fixture(scope="session")
def prepared(embedded_path: Path) -> Iterator[dict[str, tuple[str, Definitions]]]:
    """By engine: a database that is prepared and empty. To prepare one takes as long as many a test."""
    databases: dict[str, tuple[str, Definitions]] = {}
    yield databases
    for engine, (database, _) in databases.items():
        with open_store(engine, database, embedded_path) as opened:
            opened.execute("DROP DATABASE {database:Identifier}", {"database": database})


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, embedded_path: Path, prepared: dict[str, tuple[str, Definitions]]) -> Iterator[Store]:
    """An empty store on each engine."""
    skip_without_server(request.param)
    database, definitions = prepared.pop(request.param, ("", {}))
    if not database:
        database = f"t_{uuid.uuid4().hex[:12]}"
        with open_store(request.param, database, embedded_path) as opened:
            prepare(opened)
            definitions = defined(opened)
    with open_store(request.param, database, embedded_path) as opened:
        yield opened
    # Through another handle: that of the test may read only by now.
    with open_store(request.param, database, embedded_path) as opened:
        if is_emptied(opened, definitions):
            prepared[request.param] = (database, defined(opened))
        else:
            opened.execute("DROP DATABASE {database:Identifier}", {"database": database})


@pytest.fixture(scope="session")
def beginnings(embedded_path: Path) -> Iterator[Beginnings]:
    """The states that tests of this process begin with."""
    made = Beginnings()
    yield made
    for engine in ENGINES:
        for database in made.kept(embedded=engine == "embedded"):
            with open_store(engine, database, embedded_path) as opened:
                opened.execute("DROP DATABASE {database:Identifier}", {"database": database})


@pytest.fixture
def begin(store: Store, beginnings: Beginnings) -> Begin:
    """Brings the store of the test into a state that several tests begin with; see tests/beginnings.py."""
    return partial(beginnings.bring, store)


def skip_without_server(engine: str) -> None:
    """Leave a test of the server out where there is none."""
    if engine == "server" and not SERVER_URL:
        pytest.skip("CLICKHOUSE_TEST_URL is not set: not tested on a ClickHouse server")


@contextmanager
def own_store(engine: str, embedded_path: Path) -> Iterator[Store]:
    """A prepared store in a database of its own, for fixtures that many tests share."""
    skip_without_server(engine)
    with open_store(engine, f"t_{uuid.uuid4().hex[:12]}", embedded_path) as opened:
        prepare(opened)
        yield opened
        opened.execute("DROP DATABASE {database:Identifier}", {"database": opened.database})


def open_store(engine: str, database: str, embedded_path: Path) -> Store:
    """The database on the engine, made if it is missing."""
    return Store.at(SERVER_URL, database) if engine == "server" else Store.embedded_in(embedded_path, database)


def defined(store: Store) -> Definitions:
    """What there is, by name: which one, and when its definition changed last. To ask for definitions takes ten times as long."""
    asked = "SELECT name, uuid, metadata_modification_time AS changed_at FROM system.tables WHERE database = {database:String}"
    return {row["name"]: (row["uuid"], row["changed_at"]) for row in store.query(asked, {"database": store.database})}


def is_emptied(store: Store, definitions: Definitions) -> bool:
    """Empty a store of all that a test has left there. False where it is not as it was."""
    there = defined(store)
    store.drop(*(there.keys() - definitions.keys()))
    store.execute(f"TRUNCATE ALL TABLES FROM {quoted_name(store.database)} NOT LIKE 'schema_versions'")
    changed = {name for name, one in definitions.items() if there.get(name) != one}
    if changed == {SOURCES}:  # it is made anew for every table whose spans are attributed where they are
        follow_source_tables(store)
        return True
    return not changed


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes may hold the time of now: a test is named by what they are, the same on every worker."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other engine where the test is not marked; without a server all run embedded.

    The service of a session comes last on the server: others drop its database.
    """
    if SERVER_URL:
        chosen = [item for item in items if item.get_closest_marker("both_engines") or _is_its_turn(item)]
        config.hook.pytest_deselected(items=[*(set(items) - set(chosen))])
        items[:] = sorted(chosen, key=lambda item: bool(OF_SESSION.search(item.nodeid)) and not OF_THEIR_OWN.search(item.nodeid))


def _is_its_turn(item: pytest.Item) -> bool:
    """Whether a test is on the engine that its name says: as good as tossing a coin, and the same on every worker."""
    given = item.callspec.params if hasattr(item, "callspec") else {}
    engine = next((given[name] for name in ("store", "serving", "filled", "demo") if name in given), "")
    name, _, parameters = item.nodeid.partition("[")
    return not engine or engine == ENGINES[zlib.crc32((name + parameters.replace(engine, "", 1)).encode()) % len(ENGINES)]


class Schedule(LoadScopeScheduling):  # type: ignore[misc]
    """Hands tests out one by one, but those together that share something that takes long to make, on each engine."""

    def _split_scope(self, nodeid: str) -> str:
        if OF_SESSION.search(nodeid) or OF_THEIR_OWN.search(nodeid):
            return "services on the server"  # which have one database
        for name, pattern in IN_ONE_PROCESS.items():
            found = pattern.search(nodeid)
            if found:
                return " ".join(filter(None, (name, *found.groups())))
        return nodeid


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests of services wait for a quarter of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Schedule:
    """Schedule for all ways to distribute: each could give two workers the same database."""
    return Schedule(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested."""
    if not SERVER_URL:
        terminalreporter.write_line("")
        terminalreporter.write_line("CLICKHOUSE_TEST_URL is not set: NOTHING WAS TESTED ON A CLICKHOUSE SERVER", red=True, bold=True)

"""Stores to test on: the embedded engine always, a real ClickHouse server where CLICKHOUSE_TEST_URL names one."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from attribution.storage import Store

SERVER_URL = os.environ.get("CLICKHOUSE_TEST_URL", "")
ENGINES = ("embedded", "server")


@pytest.fixture(scope="session")
def embedded_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one folder that this process may open: chDB has one engine a process."""
    return tmp_path_factory.mktemp("clickhouse")


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, embedded_path: Path) -> Iterator[Store]:
    """A fresh store on each engine."""
    database = f"t_{uuid.uuid4().hex[:12]}"
    if request.param == "embedded":
        opened = Store.embedded_in(embedded_path, database)
    elif SERVER_URL:
        opened = Store.at(SERVER_URL, database)
    else:
        pytest.skip("CLICKHOUSE_TEST_URL is not set: not tested on a ClickHouse server")
    with opened:
        opened.prepare()
        yield opened
        opened.execute("DROP DATABASE {database:Identifier}", {"database": database})


class Schedule(LoadScopeScheduling):  # type: ignore[misc]
    """Hands tests out one by one, but those together that share the one database that services have on the server."""

    def _split_scope(self, nodeid: str) -> str:
        of_service = nodeid.startswith("tests/e2e/") and "[server" in nodeid
        return "services on the server" if of_service or nodeid.endswith("::test_a_table_on_a_server") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Schedule:
    """Schedule for all ways to distribute: each could give two workers the same database."""
    return Schedule(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested."""
    if not SERVER_URL:
        terminalreporter.write_line("")
        terminalreporter.write_line("CLICKHOUSE_TEST_URL is not set: NOTHING WAS TESTED ON A CLICKHOUSE SERVER", red=True, bold=True)

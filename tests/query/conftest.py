"""A small embedded store, served over HTTP to readers and over a Unix socket to its owner."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import chdb
import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from collector.query import Limits, create_app, listener

DATABASE = "spanledger"
ROWS = 1000


@pytest.fixture(scope="session")
def store(embedded_path: Path) -> Iterator[Path]:
    """That folder with a table to read: day, team, exact cost, tags."""
    keeper = chdb.connect(str(embedded_path.resolve()))
    keeper.query(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
    keeper.query(f"DROP TABLE IF EXISTS {DATABASE}.query_costs")
    keeper.query(
        f"CREATE TABLE {DATABASE}.query_costs (at DateTime64(9,'UTC'), team LowCardinality(String), cost Nullable(Decimal(38,12)),"
        " tags Map(LowCardinality(String), String), parents Array(String), model Nullable(String)) ENGINE = MergeTree ORDER BY at",
    )
    keeper.query(
        f"INSERT INTO {DATABASE}.query_costs SELECT toDateTime64('2026-10-01', 9, 'UTC') + number, ['sales','support',''][number % 3 + 1],"
        " if(number % 7, toDecimal128('0.000000000001', 12) * number, NULL), map('k', toString(number)), ['a', toString(number)],"
        f" if(number % 2, 'gpt-4o', NULL) FROM numbers({ROWS})",
    )
    yield embedded_path
    keeper.close()


@dataclass(frozen=True)
class Served:
    """Where an application listens."""

    port: int
    http: httpx.Client


@contextlib.contextmanager
def serve(app: ASGIApp, listening: socket.socket) -> Iterator[uvicorn.Server]:
    """Run uvicorn in a thread until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started
    yield server
    server.should_exit = True
    thread.join(30)


@pytest.fixture(scope="session")
def serve_reader(store: Path) -> Callable[[Limits], contextlib.AbstractContextManager[Served]]:
    """Serve readers within given limits."""

    @contextlib.contextmanager
    def _serve(limits: Limits) -> Iterator[Served]:
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        with (
            serve(create_app(store, DATABASE, limits=limits), listening),
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http,
        ):
            yield Served(port, http)

    return _serve


@pytest.fixture(scope="session")
def reader(serve_reader: Callable[[Limits], contextlib.AbstractContextManager[Served]]) -> Iterator[Served]:
    """Readers with the default limits."""
    with serve_reader(Limits()) as served:
        yield served


@pytest.fixture(scope="session")
def owner_socket(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The owner's Unix socket."""
    path = tmp_path_factory.mktemp("owner") / "sql.sock"
    with serve(create_app(store, DATABASE, owner=True), listener(path)):
        yield path

"""Services that many tests share: one on each engine, and one with ingest keys. They end with those tests: an idle one costs as well."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest

from attribution.storage import DATABASE
from tests.conftest import ENGINES, SERVER_URL, skip_without_server
from tests.e2e.serving import Serving
from tests.e2e.sink import Sink, grpc_sink, http_sink

SECRET = "sk-sales"
SETTINGS: dict[str, Any] = {
    "organization": {
        "teams": {
            "sales": {"department": "revenue", "cost_center": "CC-1100"},
            "support": {"department": "customer-experience", "cost_center": "CC-4200"},
        }
    },
    "agents": {"shared": ["guardrail"]},
    "pricing": {
        "update": False,  # no test depends on the network
        "models": [{"provider": "openai", "model": "gpt-4.1*", "from": "2026-01-01", "input": 1.5, "cache_read": 0.5, "output": 6}],
        "tools": {"web_search": {"per_call": 0.001}},
    },
}


@pytest.fixture(scope="package")
def sink() -> Iterator[Sink]:
    """Gets what `serving` forwards, over gRPC."""
    with grpc_sink() as started:
        yield started


@pytest.fixture(scope="package", params=ENGINES)
def serving(request: pytest.FixtureRequest, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service without keys that drops content and forwards."""
    skip_without_server(request.param)
    url = SERVER_URL if request.param == "server" else None
    settings = {**SETTINGS, "forward": [{"endpoint": sink.endpoint, "headers": {"X-Tenant": "acme"}}]}
    started = Serving(tmp_path_factory.mktemp("serving") / "data", settings, clickhouse=url)
    _drop(url)
    started.start()
    yield started
    assert started.stop() == 0, started.log
    assert "Traceback" not in started.log
    _drop(url)


@pytest.fixture(scope="package")
def second_sink() -> Iterator[Sink]:
    """Gets what `keyed` forwards, over HTTP."""
    with http_sink() as started:
        yield started


@pytest.fixture(scope="package")
def keyed(second_sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service with a key that listens on every address, keeps content, and forwards over HTTP."""
    key = {"name": "sales-agents", "secret_sha256": hashlib.sha256(SECRET.encode()).hexdigest(), "tags": {"team": "sales"}}
    settings = {**SETTINGS, "ingest": {"content": "keep", "keys": [key]}, "forward": [{"endpoint": second_sink.endpoint}]}
    started = Serving(tmp_path_factory.mktemp("keyed") / "data", settings, host="0.0.0.0")  # noqa: S104
    started.start()
    yield started
    assert started.stop() == 0, started.log
    assert "Traceback" not in started.log


def _drop(url: str | None) -> None:
    if url:
        with clickhouse_connect.get_client(dsn=url) as client:
            client.command(f"DROP DATABASE IF EXISTS {DATABASE}")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that is not there yet."""
    return tmp_path / "data"

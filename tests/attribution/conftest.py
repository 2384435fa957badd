"""One store on each engine for all the cases of the rules."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from attribution.prepare import prepare
from tests.attribution.cases import CASES, Seen, Settled
from tests.conftest import ENGINES, SERVER_URL, open_store


@pytest.fixture(scope="session", params=ENGINES)
def settled(request: pytest.FixtureRequest, embedded_path: Path) -> Iterator[Settled]:
    """All cases, delivered and attributed."""
    if request.param == "server" and not SERVER_URL:
        pytest.skip("CLICKHOUSE_TEST_URL is not set: not tested on a ClickHouse server")
    import_module("tests.attribution.test_rules")  # where the cases are, also if only other tests were asked for
    database = f"t_{uuid.uuid4().hex[:12]}"
    with open_store(request.param, database, embedded_path) as store:
        prepare(store)
        cases = Settled(store)
        cases.run(CASES)
        yield cases
        store.execute("DROP DATABASE {database:Identifier}", {"database": database})


@pytest.fixture
def seen(settled: Settled, request: pytest.FixtureRequest) -> Seen:
    """What the views say of the case of this test."""
    return settled.of(request.function.__name__)

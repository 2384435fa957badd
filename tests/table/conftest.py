"""A table as the Collector's exporter makes it, beside the store, on each engine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from attribution.prepare import prepare
from attribution.storage import Store
from tests.table.exporter import TABLE


@pytest.fixture
def table(store: Store) -> Iterator[str]:
    """An empty table in a database of its own, by name."""
    database = f"otel_{uuid.uuid4().hex[:12]}"
    store.execute("CREATE DATABASE {database:Identifier}", {"database": database})
    store.execute(TABLE.format(name=f"{database}.otel_traces"))
    yield f"{database}.otel_traces"
    store.execute("DROP DATABASE {database:Identifier}", {"database": database})


@pytest.fixture
def second(store: Store) -> Iterator[Store]:
    """Another store on the same engine."""
    with Store.beside(store.client, f"t_{uuid.uuid4().hex[:12]}") as opened:
        prepare(opened)
        yield opened
        opened.execute("DROP DATABASE {database:Identifier}", {"database": opened.database})

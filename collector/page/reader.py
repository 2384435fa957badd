"""Asks the store for the page, within bounds, on connections of its own: whoever looks never holds up what is received."""

from __future__ import annotations

import queue
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attribution.reports import Question
from attribution.storage import Store, quoted, quoted_name
from collector.page.errors import BusyError

CONNECTIONS_MAX = 3
"""Pages that are made at a time: each runs one query after the other."""
WAIT_SECONDS_MAX = 10.0
"""For one of the connections."""
MIB = 1024 * 1024
LIMITS: Mapping[str, int] = {
    "max_execution_time": 15,  # seconds: beyond it a reader thinks that nothing happens
    "max_memory_usage": 1024 * MIB,
    "max_result_rows": 1_100_000,
    "max_threads": 2,  # leaves cores to what is received
}
PARAMETER = re.compile(r"\{(\w+):([^}]+)\}")


class Reader:
    """Connections that only read. Use `connection` for all that one page asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._free: queue.LifoQueue[Store | None] = queue.LifoQueue()
        for _ in range(CONNECTIONS_MAX):
            self._free.put(None)

    @contextmanager
    def connection(self) -> Iterator[Store]:
        """A connection of the caller's own for a while. Raises BusyError, StorageError."""
        try:
            store = self._free.get(timeout=WAIT_SECONDS_MAX)
        except queue.Empty:
            raise BusyError("too many pages are being made; come back in a moment") from None
        try:
            store = store or self._store.reading(LIMITS)
            yield store
        finally:
            self._free.put(store)

    def close(self) -> None:
        """Close the connections that are free."""
        for _ in range(CONNECTIONS_MAX):
            store = self._free.get(timeout=WAIT_SECONDS_MAX)
            if store:
                store.close()


def written_out(question: Question) -> str:
    """The statement with its values in it, for running it elsewhere: `spanledger sql`, clickhouse-client, Grafana."""
    return PARAMETER.sub(lambda found: _literal(question.parameters[found[1]], found[2]), question.sql).strip()


def _literal(value: Any, kind: str) -> str:
    if kind == "Identifier":
        return quoted_name(value) if not re.fullmatch(r"\w+", value) else str(value)
    if isinstance(value, list):
        of = kind.removeprefix("Array(").removesuffix(")")
        return f"[{', '.join(_literal(each, of) for each in value)}]"
    if isinstance(value, datetime):
        return f"toDateTime64('{value:%Y-%m-%d %H:%M:%S.%f}', 9, 'UTC')"
    if isinstance(value, date):
        return f"toDate('{value}')"
    return str(value) if isinstance(value, int | Decimal) else quoted(str(value))

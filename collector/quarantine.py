"""What was acknowledged and could not be stored, as its owner sees it: beside the running server, on the same file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from attribution.errors import NotFoundError
from collector.folder import Folder
from collector.spool import METRIC, SPAN, Quarantined, SpoolError
from collector.spool.store import Store


class Quarantine:
    """The quarantined requests of a data folder. Raises NotFoundError where there is no such folder or request."""

    def __init__(self, data: Path) -> None:
        self._path = Folder(data).spool
        if not self._path.exists():
            raise NotFoundError(f"{data}: no data folder of spanledger")

    def list(self) -> list[Quarantined]:
        """Oldest first."""
        with self._store() as store:
            return store.quarantined()

    def text(self, seq: int) -> str:
        """The request as JSON."""
        with self._store() as store:
            body = store.quarantined_body(seq)
            signal = next((each.signal for each in store.quarantined() if each.seq == seq), SPAN)
        if body is None:
            raise _missing(seq)
        message = ExportMetricsServiceRequest if signal == METRIC else ExportTraceServiceRequest
        return str(MessageToJson(message.FromString(body)))

    def retry(self, seq: int, tags: Mapping[str, str] | None = None) -> None:
        """Put a request back to where it waits to be stored, with these tags as if its ingest key had them."""
        with self._store() as store, store.transaction():
            if not store.retry(seq, tags):
                raise _missing(seq)

    def drop(self, seq: int) -> None:
        """Delete a request."""
        with self._store() as store, store.transaction():
            if not store.drop(seq):
                raise _missing(seq)

    @contextmanager
    def _store(self) -> Iterator[Store]:
        try:
            store = Store(self._path)
            try:
                yield store
            finally:
                store.close()
        except sqlite3.Error as problem:
            raise SpoolError(f"{self._path}: {problem}") from problem


def moment(nanoseconds: int) -> str:
    """A time as people read it, UTC, to the second."""
    return datetime.fromtimestamp(nanoseconds // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _missing(seq: int) -> NotFoundError:
    return NotFoundError(f"{seq}: nothing of that number is quarantined; see `spanledger quarantine list`")

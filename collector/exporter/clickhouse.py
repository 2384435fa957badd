"""Stores processed deliveries in ClickHouse, as blocks of its own Native format."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from attribution.errors import StorageError
from attribution.storage import Store
from collector.core.core import core
from collector.exporter.unread import UnreadNumbers
from collector.processor import Processed, SpanRecords
from collector.processor.facts import COLUMNS
from collector.processor.totals import COLUMNS as POINTS
from collector.spool import METRIC

logger = logging.getLogger(__name__)
_FROM_FILE = f"INSERT INTO span_records ({', '.join(COLUMNS)}) SELECT * FROM file('{{file}}', 'Native')"


class ClickHouseExporter:
    """Inserts deliveries into `span_records`. A delivery inserted again changes nothing: spans of one content have one version (R1)."""

    def __init__(self, store: Store, *, keep_content: bool, temporary: Path) -> None:
        """`temporary`: a folder on the disk of an embedded store, through whose files it reads deliveries."""
        self._given = self._store = store
        self._temporary = temporary
        self._unread = UnreadNumbers()
        self._records = SpanRecords(keep_content=keep_content, core=core(keep_content=keep_content))

    def export(self, batch: Sequence[Processed]) -> None:
        """Store a batch, all of it or (where it raises) maybe some of it. Raises StorageError. An empty one tries the way."""
        totals = [row for processed in batch for row in processed.totals]
        if totals:
            self._store.insert("metric_points", POINTS, totals)
        self._unread.note(self._store, batch)
        records = [processed for processed in batch if processed.delivery.signal != METRIC]
        if batch and not records:
            return
        block = self._records.block(records)
        if self._store.reads_files:
            with self._file(block) as file:
                self._store.execute(_FROM_FILE.format(file=_quoted(file.name)))
        else:
            self._store.insert_block("span_records", list(COLUMNS), block)

    @contextmanager
    def _file(self, body: bytes) -> Iterator[IO[bytes]]:
        """Raises StorageError where the disk does not take it."""
        try:
            self._temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = NamedTemporaryFile(suffix=".native", dir=self._temporary)  # noqa: SIM115  (closed below)
        except OSError as problem:
            raise StorageError(f"{self._temporary}: {problem}") from problem
        with file:
            try:
                file.write(body)
                file.flush()
            except OSError as problem:
                raise StorageError(f"{file.name}: {problem}") from problem
            yield file

    def reconnect(self) -> None:
        """Go on with a connection of its own; the one that was given stays open for whoever gave it."""
        fresh = self._given.another()
        if self._store is not self._given:
            self._store.close()
        self._store = fresh


def _quoted(text: Any) -> str:
    return str(text).replace("\\", "\\\\").replace("'", "\\'")

"""Stores processed deliveries in ClickHouse, which parses the OTLP bytes of records itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from attribution.conventions import CONTENT_KEYS, CONTENT_PREFIXES
from attribution.errors import StorageError
from attribution.storage import Store
from collector.exporter.structure import SCHEMA, facts, schema_text, structure
from collector.exporter.unread import UnreadNumbers
from collector.processor import Processed
from collector.processor.columns import encode
from collector.processor.totals import COLUMNS
from collector.spool import METRIC

logger = logging.getLogger(__name__)


class ClickHouseExporter:
    """Inserts deliveries into `span_records`. A delivery inserted again changes nothing: spans of one content have one version (R1)."""

    def __init__(self, store: Store, *, keep_content: bool, temporary: Path) -> None:
        """`temporary`: a folder on the disk of an embedded store, through whose files it reads deliveries."""
        self._given = self._store = store
        self._temporary = temporary
        self._unread = UnreadNumbers()
        self._content = "" if keep_content else content_regex()
        insert = (files("collector") / "exporter" / "span_records.sql").read_text(encoding="utf-8")
        self._insert = insert.replace("{span_facts}", facts("")).replace("{resource_facts}", facts("resource_"))
        self._settings = {"input_format_protobuf_oneof_presence": 1, **_schema_settings(from_file=store.reads_files)}

    def export(self, batch: Sequence[Processed]) -> None:
        """Store a batch, all of it or (where it raises) maybe some of it. Raises StorageError. An empty one tries the way."""
        totals = [row for processed in batch for row in processed.totals]
        if totals:
            self._store.insert("metric_points", COLUMNS, totals)
        self._unread.note(self._store, batch)
        records = [processed for processed in batch if processed.delivery.signal != METRIC]
        if batch and not records:
            return
        body = b"".join(delimited(processed.body) for processed in records) or delimited(encode([], [], [], []))
        if self._store.reads_files:
            self._from_file(body)
        else:
            source = f"input('{_quoted(structure())}')"
            self._run(self._insert.replace("{source}", source) + "\nFORMAT Protobuf", data=body)

    def _from_file(self, body: bytes) -> None:
        with self._file(body) as file:
            source = f"file('{_quoted(file.name)}', 'Protobuf', '{_quoted(structure())}')"
            self._run(self._insert.replace("{source}", source))

    @contextmanager
    def _file(self, body: bytes) -> Iterator[IO[bytes]]:
        """Raises StorageError where the disk does not take it."""
        try:
            self._temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = NamedTemporaryFile(suffix=".otlp", dir=self._temporary)  # noqa: SIM115  (closed below)
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

    def _run(self, sql: str, data: bytes | None = None) -> None:
        self._store.execute(sql, {"content": self._content}, data=data, settings=self._settings)


def content_regex() -> str:
    """Attribute keys that hold prompts, completions, tool arguments or results, as one regular expression of ClickHouse."""
    keys = "|".join(re.escape(key) for key in sorted(CONTENT_KEYS))
    prefixes = "|".join(re.escape(prefix) for prefix in sorted(CONTENT_PREFIXES))
    return f"^(?:(?:{keys})$|(?:{prefixes}))"


def _schema_settings(*, from_file: bool) -> dict[str, str]:
    if from_file:
        # From a file: the engine would keep a schema given as text in the working directory of whoever runs it.
        return {"format_schema": f"{SCHEMA}:Delivery"}
    return {"format_schema_source": "string", "format_schema": schema_text(), "format_schema_message_name": "Delivery"}


def delimited(message: bytes) -> bytes:
    """A message with its length before it, as ClickHouse's Protobuf format reads many."""
    length, head = len(message), bytearray()
    while length > 0x7F:  # noqa: PLR2004  (seven bits a byte)
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + message


def _quoted(text: Any) -> str:
    return str(text).replace("\\", "\\\\").replace("'", "\\'")

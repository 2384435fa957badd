"""Stores rows of files as spans, batch by batch; attribution then makes records of the ledger of them."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from attribution.attribute import follow_first
from attribution.configuration import AttributionConfig
from attribution.storage import Store
from collector.exporter import ClickHouseExporter
from collector.importing.files import Row, rows_of
from collector.importing.formats import FORMATS, Read
from collector.importing.spans import Record, request_of
from collector.processor import Processor
from collector.spool import Delivery

BATCH_SPANS = 2000
"""Of one insert: some MiB."""
LAST_NS = 2**63 - 1
"""What a time of the store can say."""
REFUSED_SHOWN_MAX = 1000


@dataclass(slots=True)
class Imported:
    """What an import did."""

    rows: int = 0
    """That became spans, new or known."""
    refused_count: int = 0
    refused: list[str] = field(default_factory=list)
    """Rows that did not, with the file, the row and what is wrong; the first REFUSED_SHOWN_MAX."""

    def refuse(self, path: Path, number: int, why: str) -> None:
        """Count a row that is wrong."""
        self.refused_count += 1
        if len(self.refused) < REFUSED_SHOWN_MAX:
            self.refused.append(f"{path}, row {number}: {why}")


def import_files(store: Store, config: AttributionConfig, paths: Sequence[Path], name: str, sender: str) -> Imported:
    """Import files of a format; what is wrong with a row is said, and all others are stored.

    Args:
        store: where they are stored, attributed by the next pass.
        config: prices and conventions.
        paths: the files.
        name: one of FORMATS.
        sender: under whose name; the same rows under another name are other spans (R1).

    Raises:
        RefusedError: a file cannot be read.
        StorageError: the store is away; importing again loses and doubles nothing.

    """
    done = Imported()
    follow_first(store, config)
    processor = Processor(config)
    with TemporaryDirectory(prefix="spanledger-") as temporary:
        exporter = ClickHouseExporter(store, keep_content=False, temporary=Path(temporary))

        def keep(records: Sequence[Record]) -> None:
            by_sender: dict[str, list[Record]] = defaultdict(list)
            for record in records:
                by_sender[sender if record.sender is None else record.sender].append(record)
            for sent_by, sent in by_sender.items():
                delivery = Delivery(1, time.time_ns(), len(sent), {}, request_of(sent, name), sent_by)
                exporter.export([processor.process(delivery)])
            done.rows += len(records)

        for path in paths:
            _batched(_records(path, FORMATS[name], done), keep)
    return done


def _batched(records: Iterator[Record], keep: Callable[[Sequence[Record]], None]) -> None:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH_SPANS:
            keep(batch)
            batch = []
    if batch:
        keep(batch)


def _records(path: Path, read: Read, done: Imported) -> Iterator[Record]:
    seen: Counter[str] = Counter()
    for number, row in rows_of(path):
        if isinstance(row, str):
            done.refuse(path, number, row)
            continue
        try:
            record = read(row, partial(_content, row, seen))
        except (ValueError, OverflowError) as problem:
            done.refuse(path, number, str(problem))
            continue
        if record.end_ns > LAST_NS:
            done.refuse(path, number, "its time is out of range")
            continue
        yield record


def _content(row: Row, seen: Counter[str]) -> str:
    """An id for a row without one: what it says, and how many rows of the file said the same before it."""
    content = hashlib.sha256(json.dumps(row, sort_keys=True, ensure_ascii=False).encode(errors="surrogatepass")).hexdigest()
    seen[content] += 1
    return f"{content}-{seen[content]}"

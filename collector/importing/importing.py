"""Stores rows of files as spans, batch by batch; attribution then makes records of the ledger of them."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from attribution.attribute import follow_first
from attribution.configuration import AttributionConfig
from attribution.errors import ConfigurationError
from attribution.storage import Store
from collector.exporter import ClickHouseExporter
from collector.importing.files import files_of, rows_of
from collector.importing.formats import DIMENSION_KEYS, FORMATS, Format
from collector.importing.spans import Record, request_of
from collector.importing.telling import without_told
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
    told: Counter[str] = field(default_factory=Counter)
    """Calls of each session that are left out, because telemetry told them already."""

    def refuse(self, path: Path, number: int, why: str) -> None:
        """Count a row that is wrong."""
        self.refused_count += 1
        if len(self.refused) < REFUSED_SHOWN_MAX:
            self.refused.append(f"{path}, row {number}: {why}")


def import_files(
    store: Store, config: AttributionConfig, paths: Sequence[Path], name: str, sender: str, tags: Mapping[str, str] | None = None
) -> Imported:
    """Import files of a format; what is wrong with a row is said, and all others are stored.

    Args:
        store: where they are stored, attributed by the next pass.
        config: prices and conventions.
        paths: the files; of a folder all files of JSON lines below it.
        name: one of FORMATS.
        sender: under whose name; the same rows under another name are other spans (R1).
        tags: what is said of the work by all rows that say nothing of it themselves, by the names of DIMENSION_KEYS.

    Raises:
        ConfigurationError: there is no tag of a name.
        RefusedError: a file cannot be read.
        StorageError: the store is away; importing again loses and doubles nothing.

    """
    said = _said(tags or {})
    done = Imported()
    follow_first(store, config)
    processor = Processor(config, recipes=True)
    with TemporaryDirectory(prefix="spanledger-") as temporary:
        exporter = ClickHouseExporter(store, keep_content=False, temporary=Path(temporary))

        def keep(records: Sequence[Record]) -> None:
            by_sender: dict[tuple[str, str], list[Record]] = defaultdict(list)
            for record in records:
                tagged = replace(record, attributes={**said, **record.attributes})
                by_sender[sender if record.sender is None else record.sender, record.signal].append(tagged)
            for (sent_by, signal), all_sent in by_sender.items():
                sent, left_out = without_told(store, all_sent, sent_by)
                done.told += left_out
                if not sent:
                    continue
                done.rows += len(sent)
                delivery = Delivery(1, time.time_ns(), len(sent), {}, request_of(sent, name), sent_by, signal)
                exporter.export([processor.process(delivery)])

        for path in files_of(paths):
            _batched(_records(path, FORMATS[name], done), keep)
    return done


def _said(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as attributes."""
    unknown = sorted(tags.keys() - DIMENSION_KEYS.keys())
    if unknown:
        raise ConfigurationError("--tag", [f"there is no {unknown[0]!r}; there is {', '.join(DIMENSION_KEYS)}"])
    return {DIMENSION_KEYS[name]: value for name, value in tags.items()}


def _batched(records: Iterator[Record], keep: Callable[[Sequence[Record]], None]) -> None:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH_SPANS:
            keep(batch)
            batch = []
    if batch:
        keep(batch)


def _records(path: Path, read: Format, done: Imported) -> Iterator[Record]:
    for number, told in read(rows_of(path)):
        if isinstance(told, str):
            done.refuse(path, number, told)
        elif told.end_ns > LAST_NS:
            done.refuse(path, number, "its time is out of range")
        else:
            yield told

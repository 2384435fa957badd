"""Reads and prices the spans of a table where they are, and stores the facts: at first all, then what was inserted since.

Changes are noted by a materialized view from before the first span is read, so that nothing falls between. Reading a span again
stores the same facts: whatever is killed is done again, and posts nothing.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from attribution.appraisal import Appraiser
from attribution.configuration import AttributionConfig
from attribution.conventions import CONTENT_KEYS, CONTENT_PREFIXES
from attribution.conventions.table import ANSWERS, EVENT_SCOPES, EVENTS, QUOTED_RESPONSE_IDS, TOLD_IN_CONTENT
from attribution.conventions.values import CONTENT_CHARACTERS_MAX
from attribution.errors import TableError
from attribution.storage import Store
from attribution.tables.facts import facts, first_of_each
from attribution.tables.layout import SourceTable, table_statement
from attribution.tables.windows import Window, windows
from attribution.views import follow_source_tables

logger = logging.getLogger(__name__)

WAIT_SECONDS_MAX = 600.0
"""For inserts that began before changes were noted; an exporter's take seconds."""
WAIT_SECONDS = 0.2
CHANGES_AT_HAND = 1_000_000
"""Settled together, for deleting takes about as long however many are deleted; some 100 bytes each."""
FIRST_NS = -(2**63)
"""Before any span."""

CONTENTS_MAX = 16
"""Contents of a span that are read to find the one that goes before the others (R1): those that end last."""

CONTENT_OF_CALLS = {"content_keys": sorted(CONTENT_KEYS), "content_prefixes": sorted(CONTENT_PREFIXES)}
"""What is not kept."""

_COLUMNS = (
    "trace_id", "span_id", "parent_span_id", "name", "kind", "service", "start_time", "duration_ns", "status", "scope_name",
    "link_trace_ids", "link_span_ids", "attributes", "resource", "several", "content", "holds",
)  # fmt: skip
"""Of `tables/08_read`, in its order."""


@dataclass(frozen=True, slots=True)
class TableSummary:
    """What reading a table did."""

    table: str
    """`database.table`."""
    spans: int
    """Read and priced; those that were delivered again included."""
    seconds: float


def read_table(store: Store, config: AttributionConfig, name: str) -> TableSummary:
    """Store the facts of all spans of a table that were not read yet; attribution has then something to do.

    Args:
        store: on the server, or the embedded engine, that the table is on.
        config: today's prices and dimensions.
        name: `database.table`, in the layout of the Collector's ClickHouse exporter. The table is not altered.

    Raises TableError naming what is wrong with the table and what is expected, StorageError.

    """
    begun = time.monotonic()
    table = SourceTable.named(name)
    table_uuid = table.checked(store)
    reader = _Reader(store, table, table_uuid, Appraiser(config))
    read_ns = reader.follow()
    spans = 0 if read_ns is None else reader.sweep(read_ns)
    spans += reader.catch_up()
    return TableSummary(table.name, spans, time.monotonic() - begun)


@dataclass(slots=True)
class _Reader:
    """One reading of one table."""

    store: Store
    table: SourceTable
    uuid: str
    appraiser: Appraiser
    _wanted: dict[str, list[str] | str | int] = field(init=False)

    def __post_init__(self) -> None:
        keys = self.appraiser.conventions.keys
        self._wanted = {
            "keys": sorted(keys.union(QUOTED_RESPONSE_IDS, ANSWERS)),
            "quoted": sorted(QUOTED_RESPONSE_IDS.keys() - set(ANSWERS)),
            "bounded": sorted({*TOLD_IN_CONTENT, *ANSWERS}),
            "characters_max": CONTENT_CHARACTERS_MAX,
            "resource_keys": sorted(keys),
            "events": EVENTS,
            "event_scopes": sorted(EVENT_SCOPES),
        }

    def follow(self) -> int | None:
        """See that changes are noted; from which start on the table is still to be read, None where all of it was."""
        known = self.store.rows("tables/02_known", source_table=self.table.name, view=self.table.noted_by)
        if known and known[0]["uuid"] == self.uuid and known[0]["noted"]:
            return None if known[0]["complete"] else int(known[0]["read_ns"])
        # New, made anew, or no longer noted: whatever happened meanwhile is found by reading all of it.
        self._read_up_to(FIRST_NS)
        follow_source_tables(self.store)
        self.store.drop(self.table.noted_by)
        self._run("03_note", source_table=self.table.name, view=self.table.noted_by)
        return FIRST_NS

    def sweep(self, read_ns: int) -> int:
        """Read all that starts from `read_ns` on; how many spans that were."""
        self._await_inserts()
        spans, first_ns = 0, max(read_ns, 0)
        with self._changes(rows_max=0) as none:
            for window in windows(self.store, self.table.names, first_ns):
                spans += self._read(window, none, changed=False)
                if window.ends:
                    first_ns = window.last_ns
                    self._read_up_to(first_ns)
                    logger.info("%s: %d spans read", self.table.name, spans)
        self._read_up_to(first_ns, complete=True)
        return spans

    def catch_up(self) -> int:
        """Read what was inserted since; how many spans that were."""
        spans, changes_left = 0, True
        while changes_left:
            with self._changes(rows_max=CHANGES_AT_HAND) as changes:
                changes_left = False
                for window in windows(self.store, {"database": self.store.database, "table": changes}, 0):
                    spans += self._read(window, changes, changed=True)
                    changes_left = True
                if changes_left:
                    self._run("12_settled", source_table=self.table.name, changes=changes)
        return spans

    def _await_inserts(self) -> None:
        """Wait for the end of the inserts that run: what began before changes were noted is noted nowhere."""
        limit = time.monotonic() + WAIT_SECONDS_MAX
        query_ids: list[str] = []
        while running := self.store.rows("tables/04_inserting", query_ids=query_ids):
            if time.monotonic() > limit:
                raise TableError(f"an insert has run for {WAIT_SECONDS_MAX:.0f} seconds: attribute {self.table.name} when it has ended")
            query_ids = [row["query_id"] for row in running]
            time.sleep(WAIT_SECONDS)

    @contextmanager
    def _changes(self, rows_max: int) -> Iterator[str]:
        """A work table with the next changes."""
        name = f"work_{uuid.uuid4().hex[:12]}_changes"
        try:
            self._run("07_changes", changes=name, source_table=self.table.name, rows_max=rows_max)
            yield name
        finally:
            self.store.drop(name)

    def _read(self, window: Window, changes: str, *, changed: bool) -> int:
        stretch = {"first_ns": window.first_ns, "last_ns": window.last_ns}
        found = self.store.columns(
            table_statement("08_read"),
            {**self.table.names, **self._wanted, **stretch, "part": window.part, "parts": window.parts}
            | {"changes": changes, "changed": changed, "contents_max": CONTENTS_MAX, **CONTENT_OF_CALLS},
        )
        contents = dict(zip(_COLUMNS, found, strict=False))  # without rows there are no columns
        if not contents:
            return 0
        known = facts(self.appraiser, contents, self.table.name)
        chosen = first_of_each(zip(contents["trace_id"], contents["span_id"], strict=True), known["version"])
        rows = {name: [column[at] for at in chosen] for name, column in known.items()}
        self.store.insert("span_records", list(rows), list(rows.values()), by_column=True)
        several = [
            [known[name][at] for name in ("trace_id", "span_id", "version")] + [contents["content"][at]]
            for at in chosen
            if contents["several"][at]
        ]
        if several:
            self._keep(several, stretch)
        return len(chosen)

    def _keep(self, rows: list[list[Any]], stretch: dict[str, int]) -> None:
        """Store the attributes of the spans, as columns of `tables/09_several`, of which the table cannot tell which content was taken."""
        name = f"work_{uuid.uuid4().hex[:12]}_several"
        try:
            self._run("09_several", several=name)
            self.store.insert(name, ("trace_id", "span_id", "version", "content"), rows)
            self._run("10_keep", several=name, **stretch, **CONTENT_OF_CALLS)
        finally:
            self.store.drop(name)

    def _read_up_to(self, read_ns: int, *, complete: bool = False) -> None:
        self._run("11_read_up_to", version=time.time_ns(), source_table=self.table.name, uuid=self.uuid, read_ns=read_ns, complete=complete)

    def _run(self, name: str, **parameters: Any) -> None:
        self.store.execute(table_statement(name), {**self.table.names, **parameters})

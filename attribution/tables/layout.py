"""The layout of the OpenTelemetry Collector's ClickHouse exporter, and whether a table has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from attribution.errors import TableError
from attribution.storage import Store, quoted_name, statement

_NAME = re.compile(r"^[A-Za-z0-9_-]+$")
_TEXT = r"String|LowCardinality\(String\)"
_TIME = r"DateTime64\(\d(, '[^']+')?\)"
_MAP = r"Map\((LowCardinality\()?String\)?, (LowCardinality\()?String\)?\)"

LAYOUT: dict[str, tuple[str, str]] = {
    "Timestamp": (_TIME, "DateTime64(9)"),
    **dict.fromkeys(("TraceId", "SpanId", "ParentSpanId", "TraceState"), (_TEXT, "String")),
    **dict.fromkeys(("SpanName", "SpanKind", "ServiceName"), (_TEXT, "LowCardinality(String)")),
    "ResourceAttributes": (_MAP, "Map(LowCardinality(String), String)"),
    **dict.fromkeys(("ScopeName", "ScopeVersion"), (_TEXT, "String")),
    "SpanAttributes": (_MAP, "Map(LowCardinality(String), String)"),
    "Duration": ("U?Int64", "UInt64"),
    "StatusCode": (_TEXT, "LowCardinality(String)"),
    "StatusMessage": (_TEXT, "String"),
    "Events.Timestamp": (rf"Array\({_TIME}\)", "Array(DateTime64(9))"),
    "Events.Name": (rf"Array\(({_TEXT})\)", "Array(LowCardinality(String))"),
    "Events.Attributes": (rf"Array\({_MAP}\)", "Array(Map(LowCardinality(String), String))"),
    **dict.fromkeys(("Links.TraceId", "Links.SpanId", "Links.TraceState"), (rf"Array\(({_TEXT})\)", "Array(String)")),
    "Links.Attributes": (rf"Array\({_MAP}\)", "Array(Map(LowCardinality(String), String))"),
}
"""Column to what its type may be, as a pattern, and to what the exporter makes it."""

CONTENT = f"cityHash64({', '.join(quoted_name(name) for name in LAYOUT if name not in {'TraceId', 'SpanId', 'Timestamp'})})"
"""An expression of ClickHouse: the hash of all that a row says of its span."""

DEFAULT_DATABASE = "default"
"""Where the exporter writes unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table in the layout of the Collector's exporter, by name."""

    database: str
    table: str

    @classmethod
    def named(cls, name: str) -> Self:
        """`database.table`, or `table` in the database `default`. Raises TableError."""
        database, _, table = name.rpartition(".")
        database = database if "." in name else DEFAULT_DATABASE
        if not _NAME.match(database) or not _NAME.match(table):
            raise TableError(f"{name!r} is no name of a table: expected is database.table, such as otel.otel_traces")
        return cls(database, table)

    @property
    def name(self) -> str:
        """`database.table`."""
        return f"{self.database}.{self.table}"

    @property
    def noted_by(self) -> str:
        """The materialized view that notes changes."""
        return f"changes_of_{self.name}"

    @property
    def names(self) -> dict[str, str]:
        """The parameters of statements that read it."""
        return {"database": self.database, "table": self.table}

    def checked(self, store: Store) -> str:
        """Return its uuid. Raises TableError naming all that is wrong and what is expected."""
        columns = store.rows("tables/01_columns", **self.names)
        if not columns:
            raise TableError(f"there is no table {self.name}: expected is one that the Collector's ClickHouse exporter fills")
        self._check_changes(columns[0])
        complaints = _complaints({row["name"]: row["type"] for row in columns})
        if complaints:
            raise TableError("\n".join(f"{self.name}: {complaint}" for complaint in complaints))
        return str(columns[0]["uuid"])

    def _check_changes(self, found: Mapping[str, Any]) -> None:
        """A materialized view sees the inserts into its own node."""
        if "MergeTree" not in found["engine"]:
            raise TableError(
                f"{self.name} has the engine {found['engine']}, whose changes cannot be followed: expected is a MergeTree table"
            )
        if (found["replicas"] or 0) > 1 and not found["shared"]:
            raise TableError(
                f"{self.name} has {found['replicas']} replicas, and inserts into the others would go unseen: expected is one replica, "
                "or the engine Replicated for the database of Spanledger"
            )


def _complaints(found: dict[str, str]) -> list[str]:
    complaints = []
    for name, (pattern, usual) in LAYOUT.items():
        if name not in found:
            complaints.append(f"the column {name} is missing: expected is {usual}")
        elif not re.fullmatch(pattern, found[name]):
            hint = "; the exporter's JSON layout is not supported, set `json: false` in it" if "JSON" in found[name] else ""
            complaints.append(f"the column {name} is {found[name]}: expected is {usual}{hint}")
    return complaints


def table_statement(name: str) -> str:
    """The text of `tables/NAME.sql`."""
    return statement(f"tables/{name}").replace("{content}", CONTENT)

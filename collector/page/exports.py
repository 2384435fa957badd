"""Rows that the library made, for exports: ClickHouse writes them, as it writes those of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attribution.reports import Question
from collector.page.sections import Kind, Table
from collector.printing import as_json

TYPES: Mapping[Kind, str] = {
    "money": "Nullable(Decimal(38, 12))",
    "price": "Nullable(Decimal(38, 12))",
    "quantity": "Nullable(Decimal(38, 12))",
    "percent": "Nullable(Decimal(38, 12))",
    "count": "Nullable(Decimal(38, 12))",
    "moment": "Nullable(DateTime64(9, 'UTC'))",
}
"""Of columns by kind; of all others text."""


def of_rows(table: Table) -> Question:
    """A statement that gives the rows of a table."""
    columns = {column.field: TYPES.get(column.kind, "String") for column in table.columns}
    if any(column.kind == "quantity" for column in table.columns):
        columns["unit"] = "String"
    structure = ", ".join(f"`{name}` {kind}" for name, kind in columns.items()).replace("'", "\\'")
    cells = ", ".join(f"tupleElement(row, '{name}') AS `{name}`" for name in columns)
    rows = [{name: _said(row[name], kind) for name, kind in columns.items()} for row in table.rows]
    # A table function would read as well, but not on a connection that only reads.
    made = f"SELECT arrayJoin(JSONExtract({{rows:String}}, 'Array(Tuple({structure}))')) AS row"
    return Question(f"SELECT {cells} FROM ({made})", {"rows": as_json(rows)})


def _said(value: Any, kind: str) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    if kind != "String":
        return value
    return "" if value is None else str(value)

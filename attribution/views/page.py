"""Renders docs/views.md from the headers of the views: `python -m attribution.views.page docs/views.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from attribution.storage.models import Model, model
from attribution.views.views import public_views

HEAD = """# The views

Database `spanledger`. Ids are lowercase hex strings, times `DateTime64(9, 'UTC')`, money `Decimal(38, 12)` in USD, an absent string is
`''`.
This page is rendered from the headers of `attribution/views/public/*.sql`, and ClickHouse says the same: `SHOW TABLES`,
`DESCRIBE costs_by_team`, `SELECT name, comment FROM system.tables`. Whatever begins with "Internal" there is free to change.
"""


def page() -> str:
    """The text of the page."""
    return HEAD + "".join("\n".join(_section(view)) for view in (*public_views(), model("audits/audits")))


def _section(view: Model) -> Iterator[str]:
    yield f"\n## {view.name}\n"
    yield f"{view.purpose} One row for {view.fields['Grain']}.\n"
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for column in view.own_columns:
        yield f"| `{column.name}` | `{column.type}` | {column.meaning} |"
    yield ""
    if "Holds" in view.fields:
        yield f"{view.fields['Holds']}\n"
    yield f"Joins: {view.fields['Joins']}.\n"
    yield f"```sql\n{view.fields['Example']}\n```\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")

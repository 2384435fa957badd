"""Anomalies: `anomalies`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from attribution import reports
from collector import folder
from collector.commands.shared import ClickHouseOption, DataOption, Format, FormatOption, console, print_rows
from collector.printing import FACTORS, print_table

app = typer.Typer()
COLUMNS = ["day", "since", "kind", "scope", "subject", "workflow", "teams", "unit", "value", "expected", *FACTORS]
SHOWN = ["day", "kind", "subject", "unit", "value", "expected", *FACTORS]


@app.command("anomalies")
def anomalies(
    last_days: Annotated[int, typer.Option("--last-days", help="So many days up to today.", min=1, max=4000, metavar="N")] = 30,
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print what cost or used far more than what went before it, why, and new agents."""
    today = datetime.now(UTC).date()
    with folder.open_store(data, clickhouse) as store:
        rows = reports.anomalies(store, today - timedelta(days=last_days - 1), today + timedelta(days=1))
    if output is Format.table:
        print_table(console, "Anomalies", [{name: row[name] for name in SHOWN} for row in rows])
    else:
        print_rows(rows, output, COLUMNS)

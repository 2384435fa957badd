"""Emitters: `emitters`."""

from __future__ import annotations

import typer

from attribution import reports
from collector import folder
from collector.commands.days import FirstDayOption, LastDayOption, MonthOption, RecentOption, check_days, days_asked_for
from collector.commands.shared import ClickHouseOption, DataOption, Format, FormatOption, console, print_rows
from collector.printing import print_table

app = typer.Typer()
COLUMNS = ["scope", "signal", "provider", "calls", "unpriced", "usd", "untold"]


@app.command("emitters")
def emitters(
    first: FirstDayOption = None,
    last: LastDayOption = None,
    month: MonthOption = None,
    recent: RecentOption = None,
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print what the calls of each emitter cost, and what it does not tell, so that a cost looks exact and is not."""
    check_days(first, last, month, recent)
    with folder.open_store(data, clickhouse) as store:
        rows = reports.emitters(store, *days_asked_for(store, first, last, month, recent))
    if output is Format.table:
        print_table(console, "Emitters", [{**row, "untold": "; ".join(row["untold"])} for row in rows], money=("usd",))
    else:
        print_rows(rows, output, COLUMNS)

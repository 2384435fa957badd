"""Months: `close` and `reopen`."""

from __future__ import annotations

from typing import Annotated

import typer

from attribution import closing
from attribution.errors import RefusedError
from attribution.ledger import Ledger
from collector import folder
from collector.commands.shared import (
    ClickHouseOption,
    ConfigOption,
    DataOption,
    console,
)
from collector.config import Config
from collector.printing import print_table

app = typer.Typer()


@app.command()
def close(
    period: Annotated[str | None, typer.Argument(metavar="PERIOD")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Print every closing and reopening instead.")] = False,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Close a month, such as 2026-10: attribute what is pending, then freeze its statement."""
    if listed == (period is not None):
        raise RefusedError("name the month to close, such as 2026-10, or ask for the --list")
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        if period is None:
            print_table(console, "Closings", closing.closings(store))
            return
        lines = Ledger(store).close_month(period, given).rows()
    print_table(console, f"Statement of {period}", lines, money=["direct", "allocated", "total"])
    console.print(f"{period} is closed: what is late for it is posted into the open month", highlight=False)


@app.command()
def reopen(
    period: Annotated[str, typer.Argument(metavar="PERIOD")],
    reason: Annotated[str, typer.Option(help="Why; it is kept.", metavar="TEXT")],
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Open a closed month again; what was booked late for it moves back."""
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        Ledger(store).reopen_month(period, reason, given)
    console.print(f"{period} is open again", highlight=False)

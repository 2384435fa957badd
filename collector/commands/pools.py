"""Pools: `pool add`, `pool list`."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from attribution import reports
from attribution.configuration import Driver
from attribution.ledger import Ledger
from attribution.pools import as_amount, as_driver, refuse_repetition
from attribution.storage import Store
from collector import folder
from collector.commands.shared import (
    ClickHouseOption,
    ConfigOption,
    DataOption,
    Format,
    FormatOption,
    console,
    print_rows,
)
from collector.config import Config
from collector.printing import UNATTRIBUTED, print_table

app = typer.Typer(help="Pools: add cost that no span carries, see who pays for them.", no_args_is_help=True)


@app.command("add", context_settings={"ignore_unknown_options": True})  # -5.00 is an amount
def pool_add(
    pool: Annotated[str, typer.Argument(metavar="POOL")],
    amount: Annotated[str, typer.Argument(metavar="USD")],
    period: Annotated[str, typer.Option(help="The month, such as 2026-10.", metavar="PERIOD")],
    driver: Annotated[str | None, typer.Option(help=f"What splits the pool in that month: {', '.join(get_args(Driver))}.")] = None,
    note: Annotated[str, typer.Option(help="Why; the posting's reason.", metavar="TEXT")] = "",
    again: Annotated[bool, typer.Option("--again", help="Add it though the same was added before.")] = False,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Add cost that no span carries to a pool; a negative amount takes it back."""
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        ledger = Ledger(store)
        if not again:
            refuse_repetition(store, pool, as_amount(amount), period, note)
        ledger.add_cost(pool, as_amount(amount), period, driver=as_driver(driver), note=note, config=given)
        ledger.attribute(given)
        _print_pools(store, period, pool)


@app.command("list")
def pool_list(
    period: Annotated[str, typer.Option(help="Only this month, such as 2026-10.", metavar="PERIOD")] = "",
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print the pools: what they cost, what splits them, and how their cost comes to the teams."""
    with folder.open_store(data, clickhouse) as store:
        if output is Format.table:
            _print_pools(store, period)
        else:
            print_rows(reports.pool_routes(store, period), output, ["period", "pool", "late_from", "via", "team", "share", "amount"])


def _print_pools(store: Store, period: str, only: str = "") -> None:
    found = [row for row in reports.pools(store, period) if only in {"", row["pool"]}]
    routes = [row for row in reports.pool_routes(store, period) if only in {"", row["pool"]}]
    if not any(row["late_from"] for row in (*found, *routes)):
        for row in (*found, *routes):
            del row["late_from"]
    for row in routes:
        row["team"] = row["team"] or UNATTRIBUTED
    print_table(console, "Pools", found, money=["spans", "added", "cost"], digits=2)
    print_table(console, "Who pays for them", routes, money=["amount"], digits=2)

"""Months: `close`, `reopen` and `prune`."""

from __future__ import annotations

from typing import Annotated

import typer

from attribution import closing, pruning
from attribution.attribute import configuration_of
from attribution.errors import RefusedError
from attribution.ledger import Ledger
from collector import folder
from collector.commands.shared import (
    ClickHouseOption,
    ConfigOption,
    DataOption,
    ShardOption,
    console,
)
from collector.config import Config
from collector.printing import UNATTRIBUTED, print_table

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
        lines = [{**line, "team": line["team"] or UNATTRIBUTED} for line in Ledger(store).close_month(period, given).rows()]
    print_table(console, f"Statement of {period}", lines, money=["direct", "allocated", "total"], digits=2)
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


@app.command()
def prune(
    before: Annotated[str, typer.Option(help="The first month that stays as it is, such as 2026-10.", metavar="MONTH")],
    content: Annotated[bool, typer.Option("--content", help="Let go of the content of the spans only.")] = False,
    shard: ShardOption = None,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Let go of the spans of closed months, or of their content; the ledger stays whole."""
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store, folder.shards_at(shard or ()) as shards:
        pruned = pruning.prune(store, configuration_of(store, given), before, content=content, shards=shards)
        print_table(console, "Let go of", pruning.prunings(store))
    what = "content" if content else "spans"
    console.print(
        f"let go of the {what} of {', '.join(pruned)}" if pruned else f"there is nothing to let go of before {before}", highlight=False
    )

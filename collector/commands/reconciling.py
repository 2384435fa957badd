"""Invoices held against the ledger: `reconcile`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from attribution.attribute import configuration_of
from attribution.billing import FORMATS, Reconciled, keep_reconciled, read_invoice, reconcile
from attribution.configuration import AttributionConfig
from attribution.pools import add_cost
from attribution.storage import Store
from collector import folder
from collector.commands.shared import ClickHouseOption, ConfigOption, DataOption, Format, FormatOption, console, print_rows
from collector.config import Config
from collector.printing import print_table, usd

app = typer.Typer()
MONEY = ["billed", "explained", "unseen", "variance"]


@app.command(name="reconcile")
def reconcile_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON as the provider's API answers, CSV or Parquet.")],
    provider: Annotated[str, typer.Option(help=f"Whose export it is: {', '.join(FORMATS)}.", metavar="P")],
    true_up: Annotated[
        str | None, typer.Option("--true-up", help="Add what no span tells of to this pool, in its month, which is open.", metavar="POOL")
    ] = None,
    output: FormatOption = Format.table,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Hold an invoice against the ledger: billed = explained + unseen + variance, by provider, day, model and kind."""
    lines = [line for file in files for line in read_invoice(file, provider)]
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        found = reconcile(store, lines)
        keep_reconciled(store, found)
        if true_up:
            for month, unseen in _unseen_by_month(found).items():
                _add_what_is_missing(
                    store, configuration_of(store, given), true_up, month, unseen, f"true-up: {provider} billed what no span tells of"
                )
    rows: list[dict[str, Any]] = [asdict(each) for each in found]
    if output is not Format.table:
        print_rows(rows, output, list(Reconciled.__dataclass_fields__))
        return
    print_table(console, "Reconciliation", rows, money=MONEY)
    sums = {name: sum((row[name] for row in rows), Decimal(0)) for name in MONEY}
    print_table(console, "In all", [sums], money=MONEY)
    if sums["billed"]:
        console.print(f"explained: {sums['explained'] / sums['billed'] * 100:.2f}% of what is billed", highlight=False)


def _add_what_is_missing(store: Store, config: AttributionConfig, pool: str, month: str, unseen: Decimal, note: str) -> None:
    """Only what the pool does not have yet: a file that is read again adds nothing, a corrected one the difference."""
    missing = unseen - store.rows("billing/additions_of_note", period=month, pool=pool, note=note)[0]["amount"]
    if missing:
        add_cost(store, config, pool, missing, month, note=note)
        console.print(f"{usd(missing)} added to pool {escape(pool)} in {month}", highlight=False)


def _unseen_by_month(found: Sequence[Reconciled]) -> dict[str, Decimal]:
    months: dict[str, Decimal] = defaultdict(Decimal)
    for each in found:
        months[f"{each.day:%Y-%m}"] += each.unseen
    return {month: round(unseen, 12) for month, unseen in sorted(months.items())}

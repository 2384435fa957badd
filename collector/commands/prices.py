"""Prices: `prices` shows those in force, `reprice` applies them to what is stored."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from attribution import pruning, reports
from attribution.attribute import attribute as attribute_pending
from attribution.attribute import remembered
from attribution.errors import SpanledgerError
from attribution.passes import postings_since
from attribution.prices import PriceBook
from attribution.repricing import repricing
from collector import folder
from collector.commands.shared import (
    ClickHouseOption,
    ConfigOption,
    DataOption,
    Format,
    FormatOption,
    check_order,
    console,
    day_of,
    print_rows,
)
from collector.config import Config
from collector.printing import print_differences, print_table, print_unpriced_models

app = typer.Typer()


@app.command()
def prices(
    model: Annotated[str | None, typer.Argument(metavar="MODEL")] = None,
    unknown: Annotated[bool, typer.Option("--unknown", help="Models without a price instead, and the line that would price each.")] = False,
    config: ConfigOption = None,
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print the prices in force, with their sources and dates, and what they are unsure of; USD per million tokens."""
    if unknown:
        _print_unpriced_models(data, clickhouse, output)
        return
    rows: list[Any] = PriceBook(Config.load(config).pricing).in_force(model, datetime.now(UTC))
    rows = [asdict(row) for row in rows]
    if not rows:
        raise SpanledgerError(f"no price is known for {model}; add one under pricing.models")
    if output is Format.table:
        doubts = [(f"{row['provider']}/{row['model']}", row.pop("unsure")) for row in rows]
        print_table(console, "Prices in force", rows)
        _print_doubts([(name, unsure) for name, unsure in doubts if unsure], one_model=model is not None)
    else:
        print_rows(rows, output, list(rows[0]))


def _print_doubts(doubts: list[tuple[str, tuple[str, ...]]], *, one_model: bool) -> None:
    """In full for one model; of all models there are hundreds."""
    if one_model:
        for name, unsure in doubts:
            for doubt in unsure:
                console.print(f"unsure: {name}: {doubt}", highlight=False, markup=False)
    elif doubts:
        console.print(f"unsure: {len(doubts)} of these prices; name a model, or ask for --format json, to read why", highlight=False)


def _print_unpriced_models(data: Path, clickhouse: str | None, output: Format) -> None:
    with folder.open_store(data, clickhouse) as store:
        rows = reports.unpriced_models(store)
    if output is not Format.table:
        print_rows(rows, output, ["provider", "model", "spans", "input_tokens", "output_tokens", "first_seen", "last_seen", "fix"])
    else:
        print_unpriced_models(console, rows)


@app.command()
def reprice(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.", metavar="D")],
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.", metavar="D")] = None,
    model: Annotated[str | None, typer.Option(help="Only this model; * is any characters.", metavar="M")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the difference and change nothing.")] = False,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Apply today's prices to stored spans: print the difference by model, then post it as corrections."""
    check_order(first, last)
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        followed = remembered(store)
        with repricing(store, given or followed or Config(), first.date(), day_of(last), model) as found:
            print_differences(console, found.differences)
            _print_pruned(pruning.prunings(store), first, last)
            if dry_run or not found.spans:
                return
            begun = time.time_ns()
            found.apply()
        attribute_pending(store, followed or given or Config())
        # A server that runs may have been quicker.
        added = postings_since(store, begun)
    console.print(f"{found.spans} spans priced anew, {added} postings added", highlight=False)


def _print_pruned(prunings: list[dict[str, Any]], first: datetime, last: datetime | None) -> None:
    """A span that was let go of keeps its price: what it was read from is gone."""
    months = sorted(
        {row["period"] for row in prunings if row["period"] >= f"{first:%Y-%m}" and (not last or row["period"] <= f"{last:%Y-%m}")}
    )
    if months:
        console.print(f"{', '.join(months)}: spans that were let go of, or whose content was, keep their prices", highlight=False)

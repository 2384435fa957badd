"""Where money could be saved: `hints`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from attribution.errors import RefusedError
from attribution.hints import MONTH_DAYS, Assumed, Hint, hints
from attribution.pools import as_amount
from collector import folder
from collector.commands.days import FirstDayOption, LastDayOption, MonthOption, RecentOption, check_days, days_asked_for, recent_days
from collector.commands.shared import (
    ClickHouseOption,
    ConfigOption,
    DataOption,
    Format,
    FormatOption,
    console,
    known_configuration,
    print_rows,
)
from collector.printing import print_table

app = typer.Typer()


@app.command("hints")
def hints_command(
    first: FirstDayOption = None,
    last: LastDayOption = None,
    month: MonthOption = None,
    recent: RecentOption = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="What each agent would cost with this model; may be repeated. Else the cheapest in use.", metavar="PROVIDER/MODEL"
        ),
    ] = None,
    hit_rate: Annotated[str, typer.Option("--cache-hit-rate", help="Share of prompts that a cache could answer.", metavar="0..1")] = "0.8",
    top: Annotated[int, typer.Option(help="Only the N that save most; 0: all.", min=0, metavar="N")] = 20,
    output: FormatOption = Format.table,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print what agents could save a month, with the evidence: another model, caching, failed and repeated calls, runs for nothing."""
    check_days(first, last, month, recent)
    assumed = Assumed(model or (), _rate(hit_rate))
    with folder.open_store(data, clickhouse) as store:
        known = known_configuration(store, config)
        since, until = days_asked_for(store, first, last, month, recent)
        if since is None or until is None:
            since, until = _bounded(since, until, datetime.now(ZoneInfo(known.periods.timezone)).date())
        found = hints(store, known, since, until, assumed)
    rows: list[dict[str, Any]] = [asdict(hint) for hint in (found[:top] if top else found)]
    if output is Format.table:
        print_table(console, f"Hints, by {since} to {until}", rows, money=["usd_a_month"])
    else:
        print_rows(rows, output, list(Hint.__dataclass_fields__))


def _bounded(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Without days, the last so many as a month has; a rate needs both ends."""
    if first is None and last is None:
        return recent_days(f"{MONTH_DAYS}d", today)
    if first is None:
        raise RefusedError("--to needs --from: what is saved a month is told by a number of days")
    return first, max(first, today)


def _rate(text: str) -> Decimal:
    rate = as_amount(text)
    if not 0 <= rate <= 1:
        raise RefusedError(f"--cache-hit-rate {text}: a share from 0 to 1 is needed, such as 0.8")
    return rate

"""What other programs read: `export focus` and `export log`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from attribution.attribute import configuration_of
from attribution.billing import FOCUS_VERSIONS, focus_charges, focus_columns
from attribution.billing.focus import MONEY_COLUMNS, TIME_COLUMNS
from attribution.errors import RefusedError
from attribution.reports import FIRST_DAY, LAST_DAY
from attribution.storage import Store
from collector import folder
from collector.commands.days import FirstDayOption, LastDayOption, MonthOption, RecentOption, check_days, days_asked_for
from collector.commands.shared import ClickHouseOption, DataOption, write_output

app = typer.Typer(help="Write what other programs read.", no_args_is_help=True)


class TableFormat(StrEnum):
    """How rows are written."""

    csv = "csv"
    parquet = "parquet"


@app.callback()
def _export() -> None:
    pass


@app.command()
def focus(
    version: Annotated[str, typer.Option(help=f"Of FOCUS: {', '.join(FOCUS_VERSIONS)}.", metavar="V")] = "1.2",
    first: FirstDayOption = None,
    last: LastDayOption = None,
    month: MonthOption = None,
    recent: RecentOption = None,
    output: Annotated[TableFormat, typer.Option("--format", help="How to write it.")] = TableFormat.csv,
    into: Annotated[Path | None, typer.Option("--output", help="The file to write; without it, what is printed.", metavar="F")] = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Write the ledger as rows of FOCUS, the FinOps Open Cost and Usage Specification."""
    columns = focus_columns(version)
    check_days(first, last, month, recent)
    if output is TableFormat.parquet and into is None:
        raise RefusedError("parquet is nothing to print: name a file with --output")
    with folder.open_store(data, clickhouse) as store:
        days = days_asked_for(store, first, last, month, recent)
        timezone = configuration_of(store).periods.timezone
        rows = list(focus_charges(store, timezone, version, *days))
    if output is TableFormat.parquet and into is not None:
        _write_parquet(into, columns, rows)
        return
    write_output(_csv(columns, rows).encode(), into)


@app.command()
def log(
    first: FirstDayOption = None,
    last: LastDayOption = None,
    month: MonthOption = None,
    recent: RecentOption = None,
    into: Annotated[Path | None, typer.Option("--output", help="The file to write; without it, what is printed.", metavar="F")] = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Write every billed call as a line of JSON, which `spanledger import` reads."""
    check_days(first, last, month, recent)
    with folder.open_store(data, clickhouse) as store:
        timezone = configuration_of(store).periods.timezone
        since, until = days_asked_for(store, first, last, month, recent)
        write_output("".join(log_lines(store, timezone, since, until)).encode(), into)


def log_lines(store: Store, timezone: str, first: date | None, last: date | None) -> Iterator[str]:
    """Lines of JSON, day by day; amounts as text, for a JSON number would lose digits."""
    for row in store.rows("reports/log_days", first=first or FIRST_DAY, last=last or LAST_DAY):
        for call in store.rows("reports/log", day=row["day"], timezone=timezone):
            said = {name: value for name, value in call.items() if value is not None and (value != "" or name == "sender")}
            yield f"{json.dumps(said, default=_text, ensure_ascii=False)}\n"


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """For programs, so that nothing is quoted against spreadsheets: what is read back is what was written."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_text(row[name]) for name in columns] for row in rows)
    return out.getvalue()


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def _write_parquet(into: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Amounts as decimals, times in UTC, all else as text."""
    try:
        import pyarrow as pa  # noqa: PLC0415  (an extra)
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise RefusedError("pyarrow is not installed: pip install 'spanledger[dataframes]'") from None
    kinds = {**dict.fromkeys(MONEY_COLUMNS, pa.decimal128(38, 12)), **dict.fromkeys(TIME_COLUMNS, pa.timestamp("ms", tz="UTC"))}
    table = {name: pa.array([row[name] for row in rows], kinds.get(name, pa.string())) for name in columns}
    try:
        parquet.write_table(pa.table(table), into)
    except OSError as problem:
        raise RefusedError(f"--output {into}: cannot be written: {problem}") from None

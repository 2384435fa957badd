"""Attributes and asks: `attribute`, `report`, `trace`, `sql`, `audit`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.markup import escape

from attribution import reports
from attribution.ledger import Ledger
from collector import folder
from collector.commands.days import FirstDayOption, LastDayOption, MonthOption, RecentOption, check_days, days_asked_for
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
from collector.printing import LACKING, keys_of, lacking_of_trace, print_report, print_table, report_rows, tells_found, trace_tree

app = typer.Typer()
TABLE_TOP = 200
"""Lines that people still read."""
DIGITS = 2
"""After the point, where people read; what is less than a cent says so."""


@app.command()
def attribute(
    table: Annotated[
        str | None,
        typer.Option(help="Read this table first, where it is: one that the Collector's ClickHouse exporter fills.", metavar="T"),
    ] = None,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Attribute all that is pending and return."""
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        ledger = Ledger(store)
        if table:
            read = ledger.read_table(table, given)
            console.print(f"{read.spans} spans of {escape(read.table)} read", highlight=False)
        done = ledger.attribute(given)
    console.print(f"{done.traces} traces, {done.spans} spans attributed, {done.postings} postings added", highlight=False)


@app.command()
def report(
    by: Annotated[str, typer.Argument(help=", ".join(reports.REPORTS), metavar="BY")],
    and_by: Annotated[str, typer.Argument(help="A second one.", metavar="[BY2]", show_default=False)] = "",
    axis: Annotated[str, typer.Option("--by", help=f"Cut it by {', '.join(reports.AXES)}.", metavar="|".join(reports.AXES))] = "",
    first: FirstDayOption = None,
    last: LastDayOption = None,
    month: MonthOption = None,
    recent: RecentOption = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=0, help=f"So many lines, the most expensive, and the sum of the others; 0: all. A table has {TABLE_TOP}.", metavar="N"
        ),
    ] = None,
    digits: Annotated[
        int | None,
        typer.Option("--round", min=0, max=12, help=f"Digits after the point. A table has {DIGITS}, JSON and CSV have all.", metavar="N"),
    ] = None,
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print what each value of a dimension, or of two, costs."""
    check_days(first, last, month, recent)
    if top is None:
        top = TABLE_TOP if output is Format.table else 0
    with folder.open_store(data, clickhouse) as store:
        days = days_asked_for(store, first, last, month, recent)
        result = reports.report(store, by, *days, top, and_by=and_by, axis=axis)
    if output is Format.table:
        print_report(console, result, DIGITS if digits is None else digits)
        return
    found = reports.Found._fields if tells_found(result) else ()
    print_rows(report_rows(result, digits), output, [*keys_of(result), *reports.AMOUNTS, "coverage", *found, *LACKING])


@app.command()
def trace(
    trace_id: Annotated[str, typer.Argument(metavar="TRACE_ID")], data: DataOption = folder.DEFAULT, clickhouse: ClickHouseOption = None
) -> None:
    """Print a trace as a tree: agent, model, tokens, cost, and why a span was or was not billed."""
    with folder.open_store(data, clickhouse) as store:
        spans = reports.trace(store, trace_id)
    root = spans[0]
    payer = ", ".join(f"{name} {root[name]}" for name in ("team", "department", "cost_center", "user", "workflow") if root[name])
    console.print(f"started by: {escape(payer) or 'nobody known'}", highlight=False)
    for tree in trace_tree(spans):
        console.print(tree, highlight=False)
    lacking = lacking_of_trace(spans)
    console.print(f"billed: {'at least ' if lacking else ''}{sum(span['amount'] for span in spans)} USD", highlight=False)
    for line in lacking:
        console.print(line, highlight=False)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY")],
    output: Annotated[str, typer.Option("--format", help="A format of ClickHouse.", metavar="FORMAT")] = "PrettyCompactMonoBlock",
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Run SQL that reads on the store."""
    with folder.open_store(data, clickhouse) as store:
        sys.stdout.write(store.read(query, output))


@app.command()
def audit(data: DataOption = folder.DEFAULT, clickhouse: ClickHouseOption = None) -> None:
    """Check that the money adds up; exit 1 and print the offending rows when it does not."""
    with folder.open_store(data, clickhouse) as store:
        violations = reports.audit(store)
    if violations:
        print_table(console, "Violated", violations, money=["amount"])
        raise typer.Exit(1)
    console.print("all audits pass: no money is lost, invented or counted twice", highlight=False)

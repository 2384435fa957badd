"""What is sent to teams and to finance: `statement`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from attribution.attribute import configuration_of
from attribution.errors import RefusedError
from attribution.statements import Statement, for_customer, statement_of
from collector import documents, folder
from collector.commands.shared import ClickHouseOption, ConfigOption, DataOption, console, write_output
from collector.config import Config

app = typer.Typer()


class StatementFormat(StrEnum):
    """How a statement is made."""

    table = "table"
    csv = "csv"
    json = "json"
    xlsx = "xlsx"
    html = "html"
    pdf = "pdf"


@app.command()
def statement(
    period: Annotated[str, typer.Argument(metavar="MONTH", help="Such as 2026-10; one that is open is provisional.")],
    team: Annotated[str | None, typer.Option(help="Only this team; '' for what nobody was found for.", metavar="T")] = None,
    customer: Annotated[bool, typer.Option("--customer", help="As a customer sees it: what is charged, without what it cost.")] = False,
    output: Annotated[StatementFormat, typer.Option("--format", help="How to make it.")] = StatementFormat.table,
    into: Annotated[Path | None, typer.Option("--output", help="The file to write; without it, what is printed.", metavar="F")] = None,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Make the statement of a month: what each team pays, by workflow, agent, model and kind of cost, what is shared and why."""
    is_binary = output in (StatementFormat.xlsx, StatementFormat.pdf)
    if is_binary and into is None and sys.stdout.isatty():
        raise RefusedError(f"{output} is nothing to read in a terminal: name a file with --output")
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        found = statement_of(store, configuration_of(store, given), period, team)
    if customer:
        found = for_customer(found)
    if output is StatementFormat.table and into is None:
        documents.print_on_terminal(console, documents.document_of(found))
        return
    write_output(_made(found, output), into)


def _made(statement: Statement, output: StatementFormat) -> bytes:
    if output is StatementFormat.table:
        raise RefusedError("a table is for the terminal: --output needs --format csv, json, xlsx, html or pdf")
    return documents.MADE[output].write(statement)

"""What could not be stored: `quarantine list`, `show`, `retry`, `drop`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from attribution.conventions import DIMENSIONS
from collector import folder
from collector.commands.shared import (
    DataOption,
    Format,
    FormatOption,
    console,
    print_rows,
    said_of,
)
from collector.printing import print_table
from collector.quarantine import Quarantine, moment

app = typer.Typer(help="What was acknowledged and could not be stored, or may not be by a policy.", no_args_is_help=True)
QuarantineId = Annotated[int, typer.Argument(metavar="ID", help="As `quarantine list` prints it.")]

TagOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tag", help="Whose it is, such as team=sales: for all of the request, as if its ingest key said so.", metavar="NAME=VALUE"
    ),
]


@app.command("list")
def quarantine_list(output: FormatOption = Format.table, data: DataOption = folder.DEFAULT) -> None:
    """Print what was set aside, and why."""
    rows = [
        {
            "id": one.seq,
            "received": moment(one.received_ns),
            "set_aside": moment(one.quarantined_ns),
            "spans": one.spans,
            "bytes": one.size,
            "reason": one.reason,
        }
        for one in Quarantine(data).list()
    ]
    if output is Format.table:
        print_table(console, "Quarantine", rows, money=[])
    else:
        print_rows(rows, output, ["id", "received", "set_aside", "spans", "bytes", "reason"])


@app.command("show")
def quarantine_show(number: QuarantineId, data: DataOption = folder.DEFAULT) -> None:
    """Print one request as OTLP JSON, its ids in base64."""
    sys.stdout.write(Quarantine(data).text(number) + "\n")


@app.command("retry")
def quarantine_retry(number: QuarantineId, tag: TagOption = None, data: DataOption = folder.DEFAULT) -> None:
    """Let one request be stored again, by the server that runs or the next one. Policies hold for it as they are then."""
    Quarantine(data).retry(number, said_of(tag or [], "--tag", DIMENSIONS))
    console.print(f"{number} waits to be stored", highlight=False)


@app.command("drop")
def quarantine_drop(number: QuarantineId, data: DataOption = folder.DEFAULT) -> None:
    """Delete one request for good: its spans will be missing."""
    Quarantine(data).drop(number)
    console.print(f"{number} is deleted", highlight=False)

"""What commands share: where they print, options that mean the same everywhere, how rows and days are written."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from attribution.attribute import configuration_of
from attribution.configuration import AttributionConfig
from attribution.errors import ConfigurationError, RefusedError
from attribution.storage import Store
from collector.config import Config
from collector.printing import as_csv, as_json

console = Console()
# Piped output goes to programs and files: no folding at 80 columns.
if not sys.stdout.isatty():
    console = Console(width=200)


class Format(StrEnum):
    """How a result is printed."""

    table = "table"
    json = "json"
    csv = "csv"


ConfigOption = Annotated[Path | None, typer.Option("--config", envvar="SPANLEDGER_CONFIG", help="The YAML file.", metavar="F")]
DataOption = Annotated[Path, typer.Option("--data", envvar="SPANLEDGER_DATA", help="The data folder.", metavar="DIR")]
ClickHouseOption = Annotated[
    str | None,
    typer.Option(
        "--clickhouse", envvar="SPANLEDGER_CLICKHOUSE", help="Use a ClickHouse server instead of the embedded engine.", metavar="URL"
    ),
]
ShardOption = Annotated[
    list[str] | None,
    typer.Option("--shard", envvar="SPANLEDGER_SHARD", help="A shard of the cluster that has the spans; every one of them.", metavar="URL"),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason; it is kept.", metavar="TEXT")]


def known_configuration(store: Store, path: Path | None) -> AttributionConfig:
    """What `--config` names, else what the store was attributed by last."""
    return configuration_of(store, Config.load(path) if path else None)


def named(who: str) -> str:
    """Who does it, by the option, else who is logged in here."""
    return who or getpass.getuser()


def print_rows(rows: list[dict[str, Any]], output: Format, columns: list[str]) -> None:
    """Rows as JSON, or as CSV with these columns."""
    sys.stdout.write(as_json(rows) + "\n" if output is Format.json else as_csv(rows, columns))


def said_of(given: Sequence[str], option: str, names: Collection[str]) -> dict[str, str]:
    """`NAME=VALUE` by name, as an option that may be repeated was given. Raises RefusedError, which names the wrong one."""
    said = {}
    for one in given:
        name, _, value = one.partition("=")
        if name not in names or not value:
            raise RefusedError(f"{option}: {one!r} is not allowed: NAME=VALUE is needed, where NAME is one of {', '.join(names)}")
        said[name] = value
    return said


def check_order(first: datetime | None, last: datetime | None) -> None:
    """Raise ConfigurationError where the last day is before the first."""
    if first and last and first > last:
        raise ConfigurationError("--from", [f"{first:%Y-%m-%d} is after --to {last:%Y-%m-%d}: no day lies between"])


def day_of(moment: datetime | None) -> date | None:
    """The day that an option names, None where it is not given."""
    return moment.date() if moment else None


def write_output(made: bytes, into: Path | None) -> None:
    """Write what was made to the file that `--output` names, else print it. Raises RefusedError."""
    if into is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(made)
        return
    try:
        into.write_bytes(made)
    except OSError as problem:
        raise RefusedError(f"--output {into}: cannot be written: {problem.strerror}") from None

"""The command `spanledger`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from attribution.errors import ConfigurationError, SpanledgerError, TableError
from collector.commands import (
    anomalies,
    budgets,
    cluster,
    configuration,
    emitters,
    export,
    ledger,
    months,
    pools,
    prices,
    quarantine,
    reconciling,
    serving,
    statements,
)
from collector.commands.shared import console

app = typer.Typer(
    name="spanledger",
    help="Who spent what, and who should pay: exact cost attribution for AI agents from OpenTelemetry traces.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for commands in (serving, ledger, prices, months, statements, reconciling, anomalies, emitters, cluster):
    app.add_typer(commands.app)
app.add_typer(pools.app, name="pool")
app.add_typer(budgets.app, name="budget")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(configuration.app, name="config")
app.add_typer(export.app, name="export")


def _print_version(asked: bool) -> None:
    if asked:
        console.print(f"spanledger {version('spanledger')}", highlight=False)
        raise typer.Exit


@app.callback()
def _main(
    _: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)] = False,
) -> None:
    pass


@contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong on purpose is a sentence, not a traceback."""
    try:
        yield
    except SpanledgerError as problem:
        # What users and ClickHouse write may look like markup; and what is copied from a terminal must not be folded.
        Console(stderr=True).print(f"[bold red]error:[/] {escape(str(problem))}", highlight=False, soft_wrap=True)
        sys.exit(1 if isinstance(problem, TableError) else 2)


def _read_secrets() -> None:
    """`SPANLEDGER_X_FILE` names a file that holds `SPANLEDGER_X`, as secrets are handed to containers; `SPANLEDGER_X` goes before it."""
    for named, file in dict(os.environ).items():
        name = named.removesuffix("_FILE")
        if name == named or not name.startswith("SPANLEDGER_") or name in os.environ:
            continue
        try:
            os.environ[name] = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise ConfigurationError(named, [f"{file}: cannot be read: {problem}"]) from None


def main() -> None:
    """Run the command."""
    with _explained():
        _read_secrets()
        app()


if __name__ == "__main__":
    main()

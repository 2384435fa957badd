"""The configuration: `config check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.commands.shared import console
from collector.config import Config

app = typer.Typer(help="The configuration: check a file.", no_args_is_help=True)


@app.command("check")
def config_check(file: Annotated[Path, typer.Argument(metavar="F", help="The YAML file.")]) -> None:
    """Read a configuration as `serve` does, and say what is wrong with it."""
    Config.load(file)
    console.print(f"{file} is well", highlight=False)

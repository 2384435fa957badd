"""The configuration: `config check`."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from attribution.errors import ConfigurationError
from collector.commands.shared import console
from collector.config import Config
from collector.users import hashed

app = typer.Typer(help="The configuration: check a file, hash a password for it.", no_args_is_help=True)


@app.command("check")
def config_check(file: Annotated[Path, typer.Argument(metavar="F", help="The YAML file.")]) -> None:
    """Read a configuration as `serve` does, and say what is wrong with it."""
    Config.load(file)
    console.print(f"{file} is well", highlight=False)


@app.command("password")
def config_password() -> None:
    """Read a password from the terminal, or from standard input, and print the `password_scrypt` of a user."""
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise ConfigurationError("password", ["it is empty"])
    sys.stdout.write(hashed(password) + "\n")

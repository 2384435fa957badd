"""Whether the receivers of `notify` can be reached: `notify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attribution.errors import NotFoundError, RefusedError
from collector.commands.shared import console
from collector.config import Config
from collector.control.notify import send_test

app = typer.Typer()


@app.command("notify")
def notify(
    config: Annotated[Path, typer.Option("--config", envvar="SPANLEDGER_CONFIG", help="The YAML file with `notify`.")],
    to: Annotated[str | None, typer.Option("--to", help="Only this receiver, by its name; else all.", metavar="NAME")] = None,
) -> None:
    """Send a test message to the receivers of `notify`, at once, and say which have taken it."""
    receivers = Config.load(config).notify
    names = [receiver.name or str(number) for number, receiver in enumerate(receivers)]
    if not receivers:
        raise RefusedError("notify: no receiver is configured")
    if to is not None and to not in names:
        raise NotFoundError(f"there is no receiver {to!r}; there is {', '.join(names)}")
    failed = []
    for name, receiver in zip(names, receivers, strict=True):
        if to in {None, name}:
            taken = send_test(receiver)
            console.print(f"{name}: {'has taken it' if taken else 'has not taken it'}", highlight=False)
            failed += [] if taken else [name]
    if failed:
        raise typer.Exit(1)

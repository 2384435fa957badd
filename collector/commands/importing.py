"""History of other programs: `import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attribution.attribute import attribute, configuration_of
from attribution.errors import ConfigurationError, NotFoundError, RefusedError
from collector import folder
from collector.commands.shared import ClickHouseOption, ConfigOption, DataOption, console
from collector.config import Config
from collector.importing import FORMATS, import_files

app = typer.Typer()


@app.command("import")
def import_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON lines, or JSON; of a folder all .jsonl files below it.")],
    name: Annotated[str, typer.Option("--format", help=f"What the files are: {', '.join(FORMATS)}.", metavar="F")] = "log",
    sender: Annotated[str, typer.Option(help="Under whose name; `senders` may say that it is a gateway.", metavar="S")] = "import",
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Of all rows that say nothing of it, such as user=ada or team=sales.", metavar="NAME=VALUE"),
    ] = None,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Import the history of another program and attribute it; a row counts once however often it is imported."""
    if name not in FORMATS:
        raise NotFoundError(f"there is no format {name!r}; there is {', '.join(FORMATS)}")
    said = dict(_tag(each) for each in tags or [])
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        known = configuration_of(store, given)
        done = import_files(store, known, files, name, sender, said)
        attribute(store, known)
    for line in done.refused:
        console.print(line, highlight=False, markup=False)
    for session, calls in sorted(done.told.items()):
        console.print(f"session {session}: calls left out, for telemetry told them already: {calls}", highlight=False, markup=False)
    console.print(f"{done.rows} rows are in the ledger", highlight=False)
    if done.refused_count:
        raise RefusedError(f"refused rows: {done.refused_count}; mend them and import the file again, which counts nothing twice")


def _tag(said: str) -> tuple[str, str]:
    name, is_said, value = said.partition("=")
    if not (is_said and name and value):
        raise ConfigurationError("--tag", [f"{said!r} is not NAME=VALUE"])
    return name, value

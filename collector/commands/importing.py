"""History of other programs: `import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attribution.attribute import attribute, configuration_of
from attribution.errors import NotFoundError, RefusedError
from collector import folder
from collector.commands.shared import ClickHouseOption, ConfigOption, DataOption, console
from collector.config import Config
from collector.importing import FORMATS, import_files

app = typer.Typer()


@app.command("import")
def import_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON lines, or JSON.")],
    name: Annotated[str, typer.Option("--format", help=f"What the files are: {', '.join(FORMATS)}.", metavar="F")] = "log",
    sender: Annotated[str, typer.Option(help="Under whose name; `senders` may say that it is a gateway.", metavar="S")] = "import",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Import the history of another program and attribute it; a row counts once however often it is imported."""
    if name not in FORMATS:
        raise NotFoundError(f"there is no format {name!r}; there is {', '.join(FORMATS)}")
    given = Config.load(config) if config else None
    with folder.open_store(data, clickhouse) as store:
        known = configuration_of(store, given)
        done = import_files(store, known, files, name, sender)
        attribute(store, known)
    for line in done.refused:
        console.print(line, highlight=False, markup=False)
    console.print(f"{done.rows} rows are in the ledger", highlight=False)
    if done.refused_count:
        raise RefusedError(f"refused rows: {done.refused_count}; mend them and import the file again, which counts nothing twice")

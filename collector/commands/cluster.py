"""Shards: `cluster`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from attribution.cluster import prepare_cluster, shard_database
from attribution.storage import Store
from collector.commands.shared import console

app = typer.Typer()


@app.command()
def cluster(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The cluster in the configuration of the node that is asked.")],
    clickhouse: Annotated[str, typer.Option("--clickhouse", help="The node that is asked.", metavar="URL")],
    shard: Annotated[list[str], typer.Option(help="A shard; once for each.", metavar="URL")],
) -> None:
    """Keep the spans on the shards of a ClickHouse cluster; once, and after each upgrade."""
    with ExitStack() as opened:
        store = opened.enter_context(Store.at(clickhouse))
        prepare_cluster(store, name, [opened.enter_context(Store.at(url, shard_database())) for url in shard])
    console.print(f"spans are kept on the {len(shard)} shards of {name}, everything else on this node", highlight=False)

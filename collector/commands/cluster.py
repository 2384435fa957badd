"""Shards: `cluster`."""

from __future__ import annotations

from typing import Annotated

import typer

from attribution.cluster import prepare_cluster
from attribution.storage import Store
from collector.commands.shared import console
from collector.folder import checked_url, shards_at

app = typer.Typer()


@app.command()
def cluster(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The cluster in the configuration of the node that is asked.")],
    clickhouse: Annotated[str, typer.Option("--clickhouse", envvar="SPANLEDGER_CLICKHOUSE", help="The node that is asked.", metavar="URL")],
    shard: Annotated[list[str], typer.Option("--shard", envvar="SPANLEDGER_SHARD", help="A shard; once for each.", metavar="URL")],
) -> None:
    """Keep the spans on the shards of a ClickHouse cluster; once, and after each upgrade."""
    with Store.at(checked_url(clickhouse)) as store, shards_at(shard) as shards:
        prepare_cluster(store, name, shards)
    console.print(f"spans are kept on the {len(shard)} shards of {name}, everything else on this node", highlight=False)

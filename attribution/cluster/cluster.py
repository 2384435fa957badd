"""Spans on the shards of a ClickHouse cluster, sharded by trace; the ledger on the node that is asked.

The shards have `span_records` in a database of their own, from the same statements as a single node. On the node that collectors and
commands speak to, `span_records` is a Distributed table over them; all else is as on a single node, so every statement and every
result is the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from attribution.errors import RefusedError, StorageError
from attribution.prepare import prepare
from attribution.storage import DATABASE, Store
from attribution.storage.schema import begin_schema, bring_span_records_up_to_date


def shard_database(database: str = DATABASE) -> str:
    """The name of the database of spans on each shard."""
    return f"{database}_shard"


def prepare_cluster(store: Store, cluster: str, shards: Sequence[Store]) -> None:
    """Create what is missing on the shards and on the node of `store`; to be run again after an upgrade.

    Args:
        store: the node that is asked, on the database of the ledger.
        cluster: name of the cluster in that node's configuration (`remote_servers`).
        shards: every shard of it, on the database `shard_database`.

    Raises:
        StorageError: the node does not know the cluster, the shards given are not all, or spans are stored outside of it already.

    """
    _check_number(store, cluster, len(shards))
    engine = [row["engine"] for row in store.rows("cluster/engine_of_spans")]
    if engine and engine != ["Distributed"]:
        raise StorageError("this node has spans of its own: a cluster needs a database that is not used yet")
    for shard in shards:
        bring_span_records_up_to_date(shard)
    _check_number(store, cluster, _different(shards))
    begin_schema(store)
    store.run("cluster/distribute_spans", cluster=cluster, shard_database=shards[0].database)
    prepare(store)


def check_shards(store: Store, shards: Sequence[Store]) -> None:
    """Check that these are all shards that the spans are on, and none where they are on the node of `store` itself.

    Raises RefusedError as `check_shards_named` does, and StorageError: they are not all, or one was named twice.
    """
    cluster = check_shards_named(store, named=bool(shards))
    if cluster:
        _check_number(store, cluster, _different(shards))


def check_shards_named(store: Store, *, named: bool) -> str:
    """The cluster on whose shards the spans are, '' where they are on the node. Needs no shard to be there.

    Raises RefusedError: shards were not named and the spans are on some, or the other way round.
    """
    cluster = "".join(row["cluster"] for row in store.rows("cluster/cluster_of_spans"))
    if cluster and not named:
        raise RefusedError(f"the spans are on the shards of cluster {cluster!r}: every one of them is needed, `--shard URL` each")
    if named and not cluster:
        raise RefusedError("`--shard` names where spans are on the shards of a cluster, and these are on the node itself")
    return cluster


def _check_number(store: Store, cluster: str, given: int) -> None:
    known = store.rows("cluster/shards", cluster=cluster)[0]["n"]
    if known != given:
        raise StorageError(f"cluster {cluster!r} has {known} shards on this node, and {given} were given: all are needed, once each")


def _different(shards: Sequence[Store]) -> int:
    """How many of them have spans, each counted once however often it was named."""
    return len({row["table"] for shard in shards for row in shard.rows("cluster/table_of_shard")})

"""Spans on the shards of a ClickHouse cluster; the ledger on the node that is asked."""

from attribution.cluster.cluster import prepare_cluster, shard_database

__all__ = ["prepare_cluster", "shard_database"]

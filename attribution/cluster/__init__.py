"""Spans on the shards of a ClickHouse cluster; the ledger on the node that is asked."""

from attribution.cluster.cluster import check_shards, check_shards_named, prepare_cluster, shard_database

__all__ = ["check_shards", "check_shards_named", "prepare_cluster", "shard_database"]

"""Pools: the cost of shared agents, and cost that no span carries, split among teams (R10)."""

from attribution.pools.pools import (
    PARTS_MAX,
    add_cost,
    as_amount,
    as_driver,
    mark_open_pools_changed,
    refuse_repetition,
    solved_parts,
    split_pools,
    whole_parts,
)

__all__ = [
    "PARTS_MAX",
    "add_cost",
    "as_amount",
    "as_driver",
    "mark_open_pools_changed",
    "refuse_repetition",
    "solved_parts",
    "split_pools",
    "whole_parts",
]

"""Lets go of the spans of closed months, or of their content (what they were sent with: attributes, events, prompts).

What attribution reads of a span is never let go of: a late record of its trace, a link, a session or a resend must find it, else a call
would be billed twice or by half. So decisions, postings, statements and audits stay as they are, and nobody need know what is gone.

Months are of the configured zone, partitions of UTC. A partition that lies before the end of what is let go of loses whole columns, which
costs nothing. Where the zone is another, that end cuts one partition: its columns are written anew. Killed at any statement and run
again, it ends in the same state. What comes late for such a month is stored as it is, until the month is pruned again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from attribution.cluster import check_shards
from attribution.configuration import AttributionConfig
from attribution.errors import RefusedError
from attribution.periods import check_period, is_closed
from attribution.storage import Store
from attribution.storage.lease import lease

Pruned = Literal["content", "span"]
SECOND_NS = 10**9

CLEARED = "pruning/clear_content", "pruning/clear_span"
"""Of whole partitions."""
CUT = "pruning/clear_content_until", "pruning/clear_span_until"
"""Of the one that is cut."""


@dataclass(frozen=True, slots=True)
class _Partition:
    """Spans of a month of UTC, on one node."""

    store: Store
    name: str
    first_ns: int
    last_ns: int
    zone: ZoneInfo

    def months(self, until_ns: int) -> tuple[str, ...]:
        """Months of the zone before a time that it holds spans of: it can reach into two."""
        ends = (self.first_ns, min(self.last_ns, until_ns - 1))
        return tuple(sorted({f"{datetime.fromtimestamp(end // SECOND_NS, self.zone):%Y-%m}" for end in ends}))

    def lies_before(self, until_ns: int) -> bool:
        """Whether all that it can ever hold started before."""
        year, month = int(self.name[:4]), int(self.name[4:])
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return round(end.timestamp()) * SECOND_NS <= until_ns


def prune(store: Store, config: AttributionConfig, before: str, *, content: bool = False, shards: Sequence[Store] = ()) -> list[str]:
    """Let go of the spans of all months before one, or of their content only.

    Args:
        store: where the ledger is.
        config: whose time zone months are counted in.
        before: the first month that stays as it is, such as 2026-10.
        content: whether the spans stay, without their content.
        shards: of a cluster, every shard, as `prepare_cluster` takes them.

    Returns:
        The months that something was let go of, in order.

    Raises:
        RefusedError: the text is no month, a month before it that has spans is open, or the shards are not named.
        StorageError: the shards are not all.

    """
    check_period(before)
    check_shards(store, shards)
    until_ns = _begin_ns(before, config)
    found = _partitions(store, config, until_ns, shards)
    months = sorted({month for partition in found for month in partition.months(until_ns)})
    still_open = [month for month in months if not is_closed(store, month)]
    if still_open:
        raise RefusedError(
            f"{', '.join(still_open)}: open, and only closed months can be let go of; `spanledger close {still_open[0]}` closes one"
        )
    pruned: set[str] = set()
    for partition in found:
        pruned.update(_prune(store, partition, until_ns, "content" if content else "span"))
    return sorted(pruned)


def prune_next(store: Store, config: AttributionConfig, before: str, *, content: bool = False, shards: Sequence[Store] = ()) -> list[str]:
    """Do it for the next partition that has something to let go of, and whose months are closed; its months, none where there is none."""
    check_shards(store, shards)
    until_ns = _begin_ns(before, config)
    for partition in _partitions(store, config, until_ns, shards):
        months = _prune(store, partition, until_ns, "content" if content else "span")
        if months:
            return list(months)
    return []


def first_kept(config: AttributionConfig, months: int, now: datetime | None = None) -> str:
    """The first month that is kept where so many are, beside the one that runs; `now`: with a time zone, None: this moment."""
    local = (now or datetime.now(UTC)).astimezone(ZoneInfo(config.periods.timezone))
    count = 12 * local.year + local.month - 1 - months
    return f"{count // 12:04}-{count % 12 + 1:02}"


def prunings(store: Store) -> list[dict[str, Any]]:
    """What was let go of: period, pruned (`content` or `span`), at."""
    return store.rows("pruning/prunings")


def _begin_ns(month: str, config: AttributionConfig) -> int:
    begin = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=ZoneInfo(config.periods.timezone))
    return round(begin.timestamp()) * SECOND_NS


def _partitions(store: Store, config: AttributionConfig, until_ns: int, shards: Sequence[Store]) -> list[_Partition]:
    zone = ZoneInfo(config.periods.timezone)
    return [
        _Partition(node, row["partition"], row["first_ns"], row["last_ns"], zone)
        for node in shards or [store]
        for row in node.rows("pruning/partitions")
        if row["first_ns"] < until_ns
    ]


def _prune(store: Store, partition: _Partition, until_ns: int, pruned: Pruned) -> tuple[str, ...]:
    """Let go of a partition's part; the lease keeps whoever closes and opens months away. Its months where there was something to do."""
    where = {"partition": partition.name, "until_ns": until_ns, "pruned": pruned}
    with lease(store):
        months = partition.months(until_ns)
        if not all(is_closed(store, month) for month in months) or not partition.store.rows("pruning/any_to_prune", **where):
            return ()
        for month in months:
            store.run("pruning/record", period=month, pruned=pruned)
        # The mark goes first: from then on nothing reads what is being let go of.
        partition.store.run("pruning/mark", **where)
        of_content, of_span = CLEARED if partition.lies_before(until_ns) else CUT
        partition.store.run(of_content, **where)
        if pruned == "span":
            partition.store.run(of_span, **where)
    return months

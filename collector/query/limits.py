"""What one reader of the embedded store may use: every bound by name, with the reason for its value."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds of the ClickHouse HTTP interface; a client may ask for less, never for more.

    The bounds of a query (`seconds_max` to `threads_max`) hold for the read-only interface. The owner's interface, which runs
    the ledger's own statements, keeps the bounds of the request and of concurrency only: a posting cut in half helps nobody.
    """

    seconds_max: int = 30
    """Run time of a query: dashboards give up at about this time, and the receiver shares the processor's cores."""
    result_rows_max: int = 1_000_000
    """Rows of a result: what a notebook loads; more belongs into an aggregate."""
    result_bytes_max: int = 256 * MIB
    """Bytes of a result, as the engine counts them and again as they are sent; results are held in memory until sent."""
    read_rows_max: int = 1_000_000_000
    """Rows read by a query: years of spans of a busy company, but not a cross join that never ends."""
    memory_bytes_max: int = 2048 * MIB
    """Memory of one query, so that one `GROUP BY` cannot end the process that also receives spans."""
    temporary_bytes_max: int = 4096 * MIB
    """Disk that one query may spill to; the folder also holds the store and the spool."""
    threads_max: int = 8
    """Threads of one query; more only takes cores from the receiver."""
    concurrent_max: int = 8
    """Queries that run at once, each on an engine handle and a thread of its own: what one dashboard opens."""
    waiting_max: int = 64
    """Queries that wait for one of those; several dashboards that refresh together."""
    wait_seconds_max: int = 10
    """How long one waits before it is told 503: clients retry that, and a wait beyond it looks like a hang."""
    query_bytes_max: int = MIB
    """Text of a query after decompression; ClickHouse's own default is a quarter of it, ORMs exceed that."""
    parameter_bytes_max: int = MIB
    """All bound parameters together, after decompression: they are values of a query, not its data."""
    insert_bytes_max: int = 256 * MIB
    """Body of a request to the owner's interface, after decompression: the largest batch that a command sends."""

    def body_bytes_max(self, *, owner: bool) -> int:
        """Bytes of a request body, before and after decompression."""
        return self.insert_bytes_max if owner else self.query_bytes_max + self.parameter_bytes_max


DEFAULT_LIMITS = Limits()
"""What holds unless the caller says otherwise."""

"""Lets go of what `retention` keeps no longer: a partition at a time, between two passes of attribution."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from attribution.cluster import check_shards_named
from attribution.errors import SpanledgerError
from attribution.pruning import first_kept, prune_next
from attribution.storage import DATABASE, Store
from collector.config import Config, Retention
from collector.folder import shards_at

logger = logging.getLogger(__name__)

LOOK_SECONDS = 3600.0
"""Between two looks where there was nothing to let go of: what is late for a month that was pruned stays for so long."""


class RetentionKeeper:
    """Does a little at each turn, so that attribution never waits for long."""

    def __init__(self, shards: Sequence[str] = (), database: str = DATABASE, *, idle: bool = False) -> None:
        """`shards`: URLs of those that the spans of the ledger in `database` are on, where they are. `idle`: others let go of them."""
        self._shards, self._database, self._idle = shards, database, idle
        self._next = 0.0

    def check(self, store: Store, config: Config) -> None:
        """Raises RefusedError where spans are on shards that are not named, so that what is configured could not be done."""
        if self._shards or (config.retention != Retention() and not self._idle):
            check_shards_named(store, named=bool(self._shards))

    def turn(self, store: Store, config: Config) -> None:
        """Let go of the next partition, if any; what fails is logged and tried again at the next look. Open months stay as they are."""
        if time.monotonic() < self._next:
            return
        try:
            if not self._let_go(store, config):
                self._next = time.monotonic() + LOOK_SECONDS
        except SpanledgerError as problem:
            logger.error("retention: nothing is let go of: %s", problem)  # noqa: TRY400  (a known state)
            self._next = time.monotonic() + LOOK_SECONDS

    def _let_go(self, store: Store, config: Config) -> bool:
        kept = config.retention
        if kept == Retention():
            return False
        with shards_at(self._shards, self._database) as shards:
            for months, content in ((kept.spans_months, False), (kept.content_months, True)):
                if months is None:
                    continue
                pruned = prune_next(store, config, first_kept(config, months), content=content, shards=shards)
                if pruned:
                    logger.info("retention: let go of the %s of %s", "content" if content else "spans", ", ".join(pruned))
                    return True
        return False

"""Lets go of what `retention` keeps no longer: a partition at a time, between two passes of attribution."""

from __future__ import annotations

import logging
import time

from attribution.errors import SpanledgerError
from attribution.pruning import first_kept, prune_next
from attribution.storage import Store
from collector.config import Config

logger = logging.getLogger(__name__)

LOOK_SECONDS = 3600.0
"""Between two looks where there was nothing to let go of: what is late for a month that was pruned stays for so long."""


class RetentionKeeper:
    """Does a little at each turn, so that attribution never waits for long."""

    def __init__(self) -> None:
        self._next = 0.0

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
        for months, content in ((kept.spans_months, False), (kept.content_months, True)):
            if months is None:
                continue
            pruned = prune_next(store, config, first_kept(config, months), content=content)
            if pruned:
                logger.info("retention: let go of the %s of %s", "content" if content else "spans", ", ".join(pruned))
                return True
        return False

"""Who was refused, in the log: each sender and reason at most once a minute, with how often meanwhile."""

from __future__ import annotations

import logging
import threading
import time

from collector.receiver.outcome import RefusalError

LOG_SECONDS = 60.0
"""Between two lines about one sender and reason."""
KNOWN_MAX = 1000
"""Senders and reasons that are remembered: names of unknown keys are anybody's to choose."""
NAME_MAX = 80
"""Characters of a name that are logged."""

logger = logging.getLogger(__name__)


class Refusals:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: dict[tuple[str, str], tuple[float, int]] = {}
        """When it was logged last, and how often it was refused since."""

    def note(self, refusal: RefusalError) -> None:
        """Log a refusal, where it is time to."""
        who, why = refusal.sender[:NAME_MAX] or "a sender without a name", refusal.outcome.value.label
        now = time.monotonic()
        with self._lock:
            logged_at, count = self._since.get((who, why), (now - LOG_SECONDS, 0))
            is_time = now - logged_at >= LOG_SECONDS
            if len(self._since) >= KNOWN_MAX:
                self._since.clear()
            self._since[who, why] = (now, 0) if is_time else (logged_at, count + 1)
        if is_time:
            meanwhile = f", and {count} times before" if count else ""
            logger.warning("refused: %s: %s: %s%s", who, why, refusal.message, meanwhile)

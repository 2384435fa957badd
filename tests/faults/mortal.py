"""Runs `spanledger` and kills it at a step: `python -m tests.faults.mortal STEP NTH before|after COMMAND...`.

The kill is SIGKILL by its own hand, so that nothing is cleaned up. Two steps are no kill: `clock` lets the clock step while it runs,
`poison` kills whenever a request that holds the word is stored.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

POISON = b"poison of the test"
METHODS = {
    "receive": ("collector.receiver.intake", "Intake", "accept"),
    "commit": ("collector.spool.store", "Store", "add"),
    "committed": ("collector.spool.spool", "Spool", "_commit"),
    "acknowledge": ("collector.receiver.intake", "Intake", "accepted"),
    "carry": ("collector.spool.spool", "Spool", "carry"),
    "price": ("collector.processor.processor", "Processor", "process"),
    "insert": ("collector.exporter.clickhouse", "ClickHouseExporter", "export"),
    "passed": ("collector.spool.store", "Store", "passed"),
    "sweep": ("collector.spool.store", "Store", "forget"),
    "account": ("collector.accounts", "Accounts", "keep"),
}
STATEMENTS = {
    "lease": "storage/hold_lease",
    "begin": "passes/begin",
    "attribute": "traces/0",
    "post": "traces/09_postings",
    "commit of a pass": "traces/10_commit",
    "settle": "traces/01_batch/13_settle",
    "end": "passes/end",
    "roll up": "passes/rollups",
    "pools": "pools/",
    "close": "closing/",
    "reprice": "repricing/",
}
STEPS_OF_SERVICE = [*METHODS, *(name for name in STATEMENTS if name not in {"close", "reprice"})]
HOUR_NS = 3600 * 10**9


def die() -> None:
    """As a power cut would end it."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


class Step:
    """Counts how often it is passed, and kills at the nth time."""

    def __init__(self, nth: int, when: str) -> None:
        self._left, self._when = nth, when

    def around(self, work: Callable[[], Any]) -> Any:
        """Do the work, and die before or after it where it is time to."""
        self._left -= 1
        if not self._left and self._when == "before":
            die()
        result = work()
        if not self._left:
            die()
        return result


def patch(step: str, nth: int, when: str) -> None:
    """Let a step kill."""
    at = Step(nth, when)
    if step in METHODS:
        module, owner, name = METHODS[step]
        wrap(getattr(import_module(module), owner), name, lambda work, *_: at.around(work))
        return
    prefix = STATEMENTS[step]
    store, work_tables = import_module("attribution.storage.store"), import_module("attribution.storage.work_tables")
    begins: Callable[..., Any] = lambda work, _, name: at.around(work) if name.startswith(prefix) else work()  # noqa: E731
    wrap(store.Store, "run", begins)
    wrap(work_tables, "fill", begins)


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """Replace a function; `around` gets what it does, and its first arguments."""
    original = getattr(owner, name)

    def wrapped(*given: Any, **more: Any) -> Any:
        return around(lambda: original(*given, **more), *given[:2])

    setattr(owner, name, wrapped)


def let_clock_step(seed: int) -> None:
    """Forward and back, by up to an hour, now and then."""
    draw, real, offset = random.Random(seed), time.time_ns, [0]

    def time_ns() -> int:
        if draw.random() < 0.05:
            offset[0] = draw.randrange(-HOUR_NS, HOUR_NS)
        return real() + offset[0]

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 10**9


def kill_by_poison() -> None:
    """What no code can help: storing one request ends the process."""
    exporter = import_module("collector.exporter.clickhouse").ClickHouseExporter
    wrap(exporter, "export", lambda work, _, batch: die() if any(POISON in one.delivery.body for one in batch) else work())


def main() -> None:
    """Run the command."""
    step, nth, when, *command = sys.argv[1:]
    if step == "clock":
        let_clock_step(int(nth))
    from collector import pipeline, service  # noqa: PLC0415  (after the clock is replaced)
    from collector.cli import main as run  # noqa: PLC0415

    service.ATTRIBUTION_SECONDS, service.PACE = 0.3, 1.0  # many passes in little time
    pipeline.LINGER_SECONDS = pipeline.LINGER_SECONDS_MAX = 0.05
    import_module("collector.spool.spool").FORGET_SECONDS = 0.2
    if step == "poison":
        kill_by_poison()
    elif step not in {"clock", "none"}:
        patch(step, int(nth), when)
    sys.argv = ["spanledger", *command]
    run()


if __name__ == "__main__":
    main()

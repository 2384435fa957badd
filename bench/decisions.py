"""How long a decision takes in the process, without HTTP: reservation, budgets and journal.

python -m bench.decisions [N]
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from attribution.budgets import Replay
from collector.config import Config
from collector.control.asking import Ask
from collector.control.decisions import Decider
from collector.control.journal import Journal

BUDGETS = {
    "team": {"each": ["team"], "limit": 1_000_000, "per": "month"},
    "user": {"each": ["user"], "limit": 1_000_000, "per": "day", "timezone": "Europe/Berlin"},
    "everything": {"limit": 100_000_000, "per": "quarter"},
}


def main(decisions: int) -> None:
    """Ask for so many calls, and print how long each took."""
    config = Config.parse({"pricing": {"update": False}, "budgets": BUDGETS})
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "control.sqlite")
        decider = Decider(config, journal)
        decider.learn(Replay(datetime.now(UTC)))
        taken = []
        for number in range(decisions):
            said = {"team": f"team-{number % 20}", "user": f"user-{number % 500}"}
            place = {"trace_id": f"{number // 10 + 1:032x}", "span_id": f"{number + 1:016x}"}
            ask = Ask.model_validate({"dimensions": said, **place, "model": "gpt-4.1-mini", "input_tokens": 1200, "output_tokens_max": 500})
            begun = time.perf_counter()
            decider.decide(ask)
            taken.append(time.perf_counter() - begun)
        journal.close()
    taken.sort()
    share = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    print(
        f"{decisions / sum(taken):.0f} decisions/s", *(f"{name} {taken[int(decisions * at)] * 1000:.2f} ms" for name, at in share.items())
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)

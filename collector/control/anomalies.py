"""Tells people of anomalies: those of the last days, each once, through the outbox."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from attribution import reports
from attribution.storage import Store
from collector.config import Config, Notify
from collector.control.journal import Journal
from collector.control.notify import Outbox
from collector.printing import FACTORS, UNATTRIBUTED, usd_rounded

LOOK_SECONDS, PACE = 900.0, 60.0
"""Between two looks at the least, and how many times as long as a look took: it reads the calls of 18 weeks."""
TOLD_DAYS = 3
"""Of today and so many days before it: what came late, or while nobody looked."""
TITLE_MAX = 120
"""Characters: names of tasks can be long."""
TOLD_MAX = 20
"""Of cost, and of agents, a day: the furthest from what was expected. The page has all."""
SEVERAL = "(several)"
"""The team of what several started: only a receiver of all teams hears of it."""
KINDS: Mapping[str, str] = {
    "task_cost": "costs more than 3 times the usual task",
    "workflow_2_sigma": "costs more than 2 standard deviations beyond its usual day",
    "workflow_3_sigma": "costs more than 3 standard deviations beyond its usual day",
    "cost_growth": "its cost grows faster than its use",
    "cost_per_task": "a task of it costs more than before",
    "agent_tokens": "uses more than 10 times its usual tokens",
    "new_agent": "is new",
}
CENTS, FINE = 2, 4
"""Digits after the point, of a dollar and more, and of less."""
Row = Mapping[str, Any]


class Anomalies:
    """Looks for anomalies where somebody wants to hear of them. One thread at a time."""

    def __init__(self, store: Store, journal: Journal) -> None:
        """`store`: a connection of its own."""
        self._store = store
        self._outbox = Outbox(journal)
        self._next = 0.0

    def turn(self, config: Config, now: datetime) -> None:
        """Put those of the last days into the outbox, if it is time to; it knows which were there before. Raises StorageError."""
        begun = time.monotonic()
        if begun < self._next or not is_wanted(config.notify):
            return
        self._next = begun + LOOK_SECONDS
        today = now.astimezone(ZoneInfo(config.periods.timezone)).date()
        for row in told(reports.anomalies(self._store, today - timedelta(days=TOLD_DAYS), today)):
            self._outbox.put_anomaly(number(row), team(row), beyond(row), title(row), text(row), config.notify)
        self._next = max(self._next, time.monotonic() + PACE * (time.monotonic() - begun))


def is_wanted(receivers: Sequence[Notify]) -> bool:
    """Whether anybody wants to hear of anomalies."""
    return any("anomaly" in receiver.events for receiver in receivers)


def told(rows: Sequence[Row]) -> list[Row]:
    """The furthest of each day from what was expected, of cost and of agents; the earliest day first."""
    by_day: dict[tuple[date, bool], list[Row]] = defaultdict(list)
    for row in rows:
        by_day[row["day"], row["scope"] == "agent"].append(row)
    return [
        row
        for key in sorted(by_day)
        for row in sorted(by_day[key], key=lambda one: one["value"] - (one["expected"] or 0), reverse=True)[:TOLD_MAX]
    ]


def number(row: Row) -> str:
    """The same whenever it is found."""
    return "/".join(("anomaly", str(row["day"]), row["kind"], row["workflow"], row["subject"]))


def team(row: Row) -> str:
    """Who is to hear of it."""
    return SEVERAL if len(row["teams"]) != 1 else row["teams"][0] or UNATTRIBUTED


def beyond(row: Row) -> Decimal | None:
    """USD beyond what was expected; None: it is not about cost."""
    return row["value"] - row["expected"] if row["unit"] == "USD" and row["expected"] is not None else None


def title(row: Row) -> str:
    """`Anomaly 2026-11-10: workflow triage`."""
    return f"Anomaly {row['day']}: {row['scope']} {row['subject']}"[:TITLE_MAX]


def text(row: Row) -> str:
    """What happened, and which factors made it."""
    days = "" if row["since"] == row["day"] else f", {row['since']} to {row['day']}"
    whose = f"team {team(row)}" if len(row["teams"]) == 1 else "several teams" if row["teams"] else "its first day"
    if row["expected"] is None:
        return f"{KINDS[row['kind']]}: {_amount(row['value'], row['unit'])}\n{whose}"
    made = [f"{_signed(row[name], row['unit'])} {said}" for name, said in FACTORS.items() if row[name]]
    lines = [
        f"{KINDS[row['kind']]}{days}",
        f"{_amount(row['value'], row['unit'])}, {_amount(row['expected'], row['unit'])} expected",
        *made,
    ]
    of = [f"workflow {row['workflow']}"] if row["scope"] == "task" else []
    return "\n".join([*lines, ", ".join([*of, whose])])


def _amount(amount: Decimal, unit: str) -> str:
    return usd_rounded(amount, CENTS if abs(amount) >= 1 else FINE) if unit == "USD" else f"{amount:,.0f} {unit}"


def _signed(amount: Decimal, unit: str) -> str:
    return f"{'+' if amount > 0 else ''}{_amount(amount, unit)}"

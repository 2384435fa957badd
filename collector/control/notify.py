"""Tells people of budgets, anomalies and what teams pay: Slack, e-mail, Teams, PagerDuty, webhooks and the rest, through Apprise.

It has a durable outbox.

A message is in the journal in the same moment as its event, leaves when its receiver has taken it, and is tried again until then. So it
arrives at least once, under the id of its event, and an event is told once in its window however often it is found.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

from attribution.budgets import Event
from attribution.configuration import matches
from collector.config import Notify
from collector.control.journal import Journal, Message
from collector.printing import UNATTRIBUTED

logger = logging.getLogger(__name__)

RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0)
"""Between attempts, the last for ever."""
KEPT_DAYS = 7
"""After which nobody wants to hear it any more."""
_TYPES = {"tier": "warning", "anomaly": "warning", "escalated": "failure", "refused": "failure"}
"""As Apprise calls them."""


class Outbox:
    """Messages that wait for their receivers. One thread at a time sends."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def put(self, event: Event, receivers: Sequence[Notify]) -> None:
        """A message to each receiver that wants the event."""
        self._put(_wanting(receivers, event.kind, "budgets", event.budget or "-"), str(event.id), title(event), text(event))

    def put_showback(self, team: str, number: str, title: str, text: str, receivers: Sequence[Notify]) -> None:
        """A message to each receiver that wants the showback of a team, once for each `number`."""
        self._put(_wanting(receivers, "showback", "teams", team or UNATTRIBUTED), f"showback/{number}/{team}", title, text)

    def put_anomaly(self, number: str, team: str, usd: Decimal | None, title: str, text: str, receivers: Sequence[Notify]) -> None:
        """A message to each receiver that wants an anomaly of a team, so many USD beyond what was expected; None: it is not about cost."""
        self._put(_wanting(receivers, "anomaly", "teams", team, usd), number, title, text)

    def _put(self, names: Iterable[str], number: str, title: str, text: str) -> None:
        for name in names:
            self._journal.put(Message(f"{number}/{name}", name, title, text))

    def send(self, receivers: Sequence[Notify], now: float | None = None) -> int:
        """Send what is due; returns how many have arrived."""
        now, arrived = time.time() if now is None else now, 0
        by_name = {receiver.name or str(number): receiver for number, receiver in enumerate(receivers)}
        for message in self._journal.due(now):
            receiver = by_name.get(message.receiver)
            if receiver is None or now - message.at > KEPT_DAYS * 86_400:
                logger.warning("not told any more: %s to %s", message.title, message.receiver)
                self._journal.sent(message.id)
            elif _sent(receiver, message):
                self._journal.sent(message.id)
                arrived += 1
            else:
                pause = RETRY_SECONDS[min(message.attempts, len(RETRY_SECONDS) - 1)]
                logger.warning("%s does not take a message; it is tried again in %.0f s", message.receiver, pause)
                self._journal.postpone(message.id, now + pause)
        return arrived


def _wanting(
    receivers: Sequence[Notify], kind: str, what: Literal["budgets", "teams"], about: str, usd: Decimal | None = None
) -> list[str]:
    """Names of the receivers that want to hear of something, and of what it is about."""
    return [
        receiver.name or str(number)
        for number, receiver in enumerate(receivers)
        if kind in receiver.events
        and any(matches(pattern, about) for pattern in getattr(receiver, what))
        and (usd is None or usd >= receiver.anomaly_usd)
    ]


def _sent(receiver: Notify, message: Message) -> bool:
    import apprise  # noqa: PLC0415  (half a second of every start, for the few that notify)

    to = apprise.Apprise()
    to.add(receiver.url)
    kind = _TYPES.get(message.title.partition(" ")[0].lower(), "info")
    return bool(to.notify(body=f"{message.text}\n\nid {message.id}", title=message.title, notify_type=apprise.NotifyType(kind)))


def title(event: Event) -> str:
    """`Tier 90: sales`."""
    what = f"{event.kind} {event.amount.normalize():f}" if event.kind in {"tier", "escalated"} else event.kind
    return f"{what[0].upper()}{what[1:]}: {event.budget or f'run {event.trace_id}'}{' ' if event.key else ''}{' '.join(event.key)}"


def text(event: Event) -> str:
    """What people need to know."""
    lines = [event.reason]
    if event.window_start.year > 1970:  # noqa: PLR2004  (that of runs, tasks and sessions)
        lines.append(f"window since {event.window_start:%Y-%m-%d %H:%M} UTC")
    if event.trace_id:
        lines.append(f"trace {event.trace_id}")
    return "\n".join(line for line in lines if line)

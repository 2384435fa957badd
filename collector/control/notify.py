"""Tells people of budgets, anomalies and what teams pay: Slack, e-mail, Teams, PagerDuty, webhooks and the rest, through Apprise.

It has a durable outbox.

A message is in the journal in the same moment as its event, leaves when its receiver has taken it, and is tried again until then. So it
arrives at least once, under the id of its event, and an event is told once in its window however often it is found. In quiet hours it
waits; a digest is one message of several, each with its own id.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal
from uuid import uuid4

from attribution.budgets import Event
from attribution.configuration import matches
from collector.config import Notify
from collector.control.journal import Journal, Message
from collector.control.quiet import quiet_until
from collector.control.webhook import post
from collector.printing import UNATTRIBUTED

logger = logging.getLogger(__name__)

RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0)
"""Between attempts, the last for ever."""
KEPT_DAYS = 7
"""After which nobody wants to hear it any more."""
DAY_SECONDS = 86_400
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
        now = time.time() if now is None else now
        by_name = {receiver.name or str(number): receiver for number, receiver in enumerate(receivers)}
        due: dict[str, list[Message]] = {}
        for message in self._journal.due(now):
            if message.receiver not in by_name or now - message.at > KEPT_DAYS * DAY_SECONDS:
                logger.warning("not told any more: %s to %s", message.title, message.receiver)
                self._journal.sent(message.id)
            else:
                due.setdefault(message.receiver, []).append(message)
        return sum(self._send_to(by_name[name], messages, now) for name, messages in due.items())

    def _send_to(self, receiver: Notify, due: Sequence[Message], now: float) -> int:
        """What does not wait goes by itself; the rest when it is not quiet any more, and together where that is wanted."""
        at_once = [message for message in due if _kind(message) in receiver.always]
        rest = [message for message in due if message not in at_once]
        quiet = quiet_until(receiver, datetime.fromtimestamp(now, UTC)) if rest else None
        if quiet:
            for message in rest:
                self._journal.defer(message.id, quiet.timestamp())
            rest = []
        if receiver.digest_minutes and rest:
            return self._deliver_each(receiver, at_once, now) + self._deliver_together(due[0].receiver, receiver, now)
        return self._deliver_each(receiver, [*at_once, *rest], now)

    def _deliver_each(self, receiver: Notify, messages: Iterable[Message], now: float) -> int:
        return sum(self._deliver(receiver, message, [message], now) for message in messages)

    def _deliver_together(self, name: str, receiver: Notify, now: float) -> int:
        gathered = [one for one in self._journal.waiting(name) if _kind(one) not in receiver.always]
        ready = gathered[0].at + 60 * receiver.digest_minutes
        if now < ready:
            for message in gathered:
                self._journal.defer(message.id, ready)
            return 0
        return self._deliver(receiver, _together(gathered), gathered, now)

    def _deliver(self, receiver: Notify, said: Message, of: Sequence[Message], now: float) -> int:
        """Send one message that tells of some; returns how many have arrived."""
        if _sent(receiver, said):
            for message in of:
                self._journal.sent(message.id)
            return len(of)
        pause = RETRY_SECONDS[min(said.attempts, len(RETRY_SECONDS) - 1)]
        logger.warning("%s does not take a message; it is tried again in %.0f s", said.receiver, pause)
        for message in of:
            self._journal.postpone(message.id, now + pause)
        return 0


def _together(messages: Sequence[Message]) -> Message:
    """One message of several, under the id of the first: what was said once again says the same."""
    if len(messages) == 1:
        return messages[0]
    text = "\n\n".join(f"{one.title}\n{one.text}\nid {one.id}" for one in messages)
    first = messages[0]
    return replace(first, title=f"{len(messages)} messages: {first.title} ...", text=text, attempts=max(one.attempts for one in messages))


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


def _kind(message: Message) -> str:
    """Of its event: its title begins with it."""
    return message.title.partition(" ")[0].rstrip(":").lower()


def _sent(receiver: Notify, message: Message) -> bool:
    if receiver.is_signed:
        return post(receiver, message.id, _kind(message), message.title, message.text)
    import apprise  # noqa: PLC0415  (half a second of every start, for the few that notify)

    to = apprise.Apprise()
    to.add(receiver.url)
    kind = _TYPES.get(_kind(message), "info")
    return bool(to.notify(body=f"{message.text}\n\nid {message.id}", title=message.title, notify_type=apprise.NotifyType(kind)))


def send_test(receiver: Notify) -> bool:
    """Send a message at once that says it is a test; whether the receiver has taken it."""
    text = "This is how messages of Spanledger look. Nothing has happened."
    return _sent(receiver, Message(f"test/{uuid4().hex}", receiver.name, "Test: Spanledger can reach you", text))


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

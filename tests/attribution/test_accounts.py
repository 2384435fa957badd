"""received = rejected + waiting + quarantined + dropped + delivered, and delivered is what came: the store against the spools."""

from __future__ import annotations

from datetime import date
from typing import Any

from attribution import reports
from attribution.storage import Store
from collector.config import Config
from tests.attribution.otlp import Sent, send

COLUMNS = ("account", "sender", "day", "received", "rejected", "waiting", "quarantined", "dropped", "delivered")
DAY = date(2026, 11, 1)


def counted(store: Store, *figures: int, account: str = "spool 1", sender: str = "sales") -> None:
    store.insert("sender_days", COLUMNS, [(account, sender, DAY, *figures)])


def sent(store: Store, spans: int, *, trace: int = 1) -> None:
    send(store, Config(), [Sent(number, trace=trace) for number in range(1, spans + 1)], sender="sales")


def violated(store: Store) -> list[tuple[str, str]]:
    found: list[dict[str, Any]] = [row for row in reports.audit(store) if row["audit"].startswith("received")]
    return [(row["audit"], row["detail"]) for row in found]


def test_what_came_is_what_was_delivered(store: Store) -> None:
    sent(store, 3)
    counted(store, 9, 1, 2, 1, 2, 3)
    assert violated(store) == []
    assert store.query("SELECT sender, received, delivered FROM senders") == [{"sender": "sales", "received": 9, "delivered": 3}]


def test_a_second_insert_of_the_same_is_no_loss_and_a_duplicate(store: Store) -> None:
    sent(store, 3)
    sent(store, 3)
    counted(store, 6, 0, 0, 0, 0, 6)
    assert violated(store) == []
    assert reports.stored_spans(store) == [{"sender": "sales", "stored": 3, "delivered": 6}]


def test_spans_that_were_delivered_and_never_came_are_named(store: Store) -> None:
    sent(store, 3)
    counted(store, 4, 0, 0, 0, 0, 4)
    counted(store, 1, 0, 0, 0, 0, 1, account="spool 2")
    assert violated(store) == [("received is not stored", "sender sales: 5 spans were delivered, 3 came")]


def test_spans_that_nobody_accounts_for_are_named(store: Store) -> None:
    counted(store, 5, 1, 1, 1, 1, 0)
    counted(store, 7, 1, 1, 1, 1, 3, account="spool 2")
    told = "sender sales, 2026-11-01: 5 spans were received, 4 are accounted for"
    assert violated(store) == [
        ("received is not accounted", told),
        ("received is not stored", "sender sales: 3 spans were delivered, 0 came"),
    ]


def test_the_latest_count_of_a_day_counts(store: Store) -> None:
    counted(store, 5, 0, 5, 0, 0, 0)
    sent(store, 5)
    counted(store, 5, 0, 0, 0, 0, 5)
    assert store.query("SELECT sum(received) AS received, sum(delivered) AS delivered FROM senders") == [{"received": 5, "delivered": 5}]

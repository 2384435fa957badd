"""Anomalies are told once each, to those who want them: with the real Apprise, and a webhook that is made here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from attribution.attribute import attribute
from attribution.storage import Store
from collector.control import Control
from collector.control.anomalies import Anomalies
from collector.control.journal import Journal
from collector.control.notify import Outbox
from tests.attribution.otlp import send
from tests.budgets.test_anomalies import USUAL, Days
from tests.budgets.test_notify import Hook, hook
from tests.budgets.world import config

__all__ = ["hook"]
NEXT_DAY = datetime(2026, 11, 11, 9, tzinfo=UTC)
"""A Wednesday."""


def filled(store: Store) -> None:
    """On the 10th a workflow of sales costs 10 USD more, and one that two teams use 12.5; a task of each does so, too."""
    days = [
        *Days("triage").on(*USUAL), *Days("triage", tokens=(4_001_000, 0)).on(9), *Days("shared", agent="other").on(*USUAL),
        *Days("shared", agent="other", team="ops", tokens=(5_001_000, 0)).on(9),
    ]  # fmt: skip
    send(store, config({}), days)
    attribute(store, config({}))


def told(journal: Journal, hook: Hook, receivers: object) -> list[str]:
    Outbox(journal).send(receivers)  # type: ignore[arg-type]
    return sorted(hook.titles)


def test_an_anomaly_is_told_once_also_over_a_restart(store: Store, hook: Hook, tmp_path: Path) -> None:
    filled(store)
    how = config({}, notify=[{"url": hook.url, "events": ["anomaly"], "teams": ["sales"], "anomaly_usd": 5}])
    for _ in range(2):
        journal = Journal(tmp_path / "control.sqlite")
        Anomalies(store, journal).turn(how, NEXT_DAY)
        titles = told(journal, hook, how.notify)
        journal.close()
    # Of what several teams started a receiver of one team hears nothing, and what an agent uses has no USD.
    assert [title for title in titles if "task" not in title] == [
        "Anomaly 2026-11-10: agent planner",
        "Anomaly 2026-11-10: workflow triage",
    ]
    assert len(titles) == 3
    (sigma,) = (one for one in hook.came if one["title"].endswith("triage"))
    assert sigma["type"] == "warning"
    assert sigma["message"].splitlines() == [
        "costs more than 3 standard deviations beyond its usual day", "$10.00, $0.0025 expected", "+$10.00 tokens a call", "team sales", "",
        "id anomaly/2026-11-10/workflow_3_sigma/triage/triage/0",
    ]  # fmt: skip


def test_who_wants_all_hears_of_all_that_is_dear_enough(store: Store, hook: Hook) -> None:
    filled(store)
    how = config({}, notify=[{"url": hook.url, "events": ["anomaly"], "anomaly_usd": 11}, {"url": hook.url}])
    journal = Journal(None)
    looking = Anomalies(store, journal)
    looking.turn(how, datetime(2026, 11, 20, tzinfo=UTC))  # long ago by then
    assert told(journal, hook, how.notify) == []
    looking.turn(how, NEXT_DAY)  # it has just looked
    assert told(journal, hook, how.notify) == []
    Anomalies(store, journal).turn(how, NEXT_DAY)
    found = told(journal, hook, how.notify)
    assert [title for title in found if "task" not in title] == [
        "Anomaly 2026-11-10: agent other", "Anomaly 2026-11-10: agent planner", "Anomaly 2026-11-10: workflow shared",
    ]  # fmt: skip
    assert "+$12.50 tokens a call" in next(one["message"] for one in hook.came if one["title"].endswith("shared"))


def test_the_service_looks_by_itself(store: Store, hook: Hook) -> None:
    filled(store)
    how = config({}, notify=[{"url": hook.url, "events": ["anomaly"]}])
    control = Control(how, store.another(), None, lambda: NEXT_DAY)
    control.start()
    try:
        assert control.decider.decides
        control._look_for_anomalies()
        control.decider.tell()
        assert "Anomaly 2026-11-10: workflow triage" in hook.titles
    finally:
        control.stop()

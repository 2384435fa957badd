"""Of services that share a store one decides, and another one when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from attribution.budgets import turns
from attribution.storage import Store
from tests.budgets.world import COST, World, config

CALLS = 6
BUDGETS = {"sales": {"scope": {"team": "sales"}, "limit": str(COST * CALLS), "per": "month"}}
ANOTHER = "sales: another service decides, which knows what is reserved"


@pytest.fixture
def worlds(store: Store, tmp_path: Path) -> Iterator[tuple[World, World]]:
    """Services in the order in which they began."""
    one, other = (World(store, config(BUDGETS), tmp_path / f"{name}.sqlite") for name in "ab")
    yield one, other
    for world in (one, other):
        world.control._turns.release()


def looked(*worlds: World) -> list[bool]:
    """Which decide, once each has looked twice."""
    for world in worlds * 2:
        world.control.refresh()
    return [world.control.decider.decides for world in worlds]


def test_one_decides_whoever_is_asked_and_the_next_one_when_it_ends(worlds: tuple[World, World]) -> None:
    one, other = worlds
    one.control.refresh()
    allowed = 0
    for number in range(2, 2 + 2 * CALLS):
        answers = [world.ask(number + 100 * at) for at, world in enumerate(worlds)]
        allowed += sum(answer["decision"] == "allow" for answer in answers)
        assert (answers[1]["decision"], answers[1]["reason"]) == ("throttle", ANOTHER)
    assert allowed == CALLS, "they never pass the limit together"
    assert other.ask(500, critical=True)["decision"] == "allow", "what goes on beyond a limit waits for nobody"
    one.control._turns.release()
    assert looked(other) == [True]


def test_one_that_was_killed_goes_on_where_it_was_and_one_that_stays_away_is_forgotten(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = worlds
    assert looked(one, other) == [True, False]
    one.crash()
    assert looked(one, other) == [True, False]
    monkeypatch.setattr(turns, "TURN_SECONDS", 0)
    one.control._turns._hold(frozenset(), 0)  # in life the time of the dead runs out
    assert looked(other) == [True]


def test_one_that_begins_at_the_same_moment_waits_until_the_other_knows_of_it(worlds: tuple[World, World]) -> None:
    one, other = worlds
    other.control._turns._since = one.control._turns._since - 1  # it is the older one, and was slow to say so
    other.control._turns._said = frozenset()
    other.control.refresh()
    assert not other.control.decider.decides
    assert looked(one, other) == [False, True]


def test_who_cannot_reach_the_store_decides_only_while_nobody_takes_over(worlds: tuple[World, World]) -> None:
    one, other = worlds
    assert looked(one, other) == [True, False]
    one.passes(turns.TURN_SECONDS + 1)
    assert one.ask(2)["reason"] == ANOTHER
    other.control._turns.release()
    assert looked(one) == [True]
    one.passes(turns.TURN_SECONDS + 1)
    assert one.ask(3)["decision"] == "allow", "alone it goes on with what it knows"


def test_one_of_them_tells_what_all_find(worlds: tuple[World, World]) -> None:
    one, other = worlds
    one.arrive(one.root(), *(one.call(number) for number in range(2, 2 + CALLS)), attributed=True)
    looked(one, other)
    told = [[event.kind for event in world.control.decider.noted()] for world in worlds]
    assert told == [["tier"] * 5, []]

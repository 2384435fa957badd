"""Calls that are over count until their record arrives, and no call hides behind another one of the same span."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from attribution.storage import Store
from tests.budgets.test_api import served
from tests.budgets.world import COST, World, config

ARRIVAL_SECONDS = 30


def of(store: Store, journal: Path | None = None) -> World:
    return World(store, config({"all": {"limit": 100, "per": "month"}}), journal)


def reserved(world: World) -> Decimal:
    return Decimal(world.budget("all")["reserved"])


def test_a_retry_of_a_call_is_no_other_call_and_the_next_one_of_its_span_is(store: Store, tmp_path: Path) -> None:
    world = of(store, tmp_path / "control.sqlite")
    first, again = world.ask(2), world.ask(2)
    assert (again["reservation"], again["reason"]) == (first["reservation"], "it was allowed before")
    assert world.control.decider.ended(first["reservation"])
    world.crash()  # what was told is not forgotten
    assert reserved(world) == COST
    second = world.ask(2)
    assert second["reservation"] != first["reservation"]
    assert reserved(world) == 2 * COST
    world.crash()
    # The span is that of an agent: of which call a record comes cannot be seen, so the first counts for as long as records take.
    world.passes(ARRIVAL_SECONDS + 1)
    world.ask(3)
    assert reserved(world) == 2 * COST
    world.arrive(world.call(2))
    assert reserved(world) == COST
    assert not world.control.decider.ended(first["reservation"])


def test_a_call_with_a_span_of_its_own_counts_until_its_record_is_there(store: Store) -> None:
    world = of(store)
    world.control.decider.ended(world.ask(2)["reservation"])
    world.passes(10 * ARRIVAL_SECONDS)
    assert reserved(world) == COST
    world.arrive(world.call(2))
    assert (reserved(world), Decimal(world.budget("all")["spent"])) == (0, COST)


def test_a_call_without_a_span_counts_for_as_long_as_records_take_and_is_no_loss(store: Store) -> None:
    world = of(store)
    held = world.ask(trace_id=None, span_id=None)["reservation"]
    for _ in range(2):  # told twice, it takes no longer
        assert world.control.decider.ended(held)
        world.passes(ARRIVAL_SECONDS / 2)
    assert reserved(world) == 0
    assert world.control.decider.noted() == [], "nothing went wrong"
    world.ask(trace_id=None, span_id=None)
    world.passes(601)
    assert reserved(world) == 0
    assert [event.kind for event in world.control.decider.noted()] == ["expired"]


def test_ended_over_http(store: Store) -> None:
    for client in served(of(store)):
        held = client.post("/api/v1/decisions", json={"model": "gpt-4.1-mini"}).json()["reservation"]
        assert client.post(f"/api/v1/decisions/{held}/ended").json() == {"ended": True}
        assert client.post("/api/v1/decisions/none/ended").status_code == 404


def test_a_loop_in_one_span_is_held_by_the_limit(store: Store) -> None:
    """Each of its calls counts; that an agent's span asks for all of them is no way around."""
    calls = 5
    world = World(store, config({"all": {"limit": str(COST * calls), "per": "month"}}))
    verdicts = []
    for _ in range(calls + 2):
        answer = world.ask(2)
        verdicts.append(answer["decision"])
        if answer["reservation"]:
            world.control.decider.ended(answer["reservation"])
    assert verdicts == ["allow"] * calls + ["throttle"] * 2

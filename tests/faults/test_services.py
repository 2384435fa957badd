"""A few faults of whole services; `make faults` has all kinds, for as long as one likes, and replays one by its seed."""

from __future__ import annotations

from random import Random

import pytest

from tests.conftest import SERVER_URL
from tests.faults import services
from tests.faults.mortal import METHODS, STATEMENTS, STEPS_OF_SERVICE


def test_a_service_that_is_killed_at_its_steps_loses_and_doubles_nothing() -> None:
    assert services.kills(1, length=2) == 2


def test_a_full_disk_ends_nothing() -> None:
    assert services.full_disk(0, length=2) == 2


@pytest.mark.skipif(not SERVER_URL, reason="CLICKHOUSE_TEST_URL is not set: there are no connections to break")
def test_connections_that_break_lose_and_double_nothing() -> None:
    assert services.connections(0, length=3) == 3


def test_every_step_is_one_that_there_is() -> None:
    """A step that was renamed would kill nothing, and prove nothing."""
    assert len(STEPS_OF_SERVICE) > len(METHODS)
    found = {prefix: services.statements_with(prefix) for prefix in STATEMENTS.values()}
    assert [prefix for prefix, names in found.items() if not names] == []
    assert Random(1).sample(STEPS_OF_SERVICE, 2), "drawn by the seed"

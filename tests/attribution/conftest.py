"""One store on each engine for all the cases of the rules."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.attribution.cases import CASES, Seen, Settled
from tests.conftest import ENGINES, own_store


@pytest.fixture(scope="session", params=ENGINES)
def settled(request: pytest.FixtureRequest, embedded_path: Path) -> Iterator[Settled]:
    """All cases, delivered and attributed."""
    import_module("tests.attribution.test_rules")  # where the cases are, also if only other tests were asked for
    with own_store(request.param, embedded_path) as store:
        cases = Settled(store)
        cases.run(CASES)
        yield cases


@pytest.fixture
def seen(settled: Settled, request: pytest.FixtureRequest) -> Seen:
    """What the views say of the case of this test."""
    return settled.of(request.function.__name__)

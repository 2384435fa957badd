"""Months that close and open again at any moment, and cost that is added to pools, against the oracle's books (R10 to R13)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest

from attribution import closing
from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.pools import add_cost
from attribution.storage import Store
from tests.attribution.compare import assert_agrees, assert_books_agree, deliver
from tests.oracle import model
from tests.oracle.strategies import Sizes, random_world

LATER = datetime(2030, 1, 1, tzinfo=UTC)
MONTHS = ("2026-10", "2026-11", "2026-12")
POOLS = ("gpu cluster", "guardrail", "formatter-a", "seats")
AMOUNTS = tuple(map(Decimal, ("1200", "-0.000000000001", "99999.999999999999", "10")))


class History:
    """A store and the oracle's books, to which the same happens."""

    def __init__(self, store: Store, config: AttributionConfig, random: Random) -> None:
        self.store, self.config, self.random = store, config, random
        self.delivered: list[model.Span] = []
        self.added: list[model.Addition] = []
        self.books = model.Books()

    @property
    def world(self) -> model.World:
        return model.attribute(self.delivered, self.config, self.added)

    def deliver(self, spans: list[model.Span]) -> None:
        self.delivered += spans
        deliver(self.store, spans)

    def happen(self) -> None:
        """Something of what people do: close, reopen, add."""
        open_months = [month for month in MONTHS if month not in self.books.closed]
        what = self.random.choice(["close", "close", "reopen", "add"])
        if what == "close" and open_months:
            month = self.random.choice(open_months)
            closing.close(self.store, self.config, month, LATER)
            self.books.close(self.world, month)
        elif what == "reopen" and self.books.closed:
            month = self.random.choice(sorted(self.books.closed))
            closing.reopen(self.store, self.config, month, "the provider sent another invoice")
            self.books.reopen(month)
        elif what == "add" and open_months:
            one = model.Addition(period=self.random.choice(open_months), pool=self.random.choice(POOLS), amount=self.random.choice(AMOUNTS))
            add_cost(self.store, self.config, one.pool, one.amount, one.period)
            self.added.append(one)


@pytest.mark.parametrize("seed", [2, 6])  # of these, pools have late cost that is split otherwise than that of its month
def test_sql_keeps_the_books_of_the_oracle(store: Store, seed: int) -> None:
    random = Random(seed)
    case = random_world(1000 + seed, Sizes(traces_max=30, spans_max=12, linking_spans_max=8))
    history = History(store, case.config, random)
    late = list(case.deliveries)
    random.shuffle(late)
    while late:
        size = random.randint(1, len(late))
        history.deliver(late[:size])
        late = late[size:]
        for _ in range(random.randint(0, 3)):
            history.happen()
        attribute(store, case.config)
        assert_books_agree(store, history.books, history.world)
    assert attribute(store, case.config).postings == 0
    for month in sorted(history.books.closed):
        closing.reopen(store, case.config, month, "to see that all comes home")
    assert_agrees(store, history.world)

"""Puts spans into a store, and holds what the SQL says against what the oracle says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.storage import Store
from tests.oracle.billing import sampled_odds
from tests.oracle.model import Books, LedgerRow, Span, World, key_of, sums

COLUMNS = [field.name for field in fields(Span)]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DECISIONS = (
    "billable", "unbilled_reason", "root_span_id", "team", "department", "cost_center", "project", "environment", "user", "session",
    "task", "workflow", "initiator_source", "agent", "agent_entry", "reentrant", "pool", "call_id",
)  # fmt: skip
DIMENSIONS = ("project", "environment", "user", "task", "workflow", "agent", "provider", "model", "bucket")


def deliver(store: Store, spans: Iterable[Span]) -> None:
    """Insert deliveries as they are."""
    rows = [[_column(span, name) for name in COLUMNS] for span in spans]
    if rows:
        # As integers: Python's datetimes end at microseconds.
        columns = ["start_ns" if name == "start_time" else name for name in COLUMNS]
        store.execute("CREATE TABLE IF NOT EXISTS staging ENGINE = Memory AS SELECT *, toInt64(0) AS start_ns FROM span_records LIMIT 0")
        store.insert("staging", columns, rows)
        names = ", ".join(COLUMNS)
        values = ", ".join("fromUnixTimestamp64Nano(start_ns, 'UTC')" if name == "start_time" else name for name in COLUMNS)
        store.execute(f"INSERT INTO span_records ({names}) SELECT {values} FROM staging")
        store.execute("TRUNCATE TABLE staging")


def deliver_in_batches(store: Store, spans: Iterable[Span], config: AttributionConfig, random: Random) -> None:
    """Deliver in any order, in batches of any size, and attribute after each."""
    late = list(spans)
    random.shuffle(late)
    while late:
        size = random.randint(1, len(late))
        batch, late = late[:size], late[size:]
        deliver(store, batch)
        attribute(store, config)


def _column(span: Span, name: str) -> Any:
    value = getattr(span, name)
    return list(value) if isinstance(value, tuple) else value


def assert_agrees(store: Store, world: World) -> None:
    """The store's views say what the oracle says, to the last digit."""
    assert decisions(store) == {
        key: {name: getattr(span, name) for name in DECISIONS}
        | {"path_agents": span.path_agents, "flags": span.flags, "unobserved": span.beyond}
        | ({"cost": world.cost(key)} if span.billable else {})
        for key, span in world.spans.items()
    }
    assert traces(store) == traces_of(world)
    assert missing(store) == missing_of(world)
    paid = Paid(store)
    assert paid.of_spans() == sums((key, world.amount(key)) for key in world.spans)
    assert allocations(store) == world.allocations
    assert costs_by_team(store) == costs_by_team_of(world)
    assert costs_by_agent(store) == world.by_agent
    for dimension in DIMENSIONS:
        assert paid.by(dimension) == world.paid_by(dimension)
    violations = store.query("SELECT * FROM audits")
    assert not violations, violations
    assert store.query("SELECT count() AS n FROM pending")[0]["n"] == 0


def assert_books_agree(store: Store, books: Books, world: World) -> None:
    """The ledger holds in every month, closed or open, what the oracle's books hold."""
    expected = books.of(world)
    assert costs_booked(store) == expected.costs
    assert allocations(store) == expected.allocations
    violations = store.query("SELECT * FROM audits")
    assert not violations, violations


def costs_booked(store: Store) -> dict[LedgerRow, Decimal]:
    dimensions = "team, department, cost_center, project, environment, user, task, workflow, agent, provider, model, bucket"
    rows = store.query(
        f"""
        SELECT day, toUnixTimestamp64Nano(effective_at) AS ns, trace_id, span_id, pool, {dimensions}, sum(amount) AS amount
        FROM ledger
        WHERE kind NOT IN ('allocation', 'relief')
        GROUP BY ALL
        HAVING amount != 0
        """
    )
    names = dimensions.split(", ")
    return {
        (row["day"], row["ns"], (row["trace_id"], row["span_id"]), row["pool"], tuple(row[name] for name in names)): row["amount"]
        for row in rows
    }


def decisions(store: Store) -> dict[Any, dict[str, Any]]:
    """By span what the store says of it: of those that are billed also the cost."""
    names = f"trace_id, span_id, sender, {', '.join(DECISIONS)}, path_agents, flags, unobserved, cost"
    found = {}
    for row in store.query(f"SELECT {names} FROM attributed_spans"):
        if not row["billable"]:
            del row["cost"]
        key = key_of(row.pop("trace_id"), row.pop("span_id"), row.pop("sender"))
        found[key] = row | {"path_agents": frozenset(row["path_agents"]), "flags": frozenset(row["flags"])}
    return found


def missing(store: Store) -> dict[Any, tuple[int, Decimal]]:
    """Day, team and reason to count and USD, of what attributed traces lack."""
    rows = store.query(
        "SELECT day, team, reason, sum(count) AS n, sum(usd) AS amount FROM missing_days GROUP BY ALL HAVING n != 0 OR amount != 0"
    )
    return {(row["day"], row["team"], row["reason"]): (row["n"], row["amount"]) for row in rows}


def missing_of(world: World) -> dict[Any, tuple[int, Decimal]]:
    found: dict[Any, tuple[int, Decimal]] = {}
    for key, span in world.spans.items():
        odds = sampled_odds(world.contents[key]) if span.billable else Fraction(0)
        for reason, count, usd in (
            ("unpriced", int(world.is_unpriced(key)), Decimal(0)),
            ("unobserved", int(bool(span.beyond and not span.witnessed)), span.beyond or Decimal(0)),
            ("sampled", rounded(odds), cut(Fraction(world.amount(key)) * odds)),
        ):
            if count or (usd and reason == "sampled"):
                row = (world.day(key), span.team, reason)
                before = found.get(row, (0, Decimal(0)))
                found[row] = (before[0] + count, before[1] + usd)
    return found


def traces(store: Store) -> dict[str, tuple[Any, ...]]:
    rows = store.query(
        "SELECT trace_id, toUnixTimestamp64Nano(start_time) AS start_ns, duration_ns, spans, cost, unpriced_spans,"
        " team, user, task, workflow, unobserved, arraySort(flags) AS flags FROM traces"
    )
    found = {row.pop("trace_id"): tuple(row.values()) for row in rows}
    assert len(found) == len(rows)
    return found


def traces_of(world: World) -> dict[str, tuple[Any, ...]]:
    by_trace: dict[str, list[Any]] = {}
    for key in world.spans:
        by_trace.setdefault(key[0], []).append(key)
    found = {}
    for trace_id, keys in by_trace.items():
        starts = [world.contents[key].start_time for key in keys]
        roots = [key for key in keys if world.spans[key].root_span_id == key[1]]
        first = world.spans[min(roots, key=lambda key: world.contents[key].first)]
        found[trace_id] = (
            min(starts),
            max(world.contents[key].end_time for key in keys) - min(starts),
            len(keys),
            sum((world.amount(key) for key in keys), Decimal(0)),
            sum(world.is_unpriced(key) for key in keys),
            *(first.team, first.user, first.task, first.workflow),
            sum((world.spans[key].beyond or Decimal(0) for key in keys if not world.spans[key].witnessed), Decimal(0)),
            sorted(world.trace_flags[trace_id]),
        )
    return found


class Paid:
    """What the ledger says, read once: its view takes longer to be understood than a few rows to be summed."""

    def __init__(self, store: Store) -> None:
        self._rows = store.query(
            f"SELECT trace_id, span_id, sender, {', '.join(DIMENSIONS)}, sum(amount) AS amount FROM ledger GROUP BY ALL"
        )

    def of_spans(self) -> dict[Any, Decimal]:
        return sums((key_of(row["trace_id"], row["span_id"], row["sender"]), row["amount"]) for row in self._rows if row["trace_id"])

    def by(self, dimension: str) -> dict[str, Decimal]:
        return sums((row[dimension], row["amount"]) for row in self._rows)


def allocations(store: Store) -> dict[Any, Decimal]:
    rows = store.query(
        "SELECT period, pool, day, team, sum(amount) AS amount FROM ledger WHERE kind = 'allocation' GROUP BY ALL HAVING amount != 0"
    )
    return {(row["period"], row["pool"], row["day"], row["team"]): row["amount"] for row in rows}


def costs_by_team(store: Store) -> dict[Any, tuple[Decimal, Decimal, Decimal]]:
    rows = store.query("SELECT day, team, direct, allocated, total FROM costs_by_team")
    return {(row["day"], row["team"]): (row["direct"], row["allocated"], row["total"]) for row in rows}


def costs_by_team_of(world: World) -> dict[Any, tuple[Decimal, Decimal, Decimal]]:
    parts = [sums(((day, team), row[column]) for (day, team, _, _), row in world.costs_by_team.items()) for column in range(3)]
    zero = Decimal(0)
    return {key: tuple(part.get(key, zero) for part in parts) for key in parts[0].keys() | parts[1].keys()}  # type: ignore[misc]


def costs_by_agent(store: Store) -> dict[Any, tuple[Decimal, Decimal, int, int, int]]:
    rows = store.query("SELECT day, agent, own_cost, inclusive_cost, entries, reentrant_entries, tasks FROM costs_by_agent")
    return {(row.pop("day"), row.pop("agent")): tuple(row.values()) for row in rows}  # type: ignore[misc]


def cut(amount: Fraction) -> Decimal:
    """An estimate ends at the twelfth digit."""
    return Decimal(int(amount * 10**12)).scaleb(-12)


def rounded(number: Fraction) -> int:
    """Halves up."""
    return int(number + Fraction(1, 2))


def at(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)

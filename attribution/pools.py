"""Splits the pools that moved, and adds cost to pools that no span carries.

The statements are in `sql/pools`, in their order. Only how pools serve each other is solved here (attribution/serving.py), and handed
back to SQL as whole parts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import lcm
from typing import Any, get_args

from attribution import passes
from attribution.config import AttributionConfig, Driver
from attribution.errors import RefusedError
from attribution.lease import lease
from attribution.serving import serving, solve
from attribution.storage import Store
from attribution.work import work_tables

PARTS_MAX = 10**37
"""Parts of one pool: beyond that, cost times parts would not fit in 256 bits."""
PERIOD = re.compile(r"(19[7-9]\d|20\d\d|21[0-3]\d)-(0[1-9]|1[0-2])")
"""What a ClickHouse Date can say."""
DIGITS_MAX, AMOUNT_MAX = 12, Decimal(10) ** 26
"""What Decimal(38, 12) can say."""

DRIVERS: tuple[Driver, ...] = get_args(Driver)

Part = tuple[str, str, str, str]
"""(period, pool, via, team)"""


def split_pools(store: Store, config: AttributionConfig, parameters: Mapping[str, Any]) -> None:
    """Split every pool anew that is marked; only differences to what stands are posted.

    `parameters` are those of the stages. Killed at any point and run again it ends in the same state.
    """
    if not store.count("pending_pools"):
        return
    with work_tables(store, ("moved", "asked")) as work:
        values = {**parameters, **pool_settings(config), **work}
        store.run("pools/01_moved", **values)
        store.run("pools/02_asked", **values)
        if not store.count(work["asked"]) or _split(store, config, values):
            store.run("pools/09_settled", **values)


def _split(store: Store, config: AttributionConfig, values: Mapping[str, Any]) -> bool:
    """Split the asked pools, as a pass of its own. Whether it counts."""
    version = passes.begin(store)
    store.run("pools/03_splits", **values, version=version)
    store.run("pools/04_added", **values, version=version)
    store.run("pools/05_weights", **values, version=version)
    _keep_parts(store, config, values["asked"], version)
    store.run("pools/08_allocations", **values, version=version)
    return passes.commit(store, version)


def pool_settings(config: AttributionConfig) -> dict[str, Any]:
    """What the configuration says of pools, as the statements take it: parallel arrays."""
    fixed = [(pool, team, str(weight)) for pool, how in config.pools.items() for team, weight in how.weights.items()]
    return {
        # `transform` wants at least one pair; no pool is named ''.
        "pools": ["", *config.pools],
        "drivers": ["", *(pool.driver for pool in config.pools.values())],
        "fixed_pools": [pool for pool, _, _ in fixed],
        "fixed_teams": [team for _, team, _ in fixed],
        "fixed_weights": [weight for _, _, weight in fixed],
        "pools_by_use_before": [name for name, pool in config.pools.items() if pool.use == "previous"],
        "serving": serving({name: pool.service for name, pool in config.pools.items()}),
        "method": config.allocation.method,
    }


def _keep_parts(store: Store, config: AttributionConfig, asked: str, version: int) -> None:
    """Solve the pools that serve each other, and keep their parts; what stood and stands no more is withdrawn with 0."""
    standing: set[Part] = {
        (row["period"], row["pool"], row["via"], row["team"]) for row in store.rows("pools/07_standing_parts", asked=asked)
    }
    weights: dict[str, dict[str, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for row in store.rows("pools/06_teams", asked=asked):
        weights[row["period"]][row["pool"]][row["team"]] = row["weight"]
    parts: dict[Part, int] = {
        (period, pool, via, team): count
        for period, teams_of in weights.items()
        for pool, counts in solved_parts(config, teams_of).items()
        for (via, team), count in counts.items()
    }
    rows = [[version, *part, Decimal(parts.get(part, 0))] for part in sorted(standing | parts.keys())]
    if rows:
        store.insert("pool_parts", ["version", "period", "pool", "via", "team", "parts"], rows)


def solved_parts(config: AttributionConfig, weights: Mapping[str, Mapping[str, Decimal]]) -> dict[str, dict[tuple[str, str], int]]:
    """Of every pool that serves others: (via, team) to whole parts.

    Args:
        config: which pools there are and what they serve.
        weights: pool to team to weight, of every pool that serves or is served.

    """
    services = {name: pool.service for name, pool in config.pools.items()}
    ways = solve(services, config.allocation.method, config.allocation.order)
    found = {}
    for pool, service in services.items():
        if service.pools:
            shares = {
                (via, team): share * of_team for via, share in ways[pool].items() for team, of_team in _shares(weights.get(via, {})).items()
            }
            found[pool] = whole_parts(shares)
    return found


def _shares(weights: Mapping[str, Decimal]) -> dict[str, Fraction]:
    """Team to share; no weight at all: everything to '' (R10)."""
    whole = sum(map(Fraction, weights.values()), Fraction(0))
    return {team: Fraction(weight) / whole for team, weight in weights.items()} if whole else {"": Fraction(1)}


def whole_parts(shares: Mapping[tuple[str, str], Fraction]) -> dict[tuple[str, str], int]:
    """Shares that sum to 1 as whole parts: exactly, or to the 37th digit where their denominator is longer than that."""
    whole = min(lcm(*(share.denominator for share in shares.values())), PARTS_MAX)
    parts = {key: int(share * whole) for key, share in shares.items()}
    by_remainder = sorted(shares, key=lambda key: (parts[key] - shares[key] * whole, key))
    for key in by_remainder[: whole - sum(parts.values())]:
        parts[key] += 1
    return parts


def add_cost(
    store: Store, config: AttributionConfig, pool: str, amount: Decimal, period: str, *, driver: Driver | None = None, note: str = ""
) -> None:
    """Add cost to a pool that no span carries; the next attribution posts and splits it.

    Args:
        store: where the ledger is.
        config: what pools are split by.
        pool: any name; that of a shared agent adds to what its spans cost.
        amount: USD, negative to take back.
        period: an open month, such as 2026-10.
        driver: what the pool is split by in that month; None: as it is configured or was said before.
        note: why; the posting's reason.

    Raises:
        RefusedError: the month is closed or none, the amount has too many digits, the driver contradicts the configuration or an
            earlier addition.

    """
    check_period(period)
    if not pool:
        raise RefusedError("a pool needs a name")
    if not amount.is_finite() or not amount or abs(amount) >= AMOUNT_MAX or amount != round(amount, DIGITS_MAX):
        raise RefusedError(f"{amount} is no amount: a number of USD with at most {DIGITS_MAX} digits after the point is needed, not 0")
    with lease(store):
        if is_closed(store, period):
            raise RefusedError(f"{period} is closed: add to an open month, or reopen it with `spanledger reopen {period} --reason ...`")
        _refuse_contradiction(store, config, pool, period, driver)
        # The mark goes first: should this be killed in between, it says only that there is something to look at.
        store.run("pools/mark", period=period, pool=pool)
        store.run("pools/add", period=period, pool=pool, amount=f"{amount:f}", driver=driver or "", note=note)


def _refuse_contradiction(store: Store, config: AttributionConfig, pool: str, period: str, driver: Driver | None) -> None:
    if driver is None:
        return
    configured = config.pools.get(pool)
    if configured and configured.driver != driver:
        raise RefusedError(f"pools.{pool}.driver is {configured.driver} in the configuration: {driver} contradicts it")
    if driver == "fixed" and not configured:
        raise RefusedError(f"driver fixed needs weights: name them under pools.{pool} in the configuration")
    for given in store.rows("pools/given_driver", period=period, pool=pool):
        if given["driver"] != driver:
            raise RefusedError(f"an earlier addition to pool {pool} in {period} said {given['driver']}: {driver} contradicts it")


def as_amount(text: str) -> Decimal:
    """An amount as people write it. Raises RefusedError."""
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise RefusedError(f"{text!r} is no amount: a number of USD such as 1200.00 is needed") from None


def as_driver(text: str | None) -> Driver | None:
    """A driver by its name; None for None. Raises RefusedError."""
    for driver in DRIVERS:
        if driver == text:
            return driver
    if text is None:
        return None
    raise RefusedError(f"there is no driver {text!r}; there is {', '.join(DRIVERS)}")


def check_period(period: str) -> None:
    """Raise RefusedError unless it is a month such as 2026-10."""
    if not PERIOD.fullmatch(period):
        raise RefusedError(f"{period!r} is no month: one such as 2026-10 is needed")


def is_closed(store: Store, period: str) -> bool:
    """Whether the month is closed."""
    return any(row["state"] == "closed" for row in store.rows("closing/state", period=period))

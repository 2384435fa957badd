"""Splits the pools that changed, and adds cost to pools that no span carries.

The numbered statements beside this file run in their order. Pools that serve each other are solved in Python
(attribution/configuration/serving.py), and SQL gets the result as whole parts.
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
from attribution.configuration import AttributionConfig, Driver, Followed
from attribution.configuration.serving import solve
from attribution.errors import RefusedError
from attribution.periods import check_period, is_closed
from attribution.storage import Store
from attribution.storage.lease import lease
from attribution.storage.work_tables import run_stages, work_tables

PARTS_MAX = 10**37
"""Parts of one pool: beyond that, cost times parts would not fit in 256 bits."""
DIGITS_MAX, AMOUNT_MAX = 12, Decimal(10) ** 26
"""What Decimal(38, 12) can say."""

THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")
"""An amount with commas between its thousands; any other comma may be a decimal one."""

DRIVERS: tuple[Driver, ...] = get_args(Driver)

Part = tuple[str, str, str, str, str]
"""(period, late_from, pool, via, team)"""


def split_pools(store: Store, followed: Followed) -> None:
    """Split every pool again that is marked. Only the differences to the posted allocations are posted.

    Killed at any point and run again it ends in the same state.
    """
    if not store.count("pending_pools"):
        return
    with work_tables(store, "pools") as tables:
        parameters = {**followed.pools, **tables}
        run_stages(store, ("pools/01_changed_pools", "pools/02_pools_to_split"), **parameters)
        if not store.count(tables["pools_to_split"]) or _split(store, followed, parameters):
            store.run("pools/09_settle", **parameters)


def _split(store: Store, followed: Followed, parameters: Mapping[str, Any]) -> bool:
    """Split the pools that are to be split, as a pass of its own. Whether it counts."""
    version = passes.begin(store)
    store.run("pools/03_pool_splits", **parameters, version=version)
    store.run("pools/04_post_additions", **parameters, version=version)
    store.run("pools/05_pool_weights", **parameters, version=version)
    _keep_parts(store, followed, parameters["pools_to_split"], version)
    store.run("pools/08_allocations", **parameters, version=version)
    return passes.commit(store, version)


def _keep_parts(store: Store, followed: Followed, pools_to_split: str, version: int) -> None:
    """Solve the pools that serve each other, and store their parts; a part that is gone is withdrawn with 0."""
    previous: set[Part] = {
        (row["period"], row["late_from"], row["pool"], row["via"], row["team"])
        for row in store.rows("pools/07_previous_pool_parts", pools_to_split=pools_to_split)
    }
    weights: dict[tuple[str, str], dict[str, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for row in store.rows("pools/06_weights_of_serving_pools", pools_to_split=pools_to_split):
        weights[row["period"], row["late_from"]][row["pool"]][row["team"]] = row["weight"]
    parts: dict[Part, int] = {
        (*months, pool, via, team): count
        for months, teams_of in weights.items()
        for pool, counts in solved_parts(followed, teams_of).items()
        for (via, team), count in counts.items()
    }
    rows = [[version, *part, Decimal(parts.get(part, 0))] for part in sorted(previous | parts.keys())]
    if rows:
        store.insert("pool_parts", ["version", "period", "late_from", "pool", "via", "team", "parts"], rows)


def solved_parts(followed: Followed, weights: Mapping[str, Mapping[str, Decimal]]) -> dict[str, dict[tuple[str, str], int]]:
    """Of every pool that serves others: (via, team) to whole parts.

    Args:
        followed: which pools there are and what they serve.
        weights: pool to team to weight, of every pool that serves or is served.

    """
    ways = solve(followed.services, followed.method, followed.order)
    found = {}
    for pool, service in followed.services.items():
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
        store.run("pools/mark_changed", period=period, pool=pool)
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
    """An amount as people write it; commas only between thousands. Raises RefusedError."""
    try:
        return Decimal(text.replace(",", "") if THOUSANDS.fullmatch(text) else text)
    except InvalidOperation:
        raise RefusedError(f"{text!r} is no amount: a number of USD such as 1200.00 or 1,200.00 is needed") from None


def refuse_repetition(store: Store, pool: str, amount: Decimal, period: str, note: str) -> None:
    """Raise RefusedError where the very same was added before: mostly a command is only run twice."""
    for row in store.rows("pools/same_addition", period=period, pool=pool, amount=f"{amount:f}", note=note):
        raise RefusedError(
            f"{amount:f} was added to {pool} in {period} at {row['added_at']:%Y-%m-%d %H:%M:%S} already: --again adds it once more"
        )


def as_driver(text: str | None) -> Driver | None:
    """A driver by its name; None for None. Raises RefusedError."""
    for driver in DRIVERS:
        if driver == text:
            return driver
    if text is None:
        return None
    raise RefusedError(f"there is no driver {text!r}; there is {', '.join(DRIVERS)}")


def mark_open_pools_changed(store: Store) -> None:
    """Mark the pools of open months: what they are split by may have changed."""
    store.run("pools/mark_open_pools_changed")

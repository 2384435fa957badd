"""Pools that use each other: how much of each ends in which pool's hands before it goes to teams, solved exactly.

A shared agent calls another shared agent, a platform pool serves the pools that run on it. `Service` says what goes to other pools; `solve`
follows it through all of them. This is a system of linear equations over fractions, which SQL does not have; all else is SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Method = Literal["reciprocal", "step_down", "direct"]
"""Reciprocal: every service counts, exactly. Step-down: pool after pool, none hands anything back. Direct: none counts."""
Shares = Mapping[str, Fraction]
Via = Mapping[str, Fraction]
"""Pool to the share of a pool's cost that leaves for teams through it."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a pool hands to other pools, and what is left for the teams that use it; shares of the pool that sum to 1."""

    pools: Shares
    own: Fraction

    @classmethod
    def of(cls, pools: Mapping[str, Decimal], own: Decimal) -> Service:
        """Shares of weights in one unit; a pool with no weight at all is its teams' (R10 gives it to nobody known)."""
        whole = sum(map(Fraction, pools.values()), Fraction(own))
        if not whole:
            return cls({}, Fraction(1))
        return cls({pool: Fraction(weight) / whole for pool, weight in pools.items()}, Fraction(own) / whole)


def solve(services: Mapping[str, Service], method: Method, order: Sequence[str] = ()) -> dict[str, Via]:
    """Through which pools the cost of each pool comes to teams.

    Args:
        services: every pool, also those that serve none.
        method: reciprocal, step_down or direct.
        order: for step_down, the pools that go first.

    Returns:
        Pool to the pools it leaves through and the share of its cost that does; the shares of a pool sum to 1 exactly.

    Raises:
        ValueError: names the pools whose cost could never reach a team, or what is no pool in `order`.

    """
    unknown = [name for name in order if name not in services]
    if unknown or len(set(order)) < len(order):
        raise ValueError(f"allocation.order: {', '.join(order)}: each must be a pool that is named under pools, once")
    if method == "reciprocal":
        return _reciprocal(services)
    ranks = {name: place for place, name in enumerate(_sequence(services, order) if method == "step_down" else ())}
    solved: dict[str, Via] = {}
    for name in sorted(services, key=lambda pool: -ranks.get(pool, 0)):
        handed = {pool: share for pool, share in services[name].pools.items() if ranks.get(pool, 0) > ranks.get(name, 0)}
        solved[name] = _one_step(name, Service(handed, services[name].own), solved, method)
    return {name: solved[name] for name in services}


def serving(services: Mapping[str, Service]) -> list[str]:
    """The pools that serve others or are served, by name."""
    return sorted({name for name, service in services.items() if service.pools}.union(*(service.pools for service in services.values())))


def _one_step(name: str, handed: Service, solved: Mapping[str, Via], method: Method) -> Via:
    whole = sum(handed.pools.values(), handed.own)
    if not whole:
        raise ValueError(f"{name} has no outlet with `method: {method}`: all of it is served to pools that do not count for it")
    return _sum([({name: Fraction(1)}, handed.own / whole), *((solved[pool], share / whole) for pool, share in handed.pools.items())])


def _sequence(services: Mapping[str, Service], order: Sequence[str]) -> list[str]:
    rest = sorted(set(services) - set(order), key=lambda name: (-len(services[name].pools), name))
    return [*order, *rest]


def _reciprocal(services: Mapping[str, Service]) -> dict[str, Via]:
    """Eliminate pool after pool from the shares of the others (Gaussian elimination), until all cost is with teams."""
    _refuse_traps(services)
    handed: dict[str, dict[str, Fraction]] = {name: dict(service.pools) for name, service in services.items()}
    kept: dict[str, Via] = {name: {name: service.own} if service.own else {} for name, service in services.items()}
    for eliminated in services:
        back = handed[eliminated].pop(eliminated, Fraction(0))
        # What comes back goes round again: 1 + back + back^2 + ... of it leaves. There is an outlet, so back is below 1.
        handed[eliminated] = {pool: share / (1 - back) for pool, share in handed[eliminated].items()}
        kept[eliminated] = {pool: share / (1 - back) for pool, share in kept[eliminated].items()}
        for name in services:
            through = handed[name].pop(eliminated, Fraction(0)) if name != eliminated else Fraction(0)
            if through:
                handed[name] = dict(_sum([(handed[name], Fraction(1)), (handed[eliminated], through)]))
                kept[name] = _sum([(kept[name], Fraction(1)), (kept[eliminated], through)])
    return kept


def _sum(terms: Iterable[tuple[Shares, Fraction]]) -> Shares:
    total: dict[str, Fraction] = {}
    for shares, times in terms:
        for name, share in shares.items():
            total[name] = total.get(name, Fraction(0)) + share * times
    return {name: share for name, share in total.items() if share}


def _refuse_traps(services: Mapping[str, Service]) -> None:
    """A pool whose cost can reach no team is on a loop without an outlet, or leads into one."""
    reaching = {name for name, service in services.items() if service.own}
    grown = True
    while grown:
        more = {name for name, service in services.items() if name not in reaching and reaching & service.pools.keys()}
        reaching |= more
        grown = bool(more)
    trapped = [name for name in services if name not in reaching]
    if not trapped:
        return
    walk = [trapped[0]]
    while walk.count(walk[-1]) == 1:
        walk.append(next(iter(services[walk[-1]].pools)))
    loop = walk[walk.index(walk[-1]) :]
    raise ValueError(f"{' -> '.join(loop)} is a loop without an outlet: all of it is served round, nothing is left for a team")

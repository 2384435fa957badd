"""Charges of a month: each cost of a team is covered by one charge, and what that charges beyond it is its variance.

`charges_of_month` asks the ledger what was used; `charges_of` only computes, exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attribution.amounts import UNITS_PER_USD, nearest
from attribution.annotation import plain_text
from attribution.configuration import AttributionConfig, ChargeModel, any_of, matches
from attribution.configuration.billing import DIRECT, OF_WORK
from attribution.storage import Store, statement

ZERO = Decimal(0)
KINDS = ("input", "cache_read", "cache_write", "output")
NS = {"minutes": 60 * 10**9, "hours": 3600 * 10**9}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One line of what a team is charged."""

    why: str
    """Such as `tasks at 2.5 USD`."""
    quantity: Decimal
    """In the unit that `why` names; of what is charged at cost, 0."""
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Charge:
    """What one team is charged by one model, or at cost, USD."""

    team: str
    name: str
    account: str
    """Where its variance is booked; empty: it has none."""
    covers: str
    """What its cost is: cost, or API-equivalent, which was not paid where a subscription is."""
    covered: Decimal
    """By the ledger."""
    parts: Sequence[Part]
    uncounted: int
    """Calls that it covers and that tell no tokens, so that they are in no amount."""

    @property
    def charged(self) -> Decimal:
        """All its parts."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def variance(self) -> Decimal:
        """What is charged beyond what is covered."""
        return self.charged - self.covered


@dataclass(slots=True)
class Used:
    """What a month used, in the parts that models can cover."""

    costs: Sequence[Row] = ()
    """Rows of `costs.sql`."""
    calls: Sequence[Row] = ()
    """Rows of `tokens.sql`."""
    work: Mapping[str, Mapping[str, Fraction]] = field(default_factory=dict)
    """Name of a model that counts tasks, minutes or hours, to team to how many."""


def charges_of_month(store: Store, config: AttributionConfig, period: str) -> list[Charge]:
    """What each team is charged in a month, as the ledger is now; nothing where no charge model holds in it."""
    models = [model for model in config.billing.charges if model.holds_in(period)]
    if not models:
        return []
    when = {"period": period, "timezone": config.periods.timezone}
    users = sorted({user for model in models if isinstance(model.seats, Mapping) for user in model.seats})
    counted = {model.counted for model in models}
    used = Used(
        store.rows("charge_models/costs", period=period, users=users),
        store.rows("charge_models/tokens", **when) if counted & {"tokens", "calls"} else (),
        _work(store, models, when) if counted & OF_WORK else {},
    )
    return charges_of(config, period, used)


def _work(store: Store, models: Sequence[ChargeModel], when: Mapping[str, str]) -> dict[str, dict[str, Fraction]]:
    """Tasks and time by model and team. An entry counts for the first model that covers what it costs."""
    entries: dict[int, list[Row]] = defaultdict(list)
    for row in _of_entries(store, "entries", when):
        entries[_covering(models, row)].append(row)
    found = {}
    for place, model in enumerate(models):
        if model.counted not in OF_WORK or not entries[place]:
            continue
        chosen = {**when, "keys": [row["key"] for row in entries[place]]}
        if model.counted == "tasks":
            agents = sorted({row["agent"] for row in entries[place]})
            rows = _of_entries(store, "tasks", {**chosen, "agents": agents, "completed": model.completed})
            found[model.name] = {row["team"]: Fraction(row["count"]) for row in rows}
        else:
            agent = any_of(model.scope.get("agent", ("*",)))
            rows = _of_entries(store, "time", {**chosen, "agent": agent})
            found[model.name] = {row["team"]: Fraction(row["duration_ns"], NS[model.counted]) for row in rows}
    return found


def _of_entries(store: Store, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of a statement about the entries of a month, which `entries_of_month.sql` yields."""
    of_month = statement("charge_models/entries_of_month")
    return store.query(statement(f"charge_models/{name}").replace("{entries_of_month}", of_month), parameters)


def charges_of(config: AttributionConfig, period: str, used: Used) -> list[Charge]:
    """What each team is charged in a month for what it used, by team and in the order of the models.

    The sum of what is covered is the cost, team by team.
    """
    models = [model for model in config.billing.charges if model.holds_in(period)]
    if not models:
        return []
    costs: dict[int, list[Row]] = defaultdict(list)
    calls: dict[int, list[Row]] = defaultdict(list)
    for rows, by_model in ((used.costs, costs), (used.calls, calls)):
        for row in rows:
            by_model[_covering(models, row)].append(row)
    found = [
        charge
        for place, model in enumerate(models)
        for charge in _charges(config, model, costs[place], calls[place], used.work.get(model.name, {}))
    ]
    found += _direct(costs[NONE])
    return sorted(found, key=lambda charge: charge.team)


def _direct(costs: Sequence[Row]) -> Iterator[Charge]:
    """What no model covers."""
    settled = _by_team(row for row in costs if row.get("adjusted"))
    for team, cost in _by_team(costs).items():
        adjusted = settled.get(team, ZERO)
        parts = [Part("at cost", ZERO, cost - adjusted), Part("settled disputes", ZERO, adjusted)]
        kept = [part for part in parts if part.amount]
        if kept:
            yield Charge(team, DIRECT, "", "cost", cost, kept, 0)


NONE = -1


def _covering(models: Sequence[ChargeModel], row: Row) -> int:
    """Place of the first model that covers a cost, call or entry; NONE: it is charged as it cost."""
    return next((place for place, model in enumerate(models) if _covers(model, row)), NONE)


def _covers(model: ChargeModel, row: Row) -> bool:
    # What settles a dispute changes what is paid, whatever the model.
    if row.get("adjusted") or not model.fits(row):
        return False
    if model.model != "per_token":
        return True
    # What has no tokens has no price by tokens: parts of pools, tools, time of agents.
    return row.get("bucket") == "llm" and not row.get("pool") and model.price_of(row) is not None


def _charges(
    config: AttributionConfig, model: ChargeModel, costs: Sequence[Row], calls: Sequence[Row], work: Mapping[str, Fraction]
) -> Iterator[Charge]:
    covered = _by_team(costs)
    if model.model == "subscription":
        parts = _subscription(model, costs)
    elif model.model == "per_token":
        parts = _by_tokens(model, calls)
    else:
        quantities = _quantities(model, covered, calls, work)
        teams = covered.keys() | quantities.keys() | (_payers(config, model) if model.fee is not None else set())
        parts = {team: [*_parts(model, covered.get(team, ZERO), quantities.get(team, Fraction(0)))] for team in teams}
    uncounted = _summed(calls, "uncounted") if model.counted == "tokens" else {}
    for team in sorted(covered.keys() | parts.keys()):
        of_team = [part for part in parts.get(team, ()) if part.amount or part.quantity]
        if covered.get(team) or of_team:
            yield Charge(
                team,
                model.name,
                config.billing.account_of(model),
                "API-equivalent" if model.model == "subscription" else "cost",
                covered.get(team, ZERO),
                of_team,
                int(uncounted.get(team, 0)),
            )


def _payers(config: AttributionConfig, model: ChargeModel) -> set[str]:
    """Teams that pay a fee whatever they use: those that the scope names, and those of the organization that fit it."""
    teams = config.organization.teams
    named = {name for name in model.scope.get("team", ()) if not set(name) & set("*?")} | teams.keys()
    of_teams = ("team", "department", "cost_center")
    return {
        name
        for name in named
        if all(
            any(matches(pattern, value) for pattern in patterns)
            for dimension, patterns in model.scope.items()
            if dimension in of_teams
            for value in [name if dimension == "team" else getattr(teams.get(name), dimension, "")]
        )
    }


def _quantities(
    model: ChargeModel, covered: Mapping[str, Decimal], calls: Sequence[Row], work: Mapping[str, Fraction]
) -> Mapping[str, Fraction]:
    """By team, in the unit that the model counts."""
    if model.counted == "USD":
        return {team: Fraction(cost) for team, cost in covered.items()}
    if model.counted == "calls":
        return _summed(calls, "calls")
    return _summed(calls, *KINDS) if model.counted == "tokens" else work


def _parts(model: ChargeModel, cost: Decimal, quantity: Fraction) -> Iterator[Part]:
    """What one team is charged by a model that looks at no other team."""
    if model.model == "direct":
        margin = f" and {plain_text(model.margin)} percent" if model.margin else ""
        yield Part(f"at cost{margin}", ZERO, nearest(Fraction(cost) * (1 + Fraction(model.margin) / 100)))
    elif model.model == "fixed":
        yield Part("fee", ZERO, _given(model.fee))
    elif model.model == "tiered":
        quota = _given(model.quota)
        yield Part(f"fee for up to {plain_text(quota)} {model.unit}", nearest(quantity), _given(model.fee))
        yield from _beyond(model, quantity - Fraction(quota))
    elif model.price is not None:
        yield Part(f"{model.counted} at {plain_text(model.price)} USD", nearest(quantity), nearest(quantity * Fraction(model.price)))


def _beyond(model: ChargeModel, quantity: Fraction) -> Iterator[Part]:
    rate = Decimal(1) if model.overage is None else model.overage
    if quantity > 0:
        yield Part(f"{model.unit} beyond the quota, each at {plain_text(rate)} USD", nearest(quantity), nearest(quantity * Fraction(rate)))


def _by_tokens(model: ChargeModel, calls: Sequence[Row]) -> dict[str, list[Part]]:
    """By team a part for each kind of token and price."""
    tokens: dict[tuple[str, int, str], int] = defaultdict(int)
    for row in calls:
        price = model.price_of(row)
        for kind in KINDS if price else ():
            tokens[row["team"], model.prices.index(price), kind] += row[kind]
    parts: dict[str, list[Part]] = defaultdict(list)
    for (team, place, kind), count in sorted(tokens.items()):
        price = model.prices[place]
        whose = price.model if price.provider == "*" else f"{price.provider} {price.model}"
        why = f"{kind.replace('_', ' ')} tokens of {whose} at {plain_text(price.of(kind))} USD a million"
        parts[team].append(Part(why, Decimal(count), nearest(Fraction(count) * Fraction(price.of(kind)) / 10**6)))
    return parts


def _subscription(model: ChargeModel, costs: Sequence[Row]) -> dict[str, list[Part]]:
    """By team its part of the fee, by what its use would have cost; and of what lies beyond the quota."""
    fee = _given(model.fee)
    pots: list[tuple[Sequence[Row], int, str, str]]
    others: Sequence[Row]
    if isinstance(model.seats, Mapping):
        pots = [([row for row in costs if row["seat"] == user], 1, f"seat of {user}", team) for user, team in model.seats.items()]
        others = [row for row in costs if row["seat"] not in model.seats]
    else:
        count = model.seats
        pots, others = [(costs, count, "subscription" if count == 1 else f"{count} seats", model.unused)], []
    parts: dict[str, list[Part]] = defaultdict(list)
    for rows, seats, what, unused in pots:
        uses = {team: max(use, ZERO) for team, use in _by_team(rows).items()}
        for team, amount in split(fee * seats, uses, unused).items():
            parts[team].append(Part(f"{what} at {plain_text(fee)} USD, by use", uses.get(team, ZERO), amount))
        beyond = sum(map(Fraction, uses.values()), Fraction(0)) - Fraction(model.quota or 0) * seats
        if model.quota is not None and beyond > 0:
            for part in _beyond(model, beyond):
                for team, amount in split(part.amount, uses, unused).items():
                    parts[team].append(Part(f"{what}, {part.why}", part.quantity, amount))
    for team, cost in _by_team(others).items():
        parts[team].append(Part("without a seat, at cost", ZERO, cost))
    return parts


def split(amount: Decimal, weights: Mapping[str, Decimal], otherwise: str) -> dict[str, Decimal]:
    """An amount by weights that are not negative, exact to the 12th digit: the largest remainders get what is left, ties by name."""
    whole = sum(map(Fraction, weights.values()), Fraction(0))
    if not whole:
        return {otherwise: amount}
    units = int(amount * UNITS_PER_USD)
    shares = {team: units * Fraction(weight) / whole for team, weight in weights.items() if weight}
    parts = {team: int(share) for team, share in shares.items()}
    by_remainder = sorted(shares, key=lambda team: (parts[team] - shares[team], team))
    for team in by_remainder[: units - sum(parts.values())]:
        parts[team] += 1
    return {team: Decimal(part) / UNITS_PER_USD for team, part in parts.items()}


def _by_team(rows: Iterable[Row]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["team"]] += row["amount"]
    return dict(sums)


def _summed(rows: Iterable[Row], *columns: str) -> dict[str, Fraction]:
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows:
        sums[row["team"]] += sum(row[column] for column in columns)
    return dict(sums)


def _given(amount: Decimal | None) -> Decimal:
    """What validation has made sure of."""
    if amount is None:
        raise RuntimeError("a charge model without its amount passed validation")
    return nearest(Fraction(amount))

"""The section `billing` of the configuration: what teams are charged for what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from attribution.configuration.budgets import Patterns
from attribution.configuration.section import Money, Section, exact
from attribution.configuration.wildcards import matches

Covered = Literal["team", "department", "cost_center", "project", "environment", "workflow", "agent", "provider", "model", "bucket"]
"""What a charge model can be for."""
COVERED: tuple[Covered, ...] = get_args(Covered)
OF_CALLS = frozenset({"provider", "model", "bucket"})
"""What only calls have, and tasks and agents have not."""
How = Literal["direct", "tiered", "fixed", "subscription", "per_token", "per_task", "per_minute", "per_hour"]
Unit = Literal["USD", "tokens", "calls", "tasks", "minutes", "hours"]
OF_WORK: frozenset[Unit] = frozenset({"tasks", "minutes", "hours"})
"""Units that are counted by entries into agents."""
UNITS: Mapping[How, Unit] = {"per_token": "tokens", "per_task": "tasks", "per_minute": "minutes", "per_hour": "hours"}
"""What price lists count."""
NEEDED: Mapping[How, frozenset[str]] = {
    "direct": frozenset(),
    "tiered": frozenset({"fee", "quota"}),
    "fixed": frozenset({"fee"}),
    "subscription": frozenset({"fee"}),
    "per_token": frozenset({"prices"}),
    "per_task": frozenset({"price"}),
    "per_minute": frozenset({"price"}),
    "per_hour": frozenset({"price"}),
}
OPTIONAL: Mapping[How, frozenset[str]] = {
    "direct": frozenset({"margin"}),
    "tiered": frozenset({"unit", "overage"}),
    "subscription": frozenset({"seats", "unused", "quota", "overage"}),
    "per_task": frozenset({"completed"}),
}
ALWAYS = frozenset({"name", "model", "scope", "from_", "to", "account"})

Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Percent = Annotated[Decimal, BeforeValidator(exact), Field(ge=-100, max_digits=38, allow_inf_nan=False)]
DIRECT = "direct"
"""The name of the charge for what no model covers: what it cost."""


class TokenPrice(Section):
    """USD per million tokens of the calls of a model; `*` matches any run of characters."""

    provider: str = "*"
    model: str
    input: Money
    """Of input that no cache had a part in."""
    cache_read: Money | None = None
    """None: cached input is charged as input."""
    cache_write: Money | None = None
    """None: cache writes are charged as input."""
    output: Money

    def of(self, kind: str) -> Decimal:
        """USD per million tokens of a kind."""
        price: Decimal | None = getattr(self, kind)
        return self.input if price is None else price

    def fits(self, provider: str, model: str) -> bool:
        """Whether it is the price of a model."""
        return matches(self.model, model) and (self.provider == "*" or matches(self.provider, provider))


class ChargeModel(Section):
    """How the cost of a scope is charged. The first model that covers a cost is taken."""

    name: Annotated[str, Field(min_length=1)]
    model: How
    scope: Mapping[Covered, Patterns] = {}
    """Dimension to names or patterns (`*` any characters, `?` one); all must fit. None: everything."""
    from_: Annotated[Month | None, Field(alias="from")] = None
    """First month in which it holds; None: always."""
    to: Month | None = None
    """First month in which it no longer holds; None: open."""
    account: str = ""
    """Where the difference between charge and cost is booked; empty: `billing.account`."""
    fee: Money | None = None
    """USD a month: of each team; of a subscription, for each seat, shared by those who use it."""
    seats: Annotated[int, Field(ge=1)] | Mapping[str, str] = 1
    """Of a subscription: how many, or user to the team that pays for the seat while nobody uses it."""
    unused: str = ""
    """Team that pays for a subscription that nobody used."""
    quota: Money | None = None
    """What the fee covers, in `unit`; of a subscription, USD of API-equivalent for each seat."""
    unit: Unit = "USD"
    """What the quota counts."""
    overage: Money | None = None
    """USD for each unit beyond the quota; None, of USD: what it cost."""
    price: Money | None = None
    """USD for each task, minute or hour."""
    prices: tuple[TokenPrice, ...] = ()
    """The first that fits a call; calls that none fits are not covered."""
    completed: bool = False
    """Only tasks are charged whose last entry ended without an error."""
    margin: Percent = Decimal(0)
    """Percent beyond cost; negative: a discount."""

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name == DIRECT:
            raise ValueError(f"{DIRECT} is the name of what no model covers")
        return name

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """What is needed is given, and a key that would be ignored is refused."""
        given = {key for key, field in type(self).model_fields.items() if getattr(self, key) != field.default}
        missing = sorted(NEEDED[self.model] - given)
        if missing:
            raise ValueError(f"model: {self.model} needs {' and '.join(missing)}")
        for key in sorted(given - ALWAYS - NEEDED[self.model] - OPTIONAL.get(self.model, frozenset())):
            raise ValueError(f"{key}: is not for model: {self.model}")
        if self.model == "tiered" and self.unit != "USD" and self.overage is None:
            raise ValueError(f"overage: is needed with unit: {self.unit}: USD for each beyond the quota")
        if self.overage is not None and self.quota is None:
            raise ValueError("overage: needs a quota")
        if self.model in {"tiered", "fixed"} and "team" not in self.scope:
            raise ValueError("scope: needs a team, who pays the fee")
        of_calls = sorted(OF_CALLS & self.scope.keys())
        if self.counted in OF_WORK and of_calls:
            raise ValueError(f"scope: {of_calls[0]}: is of calls, and {self.counted} are counted by agents")
        if self.from_ and self.to and self.to <= self.from_:
            raise ValueError(f"`to` {self.to} must come after `from` {self.from_}")
        return self

    @property
    def counted(self) -> Unit:
        """What is counted for it."""
        return UNITS.get(self.model, self.unit)

    def holds_in(self, period: str) -> bool:
        """Whether it is in force in a month."""
        return (self.from_ or "") <= period and (self.to is None or period < self.to)

    def fits(self, dimensions: Mapping[str, str]) -> bool:
        """Whether a cost, call or entry with these dimensions is in its scope."""
        return all(any(matches(pattern, dimensions.get(name, "")) for pattern in patterns) for name, patterns in self.scope.items())

    def price_of(self, dimensions: Mapping[str, str]) -> TokenPrice | None:
        """The price of a call by its tokens."""
        return next((price for price in self.prices if price.fits(dimensions["provider"], dimensions["model"])), None)


class Billing(Section):
    """What teams are charged; without it, what they cost."""

    account: Annotated[str, Field(min_length=1)] = "variance"
    """Where differences between charge and cost are booked."""
    sign_off: Literal["required", "optional"] = "optional"
    """Whether a month closes only when each team has signed what it is charged, and no dispute of it is open."""
    charges: tuple[ChargeModel, ...] = ()
    """The first that covers a cost is taken; what none covers is charged as it cost."""

    @field_validator("charges")
    @classmethod
    def _distinct(cls, charges: tuple[ChargeModel, ...]) -> tuple[ChargeModel, ...]:
        names = [charge.name for charge in charges]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each charge model needs a name of its own; used twice: {', '.join(twice)}")
        return charges

    def account_of(self, model: ChargeModel) -> str:
        """Where the variance of a charge model is booked."""
        return model.account or self.account

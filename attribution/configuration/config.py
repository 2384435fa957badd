"""The library's part of the configuration: what a price is, who a team is, what is shared.

One YAML file configures everything; `collector.config.Config` adds the service's part. Every key has a default,
every value is validated when it is read, and a message names the key, the value and what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from attribution.configuration.billing import Billing
from attribution.configuration.budgets import COUNTS, Budget
from attribution.configuration.complaints import complaints
from attribution.configuration.pricing import USD, Pricing
from attribution.configuration.section import Money, Section, known_zone
from attribution.configuration.serving import Method, Service, solve
from attribution.errors import ConfigurationError

Driver = Literal["invocations", "tokens", "cost", "caused", "duration", "even", "fixed"]
WHOLE_PERCENT = Decimal(100)
Dimension = Literal["team", "department", "cost_center", "project", "environment", "user", "session", "task", "workflow"]


class Team(Section):
    """Where a team stands in the organization; fills blanks that its spans leave."""

    department: str = ""
    cost_center: str = ""
    aliases: tuple[str, ...] = ()
    """Other spellings of its name; capital letters never make another team."""


class Organization(Section):
    """The teams that finance knows."""

    teams: Mapping[str, Team] = {}


class Sender(Section):
    """What one sender of spans may do: all that its ingest keys send (R16)."""

    gateway: bool = False
    """It is a proxy between agents and providers: its records may tell of calls that other senders tell of too."""
    may_charge: tuple[str, ...] = ("*",)
    """Other senders and teams, or patterns of them, that parents, links and sessions may lead its cost to."""
    reported_costs: Literal["trust", "ignore"] = "trust"
    """Whether what it says that its calls cost is believed; what providers' prices say stands instead."""


class Agents(Section):
    """Agents that are pooled, and who owns the ones nobody calls."""

    shared: tuple[str, ...] = ()
    """Names of agents, or patterns (`*` any characters, `?` one), whose cost is pooled instead of charged to the caller."""
    owners: Mapping[str, str] = {}
    """Agent name to the team that pays where a trace has no initiator."""


class Sessions(Section):
    """Whether a session says who started the work, where a trace of it does not."""

    inherit: bool = False
    """A trace without an initiator takes that of the first span of its session."""


class Totals(Section):
    """What becomes of what totals tell beyond the calls that were seen below them (R4)."""

    unobserved: Literal["show", "bill"] = "show"
    """Where a call below tells no usage it is billed in any case: the total is its only witness."""
    scopes: tuple[str, ...] = ("*",)
    """Instrumentation scopes, or patterns of them, of the emitters that `unobserved: bill` holds for."""


class Pool(Section):
    """How one pool is split."""

    driver: Driver = "invocations"
    weights: Mapping[str, Money] = {}
    """For `driver: fixed`: team to weight."""
    use: Literal["current", "previous"] = "current"
    """The month whose use counts: that of the cost, or the one before."""
    serves: Mapping[str, Money] = {}
    """Other pools that use this one: in the unit of the weights for `driver: fixed`, else in percent of the pool."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.driver != "fixed" and sum(self.serves.values()) > WHOLE_PERCENT:
            raise ValueError(f"serves: {_listed(self.serves)} are more than 100 percent of the pool")
        if self.driver in {"fixed", "caused"} and self.use == "previous":
            raise ValueError(f"use: previous needs a driver that counts use, which {self.driver} does not")
        if self.driver == "fixed" and not self.weights and not self.serves:
            raise ValueError("driver: fixed needs weights, such as `weights: {sales: 2, support: 1}`")
        return self

    @property
    def service(self) -> Service:
        """What it hands to other pools, and what is left for its teams, as shares of the pool."""
        own = sum(self.weights.values(), Decimal(0)) if self.driver == "fixed" else WHOLE_PERCENT - sum(self.serves.values(), Decimal(0))
        return Service.of({pool: served for pool, served in self.serves.items() if served}, own)


class Allocation(Section):
    """How pools that serve each other are solved."""

    method: Method = "reciprocal"
    order: tuple[str, ...] = ()
    """For `step_down`: which pools go first; the others follow, those that serve the most pools before those that serve fewer."""


class Periods(Section):
    """Calendar months are counted in this zone."""

    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        return known_zone(name)


class AttributionConfig(Section):
    """All that decides a price or who pays."""

    organization: Organization = Organization()
    dimensions: Mapping[Dimension, tuple[str, ...]] = {}
    """Attribute keys that are tried before the built-in ones."""
    agents: Agents = Agents()
    senders: Mapping[str, Sender] = {}
    """By the name that `sender` of an ingest key gives, or the key's own."""
    sessions: Sessions = Sessions()
    totals: Totals = Totals()
    allocation: Allocation = Allocation()
    pools: Mapping[str, Pool] = Field(default={}, validate_default=True)
    periods: Periods = Periods()
    pricing: Pricing = Pricing()
    budgets: Mapping[str, Budget] = {}
    """By name. All that fit a call hold for it."""
    billing: Billing = Billing()

    @field_validator("budgets")
    @classmethod
    def _in_known_units(cls, budgets: Mapping[str, Budget], info: ValidationInfo) -> Mapping[str, Budget]:
        known = [USD, *info.data.get("pricing", Pricing()).currencies]
        for name, budget in budgets.items():
            if budget.unit not in {*known, *COUNTS}:
                raise ValueError(f"{name}.unit: {budget.unit!r} is not allowed: must be {', '.join((*known, *COUNTS))}")
        return budgets

    @field_validator("pools")
    @classmethod
    def _solvable(cls, pools: Mapping[str, Pool], info: ValidationInfo) -> Mapping[str, Pool]:
        for name, pool in pools.items():
            for served in pool.serves:
                if served not in pools:
                    raise ValueError(f"{name}.serves: {served!r} is no pool that is named here; there is {', '.join(sorted(pools))}")
                if served == name:
                    raise ValueError(f"{name}.serves: a pool cannot serve itself")
        allocation = info.data.get("allocation", Allocation())
        services = {name: pool.service for name, pool in pools.items()}
        solve(services, allocation.method, allocation.order)
        return pools

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Read the YAML file at `path`; None gives the defaults. Raises ConfigurationError."""
        return cls.parse(_read(path) if path else {}, where=str(path or "configuration"))

    @classmethod
    def parse(cls, values: Mapping[str, Any], where: str = "configuration") -> Self:
        """Validate values that were read elsewhere. Raises ConfigurationError naming key, value and what is allowed."""
        try:
            return cls.model_validate(values)
        except ValidationError as problem:
            raise ConfigurationError(where, complaints(problem.errors(), values, cls)) from None


def _listed(served: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{name} {share:f}" for name, share in served.items())


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice: YAML takes the last one and says nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As YAML does, but for what is said twice."""
        known = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and isinstance(key, yaml.ScalarNode):
                if key.value in known:
                    raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
                known.add(key.value)
        return super().construct_mapping(node, deep)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise ConfigurationError(str(path), [f"cannot be read: {problem.strerror}"]) from None
    except UnicodeDecodeError as problem:
        raise ConfigurationError(str(path), [f"is not YAML: {problem}"]) from None
    return keys_of(text, str(path))


def keys_of(text: str, where: str) -> Mapping[str, Any]:
    """Keys and values in YAML. Raises ConfigurationError, which names where they come from."""
    try:
        values = yaml.load(text, _Loader)  # noqa: S506  (a safe loader)
    except yaml.MarkedYAMLError as problem:
        said = ", ".join(filter(None, (problem.context, problem.problem)))
        mark = problem.problem_mark or problem.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ConfigurationError(where, [f"is not YAML: {place}{said}"]) from None
    except (yaml.YAMLError, RecursionError) as problem:
        raise ConfigurationError(where, [f"is not YAML: {problem}"]) from None
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise ConfigurationError(where, ["must hold keys and values, such as `agents: {shared: [guardrail]}`"])
    return values

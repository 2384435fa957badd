"""The library's part of the configuration: what a price is, who a team is, what is shared.

One YAML file configures everything; `collector.config.Config` adds the service's part. Every key has a default,
every value is validated when it is read, and a message names the key, the value and what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from attribution.errors import ConfigurationError

Driver = Literal["invocations", "tokens", "cost", "duration", "even", "fixed"]
Dimension = Literal["team", "department", "cost_center", "project", "environment", "user", "session", "task", "workflow"]


def _exact(value: object) -> object:
    """YAML reads 2.10 as a binary float; its shortest decimal spelling is what the file says."""
    if isinstance(value, bool):
        raise ValueError("a number is needed, not true or false")  # noqa: TRY004  (pydantic wants ValueError)
    return repr(value) if isinstance(value, float) else value


Money = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, max_digits=38, allow_inf_nan=False)]
"""USD, exact; zero is free, absent is unknown."""


class Section(BaseModel):
    """A part of the configuration: typed, frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Team(Section):
    """Where a team stands in the organization; fills blanks that its spans leave."""

    department: str = ""
    cost_center: str = ""


class Organization(Section):
    """The teams that finance knows."""

    teams: Mapping[str, Team] = {}


class Agents(Section):
    """Agents that are pooled, and who owns the ones nobody calls."""

    shared: tuple[str, ...] = ()
    """Names of agents, or patterns (`*` any characters, `?` one), whose cost is pooled instead of charged to the caller."""
    owners: Mapping[str, str] = {}
    """Agent name to the team that pays where a trace has no initiator."""


class Pool(Section):
    """How one pool is split."""

    driver: Driver = "invocations"
    weights: Mapping[str, Money] = {}
    """For `driver: fixed`: team to weight."""


class Periods(Section):
    """Calendar months are counted in this zone."""

    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as problem:
            raise ValueError("an IANA time zone name is needed, such as UTC or Europe/Berlin") from problem
        return name


class ModelPrice(Section):
    """A contract price in USD per million tokens; `*` matches any run of characters in provider and model."""

    provider: str = "*"
    model: str
    from_: Annotated[date | datetime, Field(alias="from")] = date(1970, 1, 1)
    to: date | datetime | None = None
    input: Money
    output: Money = Decimal(0)
    cache_read: Money | None = None
    """None: cached input costs what input costs."""
    cache_write: Money | None = None
    """None: cache writes cost what input costs."""
    cache_write_1h: Money | None = None
    """None: one-hour cache writes cost what cache writes cost."""
    reasoning: Money | None = None
    """None: reasoning costs what output costs."""

    @property
    def starts(self) -> datetime:
        """First instant at which the price is in force, UTC."""
        return _instant(self.from_)

    @property
    def ends(self) -> datetime | None:
        """First instant at which it is no longer in force, UTC; None: open."""
        return None if self.to is None else _instant(self.to)


def _instant(day: date | datetime) -> datetime:
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=UTC)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class ToolPrice(Section):
    """What a tool costs, in USD."""

    per_call: Money = Decimal(0)


class Pricing(Section):
    """Where prices come from, and which one wins."""

    prefer: Literal["reported", "priced"] = "reported"
    models: tuple[ModelPrice, ...] = ()
    tools: Mapping[str, ToolPrice] = {}
    update: bool = True
    """Fetch new prices hourly while serving; the price book that is installed serves until then."""


class AttributionConfig(Section):
    """All that decides a price or who pays."""

    organization: Organization = Organization()
    dimensions: Mapping[Dimension, tuple[str, ...]] = {}
    """Attribute keys that are tried before the built-in ones."""
    agents: Agents = Agents()
    pools: Mapping[str, Pool] = {}
    periods: Periods = Periods()
    pricing: Pricing = Pricing()

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
            raise ConfigurationError(where, [_complaint(error) for error in problem.errors()]) from None


def _read(path: Path) -> Mapping[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigurationError(str(path), [f"cannot be read: {problem.strerror}"]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ConfigurationError(str(path), [f"is not YAML: {problem}"]) from None
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise ConfigurationError(str(path), ["must hold keys and values, such as `agents: {shared: [guardrail]}`"])
    return values


def _complaint(error: Any) -> str:
    """One line of a refusal: `pools.guardrail.driver: 'calls' is not allowed: Input should be ...`."""
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{key}: there is no such key"
    if error["type"] == "missing":
        return f"{key}: is required"
    return f"{key}: {error['input']!r} is not allowed: {error['msg'].removeprefix('Value error, ')}"

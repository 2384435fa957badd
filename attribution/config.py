"""The library's part of the configuration: what a price is, who a team is, what is shared.

One YAML file configures everything; `collector.config.Config` adds the service's part. Every key has a default,
every value is validated when it is read, and a message names the key, the value and what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import ValidationError, field_validator

from attribution.errors import ConfigurationError
from attribution.pricing import Pricing
from attribution.section import Money, Section

Driver = Literal["invocations", "tokens", "cost", "duration", "even", "fixed"]
Dimension = Literal["team", "department", "cost_center", "project", "environment", "user", "session", "task", "workflow"]


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
    message = error["msg"].removeprefix("Value error, ")
    if isinstance(error["input"], Mapping | list | tuple | Section):  # the message says what in it is wrong
        return f"{key}: {message}"
    return f"{key}: {error['input']!r} is not allowed: {message}"

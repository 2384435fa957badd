"""The configuration as statements take it: parallel arrays, which one statement can look up. They are made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attribution.configuration.config import AttributionConfig
from attribution.configuration.serving import Method, Service, serving
from attribution.configuration.wildcards import any_of, pattern_to_regex


@dataclass(frozen=True, slots=True)
class Followed:
    """What attribution follows: made of the configuration, for traces and pools."""

    traces: Mapping[str, Any]
    """Parameters of the statements that decide who pays for a trace."""
    pools: Mapping[str, Any]
    """Parameters of the statements that split pools, those of traces included."""
    services: Mapping[str, Service]
    """Of every configured pool, what it hands to other pools."""
    method: Method
    """How pools that serve each other are solved."""
    order: tuple[str, ...]
    """For `step_down`: which pools go first."""
    by_session: bool
    """Traces inherit who started the work from their session."""


def follow(config: AttributionConfig) -> Followed:
    """What attribution follows under a configuration."""
    of_traces = _of_traces(config)
    services = {name: pool.service for name, pool in config.pools.items()}
    return Followed(
        traces=of_traces,
        pools={**of_traces, **_of_pools(config, services)},
        services=services,
        method=config.allocation.method,
        order=config.allocation.order,
        by_session=config.sessions.inherit,
    )


def _of_traces(config: AttributionConfig) -> dict[str, Any]:
    teams = config.organization.teams
    spellings = [(spelling.lower(), name) for name, team in teams.items() for spelling in (name, *team.aliases)]
    agents = agent_names(config)
    limited = {name: any_of(sender.may_charge) for name, sender in config.senders.items() if "*" not in sender.may_charge}
    return {
        "timezone": config.periods.timezone,
        "by_session": config.sessions.inherit,  # no statement asks: it decides what is read
        "shared": [pattern_to_regex(pattern) for pattern in config.agents.shared],
        "agent_spellings": ["", *agents],
        "spelled_agents": ["", *agents.values()],
        "team_spellings": ["", *(spelling for spelling, _ in spellings)],
        "spelled_teams": ["", *(team for _, team in spellings)],
        "limited_senders": list(limited),
        "may_charge": list(limited.values()),
        "gateways": [name for name, sender in config.senders.items() if sender.gateway],
        "billed_totals": any_of(config.totals.scopes if config.totals.unobserved == "bill" else ()),
        # `transform` wants at least one pair; '' is never looked up to anything but ''.
        "owned_agents": ["", *config.agents.owners],
        "owner_teams": ["", *config.agents.owners.values()],
        "teams": ["", *teams],
        "departments": ["", *(team.department for team in teams.values())],
        "cost_centers": ["", *(team.cost_center for team in teams.values())],
    }


def agent_names(config: AttributionConfig) -> dict[str, str]:
    """Small letters to the name, of each agent that the configuration names in one way: capital letters never make another agent of it."""
    patterns = (*config.agents.shared, *config.agents.owners, *config.pools)
    named = dict.fromkeys(name for name in patterns if not set("*?") & set(name))
    spellings: dict[str, list[str]] = {}
    for name in named:
        spellings.setdefault(name.lower(), []).append(name)
    return {small: names[0] for small, names in spellings.items() if len(names) == 1}


def _of_pools(config: AttributionConfig, services: Mapping[str, Service]) -> dict[str, Any]:
    fixed = [(pool, team, str(weight)) for pool, how in config.pools.items() for team, weight in how.weights.items()]
    return {
        # `transform` wants at least one pair; no pool is named ''.
        "pools": ["", *config.pools],
        "drivers": ["", *(pool.driver for pool in config.pools.values())],
        "fixed_pools": [pool for pool, _, _ in fixed],
        "fixed_teams": [team for _, team, _ in fixed],
        "fixed_weights": [weight for _, _, weight in fixed],
        "pools_by_use_before": [name for name, pool in config.pools.items() if pool.use == "previous"],
        "serving": serving(services),
        "method": config.allocation.method,
    }

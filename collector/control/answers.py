"""Decisions as callers read them: amounts are exact, as text; times are RFC 3339 in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from attribution.budgets import RUN
from collector.control.decisions import Decider, Decision, Part


def answer(decision: Decision) -> dict[str, Any]:
    """The answer to one question; what is about one budget is about the one that decided it."""
    at, decisive, held = decision.at, decision.decisive, decision.reservation
    shown = {id(part): budget(part, at) for part in decision.parts}
    return {
        "decision": decision.verdict,
        "reason": decision.reason,
        **(_retry(decision)),
        **(shown[id(decisive)] if decisive else {}),
        "reservation": held.id if held else None,
        "expires_at": _time(datetime.fromtimestamp(held.expires, at.tzinfo)) if held else None,
        "missing": list(decision.missing),
        "budgets": [{**shown[id(part)], "decision": part.verdict, "beyond": part.beyond} for part in decision.parts],
    }


def budget(part: Part, at: datetime) -> dict[str, Any]:
    """What a budget has, in its own unit."""
    limit, counter = part.limit, part.counter

    def shown(amount: Decimal) -> str:
        return f"{limit.in_unit(amount, at) if limit.is_money else amount:f}"

    return {
        "budget": limit.name,
        "unit": limit.budget.unit,
        "per": limit.budget.per,
        "key": dict(zip(limit.key_names, counter.key, strict=True)),
        "limit": shown(part.allowed),
        "spent": shown(part.used),
        "reserved": shown(part.reserved),
        "remaining": shown(max(part.room, Decimal(0))),
        "amount": shown(part.amount),
        "unpriced_calls": part.spent.unpriced_calls,
        "resets_at": _time(limit.window(at).end) if limit.is_calendar else None,
    }


def stops(decider: Decider) -> list[dict[str, Any]]:
    """What is stopped now: hard budgets that are spent, and what people paused; the scope says whose calls are refused."""
    at = decider.now()
    found = [
        {"stop": "budget", "scope": _scope(part), **budget(part, at)}
        for part in decider.parts()
        if part.limit.budget.mode_in(_environment(part)) == "hard" and part.used >= part.allowed
    ]
    for name, run in decider.standing.paused:
        pause = decider.standing.pause(name, run, at)
        if pause:
            limit = decider.limits.by_name.get(name)
            scope = {one: list(patterns) for one, patterns in limit.budget.scope.items()} if limit else {RUN: [run]}
            until = _time(pause.until) if pause.until else None
            found.append({"stop": "paused", "budget": name, "scope": scope, "who": pause.who, "reason": pause.reason, "resets_at": until})
    return found


def budgets(parts: Iterable[Part], at: datetime) -> list[dict[str, Any]]:
    """All counts, with what they are for."""
    return [{**budget(part, at), "scope": _scope(part)} for part in parts]


def _scope(part: Part) -> dict[str, Any]:
    of: dict[str, Any] = {str(name): list(patterns) for name, patterns in part.limit.budget.scope.items()}
    return {**of, **{name: [value] for name, value in zip(part.limit.key_names, part.counter.key, strict=True)}}


def _environment(part: Part) -> str:
    """Where it holds, as far as its key or scope names one environment."""
    named = _scope(part).get("environment", [""])
    return named[0] if len(named) == 1 else ""


def _retry(decision: Decision) -> dict[str, Any]:
    if decision.verdict != "throttle":
        return {}
    return {"retry_after_s": max((part.retry_seconds for part in decision.parts if part.verdict == "throttle"), default=1)}


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")

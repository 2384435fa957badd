"""What users may do to budgets and runs.

Whoever sees a budget acknowledges it. Only an operator without teams of its own does the rest. Of a budget that counts each value of some
dimensions, what is said names them: `{"team": "sales"}`; without, it holds for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attribution.budgets import Limit, Limits, acknowledge, extend, limit_of, pause, remove_budget, resume, set_budget, with_kept
from attribution.configuration import AttributionConfig
from attribution.errors import NotFoundError, RefusedError
from attribution.storage import Store
from collector.acting import Act, ForbiddenError, Said, check_decides, text, who_says
from collector.config import Person

DECIDE = "set, remove, extend, pause or resume budgets"
ABOUT = ("name", "who", "reason")
"""What is said with the keys of a budget and is none."""
EVERYBODY = ("*",)
"""Of a budget whose scope names no team."""


def is_of(limit: Limit, teams: Sequence[str] | None) -> bool:
    """Whether a budget tells of nothing but these teams. A pattern may be for others too."""
    return teams is None or "team" in limit.key_names or set(limit.budget.scope.get("team", EVERYBODY)) <= set(teams)


class Budgeting:
    """Budgets and runs of one store. `config` is asked anew each time, for it may be read again."""

    def __init__(self, store: Store, config: Callable[[], AttributionConfig], done: Callable[[], None] = lambda: None) -> None:
        """`done` is called after each act, so that decisions follow it at once."""
        self._store = store
        self._given = config
        self._done = done

    def _config(self) -> AttributionConfig:
        """With the budgets that are kept in the store."""
        return with_kept(self._store, self._given())

    def acts(self) -> Mapping[str, Act]:
        """By the address at which each is done to a budget."""
        return {
            "/budgets/set": self.set,
            "/budgets/{name:path}/set": self.set,
            "/budgets/{name:path}/remove": self.remove,
            "/budgets/{name:path}/acknowledge": self.acknowledge,
            "/budgets/{name:path}/extend": self.extend,
            "/budgets/{name:path}/pause": self.pause,
            "/budgets/{name:path}/resume": self.resume,
        }

    def set(self, budget: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Set one, or change it: keys of a budget, reason; who; the name where the address has none."""
        check_decides(user, DECIDE)
        name = budget or text(said, "name")
        keys = _keys({key: value for key, value in said.items() if key not in ABOUT})
        set_budget(self._store, self._given(), name, keys, who=who_says(said, user), reason=text(said, "reason"))
        self._done()
        return {"budget": name}

    def remove(self, budget: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Remove one that was set so: reason; who."""
        check_decides(user, DECIDE)
        remove_budget(self._store, self._given(), budget, who=who_says(said, user), reason=text(said, "reason"))
        self._done()
        return {"removed": budget}

    def acknowledge(self, budget: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Acknowledge one: reason, who; of which values."""
        config = self._config()
        limit = _seen(config, budget, user)
        key = _key(limit, said)
        if user and user.teams and "team" in limit.key_names and (not key or key[limit.key_names.index("team")] not in user.teams):
            raise ForbiddenError(f"team: {user.name} acknowledges for {' or '.join(user.teams)}")
        acknowledge(self._store, config, budget, who=who_says(said, user), reason=text(said, "reason", ""), key=key)
        self._done()
        return {"budget": budget}

    def extend(self, budget: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Extend one: amount, reason; until, who; of which values."""
        check_decides(user, DECIDE)
        config = self._config()
        key = _key(_seen(config, budget, user), said)
        amount = str(said.get("amount", ""))
        reason, until = text(said, "reason"), _moment(said)
        added = extend(self._store, config, budget, amount, who=who_says(said, user), reason=reason, key=key, until=until)
        self._done()
        return {"budget": budget, "added": added}

    def pause(self, target: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Pause a budget or a run: reason; until, who."""
        check_decides(user, DECIDE)
        pause(self._store, self._config(), target, who=who_says(said, user), reason=text(said, "reason"), until=_moment(said))
        self._done()
        return {"budget": target}

    def resume(self, target: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Resume a budget or a run: reason, who."""
        check_decides(user, DECIDE)
        resume(self._store, self._config(), target, who=who_says(said, user), reason=text(said, "reason", ""))
        self._done()
        return {"budget": target}


def _seen(config: AttributionConfig, budget: str, user: Person | None) -> Limit:
    """To those who may not see it, it is not there."""
    if not user or not user.teams:
        return limit_of(config, budget)
    limit = Limits(config).by_name.get(budget)
    if limit is None or not is_of(limit, user.teams):
        raise NotFoundError(f"there is no budget {budget!r} that you may see")
    return limit


def _key(limit: Limit, said: Said) -> tuple[str, ...]:
    given = [name for name in limit.key_names if said.get(name)]
    if given and len(given) < len(limit.key_names):
        raise RefusedError(f"{limit.name} counts each {' and '.join(limit.key_names)} by itself: all of them are needed, or none")
    return tuple(text(said, name) for name in given)


def _keys(said: Said) -> dict[str, Any]:
    """Keys of a budget; those that a form has as texts as they are meant: `team=sales, support; environment=prod*`. Raises RefusedError."""
    keys = dict(said)
    if isinstance(scope := keys.get("scope"), str):
        parts = [part.partition("=") for part in scope.replace("\n", ";").split(";") if part.strip()]
        wrong = next((name for name, equals, values in parts if not equals or not values.strip()), None)
        if wrong is not None:
            raise RefusedError(f"scope: {wrong.strip()!r} names no value: NAME=VALUE is needed, such as team=support; environment=prod*")
        keys["scope"] = {name.strip(): [one.strip() for one in values.split(",")] for name, _, values in parts}
    if isinstance(each := keys.get("each"), str):
        keys["each"] = [name.strip() for name in each.split(",") if name.strip()]
    return keys


def _moment(said: Said) -> datetime | None:
    if not said.get("until"):
        return None
    try:
        moment = datetime.fromisoformat(text(said, "until"))
    except ValueError:
        raise RefusedError(f"until: {said['until']!r} is no time, such as 2026-12-31 or 2026-12-31T18:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

"""Budgets that people set while the service runs: kept in the store as records of who set what, when and why, which never change.

Beside them hold those of the configuration file, which go before them: a name that the file has is changed there. What a service finds
changed in its file is a record too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from attribution.budgets.events import Event, keep_events
from attribution.configuration import AttributionConfig
from attribution.configuration.budgets import Budget
from attribution.errors import ConfigurationError, NotFoundError, RefusedError
from attribution.storage import Store

KINDS = ("set", "removed")
KEPT_MAX = 1000
"""Budgets that are kept in a store."""
NAME_MAX = 100
FILE_KINDS = ("configured", "unconfigured")
FILE = "the configuration file"
"""Who says what stands there."""
AnyConfig = TypeVar("AnyConfig", bound=AttributionConfig)


def kept_budgets(store: Store) -> dict[str, Budget]:
    """Budgets that people have set and not removed, by name. Raises StorageError."""
    return {name: Budget.model_validate(said) for name, said in _said_last(store, KINDS).items()}


def with_budgets(config: AnyConfig, kept: Mapping[str, Budget]) -> AnyConfig:
    """The same configuration with these budgets too; its own go before them."""
    return config.model_copy(update={"budgets": {**kept, **config.budgets}}) if kept else config


def with_kept(store: Store, config: AnyConfig) -> AnyConfig:
    """The same configuration with the budgets that are kept in the store. Raises StorageError."""
    return with_budgets(config, kept_budgets(store))


def set_budget(store: Store, config: AttributionConfig, name: str, said: Mapping[str, Any], *, who: str, reason: str) -> Budget:
    """Keep a budget, or change one that is kept: what is not said stays as it is, what is None goes back to what it is by default.

    Args:
        store: where it is kept.
        config: of the configuration file, without what is kept.
        name: of the budget.
        said: keys of a budget, as in the configuration file.
        who: sets it.
        reason: why.

    Raises RefusedError, which says what is wrong with it, and StorageError.

    """
    _check(config, name, reason)
    kept = kept_budgets(store)
    before = _plain(kept[name]) if name in kept else None
    if before is None and len(kept) >= KEPT_MAX:
        raise RefusedError(f"{KEPT_MAX} budgets are kept, and more are not allowed: remove one first")
    now = {key: value for key, value in {**(before or {}), **said}.items() if value is not None}
    try:
        budget = AttributionConfig.parse({"pricing": config.pricing, "budgets": {name: now}}).budgets[name]
    except ConfigurationError as problem:
        raise RefusedError("; ".join(complaint.removeprefix(f"budgets.{name}").lstrip(".: ") for complaint in problem.complaints)) from None
    _keep(store, "set", name, {"budget": _plain(budget), "before": before}, who, reason)
    return budget


def remove_budget(store: Store, config: AttributionConfig, name: str, *, who: str, reason: str) -> None:
    """Let a budget that is kept hold no more; the records of it stay. Raises NotFoundError, RefusedError, StorageError."""
    _check(config, name, reason)
    kept = kept_budgets(store)
    if name not in kept:
        raise NotFoundError(f"there is no budget {name!r} that is kept; there is {', '.join(sorted(kept)) or 'none'}")
    _keep(store, "removed", name, {"before": _plain(kept[name])}, who, reason)


def note_file(store: Store, config: AttributionConfig) -> None:
    """Keep what is different in the budgets of a configuration file from what was found there last. Raises StorageError."""
    before = _said_last(store, FILE_KINDS)
    now = {name: _plain(budget) for name, budget in config.budgets.items()}
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            _keep(store, "unconfigured", name, {"before": before[name]}, FILE, "")
        elif now[name] != before.get(name):
            _keep(store, "configured", name, {"budget": now[name], "before": before.get(name)}, FILE, "")


def _said_last(store: Store, kinds: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """Keys by budget, as they were said last; without those of which the second kind was told after."""
    rows = store.rows("budgets/set_last", kinds=list(kinds))
    return {
        row["budget"]: json.loads(row["detail"])["budget"] for row in sorted(rows, key=lambda row: row["budget"]) if row["kind"] == kinds[0]
    }


def _check(config: AttributionConfig, name: str, reason: str) -> None:
    if name in config.budgets:
        raise RefusedError(f"budget {name!r} is in the configuration file, and is changed there")
    if not name or len(name) > NAME_MAX or name != name.strip() or "/" in name or not name.isprintable():
        raise RefusedError(f"name: {name[:NAME_MAX]!r} is not allowed: up to {NAME_MAX} printable characters are, without a slash")
    if not reason.strip():
        raise RefusedError("a reason is needed: it is kept with the record")


def _plain(budget: Budget) -> dict[str, Any]:
    """As JSON has it, amounts as texts; only what was said."""
    return budget.model_dump(mode="json", exclude_unset=True)


def _keep(store: Store, kind: Any, name: str, detail: Mapping[str, Any], who: str, reason: str) -> None:
    text = json.dumps(detail, ensure_ascii=False)
    keep_events(store, [Event(kind, name, who=who, reason=reason, detail=text, at=datetime.now(UTC))])

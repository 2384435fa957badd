"""Budgets: `budget list`, `show`, `set`, `remove`, `ack`, `extend`, `pause`, `resume`, `push`."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from attribution.budgets import (
    ALWAYS,
    LATER,
    Counter,
    Limit,
    Limits,
    Standing,
    acknowledge,
    events,
    extend,
    limit_of,
    pause,
    remove_budget,
    replay,
    resume,
    set_budget,
    with_kept,
)
from attribution.budgets.acts import TRACE_ID
from attribution.configuration import AttributionConfig, keys_of
from attribution.errors import RefusedError
from attribution.storage import Store
from collector import folder
from collector.commands.shared import (
    ClickHouseOption,
    ConfigOption,
    DataOption,
    Format,
    FormatOption,
    WhyOption,
    console,
    known_configuration,
    named,
    print_rows,
)
from collector.config import Config
from collector.printing import print_table
from collector.provider_limits import Change, planned, push

app = typer.Typer(help="Budgets: what is left of them; set and remove, acknowledge, extend, pause and resume.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The budget, as the configuration names it.")]
TargetArgument = Annotated[str, typer.Argument(metavar="NAME|TRACE_ID", help="A budget, or a run: 32 hex digits.")]
KeyOption = Annotated[
    list[str] | None, typer.Option("--key", help="Of a budget that counts each value: which one; once for each dimension.", metavar="VALUE")
]
WhoOption = Annotated[str, typer.Option("--by", help="Who does it; else who is logged in here.", metavar="NAME")]
UntilOption = Annotated[
    datetime | None, typer.Option("--until", help="When it ends, in UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
]
AtOption = Annotated[
    datetime | None,
    typer.Option("--at", help="Replay the ledger as it was then, in UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
]
COLUMNS = ["budget", "key", "unit", "limit", "extended", "spent", "waiting", "unpriced_calls", "percent", "resets_at", "state"]
EVENTS = ["at", "kind", "key", "amount", "until", "who", "reason", "trace_id"]


@app.command("list")
def budget_list(
    at: AtOption = None,
    output: FormatOption = Format.table,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print what was spent of every budget in its window; of those by run, task or session, see `show`."""
    with folder.open_store(data, clickhouse) as store:
        rows = _rows(store, _known(store, config), _utc(at))
    _print("Budgets", rows, output, COLUMNS)


@app.command("show")
def budget_show(
    name: NameArgument,
    work: Annotated[
        list[str] | None, typer.Option("--of", help="Of a budget by run, task or session: which one.", metavar="TRACE_ID|TASK|SESSION")
    ] = None,
    at: AtOption = None,
    output: FormatOption = Format.table,
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Print one budget, and what happened to it."""
    with folder.open_store(data, clickhouse) as store:
        known = _known(store, config)
        limit = limit_of(known, name)
        only = known.model_copy(update={"budgets": {name: limit.budget}})
        rows = _rows(store, only, _utc(at), work=[(limit.budget.per, one) for one in work or []])
        happened = [{column: getattr(one, column) for column in EVENTS} for one in events(store, budget=name)]
    if output is Format.table:
        _print(name, rows, output, COLUMNS)
        print_table(console, "What happened", [{name: _short(value) for name, value in row.items()} for row in happened])
    else:
        print_rows(rows, output, COLUMNS)


@app.command("set")
def budget_set(
    name: NameArgument,
    budget: Annotated[
        str, typer.Argument(metavar="KEYS", help="As the configuration has it: '{scope: {team: support}, limit: 500, per: month}'.")
    ],
    why: WhyOption,
    who: WhoOption = "",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Keep a budget in the store, or change one that is kept there: keys that are not said stay as they are."""
    said = keys_of(budget, "KEYS")
    with folder.open_store(data, clickhouse) as store:
        found = set_budget(store, known_configuration(store, config), name, said, who=named(who), reason=why)
    console.print(f"{name} is {found.limit.normalize():f} {found.unit} per {found.per}", highlight=False)


@app.command("remove")
def budget_remove(
    name: NameArgument,
    why: WhyOption,
    who: WhoOption = "",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Let a budget that is kept in the store hold no more; the records of it stay."""
    with folder.open_store(data, clickhouse) as store:
        remove_budget(store, known_configuration(store, config), name, who=named(who), reason=why)
    console.print(f"{name} is removed", highlight=False)


@app.command("ack")
def budget_ack(
    name: NameArgument,
    key: KeyOption = None,
    why: WhyOption = "",
    who: WhoOption = "",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Say that you know of it: what is nearly spent is not told again in its window."""
    with folder.open_store(data, clickhouse) as store:
        acknowledge(store, _known(store, config), name, who=named(who), reason=why, key=key or ())
    console.print(f"{name} is acknowledged", highlight=False)


@app.command("extend")
def budget_extend(
    name: NameArgument,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="What is added to the limit, in the unit of the budget.")],
    why: WhyOption,
    key: KeyOption = None,
    until: UntilOption = None,
    who: WhoOption = "",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Add to the limit, for this window or until a moment. The record stays; another one takes it back by a negative amount."""
    with folder.open_store(data, clickhouse) as store:
        known = _known(store, config)
        added = extend(store, known, name, amount, who=named(who), reason=why, key=key or (), until=_utc(until))
    console.print(f"{name} is extended by {added:f} {limit_of(known, name).budget.unit}", highlight=False)


@app.command("pause")
def budget_pause(
    target: TargetArgument,
    why: WhyOption,
    until: UntilOption = None,
    who: WhoOption = "",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Refuse all calls of a run, or of a budget's scope, critical ones too, until it is resumed."""
    with folder.open_store(data, clickhouse) as store:
        pause(store, _known_for(store, config, target), target, who=named(who), reason=why, until=_utc(until))
    console.print(f"{target} is paused", highlight=False)


@app.command("resume")
def budget_resume(
    target: TargetArgument,
    why: WhyOption = "",
    who: WhoOption = "",
    config: ConfigOption = None,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """End a pause."""
    with folder.open_store(data, clickhouse) as store:
        resume(store, _known_for(store, config, target), target, who=named(who), reason=why)
    console.print(f"{target} goes on", highlight=False)


@app.command("push")
def budget_push(
    config: Annotated[Path, typer.Option("--config", envvar="SPANLEDGER_CONFIG", help="The YAML file with `provider_limits`.")],
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Write them; else it is only said what would be written.")] = False,
    why: WhyOption = "",
    who: WhoOption = "",
    output: FormatOption = Format.table,
    data: DataOption = folder.DEFAULT,
    clickhouse: ClickHouseOption = None,
) -> None:
    """Write budgets to the limits that providers have themselves, as `provider_limits` says. Without --apply nothing is written."""
    known = Config.load(config)
    if not known.provider_limits:
        raise RefusedError("provider_limits: none are configured, so there is nothing to write")
    with folder.open_store(data, clickhouse) as store:
        changes = planned(store, known, datetime.now(UTC))
        if apply:
            push(store, changes, who=named(who), reason=why)
    rows = [_pushed(change, applied=apply) for change in changes]
    _print("Limits of providers", rows, output, list(rows[0]))


def _pushed(change: Change, *, applied: bool) -> dict[str, Any]:
    state = ("written" if applied else "would be written") if change.is_needed else "as it is"
    of = change.of
    return {
        "budget": of.budget,
        "provider": of.provider,
        "target": of.target,
        "there": str(change.there),
        "ours": str(change.ours),
        "state": state,
    }


def _rows(store: Store, config: AttributionConfig, at: datetime | None, work: Any = ()) -> list[dict[str, Any]]:
    """What each count has; with a moment, what the ledger said then."""
    now = at or datetime.now(UTC)
    found = replay(store, config, now, work=work, instant=at or LATER)
    standing = Standing.of([one for one in events(store) if one.at <= now])
    counters = {*found.spend} | {limit.counter((), now) for limit in Limits(config) if not limit.key_names}
    rows = []
    for counter in sorted(counters):
        limit = Limits(config).by_name[counter.budget]
        if counter.start == limit.window(now).start:
            rows.append(_row(limit, counter, found, standing, now))
    return rows


def _row(limit: Limit, counter: Counter, found: Any, standing: Standing, now: datetime) -> dict[str, Any]:
    extended = standing.extension(counter, now)
    allowed, spent = limit.usd(limit.budget.limit + extended, now), found.of(counter)
    window = limit.window(now)
    paused = standing.pause(limit.name, "", now)
    state = f"paused by {paused.who}" if paused else "spent" if spent.total >= allowed else ""
    return {
        "budget": limit.name,
        "key": " ".join(counter.key),
        "unit": limit.budget.unit,
        "limit": limit.budget.limit,
        "extended": extended,
        "spent": limit.in_unit(spent.total, now) if limit.is_money else spent.total,
        "waiting": limit.in_unit(spent.waiting, now) if limit.is_money else spent.waiting,
        "unpriced_calls": spent.unpriced_calls,
        "percent": (spent.total / allowed * 100).quantize(Decimal("0.1")) if allowed else None,
        "resets_at": None if window == ALWAYS else f"{window.end:%Y-%m-%dT%H:%M:%SZ}",
        "state": state,
    }


def _print(title: str, rows: list[dict[str, Any]], output: Format, columns: list[str]) -> None:
    if output is Format.table:
        print_table(console, title, [{name: _short(value) for name, value in row.items()} for row in rows])
    else:
        print_rows(rows, output, columns)


def _short(value: Any) -> Any:
    """As people read it: units differ from line to line, so amounts stand without one and without their last zeros."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return " ".join(value) if isinstance(value, tuple) else value


def _known(store: Store, config: Path | None) -> AttributionConfig:
    """The configuration with the budgets that are kept in the store."""
    return with_kept(store, known_configuration(store, config))


def _known_for(store: Store, config: Path | None, target: str) -> AttributionConfig:
    """Of a run none is needed, and a store may have none yet."""
    return AttributionConfig() if TRACE_ID.fullmatch(target) else _known(store, config)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None

"""Budgets: what is left of them, whether it lasts, what was refused, and who changed what.

A reader of some teams sees the budgets that are for these alone: by their scope, or by the key that each team has for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, get_args
from urllib.parse import quote
from zoneinfo import ZoneInfo

from attribution.amounts import QUANTUM
from attribution.budgets import Counter, Limit, Limits, spent_in_steps, step_of, with_kept
from attribution.configuration.budgets import COUNTS, HUNDRED, Budget, Mode, Per
from attribution.configuration.pricing import USD
from attribution.reports import Question
from attribution.storage import statement
from collector.acting import decides
from collector.budgeting import EVERYBODY, is_of
from collector.config import Config
from collector.control.decisions import Part
from collector.page import links
from collector.page.charts import series_of
from collector.page.errors import NoSuchPageError
from collector.page.formats import exact_quantity, percent, quantity
from collector.page.pages.statements import who
from collector.page.sections import Chart, Column, Field, Form, Lines, Page, Row, Rows, Section, Series, Table, Tile, Tiles
from collector.page.selection import DIMENSIONS, Selection
from collector.page.view import Counts, View

BY_PEOPLE = ("set", "removed", "configured", "unconfigured", "acknowledged", "extended", "paused", "resumed", "pushed")
REFUSED = ("refused", "throttled")
TOLD = ("tier", "escalated", "critical", "soft", "expired")
KINDS: Mapping[str, str] = {
    "unconfigured": "is not in the file any more",
    "critical": "went on beyond it: critical",
    "soft": "went on beyond it: a soft budget",
    "tier": "percent spent",
    "escalated": "told again: nobody acknowledged",
    "expired": "a reservation without a record",
}
"""Events in words; others are words already."""
FORECAST_FROM = Decimal("0.05")
"""Of a window: before so much of it is over, its pace says nothing."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEPS_MAX = 100
NOTHING = """budgets:
  support: {scope: {team: support}, limit: 500, per: month}
  one run: {limit: 2.00, per: run}"""


def budgets(view: View) -> Page:
    """All that the reader may see."""
    known = with_kept(view.store, view.config)
    limits = _seen(view, known)
    new = [_set_one(view)] if decides(view.user) else []
    if not known.budgets:
        return Page("Budgets", "budgets", [Section("first", "Begin with a budget", _first), *new], is_dated=False)
    return Page("Budgets", "budgets", [_counts(view, limits), *_happened(view, limits, ""), *new])


def _first() -> Lines:
    return Lines(
        [("A month of a team, and a limit for every run", NOTHING)],
        "Into the configuration, then `systemctl reload`; or set one here. What agents ask for before a call is docs/budgets.md.",
    )


def budget(view: View) -> Page:
    """One budget."""
    limits = {name: limit for name, limit in _seen(view, with_kept(view.store, view.config)).items() if name == view.name}
    if view.name not in limits:
        raise NoSuchPageError(f"there is no budget {view.name!r} that you may see")
    limit = limits[view.name]
    sections = [] if limit.key_names else [_figures(view, limit)]
    if limit.is_calendar:
        sections += [_burn(view, limit), _made_of(view, limit)]
    return Page(
        f"Budget {view.name}",
        "budgets",
        [*sections, _counts(view, limits), *_happened(view, limits, view.name), *_acts(view, limit)],
        intro=said(limit.budget),
        crumbs=[("Budgets", view.selection.link("/budgets"))],
    )


def said(of: Budget) -> str:
    """What a budget is for, in words."""
    scope = "; ".join(f"{name.replace('_', ' ')} {' or '.join(values)}" for name, values in of.scope.items())
    each = f", each {' and '.join(name.replace('_', ' ') for name in of.each)} by itself" if of.each else ""
    modes = "".join(f", {mode} in {name}" for name, mode in of.modes.items())
    return f"{quantity(of.limit, of.unit)} per {of.per} for {scope or 'everything'}{each}; {of.mode}{modes}."


def _seen(view: View, known: Config) -> dict[str, Limit]:
    """By name."""
    return {name: limit for name, limit in Limits(known).by_name.items() if is_of(limit, view.selection.teams)}


def _is_seen(limit: Limit, counter: Counter, teams: Sequence[str] | None) -> bool:
    return teams is None or "team" not in limit.key_names or counter.key[limit.key_names.index("team")] in teams


def counted(limits: Mapping[str, Limit], counts: Counts, teams: Sequence[str] | None) -> list[dict[str, Any]]:
    """What each count has, in the unit of its budget."""
    parts = [part for part in counts.parts if part.limit.name in limits and _is_seen(part.limit, part.counter, teams)]
    return [_row(part, counts) for part in parts]


def _row(part: Part, counts: Counts) -> dict[str, Any]:
    limit, at = part.limit, counts.at
    window = limit.window(at)

    def own(amount: Decimal) -> Decimal:
        return limit.in_unit(amount, at) if limit.is_money else amount

    share = part.used / part.allowed if part.allowed else None
    over = Decimal((at - window.start) / (window.end - window.start)) if limit.is_calendar else None
    forecast = None if over is None or over < FORECAST_FROM else own((part.used / over).quantize(QUANTUM if limit.is_money else 1))
    return {
        "budget": limit.name,
        "key": " ".join(part.counter.key),
        "unit": limit.budget.unit,
        "per": limit.budget.per,
        "limit": own(part.allowed),
        "spent": own(part.used),
        "reserved": own(part.reserved),
        "left": own(max(part.room, Decimal(0))),
        "share": share,
        "over": over,
        "forecast": forecast,
        "tier": max((tier for tier in limit.budget.tiers if share is not None and share * HUNDRED >= tier), default=None),
        "unpriced": part.spent.unpriced_calls,
        "resets": window.end if limit.is_calendar else None,
        "state": _state(part, counts, forecast, own(part.allowed)),
    }


def _state(part: Part, counts: Counts, forecast: Decimal | None, allowed: Decimal) -> str:
    pause = counts.standing.pause(part.limit.name, "", counts.at)
    if pause:
        return f"paused by {pause.who}: {pause.reason}"
    if part.used >= part.allowed:
        return "spent"
    if forecast is not None and forecast > allowed:
        return "at this pace it does not last"
    return "" if counts.standing.is_acknowledged(part.counter) is False else "acknowledged"


def _counts(view: View, limits: Mapping[str, Limit]) -> Section:
    """What is left."""

    def show(rows: Rows) -> Table:
        has_keys = any(row["key"] for row in rows)
        columns = [
            Column("budget", "budget", "text", lambda row: _address(view.selection, row["budget"])),
            *([Column("key", "of")] if has_keys else []),
            Column("per", "per"),
            Column("spent", "spent", "quantity"),
            Column("reserved", "reserved", "quantity"),
            Column("limit", "limit", "quantity"),
            Column("share", "share", "percent"),
            Column("over", "time over", "percent"),
            Column("forecast", "at this pace", "quantity"),
            Column("tier", "tier, %", "count"),
            Column("resets", "resets (UTC)", "moment"),
            Column("state", "state", "prose"),
        ]
        return Table(columns, rows, empty="Nothing was spent of it yet.")

    return Section(
        "counts",
        "What is spent and left",
        show,
        note="Spent is the ledger, what is stored and not attributed yet, and calls without a price; reserved is what calls in flight may "
        "cost at most. At this pace is what the whole window would cost; until a twentieth of it is over nobody can tell.",
        source=lambda _: counted(limits, view.counts(), view.selection.teams),
    )


def _figures(view: View, limit: Limit) -> Section:
    def show(rows: Rows) -> Tiles:
        if not rows:
            return Tiles([Tile("Spent", "not known yet", "the service has just begun")])
        (row,) = rows

        def tile(title: str, name: str, detail: str, tone: str = "", link: str = "") -> Tile:
            return Tile(title, quantity(row[name], row["unit"]), detail, exact_quantity(row[name], row["unit"]), link, tone)  # type: ignore[arg-type]

        late = row["forecast"] is not None and row["forecast"] > row["limit"]
        of_limit = [f"{percent(row['share']) or '0 %'} of the limit"]
        of_limit += [f"tier {row['tier']:f} % reached"] if row["tier"] else []
        of_limit += [f"{row['unpriced']:,} calls without a price among it"] if row["unpriced"] else []
        until = f"until {row['resets']:%Y-%m-%d %H:%M} UTC" if row["resets"] else "of each"
        left = ", ".join(filter(None, [until, row["state"]]))
        spent = "bad" if row["spent"] >= row["limit"] else ""
        return Tiles(
            [
                tile("Spent", "spent", ", ".join(of_limit), spent, _ledger(view, limit, {})),
                tile("Reserved", "reserved", "by calls in flight, at most"),
                tile("Left", "left", left),
                tile("At this pace", "forecast", f"{percent(row['over'])} of the time is over", "bad" if late else ""),
            ]
        )

    return Section("figures", "Figures", show, source=lambda _: counted({limit.name: limit}, view.counts(), view.selection.teams))


def _steps(limit: Limit, at: datetime) -> list[datetime]:
    """Where hours or days of the window begin, and its end."""
    window = limit.window(at)
    length = window.end - window.start
    step = DAY if length > 2 * DAY else HOUR if length > 2 * HOUR else HOUR / 12
    if step is not DAY:
        return [window.start + step * n for n in range(int(length / step) + 1)][:STEPS_MAX]
    # By the clock of the zone: a day can have 23 or 25 hours.
    zone = ZoneInfo(limit.budget.timezone or limit.timezone)
    first, days = window.start.astimezone(zone), round(length / DAY)
    return [window.start, *((first + DAY * n).astimezone(window.start.tzinfo) for n in range(1, days)), window.end]


def _spent(view: View, limit: Limit, steps: Sequence[datetime]) -> Question:
    """What was attributed of a budget, step by step; for a reader of some teams, of these alone."""
    name, parameters = spent_in_steps(limit, steps)
    teams = view.selection.teams
    if teams is None:
        return Question(statement(name), parameters)
    return Question(
        f"SELECT * FROM ({statement(name)}) WHERE names[1] IN {{teams_seen:Array(String)}}", {**parameters, "teams_seen": list(teams)}
    )


def _burn(view: View, limit: Limit) -> Section:
    """Spent against the days that are over."""
    at = view.counts().at
    steps = _steps(limit, at)
    unit = limit.budget.unit

    def show(rows: Rows) -> Chart:
        used = [Decimal(0)] * (len(steps) - 1)
        for found in filter(None, (step_of(limit, row) for row in rows)):
            if 0 <= found.step < len(used):
                used[found.step] += limit.in_unit(found.amount, at) if limit.is_money else found.amount
        summed = [sum(used[: n + 1], Decimal(0)) if step <= at else None for n, step in enumerate(steps[:-1])]
        whole = limit.budget.limit
        even = [whole * (n + 1) / len(used) for n in range(len(used))]
        series = [
            _series("spent", summed, unit),
            _series("evenly spent", even, unit, dashed=True),
            *([] if limit.key_names else [_series("limit", [whole] * len(used), unit, dashed=True)]),
        ]
        zone = ZoneInfo(limit.budget.timezone or limit.timezone)
        is_long = steps[1] - steps[0] > HOUR
        labels = [f"{step.astimezone(zone):{'%Y-%m-%d' if is_long else '%H:%M'}}" for step in steps[:-1]]
        reached = quantity(next((each for each in reversed(summed) if each is not None), Decimal(0)), unit)
        summary = f"What was spent of budget {limit.name} until now: {reached} of {quantity(whole, unit)}."
        return Chart("line", labels, series, summary, unit=unit)

    return Section(
        "burn",
        "Spent against the time that is over",
        show,
        [_spent(view, limit, steps)],
        note="What is attributed; the figures above have what is not yet, and calls without a price.",
        later=True,
    )


def _series(name: str, values: Sequence[Decimal | None], unit: str, *, dashed: bool = False) -> Series:
    return replace(series_of(name, values, dashed=dashed), texts=["" if each is None else quantity(each, unit) for each in values])


def _made_of(view: View, limit: Limit) -> Section:
    """By the names that the budget looks at."""
    at = view.counts().at
    steps = _steps(limit, at)

    def show(rows: Rows) -> Table:
        sums: dict[tuple[str, ...], Decimal] = {}
        names: Sequence[str] = ()
        for found in filter(None, (step_of(limit, row) for row in rows)):
            if 0 <= found.step < len(steps) - 1:
                names = tuple(found.names)
                key = tuple(found.names.values())
                sums[key] = sums.get(key, Decimal(0)) + (limit.in_unit(found.amount, at) if limit.is_money else found.amount)
        shown: list[dict[str, Any]] = [
            {**dict(zip(names, key, strict=True)), "spent": amount, "unit": limit.budget.unit} for key, amount in sums.items()
        ]
        columns = [
            *(links.value_column(view.selection, name) if name in DIMENSIONS else Column(name, name) for name in names),
            Column("spent", "spent", "quantity", lambda row: _ledger(view, limit, {name: str(row[name]) for name in names})),
        ]
        return Table(columns, sorted(shown, key=lambda row: -row["spent"])[:STEPS_MAX], empty="Nothing was attributed in this window yet.")

    return Section(
        "made-of",
        "What it is made of",
        show,
        [_spent(view, limit, steps)],
        note="A shared agent's cost counts for who caused it; the ledger has it in the pool.",
        later=True,
    )


def _ledger(view: View, limit: Limit, names: Mapping[str, str]) -> str:
    """The postings of a budget's window; of these names, else of what its scope names."""
    zone = ZoneInfo(limit.budget.timezone or limit.timezone)
    window = limit.window(view.counts().at)
    if not limit.is_calendar:
        return ""
    first, last = window.start.astimezone(zone).date(), (window.end - timedelta(seconds=1)).astimezone(zone).date()
    among = names or {name: values[0] for name, values in limit.budget.scope.items() if len(values) == 1 and not set(values[0]) & set("*?")}
    days: Selection = replace(view.selection, first=first, last=last, range_name="", compare=False)
    return days.only(**{name: value for name, value in among.items() if name in DIMENSIONS}).link("/ledger")


def _happened(view: View, limits: Mapping[str, Limit], name: str) -> list[Section]:
    """What was refused, what was told, and who changed what."""
    selection = view.selection

    def section(key: str, title: str, kinds: Sequence[str], own: Sequence[Column], empty: str, note: str = "") -> Section:
        asked = selection.ask("budget_events", narrow=("team",), kinds=list(kinds), budget=name, **_owners(limits, selection))
        budget_link = Column("budget", "budget", "text", lambda row: _address(selection, row["budget"]))
        columns = [
            Column("at", "at (UTC)", "moment"),
            *([] if name else [budget_link]),
            Column("of", "of"),
            Column("what", "what", "prose"),
            *own,
            Column("reason", "why", "prose"),
            Column("trace_id", "trace", "id", lambda row: f"/trace/{row['trace_id']}" if row["trace_id"] else None),
        ]
        return Section(
            key, title, lambda rows: Table(columns, [_event(row, limits) for row in rows], empty=empty), [asked], note, later=bool(note)
        )

    amount = Column("amount", "amount", "quantity")
    return [
        section(
            "refused",
            "Decisions that refused",
            REFUSED,
            [Column("agent", "agent"), Column("model", "model"), amount],
            "None in these days: every call that asked could go on.",
        ),
        section(
            "people",
            "Who changed what",
            BY_PEOPLE,
            [Column("who", "who"), amount, Column("until", "until (UTC)", "moment")],
            "Nobody did in these days.",
        ),
        section(
            "told", "What was told", TOLD, [amount], "Nothing in these days.", "Tiers; calls beyond a limit; reservations without a record."
        ),
    ]


def _set_one(view: View, limit: Limit | None = None) -> Section:
    """Set a new budget, or change one that was set so."""
    of = limit.budget if limit else None
    scope = "; ".join(f"{name}={', '.join(values)}" for name, values in of.scope.items()) if of else ""
    units = [USD, *view.config.pricing.currencies, *COUNTS]
    fields = [
        *who(view),
        *([] if limit else [Field("name", "Name")]),
        Field("limit", "Limit", f"{of.limit.normalize():f}" if of else "", "amount"),
        Field("unit", "Unit", of.unit if of else USD, "choice", choices=units),
        Field("per", "Per", of.per if of else "month", "choice", choices=get_args(Per)),
        Field("scope", "For (team=support; environment=prod*); blank: everything", scope, needed=False),
        Field("each", "Each value by itself of (user, team); blank: all share it", ", ".join(of.each) if of else "", needed=False),
        Field("mode", "Mode: hard refuses, soft tells", of.mode if of else "hard", "choice", choices=get_args(Mode)),
        Field("reason", "Why", kind="long"),
    ]
    title = "Change" if limit else "Set a budget"
    intro = (
        "The record says who set what and when. What the form does not name stays as it is."
        if limit
        else ("It holds within a second, beside those of the configuration, which are changed there.")
    )
    form = Form(f"/budgets/{quote(limit.name, safe='')}/set" if limit else "/budgets/set", fields, title, intro)
    return Section("set", title, lambda: form, wide=limit is None)


def _acts(view: View, limit: Limit) -> list[Section]:
    """Whoever sees it acknowledges; who decides about budgets does the rest as well."""
    which = [Field(name, f"Which {name.replace('_', ' ')}; blank: all", needed=False) for name in limit.key_names]
    needed, optional = (Field("reason", "Why", kind="long", needed=each) for each in (True, False))

    def act(name: str, title: str, fields: Sequence[Field], intro: str, *, alone: bool = False) -> Section:
        form = Form(f"/budgets/{quote(limit.name, safe='')}/{name}", [*who(view), *fields], title, intro)
        return Section(name, title, lambda: form, wide=alone)

    def until(otherwise: str) -> Field:
        return Field("until", f"Until, in UTC (2026-12-31T18:00); blank: {otherwise}", needed=False)

    told = "What is nearly spent is not told again in this window."
    if not decides(view.user):
        return [act("acknowledge", "Acknowledge", [*which, optional], told, alone=True)]
    counts = view.counts()
    more = Field("amount", f"{limit.budget.unit} more, or less with a minus", kind="amount")
    return [
        act("acknowledge", "Acknowledge", [*which, optional], told),
        act("extend", "Extend", [*which, more, until("this window"), needed], "The record stays; another one takes it back."),
        act("resume", "Resume", [optional], "Calls are asked for and counted again.")
        if counts.standing.pause(limit.name, "", counts.at)
        else act("pause", "Pause", [until("until it is resumed"), needed], "All calls that it holds for are refused, critical ones too."),
        *(
            []
            if limit.name in view.config.budgets
            else [_set_one(view, limit), act("remove", "Remove", [needed], "The records of it stay.")]
        ),
    ]


def _owners(limits: Mapping[str, Limit], selection: Selection) -> dict[str, list[Any]]:
    """Whose budgets they are, for the statement: the place of the team in the key, else the team of the scope."""
    return {
        "budgets": list(limits),
        "places": [limit.key_names.index("team") + 1 if "team" in limit.key_names else 0 for limit in limits.values()],
        "owners": [_owner(limit, selection) for limit in limits.values()],
    }


def _owner(limit: Limit, selection: Selection) -> str:
    teams = limit.budget.scope.get("team", EVERYBODY)
    return teams[0] if len(teams) == 1 or selection.teams is not None else EVERYBODY[0]


def _address(selection: Selection, name: str) -> str | None:
    return selection.link(f"/budgets/{quote(name, safe='')}") if name else None


def _event(row: Row, limits: Mapping[str, Limit]) -> dict[str, Any]:
    limit, kind = limits.get(row["budget"]), row["kind"]
    unit = "USD" if limit is None or (limit.is_money and kind not in BY_PEOPLE) else limit.budget.unit
    amount = None if kind in BY_PEOPLE and kind != "extended" else row["amount"]
    return {
        **row,
        "of": " ".join(row["key"]),
        "what": f"{kind}: {said(Budget.model_validate_json(row['now']))}" if row["now"] else KINDS.get(kind, kind),
        "unit": "%" if kind in {"tier", "escalated"} else unit,
        "amount": amount,
    }

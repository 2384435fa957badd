"""What models cost, which prices are in force, and which calls have none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from attribution import reports
from attribution.prices import PriceBook, PriceRow
from collector.page import links
from collector.page.formats import money
from collector.page.pages.overview import spend
from collector.page.sections import Column, Lines, Page, Rows, Section, Table
from collector.page.selection import ROWS_MAX, Selection
from collector.page.view import View

RATES: Mapping[str, str] = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache read",
    "cache_write_mtok": "cache write",
}
"""USD per million tokens, as columns; a price may have others, which are listed."""


def models(view: View) -> Page:
    """All models, or the one that is named."""
    selection, name = view.selection, view.one("model")
    sections = [spend(selection, "model", "Spend by day and model"), costs(selection), unpriced(selection), prices(view)]
    if selection.teams is None:
        sections += [savings(selection), differences(selection)]
    return Page(
        f"Model {name}" if name else "Models and prices",
        "models",
        sections,
        crumbs=[("Models", selection.without("model").link("/models"))] if name else (),
    )


def costs(selection: Selection) -> Section:
    """What each costs."""

    def show(rows: Rows) -> Table:
        columns = [
            links.value_column(selection, "provider"),
            links.value_column(selection, "model"),
            links.amount_column(selection, "total", "cost", provider="provider", model="model"),
            *([Column("total", "change", "change", before="total_before")] if selection.compare else []),
        ]
        whole = {
            "provider": "total",
            "model": "",
            **{name: sum((row[name] for row in rows), Decimal(0)) for name in ("total", "total_before")},
        }
        shown = [{**row, "provider": row["provider"], "model": row["model"]} for row in rows]
        return Table(columns, shown, total=whole)

    return Section("costs", "Cost by model", show, [selection.ask("models")], note="What has no model is a tool, a rule or a fee.")


def unpriced(selection: Selection) -> Section:
    """What no price is known for, and the line that would give it one."""

    def show(rows: Rows) -> Lines:
        said = [
            (
                f"{row['provider'] or 'unknown provider'} {row['model'] or 'unknown model'}: {row['spans']:,} calls",
                reports.price_line(row["provider"], row["model"]),
            )
            for row in rows
        ]
        return Lines(
            said, "Under pricing.models of the configuration, filled in with what you pay; then `spanledger reprice --from D` for the past."
        )

    return Section("unpriced", "Calls without a price", show, [selection.ask("unpriced_models")], later=True)


def prices(view: View) -> Section:
    """The prices in force: of one model, or of all that the days used."""
    selection = view.selection

    def show(rows: Rows) -> Table:
        book = PriceBook(view.config.pricing)
        now = datetime.now(UTC)
        wanted = list(dict.fromkeys((row["provider"], row["model"]) for row in rows if row["model"]))
        found = [_price(row, model) for provider, model in wanted for row in book.in_force(model, now) if row.provider in (provider, "")]
        columns = [
            Column("provider", "provider"),
            Column("model", "model"),
            *(Column(rate, f"{title}, per million", "price") for rate, title in RATES.items()),
            Column("others", "and", "prose"),
            Column("source", "source"),
            Column("price_id", "price", "code"),
        ]
        return Table(columns, found, empty="No price is known for what was used in these days.")

    return Section(
        "prices",
        "Prices in force today",
        show,
        [selection.ask("models", rows_max=ROWS_MAX)],
        note="USD. A contract price goes before a list price; what an emitter reported goes before a list price too.",
        exports=False,
    )


def _price(row: PriceRow, model: str) -> dict[str, object]:
    others = [f"{_rate(kind)} {money(price)}" for kind, price in row.prices.items() if kind not in RATES]
    limits = sorted({limit for steps in row.tiers.values() for limit, _ in steps})
    tiers = [
        f"above {limit:,} input tokens: "
        + ", ".join(f"{_rate(kind)} {money(price)}" for kind, steps in row.tiers.items() for step, price in steps if step == limit)
        for limit in limits
    ]
    return {
        "provider": row.provider,
        "model": model,
        **{rate: row.prices.get(rate) for rate in RATES},
        "others": "; ".join([*others, *tiers]),
        "source": row.source,
        "price_id": row.price_id,
    }


def _rate(kind: str) -> str:
    """`cache_write_1h_mtok` for people."""
    return kind.replace("_mtok", "").replace("_kcount", " per thousand").replace("_", " ")


def savings(selection: Selection) -> Section:
    """What answers from a cache saved."""

    def show(rows: Rows) -> Table:
        columns = [
            links.value_column(selection, "provider"),
            links.value_column(selection, "model"),
            Column("cached_calls", "answers from a cache", "count"),
            Column("calls_without_price", "of unknown price", "count"),
            Column("usd_saved", "saved", "money"),
        ]
        return Table(columns, rows, empty="No answer came from a cache in these days.")

    return Section("savings", "What caches saved", show, [selection.ask("savings")], later=True)


def differences(selection: Selection) -> Section:
    """Where what was reported and the prices disagree."""

    def show(rows: Rows) -> Table:
        columns = [
            links.value_column(selection, "provider"),
            links.value_column(selection, "model"),
            Column("spans", "calls", "count"),
            Column("reported", "reported", "money"),
            Column("computed", "by the prices", "money"),
            Column("difference", "difference", "money"),
            Column("relative", "relative", "percent"),
        ]
        return Table(columns, rows, empty="Nowhere: reports and prices agree to 1 %.")

    return Section(
        "differences",
        "Where reports and prices disagree by more than 1 %, in all days",
        show,
        [selection.ask("price_differences")],
        later=True,
    )

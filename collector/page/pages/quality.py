"""How far the totals can be trusted: what is missing, what nobody reads, who sends, whether the books are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from collector.page import links
from collector.page.formats import count
from collector.page.pages.models import unpriced
from collector.page.pages.overview import MISSING
from collector.page.sections import Column, Page, Row, Rows, Section, Table, Tile, Tiles
from collector.page.selection import Selection
from collector.page.view import View


def quality(view: View) -> Page:
    """Data quality."""
    selection = view.selection
    sections = [state(view), missing(selection), audits(selection), unpriced(selection)]
    sections += [section(selection) for name, section in OF_VIEWS.items() if name in view.views]
    sections += [reconciled(selection), principals(selection), emitters(selection)]
    return Page("Data quality", "quality", sections)


def state(view: View) -> Section:
    """How far behind it is."""
    status = view.status

    def show(rows: Rows) -> Tiles:
        waiting = rows[0]
        return Tiles(
            [
                Tile(
                    "Ready",
                    "no" if status.trouble else "yes",
                    "; ".join(status.trouble) or "what comes in moves on",
                    tone="bad" if status.trouble else "good",
                ),
                Tile(
                    "Spool",
                    f"{count(status.spool_requests)} requests",
                    f"{count(status.spool_spans)} spans acknowledged and not stored yet",
                ),
                Tile("Pending", f"{count(waiting['traces'])} traces", "stored and not attributed yet"),
                Tile(
                    "Quarantine",
                    f"{count(status.quarantined)} requests",
                    "see `spanledger quarantine list`" if status.quarantined else "nothing was refused",
                    tone="bad" if status.quarantined else "good",
                ),
            ]
        )

    return Section("state", "How far behind it is", show, [view.selection.ask("pending")])


def missing(selection: Selection) -> Section:
    """What totals lack."""

    def show(rows: Rows) -> Table:
        said = [{**row, "reason": MISSING.get(row["reason"], row["reason"])} for row in rows]
        columns = [
            Column("day", "day"),
            links.value_column(selection, "team"),
            Column("reason", "what", "prose"),
            Column("lacking", "how many", "count"),
            Column("untold", "tokens", "count"),
            Column("estimated", "about", "money"),
        ]
        return Table(columns, said, empty="Nothing: every call of these days is there, and has a price.")

    return Section("missing", "What totals lack", show, [selection.ask("missing_by_day", narrow=("team",))], later=True)


def audits(selection: Selection) -> Section:
    """What is wrong with the books."""

    def show(rows: Rows) -> Table:
        columns = [
            Column("audit", "audit"),
            Column("detail", "detail", "prose"),
            Column("sender", "sender"),
            Column("trace_id", "trace", "id", lambda row: f"/trace/{row['trace_id']}" if row["trace_id"] else None),
            Column("amount", "amount", "money"),
        ]
        return Table(columns, rows, empty="All audits pass: no money is lost, invented or counted twice.")

    return Section("audits", "Audits", show, [selection.ask("violations")], later=True)


def reconciled(selection: Selection) -> Section:
    """How much of what is billed was seen."""

    def show(rows: Rows) -> Table:
        def postings(row: Row) -> str:
            day = replace(selection, first=row["day"], last=row["day"], range_name="", compare=False)
            return day.only(provider=str(row["provider"])).link("/ledger")

        columns = [
            Column("day", "day (UTC)"),
            links.value_column(selection, "provider"),
            Column("usd_billed", "billed", "money"),
            Column("usd_explained", "explained", "money", postings),
            Column("usd_unseen", "unseen", "money"),
            Column("usd_variance", "variance", "money"),
            Column("coverage", "coverage", "percent"),
            Column("main_reason", "mainly", "prose"),
        ]
        return Table(
            columns, rows, empty="No invoice of these days was held against the ledger: `spanledger reconcile FILE --provider P` does."
        )

    return Section("reconciled", "What providers billed, and what the ledger has of it", show, [selection.ask("reconciled")], later=True)


def principals(selection: Selection) -> Section:
    """Whose calls were billed."""

    def show(rows: Rows) -> Table:
        columns = [
            links.value_column(selection, "provider"),
            Column("principal", "principal", "code"),
            Column("usd_billed", "billed", "money"),
            Column("usd_unseen_at_least", "unseen, at least", "money"),
            Column("usd_unseen_at_most", "at most", "money"),
        ]
        said = [{**row, "principal": row["principal"] or "(names nobody)"} for row in rows]
        return Table(columns, said, empty="No invoice of these days that was held against the ledger says who called.")

    return Section(
        "principals",
        "Whose calls were billed",
        show,
        [selection.ask("principals")],
        note="The ledger does not know these principals: of a model that several call it is known only how much all of them lack.",
        later=True,
    )


def emitters(selection: Selection) -> Section:
    """Who sends."""

    def show(rows: Rows) -> Table:
        columns = [
            Column("service", "service"),
            Column("scope_name", "instrumentation scope"),
            Column("scope_version", "version"),
            Column("deliveries", "spans", "count"),
            Column("with_usage", "with usage", "count"),
            Column("without_price", "without price", "count"),
            Column("last_seen", "last (UTC)", "moment"),
        ]
        return Table(columns, rows)

    return Section(
        "emitters", "Who sends", show, [selection.ask("emitters")], note="Spans as they were delivered, resends included.", later=True
    )


def unread(selection: Selection) -> Section:
    """Numbers that look like usage, and that nobody reads."""

    def show(rows: Rows) -> Table:
        columns = [
            Column("scope", "instrumentation scope"),
            Column("attribute", "attribute", "code"),
            Column("spans", "spans", "count"),
            Column("example", "example", "code"),
            Column("first_seen", "first (UTC)", "moment"),
            Column("last_seen", "last (UTC)", "moment"),
        ]
        return Table(columns, rows, empty="Every number that looks like usage is read.")

    return Section("unread", "Numbers that look like usage or cost, and are not read", show, [selection.ask("unread_usage")], later=True)


def senders(selection: Selection) -> Section:
    """What became of what was sent."""

    def show(rows: Rows) -> Table:
        columns = [Column("day", "received on"), Column("sender", "sender")]
        counts = ("received", "rejected", "waiting", "quarantined", "dropped", "delivered")
        return Table([*columns, *(Column(name, name, "count") for name in counts)], rows)

    return Section("senders", "Senders, in spans", show, [selection.ask("senders")], later=True)


OF_VIEWS: Mapping[str, Callable[[Selection], Section]] = {"unread_usage": unread, "senders": senders}
"""Sections of views that a store may not have."""

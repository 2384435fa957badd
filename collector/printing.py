"""How results look in a terminal, and as JSON and CSV for what reads them next."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from attribution.reports import AMOUNTS, MISSING, Found, Line, Missing, Report, coverage_of
from attribution.repricing import Difference

UNATTRIBUTED = "(unattributed)"
"""Who could not be found."""
NONE = "(none)"
"""What does not apply: a tool has no model."""
ROUNDING = "(rounding)"
"""What rounded lines lack to the rounded total, or have too much."""
AT_LEAST = "at least"
"""Before a total that lacks something (R15)."""
FACTORS: Mapping[str, str] = {
    "by_volume": "more traces",
    "by_fan_out": "calls a trace",
    "by_tokens": "tokens a call",
    "by_mix": "other models",
    "by_price": "prices",
}
"""What an anomaly is made of."""
APPLIES_TO_ALL = frozenset({"team", "department", "cost_center", "project", "environment", "user"})


def usd(amount: Decimal | None, digits: int = 2) -> str:
    """An amount for reading: all digits that count, at least `digits` after the point; `unknown` for None."""
    if amount is None:
        return "unknown"
    whole, _, fraction = f"{abs(amount):,f}".partition(".")
    return f"{'-' if amount < 0 else ''}${whole}.{fraction.rstrip('0').ljust(digits, '0')}"


def rounded(amount: Decimal, digits: int | None) -> Decimal:
    """An amount with so many digits after the point, halves away from zero as invoices round; None: as it is."""
    return amount if digits is None else amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def usd_rounded(amount: Decimal, digits: int) -> str:
    """An amount for reading, rounded; what is not 0 and would read so is `<$0.01`."""
    near = rounded(amount, digits)
    if amount and not near:
        return f"<{usd(Decimal(1).scaleb(-digits), digits)}" if amount > 0 else f">-{usd(Decimal(1).scaleb(-digits), digits)}"
    return usd(near, digits)


def usd_column(amounts: Sequence[Decimal | None], digits: int | None = None) -> list[str]:
    """Amounts of one column, rounded, or with as many digits as the finest of them needs, so that the points stand below each other."""
    if digits is not None:
        return [usd(None) if amount is None else usd_rounded(amount, digits) for amount in amounts]
    digits = max((len(usd(amount).rpartition(".")[2]) for amount in amounts if amount is not None), default=2)
    return [usd(amount, digits) for amount in amounts]


def print_table(
    console: Console, title: str, rows: Sequence[Mapping[str, Any]], *, money: Sequence[str] = (), digits: int | None = None
) -> None:
    """A table of dicts; columns of `money` in USD, aligned right, with so many digits after the point; None: all that count."""
    table = Table(title=title, title_justify="left", title_style="bold")
    names = list(rows[0]) if rows else []
    for name in names:
        table.add_column(name.replace("_", " "), justify="right" if name in money or _is_number(rows[0][name]) else "left", overflow="fold")
    columns = [
        usd_column([row[name] for row in rows], digits) if name in money else [escape(_plain(row[name])) for row in rows] for name in names
    ]
    for cells in zip(*columns, strict=True):
        table.add_row(*cells)
    console.print(table)


def print_report(console: Console, report: Report, digits: int = 2) -> None:
    """A report as a table with its total and how far to trust it; amounts have so many digits after the point."""
    keys = keys_of(report)
    table = Table(title=f"Cost by {', '.join(map(_words, keys))}", title_justify="left", title_style="bold", show_footer=True)
    names = [[*(escape(shown) for shown in column), ""] for column in zip(*(_shown(report, line) for line in report.lines), strict=True)]
    columns = names or [[""] for _ in keys]
    columns[0][-1] = "total"
    for kind in ("direct", "shared", "total"):
        amounts = [getattr(line, kind) for line in report.lines]
        columns.append([usd_rounded(amount, digits) for amount in (*amounts, sum(amounts, Decimal(0)))])
    at_least = [*map(report.is_at_least, report.lines), bool(report.missing)]
    columns[-1] = [f"{AT_LEAST} {cell}" if more else cell for cell, more in zip(columns[-1], at_least, strict=True)]
    columns.append([_percent(covered) for covered in (*(line.coverage for line in report.lines), report.coverage)])
    headers = [*map(_words, keys), "direct", "shared", "total", "found a team"]
    if tells_found(report):
        headers.append("team said")
        columns.append([_percent(_said(found)) for found in (*map(report.found_of, report.lines), Found.sum_of(report.found.values()))])
    for place, (name, column) in enumerate(zip(headers, columns, strict=True)):
        table.add_column(name, footer=column[-1], justify="left" if place < len(keys) else "right", overflow="fold")
    for cells in zip(*(column[:-1] for column in columns), strict=True):
        table.add_row(*cells)
    console.print(table)
    for line in report.lines if tells_found(report) else ():
        if through := report.found_of(line).through_others:
            told = f"{usd_rounded(through, digits)} because of other senders' records"
            console.print(f"[bold]{escape(' '.join(_shown(report, line)))}:[/] {told}", highlight=False)
    for lack in report.missing:
        console.print(f"[bold]missing:[/] {what_is_missing(lack)}", highlight=False)


def _said(found: Found) -> Decimal | None:
    """The share of what somebody started of which that was said, neither linked nor inferred."""
    return coverage_of(found.said, found.whole)


def what_is_missing(lack: Missing) -> str:
    """One line for people."""
    return {
        "unpriced": f"{lack.count} calls without a known price",
        "unobserved": f"{usd(lack.usd)} that the totals of {lack.count} agents tell beyond the calls seen",
        "sampled": f"about {usd(lack.usd)} of about {lack.count} calls that were sampled away",
        "pending": f"{lack.count} spans that are not attributed yet",
    }.get(lack.reason, f"{lack.count} spans {lack.reason}")


LACKING = ("at_least", "reason", "count", "tokens", "usd")
"""Of a report in JSON and CSV: whether a total lacks something; and on lines of their own, which have no total, what is missing."""


def lacking_of_trace(spans: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the cost of a trace lacks, line by line."""
    unpriced = sum(1 for span in spans if span["billable"] and span["cost"] is None)
    unobserved = sum((span["unobserved"] or Decimal(0) for span in spans if not span["billable"]), Decimal(0))
    lines = [f"missing: {unpriced} calls without a known price"] if unpriced else []
    if unobserved:
        lines.append(f"missing: {usd(unobserved)} that totals tell beyond the calls seen")
    if spans[0]["sampled_factor"] > 1:
        lines.append(f"sampled: the trace stands for about {spans[0]['sampled_factor']:.6g} like it")
    return lines


def report_rows(report: Report, digits: int | None = None) -> list[dict[str, Any]]:
    """The lines of a report for programs: exact, or rounded with a line for what rounding leaves, so that they sum to the total.

    Last come what the totals lack, a line for each reason.
    """
    rows: list[dict[str, Any]] = []
    for line in report.lines:
        keys = zip(keys_of(report), _keys(report, line), strict=True)
        amounts = {name: rounded(getattr(line, name), digits) for name in AMOUNTS}
        found = {name: rounded(amount, digits) for name, amount in report.found_of(line)._asdict().items()} if tells_found(report) else {}
        rows.append({**dict(keys), **amounts, "coverage": line.coverage, **found, "at_least": report.is_at_least(line)})
    left = {
        name: rounded(sum((getattr(line, name) for line in report.lines), Decimal(0)), digits) - sum(row[name] for row in rows)
        for name in AMOUNTS
    }
    first, *others = keys_of(report)
    if any(left.values()):
        rows.append({first: ROUNDING, **dict.fromkeys(others, ""), **left})
    return [*rows, *({first: MISSING, **dict.fromkeys(others, ""), **asdict(lack)} for lack in report.missing)]


def tells_found(report: Report) -> bool:
    """Whether a report says how it was found that teams started what they started: one of teams alone."""
    return report.by == "team" and not report.and_by


def keys_of(report: Report) -> list[str]:
    """What the lines of a report are by: day, week or month, and its dimensions."""
    return [name for name in (report.axis, report.by, report.and_by) if name]


def _keys(report: Report, line: Line) -> list[str]:
    return [value for value, name in ((line.since, report.axis), (line.value, report.by), (line.and_value, report.and_by)) if name]


def _shown(report: Report, line: Line) -> list[str]:
    """What a line is by, as people read it."""
    return [
        value or (UNATTRIBUTED if by in APPLIES_TO_ALL else NONE) for value, by in zip(_keys(report, line), keys_of(report), strict=True)
    ]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _percent(share: Decimal | None) -> str:
    return "" if share is None else f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%"


def print_differences(console: Console, differences: Sequence[Difference]) -> None:
    """What repricing changes, by model, with its total."""
    if not differences:
        console.print("today's prices say the same: nothing to change", highlight=False)
        return
    rows = [asdict(each) for each in differences]
    print_table(console, "Repricing", rows, money=["before", "after", "difference"])
    total = sum((each.difference for each in differences), Decimal(0))
    spans = sum(each.spans for each in differences)
    console.print(f"{spans} spans change, by {usd(total)} in all", highlight=False)


def print_unpriced_models(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Models without a price, and below them what to write to give them one."""
    if not rows:
        console.print("every model that was billed has a price", highlight=False)
        return
    print_table(console, "Models without a price", [{name: row[name] for name in row if name != "fix"} for row in rows])
    console.print("Under pricing.models, filled in with what you pay; then `spanledger reprice --from D` for the past:", highlight=False)
    for row in rows:
        console.print(row["fix"], highlight=False, markup=False, soft_wrap=True)


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """A JSON array of objects; amounts are strings, since a JSON number would lose digits."""
    return json.dumps([dict(row) for row in rows], default=_plain, indent=2)


def as_json_object(values: Mapping[str, Any]) -> str:
    """A JSON object, its amounts as strings, deep inside as well."""
    return json.dumps(values, default=_plain, indent=2)


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """CSV with a header line. A text that a spreadsheet would run as a formula stands behind an apostrophe."""
    return "".join(_csv_line(cells) for cells in [columns, *([_cell(row.get(name)) for name in columns] for row in rows)])


def _csv_line(cells: Sequence[str]) -> str:
    """A line of CSV. Written with CR LF first, for the module quotes of both only what ends the line."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n") + "\n"


FORMULAS = tuple("=+-@\t\r\n") + tuple("\uff1d\uff0b\uff0d\uff20")
"""What a cell begins with that a spreadsheet takes for a formula (OWASP, CSV injection); the last four are the full-width ones."""


def quoted_formula(text: str) -> str:
    """A text as a spreadsheet shows it and does not run it."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def _cell(value: Any) -> str:
    return _plain(value) if _is_number(value) else quoted_formula(_plain(value))


def trace_tree(spans: Sequence[Mapping[str, Any]]) -> list[Tree]:
    """A trace as trees, one for each local root."""
    by_id = {span["span_id"]: span for span in spans}
    children: dict[str, list[Mapping[str, Any]]] = {}
    roots = []
    for span in spans:
        if span["parent_span_id"] in by_id and "cycle" not in span["flags"]:
            children.setdefault(span["parent_span_id"], []).append(span)
        else:
            roots.append(span)
    return [_grow(root, children) for root in roots]


def _grow(root: Mapping[str, Any], children: Mapping[str, list[Mapping[str, Any]]]) -> Tree:
    """Iterative, for a chain may be deeper than Python's stack."""
    top = Tree(_label(root))
    todo = [(root["span_id"], top)]
    while todo:
        span_id, tree = todo.pop()
        todo += [(child["span_id"], tree.add(_label(child))) for child in children.get(span_id, [])]
    return top


def _label(span: Mapping[str, Any]) -> str:
    parts = [f"[bold]{escape(span['name'])}[/]"]
    if span["agent_entry"]:
        parts.append(f"[cyan]agent {escape(span['agent'])}{' (calls back)' if span['reentrant'] else ''}[/]")
    if span["pool"]:
        parts.append(f"[magenta]pool {escape(span['pool'])}[/]")
    if span["model"]:
        tokens = "/".join("?" if span[kind] is None else f"{span[kind]:,}" for kind in ("input_tokens", "output_tokens"))
        parts.append(f"{escape(span['model'])} {tokens} tokens")
    parts += _verdict(span)
    parts += [f"[yellow]{escape(flag)}[/]" for flag in span["flags"]]
    return "  ".join(parts)


def _verdict(span: Mapping[str, Any]) -> list[str]:
    if span["usage"] == "none":
        return []
    if span["billable"]:
        return [f"[green]{usd(span['cost'])}[/] ({escape(span['cost_source'])})"]
    verdict = f"[dim]{'' if span['cost'] is None else usd(span['cost']) + ' '}not billed: {span['unbilled_reason']}[/]"
    return [verdict, f"[dim]unobserved {usd(span['unobserved'])}[/]"] if span["unobserved"] else [verdict]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    if isinstance(value, tuple):
        return " ".join(map(_plain, value))
    return str(value)

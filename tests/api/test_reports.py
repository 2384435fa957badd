"""How reports look: rounded for people, exact for programs, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from rich.console import Console

from attribution.errors import NotFoundError, SpanledgerError
from attribution.reports import OTHERS, Found, Line, Missing, Report, costs
from collector.commands.days import check_days, days_of_month, recent_days
from collector.printing import ROUNDING, as_csv, print_report, quoted_formula, report_rows, rounded, usd_rounded

THIRD = Decimal("0.335")
THIRDS = Report("team", [Line(name, THIRD, Decimal(0), THIRD, THIRD) for name in "abc"], 3 * THIRD, [], {})


@pytest.mark.parametrize(
    ("amount", "digits", "shown"),
    [
        ("1234.565", 2, "$1,234.57"),
        ("-1234.565", 2, "-$1,234.57"),
        ("0", 2, "$0.00"),
        ("0.004", 2, "<$0.01"),
        ("-0.004", 2, ">-$0.01"),
        ("0.005", 2, "$0.01"),
        ("0.5", 0, "$1"),
        ("0.0000004", 6, "<$0.000001"),
    ],
)
def test_amounts_are_rounded_for_people_and_what_is_not_nothing_never_reads_as_nothing(amount: str, digits: int, shown: str) -> None:
    assert usd_rounded(Decimal(amount), digits).removesuffix(".") == shown


def test_rounded_lines_sum_to_the_rounded_total_with_a_line_for_the_rest() -> None:
    rows = report_rows(THIRDS, 2)
    assert [(row["team"], row["total"]) for row in rows[:-1]] == [(name, Decimal("0.34")) for name in "abc"]
    assert (rows[-1]["team"], rows[-1]["total"]) == (ROUNDING, Decimal("-0.01"))
    assert sum(row["total"] for row in rows) == rounded(THIRDS.total, 2) == Decimal("1.01")


def test_exact_rows_have_no_rest() -> None:
    assert [(row["team"], row["total"]) for row in report_rows(THIRDS)] == [(name, Decimal("0.335")) for name in "abc"]


def test_a_table_without_lines_has_a_total_of_nothing() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    print_report(console, Report("team", [], Decimal(0), [], {}, "workflow", "day"))
    assert "Cost by day, team, workflow" in console.export_text()


def test_what_totals_lack_stands_below_the_lines() -> None:
    lacking = Report("team", THIRDS.lines, THIRDS.attributed, [Missing("unpriced", 2, 300, None)], {"": {"a"}}, "model")
    *lines, last = report_rows(lacking)
    assert [(row["team"], row["at_least"]) for row in lines] == [("a", True), ("b", False), ("c", False)]
    assert (last["team"], last["model"], last["reason"], last["count"], last["usd"]) == ("(missing)", "", "unpriced", 2, None)
    console = Console(width=150, record=True, file=io.StringIO())
    print_report(console, lacking)
    assert "at least $0.34" in console.export_text(clear=False)
    assert "2 calls without a known price" in console.export_text()


def test_only_the_months_that_lack_something_are_at_least_what_they_say() -> None:
    direct, shared = (THIRD, Decimal(0)), (Decimal(0), THIRD)
    lines = [
        Line(team, *cost, THIRD, THIRD, since=month)
        for month in ("2026-10", "2026-11")
        for team, cost in (("a", direct), ("b", direct), ("c", shared))
    ]
    lacking = Report("team", lines, 6 * THIRD, [Missing("unpriced", 2, 300, None)], {"2026-11": {"a"}}, axis="month")
    assert [(line.since, line.value) for line in lines if lacking.is_at_least(line)] == [("2026-11", "a"), ("2026-11", "c")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\uff1d1"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv([{"team": text, "total": Decimal(-1)}], ["team", "total"]), newline=""))
    assert row == {"team": f"'{text}", "total": "-1"}


@pytest.mark.parametrize("text", ["", "a=b", "ops-1", "1-1", "'=1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert quoted_formula(text) == text


@pytest.mark.parametrize(
    ("recent", "first"),
    [("1d", (2026, 3, 31)), ("7d", (2026, 3, 25)), ("4w", (2026, 3, 4)), ("1m", (2026, 3, 1)), ("3m", (2026, 1, 1)), ("99999m", (1, 1, 1))],
)
def test_the_last_days_end_today(recent: str, first: tuple[int, int, int]) -> None:
    assert recent_days(recent, date(2026, 3, 31)) == (date(*first), date(2026, 3, 31))


def test_a_month_has_its_days() -> None:
    assert days_of_month("2028-02") == (date(2028, 2, 1), date(2028, 2, 29))


@pytest.mark.parametrize("recent", ["", "0d", "7", "d", "7y", "-1d", "7 d"])
def test_what_names_no_days_is_refused(recent: str) -> None:
    with pytest.raises(SpanledgerError, match="--last"):
        check_days(None, None, None, recent)


@pytest.mark.parametrize(("asked", "named"), [({"and_by": "teams"}, "teams"), ({"and_by": "team"}, "twice"), ({"axis": "year"}, "week")])
def test_a_report_that_is_none_is_refused(asked: dict[str, str], named: str) -> None:
    with pytest.raises(NotFoundError, match=named):
        costs("team", **asked)


def test_how_teams_were_found_stands_beside_what_they_cost() -> None:
    half, none = Decimal("0.5"), Decimal(0)
    lines = [Line("a", Decimal(1), none, Decimal(1), Decimal(1)), Line(OTHERS, Decimal(3), none, Decimal(3), Decimal(2))]
    found = {("", "a"): Found(half, half, none), ("", "b"): Found(Decimal(1)), ("", "c"): Found(inferred=Decimal(1)), ("", ""): Found()}
    report = Report("team", lines, Decimal(3), [], {}, found=found)
    assert [(row["said"], row["linked"], row["inferred"]) for row in report_rows(report)] == [(half, half, none), (1, 0, 1)]
    console = Console(width=120, record=True, file=io.StringIO())
    print_report(console, report)
    shown = [line.split("│")[-2].strip() for line in console.export_text().splitlines() if "%" in line]
    assert shown == ["50%", "50%", "50%"]
    by_model = Report("model", lines, Decimal(3), [], {})
    assert "said" not in report_rows(by_model)[0]

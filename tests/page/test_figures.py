"""How figures look, what an address asks for, who called whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from attribution.reports import Question
from collector.page import formats
from collector.page.errors import AskedWrongError, NotYoursError
from collector.page.pages.agent import STARTED, between_agents
from collector.page.pages.trace import in_order, inclusive
from collector.page.reader import written_out
from collector.page.selection import Selection

MINUS = formats.MINUS


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (None, "unknown"), ("0", "$0.00"), ("1645.731235385", "$1,645.73"), ("123456789012.5", "$123,456,789,012.50"),
        ("0.0045", "$0.0045"), ("0.5", "$0.50"), ("0.000000000001", "$0.000000000001"), ("0.00012344", "$0.0001234"),
        ("0.99999", "$1.00"), ("-3.5", f"{MINUS}$3.50"),
    ],
)  # fmt: skip
def test_an_amount_has_the_digits_that_count(amount: str | None, shown: str) -> None:
    assert formats.money(None if amount is None else Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("amounts", "shown"),
    [
        (["12.5", "0.0312"], ["$12.5000", "$0.0312"]),
        (["1200", "0.001", "-0.001"], ["$1,200.00", "< $0.01", f"> {MINUS}$0.01"]),
        (["0.00031", "0"], ["$0.0003100", "$0.0000000"]),
        (["0", None], ["$0.00", "unknown"]),
    ],
)
def test_amounts_of_a_column_have_as_many_digits_and_none_looks_like_nothing(amounts: list[str | None], shown: list[str]) -> None:
    column = [None if amount is None else Decimal(amount) for amount in amounts]
    assert [formats.money_in_column(amount, formats.places_of(column)) for amount in column] == shown


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (3, 2, "+50.0 %"),
        (1, 2, f"{MINUS}50.0 %"),
        (2, 2, "±0.0 %"),
        (2, 0, "new"),
        (0, 0, ""),
        (None, 2, ""),
        (300, 2, f"{formats.TIMES} 150"),
    ],
)
def test_a_change_says_how_much(now: int | None, before: int, said: str) -> None:
    assert formats.change(now, before) == said


@pytest.mark.parametrize(("share", "said"), [("0.5", "50 %"), ("0.1234", "12.3 %"), ("0.0001", "< 0.1 %"), ("0", "0 %"), (None, "")])
def test_a_share_that_is_not_nothing_never_looks_so(share: str | None, said: str) -> None:
    assert formats.percent(None if share is None else Decimal(share)) == said


@pytest.mark.parametrize(
    ("ns", "said"), [(520_000_000, "520 ms"), (1_500, "1.5 µs"), (90 * 10**9, "1.5 min"), (7_300 * 10**9, "2.03 h"), (7, "7 ns")]
)
def test_a_duration_has_a_unit(ns: int, said: str) -> None:
    assert formats.duration(ns) == said


def asked(**parameters: str | list[str]) -> Selection:
    return Selection.read({name: [value] if isinstance(value, str) else value for name, value in parameters.items()}, "UTC")


def test_an_address_says_all_that_was_asked() -> None:
    for address in ("range=7d&compare=previous&team=a&team=b&agent=", "from=2026-10-01&to=2026-10-31&model=x%26y", ""):
        found = Selection.read(_parsed(address), "UTC")
        assert found.parameters() == address


def _parsed(address: str) -> Mapping[str, list[str]]:
    from urllib.parse import parse_qs  # noqa: PLC0415

    return parse_qs(address, keep_blank_values=True)


def test_the_days_before_are_as_many() -> None:
    found = asked(**{"from": "2026-10-01", "to": "2026-10-10"})
    assert (found.days, found.before) == (10, date(2026, 9, 21))


def test_months_are_calendar_months_of_the_zone() -> None:
    found = Selection.read({"range": ["last-month"]}, "Pacific/Auckland")
    assert found.first.day == 1
    assert (found.last.replace(day=28) - found.first.replace(day=28)).days == 0
    assert found.last < datetime.now(UTC).date()


def test_only_one_end_of_the_days_may_be_named() -> None:
    assert asked(**{"from": "2026-10-01"}).first == date(2026, 10, 1)
    assert asked(to="2026-10-01").last == date(2026, 10, 1)


@pytest.mark.parametrize(
    "wrong", [{"range": "14"}, {"from": "yesterday"}, {"from": "2026-10-02", "to": "2026-10-01"}, {"to": "1969-01-01"}]
)
def test_what_is_asked_wrong_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(AskedWrongError, match=next(iter(wrong))):
        asked(**wrong)


def test_values_are_bound_and_only_dimensions_that_fit_narrow() -> None:
    question = asked(team="a' OR 1", model="m").ask("traces", narrow=("team",))
    assert "a' OR 1" not in question.sql
    assert question.parameters["among_team"] == ["a' OR 1"]
    assert "among_model" not in question.parameters


def test_users_and_tasks_are_asked_of_the_rollup_that_has_them() -> None:
    assert asked(team="a").ask("totals").parameters["rollup"] == "ledger_days"
    assert asked(user="u").ask("totals").parameters["rollup"] == "cost_days"
    assert asked().ask("costs_by_value", by="task").parameters["rollup"] == "cost_days"


def test_a_reader_of_teams_gets_no_question_that_cannot_be_narrowed_to_them() -> None:
    of_a_team = Selection.read({}, "UTC", ("a",))
    assert "team IN {teams_seen:Array(String)}" in of_a_team.ask("totals").sql
    with pytest.raises(NotYoursError, match="all teams together"):
        of_a_team.ask("agents", agent="")


def test_a_statement_is_written_out_with_its_values() -> None:
    sql = "SELECT {a:Identifier}, {b:String} FROM {t:Identifier} WHERE d = {d:Date} AND x IN {l:Array(String)} LIMIT {n:UInt32}"
    values: dict[str, Any] = {"a": "team", "b": "it's \\", "t": "odd name", "d": date(2026, 10, 1), "l": ["p", "q'"], "n": 7}
    assert written_out(Question(sql, values)) == (
        "SELECT team, 'it\\'s \\\\' FROM `odd name` WHERE d = toDate('2026-10-01') AND x IN ['p', 'q\\''] LIMIT 7"
    )


def span(name: str, above: str, agent: str, amount: str = "0", *, entry: bool = False, sender: str = "") -> dict[str, Any]:
    return {
        "trace_id": "t", "sender": sender, "span_id": name, "parent_span_id": above, "agent": agent, "agent_entry": entry,
        "amount": Decimal(amount), "flags": [],
    }  # fmt: skip


ASKS_BACK = [
    span("a", "", "planner", entry=True),
    span("b", "a", "planner", "0.0035"),
    span("c", "a", "researcher", entry=True),
    span("d", "c", "researcher", "0.0070"),
    span("e", "c", "planner", entry=True),
    span("f", "e", "planner", "0.0035"),
    span("g", "c", "guardrail", entry=True),
    span("h", "g", "guardrail", "0.0012"),
]


def test_money_between_agents_is_what_lies_below_the_calls() -> None:
    found = {edge: (calls.calls, calls.amount) for edge, calls in between_agents(ASKS_BACK).items()}
    assert found == {
        (STARTED, "planner"): (1, Decimal("0.0152")),
        ("planner", "researcher"): (1, Decimal("0.0117")),
        ("researcher", "planner"): (1, Decimal("0.0035")),
        ("researcher", "guardrail"): (1, Decimal("0.0012")),
    }


def test_money_below_two_calls_of_one_kind_counts_once() -> None:
    loop = [
        span("1", "", "a", entry=True),
        span("2", "1", "b", entry=True),
        span("3", "2", "a", entry=True),
        span("4", "3", "b", "5", entry=True),
    ]
    found = between_agents(list(reversed(loop)))
    assert (found["a", "b"].calls, found["a", "b"].amount) == (2, Decimal(5))


def test_a_loop_of_parents_ends() -> None:
    found = between_agents([span("1", "2", "a", "1", entry=True), span("2", "1", "b", "1", entry=True)])
    assert sum(each.calls for each in found.values()) == 2


def test_a_deep_chain_is_walked_without_recursion() -> None:
    chain = [span(str(n), str(n - 1) if n else "", "ab"[n % 2], "1", entry=True) for n in range(5000)]
    assert between_agents(list(reversed(chain)))["a", "b"].calls == 2500
    assert inclusive(chain)[0] == Decimal(5000)


def test_spans_of_two_senders_with_one_id_are_two() -> None:
    both = [
        span("1", "", "a", "1", entry=True, sender="x"),
        span("1", "", "b", "2", entry=True, sender="y"),
        span("2", "1", "b", "4", sender="y"),
        span("3", "1", "a", "8", sender="x"),
    ]
    assert inclusive(both) == [Decimal(9), Decimal(6), Decimal(4), Decimal(8)]
    assert {agent: calls.amount for (_, agent), calls in between_agents(both).items()} == {"a": Decimal(9), "b": Decimal(6)}


def test_a_trace_is_shown_in_the_order_of_calls() -> None:
    ordered = in_order(ASKS_BACK)
    assert [(ASKS_BACK[place]["span_id"], depth) for place, depth in ordered] == [
        ("a", 0), ("b", 1), ("c", 1), ("d", 2), ("e", 2), ("f", 3), ("g", 2), ("h", 3),
    ]  # fmt: skip
    assert inclusive(ASKS_BACK)[2] == Decimal("0.0117")

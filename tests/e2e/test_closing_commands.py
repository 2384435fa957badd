"""Finance closes a month from the shell, adds what no span carries, and opens the month again: while the service runs and while not."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

from tests.e2e.otlp import chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving

AUGUST = 93
"""Its first day, counted from the first of May as the spans are."""


def statements(serving: Serving, name: str) -> list[str | bytes]:
    """The statement of August in every form."""
    files = [serving.config.with_name(f"{name}.{form}") for form in ("csv", "json", "html", "xlsx", "pdf")]
    done = serving.commands(
        ["statement", "2026-08"], *(["statement", "2026-08", "--format", file.suffix[1:], "--output", str(file)] for file in files)
    )
    assert [code for code, _ in done] == [0] * 6, done
    return [done[0][1], *(file.read_bytes() for file in files)]


def test_a_month_is_added_to_closed_and_reopened(serving: Serving) -> None:
    def arrive(team: str) -> None:
        trace = trace_id()
        spans = [
            span(trace, 1, invoke("planner", team=team), day=AUGUST),
            span(trace, 2, chat("gpt-4o", 1000, 100), parent=1, day=AUGUST),
        ]
        assert serving.export(request(spans).SerializeToString()).status_code == 200
        serving.stored(trace, 2)
        serving.attributed(trace)

    def posted(kind: str) -> list[tuple[str, str, Decimal]]:
        rows = serving.query(
            "SELECT period, team, amount FROM ledger WHERE kind = {kind:String} AND effective_period = '2026-08' ORDER BY posted_at",
            kind=kind,
        )
        return [(row["period"], row["team"], row["amount"]) for row in rows]

    arrive("sales")
    added, wrong, closed, twice, refused = serving.commands(
        ["pool", "add", "gpu cluster", "1,200.00", "--period", "2026-08", "--driver", "tokens", "--note", "the invoice"],
        ["pool", "add", "gpu cluster", "-200", "--period", "2026-08", "--driver", "even"],
        ["close", "2026-08"],
        ["close", "2026-08"],
        ["pool", "add", "gpu cluster", "-200", "--period", "2026-08"],
    )
    assert added[0] == 0
    assert "gpu cluster" in added[1]
    assert wrong == (2, "error: an earlier addition to pool gpu cluster in 2026-08 said tokens: even contradicts it\n")
    assert closed[0] == 0
    assert "$1,200.00" in closed[1]
    stated = statements(serving, "stated")
    assert twice == (2, "error: 2026-08 is closed already\n")
    assert refused[0] == 2
    assert "2026-08 is closed: add to an open month" in refused[1]

    arrive("support")
    # What comes late for it is told in the next month's statement.
    assert statements(serving, "again") == stated
    (_, next_month), (_, nobody) = serving.commands(["statement", "2026-09"], ["statement", "2026-09", "--team", "nobody"])
    assert "PROVISIONAL" in next_month
    assert "late for 2026-08, which is closed: billed" in " ".join(next_month.split())
    assert nobody == "error: team 'nobody' has nothing in 2026-09\n"
    assert posted("late") == [("2026-09", "support", Decimal("0.0035"))]
    with serving.stopped():
        listed, routes, reopened, no_reason = serving.commands(
            ["close", "--list"],
            ["pool", "list", "--period", "2026-08", "--format", "csv"],
            ["reopen", "2026-08", "--reason", "the invoice was wrong"],
            ["reopen", "2026-08", "--reason", " "],
        )
    assert "closed" in listed[1]
    (route,) = csv.DictReader(io.StringIO(routes[1]))
    assert (route["pool"], route["via"], route["team"], Decimal(route["amount"])) == ("gpu cluster", "gpu cluster", "sales", 1200)
    assert reopened == (0, "2026-08 is open again\n")
    assert no_reason == (2, "error: a reason is needed: it is kept with the reopening\n")
    assert posted("late") == [("2026-09", "support", Decimal("0.0035")), ("2026-09", "support", Decimal("-0.0035"))]
    assert posted("correction") == [("2026-08", "support", Decimal("0.0035"))]
    (listed, audit) = serving.commands(["close", "--list"], ["audit"])
    assert "the invoice was wrong" in listed[1]
    assert audit[0] == 0


def test_a_line_is_disputed_settled_and_signed_off(serving: Serving) -> None:
    trace = trace_id()
    spans = [span(trace, 1, invoke("planner", team="lab"), day=1), span(trace, 2, chat("gpt-4o", 1000, 100), parent=1, day=1)]
    other = trace_id()
    spans += [span(other, 1, invoke("planner", team="platform"), day=1), span(other, 2, chat("gpt-4o", 1000, 100), parent=1, day=1)]
    assert serving.export(request(spans).SerializeToString()).status_code == 200
    serving.stored(trace, 2)
    serving.attributed(trace)
    serving.attributed(other)
    line = ["2026-05", "--team", "lab", "--section", "agent", "--item", "planner", "--why", "a test of yours", "--by", "sam"]
    (code, said), wrong = serving.commands(["dispute", "open", *line, "--amount", "0.001"], ["dispute", "open", *line, "--amount", "9"])
    assert (code, wrong[0]) == (0, 2), said
    number = said.split()[1]
    assert "unknown" not in serving.commands(["dispute", "list", "2026-05"])[0][1], "what is not settled has no amount yet"
    with serving.stopped():
        answered, unknown, settled, listed, table, signed = serving.commands(
            ["dispute", "answer", number, "we look", "--by", "fay"],
            ["dispute", "settle", number, "--to", "platfrom", "--why", "agreed", "--approver", "fay"],
            ["dispute", "settle", number, "--to", "platform", "--why", "agreed", "--approver", "fay"],
            ["dispute", "list", "2026-05", "--team", "lab", "--format", "csv"],
            ["dispute", "list", "2026-05", "--team", "lab"],
            ["sign-off", "2026-05", "--team", "lab", "--by", "sam"],
        )
    assert answered[0] == 0
    assert unknown == (2, "error: there is no team 'platfrom': neither `organization.teams` nor the ledger has it\n")
    assert settled == (0, f"dispute {number} is settled: the adjustment is booked in 2026-05\n")
    (row,) = csv.DictReader(io.StringIO(listed[1]))
    assert (row["state"], Decimal(row["settled"]), row["payer"]) == ("settled", Decimal("0.001"), "platform")
    assert "we look" in table[1]
    assert signed == (0, "2026-05 is signed off for team lab: $0.0025\n")
    agreed, shown, nobody, unnamed = serving.commands(
        ["sign-off", "2026-05", "--list", "--format", "csv"],
        ["sign-off", "2026-05", "--list"],
        ["sign-off", "2026-05", "--list", "--team", "web", "--format", "json"],
        ["sign-off", "2026-05"],
    )
    (row,) = csv.DictReader(io.StringIO(agreed[1]))
    assert (row["team"], row["who"], Decimal(row["amount"])) == ("lab", "sam", Decimal("0.0025"))
    assert "sam" in shown[1]
    assert nobody == (0, "[]\n")
    assert unnamed == (2, "error: --team: whose statement is signed must be said; `--list` prints who signed\n")
    rejected = serving.commands(["dispute", "reject", number, "--why", "no"])[0]
    assert rejected == (2, f"error: dispute {number} is settled already\n")


def test_history_is_imported_beside_the_service_and_exported(serving: Serving) -> None:
    history = serving.config.with_name("history.jsonl")
    row = {"id": "h1", "timestamp": "2026-04-03T10:00:00Z", "team": "archive", "agent": "old", "model": "gpt-4o", "cost_usd": "1.5"}
    history.write_text(f"{json.dumps(row)}\noops\n", encoding="utf-8")
    done = serving.commands(["import", str(history)], ["import", str(history)])
    for code, said in done:
        assert code == 2
        assert "row 2: is no JSON" in said
        assert "1 rows are in the ledger" in said
    assert serving.query("SELECT sum(amount) AS usd FROM ledger WHERE team = 'archive'") == [{"usd": Decimal("1.5")}]
    with serving.stopped():
        (exported, hints, week, quiet) = serving.commands(
            ["export", "log", "--month", "2026-04"],
            ["hints", "--month", "2026-04", "--format", "csv"],
            ["showback", "--week", "--of", "2026-04-03", "--format", "csv"],
            ["showback", "--week", "--of", "2020-01-01"],
        )
    assert [code for code, _ in (exported, hints, week)] == [0, 0, 0]
    assert quiet == (0, "no team paid anything in the week from 2019-12-30 and in the one before\n")
    assert [json.loads(line)["cost_usd"] for line in exported[1].splitlines()] == ["1.500000000000"]
    (shown,) = (each for each in csv.DictReader(io.StringIO(week[1])) if each["team"] == "archive")
    assert (shown["amount"], shown["by_volume"], shown["runs"]) == ("1.500000000000", "1.500000000000", "1")

"""Every command, while the service runs and after it has stopped; who asks gets the same answer."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import httpx
import pytest

from attribution.reports import REPORTS
from tests.billing import fake_apis
from tests.e2e.otlp import chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving, batch, only

JUNE = ("--from", "2026-06-01", "--to", "2026-06-30")


@pytest.fixture(scope="module")
def traces(serving: Serving) -> list[str]:
    """Of June: sales spends 0.0035 itself and 0.0012 at the guardrail, support 0.0028 there, each by one call."""
    traces = [trace_id(), trace_id()]
    spans = [
        span(traces[0], 1, invoke("planner", team="sales", project="apollo", **{"user.id": "[/ada]", "task.id": "T-1"}), day=32),
        span(traces[0], 2, chat("gpt-4o", 1000, 100), parent=1, day=32),
        span(traces[0], 3, invoke("guardrail"), parent=1, day=32),
        span(traces[0], 4, chat("gpt-4o", 400, 20), parent=3, day=32),
        span(traces[1], 1, invoke("triage", team="support", **{"user.id": "bob", "gen_ai.workflow.name": "ticket"}), day=33),
        span(traces[1], 2, invoke("guardrail"), parent=1, day=33),
        span(traces[1], 3, chat("gpt-4o-mini", 10_000, 1000), parent=2, day=33),
        span(traces[1], 4, chat("gpt-4o", 280, 0), parent=2, day=33),
    ]
    resource = {"service.name": "agents", "deployment.environment.name": "prod"}
    assert serving.export(request(spans, resource).SerializeToString()).status_code == 200
    for trace in traces:
        serving.stored(trace, 4)
    serving.attributed(*traces)
    return traces


def amounts(direct: str, shared: str) -> tuple[Decimal, Decimal]:
    return Decimal(direct), Decimal(shared)


# The pool costs 0.0012 on the first day and 0.0021 + 0.0007 on the second; each team bears half of each.
EXPECTED = {
    "team": {"sales": amounts("0.0035", "0.002"), "support": amounts("0", "0.002")},
    "department": {"revenue": amounts("0.0035", "0.002"), "customer-experience": amounts("0", "0.002")},
    "cost_center": {"CC-1100": amounts("0.0035", "0.002"), "CC-4200": amounts("0", "0.002")},
    "project": {"apollo": amounts("0.0035", "0.0012"), "": amounts("0", "0.0028")},
    "environment": {"prod": amounts("0.0035", "0.004")},
    "user": {"[/ada]": amounts("0.0035", "0.0012"), "bob": amounts("0", "0.0028")},
    "task": {"T-1": amounts("0.0035", "0.0012"), "TRACE": amounts("0", "0.0028")},
    "workflow": {"span 1": amounts("0.0035", "0.0012"), "ticket": amounts("0", "0.0028")},
    "agent": {"planner": amounts("0.0035", "0"), "guardrail": amounts("0", "0.004")},
    "model": {"gpt-4o": amounts("0.0035", "0.0019"), "gpt-4o-mini": amounts("0", "0.0021")},
    "bucket": {"llm": amounts("0.0035", "0.004")},
}


def test_a_report_by_every_dimension(serving: Serving, traces: list[str]) -> None:
    done = serving.commands(*(["report", by, *JUNE, "--format", "json"] for by in REPORTS))
    reports = {by: json.loads(printed) for by, (_, printed) in zip(REPORTS, done, strict=True)}
    found = {
        by: {row[by].replace(traces[1], "TRACE"): amounts(row["direct"], row["shared"]) for row in rows} for by, rows in reports.items()
    }
    assert found == EXPECTED
    assert {sum(Decimal(row["total"]) for row in rows) for rows in reports.values()} == {Decimal("0.0075")}


@pytest.mark.usefixtures("traces")
def test_what_each_emitters_calls_cost_and_do_not_tell(serving: Serving) -> None:
    (_, listed), (_, table), (code, said) = serving.commands(
        ["emitters", *JUNE, "--format", "json"], ["emitters", *JUNE], ["emitters", *JUNE, "--month", "2026-06"]
    )
    rows = json.loads(listed)
    assert sum(Decimal(row["usd"]) for row in rows) == Decimal("0.0075")
    assert {row["provider"] for row in rows} == {"openai"}
    assert "untold" in table
    assert (code, "names the days already" in said) == (2, True)


@pytest.mark.usefixtures("traces")
def test_a_report_of_days_as_csv_and_as_a_table(serving: Serving) -> None:
    day = ["--from", "2026-06-02", "--to", "2026-06-02"]
    (_, listed), (_, table), (_, short) = serving.commands(
        ["report", "team", *day, "--format", "csv"], ["report", "team", *day], ["report", "team", *day, "--format", "csv", "--top", "1"]
    )
    rows = list(csv.DictReader(io.StringIO(listed)))
    assert [(row["team"], Decimal(row["direct"]), Decimal(row["shared"]), Decimal(row["total"])) for row in rows] == [
        ("sales", 0, Decimal("0.0014"), Decimal("0.0014")),
        ("support", 0, Decimal("0.0014"), Decimal("0.0014")),
    ]
    cells = [cell.strip() for line in table.splitlines() if "total" in line for cell in line.split("│")]
    assert cells[-7:-1] == ["total", "$0.00", "<$0.01", "<$0.01", "100%", "100%"]
    assert {(row["attributed"], row["coverage"]) for row in rows} == {("0.001400000000", "1.0000")}
    assert list(csv.DictReader(io.StringIO(short))) == [rows[0], {**rows[1], "team": "(others)"}]


@pytest.mark.usefixtures("traces")
def test_a_report_by_two_dimensions_cut_by_time(serving: Serving) -> None:
    asked = [
        ["report", "team", "workflow", "--by", "day", *JUNE, "--format", "json"],
        ["report", "department", "--by", "month", "--month", "2026-06", "--round", "3", "--format", "json"],
        ["report", "user", "team", "--by", "week", *JUNE, "--format", "json"],
        ["report", "team", "agent", "--month", "2026-06", "--format", "json"],
    ]
    by_day, by_month, by_week, agents = (json.loads(printed) for _, printed in serving.commands(*asked))
    assert [(row["day"], row["team"], row["workflow"], row["direct"], row["shared"]) for row in by_day] == [
        ("2026-06-01", "sales", "span 1", "0.003500000000", "0.000000000000"),
        ("2026-06-01", "sales", "", "0.000000000000", "0.000600000000"),
        ("2026-06-01", "support", "", "0.000000000000", "0.000600000000"),
        ("2026-06-02", "sales", "", "0.000000000000", "0.001400000000"),
        ("2026-06-02", "support", "", "0.000000000000", "0.001400000000"),
    ]
    assert [(row["month"], row["department"], row["total"]) for row in by_month] == [
        ("2026-06", "revenue", "0.006"),
        ("2026-06", "customer-experience", "0.002"),
    ]
    assert [(row["week"], row["user"], row["team"], Decimal(row["total"])) for row in by_week] == [
        ("2026-06-01", "[/ada]", "sales", Decimal("0.0035")),
        ("2026-06-01", "", "sales", Decimal("0.002")),
        ("2026-06-01", "", "support", Decimal("0.002")),
    ]
    assert {(row["team"], row["agent"]): Decimal(row["total"]) for row in agents} == {
        ("sales", "planner"): Decimal("0.0035"),
        ("sales", "guardrail"): Decimal("0.002"),
        ("support", "guardrail"): Decimal("0.002"),
    }


@pytest.mark.usefixtures("traces")
def test_the_ledger_is_exported_and_held_against_an_invoice(serving: Serving) -> None:
    folder = serving.config.parent
    (folder / "invoice.json").write_text(json.dumps(INVOICE), encoding="utf-8")
    exported = [
        ["export", "focus", "--month", "2026-06", "--output", str(folder / f"june.{form}"), "--format", form] for form in ("csv", "parquet")
    ]
    asked = ["reconcile", str(folder / "invoice.json"), "--provider", "anthropic", "--true-up", "unseen"]
    (_, printed), *written, table, rows, again, pools = serving.commands(
        ["export", "focus", "--month", "2026-06"],
        *exported,
        asked,
        [*asked, "--format", "json"],
        ["reconcile", str(folder), "--provider", "acme"],
        ["pool", "list", "--period", "2025-11"],
    )
    assert [code for code, _ in (*written, table, rows, again)] == [0, 0, 0, 0, 2]
    charges = list(csv.DictReader(io.StringIO((folder / "june.csv").read_text(encoding="utf-8"))))
    assert list(csv.DictReader(io.StringIO(printed))) == charges
    assert sum(Decimal(charge["BilledCost"]) for charge in charges) == Decimal("0.0075")
    assert (folder / "june.parquet").read_bytes()[:4] == b"PAR1"
    assert "$1.2345 added to pool unseen in 2025-11" in table[1]
    assert "added" not in rows[1], "what was added already is not added again"
    assert [(row["unseen"], row["reason"]) for row in json.loads(rows[1])] == [("1.2345", "no span tells of the model on this day")]
    assert "acme" in again[1]
    assert "(unattributed)" in pools[1], "what was added is split at once"


@pytest.mark.usefixtures("traces")
def test_a_provider_is_asked_what_it_bills(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """First a day, then both: the pool gets what it does not have yet."""
    key = serving.config.parent / "key"
    key.write_text("sk-admin-secret\n", encoding="utf-8")
    monkeypatch.setenv("SPANLEDGER_OPENAI_ADMIN_KEY_FILE", str(key))
    with fake_apis.serving(fake_apis.FakeApis(fake_apis.TOLD)) as apis:
        asked = ["reconcile", "--provider", "openai", "--url", apis.url, "--true-up", "not traced", "--format", "json"]
        one, both, again, no_days, with_file, no_api, tomorrow = serving._outcomes(
            [*asked, "--from", "2026-11-02", "--to", "2026-11-02"],
            [*asked, "--from", "2026-11-01", "--to", "2026-11-02"],
            [*asked, "--from", "2026-11-01", "--to", "2026-11-01"],
            asked,
            ["reconcile", str(key), "--provider", "openai", "--month", "2026-11"],
            ["reconcile", "--provider", "aws", "--month", "2026-11"],
            [*asked, "--month", "2098-01"],
        )
    assert [code for code, _, _ in (one, both, again)] == [0, 0, 0]
    assert "$0.0003 added to pool not traced in 2026-11" in one[2]
    assert "$0.006 added to pool not traced in 2026-11" in both[2]
    assert "added" not in again[2]
    assert [len(json.loads(rows)) for _, rows, _ in (one, both, again)] == [1, 4, 3], "rows alone, whatever is added"
    assert {headers["authorization"] for _, _, headers in apis.asked} == {"Bearer sk-admin-secret"}
    for (code, _, said), named in zip(
        (no_days, with_file, no_api, tomorrow),
        ("--month: is missing", "FILE: says which days", "'aws' has no API", "--month: no day from 2098-01-01 on has ended"),
        strict=True,
    ):
        assert code == 2
        assert named in said


@pytest.mark.usefixtures("traces")
def test_an_invoice_with_a_wrong_row_is_read_but_for_that_row(serving: Serving) -> None:
    """It is named, the command fails, and no pool gets what is only a part of the bill."""
    row = {
        "line_item_product_code": "AmazonBedrock", "line_item_currency_code": "USD", "pricing_unit": "1K tokens",
        "line_item_usage_type": "EU-Nova2.0Lite-input-tokens-batch", "line_item_usage_amount": "2", "line_item_unblended_cost": "0.5",
        "line_item_usage_start_date": "2025-12-01T05:00:00Z", "line_item_iam_principal": "arn:aws:iam::1:user/alice",
    }  # fmt: skip
    path = serving.config.parent / "cur.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerows([row, {**row, "line_item_unblended_cost": "much"}])
    asked = ["reconcile", str(path), "--provider", "aws"]
    lines, principals, (code, table, said), pools = serving._outcomes(
        [*asked, "--format", "json"],
        [*asked, "--format", "json", "--principals"],
        [*asked, "--true-up", "untold"],
        ["pool", "list", "--period", "2025-12"],
    )
    assert [code, lines[0], principals[0]] == [2, 2, 2]
    assert "$0.50" in table, "what was found is shown"
    assert [(row["model"], row["kind"], row["unseen"]) for row in json.loads(lines[1])] == [("nova2-0lite", "input", "0.5")]
    assert [list(row.values()) for row in json.loads(principals[1])] == [
        ["aws.bedrock", "2025-12-01", "arn:aws:iam::1:user/alice", "0.5", "0.5", "0.5"]
    ]
    assert "arn:aws:iam::1:user/alice" in table
    assert f"{path}, line 3: this is no line of aws's: column line_item_unblended_cost: 'much' is no number" in said
    assert "rows that cannot be read: 1; nothing is added to pool untold: mend them" in said
    assert "untold" not in pools[1]


INVOICE = {
    "data": [
        {
            "starting_at": "2025-11-01T00:00:00Z",
            "results": [{"currency": "USD", "amount": "123.45", "model": "claude-sonnet-4-5", "token_type": "output_tokens"}],
        }
    ]
}


def test_a_report_refuses_days_that_are_said_twice(serving: Serving) -> None:
    asked = [["--month", "2026-06", *JUNE], ["--last", "7"], ["--month", "June"], ["--last", "7d", "--to", "2026-06-01"]]
    refused = serving.commands(*(["report", "team", *days] for days in asked))
    assert [code for code, _ in refused] == [2] * 4
    assert ["--from" in refused[0][1], "7d, 4w or 3m" in refused[1][1], "2026-10" in refused[2][1], "--to" in refused[3][1]] == [True] * 4


def test_the_commands_say_the_same_whether_it_runs_or_not(serving: Serving, traces: list[str]) -> None:
    commands = [
        ["report", "team", *JUNE, "--format", "json"],
        ["trace", traces[0]],
        ["audit"],
        ["attribute"],
        ["sql", "SELECT kind, span_id, team, pool, amount FROM ledger ORDER BY ALL", "--format", "JSONEachRow"],
    ]
    _, *running = serving.commands(["attribute"], *commands)
    with serving.stopped():
        assert serving.commands(*commands) == running
    assert [code for code, _ in running] == [0] * 5
    report, tree, audit, attributed, postings = (printed for _, printed in running)
    assert [row["team"] for row in json.loads(report)] == ["sales", "support"]
    assert "all audits pass" in audit
    assert "0 traces, 0 spans attributed, 0 postings added" in attributed, "without --config the known one stays"
    assert {"direct", "pool", "allocation", "relief"} <= {json.loads(line)["kind"] for line in postings.splitlines()}
    assert "started by: team sales, department revenue, cost_center CC-1100, user [/ada]" in tree
    assert "agent planner" in tree
    assert "pool guardrail" in tree
    assert "gpt-4o 1,000/100 tokens" in tree
    assert "billed: 0.0047" in tree


@pytest.mark.usefixtures("traces")
def test_sql_prints_what_clickhouse_prints_and_only_reads(serving: Serving) -> None:
    queries = [
        "SELECT toDecimal64(1, 2) / 4 AS quarter, 'a' AS a FORMAT CSVWithNames",
        "TRUNCATE TABLE postings",
        "INSERT INTO facts (name, value) VALUES ('a', 'b')",
        "SELECT 1 FROM spans_of_nobody[/bold]",  # as if it were markup of the terminal's
    ]
    printed, *refused = serving.commands(*(["sql", query] for query in queries))
    assert printed == (0, '"quarter","a"\n0.25,"a"\n')
    assert [(code, said.startswith("error: ")) for code, said in refused] == [(2, True)] * 3
    assert "[/bold]" in refused[-1][1]
    assert serving.query("SELECT count() > 0 AS kept FROM postings") == [{"kept": 1}]


def test_what_does_not_exist_is_named(serving: Serving) -> None:
    (first, no_report), (second, no_trace) = serving.commands(["report", "customer"], ["trace", "ffff"])
    assert (first, second) == (2, 2)
    assert [word for word in ("'customer'", *REPORTS) if word not in no_report] == []
    assert "no attributed trace ffff" in no_trace


def test_the_prices_in_force_with_source_and_dates(serving: Serving) -> None:
    asked = ["prices", "gpt-4.1-mini", "--config", str(serving.config)]
    (_, listed), (_, table), unknown = batch([*asked, "--format", "json"], asked, ["prices", "acme-secret-1"])
    contract, *book = json.loads(listed)
    assert (contract["source"], contract["model"], contract["starts"][:10]) == ("contract", "gpt-4.1*", "2026-01-01")
    assert {row["source"] for row in book} == {"priced"}
    assert {row["provider"] for row in book} >= {"openai", "azure"}
    assert "gpt-4.1*" in table
    assert 'unsure: azure/gpt-4.1-mini: These are prices for "*-Global" models' in " ".join(table.split())
    assert unknown[0] == 2
    assert "no price is known for acme-secret-1" in unknown[1]


def test_the_http_endpoints_of_a_running_service(serving: Serving) -> None:
    health = serving.get("/healthz")
    assert (health.status_code, health.json()) == (200, {"status": "ok", "dead": []})
    assert serving.get("/readyz").status_code == 200
    serving.export(request([span(trace_id(), 1, {})]).SerializeToString())
    metrics = dict(line.rsplit(" ", 1) for line in serving.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert float(metrics['spanledger_receiver_spans_accepted_total{transport="http"}']) > 0
    assert float(metrics["spanledger_audit_violations"]) == 0
    assert float(metrics["spanledger_spool_quarantined"]) == 0


@pytest.mark.usefixtures("traces")
@pytest.mark.both_engines
def test_the_sql_port_of_a_running_service(serving: Serving) -> None:
    if serving.clickhouse:
        with pytest.raises(httpx.ConnectError):
            serving.get("/ping", port=serving.sql_port)
        return
    assert serving.get("/ping", port=serving.sql_port).text == "Ok.\n"
    asked = {"query": "SELECT {n:UInt8} + 1 AS n, count() > 0 AS any FROM spanledger.spans FORMAT JSONEachRow", "param_n": "41"}
    answer = serving.get("/", port=serving.sql_port, params=asked)
    assert (answer.status_code, only(answer.text.splitlines())) == (200, '{"n":42,"any":1}')
    assert answer.headers["x-clickhouse-format"] == "JSONEachRow"
    refused = serving.get("/", port=serving.sql_port, params={"query": "SELECT * FROM file('/etc/passwd', 'LineAsString')"})
    assert refused.status_code >= 400
    assert "root" not in refused.text

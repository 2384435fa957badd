"""What clouds export is read to the last digit, whatever their columns and meters are called; a row that is wrong costs no other."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attribution.billing import BilledLine, Invoice, by_principal, compared, read_invoice
from attribution.billing.clouds import scale_of
from attribution.billing.invoices import read_row
from attribution.billing.lines import KINDS, Row
from attribution.billing.meters import read_meter
from attribution.billing.reconciliation import REST
from attribution.conventions.models import billed_as, plain_model
from attribution.errors import RefusedError
from tests.billing.invoice_files import FORMS, Form, Members, Use, azure_row, google_row, write

FIRST = date(2026, 10, 1)
PRICES = {"input": "0.000002", "cache_read": "0.0000005", "cache_write": "0.0000025", "output": "0.00001"}
"""USD a token."""
EACH = [(form, file) for form, one in FORMS.items() for file in one.files]
PRINCIPALS = ["arn:aws:iam::1:user/alice", "arn:aws:sts::1:assumed-role/agents/run", ""]


def world(seed: int, form: Form) -> tuple[list[Use], list[dict[str, Any]]]:
    """What was used and is billed, and the rows of the ledger, which lost some calls."""
    rng = random.Random(seed)
    used: dict[tuple[date, str, str, str], int] = defaultdict(int)
    seen: dict[tuple[date, str], dict[str, Any]] = {}
    for _ in range(rng.randint(1, 40)):
        day, model, principal = FIRST + timedelta(days=rng.randint(0, 3)), rng.choice(form.models), rng.choice(PRINCIPALS)
        tokens = {kind: rng.choice([0, rng.randint(1, 5000)]) for kind in form.kinds}
        for kind, count in tokens.items():
            used[day, model, kind, principal] += count
        if rng.random() < 0.2:
            continue
        empty: dict[str, Any] = {"day": day, "provider": form.biller, "model": model, "calls": 0, "unpriced": 0, "cost": Decimal(0)}
        row = seen.setdefault((day, model), {**empty, **dict.fromkeys(KINDS, 0)})
        row["calls"] += 1
        row["cost"] += sum(count * Decimal(PRICES[kind]) for kind, count in tokens.items())
        for kind, count in tokens.items():
            row[kind] += count
    uses = [
        Use(day, model, kind, tokens, tokens * Decimal(PRICES[kind]), principal)
        for (day, model, kind, principal), tokens in used.items()
        if tokens
    ]
    return uses, list(seen.values())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("name", "file"), EACH, ids=[f"{name}-{file}" for name, file in EACH])
def test_an_export_is_reconciled_to_the_last_digit(tmp_path: Path, name: str, file: str, seed: int) -> None:
    """Billed is what was written, by day, model and kind; unseen is what was lost; all else is a variance with a reason."""
    form, rng = FORMS[name], random.Random(seed)
    uses, rows = world(seed, form)
    others = [other for day in {use.day for use in uses} for other in form.others(day)]
    written = [form.row(rng, use) for use in uses] + [row for row, _ in others]
    rng.shuffle(written)
    invoice = read_invoice([write(tmp_path / f"invoice.{file}", written, form.maps)], form.provider)
    assert invoice.refused == []
    found = compared(invoice.lines, rows)
    beside = sum((amount for _, amount in others if amount is not None), Decimal(0))
    assert sum(each.billed for each in found) == sum(use.amount for use in uses) + beside
    billed: dict[Any, Decimal] = defaultdict(Decimal)
    lost: dict[Any, Decimal] = defaultdict(Decimal)
    for use in uses:
        billed[use.day, billed_as(use.model), use.kind] += use.amount
        lost[use.day, billed_as(use.model), use.kind] += use.tokens * Decimal(PRICES[use.kind])
    for row in rows:
        for kind in form.kinds:
            lost[row["day"], billed_as(row["model"]), kind] -= row[kind] * Decimal(PRICES[kind])
    of_tokens = {(each.day, billed_as(each.model), each.kind): each for each in found if each.kind in KINDS}
    assert {key: each.billed for key, each in of_tokens.items()} == billed
    assert {key: each.unseen for key, each in of_tokens.items()} == {key: lost[key] for key in billed}
    assert all(each.billed == each.explained + each.unseen + each.variance for each in found)
    assert sum(each.explained for each in found) == sum(row["cost"] for row in rows)
    assert [each for each in found if (each.unseen or each.variance) and not each.reason] == []
    assert [each for each in found if each.kind == REST] == [], "the invoice has the ledger's prices"
    assert {each.model for each in of_tokens.values()} >= {plain_model(row["model"]) for row in rows}, "as the ledger calls it"


@pytest.mark.parametrize("seed", range(20))
def test_what_is_unseen_is_told_by_principal_as_far_as_it_is_known(tmp_path: Path, seed: int) -> None:
    """The calls that were lost were somebody's: at least so much of each principal's, at most so much, and together what is unseen."""
    form, rng = FORMS["aws"], random.Random(seed)
    uses, rows = world(seed, form)
    invoice = read_invoice([write(tmp_path / "cur.csv", [form.row(rng, use) for use in uses])], "aws")
    found = compared(invoice.lines, rows)
    told = by_principal(invoice.lines, found)
    if not any(use.principal for use in uses):
        assert told == []
        return
    billed: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for use in uses:
        billed[use.day, f"{use.principal} team=red" if use.principal else ""] += use.amount
    assert {(row.day, row.principal): row.billed for row in told} == billed
    for day in {use.day for use in uses}:
        unseen = sum(each.unseen for each in found if each.day == day)
        of_day = [row for row in told if row.day == day]
        assert sum(row.unseen_at_least for row in of_day) <= unseen <= sum(row.unseen_at_most for row in of_day)
    assert all(0 <= row.unseen_at_least <= row.unseen_at_most <= row.billed for row in told)


def test_a_model_that_nobody_traced_is_all_its_principals() -> None:
    lines = [
        BilledLine(FIRST, "aws.bedrock", "Claude4.6Opus", "input", Decimal(1000), Decimal("0.5"), "bob"),
        BilledLine(FIRST, "aws.bedrock", "Nova2.0Lite", "input", Decimal(3000), Decimal("0.3"), "alice"),
        BilledLine(FIRST, "aws.bedrock", "Nova2.0Lite", "input", Decimal(1000), Decimal("0.1"), "bob"),
    ]
    seen = {"day": FIRST, "provider": "aws.bedrock", "model": "amazon.nova-2-lite-v1:0", "calls": 1, "unpriced": 0, "cost": Decimal("0.2")}
    rows = by_principal(lines, compared(lines, [{**seen, **dict.fromkeys(KINDS, 0), "input": 2000}]))
    assert [(row.principal, row.billed, row.unseen_at_least, row.unseen_at_most) for row in rows] == [
        ("alice", Decimal("0.3"), Decimal("0.1"), Decimal("0.2")),
        ("bob", Decimal("0.6"), Decimal("0.5"), Decimal("0.6")),
    ]


ONLY = "only USD can be held against the ledger"
METERS = [
    ("Claude4.6Opus-cache-read-input-token-count-cross-region-global", "Claude4.6Opus", "cache_read"),
    ("openai.gpt-oss-20b-mantle-output-tokens-priority", "openai.gpt-oss-20b", "output"),
    ("Llama4-Maverick-17B-input-tokens-batch", "Llama4-Maverick-17B", "input"),
    ("Claude3Sonnet-ProvisionedThroughput-ModelUnits", None, None),
    ("gpt 4o mini0718 BatchOutp DataZone Tokens", "gpt 4o mini", "output"),
    ("5.6 sol ShortCo Cd Wr Std Gl 1M Tokens", "5.6 sol", "cache_write"),
    ("gpt-4o-transcribe-aud-inp-glbl Tokens", "gpt-4o-transcribe", "input"),
    ("text-embedding-3-large-glbl Tokens", "text-embedding-3-large", "input"),
    ("MAI-Thinking-1 Opt glbl 1M Tokens", "MAI-Thinking-1", "output"),
    ("Gemini 2.5 Flash Image GA Image Output - Predictions", "Gemini 2.5 Flash Image", "output"),
    ("Generate content output token count gemini 2.5 flash lite short output text non-thinking", "gemini 2.5 flash lite", "output"),
    ("Generate_content text cached input token count for gemini 3 pro short", "gemini 3 pro", "cache_read"),
    ("EmbedContent input token count for gemini-embedding-001", "gemini-embedding", "input"),
    ("Gemini 3 Flash Text Input Caching Storage", None, None),
    ("Grounding with Google Search on Gemini 3", None, None),
]


@pytest.mark.parametrize(("meter", "model", "kind"), METERS)
def test_a_meter_says_model_and_kind(meter: str, model: str | None, kind: str | None) -> None:
    found = read_meter(meter)
    assert found[1] == kind
    assert model is None or found[0] == model


@pytest.mark.parametrize(
    ("unit", "scale"),
    [("1K", 1000), ("1K tokens", 1000), ("Million tokens", 10**6), ("1M", 10**6), ("100K", 100_000), ("1,000", 1000), ("count", 1), ("", 1)]
    + [(unit, None) for unit in ("1 Hour", "Images", "1/Month", "seconds", "requests")],
)  # fmt: skip
def test_a_unit_is_so_many_tokens(unit: str, scale: int | None) -> None:
    assert scale_of(unit) == scale


def test_other_models_are_not_taken_for_one() -> None:
    names = [
        "gpt-4o",
        "gpt-4o-mini",
        "gpt-4.1",
        "gpt-4",
        "claude-opus-4-6",
        "claude-opus-4-5",
        "claude-sonnet-4-6",
        "nova-lite",
        "nova-2-lite",
    ]
    assert len({billed_as(name) for name in names}) == len(names)


def of_azure(**changed: Any) -> Members:
    return {**azure_row(random.Random(3), Use(FIRST, "gpt-4o-mini", "output", 4000, Decimal("0.0024"))), **changed}


@pytest.mark.parametrize(("name", "form"), [("csv", ".csv"), ("parquet", ".parquet")])
def test_a_row_that_is_wrong_is_named_and_all_others_are_read(tmp_path: Path, name: str, form: str) -> None:
    rows = [of_azure(), of_azure(CostInBillingCurrency="much"), of_azure(Date="soon"), of_azure(BillingCurrencyCode="JPY"), of_azure()]
    rows = [{column: str(value) for column, value in row.items()} for row in rows]
    path = write(tmp_path / f"costs{form}", rows)
    invoice = read_invoice([path], "azure")
    assert [(line.quantity, line.amount) for line in invoice.lines] == [(8000, Decimal("0.0048"))]
    place = "line" if name == "csv" else "row"
    first = 3 if name == "csv" else 2
    assert invoice.refused_count == 3
    assert invoice.refused == [
        f"{path}, {place} {first}: this is no line of azure's: column CostInBillingCurrency: 'much' is no number",
        f"{path}, {place} {first + 1}: this is no line of azure's: column Date: 'soon' is no day",
        f"{path}, {place} {first + 2}: this is no line of azure's: column BillingCurrencyCode: billed in JPY: {ONLY}",
    ]


@pytest.mark.parametrize("name", FORMS)
def test_whatever_a_row_holds_nothing_but_a_refusal_comes_of_it(name: str) -> None:
    """Values of any type in any column, with members of any type, and columns that are missing."""
    form, rng = FORMS[name], random.Random(name)
    odd: list[Any] = [
        None,
        True,
        -1,
        1e400,
        "",
        "x",
        [],
        [1],
        {},
        {"a": {}},
        "9" * 60,
        "1e-99999",
        "NaN",
        "13/45/2026",
        b"",
        [("a", 1)],
        [{}],
    ]

    def broken(value: Any) -> Any:
        if rng.random() < 0.05:
            return rng.choice(odd)
        if isinstance(value, dict):
            return {key: broken(each) for key, each in value.items()}
        return [broken(each) for each in value] if isinstance(value, list) else value

    invoice, lines = Invoice(), []
    for _ in range(2000):
        use = Use(FIRST, rng.choice(form.models), rng.choice(form.kinds), 100, Decimal("0.5"), "me")
        row = {column: broken(value) for column, value in form.row(rng, use).items() if rng.random() < 0.97}
        lines += read_row(("row 1", Row.of(row)), form.provider, "", invoice)
    assert lines
    assert invoice.refused_count
    compared(lines, [])


def test_a_line_that_is_none_is_named(tmp_path: Path) -> None:
    good = google_row(random.Random(1), Use(FIRST, "gemini-2.5-flash", "input", 100, Decimal("0.5")))
    path = write(
        tmp_path / "export.jsonl", [good, {**good, "credits": "no list"}, {**good, "currency": "EUR", "currency_conversion_rate": 0}]
    )
    path.write_text(path.read_text() + "{broken\n[1]\n" + path.read_text().splitlines()[0])
    invoice = read_invoice([path], "gcp")
    assert [(line.quantity, line.amount) for line in invoice.lines] == [(200, 1)]
    assert [why.removeprefix(f"{path}, ") for why in invoice.refused] == [
        "line 2: this is no line of gcp's: column credits: is no JSON",
        "line 3: this is no line of gcp's: column currency_conversion_rate: 0 is no rate",
        "line 4: is no JSON",
        "line 5: is no JSON object",
    ]
    broken = tmp_path / "export.csv"
    broken.write_text(write(tmp_path / "whole.csv", [of_azure()]).read_text() + "1,2,3,4,5,6,7,8,9,10,11,12,13,14\n")
    assert read_invoice([broken], "azure").refused == [f"{broken}, line 3: has 14 values, and the header 12 columns"]


def test_other_currencies_are_read_by_the_rate_that_the_export_gives(tmp_path: Path) -> None:
    row = google_row(random.Random(1), Use(FIRST, "gemini-2.5-flash", "output", 100, Decimal("1.5")))
    row |= {"currency": "JPY", "currency_conversion_rate": 150.0, "credits": [{"type": "DISCOUNT", "full_name": "", "amount": -0.75}]}
    lines = read_invoice([write(tmp_path / "export.jsonl", [row])], "gcp").lines
    assert [(line.model and "m", line.kind, line.amount) for line in lines] == [
        ("m", "output", Decimal("0.01")),
        ("", "credit DISCOUNT", Decimal("-0.005")),
    ]


def test_a_file_of_another_provider_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl", [google_row(random.Random(1), Use(FIRST, "gemini-2.5-flash", "input", 1, Decimal(1)))])
    with pytest.raises(RefusedError, match="line 1: this is no line of aws's: column line_item_product_code: is missing"):
        read_invoice([path], "aws")
    for other in ("azure", "gcp"):
        empty = write(tmp_path / "empty.csv", [{"service.description": "", "line_item_product_code": ""}])
        with pytest.raises(RefusedError, match="holds no line that is billed"):
            read_invoice([empty], other)


def test_whichever_of_googles_endpoints_the_ledger_names_it_is_on_its_invoice(tmp_path: Path) -> None:
    row = google_row(random.Random(1), Use(FIRST, "gemini-2.5-flash", "output", 300, Decimal("0.3")))
    lines = read_invoice([write(tmp_path / "export.jsonl", [row])], "gcp").lines
    rows = [
        {"day": FIRST, "provider": provider, "model": "gemini-2.5-flash", "calls": 1, "unpriced": 0, "cost": Decimal("0.1"),
         **dict.fromkeys(KINDS, 0), "output": 100}
        for provider in ("gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai")
    ]  # fmt: skip
    (found,) = compared(lines, rows)
    assert (found.provider, found.explained, found.unseen, found.variance) == ("gcp.gen_ai", Decimal("0.3"), 0, 0)


def test_both_endpoints_of_an_azure_account_are_on_its_invoice(tmp_path: Path) -> None:
    lines = read_invoice([write(tmp_path / "costs.csv", [of_azure()])], "azure").lines
    rows = [
        {"day": FIRST, "provider": provider, "model": "gpt-4o-mini", "calls": 1, "unpriced": 0, "cost": Decimal("0.0012"),
         **dict.fromkeys(KINDS, 0), "output": 2000}
        for provider in ("azure.ai.openai", "azure.ai.inference")
    ]  # fmt: skip
    (found,) = compared(lines, rows)
    assert (found.explained, found.unseen, found.variance) == (Decimal("0.0024"), 0, 0)


FOCUS = {
    "BillingCurrency": "USD", "ChargePeriodStart": "2026-10-01T00:00:00Z", "BilledCost": "1.5", "ChargeCategory": "Usage",
    "ServiceCategory": "AI and Machine Learning", "ConsumedQuantity": "600", "ConsumedUnit": "1K Tokens",
}  # fmt: skip
OF_CLOUDS = [
    ({"ProviderName": "AWS", "x_UsageType": "USE1-Nova2.0Lite-output-tokens-flex"}, "aws.bedrock", "Nova2.0Lite", "output"),
    ({"ProviderName": "Microsoft", "x_SkuMeterName": "5.4 mini cd Inp Gl 1M Tokens"}, "azure.ai.openai", "gpt 5.4 mini", "cache_read"),
    (
        {
            "ProviderName": "Google Cloud",
            "ServiceName": "Gemini API",
            "ChargeDescription": "Generate content input token count gemini 3.5 flash text",
        },
        "gcp.gemini",
        "gemini 3.5 flash",
        "input",
    ),
]


@pytest.mark.parametrize(("named", "provider", "model", "kind"), OF_CLOUDS)
def test_clouds_name_their_meters_in_focus(tmp_path: Path, named: Members, provider: str, model: str, kind: str) -> None:
    disks = {**FOCUS, **named, "ServiceCategory": "Storage"}
    path = write(tmp_path / "focus.csv", [{**FOCUS, **named}, disks])
    assert read_invoice([path], "focus").lines == [BilledLine(FIRST, provider, model, kind, Decimal(600_000), Decimal("1.5"))]


def test_what_bills_the_same_is_one_line(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{number}.csv", [of_azure(), of_azure(Date=FIRST + timedelta(days=1))] * 3) for number in range(2)]
    lines = read_invoice(paths, "azure").lines
    assert [(line.day, line.quantity, line.amount) for line in lines] == [
        (FIRST + timedelta(days=number), 6 * 4000, 6 * Decimal("0.0024")) for number in range(2)
    ]


def test_several_files_are_one_invoice(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{number}.csv", [of_azure(Date=FIRST + timedelta(days=number))]) for number in range(2)]
    disks = of_azure(
        MeterCategory="Storage", MeterSubCategory="SSD", ProductName="Disks", MeterName="P10", ConsumedService="Microsoft.Compute"
    )
    lines = read_invoice([*paths, write(tmp_path / "disks.csv", [disks])], "azure").lines
    assert lines == [lines[0], replace(lines[0], day=FIRST + timedelta(days=1))]

"""An invoice simulator bills a random world as providers do; all of it is told apart to the last digit, each difference named."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.billing import BilledLine, PrincipalBilled, Reconciled, compared, keep_reconciled, read_invoice, reconcile
from attribution.billing.lines import KINDS
from attribution.billing.reconciliation import REST
from attribution.configuration import AttributionConfig
from attribution.conventions.models import plain_model
from attribution.errors import RefusedError
from attribution.storage import Store
from tests.attribution.cases import call
from tests.attribution.compare import deliver

FIRST = date(2026, 10, 1)
PRICES = {"gpt-4o": ("0.0000025", "0.00000125", "0.000003125", "0.00001"), "gpt-4o-mini": ("0.00000015", "0.000000075", "0", "0.0000006")}
"""USD a token, by KINDS."""


def price_of(model: str) -> dict[str, Decimal]:
    return dict(zip(KINDS, map(Decimal, PRICES[model]), strict=True))


def world(seed: int) -> tuple[list[BilledLine], list[dict[str, Any]]]:
    """An invoice, and the rows of the ledger.

    The provider rounds its lines to a tenth of a cent, gives a discount on some days and bills a tax; it names models with a date, and does
    not always say how many tokens it bills. The ledger has list prices and lost some spans.
    """
    rng = random.Random(seed)
    tokens: dict[tuple[date, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
    seen: dict[tuple[date, str], dict[str, Any]] = {}
    for _ in range(rng.randint(1, 60)):
        day, model = FIRST + timedelta(days=rng.randint(0, 4)), rng.choice(list(PRICES))
        used = {kind: rng.choice([0, rng.randint(1, 5000)]) for kind in KINDS}
        for kind, count in used.items():
            tokens[day, model][kind] += count
        if rng.random() < 0.2:
            continue  # the span is lost
        row = seen.setdefault(
            (day, model),
            {"day": day, "provider": "openai", "model": model, "calls": 0, "unpriced": 0, "cost": Decimal(0), **dict.fromkeys(KINDS, 0)},
        )
        row["calls"] += 1
        row["cost"] += sum(count * price_of(model)[kind] for kind, count in used.items())
        for kind, count in used.items():
            row[kind] += count
    lines = [BilledLine(FIRST, "openai", "", "tax", None, Decimal("0.19"))]
    for (day, model), used in tokens.items():
        discount = rng.choice([Decimal(1), Decimal("0.9")])
        for kind, count in used.items():
            amount = (count * price_of(model)[kind] * discount).quantize(Decimal("0.001"), ROUND_HALF_UP)
            quantity = None if rng.random() < 0.1 else Decimal(count)
            lines.append(BilledLine(day, "openai", f"{model}-2024-08-06", kind, quantity, amount))
    rng.shuffle(lines)
    return lines, list(seen.values())


@pytest.mark.parametrize("seed", range(60))
def test_every_dollar_of_an_invoice_is_explained_unseen_or_a_named_variance(seed: int) -> None:
    lines, rows = world(seed)
    found = compared(lines, rows)
    billed: dict[tuple[date, str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        billed[line.day, plain_model(line.model), line.kind] += line.amount
    assert {(each.day, each.model, each.kind): each.billed for each in found if each.kind != REST} == billed
    assert all(each.billed == each.explained + each.unseen + each.variance for each in found)
    assert sum(each.billed for each in found) == sum(line.amount for line in lines)
    assert sum(each.explained for each in found) == sum(row["cost"] for row in rows), "all that the ledger has is there"
    assert [each for each in found if (each.unseen or each.variance) and not each.reason] == []


@pytest.mark.parametrize("seed", range(20))
def test_without_rounding_and_discount_what_is_unseen_is_what_was_lost(seed: int) -> None:
    _, rows = world(seed)
    lines = [
        BilledLine(row["day"], "openai", row["model"], kind, Decimal(row[kind] + 100), (row[kind] + 100) * price_of(row["model"])[kind])
        for row in rows
        for kind in KINDS
    ]
    found = compared(lines, rows)
    assert sum(each.unseen for each in found) == sum(100 * price for row in rows for price in price_of(row["model"]).values())
    assert sum(each.variance for each in found) == 0


def test_order_does_not_matter() -> None:
    lines, rows = world(7)
    key = lambda each: (each.day, each.model, each.kind)  # noqa: E731
    assert sorted(compared(lines, rows), key=key) == sorted(compared(lines[::-1], rows[::-1]), key=key)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def table(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


OPENAI = {
    "data": [
        {
            "start_time": 1790812800,
            "results": [
                {"amount": {"value": 0.06, "currency": "usd"}, "line_item": "gpt-4o-2024-08-06, cached input"},
                {"amount": {"value": "0.01", "currency": "usd"}, "line_item": "web search tool calls"},
            ],
        }
    ],
    "has_more": False,
}
ANTHROPIC = {
    "data": [
        {
            "starting_at": "2026-10-01T00:00:00Z",
            "results": [
                {"currency": "USD", "amount": "123.45", "model": "claude-sonnet-4-5-20250929", "token_type": "uncached_input_tokens"},
                {
                    "currency": "USD",
                    "amount": "10",
                    "model": "claude-sonnet-4-5-20250929",
                    "token_type": "cache_creation.ephemeral_1h_input_tokens",
                },
                {"currency": "USD", "amount": "5", "model": None, "cost_type": "web_search"},
            ],
        }
    ]
}
AWS = {
    "line_item_product_code": "AmazonBedrock", "line_item_currency_code": "USD", "line_item_line_item_type": "Usage",
    "pricing_unit": "1K tokens",
    "line_item_usage_type": "USE1-Claude4Sonnet-output-tokens", "line_item_usage_amount": "2.5", "line_item_unblended_cost": "0.0375",
    "line_item_usage_start_date": "2026-10-01T05:00:00Z",
}  # fmt: skip
FOCUS = {
    "BillingCurrency": "USD", "ProviderName": "OpenAI", "ChargePeriodStart": "2026-10-01T00:00:00Z", "BilledCost": "1.5",
    "ChargeCategory": "Usage", "ServiceName": "gpt-4o", "SkuMeter": "Input Tokens", "ConsumedQuantity": "600", "ConsumedUnit": "1K Tokens",
}  # fmt: skip


def test_what_providers_export_is_read(tmp_path: Path) -> None:
    aws = table(AWS, {**AWS, "line_item_product_code": "AmazonEC2"})
    assert read_invoice([written(tmp_path, "o.json", json.dumps(OPENAI))], "openai").lines == [
        BilledLine(FIRST, "openai", "gpt-4o-2024-08-06", "cache_read", None, Decimal("0.06")),
        BilledLine(FIRST, "openai", "", "web search tool calls", None, Decimal("0.01")),
    ]
    assert [
        (line.model, line.kind, line.amount)
        for line in read_invoice([written(tmp_path, "a.json", json.dumps(ANTHROPIC))], "anthropic").lines
    ] == [
        ("claude-sonnet-4-5-20250929", "input", Decimal("1.2345")),
        ("claude-sonnet-4-5-20250929", "cache_write", Decimal("0.10")),
        ("", "web_search", Decimal("0.05")),
    ]
    assert read_invoice([written(tmp_path, "cur.csv", aws)], "aws").lines == [
        BilledLine(FIRST, "aws.bedrock", "Claude4Sonnet", "output", Decimal(2500), Decimal("0.0375"))
    ]
    assert read_invoice(
        [written(tmp_path, "f.csv", table(FOCUS, {**FOCUS, "ChargeCategory": "Credit", "BilledCost": "-0.5"}))], "focus"
    ).lines == [
        BilledLine(FIRST, "openai", "gpt-4o", "input", Decimal(600_000), Decimal("1.5")),
        BilledLine(FIRST, "openai", "", "credit", None, Decimal("-0.5")),
    ]


@pytest.mark.parametrize(
    ("name", "text", "provider", "named"),
    [
        ("a.json", "{", "openai", "no JSON"),
        ("a.json", '{"rows": []}', "openai", "data"),
        ("a.json", '{"data": [], "has_more": true}', "openai", "has_more"),
        ("a.json", '{"data": []}', "openai", "no line"),
        ("a.csv", table({**FOCUS, "BillingCurrency": "EUR"}), "focus", "line 2: .*column BillingCurrency: billed in EUR"),
        ("a.csv", table({"BilledCost": "1"}), "focus", "BillingCurrency"),
        ("a.csv", table({**FOCUS, "BilledCost": "NaN"}), "focus", "no number"),
        ("a.csv", table(FOCUS), "acme", "acme"),
        ("a.csv", "x" * 200_000, "focus", "cannot be read: field larger"),
        ("a.csv.gz", table(FOCUS), "focus", "cannot be read: Not a gzipped file"),
        ("a.parquet", table(FOCUS), "focus", "cannot be read as Parquet"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, text: str, provider: str, named: str) -> None:
    with pytest.raises(RefusedError, match=named):
        read_invoice([written(tmp_path, name, text)], provider)


def test_the_ledger_is_asked_for_the_providers_and_days_of_the_invoice(store: Store) -> None:
    at = int(datetime(2026, 10, 1, 23, 30, tzinfo=UTC).timestamp())
    usage = {"provider": "openai", "tokens": (1000, 100)}
    deliver(
        store,
        [
            call("a", trace="t1", at=at, cost="0.0035", span_team="sales", **usage),
            call("b", trace="t2", at=at + 86_400 * 9, cost="1", span_team="sales", **usage),
            call("c", trace="t3", at=at, cost="1", span_team="sales", **{**usage, "provider": "anthropic"}),
        ],
    )
    attribute(store, AttributionConfig())
    lines = [
        BilledLine(FIRST, "openai", "gpt-4o-2024-08-06", "input", Decimal(2000), Decimal("0.005")),
        BilledLine(FIRST, "openai", "gpt-4o-2024-08-06", "output", Decimal(100), Decimal("0.001")),
    ]
    assert reconcile(store, lines) == [
        Reconciled(
            "openai",
            FIRST,
            "gpt-4o",
            "input",
            Decimal("0.005"),
            Decimal("0.0025"),
            Decimal("0.0025"),
            Decimal(0),
            "1000 tokens that no span tells of",
        ),
        Reconciled("openai", FIRST, "gpt-4o", "output", Decimal("0.001"), Decimal("0.001"), Decimal(0), Decimal(0), ""),
    ]


def test_principals_are_kept_with_what_was_found_last(store: Store) -> None:
    def found(day: date, billed: str) -> Reconciled:
        return Reconciled("aws.bedrock", day, "m", "input", Decimal(billed), Decimal(0), Decimal(billed), Decimal(0), "some")

    def alice(day: date, billed: str) -> PrincipalBilled:
        return PrincipalBilled("aws.bedrock", day, "alice", Decimal(billed), Decimal(0), Decimal(billed) / 3)

    later = FIRST + timedelta(days=1)
    keep_reconciled(store, [found(FIRST, "9"), found(later, "9")], [alice(FIRST, "9"), alice(later, "9")])
    keep_reconciled(store, [found(FIRST, "8")], [alice(FIRST, "8"), PrincipalBilled("aws.bedrock", FIRST, "", *[Decimal(0)] * 3)])
    rows = store.query("SELECT day, principal, billed, unseen_at_most FROM principals_found ORDER BY ALL")
    third = Decimal("2.666666666667")
    assert [tuple(row.values()) for row in rows] == [(FIRST, "", 0, 0), (FIRST, "alice", 8, third), (later, "alice", 9, 3)]
    keep_reconciled(store, [found(FIRST, "8")])
    assert store.query("SELECT day FROM principals_found") == [{"day": later}], "an invoice that names nobody"


def test_what_was_found_last_of_a_provider_and_day_counts(store: Store) -> None:
    def found(day: date, provider: str, billed: str, explained: str) -> Reconciled:
        usd, seen = Decimal(billed), Decimal(explained)
        return Reconciled(provider, day, "m", "input", usd, seen, usd - seen, Decimal(0), "some")

    keep_reconciled(store, [])
    keep_reconciled(store, [found(FIRST, "openai", "9", "1"), found(FIRST, "anthropic", "2", "2")])
    keep_reconciled(store, [found(FIRST, "openai", "8", "6"), found(FIRST + timedelta(days=1), "openai", "1", "0")])
    rows = store.query("SELECT provider, day, billed, explained + unseen + variance AS whole, explained FROM reconciliations_found")
    assert {(row["provider"], row["day"], row["billed"], row["whole"], row["explained"]) for row in rows} == {
        ("openai", FIRST, 8, 8, 6), ("openai", FIRST + timedelta(days=1), 1, 1, 0), ("anthropic", FIRST, 2, 2, 2),
    }  # fmt: skip

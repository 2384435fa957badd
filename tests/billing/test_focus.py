"""The ledger as FOCUS: reading it back gives the ledger again, to the digit; pools are split into parts that sum to one."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from attribution.attribute import attribute
from attribution.billing import focus_charges, focus_columns
from attribution.closing import close
from attribution.configuration import AttributionConfig
from attribution.errors import NotFoundError
from attribution.pools import add_cost
from attribution.storage import Store
from collector.commands.export import _csv
from tests.attribution.cases import call, guarded
from tests.attribution.compare import deliver
from tests.beginnings import Begin

OCTOBER = int(datetime(2026, 10, 15, 12, tzinfo=UTC).timestamp())
SHARED = AttributionConfig.parse(
    {
        "agents": {"shared": ["guardrail"]},
        "periods": {"timezone": "Europe/Berlin"},
        "organization": {"teams": {"ops": {"cost_center": "CC-9"}}},
    }
)
MANDATORY = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargeCategory",
    "ChargePeriodStart", "ChargePeriodEnd", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "ProviderName",
    "PublisherName", "ServiceCategory", "ServiceName",
)  # fmt: skip


def of_october(store: Store) -> None:
    """A month with pools that split into thirds, additions, names that need quoting, and one call that comes after the closing."""
    deliver(
        store,
        [
            call("a", trace="t1", at=OCTOBER, cost="1.000000000001", span_team='=sales, "west"', provider="openai"),
            *[span for n in range(3) for span in guarded(f"g{n}", ["ops", "b", "c"][n], "0.333333333333", at=OCTOBER + n * 86_400)],
        ],
    )
    add_cost(store, SHARED, "licence", Decimal(10), "2026-10", driver="even")
    close(store, SHARED, "2026-10", datetime(2027, 6, 1, tzinfo=UTC))
    deliver(store, [call("z", trace="t9", at=OCTOBER, cost="7", span_team="ops")])
    attribute(store, SHARED)


@pytest.fixture
def books(store: Store, begin: Begin) -> Store:
    begin(of_october)
    return store


def exported(store: Store, version: str = "1.2") -> list[dict[str, str]]:
    """As a program reads the file."""
    rows = list(focus_charges(store, "Europe/Berlin", version))
    return list(csv.DictReader(io.StringIO("".join(_csv(focus_columns(version), rows)), newline="")))


Key = tuple[str, ...]
BY = ("kind", "period", "day", "effective_period", "pool", "agent", "provider", "model", "bucket", "workflow", "team", "cost_center")


def test_reading_it_back_gives_the_ledger_again(books: Store) -> None:
    read: dict[Key, Decimal] = defaultdict(Decimal)
    for row in exported(books):
        tags = json.loads(row["Tags"])
        own = ("Kind", "BookedPeriod", "BookedDay", "EffectivePeriod", "Pool", "Agent", "Provider", "Model", "Bucket", "Workflow")
        read[*(row[f"x_{name}"] for name in own), tags.get("team", ""), tags.get("cost_center", "")] += Decimal(row["BilledCost"])
    ledger: dict[Key, Decimal] = defaultdict(Decimal)
    for posting in books.query(f"SELECT {', '.join(BY)}, amount FROM ledger"):
        ledger[tuple(str(posting[name]) for name in BY)] += posting["amount"]
    assert read == {key: amount for key, amount in ledger.items() if amount}
    assert sum(read.values()) == Decimal("1.000000000001") + 3 * Decimal("0.333333333333") + 17


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_every_row_has_what_the_specification_demands(books: Store, version: str) -> None:
    rows = exported(books, version)
    assert [(name, row) for row in rows for name in MANDATORY if not row[name]] == []
    assert {row["BillingCurrency"] for row in rows} == {"USD"}
    assert {(row["BillingPeriodStart"], row["BillingPeriodEnd"]) for row in rows} == {
        ("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),
        ("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"),
    }
    assert all(row["ChargePeriodStart"] < row["ChargePeriodEnd"] for row in rows)


def test_a_model_is_what_is_paid_of_a_provider(books: Store) -> None:
    rows = exported(books)
    models = [row for row in rows if row["x_Model"]]
    assert models
    for row in models:
        sku = f"{row['x_Provider']}/{row['x_Model']}" if row["x_Provider"] else row["x_Model"]
        assert (row["SkuId"], row["SkuPriceId"], row["SkuMeter"]) == (sku, sku, "Tokens")
        named = {"x_ModelId": row["x_Model"], "x_ModelProvider": row["x_Provider"]}
        assert json.loads(row["SkuPriceDetails"]) == {name: value for name, value in named.items() if value}
    assert {row["SkuId"] + row["SkuPriceDetails"] for row in rows if not row["x_Model"]} == {""}


def test_late_cost_is_a_correction_of_the_month_in_which_it_arose(books: Store) -> None:
    (late,) = (row for row in exported(books) if row["x_Kind"] == "late")
    assert (late["ChargeClass"], late["ChargeCategory"]) == ("Correction", "Usage")
    assert (late["ChargePeriodStart"], late["ChargePeriodEnd"]) == ("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z")
    assert late["BillingPeriodStart"] == "2026-10-31T23:00:00Z"


def test_the_parts_of_a_pool_sum_to_one_and_name_who_gets_them(books: Store) -> None:
    rows = exported(books, "1.3")
    parts: dict[Key, Decimal] = defaultdict(Decimal)
    for row in rows:
        is_split = row["x_Kind"] == "allocation"
        # The five rules of split cost allocation: all of its columns, or none of them.
        assert {bool(row[f"Allocated{name}"]) for name in ("MethodId", "MethodDetails", "ResourceId", "ResourceName", "Tags")} == {is_split}
        if is_split:
            (element,) = json.loads(row["AllocatedMethodDetails"], parse_float=Decimal, parse_int=Decimal)["Elements"]
            parts[row["x_Pool"], row["x_BookedDay"]] += element["AllocatedRatio"]
            assert (row["AllocatedMethodId"], element["UsageUnit"]) in {("pool by invocations", "invocations"), ("pool by even", "even")}
            assert row["AllocatedResourceId"] == row["SubAccountId"]
            assert element["UsageQuantity"] > 0
    assert len(parts) == 4
    assert set(parts.values()) == {Decimal(1)}


def test_days_can_be_chosen_and_versions_are_named(books: Store) -> None:
    day = datetime(2026, 10, 15, tzinfo=UTC).date()
    rows: list[dict[str, Any]] = list(focus_charges(books, "UTC", "1.2", day, day))
    assert {row["x_BookedDay"] for row in rows} == {"2026-10-15"}
    with pytest.raises(NotFoundError, match=r"1\.2, 1\.3"):
        focus_columns("0.5")

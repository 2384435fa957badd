"""The ledger as rows of FOCUS, the FinOps Open Cost and Usage Specification (https://focus.finops.org/focus-specification/v1-2/).

A row is a charge: what the ledger booked on a day under the same dimensions. A pool's cost is there three times, as in the ledger: put into
the pool, taken out, and allocated to the teams. All of it sums to what is billed.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from attribution.errors import NotFoundError
from attribution.reports import FIRST_DAY, LAST_DAY
from attribution.storage import Store

FOCUS_VERSIONS = ("1.2", "1.3")

COLUMNS_1_2 = tuple(
    re.findall(
        r"\w+",
        """
        AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingAccountType BillingCurrency BillingPeriodEnd
        BillingPeriodStart CapacityReservationId CapacityReservationStatus ChargeCategory ChargeClass ChargeDescription
        ChargeFrequency ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory CommitmentDiscountId CommitmentDiscountName
        CommitmentDiscountQuantity CommitmentDiscountStatus CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity
        ConsumedUnit ContractedCost ContractedUnitPrice EffectiveCost InvoiceId InvoiceIssuerName ListCost ListUnitPrice
        PricingCategory PricingCurrency PricingCurrencyContractedUnitPrice PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice
        PricingQuantity PricingUnit ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType
        ServiceCategory ServiceName ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName
        SubAccountType Tags
        """,
    )
)
SPLIT_COLUMNS = ("AllocatedMethodId", "AllocatedMethodDetails", "AllocatedResourceId", "AllocatedResourceName", "AllocatedTags")
"""Of FOCUS 1.3: how an allocated charge was split off. FOCUS 1.2 has them as columns of our own, with `x_`."""
OWN_COLUMNS = tuple(
    "x_Kind x_BookedPeriod x_BookedDay x_EffectivePeriod x_Pool x_Agent x_Provider x_Model x_Bucket x_Workflow x_Department".split()  # noqa: SIM905
)
MONEY_COLUMNS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "PricingCurrencyEffectiveCost")
TIME_COLUMNS = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")

SERVICES = {
    "llm": ("AI and Machine Learning", "Generative AI"),
    "compute": ("Compute", "Other (Compute)"),
    "storage": ("Storage", "Other (Storage)"),
}
"""Bucket to the category and subcategory of FOCUS; all others are `Other`."""
CATEGORIES = {"direct": "Usage", "pool": "Usage", "unobserved": "Usage", "late": "Usage"}
"""Kind of posting to FOCUS's category of a charge; all others are adjustments. What was added to a pool is
no `Purchase`: FOCUS takes that for what covers later charges."""
TAGS = ("team", "department", "cost_center", "project", "environment", "workflow")
RATIO = Decimal("0.000000000001")

Charge = Mapping[str, Any]


def focus_columns(version: str) -> tuple[str, ...]:
    """The columns of a version of FOCUS, then our own. Raises NotFoundError."""
    if version not in FOCUS_VERSIONS:
        raise NotFoundError(f"there is no export for FOCUS {version!r}; there is {', '.join(FOCUS_VERSIONS)}")
    if version == "1.2":
        return (*COLUMNS_1_2, *(f"x_{name}" for name in SPLIT_COLUMNS), *OWN_COLUMNS)
    return (*COLUMNS_1_2, *SPLIT_COLUMNS, "HostProviderName", "ServiceProviderName", *OWN_COLUMNS)


def focus_charges(
    store: Store, timezone: str, version: str = "1.2", first: date | None = None, last: date | None = None
) -> Iterator[dict[str, Any]]:
    """Charges that were booked from day `first` to day `last`, both included, with the columns of a version. None is null.

    Amounts are Decimal in USD, times are datetimes in UTC: a month begins when it does in `timezone`, that of the configuration.
    Raises NotFoundError where there is no such version.
    """
    columns = focus_columns(version)
    charges = store.rows("billing/charges", first=max(first or FIRST_DAY, FIRST_DAY), last=min(last or LAST_DAY, LAST_DAY))
    ratios = _ratios(charges)
    zone = ZoneInfo(timezone)
    for place, charge in enumerate(charges):
        row = {**_costs(charge), **_times(charge, zone), **_what(charge), **_sku(charge), **_who(charge), **_own(charge)}
        split = _split(charge, ratios.get(place))
        row |= split if version != "1.2" else {f"x_{name}": value for name, value in split.items()}
        yield {name: row.get(name) for name in columns}


def _ratios(charges: Sequence[Charge]) -> dict[int, Decimal]:
    """The place of each allocation to its part of what the pool handed out that day; those of a pool and day sum to 1 exactly."""
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, charge in enumerate(charges):
        if charge["kind"] == "allocation":
            groups[charge["period"], charge["day"], charge["pool"]].append(place)
    found: dict[int, Decimal] = {}
    for places in groups.values():
        whole = sum((charges[place]["amount"] for place in places), Decimal(0))
        if not whole:
            continue
        shares = {place: (charges[place]["amount"] / whole).quantize(RATIO) for place in places}
        largest = max(places, key=lambda place, shares=shares: shares[place])  # type: ignore[misc]
        shares[largest] += 1 - sum(shares.values(), Decimal(0))
        found |= shares
    return found


def _costs(charge: Charge) -> dict[str, Any]:
    """The ledger knows what is paid: list and contracted cost are that too."""
    return {**dict.fromkeys(MONEY_COLUMNS, charge["amount"]), **dict.fromkeys(("BillingCurrency", "PricingCurrency"), "USD")}


def _times(charge: Charge, zone: ZoneInfo) -> dict[str, datetime]:
    """Late cost arose in its old month; on which day the rollup does not say, so the whole month is its period."""
    start, end = _days_of_month(charge["period"])
    arose = (charge["day"], charge["day"] + timedelta(days=1))
    if charge["effective_period"] not in ("", charge["period"]):
        arose = _days_of_month(charge["effective_period"])
    days = {"BillingPeriodStart": start, "BillingPeriodEnd": end, "ChargePeriodStart": arose[0], "ChargePeriodEnd": arose[1]}
    return {name: datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for name, day in days.items()}


def _days_of_month(period: str) -> tuple[date, date]:
    """Its first day, and the first of the next month."""
    year, month = map(int, period.split("-"))
    return date(year, month, 1), date(year, month, 1) + timedelta(days=monthrange(year, month)[1])


def _what(charge: Charge) -> dict[str, Any]:
    category, subcategory = SERVICES.get(charge["bucket"], ("Other", "Other (Other)"))
    is_late = charge["effective_period"] not in ("", charge["period"])
    what = " ".join(part for part in (charge["model"] or charge["bucket"], charge["pool"] and f"pool {charge['pool']}") if part)
    return {
        "ChargeCategory": CATEGORIES.get(charge["kind"], "Adjustment"),
        "ChargeClass": "Correction" if is_late else None,
        "ChargeDescription": f"{charge['kind']}: {what}" if what else charge["kind"],
        "ChargeFrequency": "One-Time" if charge["kind"] == "added" else "Usage-Based",
        "ServiceCategory": category,
        "ServiceSubcategory": subcategory,
        "ServiceName": charge["model"] or charge["bucket"] or charge["pool"] or "AI agents",
        "ResourceId": charge["agent"] or None,
        "ResourceName": charge["agent"] or None,
        "ResourceType": "AI agent" if charge["agent"] else None,
    }


def _sku(charge: Charge) -> dict[str, Any]:
    """What of a provider is paid: a model, by its tokens of all kinds.

    FOCUS has no names yet for a model and its provider; those that are proposed for 1.5 stand with `x_`.
    """
    if not charge["model"]:
        return {}
    sku = "/".join(filter(None, (charge["provider"], charge["model"])))
    details = {"x_ModelId": charge["model"], **({"x_ModelProvider": charge["provider"]} if charge["provider"] else {})}
    return {"SkuId": sku, "SkuPriceId": sku, "SkuMeter": "Tokens", "SkuPriceDetails": json.dumps(details, ensure_ascii=False)}


def _who(charge: Charge) -> dict[str, Any]:
    provider = charge["provider"] or "internal"
    tags = {name: charge[name] for name in TAGS if charge[name]}
    return {
        "BillingAccountId": "spanledger",
        "BillingAccountName": "Spanledger",
        "BillingAccountType": "Ledger",
        "InvoiceId": f"statement-{charge['period']}",
        **dict.fromkeys(("ProviderName", "PublisherName", "InvoiceIssuerName", "HostProviderName", "ServiceProviderName"), provider),
        "SubAccountId": charge["team"] or None,
        "SubAccountName": charge["team"] or None,
        "SubAccountType": "Team" if charge["team"] else None,
        "Tags": json.dumps(tags, ensure_ascii=False, sort_keys=True),
    }


def _split(charge: Charge, ratio: Decimal | None) -> dict[str, Any]:
    """How an allocation was split off its pool; nothing of other charges."""
    if charge["kind"] != "allocation":
        return {}
    details = None
    if ratio is not None:
        # Written by hand, for a float would lose digits.
        usage = f', "UsageUnit": {json.dumps(charge["driver"])}, "UsageQuantity": {charge["weight"]:f}' if charge["driver"] else ""
        details = f'{{"Elements": [{{"AllocatedRatio": {ratio:f}{usage}}}]}}'
    return {
        "AllocatedMethodId": f"pool by {charge['driver']}" if charge["driver"] else "pool",
        "AllocatedMethodDetails": details,
        "AllocatedResourceId": charge["team"] or "unattributed",
        "AllocatedResourceName": charge["team"] or "unattributed",
        "AllocatedTags": json.dumps({"team": charge["team"]}, ensure_ascii=False) if charge["team"] else None,
    }


def _own(charge: Charge) -> dict[str, Any]:
    """With these and the tags a row is the ledger's again."""
    values = (charge[name] for name in "kind period day effective_period pool agent provider model bucket workflow department".split())  # noqa: SIM905
    return {
        name: (value.isoformat() if isinstance(value, date) else value) or None for name, value in zip(OWN_COLUMNS, values, strict=True)
    }

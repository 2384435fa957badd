"""What clouds bill for models, row by row of their own exports, and of FOCUS.

Sources: AWS Data Exports User Guide, "Cost and Usage Report (CUR) 2.0", with "Using IAM principal for cost allocation" of AWS Billing
(`line_item_iam_principal`, tags `iamPrincipal/`); Microsoft Learn, "Enterprise Agreement cost and usage details file schema",
"Microsoft Customer Agreement cost and usage details file schema" and "Convert Cost Management data to FOCUS"
(https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/schema-index); Google Cloud, "Structure of Standard data export"
and "Structure of Detailed data export" (https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables); FOCUS 1.0 to 1.4.
What is billed for anything but models is left out.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from attribution.billing.lines import KINDS, BilledLine, Row, WrongRowError, in_dollars, kind_of
from attribution.billing.meters import read_meter
from attribution.conventions.providers import canonical

AZURE, AWS, GEMINI, VERTEX = "azure.ai.openai", "aws.bedrock", "gcp.gemini", "gcp.vertex_ai"
UNIT = re.compile(r"(?<![\d.,])(\d[\d,]*)? ?(thousand|million|k|m)?(?![a-z])", re.IGNORECASE)
SCALES = {"": 1, "k": 1000, "thousand": 1000, "m": 10**6, "million": 10**6}
BEDROCK_EDITION = re.compile(r"\s*\(Amazon Bedrock Edition\)$", re.IGNORECASE)
"""Models that are sold through AWS Marketplace: their usage types name no model."""
MARKETPLACE_UNIT = re.compile(r"million|thousand", re.IGNORECASE)
AWS_REGION = re.compile(r"^(?:US|EU|AP|CA|SA|ME|AF|IL|MX|CN|UG)[A-Z]{0,2}\d?-(?:MP:[A-Z0-9]+_)?")
AWS_USE = frozenset({"Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"})
AZURE_MODELS = re.compile(r"openai|foundry models|ai models|\bMAI\b|deepseek|mistral|llama|grok|claude|cohere|phi-", re.IGNORECASE)
"""In a category, subcategory or product of meters for models."""
AZURE_FAMILY = re.compile(r"^(?=\d)")
"""`5.4 mini`: of Azure OpenAI's meters the newer ones leave out GPT."""
AZURE_CARRIERS = re.compile(r"^FW |^paygo[- ]inf(erence)?$")
"""Fireworks on Azure; meters of Marketplace, whose product is the model."""
GOOGLE_MODELS = {"vertex ai": VERTEX, "agent platform": VERTEX, "gemini api": GEMINI, "generative language api": GEMINI}
GOOGLE_COUNTS = frozenset({"", "count", "requests", "tokens"})
"""Units of usage that count what the SKU says; the others are of time and size."""
CLOUDS = {"aws": AWS, "amazon web services": AWS, "microsoft": AZURE, "microsoft azure": AZURE, "google cloud": VERTEX, "google": VERTEX}
"""Who provides more than models, by FOCUS's names."""


@lru_cache(maxsize=256)
def scale_of(unit: str) -> int | None:
    """How many tokens a unit is: `1K`, `1K tokens`, `1M`, `Million tokens`, `100K`, `count`; None for what counts no tokens."""
    words = re.sub(r"\b(tokens?|counts?|units?)\b", "", unit, flags=re.IGNORECASE).strip()
    found = UNIT.fullmatch(words)
    return int((found[1] or "1").replace(",", "") or 1) * SCALES[(found[2] or "").lower()] if found else None


def aws(row: Row) -> list[BilledLine]:
    """Of a CUR 2.0 what Bedrock billed, itself or through AWS Marketplace. The usage type names model, kind, tier and routing."""
    edition = "" if "bedrock" in row.of_column("line_item_product_code").lower() else _edition(row)
    if edition is None:
        return []
    row.dollars("line_item_currency_code")
    usage_type, charge = str(row.needed("line_item_usage_type")[1]), row.text("line_item_line_item_type") or "Usage"
    day, amount, principal = row.day("line_item_usage_start_date"), row.number("line_item_unblended_cost"), _iam_principal(row)
    model, kind = read_meter(AWS_REGION.sub("", usage_type))
    if charge not in AWS_USE:
        return [BilledLine(day, AWS, "", charge, None, amount, principal)]
    if kind is None:
        return [BilledLine(day, AWS, "", usage_type, None, amount, principal)]
    return [BilledLine(day, AWS, edition or model, kind, _aws_tokens(row, in_marketplace=bool(edition)), amount, principal)]


def _edition(row: Row) -> str | None:
    """The model that AWS Marketplace sells for Bedrock; None: it is something else."""
    product = row.text("product_product_name", "product_servicename") or str(row.object("product").get("product_name") or "")
    return BEDROCK_EDITION.sub("", product) if BEDROCK_EDITION.search(product) else None


def _aws_tokens(row: Row, *, in_marketplace: bool) -> Decimal | None:
    """Bedrock's unit is `1K tokens`; Marketplace's is `Units`, of which the description says how many tokens each is, mostly a million."""
    unit = row.text("pricing_unit") or "tokens"
    if in_marketplace and unit.lower() == "units":
        said = MARKETPLACE_UNIT.search(row.text("line_item_line_item_description"))
        unit = said[0] if said else "million"
    scale, used = scale_of(unit), row.count("line_item_usage_amount")
    return used * scale or None if used is not None and scale else None


def _iam_principal(row: Row) -> str:
    """The ARN of who called, and what it is tagged with. Tags stand in a map, each under the prefix of where it comes from."""
    tags = sorted((name, value) for name, value in row.object("tags").items() if name.startswith("iamPrincipal/") and value)
    return " ".join(filter(None, [row.text("line_item_iam_principal"), *(f"{name.partition('/')[2]}={value}" for name, value in tags)]))


def azure(row: Row) -> list[BilledLine]:
    """Actual or amortized cost and usage details of Cost Management, in the columns of EA, MCA or pay-as-you-go."""
    meter, product = row.text("MeterName"), row.text("ProductName", "Product")
    of = [row.text("MeterCategory"), row.text("MeterSubCategory"), product, row.text("ConsumedService")]
    model, kind = read_meter(meter)
    if not any(AZURE_MODELS.search(each) for each in of):
        return []
    charge = row.text("ChargeType") or "Usage"
    amount, day = _azure_amount(row), row.day("Date", "UsageDate", "UsageDateTime")
    if charge != "Usage":
        return [BilledLine(day, AZURE, "", charge, None, amount)]
    if kind is None:
        return [BilledLine(day, AZURE, "", meter or product, None, amount)]
    if any("openai" in each.lower() for each in of):
        model = AZURE_FAMILY.sub("gpt ", model)
    model = AZURE_CARRIERS.sub("", model) or product
    return [BilledLine(day, AZURE, model, kind, _azure_tokens(row, amount), amount)]


def _azure_amount(row: Row) -> Decimal:
    """In USD, as it was billed or as the file converted it."""
    currency, _ = row.needed("BillingCurrencyCode", "BillingCurrency", "Currency")
    if row.text(currency).upper() != "USD" and row.get("CostInUsd") is not None:
        return row.number("CostInUsd")
    row.dollars(currency)
    return row.number("CostInBillingCurrency", "Cost", "PreTaxCost")


def _azure_tokens(row: Row, amount: Decimal) -> Decimal | None:
    """The quantity counts tokens, or units of `UnitOfMeasure`: files differ. What was paid, by the price of a unit, says which.

    Both are far apart: a unit is a thousand tokens or a million, and no discount is as large.
    """
    quantity, scale = row.count("Quantity", "UsageQuantity"), scale_of(row.text("UnitOfMeasure"))
    if not quantity or not scale:
        return None
    price = row.count("UnitPrice") or row.count("PayGPrice") or Decimal(0)
    if price and amount and quantity**2 * price**2 < amount**2 * scale:
        return quantity * scale
    return quantity


def gcp(row: Row) -> list[BilledLine]:
    """Standard or detailed usage cost of Google Cloud's export to BigQuery: a line for what was used, and one for each credit."""
    provider = GOOGLE_MODELS.get(row.of_column("service.description").lower())
    if provider is None:
        return []
    day, rate, charge = row.day("usage_start_time"), _rate(row), row.text("cost_type") or "regular"
    amount = in_dollars(row.number("cost"), rate)
    sku = row.text("sku.description")
    model, kind = read_meter(sku)
    if charge != "regular":
        used = BilledLine(day, provider, "", charge, None, amount)
    elif kind is None or row.text("usage.unit").lower() not in GOOGLE_COUNTS:
        used = BilledLine(day, provider, "", sku or "other", None, amount)
    else:
        used = BilledLine(day, provider, model, kind, row.count("usage.amount") or None, amount)
    return [used, *(_google_credit(credit, used, rate) for credit in row.rows("credits"))]


def _rate(row: Row) -> Decimal:
    """How much of the row's currency one USD is."""
    currency, _ = row.needed("currency")
    if row.text(currency).upper() == "USD":
        return Decimal(1)
    rate = row.number("currency_conversion_rate")
    if rate <= 0:
        raise WrongRowError("currency_conversion_rate", f"{rate} is no rate")
    return rate


def _google_credit(credit: Row, used: BilledLine, rate: Decimal) -> BilledLine:
    """What is taken off: a negative amount, with its type and name."""
    said = [credit.text("credits.type") or "of no type", credit.text("credits.full_name", "credits.name")]
    amount = in_dollars(credit.number("credits.amount"), rate)
    return BilledLine(used.day, used.provider, "", f"credit {': '.join(filter(None, said))}", None, amount)


def focus(row: Row) -> list[BilledLine]:
    """The model is what the SKU, the resource or the service is called; providers do not agree which. Clouds name their meter."""
    row.dollars("BillingCurrency")
    _, named = row.needed("ServiceProviderName", "ProviderName")
    category, day, amount = row.text("ChargeCategory") or "Usage", row.day("ChargePeriodStart"), row.number("BilledCost")
    cloud = CLOUDS.get(str(named).lower())
    if cloud and row.text("ServiceCategory") not in {"", "AI and Machine Learning"}:
        return []
    if cloud == VERTEX:
        cloud = GOOGLE_MODELS.get(row.text("ServiceName").lower(), VERTEX)
    provider = cloud or canonical(str(named))
    if category != "Usage":
        return [BilledLine(day, provider, "", category.lower(), None, amount)]
    if cloud:
        meter = row.text("x_SkuMeterName", "x_UsageType", "SkuMeter", "x_SkuDescription", "ChargeDescription")
        model, kind = read_meter(AWS_REGION.sub("", meter))
        model = AZURE_FAMILY.sub("gpt ", model) if cloud == AZURE else model
        model, kind = (model, kind) if kind else ("", meter or category.lower())
    else:
        details = row.object("SkuPriceDetails")
        model = row.text("x_Model") or details.get("x_Model") or details.get("Model") or row.text("ResourceName", "ServiceName")
        kind = kind_of(row.text("SkuMeter", "ChargeDescription") or category)
    quantity, unit = row.count("ConsumedQuantity"), row.text("ConsumedUnit")
    scale = scale_of(unit) if "token" in unit.lower() or (cloud and kind in KINDS) else None
    return [BilledLine(day, provider, str(model), kind, quantity * scale if quantity and scale else None, amount)]

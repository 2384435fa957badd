"""Invoices as clouds export them, in the shapes that their documentation gives: for the use of models, with all that stands beside it.

Each form writes rows of made-up use; nothing of it comes from a bill.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

Members = dict[str, Any]


@dataclass(frozen=True)
class Use:
    """Tokens of a kind that somebody is billed for."""

    day: date
    model: str
    kind: str
    tokens: int
    amount: Decimal
    principal: str = ""


@dataclass(frozen=True)
class Form:
    """How one export says it."""

    provider: str
    """Of `--provider`."""
    biller: str
    models: Sequence[str]
    """As the ledger calls them."""
    row: Callable[[random.Random, Use], Members]
    others: Callable[[date], list[tuple[Members, Decimal | None]]]
    """What else it bills on a day, and its amount; None: for other services, which is not read."""
    kinds: Sequence[str] = ("input", "cache_read", "cache_write", "output")
    files: Sequence[str] = ("csv", "parquet", "csv.gz")
    maps: Sequence[str] = ()
    """Columns that are maps in Parquet."""


# Azure: meter names in the spellings of its price list; quantities in units or in tokens.

AZURE_METERS: Mapping[str, Sequence[tuple[str, str]]] = {
    "gpt-4o-2024-08-06": [
        ("gpt-4o-0806-{} glbl Tokens", "1K"),
        ("gpt 4o 0806 {} regnl Tokens", "1K"),
        ("gpt 4o 0806 Batch{} DataZone Tokens", "1K"),
    ],
    "gpt-4o-mini": [("gpt 4o mini0718 {} Data Zone Tokens", "1K"), ("gpt-4o-mini-0718-{}-glbl Tokens", "1K")],
    "gpt-5-mini-2025-08-07": [("GPT 5 Mini {} Glbl 1M Tokens", "1M"), ("5 mini {} Gl 1M Tokens", "1M")],
}
AZURE_KINDS = {
    "input": ["Inp", "Inpt"],
    "cache_read": ["cached Inp", "cchd Inpt", "cd Inp"],
    "cache_write": ["Cd Wr"],
    "output": ["Outp", "outpt", "opt"],
}
UNITS = {"1K": 1000, "1M": 10**6}


def azure_row(rng: random.Random, use: Use) -> Members:
    meter, unit = rng.choice(AZURE_METERS[use.model])
    units = Decimal(use.tokens) / UNITS[unit]
    price = use.amount / units if units else Decimal(0)
    return {
        "Date": use.day,
        "ProductName": "Azure OpenAI GPT",
        "MeterCategory": "Foundry Models",
        "MeterSubCategory": "Azure OpenAI GPT",
        "MeterName": meter.format(rng.choice(AZURE_KINDS[use.kind])),
        "UnitOfMeasure": unit,
        "Quantity": rng.choice([units, Decimal(use.tokens)]),
        "UnitPrice": round(price * rng.choice([1, Decimal("1.3")]), 15),
        "CostInBillingCurrency": use.amount,
        "BillingCurrencyCode": "USD",
        "ConsumedService": "Microsoft.CognitiveServices",
        "ChargeType": "Usage",
    }


def azure_others(day: date) -> list[tuple[Members, Decimal | None]]:
    use = azure_row(random.Random(1), Use(day, "gpt-4o-mini", "input", 1000, Decimal("0.5")))
    hours = {**use, "MeterName": "Provisioned Managed Global Unit", "UnitOfMeasure": "1 Hour", "CostInBillingCurrency": Decimal("2.5")}
    refund = {**use, "ChargeType": "Refund", "CostInBillingCurrency": Decimal("-0.25")}
    disk = {
        **use,
        "MeterCategory": "Storage",
        "MeterSubCategory": "Premium SSD",
        "ProductName": "Disks",
        "MeterName": "P10",
        "ConsumedService": "Microsoft.Compute",
    }
    return [(hours, Decimal("2.5")), (refund, Decimal("-0.25")), (disk, None)]


def as_mca(row: Members) -> Members:
    """The columns of a Microsoft Customer Agreement, which is billed in euros and says what that is in dollars."""
    renamed = {name[0].lower() + name[1:]: value for name, value in row.items()}
    renamed["product"] = renamed.pop("productName")
    renamed["billingCurrency"] = "EUR"
    del renamed["billingCurrencyCode"]
    renamed["costInUsd"] = renamed["costInBillingCurrency"]
    renamed["costInBillingCurrency"] = round(renamed["costInBillingCurrency"] * Decimal("0.9"), 12)
    return renamed


# AWS: of Bedrock itself and of AWS Marketplace.

AWS_METERS = {
    "us.anthropic.claude-opus-4-6-v1:0": "Claude4.6Opus",
    "amazon.nova-2-lite-v1:0": "Nova2.0Lite",
    "openai.gpt-oss-20b-1:0": "openai.gpt-oss-20b-mantle",
}
AWS_EDITIONS = {"us.anthropic.claude-sonnet-4-5-20250929-v1:0": "Claude Sonnet 4.5 (Amazon Bedrock Edition)"}
AWS_KINDS = {
    "input": "input-tokens",
    "output": "output-tokens",
    "cache_read": "cache-read-input-token-count",
    "cache_write": "cache-write-input-token-count",
}
AWS_TIERS = ["", "-cross-region-global", "-cross-region-geo", "-batch", "-flex", "-priority", "-flex-cross-region-global", "-long-context"]
EDITION_KINDS = {
    "input": ["InputTokenCount", "input_tokens_standard", "InputTokenCount_Global_Batch"],
    "output": ["OutputTokenCount", "output_tokens_long_ctx_global_standard"],
    "cache_read": ["CacheReadInputTokenCount"],
    "cache_write": ["CacheWriteInputTokenCount", "CacheWrite1hInputTokenCount_Global"],
}


def aws_row(rng: random.Random, use: Use) -> Members:
    region = rng.choice(["USE1", "EU", "APN1"])
    common = {
        "line_item_currency_code": "USD",
        "line_item_line_item_type": "Usage",
        "line_item_unblended_cost": use.amount,
        "line_item_usage_start_date": datetime(use.day.year, use.day.month, use.day.day, 5, tzinfo=UTC),
        "line_item_iam_principal": use.principal,
        "tags": {"iamPrincipal/team": "red", "resourceTags/user:app": "x"} if use.principal else {},
    }
    if use.model in AWS_EDITIONS:
        return {
            **common,
            "line_item_product_code": "4dbqa3x7nk4px0000",
            "product": {"product_name": AWS_EDITIONS[use.model]},
            "line_item_usage_type": f"{region}-MP:{region}_{rng.choice(EDITION_KINDS[use.kind])}-Units",
            "pricing_unit": "Units",
            "line_item_line_item_description": rng.choice(
                [f"AWS Marketplace software usage|{region}|Million Input Tokens Global", "usage"]
            ),
            "line_item_usage_amount": Decimal(use.tokens) / 10**6,
        }
    return {
        **common,
        "line_item_product_code": rng.choice(["AmazonBedrock", "AmazonBedrockService"]),
        "product": {"product_name": "Amazon Bedrock"},
        "line_item_usage_type": f"{region}-{AWS_METERS[use.model]}-{AWS_KINDS[use.kind]}{rng.choice(AWS_TIERS)}",
        "pricing_unit": "1K tokens",
        "line_item_line_item_description": "tokens",
        "line_item_usage_amount": Decimal(use.tokens) / 1000,
    }


def aws_others(day: date) -> list[tuple[Members, Decimal | None]]:
    use = aws_row(random.Random(1), Use(day, "amazon.nova-2-lite-v1:0", "input", 1000, Decimal("0.5")))
    tax = {**use, "line_item_line_item_type": "Tax", "line_item_unblended_cost": Decimal("0.19")}
    units = {**use, "line_item_usage_type": "USE1-Claude3Sonnet-ProvisionedThroughput-ModelUnits", "pricing_unit": "hour"}
    machine = {**use, "line_item_product_code": "AmazonEC2", "product": {"product_name": "Amazon Elastic Compute Cloud"}}
    return [(tax, Decimal("0.19")), (units, Decimal("0.5")), (machine, None)]


# Google Cloud: nested as BigQuery holds it, or flat.

GOOGLE_SKUS = {
    "input": [
        "{} GA Text Input - Predictions",
        "Generate content input token count {} short input text",
        "{} Global Image Input - Predictions",
    ],
    "cache_read": ["{} Text Input Caching", "Generate content cached input token count {} input image"],
    "output": ["{} GA Thinking Text Output - Predictions", "Generate content output token count {} short input text"],
}
GOOGLE_NAMES = {
    "gemini-2.5-flash": ["Gemini 2.5 Flash", "gemini 2.5 flash"],
    "gemini-3.1-flash-lite-preview": ["gemini 3.1 flash lite preview"],
}


def google_row(rng: random.Random, use: Use) -> Members:
    sku = rng.choice(GOOGLE_SKUS[use.kind]).format(rng.choice(GOOGLE_NAMES[use.model]))
    return {
        "billing_account_id": "0000",
        "service": {"id": "C7E2", "description": "Vertex AI"},
        "sku": {"id": "1", "description": sku},
        "usage_start_time": f"{use.day} 07:00:00 UTC",
        "project": {"id": "agents"},
        "cost": float(use.amount),
        "currency": "USD",
        "currency_conversion_rate": 1.0,
        "cost_type": "regular",
        "usage": {
            "amount": float(use.tokens),
            "unit": rng.choice(["count", "requests"]),
            "amount_in_pricing_units": use.tokens / 1e6,
            "pricing_unit": "count",
        },
        "credits": [],
    }


def google_others(day: date) -> list[tuple[Members, Decimal | None]]:
    use = google_row(random.Random(1), Use(day, "gemini-2.5-flash", "input", 0, Decimal("0.5")))
    stored = {
        **use,
        "sku": {"id": "2", "description": "Gemini 3 Flash Text Input Caching Storage"},
        "usage": {**use["usage"], "unit": "seconds"},
    }
    taken_off = [
        {"name": "CUD", "amount": -0.125, "type": "COMMITTED_USAGE_DISCOUNT", "full_name": "Committed use", "id": "c"},
        {"name": "Trial", "amount": -0.25, "type": "PROMOTION", "full_name": "Free trial", "id": "t"},
    ]
    rounding = {**use, "cost_type": "rounding_error", "cost": 0.001}
    return [
        ({**stored, "credits": taken_off}, Decimal("0.125")),
        (rounding, Decimal("0.001")),
        ({**use, "service": {"id": "6F81", "description": "Compute Engine"}}, None),
    ]


def flat(row: Members) -> Members:
    """As a query writes it to CSV: members of objects as columns, lists as JSON."""
    columns: Members = {}
    for name, value in row.items():
        if isinstance(value, dict):
            columns |= {f"{name}_{member}": said for member, said in value.items()}
        else:
            columns[name] = json.dumps(value) if isinstance(value, list) else value
    return columns


FORMS = {
    "azure_ea": Form("azure", "azure.ai.openai", list(AZURE_METERS), azure_row, azure_others),
    "azure_mca": Form(
        "azure",
        "azure.ai.openai",
        list(AZURE_METERS),
        lambda rng, use: as_mca(azure_row(rng, use)),
        lambda day: [(as_mca(row), amount) for row, amount in azure_others(day)],
    ),
    "aws": Form("aws", "aws.bedrock", [*AWS_METERS, *AWS_EDITIONS], aws_row, aws_others, maps=["tags", "product"]),
    "gcp": Form(
        "gcp",
        "gcp.vertex_ai",
        list(GOOGLE_NAMES),
        google_row,
        google_others,
        ("input", "cache_read", "output"),
        ("jsonl", "json", "parquet", "jsonl.gz"),
    ),
    "gcp_flat": Form(
        "gcp",
        "gcp.vertex_ai",
        list(GOOGLE_NAMES),
        lambda rng, use: flat(google_row(rng, use)),
        lambda day: [(flat(row), amount) for row, amount in google_others(day)],
        ("input", "cache_read", "output"),
        ("csv", "parquet"),
    ),
}


def write(path: Path, rows: Sequence[Members], maps: Sequence[str] = ()) -> Path:
    """The rows as a file of the form that its name says."""
    if path.suffix == ".parquet":
        table = pa.Table.from_pylist(rows)
        for name in maps:
            pairs = pa.array([list(row[name].items()) for row in rows], pa.map_(pa.string(), pa.string()))
            table = table.set_column(table.column_names.index(name), name, pairs)
        parquet.write_table(table, path)
        return path
    with gzip.open(path, "wt", encoding="utf-8") if path.suffix == ".gz" else path.open("w", encoding="utf-8", newline="") as file:
        if ".csv" in path.name:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows({name: in_csv(value) for name, value in row.items()} for row in rows)
        elif ".jsonl" in path.name:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        else:
            json.dump(rows, file)
    return path


def in_csv(value: Any) -> Any:
    """Days as Azure writes them, maps as JSON."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%m/%d/%Y}"
    return json.dumps(value) if isinstance(value, dict) else value

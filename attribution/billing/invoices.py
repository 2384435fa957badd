"""What providers bill, read from what they export: each file as lines of one form.

Sources: OpenAI's costs API (`/v1/organization/costs`), Anthropic's cost report (`/v1/organizations/cost_report`: amounts in cents), AWS
Cost and Usage Report 2.0, FOCUS 1.0 to 1.4; JSON as the APIs answer, or CSV or Parquet.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from attribution.conventions.providers import canonical
from attribution.errors import RefusedError

KINDS = ("input", "cache_read", "cache_write", "output")
"""Kinds of token. Whatever else is billed has the provider's own name for it, such as `web search` or `tax`."""

CENTS = Decimal("0.01")
THOUSANDS = {"1K": 1000, "K": 1000, "1000": 1000, "1M": 1_000_000, "M": 1_000_000, "Million": 1_000_000}


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line of an invoice."""

    day: date
    """In UTC, as providers count."""
    provider: str
    model: str
    """As the provider writes it; '' where the line is for none, such as a tax."""
    kind: str
    """One of KINDS, or what else is billed."""
    quantity: Decimal | None
    """Tokens; None where the file does not say."""
    amount: Decimal
    """USD; negative: a credit."""


Row = Mapping[str, Any]


def read_invoice(path: Path, provider: str) -> list[BilledLine]:
    """The lines of a file. Raises RefusedError, which names the row that cannot be read.

    Args:
        path: JSON, CSV (`.csv`) or Parquet (`.parquet`).
        provider: one of FORMATS.

    """
    if provider not in FORMATS:
        raise RefusedError(f"invoices of {provider!r} cannot be read; of {', '.join(FORMATS)} they can")
    lines = []
    for number, row in enumerate(_rows(path), 1):
        try:
            line = FORMATS[provider](row)
        except (KeyError, ValueError, TypeError, AttributeError, InvalidOperation) as problem:
            what = f"{problem} is missing" if isinstance(problem, KeyError) else str(problem) or type(problem).__name__
            raise RefusedError(f"{path}, row {number}: this is no line of {provider}'s: {what}") from None
        if line is not None:
            lines.append(line)
    if not lines:
        raise RefusedError(f"{path}: holds no line that is billed")
    return lines


def _rows(path: Path) -> Iterator[Row]:
    """Rows of a table, or the results in the buckets of an answer, each with the start of its bucket."""
    try:
        if path.suffix == ".parquet":
            yield from _parquet(path)
            return
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise RefusedError(f"{path}: cannot be read: {problem}") from None
    if path.suffix == ".csv":
        yield from csv.DictReader(text.splitlines(keepends=True))
        return
    try:
        answer = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as problem:
        raise RefusedError(f"{path}: is no JSON: {problem}") from None
    pages = answer if isinstance(answer, list) else [answer]
    for page in pages:
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise RefusedError(f"{path}: an answer of the provider's API is needed, with its `data`")
        for bucket in page["data"]:
            starts = bucket.get("start_time", bucket.get("starting_at"))
            yield from ({**result, "starts": starts} for result in bucket.get("results", []))
    if pages and pages[-1].get("has_more"):
        raise RefusedError(f"{path}: more pages follow this answer (`has_more`): fetch them all, as a list of answers")


def _parquet(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import parquet  # noqa: PLC0415  (an extra)
    except ImportError:
        raise RefusedError("pyarrow is not installed: pip install 'spanledger[dataframes]'") from None
    try:
        yield from parquet.read_table(path).to_pylist()
    except (OSError, ValueError) as problem:
        raise RefusedError(f"{path}: cannot be read as Parquet: {problem}") from None


def _openai(row: Row) -> BilledLine | None:
    """`line_item` is `gpt-4o-2024-08-06, cached input`; the dashboard's CSV has `amount_value` and `start_time` instead."""
    amount = row.get("amount")
    value, currency = (
        (amount["value"], amount["currency"]) if isinstance(amount, Mapping) else (row["amount_value"], row["amount_currency"])
    )
    _check_dollars(currency)
    model, _, kind = str(row["line_item"] or "").partition(", ")
    quantity = row.get("quantity")
    if not kind:
        model, kind = "", model
    return BilledLine(
        _day(row.get("starts") or row["start_time"]), "openai", model, _kind(kind), _number(quantity) if quantity else None, _number(value)
    )


def _anthropic(row: Row) -> BilledLine | None:
    """Amounts are in cents; there are no quantities."""
    _check_dollars(row["currency"])
    kind = row.get("token_type") or row.get("cost_type") or row.get("description") or "other"
    amount = _number(row["amount"]) * CENTS
    return BilledLine(_day(row.get("starts") or row["starting_at"]), "anthropic", str(row.get("model") or ""), _kind(kind), None, amount)


def _aws(row: Row) -> BilledLine | None:
    """Of a CUR 2.0 only what Bedrock billed; models and kinds stand in the usage type, such as `USE1-Claude4Sonnet-input-tokens`."""
    if "bedrock" not in str(row["line_item_product_code"]).lower():
        return None
    _check_dollars(row["line_item_currency_code"])
    usage_type = str(row["line_item_usage_type"])
    model = re.sub(r"^([A-Z0-9]+-)", "", usage_type)
    model = re.sub(r"-(mantle-)?(input|output|cache).*$", "", model, flags=re.IGNORECASE)
    quantity = _number(row["line_item_usage_amount"]) * THOUSANDS.get(str(row.get("pricing_unit") or "").removesuffix(" tokens"), 1)
    kind = usage_type if row.get("line_item_line_item_type", "Usage") == "Usage" else str(row["line_item_line_item_type"])
    return BilledLine(
        _day(row["line_item_usage_start_date"]),
        "aws.bedrock",
        model,
        _kind(kind),
        quantity or None,
        _number(row["line_item_unblended_cost"]),
    )


def _focus(row: Row) -> BilledLine | None:
    """The model is what the SKU, the resource or the service is called; providers do not agree which."""
    _check_dollars(row["BillingCurrency"])
    details = json.loads(row.get("SkuPriceDetails") or "{}")
    model = row.get("x_Model") or details.get("x_Model") or details.get("Model") or row.get("ResourceName") or row.get("ServiceName") or ""
    category = row.get("ChargeCategory") or "Usage"
    kind = row.get("SkuMeter") or row.get("ChargeDescription") or category
    quantity, unit = row.get("ConsumedQuantity"), str(row.get("ConsumedUnit") or "")
    return BilledLine(
        _day(row["ChargePeriodStart"]),
        canonical(str(row.get("ServiceProviderName") or row["ProviderName"])),
        str(model) if category == "Usage" else "",
        _kind(str(kind)) if category == "Usage" else category.lower(),
        _number(quantity) * THOUSANDS.get(unit.split(" ", maxsplit=1)[0], 1) if quantity and "token" in unit.lower() else None,
        _number(row["BilledCost"]),
    )


FORMATS: Mapping[str, Callable[[Row], BilledLine | None]] = {"openai": _openai, "anthropic": _anthropic, "aws": _aws, "focus": _focus}
"""Whose exports can be read."""


def _kind(text: str) -> str:
    """One of KINDS where the provider's name for it says so."""
    plain = re.sub(r"[^a-z]+", " ", text.lower())
    if "cach" in plain and re.search(r"writ|creat|storage|ephemeral", plain):
        return "cache_write"
    if "cach" in plain and "uncached" not in plain:
        return "cache_read"
    if "output" in plain or "completion" in plain:
        return "output"
    return "input" if re.search(r"\b(input|prompt|uncached)\b", plain) else text


def _check_dollars(currency: Any) -> None:
    if str(currency).upper() != "USD":
        raise ValueError(f"billed in {currency}: only USD can be held against the ledger")


def _number(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    return number


def _day(value: Any) -> date:
    """A day in UTC, of a time as Unix seconds, text or datetime."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    text = str(value)
    if re.fullmatch(r"\d{9,11}", text):
        return datetime.fromtimestamp(int(text), UTC).date()
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()

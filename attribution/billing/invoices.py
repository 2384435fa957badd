"""What providers bill, read from what they export or answer: each as lines of one form.

Sources: OpenAI's costs (`/v1/organization/costs`), Anthropic's cost analytics (`/v1/organizations/analytics/cost`) and older cost report
(`/v1/organizations/cost_report`), both in cents, OpenRouter's activity (`/api/v1/activity`), GitHub's use of AI credits
(`/organizations/ORG/settings/billing/ai_credit/usage`), AWS Cost and Usage Report 2.0, FOCUS 1.0 to 1.4; JSON as the APIs answer, or CSV or
Parquet.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeGuard

from attribution.conventions.providers import canonical
from attribution.errors import RefusedError

KINDS = ("input", "cache_read", "cache_write", "output")
"""Kinds of token. Whatever else is billed has the provider's own name for it, such as `web search` or `tax`."""
ALL_KINDS = "tokens"
"""The kind of a line that bills the tokens of all kinds together."""

CENTS = Decimal("0.01")
THOUSANDS = {"1K": 1000, "K": 1000, "1000": 1000, "1M": 1_000_000, "M": 1_000_000, "Million": 1_000_000}

OPENAI_UNITS = {"": 1, "tokens": 1, "1000_tokens": 1000}


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line of an invoice."""

    day: date
    """In UTC, as providers count."""
    provider: str
    model: str
    """As the provider writes it; '' where the line is for none, such as a tax."""
    kind: str
    """One of KINDS, ALL_KINDS, or what else is billed."""
    quantity: Decimal | None
    """Tokens; None where the file does not say."""
    amount: Decimal
    """USD; negative: a credit."""


Row = Mapping[str, Any]
Usage = tuple[date, str, Mapping[str, Any]]
"""Day, model, and tokens by KINDS."""


def read_invoice(path: Path, provider: str) -> list[BilledLine]:
    """The lines of a file. Raises RefusedError, which names the row that cannot be read.

    Args:
        path: JSON, CSV (`.csv`) or Parquet (`.parquet`).
        provider: one of FORMATS.

    """
    if provider not in FORMATS:
        raise RefusedError(f"invoices of {provider!r} cannot be read; of {', '.join(FORMATS)} they can")
    lines = _lines(_rows(path), provider, str(path))
    if not lines:
        raise RefusedError(f"{path}: holds no line that is billed")
    return lines


def read_answers(answers: Sequence[Any], provider: str, where: str) -> list[BilledLine]:
    """The lines of all answers of a provider's API, as JSON gave them with numbers as Decimal; `where` is named in errors.

    Raises RefusedError, which names the row that cannot be read.
    """
    return _lines(_answered(answers, where), provider, where)


def with_counts(lines: Sequence[BilledLine], answers: Sequence[Any], provider: str, where: str) -> list[BilledLine]:
    """Lines with the tokens that the provider's usage API tells, for those of a day, model and kind that have none; they become one line.

    Args:
        lines: of one provider.
        answers: of the usage API, by day and model.
        provider: one of USAGE.
        where: named in errors.

    """
    counts: dict[tuple[date, str, str], Decimal] = defaultdict(Decimal)
    for number, row in enumerate(_answered(answers, where), 1):
        with _named(where, number, provider):
            day, model, used = USAGE[provider](row)
            for kind, count in used.items():
                counts[day, model, kind] += _number(count)
    done: dict[Any, BilledLine] = {}
    counted = {(line.day, line.model, line.kind) for line in lines if line.quantity is not None}
    for number, line in enumerate(lines):
        key = (line.day, line.model, line.kind)
        if key not in counts or key in counted:
            done[number] = line
        else:
            before = done[key].amount if key in done else Decimal(0)
            done[key] = replace(line, amount=before + line.amount, quantity=counts[key])
    return list(done.values())


@contextmanager
def _named(where: str, number: int, provider: str) -> Iterator[None]:
    """What is wrong with a row, as a sentence that names it."""
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError, InvalidOperation) as problem:
        what = f"{problem} is missing" if isinstance(problem, KeyError) else str(problem) or type(problem).__name__
        raise RefusedError(f"{where}, row {number}: this is no line of {provider}'s: {what}") from None


def _lines(rows: Iterable[Row], provider: str, where: str) -> list[BilledLine]:
    lines: list[BilledLine] = []
    for number, row in enumerate(rows, 1):
        with _named(where, number, provider):
            lines += FORMATS[provider](row)
    return lines


def _rows(path: Path) -> Iterator[Row]:
    """Rows of a table, or of the answers of an API."""
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
    answers = answer if isinstance(answer, list) else [answer]
    yield from _answered(answers, str(path))
    if answers and answers[-1].get("has_more"):
        raise RefusedError(f"{path}: more pages follow this answer (`has_more`): fetch them all, as a list of answers")


def _are_rows(items: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(items, list) and all(isinstance(item, dict) for item in items)


def _answered(answers: Sequence[Any], where: str) -> Iterator[Row]:
    """The rows of answers: what is in their buckets, each with the start of its bucket, or what is in them without buckets."""
    for answer in answers:
        items = answer.get("data", answer.get("usageItems")) if isinstance(answer, dict) else None
        if not _are_rows(items) or not all(_are_rows(item.get("results", [])) for item in items):
            raise RefusedError(f"{where}: an answer of the provider's API is needed, with its `data` or `usageItems`")
        for item in items:
            if "results" in item:
                starts = item.get("start_time", item.get("starting_at"))
                yield from ({**result, "starts": starts} for result in item["results"])
            else:
                yield {**item, "timePeriod": answer.get("timePeriod")}


def _parquet(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import parquet  # noqa: PLC0415  (an extra)
    except ImportError:
        raise RefusedError("pyarrow is not installed: pip install 'spanledger[dataframes]'") from None
    try:
        yield from parquet.read_table(path).to_pylist()
    except (OSError, ValueError) as problem:
        raise RefusedError(f"{path}: cannot be read as Parquet: {problem}") from None


def _openai(row: Row) -> list[BilledLine]:
    """`line_item` is `gpt-4o-2024-08-06, cached input`; the dashboard's CSV has `amount_value` and `start_time` instead."""
    amount = row.get("amount")
    value, currency = (
        (amount["value"], amount["currency"]) if isinstance(amount, Mapping) else (row["amount_value"], row["amount_currency"])
    )
    _check_dollars(currency)
    model, _, kind = str(row["line_item"] or "").partition(", ")
    if not kind:
        model, kind = "", model
    day = _day(row.get("starts") or row["start_time"])
    return [BilledLine(day, "openai", model, _kind(kind), _openai_tokens(row), _number(value))]


def _openai_tokens(row: Row) -> Decimal | None:
    """What the quantity of a line counts, if it is tokens; before there were units it was."""
    quantity, unit = row.get("quantity"), row.get("quantity_unit", "tokens")
    return _number(quantity) * OPENAI_UNITS[unit] if quantity and unit in OPENAI_UNITS else None


def _openai_usage(row: Row) -> Usage:
    """`input_tokens` contains what came from a cache and what was written to one."""
    cached, written = row.get("input_cached_tokens") or 0, row.get("input_cache_write_tokens") or 0
    used = {"input": row["input_tokens"] - cached - written, "cache_read": cached, "cache_write": written, "output": row["output_tokens"]}
    return _day(row["starts"]), str(row.get("model") or ""), used


def _anthropic(row: Row) -> list[BilledLine]:
    """Amounts are in cents; there are no quantities. Cost analytics keep the amount and what it is for in objects of their own."""
    told = {**row, **(row.get("cost") or {}), **(row.get("group") or {})}
    _check_dollars(told["currency"])
    kind = told.get("token_type") or told.get("cost_type") or told.get("description") or "other"
    day = _day(told.get("starts") or told["starting_at"])
    return [BilledLine(day, "anthropic", str(told.get("model") or ""), _kind(kind), None, _number(told["amount"]) * CENTS)]


def _anthropic_usage(row: Row) -> Usage:
    """Kinds do not contain each other."""
    usage = row["usage"]
    used = {
        "input": usage["uncached_input_tokens"],
        "cache_read": usage["cache_read_input_tokens"],
        "cache_write": sum((usage.get("cache_creation") or {}).values()),
        "output": usage["output_tokens"],
    }
    return _day(row["starting_at"]), str(row["group"].get("model") or ""), used


def _openrouter(row: Row) -> list[BilledLine]:
    """Billed is what was paid in credits; what a provider bills by the customer's own key stands on the provider's invoice."""
    tokens = _number(row["prompt_tokens"]) + _number(row["completion_tokens"])
    model = str(row.get("model_permaslug") or row["model"])
    # A date, or with a time that says midnight.
    return [BilledLine(_day(row["date"]), "openrouter", model, ALL_KINDS, tokens or None, _number(row["usage"]))]


def _copilot(row: Row) -> list[BilledLine]:
    """The credits that were used, and beside them what the plan includes, which is billed less."""
    of = row["timePeriod"]
    if not of or not of.get("day"):
        raise ValueError("its `timePeriod` names no day: ask for each day by itself")
    day = date(int(of["year"]), int(of["month"]), int(of["day"]))
    used = BilledLine(day, "github-copilot", str(row.get("model") or ""), ALL_KINDS, None, _number(row["grossAmount"]))
    discount = _number(row["discountAmount"])
    return [used, replace(used, model="", kind="included in the plan", amount=-discount)] if discount else [used]


def _aws(row: Row) -> list[BilledLine]:
    """Of a CUR 2.0 only what Bedrock billed; models and kinds stand in the usage type, such as `USE1-Claude4Sonnet-input-tokens`."""
    if "bedrock" not in str(row["line_item_product_code"]).lower():
        return []
    _check_dollars(row["line_item_currency_code"])
    usage_type = str(row["line_item_usage_type"])
    model = re.sub(r"^([A-Z0-9]+-)", "", usage_type)
    model = re.sub(r"-(mantle-)?(input|output|cache).*$", "", model, flags=re.IGNORECASE)
    quantity = _number(row["line_item_usage_amount"]) * THOUSANDS.get(str(row.get("pricing_unit") or "").removesuffix(" tokens"), 1)
    kind = usage_type if row.get("line_item_line_item_type", "Usage") == "Usage" else str(row["line_item_line_item_type"])
    return [
        BilledLine(
            _day(row["line_item_usage_start_date"]),
            "aws.bedrock",
            model,
            _kind(kind),
            quantity or None,
            _number(row["line_item_unblended_cost"]),
        )
    ]


def _focus(row: Row) -> list[BilledLine]:
    """The model is what the SKU, the resource or the service is called; providers do not agree which."""
    _check_dollars(row["BillingCurrency"])
    details = json.loads(row.get("SkuPriceDetails") or "{}")
    model = row.get("x_Model") or details.get("x_Model") or details.get("Model") or row.get("ResourceName") or row.get("ServiceName") or ""
    category = row.get("ChargeCategory") or "Usage"
    kind = row.get("SkuMeter") or row.get("ChargeDescription") or category
    quantity, unit = row.get("ConsumedQuantity"), str(row.get("ConsumedUnit") or "")
    return [
        BilledLine(
            _day(row["ChargePeriodStart"]),
            canonical(str(row.get("ServiceProviderName") or row["ProviderName"])),
            str(model) if category == "Usage" else "",
            _kind(str(kind)) if category == "Usage" else category.lower(),
            _number(quantity) * THOUSANDS.get(unit.split(" ", maxsplit=1)[0], 1) if quantity and "token" in unit.lower() else None,
            _number(row["BilledCost"]),
        )
    ]


FORMATS: Mapping[str, Callable[[Row], list[BilledLine]]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "openrouter": _openrouter,
    "copilot": _copilot,
    "aws": _aws,
    "focus": _focus,
}
"""Whose exports can be read."""
USAGE: Mapping[str, Callable[[Row], Usage]] = {"openai": _openai_usage, "anthropic": _anthropic_usage}
"""Who tells by an API of its own how many tokens were used."""


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

"""What the APIs of model providers bill, row by row.

Sources: OpenAI's costs (`/v1/organization/costs`), Anthropic's cost analytics (`/v1/organizations/analytics/cost`) and older cost report
(`/v1/organizations/cost_report`), both in cents, OpenRouter's activity (`/api/v1/activity`), GitHub's use of AI credits
(`/organizations/ORG/settings/billing/ai_credit/usage`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from attribution.billing.lines import ALL_KINDS, KINDS, BilledLine, Row, WrongRowError, kind_of

CENTS = Decimal("0.01")
OPENAI_UNITS = {"tokens": 1, "1000_tokens": 1000}
Usage = tuple[date, str, Mapping[str, Decimal]]
"""Day, model, and tokens by KINDS."""


def openai(row: Row) -> list[BilledLine]:
    """`line_item` is `gpt-4o-2024-08-06, cached input`; the dashboard's CSV has `amount_value` and `start_time` instead."""
    row.dollars("amount.currency", "amount_currency")
    model, _, kind = row.of_column("line_item").partition(", ")
    if not kind:
        model, kind = "", model
    kind, unit, count = kind_of(kind), row.text("quantity_unit"), row.count("quantity")
    # Before there were units, what was counted of a kind of token was tokens.
    scale = OPENAI_UNITS.get(unit or ("tokens" if kind in KINDS else ""))
    tokens = count * scale if count and scale else None
    amount = row.number("amount.value", "amount_value")
    return [BilledLine(row.day("starts", "start_time"), "openai", model, kind, tokens, amount)]


def openai_usage(row: Row) -> Usage:
    """`input_tokens` contains what came from a cache and what was written to one."""
    cached, written = row.count("input_cached_tokens") or Decimal(0), row.count("input_cache_write_tokens") or Decimal(0)
    used = {"cache_read": cached, "cache_write": written, "output": row.number("output_tokens")}
    return row.day("starts"), row.text("model"), {"input": row.number("input_tokens") - cached - written, **used}


def anthropic(row: Row) -> list[BilledLine]:
    """Amounts are in cents; there are no quantities. Cost analytics keep the amount and what it is for in objects of their own."""
    row.dollars("cost.currency", "currency")
    kind = next(
        filter(None, (row.text(f"group.{name}", f"cost.{name}", name) for name in ("token_type", "cost_type", "description"))), "other"
    )
    day, model = row.day("starts", "starting_at"), row.text("group.model", "model")
    return [BilledLine(day, "anthropic", model, kind_of(kind), None, row.number("cost.amount", "amount") * CENTS)]


def anthropic_usage(row: Row) -> Usage:
    """Kinds do not contain each other."""
    lives = (row.count(f"usage.cache_creation.{name}") for name in row.object("usage").get("cache_creation") or {})
    used = {
        "input": row.number("usage.uncached_input_tokens"),
        "cache_read": row.number("usage.cache_read_input_tokens"),
        "cache_write": sum((count or Decimal(0) for count in lives), Decimal(0)),
        "output": row.number("usage.output_tokens"),
    }
    return row.day("starting_at"), row.text("group.model"), used


def openrouter(row: Row) -> list[BilledLine]:
    """Billed is what was paid in credits; what a provider bills by the customer's own key stands on the provider's invoice."""
    tokens = row.number("prompt_tokens") + row.number("completion_tokens")
    _, model = row.needed("model_permaslug", "model")
    # A date, or with a time that says midnight.
    return [BilledLine(row.day("date"), "openrouter", str(model), ALL_KINDS, tokens or None, row.number("usage"))]


def copilot(row: Row) -> list[BilledLine]:
    """The credits that were used, and beside them what the plan includes, which is billed less."""
    if not row.get("timePeriod.day"):
        raise WrongRowError("timePeriod", "names no day: ask for each day by itself")
    day = date(*(int(row.number(f"timePeriod.{part}")) for part in ("year", "month", "day")))
    used = BilledLine(day, "github-copilot", row.text("model"), ALL_KINDS, None, row.number("grossAmount"))
    discount = row.number("discountAmount")
    return [used, replace(used, model="", kind="included in the plan", amount=-discount)] if discount else [used]

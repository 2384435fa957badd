"""What rows hold, as what it is taken for. All raise ValueError with what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from collector.importing.files import Row
from collector.importing.spans import Attribute

TOKENS = {
    "input": "gen_ai.usage.input_tokens",
    "output": "gen_ai.usage.output_tokens",
    "cache_read": "gen_ai.usage.cache_read.input_tokens",
    "cache_write": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning": "gen_ai.usage.reasoning.output_tokens",
}
SECONDS, MILLISECONDS, MICROSECONDS = 10**11, 10**14, 10**17
"""Numbers of a time below these are seconds, milliseconds, microseconds; else nanoseconds."""
NS = 10**9
NUMBER = re.compile(r"\d{9,19}(\.\d+)?")


def as_texts(values: Mapping[str, Any]) -> dict[str, Attribute]:
    """Those that say something, as texts."""
    return {key: str(value) for key, value in values.items() if value not in (None, "") and isinstance(value, str | int)}


def first_of(*values: Any) -> Any:
    """The first that is there."""
    return next((value for value in values if value is not None), None)


def as_object(value: Any) -> Mapping[str, Any]:
    """A JSON object, also where it stands as text; else an empty one."""
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=str)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def needed(row: Row, name: str) -> Any:
    """A member that must be there."""
    if row.get(name) in (None, ""):
        raise ValueError(f"{name} is missing")
    return row[name]


def as_number(value: Any) -> Decimal:
    """A finite number."""
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no number")  # noqa: TRY004  (all that is wrong with a row)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    return number


def as_amount(value: Any) -> Decimal:
    """A cost."""
    amount = as_number(value)
    if amount < 0:
        raise ValueError(f"a cost of {value} is below 0: take cost back by a dispute or an addition to a pool")
    return amount


def as_count(value: Any, what: str) -> int:
    """A whole number, not below 0."""
    count = as_number(value)
    if count < 0 or count != count.to_integral_value():
        raise ValueError(f"{what}: {value!r} is no count of tokens")
    return int(count)


def as_time(value: Any) -> int:
    """Ns since the epoch, of ISO 8601 (UTC where no zone is named) or of a number of seconds, ms, us or ns."""
    text = str(value)
    if NUMBER.fullmatch(text):
        number = Decimal(text)
        scale = next((scale for limit, scale in ((SECONDS, NS), (MILLISECONDS, 10**6), (MICROSECONDS, 10**3)) if number < limit), 1)
        return int(number * scale)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{value!r} is no time") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * NS + since.microseconds * 1000


def ended(start: int, end: int) -> int:
    """The end, where it is not before the start."""
    if end < start:
        raise ValueError("ends before it begins")
    return end

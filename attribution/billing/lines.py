"""The lines of an invoice, and what its rows hold, whatever their columns are called.

A row that is wrong raises WrongRowError, which names the column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from attribution.amounts import QUANTUM

KINDS = ("input", "cache_read", "cache_write", "output")
"""Kinds of token. Whatever else is billed has the provider's own name for it, such as `web search` or `tax`."""
ALL_KINDS = "tokens"
"""The kind of a line that bills the tokens of all kinds together."""
AMERICAN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
"""Month, day, year: as Azure writes them in CSV."""
NUMBER_MAX, DIGITS_MAX = Decimal(10) ** 24, 40
"""Beyond what anybody is billed, and within what the ledger can hold; and digits after the point."""
UNIX_SECONDS = re.compile(r"\d{9,11}")


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
    principal: str = ""
    """Who called, as the provider knows it; '' where it does not say."""


class WrongRowError(ValueError):
    """What is wrong with a column of a row."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(f"column {column}: {why}")


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column without case and separators: `BillingCurrencyCode`, `billing_currency_code`, `usage.unit` and `usage_unit`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


Columns = Mapping[str, tuple[str, int]]
"""Plain name to the name as it is written, and its place in a row."""


@lru_cache(maxsize=256)
def columns_of(names: tuple[str, ...]) -> Columns:
    """Where the values of columns stand. The rows of a file have few sets of them, mostly one."""
    return {plain(name): (name, place) for place, name in enumerate(names)}


class Row:
    """A row of an export. A column is found in whatever spelling; `sku.description` also as the member of an object `sku`."""

    __slots__ = ("_columns", "_values")

    def __init__(self, columns: Columns, values: Sequence[Any]) -> None:
        self._columns, self._values = columns, values

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Row:
        """Of a JSON object."""
        return cls(columns_of(tuple(members)), tuple(members.values()))

    def of_column(self, name: str) -> str:
        """What a column says, be it nothing; a row of this export has it."""
        if plain(name) not in self._columns and plain(name.partition(".")[0]) not in self._columns:
            raise WrongRowError(name, "is missing")
        return self.text(name)

    def _at(self, name: str) -> tuple[str, Any]:
        """A column by its own name, and what it says."""
        column = self._columns.get(plain(name))
        if column is not None:
            # A line of CSV can be shorter than its header.
            return column[0], self._values[column[1]] if column[1] < len(self._values) else None
        head, _, path = name.partition(".")
        value = self._at(head)[1] if path else None
        for member in path.split("."):
            value = value.get(member) if isinstance(value, dict) else None
        return name, value

    def _found(self, names: tuple[str, ...]) -> tuple[str, Any]:
        """The first of the columns that says something, by its own name."""
        for name in names:
            column, value = self._at(name)
            if value is not None and value != "":
                return column, value
        return names[0], None

    def get(self, *names: str) -> Any:
        """What the first of these columns says that says something; None: none does."""
        return self._found(names)[1]

    def needed(self, *names: str) -> tuple[str, Any]:
        """Column and value of the first that says something; there must be one."""
        column, value = self._found(names)
        if value is None:
            raise WrongRowError(column, "is missing")
        return column, value

    def text(self, *names: str) -> str:
        """'' where none of the columns says anything."""
        value = self.get(*names)
        return "" if value is None else str(value)

    def number(self, *names: str) -> Decimal:
        """A number that must be there."""
        column, value = self.needed(*names)
        return _number(column, value)

    def count(self, *names: str) -> Decimal | None:
        """A number; None where there is none."""
        column, value = self._found(names)
        return None if value is None else _number(column, value)

    def day(self, *names: str) -> date:
        """The day in UTC of a time as Unix seconds, text, date or datetime."""
        column, value = self.needed(*names)
        try:
            return _day(value)
        except (ValueError, OverflowError):
            raise WrongRowError(column, f"{value!r} is no day") from None

    def dollars(self, *currencies: str) -> None:
        """Raise WrongRowError where the row bills in another currency."""
        column, currency = self.needed(*currencies)
        if str(currency).upper() != "USD":
            raise WrongRowError(column, f"billed in {currency}: only USD can be held against the ledger")

    def object(self, name: str) -> Mapping[str, Any]:
        """An object, as such, as JSON text, or as the pairs of a map in Parquet; empty where it says nothing."""
        column, value = self._found((name,))
        if isinstance(value, list):
            return dict(value)
        held = _json(column, value) if isinstance(value, str) else value
        if held is not None and not isinstance(held, dict):
            raise WrongRowError(column, "is no object")
        return held or {}

    def rows(self, name: str) -> list[Row]:
        """A list of objects, also as JSON text."""
        column, value = self._found((name,))
        held = _json(column, value) if isinstance(value, str) else value
        if held is not None and not (isinstance(held, list) and all(isinstance(each, dict) for each in held)):
            raise WrongRowError(column, "is no list of objects")
        return [Row.of({f"{column}.{member}": said for member, said in each.items()}) for each in held or []]


def _json(column: str, text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise WrongRowError(column, "is no JSON") from None


def _number(column: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or isinstance(value, bool):
        raise WrongRowError(column, f"{value!r} is no number")
    if abs(number) > NUMBER_MAX or int(number.as_tuple().exponent) < -DIGITS_MAX:
        raise WrongRowError(column, f"{value!r} is out of range")
    return number


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.astimezone(UTC).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    text = str(value)
    if UNIX_SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC).date()
    if american := AMERICAN_DAY.fullmatch(text.partition(" ")[0]):
        month, day, year = map(int, american.groups())
        return date(year, month, day)
    moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()


def in_dollars(amount: Decimal, rate: Decimal) -> Decimal:
    """An amount of another currency, of which one USD is `rate`; to the ledger's last digit."""
    return amount if rate == 1 else (amount / rate).quantize(QUANTUM)


def kind_of(text: str) -> str:
    """One of KINDS where the provider's name for it says so, else that name."""
    words = re.sub(r"[^a-z]+", " ", text.lower())
    if "cach" in words and re.search(r"writ|creat|storage|ephemeral", words):
        return "cache_write"
    if "cach" in words and "uncached" not in words:
        return "cache_read"
    if "output" in words or "completion" in words:
        return "output"
    return "input" if re.search(r"\b(input|prompt|uncached)\b", words) else text

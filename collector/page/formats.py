"""How figures look on the page. What is shown is rounded; its title, its export and its SQL have all digits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from attribution.configuration.budgets import COUNTS

UNKNOWN = "unknown"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
CENTS, SMALL_DIGITS = 2, 4
"""Digits after the point; of amounts below a dollar, digits that count."""
HUNDRED, THOUSAND = 100, 1000
MAGNITUDES = ((10**12, "T"), (10**9, "bn"), (10**6, "M"), (10**3, "k"))
NS_UNITS = ((3_600 * 10**9, "h"), (60 * 10**9, "min"), (10**9, "s"), (10**6, "ms"), (10**3, "µs"))


def money(amount: Decimal | None) -> str:
    """`$1,645.73`; below a dollar four digits that count, `unknown` for None."""
    if amount is None:
        return UNKNOWN
    return f"{MINUS if amount < 0 else ''}${_digits(abs(amount))}"


def _digits(amount: Decimal) -> str:
    if amount == 0 or amount >= 1:
        return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_EVEN):,f}"
    places = max(CENTS, SMALL_DIGITS - 1 - amount.adjusted())
    whole, _, fraction = f"{amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(CENTS, '0')}"


def places_of(amounts: Iterable[Decimal | None]) -> int:
    """Digits after the point for a column of amounts, so that the points stand below each other."""
    greatest = max((abs(amount) for amount in amounts if amount is not None), default=Decimal(0))
    if greatest == 0 or greatest >= HUNDRED:
        return CENTS
    return max(SMALL_DIGITS, SMALL_DIGITS - 1 - greatest.adjusted())


def money_in_column(amount: Decimal | None, places: int) -> str:
    """`$0.0450`; what is too small to be seen so is not 0."""
    if amount is None:
        return UNKNOWN
    least = Decimal(1).scaleb(-places)
    if amount and abs(amount) < least:
        return f"< ${least:f}" if amount > 0 else f"> {MINUS}${least:f}"
    return f"{MINUS if amount < 0 else ''}${abs(amount).quantize(least, ROUND_HALF_EVEN):,f}"


def price(amount: Decimal) -> str:
    """`$3.00`, with all digits that count."""
    whole, _, fraction = f"{amount:,f}".partition(".")
    return f"${whole}.{fraction.rstrip('0').ljust(CENTS, '0')}"


def exact(amount: Decimal | None) -> str:
    """All digits."""
    return UNKNOWN if amount is None else f"{amount:,f} USD"


def count(number: int | Decimal | None) -> str:
    """`1,234`; fractions as they are."""
    if number is None:
        return UNKNOWN
    whole, point, fraction = f"{number:,f}".partition(".") if isinstance(number, Decimal) else (f"{number:,}", "", "")
    fraction = fraction.rstrip("0")
    return f"{whole}{point if fraction else ''}{fraction}"


def quantity(amount: Decimal | int | None, unit: str) -> str:
    """`$12.50`, `12.50 EUR`, `1,234 tokens`: an amount in its unit."""
    if amount is None:
        return UNKNOWN
    if unit == "USD":
        return money(Decimal(amount))
    if unit == "%":
        return f"{count(amount)} %"
    if unit in COUNTS:
        return f"{count(amount)} {unit.replace('_', ' ')}"
    return f"{money(Decimal(amount)).replace('$', '')} {unit}"


def exact_quantity(amount: Decimal | int | None, unit: str) -> str:
    """All digits."""
    return UNKNOWN if amount is None else f"{amount:,f} {unit}"


def brief(number: int | None) -> str:
    """`1.2 M`, where there is little room."""
    if number is None:
        return UNKNOWN
    for size, unit in MAGNITUDES:
        if abs(number) >= size * 10 or (abs(number) >= size > THOUSAND):
            return f"{number / size:.1f} {unit}"
    return f"{number:,}"


def percent(share: Decimal | None) -> str:
    """`12.3 %`; a share that is not 0 never looks like 0."""
    if share is None:
        return ""
    if share and abs(share) < Decimal("0.001"):
        return "< 0.1 %"
    return f"{share * 100:.1f} %".replace(".0 %", " %")


def change(now: Decimal | int | None, before: Decimal | int | None) -> str:
    """`+12.3 %`; `new` where there was nothing before."""
    if now is None or before is None:
        return ""
    if not before:
        return "new" if now else ""
    relative = (Decimal(now) - Decimal(before)) / abs(Decimal(before)) * 100
    if relative > THOUSAND:
        return f"{TIMES} {Decimal(now) / Decimal(before):,.0f}"
    return f"{'+' if relative > 0 else MINUS if relative < 0 else '±'}{abs(relative):.1f} %"


def duration(nanoseconds: int | None) -> str:
    """`1.2 s`."""
    if nanoseconds is None:
        return UNKNOWN
    for size, unit in NS_UNITS:
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}" if nanoseconds / size < THOUSAND else f"{nanoseconds / size:,.0f} {unit}"
    return f"{nanoseconds} ns"


def moment(at: datetime | None) -> str:
    """To the second, UTC."""
    return "" if at is None else at.strftime("%Y-%m-%d %H:%M:%S")


def plain(value: Any) -> str:
    """Whatever else there is."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    return str(value)

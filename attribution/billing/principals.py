"""Whose calls an invoice bills, and how much of that may be what no span tells of.

The ledger does not know the principals of an invoice. Of a kind of token that several were billed for it is known only how much of all
of it is unseen: so much of one's part is unseen at least, and so much at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from attribution.billing.lines import BilledLine
from attribution.billing.reconciliation import Key, Reconciled, biller, key_of

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PrincipalBilled:
    """What a provider bills for the calls of one principal on one day. USD."""

    provider: str
    day: date
    """In UTC, as providers count."""
    principal: str
    """As the provider names it; '' where it names none."""
    billed: Decimal
    unseen_at_least: Decimal
    unseen_at_most: Decimal


def by_principal(lines: Iterable[BilledLine], found: Sequence[Reconciled]) -> list[PrincipalBilled]:
    """What each principal is billed, by day; empty where no line names one.

    Args:
        lines: of the invoice.
        found: what they were found to be.

    """
    billed: dict[tuple[Key, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in lines:
        billed[key_of(line.provider, line.day, line.model), line.kind][line.principal] += line.amount
    if not any(principal for of_kind in billed.values() for principal in of_kind):
        return []
    unseen = {(key_of(each.provider, each.day, each.model), each.kind): each.unseen for each in found}
    sums: dict[tuple[str, date, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for key, of_kind in billed.items():
        whole, missing = sum(of_kind.values(), ZERO), max(ZERO, unseen.get(key, ZERO))
        for principal, amount in of_kind.items():
            least, most = max(ZERO, missing - (whole - amount)), max(ZERO, min(amount, missing))
            one = sums[biller(key[0][0]), key[0][1], principal]
            one[:] = [one[0] + amount, one[1] + min(least, most), one[2] + most]
    return [PrincipalBilled(*which, *sums[which]) for which in sorted(sums)]

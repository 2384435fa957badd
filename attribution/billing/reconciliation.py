"""An invoice held against the ledger: billed = explained + unseen + variance, exactly, by provider, day, model and kind.

- explained: what the ledger has, at the invoice's price of the kind where the invoice says how many tokens it bills.
- unseen: tokens that were billed and that no span told of, at the invoice's price; negative: spans told of more than was billed.
- variance: all else, with its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from attribution.amounts import QUANTUM
from attribution.billing.lines import ALL_KINDS, KINDS, BilledLine
from attribution.conventions.models import billed_as, plain_model
from attribution.conventions.providers import SOLD_TOGETHER
from attribution.storage import Store

ZERO = Decimal(0)
TOKEN_KINDS = (*KINDS, ALL_KINDS)
REST = "(ledger)"
"""The kind of a line for what the ledger has and no line of the invoice explains."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What an invoice bills for one provider, day, model and kind. USD; billed = explained + unseen + variance."""

    provider: str
    day: date
    model: str
    kind: str
    billed: Decimal
    explained: Decimal
    unseen: Decimal
    variance: Decimal
    reason: str


@dataclass(slots=True)
class _Group:
    """A provider, day and model, on both sides."""

    billed: dict[str, Decimal]
    quantities: dict[str, Decimal | None]
    seen: dict[str, int]
    names: set[str]
    """Of the model, on the invoice."""
    known_names: set[str]
    """In the ledger."""
    cost: Decimal = Decimal(0)
    calls: int = 0
    unpriced: int = 0


def reconcile(store: Store, lines: Sequence[BilledLine], days: Sequence[date] = ()) -> list[Reconciled]:
    """Hold the lines of an invoice against what the ledger has of their providers.

    Args:
        store: where the ledger is.
        lines: of the invoice.
        days: which it bills; those of its lines are among them.

    """
    if not lines:
        return []
    days = [*days, *(line.day for line in lines)]
    billing = {biller(line.provider) for line in lines}
    providers = billing | {sold for sold, one in SOLD_TOGETHER.items() if one in billing}
    parameters = {"providers": sorted(providers), "first": min(days), "last": max(days)}
    return compared(lines, store.rows("billing/explained", **parameters))


def biller(provider: str) -> str:
    """Under which name a provider's invoice is read."""
    return SOLD_TOGETHER.get(provider, provider)


def compared(lines: Iterable[BilledLine], explained: Iterable[dict[str, Any]]) -> list[Reconciled]:
    """The same of rows of `explained.sql`."""
    groups: dict[Key, _Group] = defaultdict(lambda: _Group(defaultdict(Decimal), {}, defaultdict(int), set(), set()))
    for line in lines:
        group = groups[key_of(line.provider, line.day, line.model)]
        group.names.add(plain_model(line.model))
        group.billed[line.kind] += line.amount
        before = group.quantities.get(line.kind, Decimal(0))
        group.quantities[line.kind] = None if before is None or line.quantity is None else before + line.quantity
    for row in explained:
        group = groups[key_of(row["provider"], row["day"], row["model"])]
        group.known_names.add(plain_model(row["model"]))
        for kind in KINDS:
            group.seen[kind] += row[kind]
            group.seen[ALL_KINDS] += row[kind]
        group.cost += row["cost"]
        group.calls += row["calls"]
        group.unpriced += row["unpriced"]
    # As the ledger calls the model, where it knows it: one of its names, whatever the order.
    named = {(provider, day, min(group.known_names or group.names)): group for (provider, day, _), group in groups.items()}
    return [each for key in sorted(named) for each in _parts(*key, named[key])]


Key = tuple[str, date, tuple[str, str]]
"""Provider, day, and the model as it is billed."""


def key_of(provider: str, day: date, model: str) -> Key:
    """Where a line of an invoice and what the ledger has meet."""
    return biller(provider), day, billed_as(model)


Part = tuple[str, Decimal, Decimal, Decimal, str]
"""Kind, billed, explained, unseen, reason; what is left is the variance."""


def _parts(provider: str, day: date, model: str, group: _Group) -> Iterator[Reconciled]:
    """The kinds of a group. What the ledger's prices say beyond the invoice's is a line of its own, so that `explained` is the ledger's."""
    beside = [(kind, billed, ZERO, ZERO, _why_beside(billed)) for kind, billed in group.billed.items() if kind not in TOKEN_KINDS]
    parts: list[Part] = [*_tokens(group), *beside]
    rest = group.cost - sum((explained for _, _, explained, _, _ in parts), ZERO)
    if rest:
        parts.append((REST, ZERO, rest, ZERO, _why_rest(group)))
    for kind, billed, explained, unseen, reason in parts:
        yield Reconciled(provider, day, model, kind, billed, explained, unseen, billed - explained - unseen, reason)


def _tokens(group: _Group) -> Iterator[Part]:
    billed = {kind: group.billed[kind] for kind in TOKEN_KINDS if kind in group.billed}
    if not group.calls:
        yield from ((kind, amount, ZERO, amount, "no span tells of the model on this day") for kind, amount in billed.items())
        return
    uncounted = sum((amount for kind, amount in billed.items() if not group.quantities[kind]), ZERO)
    for kind, amount in billed.items():
        quantity = group.quantities[kind]
        if quantity:
            explained = (amount * group.seen[kind] / quantity).quantize(QUANTUM, ROUND_HALF_EVEN)
            yield kind, amount, explained, amount - explained, _why(quantity, group.seen[kind])
        else:
            # Without counts nobody can tell calls that are missing from another price.
            alone = uncounted if len(billed) == sum(not group.quantities[each] for each in billed) else ZERO
            explained = (group.cost * amount / alone).quantize(QUANTUM, ROUND_HALF_EVEN) if alone else ZERO
            yield kind, amount, explained, ZERO, "" if explained == amount else "the invoice has no counts: calls, prices or rounding"


def _why_beside(billed: Decimal) -> str:
    return "credited beside tokens" if billed < 0 else "billed beside tokens"


def _why(quantity: Decimal, seen: int) -> str:
    if quantity == seen:
        return ""
    return f"{quantity - seen:f} tokens that no span tells of" if quantity > seen else f"{seen - quantity:f} tokens more than are billed"


def _why_rest(group: _Group) -> str:
    if not group.billed:
        return "not billed in this file"
    if group.unpriced:
        return f"prices of the ledger, {group.unpriced} calls have none"
    return "prices of the ledger beside those of the invoice: discounts, tiers, rounding"

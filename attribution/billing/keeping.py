"""Keeps what invoices were found to bill, for the views and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from attribution.amounts import QUANTUM
from attribution.billing.principals import PrincipalBilled
from attribution.billing.reconciliation import Reconciled
from attribution.storage import Store


def keep_reconciled(store: Store, found: Sequence[Reconciled], principals: Sequence[PrincipalBilled] = ()) -> None:
    """Keep what was found, to the ledger's last digit: of each provider and day it counts until it is reconciled again.

    Args:
        store: where the ledger is.
        found: of an invoice.
        principals: of the same invoice.

    """
    at = datetime.now(UTC)
    # What counts is decided by `reconciliations`, so principals go first: killed in between, they are not shown.
    for table, row, kept in (
        ("reconciled_principals", PrincipalBilled, [_principal_in_units(each) for each in principals]),
        ("reconciliations", Reconciled, [_in_units(each) for each in found]),
    ):
        if kept:
            columns = [each.name for each in fields(row)]
            store.insert(table, ["at", *columns], [[at, *(getattr(each, name) for name in columns)] for each in kept])


def _in_units(found: Reconciled) -> Reconciled:
    """The same with twelve digits after the point; what rounding leaves is variance."""
    billed, explained, unseen = map(_rounded, (found.billed, found.explained, found.unseen))
    return replace(found, billed=billed, explained=explained, unseen=unseen, variance=billed - explained - unseen)


def _principal_in_units(one: PrincipalBilled) -> PrincipalBilled:
    billed, least, most = map(_rounded, (one.billed, one.unseen_at_least, one.unseen_at_most))
    return replace(one, billed=billed, unseen_at_least=least, unseen_at_most=most)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(QUANTUM, ROUND_HALF_EVEN)

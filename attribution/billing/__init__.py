"""What is billed: the ledger as charges of FOCUS, and invoices beside it."""

from attribution.billing.focus import FOCUS_VERSIONS, focus_charges, focus_columns
from attribution.billing.invoices import FORMATS, USAGE, Invoice, read_answers, read_invoice, with_counts
from attribution.billing.keeping import keep_reconciled
from attribution.billing.lines import KINDS, BilledLine
from attribution.billing.principals import PrincipalBilled, by_principal
from attribution.billing.reconciliation import REST, Reconciled, compared, reconcile

__all__ = [
    "FOCUS_VERSIONS",
    "FORMATS",
    "KINDS",
    "REST",
    "USAGE",
    "BilledLine",
    "Invoice",
    "PrincipalBilled",
    "Reconciled",
    "by_principal",
    "compared",
    "focus_charges",
    "focus_columns",
    "keep_reconciled",
    "read_answers",
    "read_invoice",
    "reconcile",
    "with_counts",
]

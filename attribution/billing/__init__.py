"""What is billed: the ledger as charges of FOCUS, and invoices beside it."""

from attribution.billing.focus import FOCUS_VERSIONS, focus_charges, focus_columns
from attribution.billing.invoices import FORMATS, BilledLine, read_invoice
from attribution.billing.reconciliation import Reconciled, compared, keep_reconciled, reconcile

__all__ = [
    "FOCUS_VERSIONS",
    "FORMATS",
    "BilledLine",
    "Reconciled",
    "compared",
    "focus_charges",
    "focus_columns",
    "keep_reconciled",
    "read_invoice",
    "reconcile",
]

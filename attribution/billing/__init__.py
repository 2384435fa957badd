"""What is billed: the ledger as charges of FOCUS, and invoices beside it."""

from attribution.billing.focus import FOCUS_VERSIONS, focus_charges, focus_columns

__all__ = ["FOCUS_VERSIONS", "focus_charges", "focus_columns"]

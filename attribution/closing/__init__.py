"""Closing a month, and opening it again (R12)."""

from attribution.closing.closing import close, closings, reopen

__all__ = ["close", "closings", "reopen"]

"""Months: how they are written, and whether they are closed (R12)."""

from attribution.periods.periods import check_period, is_closed, is_pruned, running_month

__all__ = ["check_period", "is_closed", "is_pruned", "running_month"]

"""Where money could be saved: hints with their evidence."""

from attribution.hints.hints import MONTH_DAYS, Assumed, Hint, hints, statements_of_hints

__all__ = ["MONTH_DAYS", "Assumed", "Hint", "hints", "statements_of_hints"]

"""Worlds whose true calls and payers are known, and how much of both the rules find (`python -m bench.recovery`)."""

from tests.oracle.recovery import layers, losses, payers  # noqa: F401  (they register their kinds)

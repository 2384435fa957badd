"""What can go wrong in the spool.

SpanledgerError
└── SpoolError           the disk or the file fails: nothing was acknowledged, the sender tries again
    └── SpoolFullError   the bound is reached: the sender waits until requests have been stored
"""

from __future__ import annotations

from attribution.errors import SpanledgerError


class SpoolError(SpanledgerError):
    """The spool cannot be opened, read or written; the text names the file."""


class SpoolFullError(SpoolError):
    """As much is waiting as is allowed."""

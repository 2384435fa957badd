"""What an exporter says of a batch that it could not deliver."""

from __future__ import annotations

from attribution.errors import SpanledgerError


class RetryableError(SpanledgerError):
    """The same batch may pass later."""


class PermanentError(SpanledgerError):
    """The same batch will never pass."""

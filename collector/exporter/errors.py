"""What an exporter says of a batch that it could not deliver."""

from __future__ import annotations

from attribution.errors import SpanledgerError


class RetryableError(SpanledgerError):
    """The same batch may pass later; not before `after_seconds`, where the other side says so."""

    def __init__(self, message: str, after_seconds: float = 0) -> None:
        self.after_seconds = after_seconds
        super().__init__(message)


class PermanentError(SpanledgerError):
    """The same batch will never pass."""

"""What can go wrong in the library, as one hierarchy.

SpanledgerError
├── ConfigurationError   the configuration says something that is not allowed
├── StorageError         ClickHouse or the data folder cannot be used
├── NotFoundError        what was asked for by name does not exist
├── TableError           a table cannot be attributed
└── RefusedError         what was asked for cannot be done now, such as closing a month twice
"""

from __future__ import annotations

from collections.abc import Sequence


class SpanledgerError(Exception):
    """Base of every error that Spanledger raises on purpose; its text is meant for the user."""


class ConfigurationError(SpanledgerError):
    """The configuration is wrong; `complaints` names each key, its value and what is allowed."""

    def __init__(self, where: str, complaints: Sequence[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(f"{where}: {complaint}" for complaint in complaints))


class StorageError(SpanledgerError):
    """ClickHouse or the data folder cannot be used; `permanent` when the same data would be refused again."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(message)


class NotFoundError(SpanledgerError):
    """What was asked for by name does not exist."""


class TableError(SpanledgerError):
    """A table cannot be attributed; the text names what is wrong with it and what is expected."""


class RefusedError(SpanledgerError):
    """What was asked for cannot be done now; the text says why."""

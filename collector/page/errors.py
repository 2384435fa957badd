"""Why a page is not shown, each with its HTTP status."""

from __future__ import annotations

from attribution.errors import SpanledgerError


class PageError(SpanledgerError):
    """Why a page is not shown."""

    status = 500


class AskedWrongError(PageError):
    """The address asks for what there cannot be."""

    status = 400


class NotYoursError(PageError):
    """The reader may not see it."""

    status = 403


class NoSuchPageError(PageError):
    """There is nothing at this address."""

    status = 404


class BusyError(PageError):
    """Too many readers at a time."""

    status = 503

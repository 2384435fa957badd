"""Who may look: everybody on loopback where no user is configured, else users with passwords, some of them at their own teams only."""

from __future__ import annotations

from collector.config import User
from collector.page.errors import PageError
from collector.users import Users


class UnknownReaderError(PageError):
    """No user, or not with this password."""

    status = 401


class ClosedError(PageError):
    """Whoever could reach it would see everything."""

    status = 403


def reader(users: Users, authorization: str, *, open_to_all: bool) -> User | None:
    """Who asks; None: anybody, who may see all. Takes some 50 ms the first time: call it in a thread.

    Raises UnknownReaderError, and ClosedError where no user is configured and the page is not on loopback only.
    """
    if users.none:
        if not open_to_all:
            raise ClosedError("the page is closed: it listens on more than loopback, and the configuration names no users")
        return None
    user = users.basic(authorization)
    if user is None:
        raise UnknownReaderError("a name and a password are needed, as the configuration has them under users")
    return user

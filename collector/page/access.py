"""Who may look: everybody on loopback where no user is configured, else users with passwords, some of them at their own teams only."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from collector.config import Person
from collector.oidc import SignIn
from collector.page.errors import PageError
from collector.users import Users


class UnknownReaderError(PageError):
    """No user, or not with this password."""

    status = 401


class SignInNeededError(PageError):
    """Nobody has signed in with this browser, or too long ago."""

    status = 401


class ClosedError(PageError):
    """Whoever could reach it would see everything."""

    status = 403


class Readers:
    """Tells who asks."""

    def __init__(self, users: Users, *, open_to_all: bool, sign_in: SignIn | None = None) -> None:
        """`open_to_all`: where no user is configured, and nobody can sign in, whoever asks may see and do all."""
        self._users = users
        self.sign_in = sign_in or SignIn(None)
        self._open_to_all = open_to_all

    def of(self, headers: Mapping[str, str]) -> Person | None:
        """Who asks; None: anybody. Takes some 50 ms the first time: call it in a thread.

        Raises UnknownReaderError, SignInNeededError, and ClosedError where there is nobody to be and the page is not on loopback only.
        """
        if self.sign_in.is_possible and "authorization" not in headers:
            person = self.sign_in.person(headers)
            if person is None:
                raise SignInNeededError("sign in to look at this")
            return person
        if self._users.none and not self.sign_in.is_possible:
            if not self._open_to_all:
                raise ClosedError("the page is closed: it listens on more than loopback, and the configuration names no users")
            return None
        user = self._users.basic(headers.get("authorization", ""))
        if user is None:
            raise UnknownReaderError("a name and a password are needed, as the configuration has them under users")
        return user


class ForeignFormError(PageError):
    """A page of another site would act in the name of whoever looks at it."""

    status = 403


def check_own_form(headers: Mapping[str, str]) -> None:
    """That a form was sent from a page of ours. Raises ForeignFormError.

    Browsers say where a form comes from, and no page can make them say otherwise: `Sec-Fetch-Site`, or over plain HTTP `Origin`.
    A password that a browser sends by itself proves nothing here, and neither does a cookie.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin", "")
    if site == "same-origin" if site else origin and urlsplit(origin).netloc == headers.get("host"):
        return
    raise ForeignFormError("forms are taken from pages of this service only, and the browser does not say that this one is from there")

"""What all acts of users have in common, whichever way they say them: over HTTP as JSON, or by the forms of the page.

`who` is the user's name; where no user is configured, and everybody is on loopback, what is said has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attribution.errors import NotFoundError, RefusedError, SpanledgerError
from collector.config import Person

TEXT_MAX = 4000
"""Characters of a name or a reason."""
Said = Mapping[str, Any]
Act = Callable[[str, Said, Person | None], dict[str, Any]]
"""What it is done to ('' where that is not there yet), what is said and who says it, to what became of it."""


class ForbiddenError(SpanledgerError):
    """The user may not do this."""


STATUS: Mapping[type[SpanledgerError], int] = {ForbiddenError: 403, NotFoundError: 404, RefusedError: 400}
"""Of HTTP, for what is refused; of all else the store is away."""


def status_of(problem: SpanledgerError) -> int:
    """The status of an answer that says why something was refused."""
    return next((status for kind, status in STATUS.items() if isinstance(problem, kind)), 503)


def decides(user: Person | None) -> bool:
    """Whether somebody decides for all teams: an operator who sees them all."""
    return user is None or (not user.teams and user.role == "operator")


def check_decides(user: Person | None, what: str) -> None:
    """Raises ForbiddenError where the user may not do what is said."""
    if user and not decides(user):
        raise ForbiddenError(f"{user.name} may not {what}: an operator does, who sees all teams")


def text(said: Said, key: str, otherwise: str | None = None) -> str:
    """A text; where it is not said the other one, if there is one. Raises RefusedError."""
    value = said.get(key, otherwise)
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise RefusedError(f"{key}: a text of at most {TEXT_MAX} characters is needed")
    return value


def who_says(said: Said, user: Person | None) -> str:
    """The name that is kept with the act."""
    return user.name if user else text(said, "who")

"""What users may do to disputes and sign-offs, whichever way they say it: over HTTP as JSON, or by the forms of the page.

Whoever sees a team opens disputes for it, answers them and signs. Only an operator without teams of its own settles and rejects. `who` is
the user's name; where no user is configured, and everybody is on loopback, what is said has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from attribution import disputes
from attribution.configuration import AttributionConfig
from attribution.errors import NotFoundError, RefusedError, SpanledgerError
from attribution.pools import as_amount
from attribution.storage import Store
from collector.config import Person

TEXT_MAX = 4000
"""Characters of a name or a reason."""
Said = Mapping[str, Any]
Act = Callable[[str, Said, Person | None], dict[str, Any]]
"""The dispute ('' where there is none yet), what is said and who says it, to what became of it."""


class ForbiddenError(SpanledgerError):
    """The user may not do this."""


STATUS: Mapping[type[SpanledgerError], int] = {ForbiddenError: 403, NotFoundError: 404, RefusedError: 400}
"""Of HTTP, for what is refused; of all else the store is away."""


def status_of(problem: SpanledgerError) -> int:
    """The status of an answer that says why something was refused."""
    return next((status for kind, status in STATUS.items() if isinstance(problem, kind)), 503)


class Disputing:
    """Disputes and sign-offs of one store. `config` is asked anew each time, for it may be read again."""

    def __init__(self, store: Store, config: Callable[[], AttributionConfig]) -> None:
        self._store = store
        self._config = config

    def listed(self, period: str, teams: list[str] | None, user: Person | None) -> list[dict[str, Any]]:
        """Disputes of a month ('': of all) and of some teams or all, as far as the user may see them."""
        if user and user.teams:
            teams = [team for team in teams or user.teams if team in user.teams]
        return disputes.found(self._store, period, teams)

    def open(self, _: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Open one: period, team, section, item, reason; detail, amount, who."""
        team = text(said, "team")
        _check_sees(user, team)
        dispute = disputes.open_dispute(
            self._store,
            self._config(),
            text(said, "period"),
            team,
            text(said, "section"),
            text(said, "item"),
            text(said, "detail") if "detail" in said else None,
            amount=_amount(said),
            who=_who(said, user),
            reason=text(said, "reason"),
        )
        return {"dispute": dispute}

    def answer(self, dispute: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Answer one: text; who."""
        self._check_seen(dispute, user)
        disputes.answer(self._store, dispute, _who(said, user), text(said, "text"))
        return {"dispute": dispute}

    def settle(self, dispute: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Settle one: payer, reason; amount, who."""
        _check_decides(user)
        self._check_seen(dispute, user)
        booked = disputes.settle(
            self._store,
            self._config(),
            dispute,
            text(said, "payer"),
            amount=_amount(said),
            approver=_who(said, user),
            reason=text(said, "reason"),
        )
        return {"dispute": dispute, "booked": booked}

    def reject(self, dispute: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Reject one: reason; who."""
        _check_decides(user)
        self._check_seen(dispute, user)
        disputes.reject(self._store, dispute, _who(said, user), text(said, "reason"))
        return {"dispute": dispute}

    def sign_off(self, _: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Agree to what a team is charged: period, team; note, who."""
        team = text(said, "team")
        _check_sees(user, team)
        note = text(said, "note") if "note" in said else ""
        amount = disputes.sign_off(self._store, self._config(), text(said, "period"), team, _who(said, user), note)
        return {"team": team, "amount": amount}

    def _check_seen(self, dispute: str, user: Person | None) -> None:
        """To those who may not see it, it is not there."""
        if not any(str(row["dispute"]) == dispute for row in self.listed("", None, user)):
            raise NotFoundError(f"there is no dispute {dispute!r}")


def decides(user: Person | None) -> bool:
    """Whether somebody settles and rejects disputes."""
    return user is None or (not user.teams and user.role == "operator")


def text(said: Said, key: str) -> str:
    """A text that must be there. Raises RefusedError."""
    value = said.get(key)
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise RefusedError(f"{key}: a text of at most {TEXT_MAX} characters is needed")
    return value


def _check_sees(user: Person | None, team: str) -> None:
    if user and user.teams and team not in user.teams:
        raise ForbiddenError(f"{user.name} does not see team {team!r}")


def _check_decides(user: Person | None) -> None:
    if user and not decides(user):
        raise ForbiddenError(f"{user.name} may not settle or reject disputes: an operator does, who sees all teams")


def _who(said: Said, user: Person | None) -> str:
    return user.name if user else text(said, "who")


def _amount(said: Said) -> Decimal | None:
    return None if said.get("amount") is None else as_amount(str(said["amount"]))

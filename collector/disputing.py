"""What users may do to disputes and sign-offs.

Whoever sees a team opens disputes for it, answers them and signs. Only an operator without teams of its own settles and rejects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from attribution import disputes
from attribution.configuration import AttributionConfig
from attribution.errors import NotFoundError
from attribution.pools import as_amount
from attribution.storage import Store
from collector.acting import Act, ForbiddenError, Said, check_decides, text, who_says
from collector.config import Person

DECIDE = "settle or reject disputes"


class Disputing:
    """Disputes and sign-offs of one store. `config` is asked anew each time, for it may be read again."""

    def __init__(self, store: Store, config: Callable[[], AttributionConfig]) -> None:
        self._store = store
        self._config = config

    def acts(self) -> Mapping[str, Act]:
        """By the address at which each is done."""
        return {
            "/disputes": self.open,
            "/disputes/{name}/answer": self.answer,
            "/disputes/{name}/settle": self.settle,
            "/disputes/{name}/reject": self.reject,
            "/sign-offs": self.sign_off,
        }

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
            who=who_says(said, user),
            reason=text(said, "reason"),
        )
        return {"dispute": dispute}

    def answer(self, dispute: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Answer one: text; who."""
        self._check_seen(dispute, user)
        disputes.answer(self._store, dispute, who_says(said, user), text(said, "text"))
        return {"dispute": dispute}

    def settle(self, dispute: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Settle one: payer, reason; amount, who."""
        check_decides(user, DECIDE)
        self._check_seen(dispute, user)
        booked = disputes.settle(
            self._store,
            self._config(),
            dispute,
            text(said, "payer"),
            amount=_amount(said),
            approver=who_says(said, user),
            reason=text(said, "reason"),
        )
        return {"dispute": dispute, "booked": booked}

    def reject(self, dispute: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Reject one: reason; who."""
        check_decides(user, DECIDE)
        self._check_seen(dispute, user)
        disputes.reject(self._store, dispute, who_says(said, user), text(said, "reason"))
        return {"dispute": dispute}

    def sign_off(self, _: str, said: Said, user: Person | None) -> dict[str, Any]:
        """Agree to what a team is charged: period, team; note, who."""
        team = text(said, "team")
        _check_sees(user, team)
        note = text(said, "note", "")
        amount = disputes.sign_off(self._store, self._config(), text(said, "period"), team, who_says(said, user), note)
        return {"team": team, "amount": amount}

    def _check_seen(self, dispute: str, user: Person | None) -> None:
        """To those who may not see it, it is not there."""
        if not any(str(row["dispute"]) == dispute for row in self.listed("", None, user)):
            raise NotFoundError(f"there is no dispute {dispute!r}")


def _check_sees(user: Person | None, team: str) -> None:
    if user and user.teams and team not in user.teams:
        raise ForbiddenError(f"{user.name} does not see team {team!r}")


def _amount(said: Said) -> Decimal | None:
    return None if said.get("amount") is None else as_amount(str(said["amount"]))

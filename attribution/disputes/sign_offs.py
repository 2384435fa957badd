"""Sign-offs: a team agrees to what it is charged in a month, before the month is closed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from attribution.configuration import AttributionConfig
from attribution.disputes.disputes import found
from attribution.errors import RefusedError
from attribution.periods import check_period, is_closed
from attribution.statements import statement_of
from attribution.storage import Store

SHOWN_MAX = 20
"""Teams that a message names."""


def sign_off(store: Store, config: AttributionConfig, period: str, team: str, who: str, note: str = "") -> Decimal:
    """Agree to what a team is charged in an open month; the amount, USD. It counts as long as the month charges that.

    Raises RefusedError where the month is closed, a dispute of the team is open or nobody is named, and NotFoundError where the team has
    nothing in the month.
    """
    check_period(period)
    if not who.strip():
        raise RefusedError("a name is needed: it is kept")
    if is_closed(store, period):
        raise RefusedError(f"{period} is closed: what is charged in it cannot change, and needs no agreement")
    if any(row["state"] == "open" for row in found(store, period, [team])):
        raise RefusedError(f"a dispute of team {team!r} in {period} is open: settle or reject it first")
    amount = statement_of(store, config, period, team).charged
    store.run("disputes/sign_off", period=period, team=team, amount=f"{amount:f}", who=who.strip(), note=note.strip())
    return amount


def signed(store: Store, period: str, teams: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Who agreed in a month, of some teams or all (None), the latest first: at, team, who, amount, note."""
    return store.rows("disputes/sign_offs", period=period, any_team=teams is None, teams=list(teams or ()))


def check_signed(store: Store, config: AttributionConfig, period: str) -> None:
    """Raise RefusedError where `billing.sign_off` requires agreement and a team has not signed what it is charged, or disputes it."""
    if config.billing.sign_off != "required":
        return
    amounts = {row["team"]: row["amount"] for row in store.rows("disputes/signed", period=period)}
    charged = {team.team: team.charged for team in statement_of(store, config, period).teams}
    # Nobody can sign for what no team was found for.
    lacking = [
        f"{team} ({'has not signed' if team not in amounts else f'signed {amounts[team]:f} USD'}, is charged {amount:f})"
        for team, amount in sorted(charged.items())
        if team and amount and amounts.get(team) != amount
    ]
    lacking += [f"{row['team']} (dispute {row['dispute']} is open)" for row in found(store, period) if row["state"] == "open"]
    if lacking:
        more = f" and {len(lacking) - SHOWN_MAX} more" if len(lacking) > SHOWN_MAX else ""
        raise RefusedError(f"{period} is not signed off: {'; '.join(lacking[:SHOWN_MAX])}{more}")

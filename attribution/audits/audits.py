"""Audits are queries that return no rows when all is well: `violations/`, one row for each thing that is wrong.

Audits of traces run in two steps. `suspect_traces/` finds the traces that cannot be right, which is cheap. Only these are looked at
span by span. After each pass the first step runs for the traces of the pass, but for audits that need a trait which its batch has not.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from attribution.storage import Store, statement, statements
from attribution.storage.models import model
from attribution.storage.work_tables import is_needed
from attribution.views import definition

VIOLATIONS, SUSPECTS = "audits/violations", "audits/suspect_traces"
OF_BOOKS = (f"{VIOLATIONS}/03_pooled_is_not_allocated", f"{VIOLATIONS}/04_period_does_not_balance")
"""Run once all is attributed; they read rollups only."""


def audits_definition() -> str:
    """The statement that makes the view `audits` of all audits."""
    violations = "\nUNION ALL\n".join(map(audit_statement, statements(VIOLATIONS)))
    return definition(model("audits/audits")).replace("{violations}", violations)


def audit_statement(name: str) -> str:
    """The text of an audit of all traces. An audit span by span looks at suspect traces only."""
    of_suspects = name.replace(VIOLATIONS, SUSPECTS)
    return statement(name).replace("{suspects}", suspects_statement(of_suspects, "true") if of_suspects in statements(SUSPECTS) else "")


def suspects_statement(name: str, among: str) -> str:
    """The text that yields the traces which an audit finds fault with, of those that the condition `among` is true for."""
    return statement(name).replace("{among}", among)


def violations_of(store: Store, among: str, traits: AbstractSet[str]) -> int:
    """How many traces cannot be right, of those of a batch with these traits; the condition `among` is true for its traces."""
    return _count(store, *(suspects_statement(name, among) for name in statements(SUSPECTS) if is_needed(model(name), traits)))


def violations_of_books(store: Store) -> int:
    """How many pools and months do not balance."""
    return _count(store, *map(audit_statement, OF_BOOKS))


def _count(store: Store, *audits: str) -> int:
    return int(store.query(f"SELECT count() AS n FROM ({' UNION ALL '.join(f'SELECT * FROM ({audit})' for audit in audits)})")[0]["n"])

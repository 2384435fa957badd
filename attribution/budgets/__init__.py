"""What budgets allow and what was spent of them, replayed from the ledger at any instant."""

from attribution.budgets.acts import acknowledge, extend, limit_of, pause, resume
from attribution.budgets.events import Event, events, keep_events
from attribution.budgets.intervals import LATER, Memory
from attribution.budgets.kept import kept_budgets, note_file, remove_budget, set_budget, with_budgets, with_kept
from attribution.budgets.limits import RUN, Counter, Limit, Limits
from attribution.budgets.spend import Place, Replay, Spend, Step, arrived, initiators, replay, spent_in_steps, step_of
from attribution.budgets.standing import Standing
from attribution.budgets.turns import ALONE, TURN_SECONDS, Turn, Turns
from attribution.budgets.windows import ALWAYS, Window, window_of

__all__ = [
    "ALONE",
    "ALWAYS",
    "LATER",
    "RUN",
    "TURN_SECONDS",
    "Counter",
    "Event",
    "Limit",
    "Limits",
    "Memory",
    "Place",
    "Replay",
    "Spend",
    "Standing",
    "Step",
    "Turn",
    "Turns",
    "Window",
    "acknowledge",
    "arrived",
    "events",
    "extend",
    "initiators",
    "keep_events",
    "kept_budgets",
    "limit_of",
    "note_file",
    "pause",
    "remove_budget",
    "replay",
    "resume",
    "set_budget",
    "spent_in_steps",
    "step_of",
    "window_of",
    "with_budgets",
    "with_kept",
]

"""Asks Spanledger before a call of a model whether budgets allow it."""

from spanledger_guard.answers import Decision, GuardError, RefusedError, ThrottledError
from spanledger_guard.connection import QuestionError
from spanledger_guard.guard import Guard

__all__ = ["Decision", "Guard", "GuardError", "QuestionError", "RefusedError", "ThrottledError"]

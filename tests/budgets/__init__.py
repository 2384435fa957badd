"""Budgets: what they allow, what was spent of them, and that together calls never pass them."""

"""What a team is told at the end of a month: what it pays, what that is made of, and why."""

from attribution.statements.statements import (
    DIRECT_SECTIONS,
    SECTIONS,
    Item,
    Statement,
    TeamStatement,
    for_customer,
    keep_items,
    statement_of,
)

__all__ = ["DIRECT_SECTIONS", "SECTIONS", "Item", "Statement", "TeamStatement", "for_customer", "keep_items", "statement_of"]

"""Audits: queries that return no rows while all the money adds up (R13)."""

from attribution.audits.audits import audits_definition, violations_of, violations_of_books

__all__ = ["audits_definition", "violations_of", "violations_of_books"]

"""The views: public ones are the contract with whoever writes SQL, internal ones are what these are made of."""

from attribution.views.views import definition, follow_source_tables, public_views, view_statements

__all__ = ["definition", "follow_source_tables", "public_views", "view_statements"]

"""The views: public ones are the contract with whoever writes SQL, internal ones are what these are made of."""

from attribution.views.views import create_views, definition, follow_source_tables, public_views, view_statements

__all__ = ["create_views", "definition", "follow_source_tables", "public_views", "view_statements"]

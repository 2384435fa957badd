"""Spanledger, the library: what a span used, what that cost, and who pays for it, in SQL on ClickHouse."""

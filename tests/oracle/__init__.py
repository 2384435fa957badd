"""Attribution done by brute force, to hold the SQL against."""

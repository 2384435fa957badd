"""Dashboards of Grafana, the queries that they ask, and what provisions them."""

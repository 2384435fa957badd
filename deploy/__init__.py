"""Runs Spanledger: dashboards, images, services."""

"""Spanledger, the service: OTLP in, priced and annotated spans in ClickHouse, attribution as they come."""

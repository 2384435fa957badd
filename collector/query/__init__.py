"""The ClickHouse HTTP interface of the embedded store: read-only for everyone, unrestricted for its owner."""

from collector.query.app import create_app
from collector.query.limits import Limits
from collector.query.unix import listener, pool_manager

__all__ = ["Limits", "create_app", "listener", "pool_manager"]

"""What stands between the acknowledgement and the store: every acknowledged request, on disk until it is stored."""

from collector.spool.errors import SpoolError, SpoolFullError
from collector.spool.spool import Spool
from collector.spool.store import LOG, METRIC, SPAN, STORE, Carried, Delivery, Depth, Quarantined, SenderDay

__all__ = [
    "LOG",
    "METRIC",
    "SPAN",
    "STORE",
    "Carried",
    "Delivery",
    "Depth",
    "Quarantined",
    "SenderDay",
    "Spool",
    "SpoolError",
    "SpoolFullError",
]

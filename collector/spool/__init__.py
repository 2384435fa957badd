"""What stands between the acknowledgement and the store: every acknowledged request, on disk until it is stored."""

from collector.spool.delivery import FILE, LOG, METRIC, SPAN, Carried, Delivery, Depth, Division, Quarantined, SenderDay
from collector.spool.errors import SpoolError, SpoolFullError
from collector.spool.spool import Spool
from collector.spool.store import STORE

__all__ = [
    "FILE",
    "LOG",
    "METRIC",
    "SPAN",
    "STORE",
    "Carried",
    "Delivery",
    "Depth",
    "Division",
    "Quarantined",
    "SenderDay",
    "Spool",
    "SpoolError",
    "SpoolFullError",
]

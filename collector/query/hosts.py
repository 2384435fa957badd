"""By which names the SQL port may be addressed: a page of the web must not read it through a reader's browser.

A page that makes its own name point to 127.0.0.1 after it was loaded ("DNS rebinding") sends that name as `Host`. Such a name has a
dot; an address and a name without a dot (`localhost`, a container's) cannot be taken over from outside.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from collector.query.errors import QueryError


def check_host(header: str, names: Collection[str]) -> None:
    """Raise QueryError 516 (HTTP 403) for a `Host` that is neither an address, nor a name without a dot, nor one of `names`."""
    host = header.rpartition("]")[0].lstrip("[") if header.startswith("[") else header.partition(":")[0]
    host = host.lower().rstrip(".")
    if _is_address(host) or "." not in host or host.endswith(".localhost") or host in names:
        return
    raise QueryError(
        516, "AUTHENTICATION_FAILED", f"This port does not answer to the host name {host[:80]!r}; list it as sql.hosts in the configuration"
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

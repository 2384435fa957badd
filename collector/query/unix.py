"""Both ends of the owner's Unix socket: one that only its owner can open, and what `clickhouse_connect.get_client(pool_mgr=...)` takes."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

CONNECTIONS_MAX = 8
"""Kept open at once; as many as the server runs queries."""


def listener(socket_path: Path) -> socket.socket:
    """Return a bound Unix socket at `socket_path`, mode 0600, replacing one that a dead process left there.

    Give it to `uvicorn.Server.run(sockets=[...])`, for `uvicorn.Config(uds=...)` makes its socket 0666. Raises OSError.
    """
    with contextlib.suppress(FileNotFoundError):
        socket_path.unlink()
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(socket_path))
        socket_path.chmod(0o600)  # before it listens: until then nobody can connect
    except OSError:
        bound.close()
        raise
    return bound


def pool_manager(socket_path: Path) -> urllib3.PoolManager:
    """Return a pool whose `http://` connections all go to the Unix socket at `socket_path`, whatever host they name.

    `clickhouse_connect.get_client(host="localhost", port=8123, pool_mgr=pool_manager(path))` then speaks to it.
    Connecting raises OSError, which urllib3 wraps, where nobody listens.
    """

    class Connection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            timeout = self.timeout
            connection.settimeout(timeout if isinstance(timeout, int | float) else None)
            try:
                connection.connect(str(socket_path))
            except OSError as problem:
                connection.close()
                raise urllib3.exceptions.NewConnectionError(self, f"no server at {socket_path}: {problem.strerror}") from problem
            return connection

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    manager = urllib3.PoolManager(num_pools=1, maxsize=CONNECTIONS_MAX, block=True)
    manager.pool_classes_by_scheme = {"http": Pool}
    return manager

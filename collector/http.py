"""Serves ASGI applications from threads, so that starting and stopping them is plain code."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from attribution.errors import ConfigurationError, SpanledgerError
from collector.config import Addresses, Config
from collector.query import listener

START_SECONDS_MAX = 30.0
PORT_MAX = 65535
KEEP_ALIVE_SECONDS = 75
"""Longer than the 60 seconds that load balancers keep idle connections, so that they close first."""

GRACE_SECONDS = 3
"""For requests at hand when the service stops; a query that takes longer is cut off."""


class HttpServer:
    """One application on one address or Unix socket, in a thread of its own."""

    def __init__(self, app: Any, *, address: str | None = None, unix: Path | None = None, tls: ssl.SSLContext | None = None) -> None:
        """Bind at once; raises SpanledgerError naming the address when it is taken."""
        self._socket = listener(unix) if unix else _bound(address or "")
        self._where = str(unix or address)
        config = uvicorn.Config(
            app,
            log_config=None,  # it says what it says in our style
            log_level="warning",
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        config.load()
        config.ssl = tls
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name="http", daemon=True)

    @property
    def port(self) -> int:
        """The TCP port, also where 0 was asked for; 0 for a Unix socket."""
        return 0 if self._socket.family == socket.AF_UNIX else int(self._socket.getsockname()[1])

    @property
    def alive(self) -> bool:
        """Whether the server answers."""
        return self._thread.is_alive() and self._server.started

    def start(self) -> None:
        """Serve; returns when the first request can come."""
        self._thread.start()
        limit = time.monotonic() + START_SECONDS_MAX
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > limit:
                raise SpanledgerError(f"the HTTP server on {self._where} did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """Finish the requests at hand and end."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()


def _bound(address: str) -> socket.socket:
    host, port = split(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(2048)
    except OSError as problem:
        bound.close()
        raise SpanledgerError(f"cannot listen on {address}: {problem.strerror}") from None
    return bound


def split(address: str) -> tuple[str, int]:
    """`HOST:PORT` in its parts; no host is 127.0.0.1, brackets around an IPv6 address are dropped. Raises SpanledgerError."""
    host, _, port = address.rpartition(":")
    if not port.isdigit() or int(port) > PORT_MAX:
        raise SpanledgerError(f"{address!r} is no address: HOST:PORT is, such as 127.0.0.1:4318")
    return host.strip("[]") or "127.0.0.1", int(port)


def refuse_open_doors(config: Config, addresses: Addresses) -> None:
    """Without ingest keys anyone who reaches the port can spend in anyone's name: then it must be a loopback port."""
    if config.ingest.keys:
        return
    for option, address in (("--grpc", addresses.grpc), ("--http", addresses.http)):
        if not is_loopback(split(address)[0]):
            raise ConfigurationError(
                "configuration",
                [f"ingest.keys: none, which is allowed on loopback only; {option} is {address}: add a key or listen on 127.0.0.1"],
            )


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

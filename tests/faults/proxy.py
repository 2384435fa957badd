"""A network that fails: a TCP proxy between a service and its ClickHouse, whose connections are cut, delayed, held up or spoiled."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from urllib.parse import urlsplit, urlunsplit

FAULTS = ("cut", "reset", "delay", "hang", "garbage", "half-close", "refuse")
HANG_SECONDS = 2.0
PIECE_BYTES = 16 * 1024


class Proxy:
    """Listens on a port of its own; `fault` is what happens to connections from now on, '' lets them pass."""

    def __init__(self, url: str, random: Random) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 8123)
        self._random = random
        self._listener = socket.create_server(("127.0.0.1", 0))
        credentials = parts.netloc.rpartition("@")[0]
        place = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = urlunsplit(parts._replace(netloc=f"{credentials}@{place}" if credentials else place))
        self.fault = ""
        self._half_closed: list[socket.socket] = []
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def heal(self) -> None:
        """All is well from now on; what is half-closed is reset, as the first packet after a fault does it."""
        self.fault = ""
        while self._half_closed:
            _reset(self._half_closed.pop())

    def close(self) -> None:
        """Accept nothing any more, and end what there is."""
        for end in (self._listener, *self._ends):
            _end(end)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.fault == "refuse":
                    _reset(client)
                    continue
                try:
                    server = socket.create_connection(self._target, 10)
                except OSError:
                    client.close()
                    continue
                server.settimeout(None)  # that was for connecting: what is idle stays open
                self._ends += [client, server]
                for source, target, is_answer in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._carry, args=(source, target), kwargs={"is_answer": is_answer}, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, *, is_answer: bool) -> None:
        """Pass on what comes; whatever fault there is by then happens to a piece of it, in one of the two directions."""
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                if self.fault and self._random.random() < 0.5:
                    piece = self._spoil(piece, source, target, is_answer=is_answer)
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def _spoil(self, piece: bytes, source: socket.socket, target: socket.socket, *, is_answer: bool) -> bytes:
        fault = self.fault
        if fault in {"cut", "reset"}:
            target.sendall(piece[: self._random.randrange(len(piece) + 1)])
            for end in (source, target):
                _reset(end) if fault == "reset" else _end(end)
            raise OSError
        if fault == "half-close":
            target.sendall(piece[: self._random.randrange(len(piece) + 1)])
            target.shutdown(socket.SHUT_WR)
            self._half_closed += [source, target]
            raise OSError
        if fault in {"delay", "hang"}:
            time.sleep(self._random.random() / 2 if fault == "delay" else HANG_SECONDS)
        if fault == "garbage" and is_answer:  # what is sent is checked by nobody: TCP is trusted with that
            return self._random.randbytes(len(piece))
        return piece


def _end(connection: socket.socket) -> None:
    """Close at once: a socket that another thread reads from stays open until that thread is woken."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _reset(connection: socket.socket) -> None:
    """Close at once, with RST after what was sent."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    _end(connection)


@contextmanager
def proxy(url: str, random: Random) -> Iterator[Proxy]:
    """A proxy before the server at a URL."""
    started = Proxy(url, random)
    try:
        yield started
    finally:
        started.close()

"""Who may look: everybody on loopback where no user is configured, else users with passwords, some of them their own teams only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from collector.config import User
from collector.page.errors import PageError

PASSWORD_BYTES_MAX = 1024
COST, BLOCK, PARALLEL, DIGEST_BYTES = 2**15, 8, 1, 32
"""scrypt as OWASP advises it: 32 MiB and a tenth of a second a try."""
MEMORY_BYTES_MAX = 64 * 1024 * 1024
REMEMBERED_MAX = 256
"""Passwords that were right a moment ago, by a keyed hash: a page has many requests, and each would take a tenth of a second."""


class UnknownReaderError(PageError):
    """No user, or not with this password."""

    status = 401


class ClosedError(PageError):
    """Whoever could reach it would see everything."""

    status = 403


class Access:
    """The users of the configuration."""

    def __init__(self, users: Sequence[User], *, loopback: bool) -> None:
        self._users = {user.name: user for user in users}
        self._loopback = loopback
        self._key = secrets.token_bytes(32)
        self._remembered: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()
        self._absent = hashed(secrets.token_hex(16))

    def reader(self, headers: Mapping[str, str]) -> User | None:
        """Who asks; None: anybody, who may see all.

        Raises UnknownReaderError, and ClosedError where no user is configured and the page is not on loopback only.
        """
        if not self._users:
            if not self._loopback:
                raise ClosedError(
                    "the page is closed: it listens on more than loopback, and the configuration names no users (docs/page.md)"
                )
            return None
        name, password = _credentials(headers)
        seen = hmac.digest(self._key, f"{name}\0{password}".encode(), "sha256")
        with self._lock:
            if self._remembered.get(seen) == name:
                self._remembered.move_to_end(seen)
                return self._users[name]
        user = self._users.get(name)
        # Also for a name that nobody has, so that the time taken does not tell who is a user.
        right = is_password(password, user.password_scrypt if user else self._absent)
        if user is None or not right:
            raise UnknownReaderError("name and password are not known")
        with self._lock:
            self._remembered[seen] = name
            if len(self._remembered) > REMEMBERED_MAX:
                self._remembered.popitem(last=False)
        return user


def hashed(password: str) -> str:
    """A password as the configuration has it: `scrypt:N:r:p:SALT:DIGEST`, salt and digest in hex."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{COST}:{BLOCK}:{PARALLEL}:{salt.hex()}:{_digest(password, salt, COST, BLOCK, PARALLEL).hex()}"


def is_password(password: str, kept: str) -> bool:
    """Whether a password is the one that was hashed."""
    _, cost, block, parallel, salt, digest = kept.split(":")
    found = _digest(password, bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _digest(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=MEMORY_BYTES_MAX, dklen=DIGEST_BYTES)


def _credentials(headers: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, value = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "basic" or len(value) > PASSWORD_BYTES_MAX * 2:
        raise UnknownReaderError("a name and a password are needed")
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise UnknownReaderError("Authorization: Basic needs base64 of NAME:PASSWORD") from None
    if not colon:
        raise UnknownReaderError("Authorization: Basic needs base64 of NAME:PASSWORD")
    return name, password

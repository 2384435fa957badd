"""Users and their passwords: who may read over the SQL port and on the page.

A password is kept as scrypt (RFC 7914), which takes 16 MiB and some 50 ms to try: too much for every request, so what was right once is
remembered in memory, as an HMAC under a key of this process.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections.abc import Sequence

from collector.config import User

COST, BLOCK_SIZE, PARALLELISM = 2**14, 8, 1
"""What RFC 7914 and OWASP give for logins: 16 MiB of memory."""
MEMORY_BYTES_MAX = 256 * 1024 * 1024
"""For hashes that ask for more than ours do."""
SALT_BYTES, HASH_BYTES = 16, 32
NOBODY = f"scrypt:{COST}:{BLOCK_SIZE}:{PARALLELISM}:{'00' * SALT_BYTES}:{'00' * HASH_BYTES}"
"""Tried where the name is not known, so that the time taken tells nothing about names."""
REMEMBERED_MAX = 1024
"""Passwords that were right; beyond it all are forgotten and tried again."""
TRIES_AT_A_TIME = 2
"""Each holds memory and a core: guesses wait in line."""


def hashed(password: str) -> str:
    """What the configuration keeps of a password: `scrypt:N:r:p:SALT:HASH`, salt and hash in hex."""
    salt = secrets.token_bytes(SALT_BYTES)
    return f"scrypt:{COST}:{BLOCK_SIZE}:{PARALLELISM}:{salt.hex()}:{_scrypt(password, salt, COST, BLOCK_SIZE, PARALLELISM).hex()}"


class Users:
    """Tells who a name and a password are. Thread-safe; `none` says that nobody is configured, and everybody may read."""

    def __init__(self, users: Sequence[User]) -> None:
        self.reload(users)
        self._trying = threading.Semaphore(TRIES_AT_A_TIME)

    def reload(self, users: Sequence[User]) -> None:
        """Take others from the next request on; what was right before is to be proved again."""
        self._users = {user.name: user for user in users}
        self._key = secrets.token_bytes(HASH_BYTES)
        self._right: set[bytes] = set()

    @property
    def none(self) -> bool:
        """Whether no user is configured."""
        return not self._users

    def named(self, name: str) -> User | None:
        """The user of a name, such as one that a session remembers."""
        return self._users.get(name)

    def check(self, name: str, password: str) -> User | None:
        """The user, where the password is theirs. Takes some 50 ms the first time: call it in a thread."""
        user = self._users.get(name)
        proof = hmac.digest(self._key, f"{name}:{password}".encode(errors="surrogateescape"), "sha256")
        if proof in self._right:
            return user
        with self._trying:
            right = matches(password, user.password_scrypt if user else NOBODY)
        if not right or user is None:
            return None
        if len(self._right) >= REMEMBERED_MAX:
            self._right.clear()
        self._right.add(proof)
        return user

    def basic(self, authorization: str) -> User | None:
        """The user that an `Authorization: Basic` header names; None where it names none, or another way."""
        return self.check(*credentials) if (credentials := basic_credentials(authorization)) else None


def basic_credentials(authorization: str) -> tuple[str, str] | None:
    """Name and password of an `Authorization: Basic` header; None where it is none."""
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (name, password) if colon else None


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one of which this was kept."""
    _, cost, block_size, parallelism, salt, known = kept.split(":")
    try:
        found = _scrypt(password, bytes.fromhex(salt), int(cost), int(block_size), int(parallelism), len(known) // 2)
    except ValueError:  # figures that scrypt does not take, or too much memory
        return False
    return hmac.compare_digest(found.hex(), known)


def _scrypt(password: str, salt: bytes, cost: int, block_size: int, parallelism: int, size: int = HASH_BYTES) -> bytes:
    return hashlib.scrypt(
        password.encode(errors="surrogateescape"), salt=salt, n=cost, r=block_size, p=parallelism, dklen=size, maxmem=MEMORY_BYTES_MAX
    )

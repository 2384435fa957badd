"""Who sends: the ingest key that a request names."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collector.config import Key
from collector.receiver.outcome import Outcome, RefusalError

NEEDED = "an ingest key is needed: Authorization: Bearer SECRET, Authorization: Basic NAME:SECRET, or x-api-key: SECRET"
UNKNOWN = "the ingest key is not known"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and what all that it sends is tagged with."""

    name: str
    tags: Mapping[str, str]


NOBODY = Sender("", {})
"""Where there are no keys, nobody can tell senders apart."""


class Authenticator:
    """Checks secrets against the configured keys; with no keys, everyone may send."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = tuple(keys)

    def check(self, headers: Mapping[str, str]) -> Sender:
        """The sender of the key that the request names. Header names are lower case.

        Raises RefusalError (UNAUTHENTICATED) when keys are configured and the request names none of them.
        """
        if not self._keys:
            return NOBODY
        name, secret = _credentials(headers)
        found = self._find(name, hashlib.sha256(secret).hexdigest())
        if found is None:
            raise RefusalError(Outcome.UNAUTHENTICATED, UNKNOWN, f"unknown key {name!r}" if name else "an unknown key")
        return Sender(found.sent_by, {dimension: tag for dimension, tag in found.tags.items()})  # noqa: C416  (its keys are a narrower type)

    def _find(self, name: str | None, digest: str) -> Key | None:
        found: Key | None = None
        for key in self._keys:  # all of them, so that the time taken tells nothing about which one matched
            if hmac.compare_digest(key.secret_sha256, digest) and name in {None, key.name}:
                found = found or key
        return found


def _credentials(headers: Mapping[str, str]) -> tuple[str | None, bytes]:
    """Key name (None: any) and secret."""
    scheme, _, value = headers.get("authorization", "").strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer" and value:
        return None, value.encode()
    if scheme.lower() == "basic" and value:
        return _basic(value)
    if headers.get("x-api-key"):
        return None, headers["x-api-key"].encode()
    raise RefusalError(Outcome.UNAUTHENTICATED, NEEDED)


def _basic(value: str) -> tuple[str, bytes]:
    try:
        name, colon, secret = base64.b64decode(value, validate=True).partition(b":")
        if not colon:
            raise RefusalError(Outcome.UNAUTHENTICATED, NEEDED)
        return name.decode(), secret
    except (binascii.Error, ValueError) as problem:
        raise RefusalError(Outcome.UNAUTHENTICATED, "Authorization: Basic needs base64 of NAME:SECRET") from problem

"""Messages to a webhook of one's own, signed, so that it can tell them from anybody else's.

The headers are those of Standard Webhooks, which libraries in many languages check: `webhook-id`, the same when a message is sent again;
`webhook-timestamp`; and `webhook-signature`, an HMAC-SHA256 over both and the body.
Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import logging
import time
from collections.abc import Mapping

import urllib3

from attribution.errors import ConfigurationError
from collector.config import Notify
from collector.secrets import held_secret

logger = logging.getLogger(__name__)
SECONDS_MAX = 10.0
PREFIX = "whsec_"
"""Before a secret in base64; another one is a text as it is."""
SUCCESS = 2


def secret_of(receiver: Notify) -> bytes:
    """What messages are signed with. Raises ConfigurationError, without it."""
    where = f"notify: {receiver.name or 'a receiver'}"
    try:
        text = held_secret(receiver.secret_file, receiver.secret_env)
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(where, [f"secret_file: cannot be read: {problem}"]) from None
    if not text:
        raise ConfigurationError(where, [f"there is no secret in {receiver.secret_file or receiver.secret_env}"])
    if not text.startswith(PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ConfigurationError(where, [f"the secret begins with {PREFIX} and is no base64"]) from None


def signed(secret: bytes, number: str, at: int, body: bytes) -> Mapping[str, str]:
    """Headers of a message; `at` in seconds since the epoch."""
    digest = hmac.digest(secret, f"{number}.{at}.".encode() + body, "sha256")
    return {"webhook-id": number, "webhook-timestamp": str(at), "webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


def post(receiver: Notify, number: str, kind: str, title: str, text: str) -> bool:
    """Send a message; whether the webhook has taken it. Why it has not is logged, without the path, which may be a secret."""
    at = int(time.time())
    body = json.dumps({"type": f"spanledger.{kind}", "timestamp": at, "data": {"id": number, "title": title, "message": text}}).encode()
    try:
        headers = {"Content-Type": "application/json", **signed(secret_of(receiver), number, at, body)}
        with urllib3.PoolManager(timeout=SECONDS_MAX, retries=False) as http:
            status = http.request("POST", receiver.url, body=body, headers=headers, redirect=False).status
    except (urllib3.exceptions.HTTPError, ConfigurationError) as problem:
        logger.warning(
            "webhook %s: %s", receiver.name or "(no name)", problem if isinstance(problem, ConfigurationError) else type(problem).__name__
        )
        return False
    if status // 100 != SUCCESS:
        logger.warning("webhook %s answers %d", receiver.name or "(no name)", status)
    return status // 100 == SUCCESS

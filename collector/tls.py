"""TLS of the listeners, from files that may change: on SIGHUP they are read again, and connections that begin after that see them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import grpc

from attribution.errors import ConfigurationError
from collector.config import Tls

VERSION_MIN = ssl.TLSVersion.TLSv1_2
"""RFC 8996 deprecates what is older."""


class Certificates:
    """The certificate, its key and the authorities of clients, as they are in the files by now.

    Raises ConfigurationError, which names the key and the file, where they cannot be used; what was read before stays in force then.
    """

    def __init__(self, tls: Tls) -> None:
        self.tls = tls
        self._context = _context(tls)
        self._grpc = _grpc_configuration(tls)

    def context(self) -> ssl.SSLContext:
        """For HTTP listeners: each connection gets the files that count when it begins."""
        return _AtEachConnection(lambda: self._context)

    def grpc_credentials(self) -> Any:
        """For the gRPC listener; a handshake asks which files count."""
        return grpc.dynamic_ssl_server_credentials(self._grpc, lambda: self._grpc, require_client_authentication=bool(self.tls.client_ca))

    def reload(self) -> None:
        """Read the files again. Where this raises, nothing has changed."""
        self._context, self._grpc = _context(self.tls), _grpc_configuration(self.tls)


class _AtEachConnection(ssl.SSLContext):
    """Hands each connection to the context that is in force by then.

    OpenSSL loads a certificate and its key one after the other, so a handshake that meets a context while it changes is cut off.
    """

    in_force: Callable[[], ssl.SSLContext]

    def __new__(cls, in_force: Callable[[], ssl.SSLContext]) -> Self:
        self = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        self.in_force = in_force
        return self

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        return self.in_force().wrap_bio(*args, **options)


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSION_MIN
    context.set_alpn_protocols(["http/1.1"])
    _load(context, tls)
    return context


def _load(context: ssl.SSLContext, tls: Tls) -> None:
    certificate, key = _needed(tls)
    for name, path in (("certificate", certificate), ("key", key), ("client_ca", tls.client_ca)):
        if path:
            _read(name, path)
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except (ssl.SSLError, OSError, ValueError) as problem:
        raise _wrong("certificate", f"{certificate} and {key}: are no certificate with its private key in PEM: {problem}") from None
    if tls.client_ca:
        try:
            context.load_verify_locations(tls.client_ca)
        except (ssl.SSLError, OSError) as problem:
            raise _wrong("client_ca", f"{tls.client_ca}: holds no certificates in PEM: {problem}") from None
        context.verify_mode = ssl.CERT_REQUIRED


def _grpc_configuration(tls: Tls) -> Any:
    certificate, key = _needed(tls)
    pair = (_read("key", key), _read("certificate", certificate))
    return grpc.ssl_server_certificate_configuration([pair], _read("client_ca", tls.client_ca) if tls.client_ca else None)


def _needed(tls: Tls) -> tuple[Path, Path]:
    assert tls.certificate, "asked for only where TLS is configured"  # noqa: S101
    assert tls.key  # noqa: S101
    return tls.certificate, tls.key


def _no_passphrase() -> str:
    raise ValueError("the key has a passphrase, which nobody could type at a start")


def _read(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise _wrong(name, f"{path}: cannot be read: {problem.strerror}") from None


def _wrong(name: str, what: str) -> ConfigurationError:
    return ConfigurationError("configuration", [f"tls.{name}: {what}"])

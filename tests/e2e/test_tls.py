"""TLS, mutual TLS and users: who gets in over each listener, and what changes while the service runs."""

from __future__ import annotations

import signal
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import clickhouse_connect
import grpc
import httpx
import pytest
import trustme
import yaml
from clickhouse_connect.driver.exceptions import ClickHouseError
from starlette.responses import Response

from collector.config import Tls
from collector.http import HttpServer
from collector.tls import Certificates
from collector.users import hashed
from tests.e2e.otlp import chat, request, span, trace_id
from tests.e2e.serving import COMMAND, Serving, run

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
PASSWORD = "correct horse"


@dataclass
class Authority:
    """Issues the files of a server and of its clients."""

    folder: Path

    def __post_init__(self) -> None:
        self.ca = trustme.CA()
        self.ca.cert_pem.write_to_path(str(self.folder / "ca.pem"))
        client = self.ca.issue_cert("agent@clients.example")
        client.private_key_and_cert_chain_pem.write_to_path(str(self.folder / "client.pem"))
        self.key_pem, self.chain_pem = client.private_key_pem.bytes(), client.cert_chain_pems[0].bytes()
        self.renew()

    def renew(self) -> bytes:
        """Write another certificate of the server to the same files; returns it."""
        server = self.ca.issue_cert("127.0.0.1", "localhost")
        server.private_key_pem.write_to_path(str(self.folder / "tls.key"))
        (self.folder / "tls.crt").write_bytes(b"".join(pem.bytes() for pem in server.cert_chain_pems))
        return ssl.PEM_cert_to_DER_cert(server.cert_chain_pems[0].bytes().decode())

    def context(self, *, with_certificate: bool = True) -> ssl.SSLContext:
        """Of a client that trusts this authority."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if with_certificate:
            context.load_cert_chain(str(self.folder / "client.pem"))
        return context


class Secure(Serving):
    """Asked over TLS."""

    authority: Authority

    def get(self, path: str, *, port: int | None = None, **options: object) -> httpx.Response:
        with httpx.Client(verify=self.authority.context(), trust_env=False) as http:
            return http.get(f"https://127.0.0.1:{port or self.http_port}{path}", **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority(folder)
    users = [
        {"name": "ada", "password_scrypt": hashed(PASSWORD)},
        {"name": "bo", "password_scrypt": hashed(PASSWORD), "teams": ["sales"]},
    ]
    tls = {"certificate": str(folder / "tls.crt"), "key": str(folder / "tls.key"), "client_ca": str(folder / "ca.pem")}
    started = Secure(folder / "data", {"pricing": {"update": False}, "tls": tls, "users": users})
    started.authority = authority
    started.start()
    yield started
    assert started.stop() == 0, started.log
    assert "Traceback" not in started.log


def _presented(authority: Authority, port: int) -> bytes:
    """The certificate that a listener shows to a client that begins now."""
    context = authority.context()
    with ssl.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped:
        shown = wrapped.getpeercert(binary_form=True)
    assert shown
    return shown


def _body() -> bytes:
    return request([span(trace_id(), 1, chat("gpt-4o", 10, 1))]).SerializeToString()


def _grpc(serving: Secure, *, with_certificate: bool) -> bytes:
    ca = (serving.authority.folder / "ca.pem").read_bytes()
    own = (serving.authority.key_pem, serving.authority.chain_pem) if with_certificate else (None, None)
    with grpc.secure_channel(f"127.0.0.1:{serving.grpc_port}", grpc.ssl_channel_credentials(ca, *own)) as channel:
        return bytes(channel.unary_unary(EXPORT)(_body(), timeout=10))


def test_spans_come_in_over_tls_from_clients_with_a_certificate_only(secure: Secure) -> None:
    assert _grpc(secure, with_certificate=True) == b""
    with pytest.raises(grpc.RpcError) as refused:
        _grpc(secure, with_certificate=False)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    url = f"https://127.0.0.1:{secure.http_port}/v1/traces"
    headers = {"Content-Type": "application/x-protobuf"}
    with httpx.Client(verify=secure.authority.context(), trust_env=False) as http:
        assert http.post(url, content=_body(), headers=headers).status_code == 200
    with (
        httpx.Client(verify=secure.authority.context(with_certificate=False), trust_env=False) as http,
        pytest.raises(httpx.TransportError),
    ):
        http.post(url, content=_body(), headers=headers)
    with httpx.Client(trust_env=False) as http, pytest.raises(httpx.TransportError):
        http.post(url.replace("https:", "http:"), content=_body(), headers=headers)


WAYS = {
    "basic": ({"auth": ("ada", PASSWORD)}, 200),
    "headers of ClickHouse": ({"headers": {"X-ClickHouse-User": "ada", "X-ClickHouse-Key": PASSWORD}}, 200),
    "in the URL": ({"params": {"user": "ada", "password": PASSWORD}}, 200),
    "nobody": ({}, 401),
    "a wrong password": ({"auth": ("ada", PASSWORD + "x")}, 403),
    "an unknown name": ({"auth": ("eve", PASSWORD)}, 403),
    "the hash is no password": ({"params": {"user": "ada", "password": hashed(PASSWORD)}}, 403),
    "who sees some teams only": ({"auth": ("bo", PASSWORD)}, 403),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_sql_port_wants_a_user(secure: Secure, way: str) -> None:
    options, status = WAYS[way]
    params = {"query": "SELECT 1", **options.get("params", {})}  # type: ignore[dict-item]
    answer = secure.get("/", port=secure.sql_port, **{**options, "params": params})
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.text == "1\n"
    else:
        assert PASSWORD not in answer.text
        assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_a_client_of_clickhouse_comes_in_over_tls_with_a_password(secure: Secure) -> None:
    how = {"host": "127.0.0.1", "port": secure.sql_port, "secure": True, "ca_cert": str(secure.authority.folder / "ca.pem")}
    own = {"client_cert": str(secure.authority.folder / "client.pem"), "tls_mode": "strict"}  # strict: with a password as well
    for options in ({"password": PASSWORD}, {**own, "password": "wrong"}):
        with pytest.raises((ClickHouseError, OSError)):
            clickhouse_connect.get_client(**how, **options, username="ada")
    with clickhouse_connect.get_client(**how, **own, username="ada", password=PASSWORD) as client:
        assert client.command("SELECT 2") == 2


def test_files_and_users_are_read_again_and_a_wrong_file_changes_nothing(secure: Secure) -> None:
    assert secure.process
    renewed = secure.authority.renew()
    assert _presented(secure.authority, secure.http_port) != renewed
    secure.process.send_signal(signal.SIGHUP)
    secure.until(lambda: _presented(secure.authority, secure.http_port) == renewed, "the new certificate is shown")
    assert _presented(secure.authority, secure.sql_port) == renewed
    assert _grpc(secure, with_certificate=True) == b""
    settings = {**secure.settings, "users": [{"name": "cy", "password_scrypt": hashed("pw")}]}
    key = secure.authority.folder / "tls.key"
    kept = key.read_bytes()
    key.write_text("no key", encoding="utf-8")
    secure.config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    secure.process.send_signal(signal.SIGHUP)
    secure.until(lambda: "not reloaded: configuration: tls.certificate" in secure.log, "what is wrong is said")
    assert _presented(secure.authority, secure.http_port) == renewed
    asked = {"query": "SELECT 1"}
    assert secure.get("/", port=secure.sql_port, params=asked, auth=("ada", PASSWORD)).status_code == 200
    key.write_bytes(kept)
    secure.process.send_signal(signal.SIGHUP)
    secure.until(lambda: secure.get("/", port=secure.sql_port, params=asked, auth=("cy", "pw")).status_code == 200, "the new user may read")
    assert secure.get("/", port=secure.sql_port, params=asked, auth=("ada", PASSWORD)).status_code == 403


def test_no_handshake_is_cut_off_while_files_are_read_again(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificates = Certificates(
        Tls(certificate=tmp_path / "tls.crt", key=tmp_path / "tls.key", client_ca=tmp_path / "ca.pem"),
    )
    server = HttpServer(Response("here"), address="127.0.0.1:0", tls=certificates.context())
    server.start()
    try:
        with ThreadPoolExecutor(1) as pool:
            handshakes = pool.submit(lambda: {_presented(authority, server.port) for _ in range(100)})
            renewals = 0
            while not handshakes.done():
                authority.renew()
                certificates.reload()
                renewals += 1
        assert len(handshakes.result()) > 1, f"of {renewals} certificates"
        ours, authority.ca = authority.context(), trustme.CA()
        authority.ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        certificates.reload()
        with httpx.Client(verify=ours, trust_env=False) as http, pytest.raises(httpx.TransportError):
            http.get(f"https://127.0.0.1:{server.port}/")  # its authority was taken out of the file
    finally:
        server.stop()


WRONG = {
    "a certificate without a key": ({"certificate": "tls.crt"}, "tls: certificate and key go together"),
    "authorities without a certificate": ({"client_ca": "ca.pem"}, "tls: client_ca needs a certificate"),
    "a file that is not there": ({"certificate": "gone.crt", "key": "tls.key"}, "gone.crt: cannot be read: No such file"),
    "the key of another certificate": ({"certificate": "tls.crt", "key": "other.key"}, "are no certificate with its private key"),
    "authorities that are none": (
        {"certificate": "tls.crt", "key": "tls.key", "client_ca": "empty.pem"},
        "empty.pem: holds no certificates",
    ),
    "a listener that there is not": ({"listeners": ["udp"]}, "tls.listeners.0: 'udp' is not allowed"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_stops_the_start_by_name(tmp_path: Path, name: str) -> None:
    authority = Authority(tmp_path)
    authority.ca.issue_cert("other").private_key_pem.write_to_path(str(tmp_path / "other.key"))
    (tmp_path / "empty.pem").touch()
    settings, told = WRONG[name]
    files = {key: str(tmp_path / str(file)) if key != "listeners" else file for key, file in settings.items()}
    config = tmp_path / "wrong.yaml"
    config.write_text(yaml.safe_dump({"tls": files}), encoding="utf-8")
    done = run(*COMMAND, "serve", "--config", str(config), "--data", str(tmp_path / "data"))
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "data").exists(), "nothing was begun"

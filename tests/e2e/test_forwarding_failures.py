"""What forwarding does with an endpoint that refuses: nothing is sent twice, nothing is lost in silence, no secret is shown."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from collector.config import Forward
from collector.exporter import OtlpExporter, PermanentError, RetryableError, shown
from collector.processor import Processed
from collector.processor.reading_pb2 import Request
from collector.spool import Delivery

Answer = Callable[[int], tuple[int, dict[str, str]]]


@contextmanager
def endpoint(answer: Answer, seen: list[tuple[bytes, dict[str, str]]]) -> Iterator[str]:
    """An HTTP server; `answer` says status and headers of its n-th answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers = answer(len(seen))
            seen.append((body, dict(self.headers)))
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def batch(count: int) -> list[Processed]:
    return [Processed(Delivery(seq, seq, 1, {}, b"%d" % seq), Request(), [], [], [], [], []) for seq in range(1, count + 1)]


def test_one_refusal_in_a_few_does_not_send_the_others_again() -> None:
    seen: list[tuple[bytes, dict[str, str]]] = []
    with endpoint(lambda number: (503 if number % 5 == 3 else 200, {}), seen) as address:
        exporter, retries = OtlpExporter(Forward(endpoint=f"http://{address}")), 0
        while True:
            try:
                exporter.export(batch(40))
                break
            except RetryableError:
                retries += 1
    assert len(seen) == 40 + retries
    assert retries == 10


def test_what_was_sent_is_forgotten_with_its_batch() -> None:
    seen: list[tuple[bytes, dict[str, str]]] = []
    with endpoint(lambda _: (200, {}), seen) as address:
        exporter = OtlpExporter(Forward(endpoint=f"http://{address}"))
        exporter.export(batch(3))
        assert exporter._sent == set()


@pytest.mark.parametrize(
    ("status", "headers", "kind", "after"),
    [
        (503, {"Retry-After": "7"}, RetryableError, 7),
        (429, {"Retry-After": "99999"}, RetryableError, 300),
        (503, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, RetryableError, 0),
        (503, {"Retry-After": "soon"}, RetryableError, 0),
        (302, {"Location": "http://127.0.0.1:1/"}, RetryableError, 0),
        (301, {}, RetryableError, 0),
        (400, {}, PermanentError, None),
        (404, {}, PermanentError, None),
    ],
)
def test_answers(status: int, headers: dict[str, str], kind: type[Exception], after: float | None) -> None:
    with endpoint(lambda _: (status, headers), []) as address:
        exporter = OtlpExporter(Forward(endpoint=f"http://{address}"))
        with pytest.raises(kind) as refused:
            exporter.export(batch(1))
    assert getattr(refused.value, "after_seconds", None) == after


def test_a_date_in_retry_after() -> None:
    at = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
    with endpoint(lambda _: (503, {"Retry-After": at}), []) as address, pytest.raises(RetryableError) as refused:
        OtlpExporter(Forward(endpoint=f"http://{address}")).export(batch(1))
    assert 50 < refused.value.after_seconds <= 60


def test_no_secret_is_shown() -> None:
    assert shown("https://user:secret@host:4318/v1/traces?key=secret") == "https://host:4318/v1/traces"
    seen: list[tuple[bytes, dict[str, str]]] = []
    with endpoint(lambda _: (503, {}), seen) as address, pytest.raises(RetryableError) as refused:
        OtlpExporter(Forward(endpoint=f"http://user:secret@{address}/x?key=secret")).export(batch(1))
    assert "secret" not in str(refused.value)
    assert {name.lower(): value for name, value in seen[0][1].items()}["authorization"].startswith("Basic ")
    with pytest.raises(RetryableError) as refused:
        OtlpExporter(Forward(endpoint="http://user:secret@127.0.0.1:1/x?key=secret")).export(batch(1))
    assert "secret" not in str(refused.value)

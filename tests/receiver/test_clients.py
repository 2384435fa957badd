"""Real senders: the OpenTelemetry SDK with its exporters, the Langfuse SDK, a health probe."""

from __future__ import annotations

import threading
from collections.abc import Callable

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from collector.receiver import grpc_transport, http_transport
from collector.receiver.signals import SIGNALS

from .conftest import KEY, SECRET, Receiver

Start = Callable[..., Receiver]

EXPORTERS: dict[str, Callable[[Receiver], SpanExporter]] = {
    "grpc": lambda r: GrpcExporter(endpoint=r.grpc_address, insecure=True, headers={"x-api-key": SECRET}),
    "grpc gzip": lambda r: GrpcExporter(
        endpoint=r.grpc_address, insecure=True, headers={"x-api-key": SECRET}, compression=grpc.Compression.Gzip
    ),
    "http": lambda r: HttpExporter(f"{r.url}/v1/traces", headers={"Authorization": f"Bearer {SECRET}"}),
    "http gzip": lambda r: HttpExporter(f"{r.url}/v1/traces", headers={"x-api-key": SECRET}, compression=Compression.Gzip),
    "http deflate": lambda r: HttpExporter(f"{r.url}/v1/traces", headers={"x-api-key": SECRET}, compression=Compression.Deflate),
}


def record(exporter: SpanExporter, spans: int = 1) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("agent"):
        for index in range(spans - 1):
            with tracer.start_as_current_span("chat", attributes={"gen_ai.usage.input_tokens": index}):
                pass
    provider.shutdown()


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_opentelemetry_sdk_delivers_every_span_with_the_tags_of_its_key(start: Start, name: str) -> None:
    receiver = start(keys=(KEY,))
    record(EXPORTERS[name](receiver), spans=100)
    spans = receiver.spans()
    assert len(spans) == len({s.span_id for s in spans}) == 100
    assert {s.trace_id for s in spans} == {spans[0].trace_id}
    assert {d.tags["team"] for d in receiver.deliveries()} == {"sales"}
    assert sum(d.spans for d in receiver.deliveries()) == 100
    transport = name.partition(" ")[0]
    assert receiver.count("spans_accepted", transport=transport) == 100
    assert receiver.count("requests", transport=transport, outcome="accepted") == len(receiver.deliveries())
    assert receiver.count("bytes", transport=transport) == receiver.spool.depth.bytes


def test_the_langfuse_sdk_signs_in_and_delivers(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = start(keys=(KEY,))
    monkeypatch.setenv("LANGFUSE_BASE_URL", receiver.url)
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", KEY.name)
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", SECRET)
    from langfuse import Langfuse  # noqa: PLC0415  (a second, for two tests)

    client = Langfuse(tracer_provider=TracerProvider(shutdown_on_exit=False))
    assert client.auth_check()
    assert client.api.health.health().status == "OK"
    with (
        client.start_as_current_observation(name="support-agent", as_type="agent"),
        client.start_as_current_observation(
            name="chat", as_type="generation", model="gpt-4o", usage_details={"input": 1000, "output": 100}
        ),
    ):
        pass
    client.shutdown()
    assert {s.name for s in receiver.spans()} == {"support-agent", "chat"}
    assert {tuple(d.tags.items()) for d in receiver.deliveries()} == {(("team", "sales"),)}


def test_the_langfuse_sdk_is_told_that_its_key_is_wrong(start: Start) -> None:
    from langfuse import Langfuse  # noqa: PLC0415  (likewise)

    client = Langfuse(
        base_url=start(keys=(KEY,)).url, public_key="stranger", secret_key=SECRET, tracer_provider=TracerProvider(shutdown_on_exit=False)
    )
    with pytest.raises(Exception, match="the ingest key is not known"):
        client.auth_check()
    client.shutdown()


def test_what_langfuse_sdks_of_before_opentelemetry_send_is_refused_with_the_reason(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """As version 2.60 for Python sends it; it drops what is answered so."""
    receiver = start(keys=(KEY,))
    event = {"id": "1", "type": "trace-create", "timestamp": "2026-11-29T12:00:00Z", "body": {"id": "t", "name": "run"}}
    with httpx.Client(trust_env=False, base_url=receiver.url) as http:
        for key, status, said in (
            (KEY.name, 404, "Langfuse's SDKs send them since langfuse 3"),
            ("stranger", 401, "the ingest key is not known"),
        ):
            answer = http.post("/api/public/ingestion", json={"batch": [event], "metadata": {}}, auth=(key, SECRET))
            assert (answer.status_code, said in answer.json()["message"]) == (status, True)
    assert receiver.count("requests", transport="http", outcome="not_served") == 1
    assert f"refused: {KEY.name}: not_served: /api/public/ingestion is not served" in caplog.text


@pytest.mark.parametrize("name", ["grpc", "http"])
def test_senders_wait_while_the_spool_is_full_and_then_deliver(start: Start, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_transport, "RETRY_SECONDS", 1)
    monkeypatch.setattr(http_transport, "RETRY_SECONDS", 1)
    receiver = start(spool_bytes=1000)
    blocking = receiver.spool.put(b"x" * 1000, 1, {}).result(10)
    results: list[SpanExportResult] = []
    exporter = EXPORTERS[name](receiver)
    sender = threading.Thread(target=lambda: results.append(exporter.export(finished_spans())))
    sender.start()
    sender.join(0.5)
    assert sender.is_alive(), "it tries again"
    assert receiver.count("requests", transport=name, outcome="full") == 1
    receiver.spool.done(blocking)
    sender.join(10)
    assert results == [SpanExportResult.SUCCESS]
    assert [s.name for s in receiver.spans()] == ["agent"]
    exporter.shutdown()


def finished_spans() -> tuple[ReadableSpan, ...]:
    memory = InMemorySpanExporter()
    record(memory)
    return memory.get_finished_spans()


@pytest.mark.parametrize("service", ["", *(signal.service for signal in SIGNALS)])
def test_a_health_probe_sees_a_server_that_serves(receiver: Receiver, service: str) -> None:
    with grpc.insecure_channel(receiver.grpc_address) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING

"""`make bench`: what a span costs in CPU time, and how much memory. Ratios are measured side by side in this run."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from genai_prices import Usage, calc_price
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.configuration.pricing import Pricing
from attribution.conventions import Reading
from attribution.prepare import prepare
from attribution.prices import PriceBook
from attribution.storage import Store
from bench.workload import SPANS_A_REQUEST, START_NS, deliveries
from collector.config import Config
from collector.core.core import core
from collector.exporter import ClickHouseExporter
from collector.processor import Processor
from collector.processor.span_records import SpanRecords
from collector.processor.values import plain

ROUNDS = 3
CALLS = 2000
"""Priced in each round."""


def best(work: Callable[[], object]) -> float:
    """CPU seconds of the cheapest of a few rounds, of all threads: noise only ever adds."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    return min(seconds)


def line(what: str, spans: int, seconds: float, beside: str = "") -> None:
    """One figure."""
    print(f"{what:<58} {seconds / spans * 1e6:>8,.1f} CPU s a million spans  {beside}")


def ingest(store: Store, requests: int, folder: Path) -> None:
    """The hot path, stage by stage, on one thread."""
    batch = list(deliveries(requests))
    spans = requests * SPANS_A_REQUEST
    copied = best(lambda: [copy_everything(delivery.body) for delivery in batch])
    in_python, processor = Processor(Config()), Processor(Config(), recipes=True)
    plainly_read = best(lambda: [in_python.process(delivery) for delivery in batch])
    processed = best(lambda: [processor.process(delivery) for delivery in batch])
    line("decode and copy every attribute (for comparison)", spans, copied)
    line("processor: read and price in Python (for comparison)", spans, plainly_read)
    line("processor: find recipes, read and price the rest", spans, processed, f"{plainly_read / processed:.1f} times Python's")
    read, done = [in_python.process(delivery) for delivery in batch], [processor.process(delivery) for delivery in batch]
    plain = best(lambda: SpanRecords(keep_content=False).block(read))
    line("block: written by Python (for comparison)", spans, plain)
    if native := core(keep_content=False):
        fast = best(lambda: SpanRecords(keep_content=False, core=native).block(done))
        line("block: by the native core, recipes followed", spans, fast, f"{plain / fast:.1f} times Python's")
    exporter = ClickHouseExporter(store, keep_content=False, temporary=folder / "temporary")
    stored = best(lambda: exporter.export(done))
    line("exporter: block and insert into span_records", spans, stored)
    line("processor and exporter, one after the other", spans, processed + stored)
    few = [processor.process(next(deliveries(1)))]
    print(f"{'exporter: an insert of one request':<58} {best(lambda: exporter.export(few)) * 1000:>8,.0f} CPU ms")


def prices(provider: str, model: str, **counts: int) -> None:
    """One call priced, beside genai-prices' own evaluator."""
    book, at = PriceBook(Pricing()), datetime.fromtimestamp(START_NS // 1_000_000_000, UTC)
    reading, usage = Reading(usage="leaf", operation="chat", provider=provider, model=model, **counts), Usage(**counts)
    theirs = best(lambda: [calc_price(usage, model, provider_id=provider, genai_request_timestamp=at) for _ in range(CALLS)])
    ours = best(lambda: [book.price(reading, START_NS) for _ in range(CALLS)])
    each = f"{ours / CALLS * 1e6:.1f} us, genai-prices' calc_price {theirs / CALLS * 1e6:.1f} us"
    print(f"{f'price of a call, {model}':<58} {theirs / ours:>8.0f} times  {each}")


def copy_everything(body: bytes) -> list[dict[str, object]]:
    """What a straightforward receiver does."""
    message = ExportTraceServiceRequest.FromString(body)
    return [
        {pair.key: plain(pair.value) for pair in span.attributes}
        for resource_spans in message.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]


def attribution(store: Store) -> None:
    """Everything pending, against the cheapest thing that touches the same rows."""
    spans = store.count("spans")
    begun = time.process_time()
    summary = attribute(store, AttributionConfig.parse({"agents": {"shared": ["guardrail"]}}))
    seconds = time.process_time() - begun
    grouped = best(lambda: store.query("SELECT count() FROM (SELECT trace_id, count(), sum(cost) FROM span_records GROUP BY trace_id)"))
    line("plain GROUP BY trace_id (for comparison)", spans, grouped)
    line("attribution of everything", spans, seconds, f"{seconds / grouped:.0f} times the GROUP BY; {summary.postings} postings")
    for view in ("costs_by_team", "costs_by_agent", "traces", "audits"):
        took = best(lambda view=view: store.query(f"SELECT count() FROM {view}"))
        print(f"{'SELECT count() FROM ' + view:<58} {took * 1000:>8,.0f} CPU ms")


def main() -> None:
    """Run all; an argument gives the number of requests of 500 spans."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    with TemporaryDirectory() as folder, Store.embedded_in(Path(folder) / "clickhouse") as store:
        prepare(store)
        prices("openai", "gpt-4o-2024-08-06", input_tokens=1200, output_tokens=150)
        prices("anthropic", "claude-sonnet-4-5-20250929", input_tokens=1200, output_tokens=150, cache_read_tokens=900)
        ingest(store, requests, Path(folder))
        attribution(store)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, {requests * SPANS_A_REQUEST:,} spans")


if __name__ == "__main__":
    main()

"""A company's afternoon: three teams, five agents on one API key, one shared guardrail, agents that call each other back.

The spans are what OpenTelemetry's GenAI instrumentations send, made with the real SDK and sent with the real OTLP exporter.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from shutil import rmtree
from typing import Any

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, Tracer
from rich.console import Console

from attribution import reports
from attribution.attribute import attribute
from attribution.errors import SpanledgerError
from attribution.storage import Store
from collector.config import Addresses, Config
from collector.folder import DEMO
from collector.printing import print_report, print_table, trace_tree, usd
from collector.service import Service

WORKFLOWS = 60
SEED = 42
ARRIVAL_SECONDS_MAX = 60

CONFIG: Mapping[str, Any] = {
    "organization": {
        "teams": {
            "sales": {"department": "revenue", "cost_center": "CC-1100"},
            "support": {"department": "customer-experience", "cost_center": "CC-4200"},
            "data": {"department": "engineering", "cost_center": "CC-7000"},
        }
    },
    "agents": {"shared": ["guardrail"], "owners": {"nightly-indexer": "data"}},
    "pricing": {"update": False, "tools": {"web_search": {"per_call": 0.01}}},
}


@dataclass(frozen=True)
class Model:
    """A model as an instrumentation names it."""

    provider: str
    request: str
    response: str


GPT = Model("openai", "gpt-4o", "gpt-4o-2024-08-06")
MINI = Model("openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18")
CLAUDE = Model("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929")


class Workload:
    """Sends workflows; the same seed sends the same ones."""

    def __init__(self, tracer: Tracer, seed: int = SEED) -> None:
        self.tracer = tracer
        self.random = random.Random(seed)  # noqa: S311  (a workload, not a secret)

    @contextmanager
    def agent(self, name: str, **attributes: Any) -> Iterator[Any]:
        """The span of one agent at work."""
        what = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name, **attributes}
        with self.tracer.start_as_current_span(f"invoke_agent {name}", attributes=what) as span:
            yield span

    def chat(self, model: Model, tokens_in: int, tokens_out: int, cached: int = 0) -> None:
        """The span of one model call."""
        with self.tracer.start_as_current_span(f"chat {model.request}", kind=SpanKind.CLIENT) as span:
            span.set_attributes(
                {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": model.provider,
                    "gen_ai.request.model": model.request,
                    "gen_ai.response.model": model.response,
                    "gen_ai.response.id": f"resp-{self.random.getrandbits(64):016x}",
                    "gen_ai.usage.input_tokens": tokens_in,
                    "gen_ai.usage.output_tokens": tokens_out,
                }
            )
            if cached:
                span.set_attribute("gen_ai.usage.cache_read.input_tokens", cached)

    def tool(self, name: str) -> None:
        """The span of one tool call."""
        what = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name}
        with self.tracer.start_as_current_span(f"execute_tool {name}", attributes=what):
            pass

    def guard(self) -> None:
        """The shared guardrail checks a text."""
        with self.agent("guardrail"):
            self.chat(MINI, self.random.randint(300, 900), 20)

    def deal(self) -> None:
        """Sales: a planner asks a researcher, which asks back; the planner's answer repeats its calls as a total."""
        with self.agent("planner", team="sales", **self._who("sales"), **{"gen_ai.workflow.name": "deal-desk"}) as planner:
            self.chat(GPT, 1200, 150)
            with self.agent("researcher"):
                for _ in range(self.random.randint(1, 3)):
                    self.tool("web_search")
                    self.chat(CLAUDE, self.random.randint(2000, 6000), 400, cached=1500)
                with self.agent("planner"):  # calls back: A calls B calls A
                    self.chat(GPT, 600, 60)
            self.guard()
            # What some frameworks do: the outer span repeats the sum of the calls below it.
            planner.set_attributes({"gen_ai.usage.input_tokens": 1800, "gen_ai.usage.output_tokens": 210})

    def ticket(self) -> None:
        """Support: a triage agent that leans on the guardrail."""
        with self.agent("triage", team="support", **self._who("support"), **{"gen_ai.workflow.name": "ticket"}):
            self.guard()
            self.chat(MINI, self.random.randint(800, 2500), 200)
            if self.random.random() < 0.5:  # noqa: PLR2004
                self.guard()

    def nightly(self) -> None:
        """Nobody asked for it: its owner pays."""
        with self.agent("nightly-indexer"):
            self.chat(MINI, self.random.randint(5000, 9000), 50)

    def _who(self, team: str) -> dict[str, str]:
        return {"user.id": f"{team}-{self.random.randint(1, 4)}", "session.id": f"s{self.random.getrandbits(32):08x}"}

    def run(self, workflows: int = WORKFLOWS) -> None:
        """Send that many workflows."""
        for _ in range(workflows):
            self.random.choices([self.deal, self.ticket, self.nightly], weights=[4, 5, 1])[0]()


def _work(processor: SpanProcessor, workflows: int, seed: int = SEED) -> None:
    """Run the workload through the real SDK; `processor` has all its spans afterwards."""
    provider = TracerProvider(resource=Resource.create({"service.name": "agents", "deployment.environment.name": "demo"}))
    provider.add_span_processor(processor)
    Workload(provider.get_tracer("opentelemetry.instrumentation.openai_v2"), seed).run(workflows)
    provider.shutdown()


def send(endpoint: str, workflows: int = WORKFLOWS) -> None:
    """Run the workload through the real SDK and OTLP/gRPC exporter to `http://host:port`."""
    _work(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, insecure=True)), workflows)


def send_elsewhere(endpoint: str, console: Console) -> None:
    """Run the workload and send it to a service that runs already. Raises SpanledgerError where that does not take it.

    With the headers of OTEL_EXPORTER_OTLP_HEADERS, as every exporter of OpenTelemetry.
    """
    memory = InMemorySpanExporter()
    _work(SimpleSpanProcessor(memory), WORKFLOWS, seed=time.time_ns())
    spans = memory.get_finished_spans()
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=not endpoint.startswith("https://"))
    sent = exporter.export(spans)
    exporter.shutdown()
    if sent is not SpanExportResult.SUCCESS:
        raise SpanledgerError(
            f"{endpoint} does not take the spans: is it OTLP over gRPC, does it want a key (OTEL_EXPORTER_OTLP_HEADERS=x-api-key=SECRET)?"
        )
    console.print(f"{len(spans)} spans of {WORKFLOWS} workflows sent to {endpoint}", highlight=False)


def run(data: Path, console: Console) -> None:
    """Start a collector on free ports, send, attribute, and print who pays. Only the demo's own folder is begun anew."""
    if data == DEMO:
        rmtree(data, ignore_errors=True)
    config = Config.parse(CONFIG, "demo")
    free = Addresses("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0")
    with Service(config, data, addresses=free) as service:
        before = _stored(service.store)
        console.print(f"Collector is up: OTLP/gRPC on port {service.grpc_port}. Sending {WORKFLOWS} workflows ...", highlight=False)
        send(f"http://127.0.0.1:{service.grpc_port}")
        _arrived(service, before)
        attribute(service.store, config)
        show(service.store, console)
    console.print(f"\nLook further: spanledger report model --data {data}", highlight=False)


def _arrived(service: Service, before: int) -> None:
    """Wait until what was acknowledged is stored."""
    limit = time.monotonic() + ARRIVAL_SECONDS_MAX
    while service.spool.depth.requests or _stored(service.store) == before:
        if time.monotonic() > limit:
            raise SpanledgerError(f"the spans were not stored within {ARRIVAL_SECONDS_MAX} seconds")
        time.sleep(0.1)


def _stored(store: Store) -> int:
    return store.count("span_records")


def show(store: Store, console: Console) -> None:
    """Who pays, and why."""
    print_report(console, reports.report(store, "team"))
    print_table(console, "Shared agents, split by use", _allocations(store), money=["amount"])
    print_table(console, "Agents", store.rows("reports/agents"), money=["own_cost", "inclusive_cost", "cost_per_task"])
    expensive = store.rows("reports/most_expensive_trace")[0]
    console.print(f"\n[bold]The most expensive trace[/] {expensive['trace_id']}: {usd(expensive['cost'])}", highlight=False)
    for tree in trace_tree(reports.trace(store, expensive["trace_id"])):
        console.print(tree, highlight=False)
    paying = [line for line in reports.report(store, "team").lines if line.value and line.total > Decimal(0)]
    console.print("\n" + ", ".join(f"[bold]{line.value} pays {usd(line.total)}[/]" for line in paying), highlight=False)
    violations = reports.audit(store)
    console.print(f"Audits: {len(violations)} violations" if violations else "Audits: all pass.", highlight=False)


def _allocations(store: Store) -> list[dict[str, Any]]:
    rows = store.rows("reports/allocations")
    return [{**row, "weight": f"{row['weight']:f}".rstrip("0").rstrip("."), "share": f"{row['share']:.1%}"} for row in rows]

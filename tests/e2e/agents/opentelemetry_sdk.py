"""An agent on the plain OpenTelemetry SDK: two workflows, one of them with a prompt."""

from __future__ import annotations

from typing import Any

from opentelemetry.trace import SpanKind, Tracer

from tests.e2e.agents.telling import provider, tell, trace_id


def chat(tracer: Tracer, **more: Any) -> None:
    what = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.response.model": "claude-sonnet-4-5-20250929",
        "gen_ai.usage.input_tokens": 2000,
        "gen_ai.usage.output_tokens": 300,
        **more,
    }
    with tracer.start_as_current_span("chat", kind=SpanKind.CLIENT, attributes=what):
        pass


def main() -> None:
    made = provider()
    tracer = made.get_tracer("opentelemetry.instrumentation.anthropic", "1.0")
    with tracer.start_as_current_span("invoke_agent writer", attributes={"gen_ai.operation.name": "invoke_agent", "team": "sales"}) as root:
        chat(tracer, **{"gen_ai.usage.cache_read.input_tokens": 1000})
        with tracer.start_as_current_span("no figures"):
            pass
    made.shutdown()
    tell(trace=trace_id(root))


if __name__ == "__main__":
    main()

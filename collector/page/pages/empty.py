"""What to do where no span has come yet."""

from __future__ import annotations

from collector.page.sections import Lines, Page, Section
from collector.page.view import View


def empty(view: View) -> Page:
    """How to send the first span."""
    status = view.status
    http, grpc = f"http://127.0.0.1:{status.http_port}", f"http://127.0.0.1:{status.grpc_port}"

    def show() -> Lines:
        return Lines(
            [
                (
                    "OpenTelemetry over HTTP: any SDK, OpenInference, LangSmith, Vercel AI SDK, Mastra",
                    f"OTEL_EXPORTER_OTLP_ENDPOINT={http} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
                ),
                ("OpenTelemetry over gRPC", f"OTEL_EXPORTER_OTLP_ENDPOINT={grpc} OTEL_EXPORTER_OTLP_PROTOCOL=grpc"),
                ("OpenLLMetry: LangChain, LlamaIndex, CrewAI, OpenAI Agents", f"TRACELOOP_BASE_URL={http}"),
                ("Langfuse SDK", f"LANGFUSE_BASE_URL={http} LANGFUSE_PUBLIC_KEY=any LANGFUSE_SECRET_KEY=any"),
                ("pydantic-ai, with logfire.instrument_pydantic_ai()", f"LOGFIRE_SEND_TO_LOGFIRE=false OTEL_EXPORTER_OTLP_ENDPOINT={http}"),
                ("LiteLLM, with callbacks: [otel]", f"OTEL_EXPORTER=otlp_http OTEL_ENDPOINT={http}/v1/traces"),
                ("Who pays, said once for a whole process", "OTEL_RESOURCE_ATTRIBUTES=team=sales,service.name=planner"),
            ],
            "Nothing in the agent changes but its environment. This page fills by itself when the first span arrives.",
        )

    return Page("No span has come yet", "overview", [Section("first", "Send the first span", show)], is_dated=False)

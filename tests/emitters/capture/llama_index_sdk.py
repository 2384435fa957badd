# /// script
# dependencies = [
#   "llama-index-core==0.14.25",
#   "llama-index-llms-openai==0.8.3",
#   "llama-index-observability-otel==0.7.0",
#   "openai==2.54.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: LlamaIndex, Haystack
"""LlamaIndex's own OpenTelemetry integration, which writes usage into events only."""

from case import SINK, case, main


@case
def openai():
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai import OpenAI
    from llama_index.observability.otel import LlamaIndexOpenTelemetry
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    integration = LlamaIndexOpenTelemetry(span_exporter=OTLPSpanExporter(f"{SINK}/v1/traces"), service_name_or_resource="capture")
    integration.start_registering()
    OpenAI(model="gpt-4o").chat([ChatMessage(role="user", content="Weather in Paris?")])


main()

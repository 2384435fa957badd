# /// script
# dependencies = [
#   "opentelemetry-instrumentation-google-genai==1.3b0",
#   "opentelemetry-util-genai==1.3b0",
#   "google-genai==2.34.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: OpenTelemetry GenAI
"""OpenTelemetry's instrumentation of Google's client."""

from case import case, main, tracing


@case
def generate_content():
    from google import genai
    from opentelemetry.instrumentation.google_genai import GoogleGenAiSdkInstrumentor

    GoogleGenAiSdkInstrumentor().instrument(tracer_provider=tracing())
    client = genai.Client()
    client.models.generate_content(model="gemini-2.5-flash", contents="Weather in Paris?")


main()

# /// script
# dependencies = [
#   "opentelemetry-instrumentation-google-generativeai==0.62.4",
#   "google-genai==2.34.0",
#   "opentelemetry-sdk==1.45.1",
#   "opentelemetry-exporter-otlp-proto-http==1.45.1",
# ]
# ///
# emitter: OpenLLMetry, Gemini and Vertex AI
"""Traceloop's instrumentation of Google's client, whose output leaves out the thoughts."""

from case import case, main, tracing


@case
def generate_content():
    from google import genai
    from opentelemetry.instrumentation.google_generativeai import GoogleGenerativeAiInstrumentor

    GoogleGenerativeAiInstrumentor().instrument(tracer_provider=tracing())
    client = genai.Client()
    client.models.generate_content(model="gemini-2.5-flash", contents="Weather in Paris?")


main()

# /// script
# dependencies = [
#   "mlflow==3.17.2",
#   "openai==3.54.0",
#   "anthropic==2.12.0",
#   "google-genai==2.34.0",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: MLflow
# emitter of gemini: MLflow, Gemini
"""MLflow's autologging, exported over OTLP."""

import os

from case import SINK, case, main

HI = [{"role": "user", "content": "Weather in Paris?"}]
os.environ |= {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{SINK}/v1/traces", "MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": "false"}


@case
def openai_chat():
    import mlflow
    from openai import OpenAI

    mlflow.openai.autolog()
    OpenAI().chat.completions.create(model="gpt-4o", messages=HI)
    mlflow.flush_trace_async_logging()


@case
def anthropic_messages():
    import mlflow
    from anthropic import Anthropic

    mlflow.anthropic.autolog()
    Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=500, messages=HI)
    mlflow.flush_trace_async_logging()


@case
def gemini():
    import mlflow
    from google import genai

    mlflow.gemini.autolog()
    client = genai.Client()
    client.models.generate_content(model="gemini-2.5-flash", contents="Weather in Paris?")
    mlflow.flush_trace_async_logging()


main()

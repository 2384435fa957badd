# /// script
# dependencies = [
#   "opentelemetry-instrumentation-genai-bedrock==1.3b0",
#   "opentelemetry-util-genai==1.3b0",
#   "boto3==1.44.5",
#   "opentelemetry-sdk==1.45.2",
#   "opentelemetry-exporter-otlp-proto-http==1.45.2",
# ]
# ///
# emitter: OpenTelemetry GenAI
"""OpenTelemetry's instrumentation of Amazon Bedrock."""

from case import case, main, tracing


@case
def converse():
    import boto3
    from opentelemetry.instrumentation.genai.bedrock import BedrockInstrumentor

    BedrockInstrumentor().instrument(tracer_provider=tracing())
    content = [{"role": "user", "content": [{"text": "Weather in Paris?"}]}]
    boto3.client("bedrock-runtime").converse(modelId="us.anthropic.claude-sonnet-4-5-20250929-v1:0", messages=content)


main()

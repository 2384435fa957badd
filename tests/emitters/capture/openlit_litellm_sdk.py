# /// script
# dependencies = [
#   "openlit==1.45.0",
#   "litellm==1.110.2",
#   "opentelemetry-sdk==1.45.1",
#   "opentelemetry-exporter-otlp-proto-http==1.45.1",
# ]
# ///
# emitter: OpenLIT, LangChain, LiteLLM and Claude Agent SDK
"""OpenLIT around LiteLLM, which has added the cache to the prompt."""

import os

from case import PROVIDER, SINK, case, main

HI = [{"role": "user", "content": "Weather in Paris?"}]
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


@case
def anthropic_messages():
    import litellm
    import openlit

    openlit.init(otlp_endpoint=SINK, application_name="capture", environment="test", disable_metrics=True)
    litellm.completion(model="anthropic/claude-sonnet-4-5", messages=HI, max_tokens=500, api_base=PROVIDER)


main()

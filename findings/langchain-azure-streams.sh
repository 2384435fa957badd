#!/usr/bin/env bash
# The model that answered a stream of Azure's is on the answer, and on no span of LangChain: three instrumentations tell three things else.
#
# Packages: langchain 1.5.2, langchain-openai 1.7.4, openai 3.57.0; opentelemetry-instrumentation-langchain 0.62.4 (OpenLLMetry),
#           openinference-instrumentation-langchain 0.1.80, langfuse 5.0.4.
# Input:    `AzureChatOpenAI` with the deployment `gpt-4`, behind which stands gpt-4o, at a local endpoint: once by `invoke`, once by
#           `stream`. Azure names the model in both, and LangChain keeps it in both: `response_metadata["model_name"]`.
# Expected: the model of the answer on both spans; deployments are named by the company, and `gpt-4` costs twelve times what gpt-4o does.
# Seen:     of streams OpenLLMetry says `unknown`, asked and answered. OpenInference and Langfuse say the name of the deployment as the
#           model, without a sign that it is none: lists of prices find gpt-4 in it.
#
#             OpenLLMetry    invoke gpt-4o-2024-11-20     stream unknown
#             OpenInference  invoke gpt-4o-2024-11-20     stream gpt-4
#             Langfuse       invoke gpt-4o-2024-11-20     stream gpt-4
#
# What helps: name deployments by the dated model behind them; OpenInference quotes the answer (`output.value`), which has it.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'langchain==1.5.2' 'langchain-openai==1.7.4' 'openai==3.57.0' \
    'opentelemetry-instrumentation-langchain==0.62.4' 'openinference-instrumentation-langchain==0.1.80' 'langfuse==5.0.4'

cat >one.py <<'PY'
"""Prints the model that each instrumentation tells of a plain answer and of a stream."""
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

HEAD = {"id": "chatcmpl-local", "created": 1795831647, "model": "gpt-4o-2024-11-20"}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
SAID = {"role": "assistant", "content": "Rain."}


class Azure(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked.get("stream"):
            head = HEAD | {"object": "chat.completion.chunk"}
            chunks = (
                head | {"choices": [{"index": 0, "delta": SAID, "finish_reason": None}]},
                head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
                head | {"choices": [], "usage": USAGE},
            )
            kind, body = "text/event-stream", "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
        else:
            choice = {"index": 0, "message": SAID, "finish_reason": "stop"}
            kind, body = "application/json", json.dumps(HEAD | {"object": "chat.completion", "choices": [choice], "usage": USAGE})
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


os.environ["NO_PROXY"] = "127.0.0.1"
server = HTTPServer(("127.0.0.1", 0), Azure)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

from langchain_openai import AzureChatOpenAI
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
name, callbacks = sys.argv[1], []
if name == "OpenLLMetry":
    from opentelemetry.instrumentation.langchain import LangchainInstrumentor

    LangchainInstrumentor().instrument(tracer_provider=provider)
    key = "gen_ai.response.model"
elif name == "OpenInference":
    from openinference.instrumentation.langchain import LangChainInstrumentor

    LangChainInstrumentor().instrument(tracer_provider=provider)
    key = "llm.model_name"
else:
    from langfuse import Langfuse
    from langfuse.langchain import CallbackHandler

    langfuse = Langfuse(public_key="local", secret_key="local", base_url=url, span_exporter=spans)
    callbacks, key = [CallbackHandler()], "langfuse.observation.model.name"

told = {}
for way in ("invoke", "stream"):
    spans.clear()
    model = AzureChatOpenAI(azure_endpoint=url, azure_deployment="gpt-4", api_key="local", api_version="2024-10-21", max_retries=0)
    if way == "invoke":
        kept = model.invoke("Will it rain?", config={"callbacks": callbacks}).response_metadata
    else:
        kept = {}
        for chunk in model.stream("Will it rain?", config={"callbacks": callbacks}):
            kept |= chunk.response_metadata
    assert kept["model_name"] == HEAD["model"], kept
    provider.force_flush()
    if name == "Langfuse":
        langfuse.flush()
    (told[way],) = (span.attributes[key] for span in spans.get_finished_spans() if key in (span.attributes or {}))
print(f"{name:<14} invoke {told['invoke']:<21} stream {told['stream']}")
PY

cat >seen <<'TXT'
OpenLLMetry    invoke gpt-4o-2024-11-20     stream unknown
OpenInference  invoke gpt-4o-2024-11-20     stream gpt-4
Langfuse       invoke gpt-4o-2024-11-20     stream gpt-4
TXT
venv/bin/python -m pip list | grep -E '^(langchain|langchain-openai|langfuse|openai|openinference-instrumentation-langchain|opentelemetry-instrumentation-langchain) '
for name in OpenLLMetry OpenInference Langfuse; do
    venv/bin/python one.py "$name" 2>errors || { cat errors; exit 1; }
done | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."

#!/usr/bin/env bash
# Claude Code tells two numbers of input tokens on one span, 3 and 6003.
#
# Package:  claude-agent-sdk 0.2.189 for Linux on x86_64 (178 MB), with Claude Code 2.1.332 in it.
# Input:    `claude -p` with its traces on (`CLAUDE_CODE_ENABLE_TELEMETRY`, `CLAUDE_CODE_ENHANCED_TELEMETRY_BETA`). A local endpoint
#           answers as Anthropic does: 3 input tokens read afresh, 5000 read from the cache, 1000 written to it, 100 output tokens.
# Expected: one number of input tokens, or two keys that mean the same, as the two of the output do.
# Seen:     `input_tokens` leaves the cache out, `gen_ai.usage.input_tokens` on the same span includes it. Whoever knows that Claude
#           Code leaves the cache out, adds it, and prefers OpenTelemetry's key counts 12003 tokens, 6003 of them fresh instead of
#           3; whoever takes the cache out of the other one has -5997.
#
#             input_tokens                            3
#             gen_ai.usage.input_tokens               6003
#             cache_read_tokens                       5000
#             gen_ai.usage.cache_read.input_tokens    5000
#             cache_creation_tokens                   1000
#             gen_ai.usage.cache_write.input_tokens   1000
#             output_tokens                           100
#             gen_ai.usage.output_tokens              100
#
# What helps: decide by the key, not by the emitter; take all counts of a span from one of the two sets.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'claude-agent-sdk==0.2.189'

cat >one.py <<'PY'
"""Prints what the span of one call of Claude Code, the first argument, tells of tokens."""
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODEL = "claude-sonnet-4-5"
USAGE = {"input_tokens": 3, "cache_creation_input_tokens": 1000, "cache_read_input_tokens": 5000, "output_tokens": 100}
MESSAGE = {"id": "msg_local", "type": "message", "role": "assistant", "model": MODEL, "content": [], "stop_reason": None}
EVENTS = (
    {"type": "message_start", "message": MESSAGE | {"stop_sequence": None, "usage": USAGE | {"output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Done."}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": USAGE},
    {"type": "message_stop"},
)
KEYS = (
    "input_tokens",
    "gen_ai.usage.input_tokens",
    "cache_read_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "cache_creation_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "output_tokens",
    "gen_ai.usage.output_tokens",
)
calls, exports = [], []


class Local(BaseHTTPRequestHandler):
    """Anthropic's API and the receiver of the traces."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/v1/messages") and json.loads(body).get("stream"):
            calls.append(self.path)
            events = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in EVENTS)
            self.answer("text/event-stream", events.encode())
            return
        if self.path == "/v1/traces":
            exports.append(json.loads(body))
        self.answer("application/json", b"{}")

    def do_GET(self):
        self.answer("application/json", b"{}")

    do_HEAD = do_GET

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Local)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
home = Path("home")
home.mkdir()
environment = {
    "PATH": os.environ["PATH"],
    "HOME": str(home.resolve()),
    "ANTHROPIC_BASE_URL": url,
    "ANTHROPIC_API_KEY": "local",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "HTTPS_PROXY": "http://127.0.0.1:9",  # nothing listens there: what is not meant for this script goes nowhere
    "NO_PROXY": "127.0.0.1",
    "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
    "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA": "1",
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
    "OTEL_EXPORTER_OTLP_ENDPOINT": url,
}
command = [sys.argv[1], "-p", "Will it rain?", "--model", MODEL]
subprocess.run(command, env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=120, check=True)
assert len(calls) == 1, calls
spans = [
    {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}
    for export in exports
    for resource in export["resourceSpans"]
    for scope in resource["scopeSpans"]
    for span in scope["spans"]
]
(call,) = (span for span in spans if any("tokens" in key for key in span))
for key in KEYS:
    print(f"{key:<40}{call.get(key, '-')}")
PY

cat >seen <<'TXT'
input_tokens                            3
gen_ai.usage.input_tokens               6003
cache_read_tokens                       5000
gen_ai.usage.cache_read.input_tokens    5000
cache_creation_tokens                   1000
gen_ai.usage.cache_write.input_tokens   1000
output_tokens                           100
gen_ai.usage.output_tokens              100
TXT
claude=$(venv/bin/python -c 'import importlib.resources as files; print(files.files("claude_agent_sdk") / "_bundled" / "claude")')
venv/bin/python -m pip list | grep -E '^claude-agent-sdk '
HOME=$work "$claude" --version
venv/bin/python one.py "$claude" 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."

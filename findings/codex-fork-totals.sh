#!/usr/bin/env bash
# Codex's file of a forked session begins its running total where the first session stood, and holds none of the calls that made it.
#
# Packages: @openai/codex 0.171.0 and 0.100.0 (Linux on x86_64).
# Input:    an endpoint on this machine that answers every request with 1000 input and 100 output tokens. A session of two turns, which
#           is two requests, is forked, and the fork has one turn.
# Expected: the `token_count` events of a session's file under `sessions/` grow by what the requests of that session used, so that the last
#           total of each file, or the sum of its `last_token_usage`, is what the session used.
# Seen:     three requests were made, 3300 tokens. The two files say
#
#                                              last totals     sum of last_token_usage
#             0.171.0, `codex exec fork`       2200 + 3300     2200 + 1100
#             0.100.0, `thread/fork`           2200 + 3300     2200 + 3300
#
#           The older one copies all that the first session counted, with the time of the fork; the newer one copies nothing and still
#           goes on from its total. Who adds up last totals counts the shared part twice with both, who adds up `last_token_usage` with
#           the older one only. The newer one has a `token_usage_record` for each request, with the provider's response id.
#
# What helps: `token_usage_record` where it is; else a call is its first session (`session_meta`), its turn (`turn_context.turn_id`, which a
#           copy keeps) and the total, whatever file it stands in.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
for version in 0.171.0 0.100.0; do
    npm install --silent --no-audit --no-fund --prefix "codex-$version" "@openai/codex@$version"
done

cat >provider.py <<'PY'
"""Answers every request of the Responses API with the same usage, and says on which port it listens."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1000, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 100}
USAGE |= {"output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 1100}
made = []


class Provider(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        made.append(1)
        text = {"type": "output_text", "text": "Done.", "annotations": []}
        item = {"type": "message", "id": f"msg_{len(made)}", "status": "completed", "role": "assistant", "content": [text]}
        answer = {"id": f"resp_{len(made)}", "object": "response", "status": "completed", "model": "gpt-5", "output": [item], "usage": USAGE}
        steps = [
            {"type": "response.created", "response": {**answer, "status": "in_progress", "output": [], "usage": None}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": answer},
        ]
        body = "".join(f"event: {step['type']}\ndata: {json.dumps(step)}\n\n" for step in steps).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 provider.py >port &
server=$!
until [ -s port ]; do sleep 0.1; done

cat >fork.py <<'PY'
"""Forks a session through Codex's app server and has one turn in the fork: CODEX SESSION."""
import json
import subprocess
import sys

codex, session = sys.argv[1:]
server = subprocess.Popen([codex, "app-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def say(**what):
    server.stdin.write(json.dumps({"jsonrpc": "2.0", **what}) + "\n")
    server.stdin.flush()


def hear(wanted):
    return next(said for line in server.stdout if wanted(said := json.loads(line)))


say(id=1, method="initialize", params={"clientInfo": {"name": "finding", "title": "finding", "version": "1"}})
hear(lambda said: said.get("id") == 1)
say(method="initialized")
say(id=2, method="thread/fork", params={"threadId": session})
fork = hear(lambda said: said.get("id") == 2)["result"]["thread"]["id"]
say(id=3, method="turn/start", params={"threadId": fork, "input": [{"type": "text", "text": "three", "text_elements": []}]})
hear(lambda said: said.get("method") == "turn/completed")
server.terminate()
PY

cat >totals.py <<'PY'
"""Prints what the files of a home say: VERSION HOME."""
import json
import sys
from pathlib import Path

version, home = sys.argv[1:]
last, parts = [], []
for path in sorted(Path(home).rglob("rollout-*.jsonl")):
    totals = []
    part = 0
    for line in path.read_text().splitlines():
        row = json.loads(line)
        info = row["payload"].get("info") if row["payload"].get("type") == "token_count" else None
        if info and info["total_token_usage"]["total_tokens"] != (totals or [0])[-1]:
            totals.append(info["total_token_usage"]["total_tokens"])
            part += info["last_token_usage"]["total_tokens"]
    last.append(str(totals[-1]))
    parts.append(str(part))
print(version, " + ".join(last), "|", " + ".join(parts))
PY

for version in 0.171.0 0.100.0; do
    export CODEX_HOME="$work/home-$version" OPENAI_API_KEY=sk-local NO_PROXY=127.0.0.1
    mkdir -p "$CODEX_HOME" "$work/folder"
    cat >"$CODEX_HOME/config.toml" <<TOML
model = "gpt-5"
model_provider = "local"
[model_providers.local]
name = "local"
base_url = "http://127.0.0.1:$(cat port)/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
[analytics]
enabled = false
TOML
    codex="$work/codex-$version/node_modules/.bin/codex"
    (cd folder && "$codex" exec --skip-git-repo-check one </dev/null && "$codex" exec --skip-git-repo-check resume --last two </dev/null) >/dev/null 2>log || { cat log; exit 1; }
    session=$(find "$CODEX_HOME/sessions" -name 'rollout-*' | sed -E 's/.*-([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl/\1/')
    if [ "$version" = 0.171.0 ]; then
        (cd folder && "$codex" exec --skip-git-repo-check fork "$session" three </dev/null) >/dev/null 2>log || { cat log; exit 1; }
    else
        (cd folder && python3 "$work/fork.py" "$codex" "$session")
    fi
    python3 totals.py "$version" "$CODEX_HOME"
done >seen
cat seen
diff seen - <<'SEEN'
0.171.0 2200 + 3300 | 2200 + 1100
0.100.0 2200 + 3300 | 2200 + 3300
SEEN

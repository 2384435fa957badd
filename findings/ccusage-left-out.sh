#!/usr/bin/env bash
# ccusage finds no cost in Claude Code's log once another program has written the same JSON with a space after the colon.
#
# Packages: ccusage 20.0.24 (Linux on x86_64, npm) with the prices that are in it (`--offline`); genai-prices 0.2.3 beside it.
# Input:    `ccusage claude daily --json` of one line as Claude Code logs an answer, in a home of its own: 1,000,000 input tokens of
#           claude-opus-4-6. Then the same line with one thing more or other.
# Expected: what the provider bills. JSON is the same with or without a space. Its answers tell of web searches ($10 a thousand) and of
#           inference in the USA (1.1 times), and when the beta of long contexts ran, until 2026-04-30, a request above 200,000 tokens
#           cost double for all its tokens.
# Seen:     a line without spaces counts, the same line as Python's `json.dumps` writes it is passed over: 0 tokens, $0, exit 0. An
#           hour of cache is priced; searches and the region, told in the same object, are not. A long request to Claude pays double
#           for the tokens above the boundary alone, while one to Gemini pays more for all of them, as it should.
#
#             as Claude Code writes it                 $5
#             the same by Python's json.dumps          $0
#             and a hundred web searches               $5     billed 6
#             and inference_geo us                     $5     billed 5.5
#             written to the cache for an hour         $10    billed 10
#             300,000 of claude-sonnet-4-5, February   $1.2   billed 1.8
#             300,000 of gemini-2.5-pro                $0.75  billed 0.75
#
# What helps: leave the logs as they are written; add searches and regions oneself; the provider's bill.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --include=optional --prefix node 'ccusage@20.0.24'
python3 -m venv venv
venv/bin/python -m pip install --quiet 'genai-prices==0.2.3'
echo "ccusage $(node node/node_modules/ccusage/src/cli.js --version | grep -oE '[0-9.]+$')"
venv/bin/python -m pip list | grep -E '^genai-prices '

cat >one.py <<'PY'
import json
import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from genai_prices import Usage, calc_price

home = Path("home").resolve()
log = home / ".claude" / "projects" / "weather" / "session.jsonl"
log.parent.mkdir(parents=True)
COMPACT, SPACED = (",", ":"), (", ", ": ")
NOTHING = {"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0}
MILLION = NOTHING | {"input_tokens": 1_000_000}
HOUR = NOTHING | {
    "cache_creation_input_tokens": 1_000_000,
    "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 1_000_000},
}
LONG = NOTHING | {"input_tokens": 300_000}
OPUS, SONNET, GEMINI = "claude-opus-4-6", "claude-sonnet-4-5-20250929", "gemini-2.5-pro"
NOVEMBER, FEBRUARY = "2026-11-20T10:00:00.000Z", "2026-02-10T10:00:00.000Z"


def cost(usage, model=OPUS, at=NOVEMBER, separators=COMPACT):
    message = {
        "id": "msg_local",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": "Rain tomorrow."}],
        "usage": usage,
    }
    line = {
        "parentUuid": None,
        "isSidechain": False,
        "userType": "external",
        "cwd": "/weather",
        "sessionId": "session",
        "version": "2.1.332",
        "type": "assistant",
        "timestamp": at,
        "uuid": "line-1",
        "requestId": "req_local",
        "message": message,
    }
    log.write_text(json.dumps(line, separators=separators) + "\n")
    command = ["node", "node/node_modules/ccusage/src/cli.js", "claude", "daily", "--offline", "--json"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "CLAUDE_CONFIG_DIR": str(home / ".claude"), "TZ": "UTC"}
    answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=60, check=True)
    return f"${abs(json.loads(answer.stdout)['totals']['totalCost']):g}"


def book(model, provider, at):
    moment = datetime.fromisoformat(at.replace("Z", "+00:00")).astimezone(timezone.utc)
    price = calc_price(Usage(input_tokens=300_000), model, provider_id=provider, genai_request_timestamp=moment)
    return f"{float(price.total_price):g}"


for name, counted, billed in (
    ("as Claude Code writes it", cost(MILLION), ""),
    ("the same by Python's json.dumps", cost(MILLION, separators=SPACED), ""),
    ("and a hundred web searches", cost(MILLION | {"server_tool_use": {"web_search_requests": 100}}), "6"),
    ("and inference_geo us", cost(MILLION | {"inference_geo": "us"}), "5.5"),
    ("written to the cache for an hour", cost(HOUR), "10"),
    ("300,000 of claude-sonnet-4-5, February", cost(LONG, SONNET, FEBRUARY), book(SONNET, "anthropic", FEBRUARY)),
    ("300,000 of gemini-2.5-pro", cost(LONG, GEMINI), book(GEMINI, "google", NOVEMBER)),
):
    print(f"{name:<41}{counted}" + (f"{'':<{7 - len(counted)}}billed {billed}" if billed else ""))
PY

cat >seen <<'TXT'
as Claude Code writes it                 $5
the same by Python's json.dumps          $0
and a hundred web searches               $5     billed 6
and inference_geo us                     $5     billed 5.5
written to the cache for an hour         $10    billed 10
300,000 of claude-sonnet-4-5, February   $1.2   billed 1.8
300,000 of gemini-2.5-pro                $0.75  billed 0.75
TXT
venv/bin/python one.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."

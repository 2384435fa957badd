#!/usr/bin/env bash
# ClickHouse asks the model about 100 rows to answer `WHERE id = 3 AND aiFilter(...)`.
#
# Package:  chdb-core 26.9.0 (ClickHouse 26.9.2.1, embedded), all settings at their defaults unless named.
# Input:    a table of 100 tickets, `ORDER BY id`, one part; a local endpoint that answers every question of `aiFilter` with true.
# Expected: a condition that costs money by the row is asked last, of the rows that the others leave, above all those of the primary
#           key; a subquery that picks the rows picks them first; a value is asked about once.
# Seen:     all conditions move into one PREWHERE step, which is worked out by whole granules. A condition on the primary key chooses
#           granules, not rows, and lets all of theirs be asked, up to 8192. A condition on another column holds them back if it is
#           written first. A subquery and a materialized CTE are merged into the same step; one with a LIMIT is not. With 2000
#           tickets the call of one ends as an error, after the 1000 calls that `ai_function_max_api_calls_per_query` lets through. The
#           result of a query is right each time: the bill of the provider tells, or `system.events`.
#
#             id = 3 AND aiFilter                               calls 100   rows 1
#             id = 3 AND aiFilter, 2000 tickets                 calls 1000  AI_QUOTA
#             aiFilter AND day = 1 of 10                        calls 100   rows 10
#             day = 1 of 10 AND aiFilter                        calls 10    rows 10
#             aiFilter over (SELECT WHERE id = 3)               calls 100   rows 1
#             aiFilter over (SELECT WHERE id = 3 LIMIT 100)     calls 1     rows 1
#             PREWHERE id = 3 WHERE aiFilter                    calls 1     rows 1
#             the first, optimize_move_to_prewhere = 0          calls 1     rows 1
#             aiFilter LIMIT 1                                  calls 100   rows 1
#             if(id = 3, aiFilter, 0)                           calls 1     rows 1
#             DISTINCT aiGenerate(day), 10 days                 calls 100   rows 1
#
# What helps: PREWHERE for the other conditions, or `if`; a low `ai_function_max_api_calls_per_query`; distinct values in a subquery
# with a LIMIT before the model is asked about them.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'chdb-core==26.9.0'

venv/bin/python - <<'PY'
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from chdb.session import Session

MESSAGE = {"role": "assistant", "content": "true"}
USAGE = {"prompt_tokens": 60, "completion_tokens": 1, "total_tokens": 61}
ANSWER = {
    "id": "chatcmpl-local",
    "object": "chat.completion",
    "model": "gpt-4o",
    "choices": [{"index": 0, "finish_reason": "stop", "message": MESSAGE}],
    "usage": USAGE,
}
calls = []


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        calls.append(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ASK = "aiFilter(text, 'is the writer angry')"
CASES = {
    "id = 3 AND aiFilter": (f"SELECT id FROM tickets WHERE id = 3 AND {ASK}", "calls 100   rows 1"),
    "id = 3 AND aiFilter, 2000 tickets": (f"SELECT id FROM more WHERE id = 3 AND {ASK}", "calls 1000  AI_QUOTA"),
    "aiFilter AND day = 1 of 10": (f"SELECT id FROM tickets WHERE {ASK} AND day = 1", "calls 100   rows 10"),
    "day = 1 of 10 AND aiFilter": (f"SELECT id FROM tickets WHERE day = 1 AND {ASK}", "calls 10    rows 10"),
    "aiFilter over (SELECT WHERE id = 3)": (
        f"SELECT id FROM (SELECT id, text FROM tickets WHERE id = 3) WHERE {ASK}",
        "calls 100   rows 1",
    ),
    "aiFilter over (SELECT WHERE id = 3 LIMIT 100)": (
        f"SELECT id FROM (SELECT id, text FROM tickets WHERE id = 3 LIMIT 100) WHERE {ASK}",
        "calls 1     rows 1",
    ),
    "PREWHERE id = 3 WHERE aiFilter": (f"SELECT id FROM tickets PREWHERE id = 3 WHERE {ASK}", "calls 1     rows 1"),
    "the first, optimize_move_to_prewhere = 0": (
        f"SELECT id FROM tickets WHERE id = 3 AND {ASK} SETTINGS optimize_move_to_prewhere = 0",
        "calls 1     rows 1",
    ),
    "aiFilter LIMIT 1": (f"SELECT id FROM tickets WHERE {ASK} LIMIT 1", "calls 100   rows 1"),
    "if(id = 3, aiFilter, 0)": (f"SELECT id FROM tickets WHERE if(id = 3, {ASK}, 0)", "calls 1     rows 1"),
    "DISTINCT aiGenerate(day), 10 days": ("SELECT DISTINCT aiGenerate(toString(day)) FROM tickets", "calls 100   rows 1"),
}
server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
threading.Thread(target=server.serve_forever, daemon=True).start()
session = Session("store")


def ask(sql):
    return session.query(sql, "TabSeparated").bytes().decode()


def try_it(sql):
    calls.clear()
    try:
        found = f"rows {len(ask(sql).splitlines())}"
    except Exception as error:
        if "ai_function_max_api_calls_per_query" not in str(error):
            raise
        found = "AI_QUOTA"
    return f"calls {len(calls):<4}  {found}"


ask(
    "CREATE NAMED COLLECTION model AS provider = 'openai', model = 'gpt-4o', api_key = 'local', "
    f"endpoint = 'http://127.0.0.1:{server.server_port}/v1/chat/completions'"
)
ask("SET ai_function_text_default_credentials = 'model'")
for name, rows in (("tickets", 100), ("more", 2000)):
    ask(f"CREATE TABLE {name} (id UInt32, day UInt8, text String) ENGINE = MergeTree ORDER BY id")
    ask(f"INSERT INTO {name} SELECT number, number % 10, concat('ticket ', toString(number)) FROM numbers({rows})")

print("ClickHouse", ask("SELECT version()").strip())
changed = False
for name, (sql, seen) in CASES.items():
    answer = try_it(sql)
    changed |= answer != seen
    print(f"{name:<50}{answer}" + ("" if answer == seen else f"   CHANGED, was {seen}"))
session.close()
sys.exit(changed)
PY
echo "As described."

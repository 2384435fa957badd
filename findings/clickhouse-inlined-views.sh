#!/usr/bin/env bash
# ClickHouse with `analyzer_inline_views = 1`, which plans queries over views sooner, no longer knows the name of a view.
#
# Packages: chdb-core 26.9.0.
# Input:    two views over one table, and queries that call them by their names, as dashboards and people write them.
# Expected: the setting is an optimization ("substitutes ordinary views with their defining subqueries"): the same rows, sooner.
# Seen:     `SELECT costs.usd FROM costs` does not know `costs.usd`, and a join of two views is refused because a subquery has no
#           alias, though nobody wrote a subquery. A table is still called by its name. With an alias for each view all of them work.
#
#                                               off     on
#             costs.usd of costs                9.5     error 47
#             join by USING                     9.5 7   error 206
#             join by ON                        9.5 7   error 206
#             join of costs and a table         9.5 7   error 206
#             join with an alias for each       9.5 7   9.5 7
#
# What helps: give each view an alias before the setting is turned on, also inside of views that read views; or turn it on for single
#             queries and not for a connection, whose other users write queries of their own.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'chdb-core==26.9.0'

cat >views.py <<'PY'
"""Prints what each query yields, without and with the setting."""
import re

from chdb import session

QUERIES = {
    "costs.usd of costs": "SELECT costs.usd FROM costs",
    "join by USING": "SELECT usd, calls FROM costs INNER JOIN uses USING (team)",
    "join by ON": "SELECT costs.usd, uses.calls FROM costs INNER JOIN uses ON costs.team = uses.team",
    "join of costs and a table": "SELECT costs.usd, spans.calls FROM costs INNER JOIN spans ON costs.team = spans.team",
    "join with an alias for each": "SELECT c.usd, u.calls FROM costs AS c INNER JOIN uses AS u ON c.team = u.team",
}
store = session.Session()
store.query("CREATE TABLE spans (team String, usd Decimal(9, 2), calls UInt8) ENGINE = Memory")
store.query("INSERT INTO spans VALUES ('support', 9.5, 7)")
store.query("CREATE VIEW costs AS SELECT team, usd FROM spans")
store.query("CREATE VIEW uses AS SELECT team, calls FROM spans")


def result(query, value):
    try:
        return str(store.query(f"{query} SETTINGS analyzer_inline_views = {value}", "TSV")).strip().replace("\t", " ")
    except Exception as problem:
        return "error " + re.search(r"Code: (\d+)", str(problem))[1]


print(f"{'':<30}off     on")
for name, query in QUERIES.items():
    print(f"{name:<30}{result(query, 0):<8}{result(query, 1)}")
PY

cat >seen <<'TXT'
                              off     on
costs.usd of costs            9.5     error 47
join by USING                 9.5 7   error 206
join by ON                    9.5 7   error 206
join of costs and a table     9.5 7   error 206
join with an alias for each   9.5 7   9.5 7
TXT
venv/bin/python -m pip list 2>/dev/null | grep -E '^chdb-core '
venv/bin/python views.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."

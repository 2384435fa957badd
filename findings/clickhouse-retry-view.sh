#!/usr/bin/env bash
# ClickHouse: a retried insert is dropped from the table and counted again in its materialized view.
#
# Package:  chdb-core 26.9.0 (ClickHouse 26.9.2.1, embedded), all settings at their defaults unless named.
# Expected: `deduplicate_blocks_in_dependent_materialized_views` is 1 since 26.2, "Enable deduplication for dependent materialized
#           views by default". A table of costs keeps a `non_replicated_deduplication_window`, a view sums them by team, and a client
#           that got no answer sends its insert again with the same `insert_deduplication_token`. Both stay as they were.
# Seen:     the table drops the retry, the sum takes it again: the target of the view needs a window of its own, and a table that
#           `CREATE TABLE` makes has none. The setting changes nothing here, 0 does the same as 1. The other way round, with a
#           window on the target alone, the table keeps the retry and the sum drops it. Either way the two disagree for ever.
#
#             costs has a window, target of the view has none            costs 1   by team 2
#             the same, deduplicate_blocks_in_dependent_..._views = 0    costs 1   by team 2
#             both have a window                                         costs 1   by team 1
#             only the target has a window                               costs 2   by team 1
#             both have a window, two different calls of the same cost   costs 2   by team 2
#
# What helps: the same window on every table that a view writes to, down the whole chain.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'chdb-core==26.9.0'

venv/bin/python - <<'PY'
import sys

from chdb.session import Session

session = Session("store")
WINDOW = "SETTINGS non_replicated_deduplication_window = 100"
RETRY = [("token-1", "('sales', 'call-1', 1)")] * 2
CALLS = [("token-1", "('sales', 'call-1', 1)"), ("token-2", "('sales', 'call-2', 1)")]
SETTING = "deduplicate_blocks_in_dependent_materialized_views"
CASES = {
    "costs has a window, target of the view has none": (WINDOW, "", RETRY, "", ("1", "2")),
    "the same, deduplicate_blocks_in_dependent_..._views = 0": (WINDOW, "", RETRY, f", {SETTING} = 0", ("1", "2")),
    "both have a window": (WINDOW, WINDOW, RETRY, "", ("1", "1")),
    "only the target has a window": ("", WINDOW, RETRY, "", ("2", "1")),
    "both have a window, two different calls of the same cost": (WINDOW, WINDOW, CALLS, "", ("2", "2")),
}


def ask(sql):
    return session.query(sql, "TabSeparated").bytes().decode().strip()


def store(window, target_window, inserts, settings):
    for name in ("sums", "costs", "by_team"):
        session.query(f"DROP TABLE IF EXISTS {name}")
    session.query(f"CREATE TABLE costs (team String, call String, cost Decimal(38,12)) ENGINE = MergeTree ORDER BY call {window}")
    session.query(f"CREATE TABLE by_team (team String, cost Decimal(38,12)) ENGINE = SummingMergeTree ORDER BY team {target_window}")
    session.query("CREATE MATERIALIZED VIEW sums TO by_team AS SELECT team, sum(cost) AS cost FROM costs GROUP BY team")
    for token, row in inserts:
        session.query(f"INSERT INTO costs SETTINGS insert_deduplication_token = '{token}'{settings} VALUES {row}")
    return ask("SELECT sum(cost) FROM costs"), ask("SELECT sum(cost) FROM by_team")


print("ClickHouse", ask("SELECT version()"), SETTING, "=", ask(f"SELECT value FROM system.settings WHERE name = '{SETTING}'"))
changed = False
for name, (window, target_window, inserts, settings, seen) in CASES.items():
    costs, by_team = store(window, target_window, inserts, settings)
    changed |= (costs, by_team) != seen
    print(f"{name:<59}costs {costs}   by team {by_team}" + ("" if (costs, by_team) == seen else f"   CHANGED, was {seen}"))
session.close()
sys.exit(changed)
PY
echo "As described."

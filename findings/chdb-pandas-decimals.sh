#!/usr/bin/env bash
# chDB: Decimal leaves for pandas as a float and comes back from it as text, so that the dearest team is the one with 9.50, not 10.25.
#
# Packages: chdb-core 26.9.0 (ClickHouse 26.9.2.1, embedded), pandas 3.1.1, all settings at their defaults.
# Input:    `chdb.query(sql, "DataFrame")` of amounts in Decimal and of trace ids in UInt128; `FROM Python(frame)` of a frame whose costs
#           are `decimal.Decimal`, which is how pandas keeps exact money.
# Expected: exact types stay exact, as they do through `chdb.dbapi` in the same package; where one cannot, an error.
# Seen:     out: every Decimal and every integer of 128 bits is a float64, without a word. Cents are lost from 16 digits on, and
#           three traces whose ids differ at the end are one to `groupby`. In: the column is a Nullable(String). A sum is refused, but
#           `max`, `argMax`, `ORDER BY` and a comparison with a text go by the letters, and answer.
#
#             out  90071992547409.93 in Decimal(18,2)              90071992547409.92
#             out  1234567890123.10 - 1234567890123.00             0.10009765625
#             out  3 traces by UInt128 id, groupby                 1 trace
#             dbapi  90071992547409.93 in Decimal(18,2)            90071992547409.93
#             in   toTypeName(cost)                                Nullable(String)
#             in   max(cost) of 9.50 and 10.25                     9.50
#             in   argMax(team, cost) of a: 9.50, b: 10.25         a
#             in   ORDER BY cost DESC LIMIT 1                      a
#             in   sum(cost)                                       ILLEGAL_TYPE_OF_ARGUMENT
#             in   argMax(team, toDecimal64(cost, 2))              b
#
# What helps: `chdb.dbapi`, or Arrow as the output format; `toString` of ids and amounts before they leave; a cast of each column of
# money right after FROM.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'chdb-core==26.9.0' 'pandas==3.1.1'
venv/bin/python -m pip list | grep -E '^(chdb-core|pandas) '

cat >one.py <<'PY'
from decimal import Decimal

import chdb
import pandas
from chdb import dbapi

AMOUNT = "SELECT toDecimal64('90071992547409.93', 2) AS cost"
DIFFERENCE = "SELECT arrayJoin([toDecimal128('1234567890123.10', 12), toDecimal128('-1234567890123.00', 12)]) AS cost"
TRACES = "SELECT toUInt128('18446744073709551616') + number AS trace, 1 AS calls FROM numbers(3)"
costs = pandas.DataFrame({"team": ["a", "b"], "cost": [Decimal("9.50"), Decimal("10.25")]})


def frame(sql):
    return chdb.query(sql, "DataFrame")


def by_dbapi(sql):
    cursor = dbapi.connect().cursor()
    cursor.execute(sql)
    return cursor.fetchone()[0]


def of_costs(what):
    try:
        return chdb.query(f"SELECT {what.format(table='FROM Python(costs)')}", "TabSeparated").bytes().decode().strip()
    except Exception as error:
        if "ILLEGAL_TYPE_OF_ARGUMENT" in str(error):
            return "ILLEGAL_TYPE_OF_ARGUMENT"
        raise


for name, answer in (
    ("out  90071992547409.93 in Decimal(18,2)", float(frame(AMOUNT)["cost"][0])),
    ("out  1234567890123.10 - 1234567890123.00", float(frame(DIFFERENCE)["cost"].sum())),
    ("out  3 traces by UInt128 id, groupby", f"{len(frame(TRACES).groupby('trace').sum())} trace"),
    ("dbapi  90071992547409.93 in Decimal(18,2)", by_dbapi(AMOUNT)),
    ("in   toTypeName(cost)", of_costs("any(toTypeName(cost)) {table}")),
    ("in   max(cost) of 9.50 and 10.25", of_costs("max(cost) {table}")),
    ("in   argMax(team, cost) of a: 9.50, b: 10.25", of_costs("argMax(team, cost) {table}")),
    ("in   ORDER BY cost DESC LIMIT 1", of_costs("team {table} ORDER BY cost DESC LIMIT 1")),
    ("in   sum(cost)", of_costs("sum(cost) {table}")),
    ("in   argMax(team, toDecimal64(cost, 2))", of_costs("argMax(team, toDecimal64(cost, 2)) {table}")),
):
    print(f"{name:<53}{answer}")
PY

cat >seen <<'TXT'
out  90071992547409.93 in Decimal(18,2)              90071992547409.92
out  1234567890123.10 - 1234567890123.00             0.10009765625
out  3 traces by UInt128 id, groupby                 1 trace
dbapi  90071992547409.93 in Decimal(18,2)            90071992547409.93
in   toTypeName(cost)                                Nullable(String)
in   max(cost) of 9.50 and 10.25                     9.50
in   argMax(team, cost) of a: 9.50, b: 10.25         a
in   ORDER BY cost DESC LIMIT 1                      a
in   sum(cost)                                       ILLEGAL_TYPE_OF_ARGUMENT
in   argMax(team, toDecimal64(cost, 2))              b
TXT
venv/bin/python one.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."

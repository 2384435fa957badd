#!/usr/bin/env bash
# ClickHouse: twelve short steps in a WITH become a tree of 4095 calls before it is seen that twelve are enough.
#
# Package:  chdb-core 26.9.0 (ClickHouse 26.9.2.1, embedded), all settings at their defaults.
# Input:    a sum worked out in n steps, each of which uses the one before it twice: as aliases of expressions in a WITH, as lambdas in
#           a WITH, and as one subquery for each step. Three rows to read.
# Expected: a name in a WITH is worked out once, and the three ways cost the same. The plan is the same to the letter.
# Seen:     the analyzer puts a copy of the expression wherever its name stands, and takes all copies for one later. The tree doubles
#           with each step; from 16 steps on, less than 500 characters, it is refused as too big. Lambdas are resolved again for each
#           copy, which costs the query of twelve steps more than five times the CPU that its subqueries cost. With subqueries each
#           step adds the same.
#
#              4 steps  aliases 180 lines    lambdas 180 lines    subqueries 71 lines
#              8 steps  aliases 2820 lines   lambdas 2820 lines   subqueries 127 lines
#             12 steps  aliases 45060 lines  lambdas 45060 lines  subqueries 183 lines
#             16 steps  aliases TOO_BIG      lambdas -            subqueries 239 lines
#             12 steps  the plans are the same
#             12 steps  lambdas cost more than 5 times the CPU of subqueries
#
# What helps: a subquery for each step of a price that is used more than once.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'chdb-core==26.9.0'

cat >one.py <<'PY'
import sys
import time

import chdb

START = "toDecimal128(number, 4)"


def aliases(steps):
    names = [f"{START} AS x0", *(f"greatest(x{step}, -x{step}) AS x{step + 1}" for step in range(steps))]
    return f"WITH {', '.join(names)} SELECT x{steps} FROM numbers(3)"


def lambdas(steps):
    names = ["(a -> greatest(a, -a)) AS f1"]
    names += (f"(a -> greatest(f{step}(a), -f{step}(a))) AS f{step + 1}" for step in range(1, steps))
    return f"WITH {', '.join(names)} SELECT f{steps}({START}) FROM numbers(3)"


def subqueries(steps):
    query = f"SELECT {START} AS x0 FROM numbers(3)"
    for step in range(steps):
        query = f"SELECT greatest(x{step}, -x{step}) AS x{step + 1} FROM ({query})"
    return query


def ask(sql):
    return chdb.query(sql, "TabSeparatedRaw").bytes().decode().strip()


def tree(query):
    try:
        return f"{len(ask(f'EXPLAIN QUERY TREE run_passes = 1 {query}').splitlines())} lines"
    except Exception as error:
        if "Query tree is too big" in str(error):
            return "TOO_BIG"
        raise


def cpu(query):
    """The least of three, in seconds: what else the machine does only adds."""
    times = []
    for _ in range(3):
        begin = time.process_time()
        ask(query)
        times.append(time.process_time() - begin)
    return min(times)


print("ClickHouse", ask("SELECT version()"), file=sys.stderr)
for steps in (4, 8, 12, 16):
    by_lambdas = tree(lambdas(steps)) if steps < 16 else "-"
    print(f"{steps:>2} steps  aliases {tree(aliases(steps)):<12} lambdas {by_lambdas:<12} subqueries {tree(subqueries(steps))}")
plans = {ask(f"EXPLAIN actions = 1 {way(12)}") for way in (aliases, lambdas, subqueries)}
answers = {ask(way(12)) for way in (aliases, lambdas, subqueries)}
assert answers == {"0\n1\n2"}, answers
print("12 steps  the plans are", "the same" if len(plans) == 1 else "different")
ratio = cpu(lambdas(12)) / cpu(subqueries(12))
print(f"12 steps  the CPU of lambdas is {ratio:.1f} times that of subqueries", file=sys.stderr)
print("12 steps  lambdas cost", "more" if ratio > 5 else "no more", "than 5 times the CPU of subqueries")
PY

cat >seen <<'TXT'
 4 steps  aliases 180 lines    lambdas 180 lines    subqueries 71 lines
 8 steps  aliases 2820 lines   lambdas 2820 lines   subqueries 127 lines
12 steps  aliases 45060 lines  lambdas 45060 lines  subqueries 183 lines
16 steps  aliases TOO_BIG      lambdas -            subqueries 239 lines
12 steps  the plans are the same
12 steps  lambdas cost more than 5 times the CPU of subqueries
TXT
venv/bin/python one.py | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."

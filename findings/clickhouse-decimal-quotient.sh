#!/usr/bin/env bash
# ClickHouse divides 171.00 by 4.00 and answers -42.32, without an error.
#
# Package:  chdb-core 26.9.0 (ClickHouse 26.9.2.1, embedded), all settings at their defaults.
# Expected: amounts of money in Decimal(38,18) can be divided by each other. `decimal_check_overflow` is 1, and an addition or a
#           Decimal64 that does not fit raises DECIMAL_OVERFLOW.
# Seen:     in Decimal128 and Decimal256 a quotient or a product that does not fit on the way is a wrong number. The dividend is
#           first multiplied by 10^scale: with 18 digits that fits up to 170, with 12 digits up to 170 million million. So 170 is
#           divided well and 171 is not. A sum of a column turns negative likewise, where `+` raises.
#
#             170 / 4 in Decimal(38,18)                   42.5
#             171 / 4 in Decimal(38,18)                   -42.320591730234615865
#             share of 171 in sum 342 in Decimal(38,18)   -0.494977681055375624
#             200 / 4 in Decimal(76,38)                   0.78836207414061694498233137130763916236
#             5000000000000 squared in Decimal(38,12)     133720505852245.677773423578721491615744
#             sum of 2 x 99999999999999999999 (38,18)     -140282366920938463465.374607431768211456
#             the same with +                             DECIMAL_OVERFLOW
#             99999999 / 4 in Decimal(18,9)               DECIMAL_OVERFLOW
#             divideDecimal(171, 4) in Decimal(38,18)     42.75
#             171 / 4 with an integer 4                   42.75
#
# What helps: divideDecimal and multiplyDecimal, which calculate in 256 bits and check; a divisor without digits after the point;
# Decimal256 of a small scale.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'chdb-core==26.9.0'

venv/bin/python - <<'PY'
import sys

import chdb

CASES = {
    "170 / 4 in Decimal(38,18)": ("toDecimal128('170', 18) / toDecimal128('4', 18)", "42.5"),
    "171 / 4 in Decimal(38,18)": ("toDecimal128('171', 18) / toDecimal128('4', 18)", "-42.320591730234615865"),
    "share of 171 in sum 342 in Decimal(38,18)": (
        "min(cost) / sum(cost) FROM (SELECT toDecimal128('171', 18) AS cost FROM numbers(2))",
        "-0.494977681055375624",
    ),
    "200 / 4 in Decimal(76,38)": ("toDecimal256('200', 38) / toDecimal256('4', 38)", "0.78836207414061694498233137130763916236"),
    "5000000000000 squared in Decimal(38,12)": (
        "toDecimal128('5000000000000', 12) * toDecimal128('5000000000000', 12)",
        "133720505852245.677773423578721491615744",
    ),
    "sum of 2 x 99999999999999999999 (38,18)": (
        "sum(cost) FROM (SELECT toDecimal128('99999999999999999999', 18) AS cost FROM numbers(2))",
        "-140282366920938463465.374607431768211456",
    ),
    "the same with +": ("toDecimal128('99999999999999999999', 18) + toDecimal128('99999999999999999999', 18)", "DECIMAL_OVERFLOW"),
    "99999999 / 4 in Decimal(18,9)": ("toDecimal64('99999999', 9) / toDecimal64('4', 9)", "DECIMAL_OVERFLOW"),
    "divideDecimal(171, 4) in Decimal(38,18)": ("divideDecimal(toDecimal128('171', 18), toDecimal128('4', 18), 18)", "42.75"),
    "171 / 4 with an integer 4": ("toDecimal128('171', 18) / 4", "42.75"),
}


def ask(expression):
    try:
        return chdb.query(f"SELECT {expression}", "TabSeparated").bytes().decode().strip()
    except Exception as error:
        if "DECIMAL_OVERFLOW" in str(error):
            return "DECIMAL_OVERFLOW"
        raise


print("ClickHouse", ask("version()"), "decimal_check_overflow =", ask("value FROM system.settings WHERE name = 'decimal_check_overflow'"))
changed = False
for name, (expression, seen) in CASES.items():
    answer = ask(expression)
    changed |= answer != seen
    print(f"{name:<44}{answer}" + ("" if answer == seen else f"   CHANGED, was {seen}"))
sys.exit(changed)
PY
echo "As described."

#!/usr/bin/env bash
# genai-prices charges a call of June the peak price of August, charges it on weekends too, and prices an alias as a model of 2024.
#
# Package:  genai-prices 0.2.3, with the prices that are in it.
# Input:    `calc_price` of 1,000,000 input tokens and the time of the call, `genai_request_timestamp`.
# Expected: the price of that time, as the package's own `price_comments` tell it for DeepSeek: V4 was flat until 2026-08-17; since
#           then 01:00-04:00 and 06:00-10:00 UTC cost more, and since 2026-08-23 not on weekends. DeepSeek's pricing page says the
#           same (Monday through Friday). `mistral-large-latest` is a name of Mistral Large 3 in the files of Mistral's documentation.
# Seen:     a price has one condition, a date or hours, and the last one that fits wins. So the hours hold on all days of all years:
#           a call before the date costs three times the flat price (V4 Pro) or twice (V4 Flash), one on a weekend twice the price
#           outside the hours. The comments say so and call the weekend an upper bound, but `calc_price` answers without a sign of
#           it. `mistral-medium-latest` changes its price on the day when the alias moved; `mistral-large-latest` has one price for
#           all time, four times that of Mistral Large 3.
#
#             deepseek-v4-pro        Mon 2026-06-01 00:30   0.435
#             deepseek-v4-pro        Mon 2026-06-01 02:00   1.32
#             deepseek-v4-flash      Mon 2026-06-01 00:30   0.14
#             deepseek-v4-flash      Mon 2026-06-01 02:00   0.3
#             deepseek-v4-pro        Fri 2026-11-27 02:00   1.32
#             deepseek-v4-pro        Sat 2026-11-28 02:00   1.32
#             deepseek-v4-pro        Sat 2026-11-28 12:00   0.66
#             mistral-medium-latest  Fri 2025-01-10 12:00   0.4
#             mistral-medium-latest  Fri 2026-11-20 12:00   1.5
#             mistral-large-latest   Fri 2025-01-10 12:00   2
#             mistral-large-latest   Fri 2026-11-20 12:00   2
#             mistral-large-2512     Fri 2026-11-20 12:00   0.5
#
# What helps: read `price_comments` of the models in use; a price of one's own where a price depends on the date and the hour; the
# model that answered instead of an alias, where the provider tells it.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'genai-prices==0.2.3'
venv/bin/python -m pip list | grep -E '^genai-prices '

venv/bin/python - <<'PY'
import sys
from datetime import datetime, timezone
from decimal import Decimal

from genai_prices import Usage, calc_price
from genai_prices.data import providers

SEEN = (
    ("deepseek", "deepseek-v4-pro", "2026-06-01T00:30", "0.435"),
    ("deepseek", "deepseek-v4-pro", "2026-06-01T02:00", "1.32"),
    ("deepseek", "deepseek-v4-flash", "2026-06-01T00:30", "0.14"),
    ("deepseek", "deepseek-v4-flash", "2026-06-01T02:00", "0.3"),
    ("deepseek", "deepseek-v4-pro", "2026-11-27T02:00", "1.32"),
    ("deepseek", "deepseek-v4-pro", "2026-11-28T02:00", "1.32"),
    ("deepseek", "deepseek-v4-pro", "2026-11-28T12:00", "0.66"),
    ("mistral", "mistral-medium-latest", "2025-01-10T12:00", "0.4"),
    ("mistral", "mistral-medium-latest", "2026-11-20T12:00", "1.5"),
    ("mistral", "mistral-large-latest", "2025-01-10T12:00", "2"),
    ("mistral", "mistral-large-latest", "2026-11-20T12:00", "2"),
    ("mistral", "mistral-large-2512", "2026-11-20T12:00", "0.5"),
)
changed = False
for provider, model, moment, seen in SEEN:
    at = datetime.fromisoformat(moment).replace(tzinfo=timezone.utc)
    price = calc_price(Usage(input_tokens=1_000_000), model, provider_id=provider, genai_request_timestamp=at)
    changed |= price.total_price != Decimal(seen)
    answer = f"{price.total_price.normalize():f}"
    print(f"{model:<23}{at:%a %Y-%m-%d %H:%M}   {answer}" + ("" if price.total_price == Decimal(seen) else f"   CHANGED, was {seen}"))

(comment,) = (model.price_comments for each in providers for model in each.models if (each.id, model.id) == ("deepseek", "deepseek-v4-pro"))
for text in ("before 2026-08-17", "weekend", "upper bound"):
    if text not in comment:
        print(f"CHANGED: the comment of deepseek-v4-pro no longer says {text!r}")
        changed = True
sys.exit(changed)
PY
echo "As described."

#!/usr/bin/env bash
# LiteLLM reads the tier that served an answer, has a price for batches in its book, and charges a batch twice that price.
#
# Package:  litellm 1.110.2 with the price book that is in it (`LITELLM_LOCAL_MODEL_COST_MAP`).
# Input:    `completion_cost` of an answer with 100,000 input tokens that names its tier in the usage. Anthropic names `batch` there in
#           the results of a batch, OpenAI `flex` and `priority`; and a book entry has `input_cost_per_token_batches`, `_flex`, `_priority`.
# Expected: the price of the tier that is named; where the book has none, an error or a sign.
# Seen:     `flex` and `priority` choose their prices, `batch` chooses none: the answer is charged the full price. So is any name that
#           the book has no price for: `flex` of a model without one, a tier that does not exist. `batch_cost_calculator` of the same
#           package, which LiteLLM's own batches go through, has the right price.
#
#             claude-opus-4-6   standard               5       per million
#             claude-opus-4-6   batch                  5       per million
#             claude-opus-4-6   batch_cost_calculator  2.5     per million
#             gpt-5             default                1.25    per million
#             gpt-5             flex                   0.625   per million
#             gpt-5             priority               2.5     per million
#             gpt-5             batch                  1.25    per million
#             gpt-5             no_such_tier           1.25    per million
#             gpt-4o            flex                   2.5     per million
#             gpt-4o            batch_cost_calculator  1.25    per million
#
# What helps: `batch_cost_calculator` for every answer whose tier is `batch`; a list of one's own of the tiers that a model may have.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'litellm==1.110.2'
venv/bin/python -m pip list | grep -E '^litellm '

cat >one.py <<'PY'
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from litellm import completion_cost
from litellm.cost_calculator import batch_cost_calculator
from litellm.types.utils import ModelResponse, Usage

TOKENS = 100_000
for model, provider, tier in (
    ("claude-opus-4-6", "anthropic", "standard"),
    ("claude-opus-4-6", "anthropic", "batch"),
    ("claude-opus-4-6", "anthropic", "batch_cost_calculator"),
    ("gpt-5", "openai", "default"),
    ("gpt-5", "openai", "flex"),
    ("gpt-5", "openai", "priority"),
    ("gpt-5", "openai", "batch"),
    ("gpt-5", "openai", "no_such_tier"),
    ("gpt-4o", "openai", "flex"),
    ("gpt-4o", "openai", "batch_cost_calculator"),
):
    counts = {"prompt_tokens": TOKENS, "completion_tokens": 0, "total_tokens": TOKENS}
    if tier == "batch_cost_calculator":
        cost = sum(batch_cost_calculator(usage=Usage(**counts), model=model, custom_llm_provider=provider))
    else:
        answer = ModelResponse(model=model, usage=Usage(**counts, service_tier=tier))
        cost = completion_cost(answer, model=model, custom_llm_provider=provider)
    print(f"{model:<17} {tier:<22} {cost / TOKENS * 1_000_000:<7.6g} per million")
PY

cat >seen <<'TXT'
claude-opus-4-6   standard               5       per million
claude-opus-4-6   batch                  5       per million
claude-opus-4-6   batch_cost_calculator  2.5     per million
gpt-5             default                1.25    per million
gpt-5             flex                   0.625   per million
gpt-5             priority               2.5     per million
gpt-5             batch                  1.25    per million
gpt-5             no_such_tier           1.25    per million
gpt-4o            flex                   2.5     per million
gpt-4o            batch_cost_calculator  1.25    per million
TXT
venv/bin/python one.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."

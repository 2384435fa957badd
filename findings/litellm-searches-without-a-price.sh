#!/usr/bin/env bash
# LiteLLM counts the web searches of an answer of Claude, and charges them for some models and not for others, without a sign.
#
# Package:  litellm 1.110.2 with the price book that is in it (`LITELLM_LOCAL_MODEL_COST_MAP`).
# Input:    `completion_cost` of an answer with three web searches (`usage.server_tool_use`, as Anthropic returns it) and no tokens to
#           speak of, for each model of Claude that the book has for Anthropic's API. Anthropic bills $10 for a thousand searches, whatever
#           model asks for them.
# Expected: $0.03 for each model; where the book has no price for a search, an error or a sign, as for a model that it does not know.
# Seen:     models whose entry has `search_context_cost_per_query` are charged $0.03, the others nothing: the Haikus, whose searches are
#           then free, and whose answer costs 97 % less than Anthropic bills.
#
#             claude-haiku-4-5              0.00    claude-sonnet-4-5             0.03
#             claude-haiku-4-5-20251001     0.00    claude-opus-4-8               0.03
#
#           The proxy's spend and budgets, its headers and its spans (`gen_ai.cost.total_cost`) have that cost.
# What helps: an entry of one's own (`litellm.register_model`, `model_info` of the proxy) with `search_context_cost_per_query`.
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

import litellm
from litellm.types.utils import ModelResponse, ServerToolUse, Usage


def searches(model):
    """USD for three searches beside one token."""
    used = {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1}
    with_them = Usage(**used, server_tool_use=ServerToolUse(web_search_requests=3))
    costs = [
        litellm.completion_cost(ModelResponse(model=model, usage=usage), model=model, custom_llm_provider="anthropic")
        for usage in (with_them, Usage(**used))
    ]
    return round(costs[0] - costs[1], 6)


for model in ("claude-haiku-4-5", "claude-haiku-4-5-20251001", "claude-sonnet-4-5", "claude-opus-4-8"):
    print(f"{model:<27} {searches(model):.2f}")
mine = {"claude-haiku-4-5": {"search_context_cost_per_query": {"search_context_size_medium": 0.01}}}
litellm.register_model(mine)
print(f"{'with an entry of ones own':<27} {searches('claude-haiku-4-5'):.2f}")
PY

cat >seen <<'TXT'
claude-haiku-4-5            0.00
claude-haiku-4-5-20251001   0.00
claude-sonnet-4-5           0.03
claude-opus-4-8             0.03
with an entry of ones own   0.03
TXT
venv/bin/python one.py 2>errors | tee now || { cat errors; exit 1; }
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."

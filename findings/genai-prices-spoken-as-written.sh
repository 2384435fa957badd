#!/usr/bin/env bash
# genai-prices charges a million spoken tokens of gpt-4o-mini-audio-preview $0.15, as if they were written.
#
# Package:  genai-prices 0.2.3, with the prices that are in it.
# Input:    `calc_price` of 1,000,000 tokens of input or output that are all audio (`input_audio_tokens`, `output_audio_tokens`), as the
#           usage of OpenAI's chat completions tells them apart, for audio models of OpenAI and of OpenRouter.
# Expected: the price of audio, in this book 6 to 17 times that of text where it has both; where it has none, an error or a sign, as
#           for a model that it does not know.
# Seen:     a model without a price for a kind of token charges it the price of text, and says nothing. The book has one for the
#           realtime and the newer models, but not for the two audio previews, nor for OpenRouter's models: the
#           same gpt-audio costs $32 there and $2.5 here.
#
#             openai      gpt-4o-audio-preview           input audio 2.5   output audio 10
#             openai      gpt-4o-mini-audio-preview      input audio 0.15  output audio 0.6
#             openrouter  openai/gpt-audio               input audio 2.5   output audio 10
#             openrouter  openai/gpt-audio-mini          input audio 0.6   output audio 2.4
#             openai      gpt-audio                      input audio 32    output audio 64
#             openai      gpt-audio-mini                 input audio 10    output audio 20
#             openai      gpt-4o-realtime-preview        input audio 40    output audio 80
#             openai      gpt-4o-mini-realtime-preview   input audio 10    output audio 20
#
# What helps: before audio is priced, look whether the model has `input_audio_mtok` and `output_audio_mtok`; a price of one's own.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet 'genai-prices==0.2.3'
venv/bin/python -m pip list | grep -E '^genai-prices '

cat >one.py <<'PY'
from genai_prices import Usage, calc_price

for provider, model in (
    ("openai", "gpt-4o-audio-preview"),
    ("openai", "gpt-4o-mini-audio-preview"),
    ("openrouter", "openai/gpt-audio"),
    ("openrouter", "openai/gpt-audio-mini"),
    ("openai", "gpt-audio"),
    ("openai", "gpt-audio-mini"),
    ("openai", "gpt-4o-realtime-preview"),
    ("openai", "gpt-4o-mini-realtime-preview"),
):
    heard, spoken = (
        calc_price(Usage(**{f"{side}_tokens": 1_000_000, f"{side}_audio_tokens": 1_000_000}), model, provider_id=provider)
        for side in ("input", "output")
    )
    assert heard.model.id == model, heard.model.id
    print(f"{provider:<11} {model:<30} input audio {float(heard.total_price):<5g} output audio {float(spoken.total_price):g}")
PY

cat >seen <<'TXT'
openai      gpt-4o-audio-preview           input audio 2.5   output audio 10
openai      gpt-4o-mini-audio-preview      input audio 0.15  output audio 0.6
openrouter  openai/gpt-audio               input audio 2.5   output audio 10
openrouter  openai/gpt-audio-mini          input audio 0.6   output audio 2.4
openai      gpt-audio                      input audio 32    output audio 64
openai      gpt-audio-mini                 input audio 10    output audio 20
openai      gpt-4o-realtime-preview        input audio 40    output audio 80
openai      gpt-4o-mini-realtime-preview   input audio 10    output audio 20
TXT
venv/bin/python one.py | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."

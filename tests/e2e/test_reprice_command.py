"""An unknown model is found, priced by one line of configuration, and paid for the past too, while the service runs."""

from __future__ import annotations

import json
from decimal import Decimal

import yaml

from tests.e2e.otlp import chat, invoke, request, span, trace_id
from tests.e2e.serving import Serving, only

DAY = ("--from", "2026-05-20", "--to", "2026-05-20")


def test_one_line_of_configuration_fixes_an_unknown_model_for_the_past(serving: Serving) -> None:
    trace = trace_id()
    spans = [
        span(trace, 1, invoke("writer", team="sales"), day=20),
        span(trace, 2, chat("acme-secret-2", 1000, 100), parent=1, day=20),
    ]
    assert serving.export(request(spans).SerializeToString()).status_code == 200
    serving.stored(trace, 2)
    serving.attributed(trace)
    (_, table), (_, listed) = serving.commands(["prices", "--unknown"], ["prices", "--unknown", "--format", "json"])
    found = only([row for row in json.loads(listed) if row["model"] == "acme-secret-2"])
    assert (found["spans"], found["input_tokens"], found["output_tokens"]) == (1, 1000, 100)
    assert found["fix"] == '- {provider: "openai", model: "acme-secret-2", input: USD_PER_MILLION, output: USD_PER_MILLION}'
    assert found["fix"] in table

    line = yaml.safe_load(found["fix"].replace("USD_PER_MILLION", "2"))
    pricing = {**serving.settings["pricing"], "models": [*serving.settings["pricing"]["models"], *line]}
    fixed = serving.config.with_name("fixed.yaml")
    fixed.write_text(yaml.safe_dump({**serving.settings, "pricing": pricing}), encoding="utf-8")
    ask = ["reprice", *DAY, "--config", str(fixed)]
    (_, told), (_, done), (_, again) = serving.commands([*ask, "--dry-run"], ask, ask)
    # 1,100 tokens at 2 per million
    assert "acme-secret-2" in told
    assert "1 spans change, by $0.0022 in all" in told
    assert "1 spans priced anew" not in told
    assert "1 spans priced anew, 1 postings added" in done
    assert "today's prices say the same: nothing to change" in again
    posted = serving.query("SELECT kind, team, amount, reason FROM ledger WHERE trace_id = {trace:String}", trace=trace)
    reason = "repriced from unpriced to contract:openai/acme-secret-2@1970-01-01"
    assert posted == [{"kind": "repricing", "team": "sales", "amount": Decimal("0.0022"), "reason": reason}]

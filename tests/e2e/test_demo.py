"""`spanledger demo` shows who pays, and why."""

from __future__ import annotations

import re
from pathlib import Path

from tests.e2e.conftest import SECRET
from tests.e2e.serving import COMMAND, Serving, run


def test_the_demo_shows_who_pays_and_that_the_money_adds_up(data: Path) -> None:
    done = run(*COMMAND, "demo", "--data", str(data))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"sales pays \$\d+\.\d+", done.stdout)
    assert re.search(r"support pays \$\d+\.\d+", done.stdout)
    assert re.search(r"data pays \$\d+\.\d+", done.stdout)
    assert "Audits: all pass." in done.stdout
    assert re.search(r"guardrail\s*│ (support|sales)", done.stdout)
    assert "calls back" in done.stdout
    assert "not billed: aggregate" in done.stdout
    further = run(*COMMAND, "report", "model", "--data", str(data))
    assert "gpt-4o-mini" in further.stdout


def test_the_demo_is_sent_to_a_service_that_runs(keyed: Serving) -> None:
    to = ["demo", "--to", f"http://127.0.0.1:{keyed.grpc_port}"]
    refused = run(*COMMAND, *to, OTEL_EXPORTER_OTLP_HEADERS="x-api-key=wrong")
    assert refused.returncode == 2
    assert "does it want a key" in refused.stderr
    done = run(*COMMAND, *to, OTEL_EXPORTER_OTLP_HEADERS=f"x-api-key={SECRET}")
    assert done.returncode == 0, done.stderr
    sent = re.match(r"(\d+) spans of \d+ workflows", done.stdout)
    assert sent
    of_the_demo = "SELECT count() AS n FROM spans WHERE resource['deployment.environment.name'] = 'demo'"
    keyed.until(lambda: int(keyed.query(of_the_demo)[0]["n"]) == int(sent[1]), "all of them are stored")

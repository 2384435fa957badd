"""`spanledger demo` shows who pays, and why."""

from __future__ import annotations

import re
from pathlib import Path

from tests.e2e.serving import COMMAND, run


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

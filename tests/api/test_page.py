"""The page of examples tells the truth."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from attribution.ledger import Ledger
from tests.api.page import BEGIN, examples
from tests.e2e.serving import environment

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def test_every_example_prints_what_the_page_says(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  (our own page)
        [sys.executable, "-W", "error", "-m", "tests.api.page", str(PAGE)],
        env=environment(), cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(BEGIN)[1:] == [printed for _, printed in examples(PAGE)]


def test_every_method_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    methods = [name for name in vars(Ledger) if not name.startswith("_")]
    assert [name for name in methods if f"{name}(" not in page and f"`{name}`" not in page] == []

"""What the pages show works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from collector.config import Config

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [
    (page, nth, block)
    for page in ("pricing.md", "configuration.md")
    for nth, block in enumerate(re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL))
]


@pytest.mark.parametrize(("page", "nth", "block"), EXAMPLES, ids=[f"{page}-{nth}" for page, nth, _ in EXAMPLES])
def test_every_example_is_a_configuration(page: str, nth: int, block: str):
    block = block.replace("<printed by spanledger config password>", f"scrypt:16384:8:1:{'0' * 32}:{'0' * 64}")
    values = yaml.safe_load(block.replace("<sha256 of the secret, hex>", "0" * 64))
    assert Config.parse(values, f"{page}, block {nth}").model_fields_set

"""Every SQL statement says what it is for, in one form, and is run by somebody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from attribution.storage.models import HEADER, model
from attribution.traces.traces import STAGES

ROOT = Path(__file__).parent.parent
BELOW = ROOT / "attribution"
NAMES = sorted(str(path.relative_to(BELOW).with_suffix("")) for path in BELOW.rglob("*.sql"))
RUN_AS_A_FOLDER = (
    "traces/0", "passes/rollups/", "audits/violations/", "audits/suspect_traces/", "views/internal/", "views/public/",
    "storage/schema/tables/", "storage/schema/feeds/", "storage/migrations/",
)  # fmt: skip
"""All statements below them are run, in the order of their names."""
FIELDS = frozenset(
    {
        "Work table",
        "View",
        "Internal view",
        "Purpose",
        "Grain",
        "Engine",
        "Carries",
        "Columns",
        "Needs",
        "Traits",
        "Joins",
        "Holds",
        "Example",
    }
)


@pytest.mark.parametrize("name", NAMES)
def test_every_header_has_the_form(name: str) -> None:
    one = model(name)
    header = HEADER.match((BELOW / f"{name}.sql").read_text(encoding="utf-8"))
    assert header
    assert one.fields.keys() <= FIELDS
    assert re.search(r"^-- [A-Z][a-z ]+:  ", header[0], re.MULTILINE) is None, "one blank after the colon"
    for field in ("Purpose", "Holds"):
        text = one.fields.get(field, "A.")
        assert re.match(r"[A-Z'`{]|[a-z_]+ [+=]|amount ", text), f"{field} begins with a capital letter or a name"
        assert text.endswith("."), f"{field} is made of sentences"
    assert one.kind != "Work table" or one.own_columns


def test_every_statement_is_run() -> None:
    source = {path: path.read_text(encoding="utf-8") for folder in (BELOW, ROOT / "collector") for path in folder.rglob("*.py")}
    text = "\n".join(source.values())
    named = {name for name in NAMES if re.search(rf'[/"]{re.escape(name.rpartition("/")[2])}"', text)}
    assert [name for name in NAMES if name not in named and not name.startswith(RUN_AS_A_FOLDER)] == []


def test_what_a_stage_needs_is_said_before_it() -> None:
    """By a statement of the kind Traits that runs earlier; and every trait is needed by a stage."""
    said: set[str] = set()
    needed: set[str] = set()
    for name in STAGES:
        one = model(name)
        assert one.needs <= said, name
        needed |= one.needs
        if one.kind == "Traits":
            said |= {column.name for column in one.own_columns}
    assert said == needed
    of_audits = [name for name in NAMES if name.startswith("audits/suspect_traces/") and model(name).needs <= said]
    assert [name for name in NAMES if name not in {*STAGES, *of_audits} and (model(name).kind == "Traits" or model(name).needs)] == []

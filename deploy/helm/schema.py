"""Writes the keys of the configuration into the schema of the chart's values; run by `make docs`."""

from __future__ import annotations

import json

from collector.config import Config
from deploy.helm.render import CHART

SCHEMA = CHART / "values.schema.json"


def rendered() -> str:
    """The schema with the keys that there are."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schema["properties"]["configuration"]["propertyNames"]["enum"] = sorted(
        field.alias or name for name, field in Config.model_fields.items()
    )
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(rendered(), encoding="utf-8")

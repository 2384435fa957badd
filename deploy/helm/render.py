"""Renders what the tests of the manifests read: the Helm chart with the values of its `ci` folder, and the overlays of kustomize.

Run by `make manifests`, which installs Helm as a library; kustomize is the one in kubectl. What it writes says of which sources it was
made, so that a test notices on any machine when they have changed since.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[1]
CHART = DEPLOY / "helm" / "spanledger"
KUBERNETES = DEPLOY / "kubernetes"
RENDERED = DEPLOY.parent / "tests" / "deploy" / "rendered"
OVERLAYS = {"embedded": "embedded", "clickhouse": "monitoring"}
"""Of kustomize, which say the same as the values of the chart."""


def digest(folder: Path) -> str:
    """Of all that is rendered from; a schema only refuses."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".schema.json")):
        found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def header(folder: Path) -> str:
    """The first line of what is rendered from a folder."""
    return f"# Rendered by `make manifests` from {folder.relative_to(DEPLOY.parent)} with SHA-256 {digest(folder)}"


def kustomized(overlay: str) -> list[Any]:
    """The objects of an overlay."""
    command = ["kubectl", "kustomize", str(KUBERNETES / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  (our own overlays)
    return list(yaml.safe_load_all(done.stdout))


def charted(values: str) -> Iterator[Any]:
    """The objects of the chart with values of its `ci` folder."""
    from helm_python.chart import Chart  # noqa: PLC0415  (installed by `make manifests`)

    given = yaml.safe_load((CHART / "ci" / f"{values}-values.yaml").read_text(encoding="utf-8"))
    with Chart.load(CHART) as chart:
        rendered = chart.render(values=given, name="spanledger", namespace="spanledger")
    for name, text in sorted(rendered.items()):
        if name.endswith(".yaml"):
            yield from (one for one in yaml.safe_load_all(text) if one)


def write(name: str, folder: Path, objects: list[Any]) -> None:
    """Keep what was rendered."""
    RENDERED.mkdir(exist_ok=True)
    text = yaml.safe_dump_all(objects, sort_keys=True, width=140)
    (RENDERED / f"{name}.yaml").write_text(f"{header(folder)}\n{text}", encoding="utf-8")


if __name__ == "__main__":
    for ours, overlay in OVERLAYS.items():
        write(f"helm-{ours}", CHART, list(charted(ours)))
        write(f"kustomize-{ours}", KUBERNETES, kustomized(overlay))

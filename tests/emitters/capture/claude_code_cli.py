# /// script
# dependencies = ["claude-agent-sdk==0.2.189"]
# ///
# emitter: Claude Code, log events
# signal: logs
"""Claude Code's command line, which the SDK's package holds, with the telemetry that it documents: logs."""

import os
import subprocess
from pathlib import Path

import claude_agent_sdk

from case import case, main

CLAUDE = Path(claude_agent_sdk.__file__).parent / "_bundled" / "claude"


@case
def api_request() -> None:
    telemetry = {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        "OTEL_RESOURCE_ATTRIBUTES": "team=platform,cost_center=CC-7",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    command = [CLAUDE, "-p", "Weather in Paris", "--model", "claude-sonnet-4-5-20250929", "--tools", ""]
    subprocess.run(command, env={**os.environ, **telemetry}, check=True, timeout=120)


if __name__ == "__main__":
    main()

"""The tools of agents as a server of the Model Context Protocol, over stdin and stdout or over streamable HTTP. Needs the extra `mcp`.

Over HTTP each caller brings the ingest key of its own, and the service that is asked checks it. As the specification demands, a request
whose Host or Origin is not known is refused, so that no page in a browser reaches the tools by a name that it has pointed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings

from collector.control.tools import ServiceError, Tools
from collector.http import is_loopback

INSTRUCTIONS = "What budgets leave for AI agents. Ask before work that costs much."


def server(tools: Tools) -> MCPServer[Any]:
    """A server with the two tools."""
    made: MCPServer[Any] = MCPServer("spanledger", instructions=INSTRUCTIONS)

    @made.tool()
    def what_is_left(context: Context[Any, Any], dimensions: dict[str, str] | None = None, run: str = "") -> list[dict[str, Any]]:
        """What every budget has left that would hold for a call: limit, spent, reserved and remaining (exact, in `unit`), when it resets.

        dimensions: whose call it would be, such as {"team": "sales", "agent": "researcher"}; run: the trace id, for what one run may use.
        """
        try:
            return tools.of(context.headers).what_is_left(dimensions, run)
        except ServiceError as problem:
            raise ToolError(str(problem)) from problem

    @made.tool()
    def may_i(
        context: Context[Any, Any],
        model: str = "",
        input_tokens: int | None = None,
        output_tokens_max: int | None = None,
        tool: str = "",
        dimensions: dict[str, str] | None = None,
        run: str = "",
    ) -> dict[str, Any]:
        """Whether a call of a model (or a tool) may be made now: allow, throttle (try again after retry_after_s) or deny, and why.

        Nothing is reserved. dimensions and run: as in what_is_left.
        """
        question = {"model": model, "input_tokens": input_tokens, "output_tokens_max": output_tokens_max, "tool": tool, "trace_id": run}
        try:
            return tools.of(context.headers).may_i(question, dimensions)
        except ServiceError as problem:
            raise ToolError(str(problem)) from problem

    return made


def serve_over_http(made: MCPServer[Any], host: str, port: int, names: Sequence[str]) -> None:
    """Serve at `/mcp` until it is stopped; `names`: hosts, with or without a port, by which clients reach it beside the address itself."""
    own = ["127.0.0.1", "localhost", "[::1]"] if is_loopback(host) else [f"[{host}]" if ":" in host else host]
    hosts = [*(f"{one}:{port}" for one in own), *names]
    security = TransportSecuritySettings(
        allowed_hosts=hosts, allowed_origins=[f"{scheme}://{one}" for scheme in ("http", "https") for one in hosts]
    )
    # Without sessions: the tools remember nothing, so several of these can stand behind one address.
    made.run("streamable-http", host=host, port=port, stateless_http=True, json_response=True, transport_security=security)

"""`mcp`: tools for agents, by the Model Context Protocol over stdin and stdout."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from attribution.configuration.budgets import SCOPED
from collector.control.tools import ServiceError, Tools

app = typer.Typer()

UrlOption = Annotated[str, typer.Option(envvar="SPANLEDGER_URL", help="Where the service's --http is.", metavar="URL")]
KeyOption = Annotated[str, typer.Option(envvar="SPANLEDGER_KEY", help="The secret of an ingest key.", metavar="SECRET")]
OfOption = Annotated[
    list[str] | None, typer.Option("--of", help="A dimension of every question, such as team=sales.", metavar="NAME=VALUE")
]


@app.command()
def mcp(url: UrlOption = "http://127.0.0.1:4318", key: KeyOption = "", of: OfOption = None) -> None:
    """Let agents ask a running service what is left for them and whether a call may be made, by MCP over stdin and stdout."""
    try:
        from mcp.server.mcpserver import MCPServer  # noqa: PLC0415  (an extra)
        from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415
    except ImportError:
        raise ServiceError("mcp: pip install 'spanledger[mcp]' is needed") from None
    tools = Tools(url, key, _dimensions(of or []))
    server: MCPServer[Any] = MCPServer("spanledger", instructions="What budgets leave for AI agents. Ask before work that costs much.")

    @server.tool()
    def what_is_left(dimensions: dict[str, str] | None = None, run: str = "") -> list[dict[str, Any]]:
        """What every budget has left that would hold for a call: limit, spent, reserved and remaining (exact, in `unit`), when it resets.

        dimensions: whose call it would be, such as {"team": "sales", "agent": "researcher"}; run: the trace id, for what one run may use.
        """
        try:
            return tools.what_is_left(dimensions, run)
        except ServiceError as problem:
            raise ToolError(str(problem)) from problem

    @server.tool()
    def may_i(
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
            return tools.may_i(question, dimensions)
        except ServiceError as problem:
            raise ToolError(str(problem)) from problem

    server.run("stdio")


def _dimensions(of: list[str]) -> dict[str, str]:
    found = dict(one.partition("=")[::2] for one in of)
    wrong = next((one for one in of if one.partition("=")[0] not in SCOPED or not one.partition("=")[2]), None)
    if wrong is not None:
        raise ServiceError(f"--of: {wrong!r} is not allowed: NAME=VALUE is needed, where NAME is one of {', '.join(SCOPED)}")
    return found

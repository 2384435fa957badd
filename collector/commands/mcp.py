"""`mcp`: tools for agents, by the Model Context Protocol over stdin and stdout, or over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from attribution.configuration.budgets import SCOPED
from collector.commands.shared import said_of
from collector.control.tools import ServiceError, Tools
from collector.http import split

app = typer.Typer()

UrlOption = Annotated[str, typer.Option(envvar="SPANLEDGER_URL", help="Where the service's --http is.", metavar="URL")]
KeyOption = Annotated[str, typer.Option(envvar="SPANLEDGER_KEY", help="The secret of an ingest key.", metavar="SECRET")]
OfOption = Annotated[
    list[str] | None, typer.Option("--of", help="A dimension of every question, such as team=sales.", metavar="NAME=VALUE")
]


HttpOption = Annotated[
    str, typer.Option("--http", help="Serve streamable HTTP at /mcp there, in place of stdin and stdout.", metavar="HOST:PORT")
]
NameOption = Annotated[
    list[str] | None, typer.Option("--host", help="With --http: a host by which clients reach it, such as mcp.example.com.", metavar="HOST")
]


@app.command()
def mcp(
    url: UrlOption = "http://127.0.0.1:4318", key: KeyOption = "", of: OfOption = None, http: HttpOption = "", host: NameOption = None
) -> None:
    """Let agents ask a running service what is left for them and whether a call may be made, by MCP; over HTTP with keys of their own."""
    try:
        from collector.control.mcp import serve_over_http, server  # noqa: PLC0415  (an extra)
    except ImportError:
        raise ServiceError("mcp: pip install 'spanledger[mcp]' is needed") from None
    if http and key:
        raise ServiceError("--key: over HTTP each caller brings its own, as Authorization: Bearer SECRET; this one would be everybody's")
    if host and not http:
        raise ServiceError("--host: is for --http")
    made = server(Tools(url, key, said_of(of or [], "--of", SCOPED)))
    if http:
        serve_over_http(made, *split(http), host or [])
    else:
        made.run("stdio")

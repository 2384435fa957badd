"""Who asks over the SQL port, in the ways in which ClickHouse's clients say it.

Source: https://clickhouse.com/docs/interfaces/http, "Authentication": HTTP Basic, the headers X-ClickHouse-User and X-ClickHouse-Key, or
`user` and `password` in the URL.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request as HttpRequest

from collector.query.errors import QueryError
from collector.users import Users, basic_credentials


async def check_user(http: HttpRequest, users: Users) -> None:
    """Raise QueryError where users are configured and the request is from none of them, or from one who may see some teams only."""
    if users.none:
        return
    name, password = _credentials(http)
    user = await asyncio.to_thread(users.check, name, password)
    if user is None:
        if not name:
            raise QueryError(194, "REQUIRED_PASSWORD", "A user and a password are needed")
        raise QueryError(516, "AUTHENTICATION_FAILED", "The user is not known, or the password is wrong")
    if user.teams:
        raise QueryError(497, "ACCESS_DENIED", f"{name} may see some teams only, and SQL shows all of them")


def _credentials(http: HttpRequest) -> tuple[str, str]:
    """The first way that the request takes; empty where it takes none."""
    basic = basic_credentials(http.headers.get("authorization", ""))
    if basic:
        return basic
    if "x-clickhouse-user" in http.headers:
        return http.headers["x-clickhouse-user"], http.headers.get("x-clickhouse-key", "")
    return http.query_params.get("user", ""), http.query_params.get("password", "")

"""A request of ClickHouse's HTTP interface, read and bounded: what to run, with which values, and how to answer.

Source: https://clickhouse.com/docs/interfaces/http; `src/Server/HTTPHandler.cpp`.
"""

from __future__ import annotations

import email
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request as HttpRequest

from collector.bodies import read_body
from collector.query import blocks
from collector.query.compression import decompress, negotiate
from collector.query.errors import bad_arguments, too_large, unsupported
from collector.query.limits import Limits
from collector.query.native import REVISION_MAX
from collector.query.settings import TRANSPORT

DEFAULT_FORMAT = "TabSeparated"
QUERY_ID_LENGTH_MAX = 256
"""It comes back in a header and in logs; a UUID has 36 characters."""
_PARAMETER = "param_"


@dataclass(frozen=True)
class Request:
    """One query as it came over HTTP."""

    statement: bytes
    """The query, and for an INSERT its data."""
    parameters: Mapping[str, str]
    """Values of `{name:Type}` placeholders, in ClickHouse's escaped text form."""
    settings: Mapping[str, str]
    """Settings for the engine, unchecked."""
    database: str
    """'' where the client names none."""
    default_format: str
    revision: int
    """Of the Native format; 0 where the client names none. The owner's client is ours, and reads revision 0."""
    coding: str | None
    """Content coding of the answer."""
    in_blocks: bool
    """Whether the answer is compressed in ClickHouse's own blocks."""
    may_write: bool
    """A GET never writes."""


def query_id(http: HttpRequest) -> str:
    """Return the query id that the client chose, or a new one."""
    chosen = http.query_params.get("query_id", "")
    return chosen if 0 < len(chosen) <= QUERY_ID_LENGTH_MAX and chosen.isascii() and chosen.isprintable() else str(uuid.uuid4())


def wants_blocks(http: HttpRequest) -> bool:
    """Whether the client reads answers, errors too, in ClickHouse's own compressed blocks."""
    return _is_on(http.query_params, "compress")


async def read(http: HttpRequest, limits: Limits, *, owner: bool) -> Request:
    """Read a request. Raises QueryError where it is malformed, beyond a bound, or asks for what is not served."""
    fields = dict(http.query_params)
    bytes_max = limits.body_bytes_max(owner=owner)
    body = decompress(await _body(http, bytes_max), http.headers.get("content-encoding", "").strip().lower(), bytes_max)
    if _is_on(fields, "decompress"):
        body = blocks.unpack(body, bytes_max)
    if http.headers.get("content-type", "").startswith("multipart/form-data"):
        fields |= _form(http.headers["content-type"], body)
        body = b""
    in_url = fields.get("query", "").encode()
    statement = in_url + b"\n" + body if in_url and body else in_url or body
    parameters = {name.removeprefix(_PARAMETER): value for name, value in fields.items() if name.startswith(_PARAMETER)}
    if not owner:
        _bound(statement, parameters, limits)
    return Request(
        statement=statement,
        parameters=parameters,
        settings={n: v for n, v in fields.items() if n not in TRANSPORT and not n.startswith(_PARAMETER)},
        database=fields.get("database") or http.headers.get("x-clickhouse-database", ""),
        default_format=fields.get("default_format") or http.headers.get("x-clickhouse-format") or DEFAULT_FORMAT,
        revision=0 if owner else _revision(fields),
        coding=negotiate(http.headers.get("accept-encoding", "")) if _is_on(fields, "enable_http_compression") else None,
        in_blocks=wants_blocks(http),
        may_write=http.method != "GET",
    )


async def _body(http: HttpRequest, bytes_max: int) -> bytes:
    body = await read_body(http, bytes_max)
    if body is None:
        raise too_large(f"The request body is longer than {bytes_max} bytes")
    return body


def _bound(statement: bytes, parameters: Mapping[str, str], limits: Limits) -> None:
    if len(statement) > limits.query_bytes_max:
        raise too_large(f"The query is longer than {limits.query_bytes_max} bytes")
    if sum(len(name) + len(value) for name, value in parameters.items()) > limits.parameter_bytes_max:
        raise too_large(f"The bound parameters are longer than {limits.parameter_bytes_max} bytes")


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a form: clients send the query and long parameters so. A file part would be an external table."""
    message = email.message_from_bytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    fields: dict[str, str] = {}
    for part in message.get_payload() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition") if isinstance(part, email.message.Message) else None
        if not isinstance(part, email.message.Message) or not isinstance(name, str):
            raise bad_arguments("The form has a part without a name")
        if part.get_filename() is not None:
            raise unsupported("External tables are not served here")
        fields[name] = _text(part.get_payload(decode=True))
    return fields


def _text(raw: object) -> str:
    try:
        return raw.decode() if isinstance(raw, bytes) else ""
    except UnicodeDecodeError:
        raise bad_arguments("The form is not UTF-8") from None


def _revision(fields: Mapping[str, str]) -> int:
    text = fields.get("client_protocol_version", "0")
    if not text.isdecimal():
        raise bad_arguments(f"client_protocol_version must be a number, not {text!r}")
    revision = int(text)
    if revision > REVISION_MAX:
        raise unsupported(f"client_protocol_version up to {REVISION_MAX} is served, not {revision}")
    return revision


def _is_on(fields: Mapping[str, str], name: str) -> bool:
    return fields.get(name, "0").lower() in ("1", "true")

"""The whole configuration: the library's part plus what the service receives and forwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, field_validator, model_validator

from attribution.configuration import AttributionConfig, Dimension
from attribution.configuration.section import Section

MIB = 1024 * 1024


@dataclass(frozen=True)
class Addresses:
    """Where to listen, HOST:PORT each; port 0 takes a free one. Options of the command, not keys of the file."""

    grpc: str = "127.0.0.1:4317"
    http: str = "127.0.0.1:4318"
    sql: str = "127.0.0.1:8123"


class Key(Section):
    """An ingest key: who may send, and what every span sent with it is tagged with."""

    name: str = Field(min_length=1)
    secret_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sender: str = ""
    """Who sends with it, by default its name: several keys can be one sender, so that a key can be changed for another."""
    tags: Mapping[Dimension, str] = {}

    @property
    def sent_by(self) -> str:
        """The sender of all that is sent with it."""
        return self.sender or self.name


class Ingest(Section):
    """What the receiver accepts."""

    content: Literal["drop", "keep"] = "drop"
    """Whether prompts and completions are stored."""
    keys: tuple[Key, ...] = ()
    """None: open, on loopback addresses only."""
    grpc_request_bytes_max: int = Field(default=16 * MIB, ge=1024, le=512 * MIB)
    """After decompression. The exporters send up to 512 spans a request, with content a few MiB."""
    http_request_bytes_max: int = Field(default=20 * MIB, ge=1024, le=512 * MIB)
    """After decompression; 20 MiB is what the OTLP specification recommends."""
    spool_bytes_max: int = Field(default=2048 * MIB, ge=MIB)
    """Acknowledged but not yet stored; beyond it senders are asked to wait, so an outage fills no disk."""

    oldest_days: int = Field(default=400, ge=1, le=36500)
    """Spans that started before are rejected by name: mostly their clock is wrong, and a closed month is not to be reopened by it."""

    @model_validator(mode="after")
    def _distinct(self) -> Ingest:
        names = [key.name for key in self.keys]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each key needs a name of its own; used twice: {', '.join(twice)}")
        return self


class Forward(Section):
    """An OTLP endpoint that gets the annotated spans."""

    endpoint: str
    """`http://host:4318` for OTLP/HTTP (the path /v1/traces is added where there is none), `grpc://host:4317` for gRPC,
    `grpcs://` for gRPC over TLS."""
    headers: Mapping[str, str] = {}

    @field_validator("endpoint")
    @classmethod
    def _scheme(cls, endpoint: str) -> str:
        if not endpoint.startswith(("http://", "https://", "grpc://", "grpcs://")):
            raise ValueError("an endpoint starts with http://, https://, grpc:// or grpcs://")
        return endpoint


class Sql(Section):
    """The SQL port of the embedded store."""

    hosts: tuple[str, ...] = ()
    """Names by which it may be addressed, beside IP addresses and names without a dot."""


class Config(AttributionConfig):
    """Everything in the YAML file."""

    ingest: Ingest = Ingest()
    forward: tuple[Forward, ...] = ()
    sql: Sql = Sql()

"""The whole configuration: the library's part plus what the service receives and forwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from attribution.configuration import AttributionConfig, Dimension
from attribution.configuration.budgets import Weekday
from attribution.configuration.section import Section, known_zone
from attribution.errors import ConfigurationError

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
    secret_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="the SHA-256 of the secret, 64 hexadecimal digits in lower case")
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
    header_files: Mapping[str, Path] = {}
    """Headers whose value is a secret: the files that hold it, read at start."""

    @field_validator("endpoint")
    @classmethod
    def _scheme(cls, endpoint: str) -> str:
        if not endpoint.startswith(("http://", "https://", "grpc://", "grpcs://")):
            raise ValueError("an endpoint starts with http://, https://, grpc:// or grpcs://")
        return endpoint

    @property
    def all_headers(self) -> dict[str, str]:
        """Those that stand in the configuration and those from files. Raises ConfigurationError where a file cannot be read."""
        found = dict(self.headers)
        for name, file in self.header_files.items():
            try:
                found[name] = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as problem:
                raise ConfigurationError("configuration", [f"forward.header_files.{name}: {file}: cannot be read: {problem}"]) from None
        return found


class Sql(Section):
    """The SQL port of the embedded store."""

    hosts: tuple[str, ...] = ()
    """Names by which it may be addressed, beside IP addresses and names without a dot."""


Listener = Literal["grpc", "http", "sql"]


class Tls(Section):
    """Encryption of what listens. The files are read at start, and again on SIGHUP."""

    certificate: Path | None = None
    """PEM: the server's certificate, and after it those that lead to its authority. None: no TLS."""
    key: Path | None = None
    """PEM: the private key of the certificate, without a passphrase."""
    client_ca: Path | None = None
    """PEM: authorities of clients. Given, only clients with a certificate of theirs get in (mutual TLS)."""
    listeners: tuple[Listener, ...] = ("grpc", "http", "sql")
    """The addresses that speak TLS; the others stay as they were, for probes behind a proxy for example."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together: name both files, or neither")
        if self.client_ca and not self.certificate:
            raise ValueError("client_ca needs a certificate and a key of the server as well")
        return self


class Person(Section):
    """Somebody who may look at the page, however that was proved."""

    name: str = Field(min_length=1)
    role: Literal["reader", "operator"] = "reader"
    """What a user may do on the page; over the SQL port everybody reads."""
    teams: tuple[str, ...] = ()
    """Named, the user sees these teams only, and therefore gets no SQL."""


class User(Person):
    """Somebody who may read: over the SQL port, and on the page."""

    name: str = Field(min_length=1, pattern=r"^[^:\s]+$", description="a name without colons and blanks")
    password_scrypt: str = Field(
        pattern=r"^scrypt:\d+:\d+:\d+:[0-9a-f]{16,}:[0-9a-f]{32,}$", description="what `spanledger config password` prints"
    )


class Oidc(Section):
    """An OpenID provider at which people sign in to the page."""

    issuer: str = Field(pattern=r"^https?://[^\s?#]+$", description="a URL, http:// or https://, without query")
    """As the provider says it in its tokens, to the letter."""
    client_id: str = Field(min_length=1)
    client_secret_file: Path | None = None
    """None: a public client, which PKCE alone protects."""
    url: str = Field(default="", pattern=r"^(https?://[^\s?#/]+)?$")
    """By which browsers reach the page, such as https://costs.example.com; empty: as each request says."""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    name_claim: str = "email"
    """What a person is called in disputes and sign-offs; `sub` where a token has it not."""
    groups_claim: str = "groups"
    operators: tuple[str, ...] = ()
    """Groups (names or patterns) of operators; these see all teams."""
    readers: tuple[str, ...] = ()
    """Groups of those who see all teams, and read only."""
    teams: Mapping[str, tuple[str, ...]] = {}
    """Group to the teams that its members see."""
    teams_claim: str = ""
    """A claim that names the teams themselves; empty: none does."""
    session_seconds: int = Field(default=8 * 3600, ge=60, le=7 * 86_400)
    """After which a person signs in again."""

    @field_validator("scopes")
    @classmethod
    def _openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in scopes:
            raise ValueError("openid must be among them")
        return scopes

    @model_validator(mode="after")
    def _lets_somebody_in(self) -> Self:
        if not (self.operators or self.readers or self.teams or self.teams_claim):
            raise ValueError("operators, readers, teams or teams_claim: without one of them nobody may look")
        try:
            import authlib  # noqa: F401, PLC0415  (an extra, and slow)
        except ImportError:
            raise ValueError("Authlib is not installed: pip install 'spanledger[oidc]'") from None
        return self


class Reservations(Section):
    """What a call is taken for that does not say how much it may use, and how long it may take."""

    seconds: int = Field(default=600, ge=1, le=86_400)
    """After which a reservation ends whose record never came: longer than any call takes."""
    arrival_seconds: int = Field(default=30, ge=0, le=86_400)
    """For so long a call counts that is over and of which nobody knows the span: longer than a record takes to arrive."""
    input_tokens: int = Field(default=8192, ge=1)
    output_tokens: int = Field(default=4096, ge=1)


class Policies(Section):
    """What is asked of calls beside their cost, when they ask for a decision."""

    reservations: Reservations = Reservations()
    required: Mapping[Dimension, Literal["show", "quarantine", "refuse"]] = {}
    """Dimensions that every call must say; what is missing is shown in the decision, its call is set aside, or it is refused."""
    models: Mapping[str, tuple[str, ...]] = {}
    """Environment (a name or a pattern) to the models that are allowed there; the first that fits. Elsewhere all are."""


PROVIDER_URLS = {"openai": "https://api.openai.com/v1", "openrouter": "https://openrouter.ai/api/v1", "litellm": ""}
"""Where their administration is; a LiteLLM proxy is the user's own."""


class ProviderLimit(Section):
    """A limit of a provider to which a budget is written by `spanledger budget push`."""

    budget: str = Field(min_length=1)
    provider: Literal["openai", "litellm", "openrouter"]
    target: str = Field(min_length=1)
    """Whose limit: of OpenAI a project's id, of LiteLLM a key's hash (its token), of OpenRouter a key's hash."""
    url: str = ""
    """Empty: the provider's own; of LiteLLM the proxy's."""
    admin_key_env: str = ""
    """The environment variable with the secret of an administrator."""
    admin_key_file: Path | None = None
    """Or the file."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if bool(self.admin_key_env) == bool(self.admin_key_file):
            raise ValueError("admin_key_env or admin_key_file: one of them is needed")
        if self.provider == "litellm" and self.target.startswith("sk-"):
            raise ValueError("target: this is the key itself, which is a secret; its SHA-256 is needed, as the proxy's `token` says it")
        url = self.url or PROVIDER_URLS[self.provider]
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"url: {self.url!r} is not allowed: http://HOST:PORT or https://HOST is needed, where {self.provider} is")
        object.__setattr__(self, "url", url)
        return self


Told = Literal["tier", "escalated", "refused", "throttled", "critical", "soft", "expired", "anomaly", "showback"]
"""What receivers can be told."""


def quiet_hours(text: str) -> tuple[time, time]:
    """When quiet hours begin and end, of `22:00-07:00`. Raises ValueError."""
    begin, _, end = text.partition("-")
    hours = tuple(datetime.strptime(one.strip(), "%H:%M").time() for one in (begin, end))  # noqa: DTZ007  (a time of each day)
    if hours[0] == hours[1]:
        raise ValueError("the same twice")
    return hours[0], hours[1]


class Notify(Section):
    """Who is told what happens to budgets, of anomalies, and what teams pay."""

    url: str = Field(min_length=1)
    """As Apprise has it: `slack://...`, `mailto://...`, `msteams://...`, `pagerduty://...`, `json://host/path`; with a secret a webhook of
    your own, `https://host/path`."""
    name: str = ""
    """Of the receiver in the log; empty: its number."""
    secret_env: str = ""
    """The environment variable with the secret that signs what is sent to a webhook (Standard Webhooks)."""
    secret_file: Path | None = None
    """Or the file."""
    quiet: str = ""
    """Hours in which messages wait, such as `22:00-07:00`."""
    quiet_days: tuple[Weekday, ...] = ()
    """Days on which they wait, such as `[saturday, sunday]`."""
    timezone: str = "UTC"
    """Of the hours and days."""
    always: tuple[Told, ...] = ("escalated", "critical")
    """Events that do not wait, neither for hours nor for others."""
    digest_minutes: int = Field(default=0, ge=0, le=24 * 60)
    """For so long messages are gathered, from the first one on, and come as one; 0: each by itself."""
    events: tuple[Told, ...] = (
        "tier",
        "escalated",
        "critical",
    )
    budgets: tuple[str, ...] = ("*",)
    """Names or patterns of budgets."""
    teams: tuple[str, ...] = ("*",)
    """Names or patterns of the teams whose showback and anomalies it is sent."""
    anomaly_usd: Decimal = Field(default=Decimal(1), ge=0)
    """USD beyond what was expected from which on an anomaly of cost is told."""

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        return known_zone(name)

    @field_validator("quiet")
    @classmethod
    def _hours(cls, text: str) -> str:
        try:
            if text:
                quiet_hours(text)
        except ValueError:
            raise ValueError("two times of the day are needed, such as '22:00-07:00'") from None
        return text

    @field_validator("quiet_days")
    @classmethod
    def _not_all(cls, days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if len(set(days)) == len(get_args(Weekday)):
            raise ValueError("some day must not be quiet, or nothing would ever come")
        return days

    @property
    def is_signed(self) -> bool:
        """Whether it is a webhook that checks who sends."""
        return bool(self.secret_env or self.secret_file)

    @model_validator(mode="after")
    def _understood(self) -> Notify:
        """The whole URL is a secret: it is in no message."""
        if self.secret_env and self.secret_file:
            raise ValueError("secret_env or secret_file: one of them")
        if self.is_signed:
            if not self.url.startswith(("http://", "https://")):
                raise ValueError("url: with a secret it is a webhook, such as https://host/path")
            return self
        import apprise  # noqa: PLC0415  (half a second of every command, for the few that notify)

        if apprise.Apprise.instantiate(self.url, suppress_exceptions=True) is None:
            scheme = self.url.partition("://")[0] if "://" in self.url else "(none)"
            raise ValueError(f"url: Apprise knows no such receiver, scheme {scheme}: one such as json://host/path or slack://... is needed")
        return self


class Retention(Section):
    """How long the service keeps spans of closed months; the ledger is kept for ever."""

    content_months: int | None = Field(default=None, ge=1, le=1200)
    """Months whose spans keep their content, beside the one that runs; None: all."""
    spans_months: int | None = Field(default=None, ge=1, le=1200)
    """Months whose spans are kept, beside the one that runs; None: all."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.content_months and self.spans_months and self.content_months > self.spans_months:
            raise ValueError(
                f"content_months is {self.content_months}, and after spans_months, {self.spans_months}, there is no content left"
            )
        return self


class Config(AttributionConfig):
    """Everything in the YAML file."""

    ingest: Ingest = Ingest()
    forward: tuple[Forward, ...] = ()
    sql: Sql = Sql()
    policies: Policies = Policies()
    notify: tuple[Notify, ...] = ()
    provider_limits: tuple[ProviderLimit, ...] = ()
    """Limits that providers have themselves, to which budgets are written."""
    retention: Retention = Retention()
    tls: Tls = Tls()
    users: tuple[User, ...] = ()
    """None: whoever reaches the SQL port and the page may read."""
    oidc: Oidc | None = None
    """Given, the page is for those who signed in, and for `users`; the SQL port is for `users`."""

    @model_validator(mode="after")
    def _limits_of_budgets(self) -> Self:
        unknown = next((one.budget for one in self.provider_limits if one.budget not in self.budgets), None)
        if unknown is not None:
            raise ValueError(f"provider_limits: there is no budget {unknown!r}; there is {', '.join(sorted(self.budgets)) or 'none'}")
        return self

    @field_validator("users")
    @classmethod
    def _each_once(cls, users: tuple[User, ...]) -> tuple[User, ...]:
        names = [user.name for user in users]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each user needs a name of their own; used twice: {', '.join(twice)}")
        return users

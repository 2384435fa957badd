"""Signing in at an OpenID provider: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636), and the sessions of who did.

Authlib speaks to the provider and checks its tokens: signature, issuer, audience, nonce, time. What is kept of a sign-in that is going on
and of a session is in the memory of this process; browsers have random names of them only. After a restart people sign in again, which the
provider mostly does without asking.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from attribution.configuration import matches
from attribution.errors import ConfigurationError, SpanledgerError
from collector.config import Oidc, Person

logger = logging.getLogger(__name__)

SESSION, SIGNING_IN = "spanledger_session", "spanledger_sign_in"
"""Cookies."""
SIGN_IN, CALLBACK = "/sign-in", "/sign-in/callback"
SIGN_IN_SECONDS = 600
"""Between the way to the provider and the way back: people look for their second factor."""
SESSIONS_MAX, SIGNING_IN_MAX = 10_000, 1_000
"""Beyond them the oldest ends."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""That sign with a key that only the provider has."""
PROVIDER_SECONDS_MAX = 10.0


class SignInError(SpanledgerError):
    """Somebody could not sign in."""


class ProviderAwayError(SpanledgerError):
    """The provider does not answer as it should."""


@dataclass(slots=True)
class _Kept:
    """What a cookie names, until it is over."""

    what: Any
    over: float


@dataclass(slots=True)
class _Book:
    """What cookies name: by the hash of their value, so that nothing kept here lets anybody in."""

    most: int
    clock: Callable[[], float]
    kept: dict[bytes, _Kept] = field(default_factory=dict)

    def put(self, what: Any, seconds: float) -> str:
        """Keep it under a new name."""
        while len(self.kept) >= self.most:
            del self.kept[next(iter(self.kept))]
        name = secrets.token_urlsafe(32)
        self.kept[_hash(name)] = _Kept(what, self.clock() + seconds)
        return name

    def get(self, name: str) -> Any:
        """What is kept under a name; None where there is nothing, or it is over."""
        found = self.kept.get(_hash(name))
        if found and found.over <= self.clock():
            found = self.kept.pop(_hash(name), None) and None
        return found.what if found else None

    def end(self, name: str) -> None:
        self.kept.pop(_hash(name), None)


def _hash(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()


@dataclass(slots=True)
class _SigningIn:
    """Somebody on the way to the provider and back."""

    session: dict[str, Any]
    """Of Authlib: state, nonce, what PKCE proves."""
    to: str
    """Where to go on."""


class SignIn:
    """Signs people in, and knows who did. `None` as configuration: nobody can."""

    def __init__(self, config: Oidc | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._config: Oidc | None = None
        self._client: Any = None
        self._sessions, self._signing_in = _Book(SESSIONS_MAX, clock), _Book(SIGNING_IN_MAX, clock)
        self.reload(config)

    def reload(self, config: Oidc | None) -> None:
        """Follow another configuration; where it is another, everybody signs in again. Raises ConfigurationError."""
        if config == self._config:
            return
        self._client = _client(config) if config else None
        self._config = config
        self._sessions.kept.clear()
        self._signing_in.kept.clear()

    @property
    def is_possible(self) -> bool:
        """Whether there is a provider."""
        return self._config is not None

    def person(self, headers: Mapping[str, str]) -> Person | None:
        """Who signed in, by the cookie of a request."""
        found: Person | None = self._sessions.get(_cookie(headers, SESSION))
        return found

    async def begin(self, request: Request) -> Response:
        """To the provider."""
        config = self._configured()
        started = _SigningIn({}, _local(request.query_params.get("to", "/")))
        response: Response = await self._asked(request, started, self._redirect_uri(request, config))
        name = self._signing_in.put(started, SIGN_IN_SECONDS)
        _set(response, SIGNING_IN, name, SIGN_IN_SECONDS, SIGN_IN, secure=_is_secure(request, config))
        return response

    async def _asked(self, request: Request, started: _SigningIn, redirect_uri: str) -> Response:
        request.scope["session"] = started.session
        with _provider_errors():
            metadata = await self._client.load_server_metadata()
            told = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
            metadata["id_token_signing_alg_values_supported"] = [each for each in told if each in ALGORITHMS]
            response: Response = await self._client.authorize_redirect(request, redirect_uri)
        return response

    async def end(self, request: Request) -> Response:
        """Back from the provider: a session of its own for who signed in."""
        config = self._configured()
        name = _cookie(request.headers, SIGNING_IN)
        started: _SigningIn | None = self._signing_in.get(name)
        if started is None:
            raise SignInError("this sign-in is over, or was begun in another browser: begin again")
        self._signing_in.end(name)
        claims = await self._claims(request, config, started)
        person = person_of(config, claims)
        logger.info("%s signed in: %s of %s", person.name, person.role, ", ".join(person.teams) or "all teams")
        self._sessions.end(_cookie(request.headers, SESSION))
        session = self._sessions.put(person, config.session_seconds)
        response = RedirectResponse(started.to, 303)
        secure = _is_secure(request, config)
        _set(response, SESSION, session, config.session_seconds, "/", secure=secure)
        _set(response, SIGNING_IN, "", 0, SIGN_IN, secure=secure)
        return response

    async def _claims(self, request: Request, config: Oidc, started: _SigningIn) -> Mapping[str, Any]:
        """Of the ID token, with those that only the provider's userinfo has."""
        request.scope["session"] = started.session
        options = {"iss": {"essential": True, "values": [config.issuer]}, "aud": {"essential": True, "values": [config.client_id]}}
        with _provider_errors():
            token = await self._client.authorize_access_token(request, claims_options=options)
            claims: dict[str, Any] = dict(token.get("userinfo") or {})
            if not claims.get("sub"):
                raise SignInError("the provider gave no ID token that says who it is")
            wanted = {config.name_claim, config.groups_claim, config.teams_claim} - {""}
            if not wanted <= claims.keys() and self._client.server_metadata.get("userinfo_endpoint"):
                more = dict(await self._client.userinfo(token=token))
                if more.get("sub") == claims["sub"]:
                    claims = {**more, **claims}
        return claims

    def leave(self, request: Request, to: str) -> Response:
        """End the session."""
        self._sessions.end(_cookie(request.headers, SESSION))
        response = RedirectResponse(to, 303)
        _set(response, SESSION, "", 0, "/", secure=_is_secure(request, self._configured()))
        return response

    def _configured(self) -> Oidc:
        if self._config is None:
            raise SignInError("nobody can sign in here: the configuration names no OpenID provider")
        return self._config

    @staticmethod
    def _redirect_uri(request: Request, config: Oidc) -> str:
        return f"{config.url or f'{request.url.scheme}://{request.url.netloc}'}{CALLBACK}"


def person_of(config: Oidc, claims: Mapping[str, Any]) -> Person:
    """Who somebody is, by what the provider says of them. Raises SignInError where nothing lets them in."""
    name = str(claims.get(config.name_claim) or claims["sub"])
    groups = _listed(claims.get(config.groups_claim))

    def is_in(patterns: Sequence[str]) -> bool:
        return any(matches(pattern, group) for pattern in patterns for group in groups)

    if is_in(config.operators):
        return Person(name=name, role="operator")
    if is_in(config.readers):
        return Person(name=name)
    teams = [team for group, found in config.teams.items() if is_in([group]) for team in found]
    teams += _listed(claims.get(config.teams_claim)) if config.teams_claim else []
    if not teams:
        raise SignInError(f"{name} signed in, but none of their groups or teams may look here: oidc in the configuration says which may")
    return Person(name=name, teams=tuple(dict.fromkeys(teams)))


def _listed(value: Any) -> list[str]:
    """Providers give one name as a text, and several as a list."""
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [each for each in values if isinstance(each, str) and each]


def _client(config: Oidc) -> Any:
    from authlib.integrations.starlette_client import OAuth  # noqa: PLC0415  (an extra)

    secret = None
    if config.client_secret_file:
        try:
            secret = config.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise ConfigurationError("configuration", [f"oidc.client_secret_file: cannot be read: {problem}"]) from None
    return OAuth().register(
        "spanledger",
        client_id=config.client_id,
        client_secret=secret,
        server_metadata_url=f"{config.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": " ".join(config.scopes),
            "code_challenge_method": "S256",
            "timeout": PROVIDER_SECONDS_MAX,
            **({} if secret else {"token_endpoint_auth_method": "none"}),
        },
    )


@contextmanager
def _provider_errors() -> Iterator[None]:
    """Whatever goes wrong with the provider, in words."""
    from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415  (an extra)
    from httpx2 import HTTPError  # noqa: PLC0415  (likewise)
    from joserfc.errors import JoseError  # noqa: PLC0415  (likewise)

    try:
        yield
    except (AuthlibBaseError, JoseError) as problem:
        said = getattr(problem, "description", "") or getattr(problem, "error", "") or type(problem).__name__
        raise SignInError(f"the sign-in did not succeed: {said}") from problem
    except (HTTPError, RuntimeError, ValueError, KeyError) as problem:
        raise ProviderAwayError(f"the OpenID provider does not answer as it should: {problem or type(problem).__name__}") from problem


def _cookie(headers: Mapping[str, str], name: str) -> str:
    found = SimpleCookie(headers.get("cookie", "")).get(name)
    return found.value if found else ""


def _set(response: Response, name: str, value: str, seconds: int, path: str, *, secure: bool) -> None:
    response.set_cookie(name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="lax")


def _is_secure(request: Request, config: Oidc) -> bool:
    return (config.url or request.url.scheme).startswith("https")


def _local(to: str) -> str:
    """An address of ours; whatever could lead elsewhere leads to the overview."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else "/"

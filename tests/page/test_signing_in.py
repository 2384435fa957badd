"""Signing in at an OpenID provider: the whole way with a real one, what lets whom see what, and what cannot be forged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from attribution.errors import ConfigurationError
from attribution.storage import Store
from collector.config import Config, Oidc
from collector.oidc import SESSION, SIGNING_IN, SignIn, SignInError, person_of
from collector.users import hashed
from tests.e2e.serving import free_port, http_client
from tests.page.conftest import Served

SETTINGS = {
    "client_id": "spanledger",
    "operators": ["finops"],
    "readers": ["audit*"],
    "teams": {"team-support": ["support"], "team-both": ["support", "sales"]},
    "teams_claim": "team",
}
BROWSER = {"Accept": "text/html"}


class Now:
    """A clock that is set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Now:
    return Now()


@pytest.fixture
def signing(filled: Store, provider: str, clock: Now, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The page for who signs in, and for one user with a password."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    users = [{"name": "robot", "password_scrypt": hashed("r")}]
    served = Served(filled, users, open_to_all=False, clock=clock, oidc={**SETTINGS, "issuer": provider})
    yield served
    served.close()


def authorized(address: str, who: str) -> str:
    """What the provider sends a browser back to."""
    with http_client() as http:
        answer = http.post(address, data={"sub": who})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def begin(served: Served, path: str = "/") -> str:
    """The address of the provider that a browser is led to."""
    sent = served.get(path, headers=BROWSER)
    assert sent.status_code == 303, sent.text
    led = served.get(sent.headers["location"])
    assert led.status_code == 302, led.text
    return str(led.headers["location"])


def sign_in(served: Served, who: str, path: str = "/") -> Any:
    served.client.cookies.clear()
    back = authorized(begin(served, path), who)
    return served.get(back.removeprefix("http://127.0.0.1"))


def test_who_signs_in_sees_what_its_groups_may(signing: Served) -> None:
    done = sign_in(signing, "sam", "/team?team=support&range=7d")
    assert (done.status_code, done.headers["location"]) == (303, "/team?team=support&range=7d")
    text = signing.text("/")
    assert "sam@example.com" in text
    assert 'action="/sign-out"' in text
    assert "support" in text
    assert "deal-desk" not in text
    assert signing.get("/pools").status_code == 200
    assert signing.get("/team?team=sales&section=by-agent&format=csv").text.count("\n") == 1
    sign_in(signing, "rita")
    assert "deal-desk" in signing.text("/") + signing.text("/workflow")


@pytest.mark.parametrize(
    ("claims", "role", "teams"),
    [
        ({"groups": ["finops", "team-support"]}, "operator", ()),
        ({"groups": "finops"}, "operator", ()),
        ({"groups": ["auditors"]}, "reader", ()),
        ({"groups": ["team-support"]}, "reader", ("support",)),
        ({"groups": ["team-both", "team-support"], "team": ["ops"]}, "reader", ("support", "sales", "ops")),
        ({"team": "ops"}, "reader", ("ops",)),
        ({"groups": ["finops-guests"]}, None, ()),
        ({"groups": [None, 7, ""]}, None, ()),
        ({"groups": {"finops": True}}, None, ()),
        ({"team": ""}, None, ()),
        ({}, None, ()),
    ],
)
def test_groups_and_claims_say_what_somebody_may(claims: dict[str, Any], role: str | None, teams: tuple[str, ...]) -> None:
    config = Oidc.model_validate({**SETTINGS, "issuer": "https://login.example.com"})
    if role is None:
        with pytest.raises(SignInError, match="x signed in, but none of their groups or teams may look here"):
            person_of(config, {"sub": "x", **claims})
        return
    person = person_of(config, {"sub": "x", **claims})
    assert (person.name, person.role, person.teams) == ("x", role, teams)


def test_a_session_is_a_cookie_that_scripts_do_not_see_and_that_ends(signing: Served, clock: Now) -> None:
    done = sign_in(signing, "olga")
    (cookie,) = [each for each in done.headers.get_list("set-cookie") if each.startswith(SESSION)]
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=28800"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert signing.get("/live").status_code == 200
    clock.seconds += 28_801
    assert signing.get("/live").status_code == 401
    sign_in(signing, "olga")
    value = signing.client.cookies[SESSION]
    left = signing.post("/sign-out", {})
    assert (left.status_code, left.headers["location"]) == (303, "/signed-out")
    assert "You are signed out here" in signing.text("/signed-out")
    signing.client.cookies.set(SESSION, value)
    assert signing.get("/live").status_code == 401, "the session itself is over, not only its cookie"
    assert signing.client.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_behind_tls_cookies_are_for_tls_alone(filled: Store, provider: str) -> None:
    served = Served(filled, open_to_all=False, oidc={**SETTINGS, "issuer": provider, "url": "https://costs.example.com"})
    led = served.get("/sign-in")
    served.close()
    assert parse_qs(urlsplit(led.headers["location"]).query)["redirect_uri"] == ["https://costs.example.com/sign-in/callback"]
    assert "; Secure" in led.headers["set-cookie"]
    assert "; Path=/sign-in;" in led.headers["set-cookie"]


def test_the_way_to_the_provider_proves_itself(signing: Served) -> None:
    asked = parse_qs(urlsplit(begin(signing)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 20
    assert asked["scope"] == ["openid profile email"]
    other = parse_qs(urlsplit(begin(signing)).query)
    assert all(asked[name] != other[name] for name in ("state", "nonce", "code_challenge"))


def test_what_was_begun_elsewhere_signs_nobody_in(signing: Served, clock: Now) -> None:
    back = authorized(begin(signing), "olga").removeprefix("http://127.0.0.1")
    name = signing.client.cookies[SIGNING_IN]
    signing.client.cookies.clear()
    other_browser = signing.get(back)
    assert (other_browser.status_code, "begun in another browser" in other_browser.text) == (403, True)
    signing.client.cookies.set(SIGNING_IN, name)
    other_state = signing.get(f"{back.partition('state=')[0]}state=forged")
    assert other_state.status_code == 403, other_state.text
    again = signing.get(back)
    assert again.status_code == 403, "a sign-in ends once, whichever way"
    late = authorized(begin(signing), "olga").removeprefix("http://127.0.0.1")
    clock.seconds += 601
    assert signing.get(late).status_code == 403
    assert SESSION not in signing.client.cookies


def test_who_has_no_group_of_ours_or_says_no_is_told_so(signing: Served) -> None:
    refused = sign_in(signing, "eve")
    assert (refused.status_code, "none of their groups or teams may look here" in refused.text) == (403, True)
    assert signing.get("/live").status_code == 401
    address = begin(signing)
    with http_client() as http:
        back = http.post(address, data={"action": "deny"}).headers["location"]
    denied = signing.get(back.removeprefix("http://127.0.0.1"))
    assert (denied.status_code, "the sign-in did not succeed" in denied.text) == (403, True)


def test_only_pages_that_somebody_looks_at_lead_to_the_provider(signing: Served) -> None:
    assert signing.get("/", headers={"Accept": "*/*"}).status_code == 401
    assert signing.get("/", headers={**BROWSER, "Sec-Fetch-Mode": "cors"}).status_code == 401
    assert signing.get("/", headers={**BROWSER, "Sec-Fetch-Mode": "navigate"}).status_code == 303
    assert signing.post("/disputes", {"team": "support"}).status_code == 401
    assert signing.get("/", auth=("robot", "r")).status_code == 200
    assert signing.get("/", auth=("robot", "x"), headers=BROWSER).status_code == 401
    assert signing.get("/", headers={"Cookie": f'{SESSION}="; broken', **BROWSER}).status_code == 303


@pytest.mark.parametrize("to", ["https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "evil", "/\tx"])
def test_nobody_is_led_elsewhere_after_signing_in(signing: Served, to: str) -> None:
    led = signing.get("/sign-in", params={"to": to})
    done = signing.get(authorized(led.headers["location"], "olga").removeprefix("http://127.0.0.1"))
    assert done.headers["location"] == "/"


def test_a_provider_that_is_away_is_told_so(filled: Store) -> None:
    served = Served(filled, open_to_all=False, oidc={**SETTINGS, "issuer": f"http://127.0.0.1:{free_port()}"})
    answer = served.get("/sign-in")
    served.close()
    assert (answer.status_code, "the OpenID provider does not answer as it should" in answer.text) == (502, True)


def test_an_issuer_that_its_tokens_do_not_name_signs_nobody_in(filled: Store, provider: str) -> None:
    served = Served(filled, open_to_all=False, oidc={**SETTINGS, "issuer": f"{provider}/"})
    done = sign_in(served, "olga")
    served.close()
    assert (done.status_code, "the sign-in did not succeed" in done.text) == (403, True), done.text
    assert SESSION not in served.client.cookies


def test_another_configuration_ends_all_sessions(signing: Served, provider: str) -> None:
    sign_in(signing, "olga")
    config = Oidc.model_validate({**SETTINGS, "issuer": provider})
    signing.sign_in.reload(config)
    assert signing.get("/live").status_code == 200, "the same one changes nothing"
    signing.sign_in.reload(config.model_copy(update={"operators": ()}))
    assert signing.get("/live").status_code == 401


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"issuer": "login.example.com"}, "oidc.issuer"),
        ({"url": "https://costs.example.com/page"}, "oidc.url"),
        ({"scopes": ["email"]}, "openid must be among them"),
        ({"session_seconds": 1}, "oidc.session_seconds"),
        ({"operators": [], "readers": [], "teams": {}, "teams_claim": ""}, "without one of them nobody may look"),
        ({"secret": "x"}, "oidc.secret"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_refused(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        Config.parse({"oidc": {**SETTINGS, "issuer": "https://login.example.com", **change}})


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    kept = tmp_path / "secret"
    config = Oidc.model_validate({**SETTINGS, "issuer": "https://login.example.com", "client_secret_file": str(kept)})
    with pytest.raises(ConfigurationError, match=r"oidc.client_secret_file: cannot be read"):
        SignIn(config)
    kept.write_text("hush\n", encoding="utf-8")
    assert SignIn(config)._client.client_secret == "hush"

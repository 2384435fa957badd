"""Passwords of users: how they are kept and tried."""

from __future__ import annotations

import base64

import pytest

from collector import users as module
from collector.config import User
from collector.users import NOBODY, Users, basic_credentials, hashed, matches
from tests.e2e.serving import COMMAND, run

KEPT = hashed("pässword: with a colon")


def test_a_password_matches_what_was_kept_of_it_only() -> None:
    assert matches("pässword: with a colon", KEPT)
    assert not matches("pässword: with a colon ", KEPT)
    assert not matches("", KEPT)
    assert hashed("x") != hashed("x"), "salted"
    assert not matches("", NOBODY)


@pytest.mark.parametrize("kept", ["scrypt:3:8:1:00:00", "scrypt:1073741824:8:1:00:00", "scrypt:0:0:0:00:00"])
def test_figures_that_scrypt_does_not_take_match_nothing(kept: str) -> None:
    assert not matches("x", kept)


def test_figures_of_rfc_7914_match() -> None:
    """Section 12: "pleaseletmein", "SodiumChloride", N 16384, r 8, p 1."""
    known = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    assert matches("pleaseletmein", f"scrypt:16384:8:1:{b'SodiumChloride'.hex()}:{known}")


def test_what_was_right_once_is_not_tried_again_until_the_users_change(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    monkeypatch.setattr(module, "matches", lambda password, kept: tried.append(password) or matches(password, kept))
    users = Users([User(name="ada", password_scrypt=KEPT)])
    authorization = "Basic " + base64.b64encode("ada:pässword: with a colon".encode()).decode()
    for _ in range(3):
        found = users.basic(authorization)
        assert found
        assert found.name == "ada"
    assert len(tried) == 1
    assert users.check("ada", "wrong") is None
    assert users.check("eve", "wrong") is None, "tried as well, so that the time tells nothing"
    assert len(tried) == 3
    users.reload([User(name="ada", password_scrypt=hashed("other"))])
    assert users.basic(authorization) is None


def test_only_basic_names_a_user() -> None:
    assert basic_credentials("Basic " + base64.b64encode(b"a:b:c").decode()) == ("a", "b:c")
    for header in ("", "Basic", "Basic !!", "Bearer x", "Basic " + base64.b64encode(b"nocolon").decode()):
        assert basic_credentials(header) is None


def test_the_command_prints_what_the_configuration_keeps() -> None:
    done = run(*COMMAND, "config", "password", said="secret\n")
    assert matches("secret", done.stdout.strip())
    assert run(*COMMAND, "config", "password", said="\n").returncode == 2

"""An OpenID provider to sign in at: `oidc-provider-mock`, which does not look at PKCE, with a look at PKCE. Run it with a port."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import flask
    import oidc_provider_mock
    import werkzeug.serving

USERS = {
    "olga": {"email": "olga@example.com", "groups": ["finops", "everybody"]},
    "rita": {"email": "rita@example.com", "groups": ["auditors"]},
    "sam": {"email": "sam@example.com", "groups": ["team-support", "everybody"]},
    "kim": {"email": "kim@example.com", "team": "sales"},
    "eve": {"email": "eve@example.com", "groups": ["everybody"]},
}


def made() -> flask.Flask:
    """The provider; a token is given only for what was sent with its challenge, and told of in `/asked`."""
    oidc_provider_mock._app.AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]
    app = oidc_provider_mock.app(
        require_nonce=True, user_claims=[oidc_provider_mock.User(sub=name, claims=claims) for name, claims in USERS.items()]
    )
    challenges: list[str] = []

    @app.before_request
    def proves() -> tuple[str, int] | None:
        if flask.request.path == "/asked":
            return json.dumps(challenges), 200
        if flask.request.path == "/oauth2/authorize":
            asked = flask.request.args
            if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge") or not asked.get("state"):
                return "no PKCE", 400
            challenges.append(asked["code_challenge"])
        if flask.request.path == "/oauth2/token":
            digest = hashlib.sha256(flask.request.form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() not in challenges:
                return json.dumps({"error": "invalid_grant", "error_description": "the verifier proves nothing"}), 400
        return None

    return app


if __name__ == "__main__":
    werkzeug.serving.run_simple("localhost", int(sys.argv[1]), made(), threaded=True)

"""The smallest tool that a platform can be tried with: it checks what it must, and shows what it was told."""

from __future__ import annotations

import html
import json
import secrets
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, redirect, request
from jwt.algorithms import RSAAlgorithm
from werkzeug.wrappers import Response

DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"


@cache
def first_key() -> rsa.RSAPrivateKey:
    """The key with which every fake tool starts: making one takes longer than most tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class FakeTool:
    """Keys, one Flask app with /lti/login, /lti/launch and /lti/jwks, and the JWTs that a tool signs."""

    def __init__(self, url: str, platform: str, platform_jwks: Callable[[], Mapping[str, Any]]) -> None:
        self.url, self.platform, self.platform_jwks = url, platform, platform_jwks
        self.token_audience = f"{platform}/lti/token"
        self.pending: dict[str, str] = {}
        self.launches: list[dict[str, Any]] = []
        self.content_items: list[dict[str, Any]] = []
        self.key, self.kid = first_key(), "first"
        self.app = Flask("fake_tool")
        self.app.add_url_rule("/lti/login", view_func=self.login, methods=["GET", "POST"])
        self.app.add_url_rule("/lti/launch", view_func=self.launch, methods=["POST"])
        self.app.add_url_rule("/lti/jwks", view_func=self.jwks)

    def rotate_key(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = secrets.token_hex(4)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [{**json.loads(RSAAlgorithm.to_jwk(self.key.public_key())), "kid": self.kid, "use": "sig"}]}

    def login(self) -> Response:
        state, nonce = secrets.token_urlsafe(8), secrets.token_urlsafe(8)
        self.pending[state] = nonce
        asked = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
        asked |= {"redirect_uri": f"{self.url}/lti/launch", "state": state, "nonce": nonce}
        asked |= {name: request.values[name] for name in ("client_id", "login_hint", "lti_message_hint")}
        return redirect(f"{self.platform}/lti/auth?{urlencode(asked)}")

    def launch(self) -> str:
        token = request.form["id_token"]
        keys = {one["kid"]: jwt.PyJWK(one).key for one in self.platform_jwks()["keys"]}
        kid = jwt.get_unverified_header(token)["kid"]
        claims = jwt.decode(token, keys[kid], ["RS256"], audience="proximal-demo", issuer=self.platform)
        assert claims["nonce"] == self.pending.pop(request.form["state"])
        self.launches.append(claims)
        if claims[LTI + "message_type"] == "LtiDeepLinkingRequest":
            return self.picker(claims[DEEP_LINKING + "deep_linking_settings"])
        return f"<!doctype html><title>Tool</title><h1>Hello {html.escape(claims['name'])}</h1>"

    def picker(self, settings: dict[str, Any]) -> str:
        token = self.deep_link_response(settings)
        return (
            f"<form method=post action='{settings['deep_link_return_url']}'><input name=JWT value='{token}'><button>Add"
        )

    def sign(self, **claims: Any) -> str:
        now = int(time.time())
        standard = {"iss": "proximal-demo", "aud": self.platform, "iat": now, "exp": now + 60}
        kept = {name: value for name, value in {**standard, **claims}.items() if value is not None}
        return jwt.encode(kept, self.key, "RS256", headers={"kid": self.kid})

    def deep_link_response(self, settings: dict[str, Any], **changes: Any) -> str:
        body = {"message_type": "LtiDeepLinkingResponse", "version": "1.3.0", "deployment_id": "1"}
        claims = {LTI + name: value for name, value in body.items()} | {"nonce": secrets.token_urlsafe(8)}
        claims |= {DEEP_LINKING + "content_items": self.content_items, DEEP_LINKING + "data": settings.get("data")}
        return self.sign(**claims | changes)

    def token_request(self, scope: str, **changes: Any) -> dict[str, str]:
        claims = {"sub": "proximal-demo", "aud": self.token_audience, "jti": secrets.token_urlsafe(8)}
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.sign(**claims | changes),
            "scope": scope,
        }

"""Administrators who sign in with an OpenID Connect provider.

A module of its own, imported only where `admin_sign_in` is "oidc": Authlib costs a web process 0.1 s and 11 MB.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from lti_tool.config import Settings
from lti_tool.lti.network.origins import is_loopback
from lti_tool.services.admin.access.identity import Identity, LoginSecrets, SignInRefused, as_list, groups_of

TIMEOUT_SECONDS: Final = 10
METADATA_SECONDS: Final = 3600
LEEWAY_SECONDS: Final = 60
SIGNATURES: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Whatever a provider offers: never one with a shared secret, never "none"."""


class IdentityProvider:
    """An OpenID Connect provider: authorization code flow with PKCE (RFC 7636), signatures by its published keys."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._metadata: Mapping[str, Any] = {}
        self._read_at = float("-inf")

    @property
    def callback(self) -> str:
        """Our redirect URI."""
        return f"{self._settings.base_url}/admin/sign-in/callback"

    def authorization_url(self, login: LoginSecrets) -> str:
        """Where the browser goes to sign in. Raises `SignInRefused` if the provider can't be asked how."""
        url, _ = self._client().create_authorization_url(
            self._described()["authorization_endpoint"],
            state=login.state,
            nonce=login.nonce,
            code_verifier=login.code_verifier,
        )
        return str(url)

    def identify(self, callback_query: str, login: LoginSecrets) -> Identity:
        """Exchange the code that came back for who signed in. Raises `SignInRefused`."""
        issuer, answered = self._described()["issuer"], parse_qs(callback_query)
        if "error" in answered:
            raise SignInRefused("sign-in-failed", f"The provider said: {answered['error'][0][:64]}")
        if answered.get("iss", [issuer]) != [issuer]:  # RFC 9207
            raise SignInRefused("sign-in-failed", "The answer names another issuer.")
        client = self._client()
        try:
            token = client.fetch_token(
                self._described()["token_endpoint"],
                authorization_response=f"{self.callback}?{callback_query}",
                state=login.state,
                code_verifier=login.code_verifier,
            )
            claims = self._claims(token, login.nonce)
            claims |= self._user_info(client, claims)
        except (AuthlibBaseError, JoseError, requests.RequestException, KeyError, ValueError) as error:
            raise SignInRefused("sign-in-failed", f"{type(error).__name__}: {_without_values(error)}") from None
        return Identity(
            issuer=issuer,
            subject=str(claims["sub"])[:255],
            name=str(claims.get("name") or claims.get("preferred_username") or claims.get("email") or claims["sub"]),
            groups=groups_of(claims.get(self._settings.admin_oidc_groups_claim)),
            id_token=token["id_token"],
        )

    def sign_out_url(self, id_token: str | None) -> str | None:
        """Where the provider's own session ends (RP-Initiated Logout 1.0); None: it has no such place."""
        try:
            endpoint = self._described().get("end_session_endpoint")
        except SignInRefused:
            return None
        if not endpoint:
            return None
        query = {
            "client_id": self._settings.admin_oidc_client_id,
            "post_logout_redirect_uri": f"{self._settings.base_url}/admin/signed-out",
        }
        if id_token:
            query["id_token_hint"] = id_token
        return requests.Request("GET", str(endpoint), params=query).prepare().url

    def _claims(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        described = self._described()
        with self._client() as client:
            answer = client.request("GET", described["jwks_uri"], withhold_token=True)
            answer.raise_for_status()
        read = jwt.decode(
            token["id_token"],
            key=KeySet.import_key_set(answer.json()),
            registry=JWSRegistry(algorithms=SIGNATURES, strict_check_header=False),
        )
        claims = CodeIDToken(
            read.claims,
            read.header,
            {"iss": {"essential": True, "value": described["issuer"]}},
            {
                "nonce": nonce,
                "client_id": self._settings.admin_oidc_client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY_SECONDS)
        if self._settings.admin_oidc_client_id not in as_list(claims["aud"]):
            raise SignInRefused("sign-in-failed", "The ID token is for somebody else.")
        return dict(claims)

    def _user_info(self, client: OAuth2Session, claims: Mapping[str, Any]) -> dict[str, Any]:
        """What providers keep out of the ID token: groups and names."""
        endpoint = self._described().get("userinfo_endpoint")
        if not endpoint or (claims.get("name") and self._settings.admin_oidc_groups_claim in claims):
            return {}
        answer = client.get(endpoint)
        answer.raise_for_status()
        found = answer.json()
        if found.get("sub") != claims["sub"]:  # OpenID Connect Core, 5.3.2: else another's data is put under this name
            raise SignInRefused("sign-in-failed", "The user info is about somebody else.")
        return {name: value for name, value in found.items() if name not in claims}

    def _client(self) -> OAuth2Session:
        settings = self._settings
        client = OAuth2Session(
            settings.admin_oidc_client_id,
            settings.admin_oidc_client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if settings.admin_oidc_client_secret else "none",
            scope=settings.admin_oidc_scopes,
            redirect_uri=self.callback,
            code_challenge_method="S256",
            default_timeout=TIMEOUT_SECONDS,
        )
        client.trust_env = False
        client.verify = settings.ca_file or True
        return client

    def _described(self) -> Mapping[str, Any]:
        """The provider's metadata (OpenID Connect Discovery 1.0), read anew each hour."""
        with self._lock:
            if time.monotonic() - self._read_at > METADATA_SECONDS:
                self._metadata, self._read_at = self._read(), time.monotonic()
            return self._metadata

    def _read(self) -> Mapping[str, Any]:
        issuer = self._settings.admin_oidc_issuer
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            with self._client() as client:
                answer = client.request("GET", url, withhold_token=True, allow_redirects=False)
                answer.raise_for_status()
                found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise SignInRefused("provider-silent", f"{url}: {type(error).__name__}") from None
        if found.get("issuer") != issuer:
            raise SignInRefused("provider-silent", f"{url} describes the issuer {found.get('issuer')!r}.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not self._is_safe(str(found.get(name, ""))):
                raise SignInRefused("provider-silent", f"{url}: {name} is no https address.")
        return dict(found)

    def _is_safe(self, url: str) -> bool:
        return url.startswith("https://") or (
            self._settings.allow_http_on_loopback and url.startswith("http://") and is_loopback(url)
        )

    @property
    def origin(self) -> str:
        """Where its pages stand, for our Content-Security-Policy."""
        parts = urlsplit(self._settings.admin_oidc_issuer)
        return f"{parts.scheme}://{parts.netloc}"


def _without_values(error: Exception) -> str:
    """The provider's error code, without a description that may name somebody."""
    return str(getattr(error, "error", ""))[:64]

"""A small OAuth client for these tests, independent of the package's own."""

from __future__ import annotations

import base64
import hashlib
import secrets
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import jwt

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant

ORIGIN = "http://localhost:8888"
API = "https://notes.example.com/"


class Clock:
    def __init__(self) -> None:
        self.now = 1_750_000_000.0

    def __call__(self) -> float:
        return self.now


def http_client(tenant: LocalTenant) -> httpx.Client:
    """A client for plain http, which is made fast because it loads no certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Long, because the machine that runs the tests may be busy.
    return httpx.Client(base_url=tenant.url, verify=context, trust_env=False, timeout=60)


class Notebook:
    def __init__(self, tenant: LocalTenant) -> None:
        self.tenant = tenant
        self.verifier = secrets.token_urlsafe(32)
        # One client for all requests: httpx.get and its like load certificates each time.
        self.http = http_client(tenant)

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def authorize_url(self, **changes: str | None) -> str:
        parameters: dict[str, str | None] = {
            "client_id": self.tenant.client_id,
            "response_type": "code",
            "response_mode": "web_message",
            "redirect_uri": ORIGIN,
            "scope": "openid profile email",
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        parameters |= changes
        kept = {key: value for key, value in parameters.items() if value is not None}
        return f"{self.tenant.url}/authorize?{urlencode(kept)}"

    def code(self, email: str = "ada@example.com", **changes: str | None) -> str:
        code: str = self.tenant.sign_in(self.authorize_url(**changes), email)["code"]
        return code

    def post(self, **parameters: str | None) -> httpx.Response:
        all_of_them = {"client_id": self.tenant.client_id, **parameters}
        kept = {key: value for key, value in all_of_them.items() if value is not None}
        return self.http.post("/oauth/token", data=kept)

    def redeem(self, code: str, /, **changes: str | None) -> httpx.Response:
        parameters: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": ORIGIN,
            "code_verifier": self.verifier,
        }
        return self.post(**(parameters | changes))

    def log_in(self, email: str = "ada@example.com", **changes: str | None) -> dict[str, Any]:
        response = self.redeem(self.code(email, **changes))
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        return tokens

    def refresh(self, refresh_token: str, **changes: str | None) -> httpx.Response:
        parameters: dict[str, str | None] = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        return self.post(**(parameters | changes))

    def userinfo(self, access_token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.http.get("/userinfo", headers=headers)

    def claims(self, token: str, audience: str | None = None) -> dict[str, Any]:
        keys = {key["kid"]: key for key in self.tenant.jwks["keys"]}
        key = jwt.PyJWK(keys[jwt.get_unverified_header(token)["kid"]])
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=audience or self.tenant.client_id,
            issuer=self.tenant.issuer,
            # The clock of these tests stands still in the past.
            options={"verify_exp": False, "verify_iat": False},
        )
        return claims


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["error"], body["error_description"]

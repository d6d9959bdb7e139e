"""The part of JupyterHub's API that a user's server may use.

`make test-hub` uses a real JupyterHub. This one starts at once, and can send wrong responses.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx

if TYPE_CHECKING:
    from typing_extensions import Self

    from auth0_widget.local_tenant import LocalTenant

ADA, GRACE = "ada@example.com", "grace@example.com"
SCOPES = ("access:servers!server={user}/", "admin:auth_state!user={user}")


VERIFIER = "a-verifier-of-this-hub-and-of-nobody-else-here"


def token_response(
    tenant: LocalTenant, email: str = ADA, *, audience: str | None = None
) -> dict[str, Any]:
    """The tenant's token response to the hub after a login of this person."""
    redirect_uri = tenant.application.callbacks[0]
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    code = tenant.issue_code(
        email,
        nonce=None,
        code_challenge=base64.urlsafe_b64encode(digest).decode().rstrip("="),
        redirect_uri=redirect_uri,
        scope="openid profile email",
        audience=audience,
    )
    form = {
        "grant_type": "authorization_code",
        "client_id": tenant.client_id,
        "code": code,
        "code_verifier": VERIFIER,
        "redirect_uri": redirect_uri,
    }
    response = httpx.post(f"{tenant.url}/oauth/token", data=form, trust_env=False)
    return dict(response.raise_for_status().json())


@dataclass
class Hub:
    """The API for one test.

    Attributes:
        auth_states: User → the ``auth_state`` that the hub keeps of their login.
        scopes: The scopes of each server's token.
        owners: Token → the user to whose server it was given.
        instead: Path → a response in place of the right one: (status, body, headers).
        requests: (path, Authorization header) of each request.
    """

    auth_states: dict[str, Any] = field(default_factory=dict)
    scopes: tuple[str, ...] = SCOPES
    owners: dict[str, str] = field(
        default_factory=lambda: {"token-of-ada": ADA, "token-of-grace": GRACE}
    )
    instead: dict[str, tuple[int, str, dict[str, str]]] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    def log_in(
        self, tenant: LocalTenant, email: str = ADA, *, audience: str | None = None
    ) -> dict[str, Any]:
        """Log this person in to the hub, which keeps the same ``auth_state`` as oauthenticator."""
        response = token_response(tenant, email, audience=audience)
        self.keep(email, response)
        return response

    def keep(self, email: str, response: dict[str, Any]) -> None:
        """Keep this token response for this user."""
        named = {name: response.get(name) for name in ("access_token", "id_token")}
        self.auth_states[email] = {**named, "refresh_token": "the-refresh-token"} | {
            "token_response": {**response, "refresh_token": "the-refresh-token"}
        }

    def environment(self, email: str = ADA) -> dict[str, str]:
        """The environment variables of this person's server."""
        (token,) = [token for token, owner in self.owners.items() if owner == email]
        return {
            "JUPYTERHUB_API_URL": f"{self.url}/hub/api",
            "JUPYTERHUB_API_TOKEN": token,
            "JUPYTERHUB_USER": email,
        }

    def _answer(self, path: str, authorization: str | None) -> tuple[int, str, dict[str, str]]:
        self.requests.append((path, authorization))
        if path in self.instead:
            return self.instead[path]
        owner = self.owners.get((authorization or "").removeprefix("token "))
        if owner is None:
            return 403, json.dumps({"status": 403, "message": "Missing or invalid credentials"}), {}
        if path == "/hub/api/user":
            scopes = [scope.format(user=owner) for scope in self.scopes]
            return 200, json.dumps({"kind": "user", "name": owner, "scopes": scopes}), {}
        asked = unquote(path.removeprefix("/hub/api/users/"))
        if asked != owner or "admin:auth_state!user={user}" not in self.scopes:
            return 404, json.dumps({"status": 404, "message": "No access to resources"}), {}
        return 200, json.dumps({"name": owner, "auth_state": self.auth_states.get(owner)}), {}

    @property
    def url(self) -> str:
        """The hub's origin."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body, headers = hub._answer(self.path, self.headers.get("Authorization"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

"""The API of the JupyterHub that has started this server, asked with the server's own token.

The token that JupyterHub gives each server may say whose it is, and little more. For what the hub
keeps of its user's login it needs the scope ``admin:auth_state!user``, which is the narrowest there
is (JupyterHub docs, "Scopes in JupyterHub"). The answer holds a refresh token, too, which nobody
here looks at.
"""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from auth0_widget.base.redaction import Secret, without_frames
from auth0_widget.base.strict_json import json_object
from auth0_widget.errors import (
    HubAuthStateError,
    HubError,
    HubScopeError,
    HubTokenError,
    HubUserError,
    NoHubError,
    TenantDownError,
)
from auth0_widget.oauth.responses import MAX_RESPONSE
from auth0_widget.oauth.transport import Transport

SCOPE = "admin:auth_state"
_NOT_ALLOWED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class HubApi:
    """The hub's API, as the environment names it now.

    Raises:
        NoHubError: The environment names none.
    """

    def __init__(self) -> None:
        url = urlsplit(os.environ.get("JUPYTERHUB_API_URL", ""))
        token = os.environ.get("JUPYTERHUB_API_TOKEN")
        self._user = os.environ.get("JUPYTERHUB_USER")
        if url.scheme not in {"http", "https"} or not url.netloc or not token or not self._user:
            raise NoHubError
        self._token, self._path = Secret(token), url.path.rstrip("/")
        self._transport = Transport(f"{url.scheme}://{url.netloc}", "JupyterHub")

    @without_frames
    def auth_state(self) -> dict[str, Any]:
        """What the hub keeps of the login of this server's owner; not yet verified.

        Raises:
            HubTokenError: It does not take this server's token.
            HubUserError: The token is that of another person's server.
            HubScopeError: The token may not read it.
            HubAuthStateError: It keeps nothing.
            HubError: It answered nonsense.
            UnreachableError: It could not be asked.
        """
        try:
            owner = self._get("/user", HubTokenError)
            if owner.get("name") != self._user:
                raise HubUserError
            scopes = owner.get("scopes")
            named = scopes if isinstance(scopes, list) else []
            if not any(str(one).partition("!")[0] == SCOPE for one in named):
                raise HubScopeError
            user = self._get(f"/users/{quote(str(self._user), safe='')}", HubScopeError)
        finally:
            self._transport.close()
        if user.get("name") != self._user:
            raise HubUserError
        if "auth_state" not in user:
            raise HubScopeError
        state = user["auth_state"]
        if not isinstance(state, dict):
            raise HubAuthStateError
        return state

    def _get(self, path: str, refused: type[HubError]) -> dict[str, Any]:
        headers = {"Authorization": f"token {self._token.reveal()}"}
        response = self._transport.request("GET", f"{self._path}{path}", headers=headers)
        if response.status in _NOT_ALLOWED or response.status == HTTPStatus.NOT_FOUND:
            raise refused
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TenantDownError(
                f"JupyterHub has a problem of its own (HTTP {response.status}).",
                next_step="Try again in a minute; if it persists, tell whoever runs the hub.",
            )
        answer = json_object(response.body, limit=MAX_RESPONSE, lone_surrogates=True)
        if response.status != HTTPStatus.OK or answer is None:
            raise HubError(
                f"Something else than JupyterHub seems to have answered (HTTP {response.status})."
            )
        return answer

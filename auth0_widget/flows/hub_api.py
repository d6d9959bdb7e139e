"""The API of the JupyterHub that started this server, with the server's own token.

By default this token may read little more than the name of its user. To read what the hub stores of
the user's login, it needs the scope ``admin:auth_state!user``, which is the narrowest one
(JupyterHub docs, "Scopes in JupyterHub"). The response also contains a refresh token, which is not
used here.
"""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from auth0_widget.base.characters import is_visible_ascii
from auth0_widget.base.forks import forks_deferred
from auth0_widget.base.origins import is_web_origin
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
    UnreachableError,
)
from auth0_widget.oauth.responses import MAX_RESPONSE

SCOPE = "admin:auth_state"
_NO_ADDRESS = "JUPYTERHUB_API_URL is not the address of a JupyterHub's API."
_IF_UNREACHABLE = (
    "The hub may be starting again: try again in a minute; if it persists, tell whoever runs it."
)
_NOT_ALLOWED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class HubApi:
    """The API of the hub that the environment variables name.

    Raises:
        NoHubError: They name none, or the address is not that of an API.
    """

    def __init__(self) -> None:
        with forks_deferred():
            from auth0_widget.oauth.transport import Transport  # noqa: PLC0415 - it imports httpx

        address = os.environ.get("JUPYTERHUB_API_URL")
        token = os.environ.get("JUPYTERHUB_API_TOKEN")
        self._user = os.environ.get("JUPYTERHUB_USER")
        if not address or not token or not self._user:
            raise NoHubError
        origin, path = _parts_of(address)
        self._token, self._path = Secret(token), path.rstrip("/")
        # The API is inside the hub's own network; a proxy would see the token.
        self._transport = Transport(origin, "JupyterHub", may_use_proxy=False)

    @without_frames
    def auth_state(self) -> dict[str, Any]:
        """The hub's ``auth_state`` of the owner of this server. It is not yet verified.

        Raises:
            HubTokenError: The hub refused this server's token, or no request could contain it.
            HubUserError: The token is that of another person's server.
            HubScopeError: The token lacks the scope.
            HubAuthStateError: The hub stores nothing.
            HubError: The response is not that of a hub.
            UnreachableError: The hub could not be asked.
        """
        if not is_visible_ascii(self._token.reveal()):
            raise HubTokenError("JUPYTERHUB_API_TOKEN has characters that no token has.")
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

    def _get(self, path: str, refusal: type[HubError]) -> dict[str, Any]:
        headers = {"Authorization": f"token {self._token.reveal()}"}
        try:
            response = self._transport.request("GET", f"{self._path}{path}", headers=headers)
        except UnreachableError as error:
            raise type(error)(error.message, next_step=_IF_UNREACHABLE) from None
        # The hub hides other users behind this status. It hides no server's own user.
        hidden = response.status == HTTPStatus.NOT_FOUND and refusal is HubScopeError
        if response.status in _NOT_ALLOWED or hidden:
            raise refusal
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TenantDownError(
                f"JupyterHub reports a server error (HTTP {response.status}).",
                next_step="Try again in a minute; if it persists, tell whoever runs the hub.",
            )
        content = json_object(response.body, limit=MAX_RESPONSE, lone_surrogates=True)
        if response.status != HTTPStatus.OK or content is None:
            raise HubError(f"The response is not that of a JupyterHub (HTTP {response.status}).")
        return content


def _parts_of(address: str) -> tuple[str, str]:
    """The origin and the path of the API's address."""
    try:
        url = urlsplit(address)
    except ValueError:  # such as an IPv6 address without its second bracket
        raise NoHubError(_NO_ADDRESS) from None
    origin = f"{url.scheme}://{url.netloc.lower()}"
    if not is_web_origin(origin):
        raise NoHubError(_NO_ADDRESS)
    return origin, url.path

"""Where an authorization response may be sent, and how it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import redirect

from auth0_widget.local_tenant.model import Application, origin_of
from auth0_widget.local_tenant.pages import error_page, page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.server import Params

RESPONSE_MODES = {"query", "web_message"}


@dataclass(frozen=True)
class FrontChannel:
    """The application, the callback and the response mode of a request, after they were checked."""

    context: Context
    client: Application
    redirect_uri: str
    mode: str
    state: str | None

    @property
    def origin(self) -> str:
        """The web origin of the callback."""
        return origin_of(self.redirect_uri)

    def respond(self, **parameters: str) -> Response:
        """The authorization response (RFC 6749 4.1.2) in the requested mode."""
        if self.state is not None:
            parameters["state"] = self.state
        content = self.context.hooks.apply("/authorize", parameters)
        if self.mode == "web_message":
            # Only a page of the callback's origin may read the message (draft-sakimura-oauth-wmrm)
            # or show this page in a frame.
            return page(
                "web_message.html",
                frame_ancestors=self.origin,
                origin=self.origin,
                message={"type": "authorization_response", "response": content},
                application=self.client.name,
            )
        parts = urlsplit(self.redirect_uri)
        query = "&".join(filter(None, (parts.query, urlencode(content))))
        response = redirect(urlunsplit(parts._replace(query=query)))
        response.headers["Cache-Control"] = "no-store"
        return response

    def refuse(self, error: str, description: str) -> Response:
        """An authorization error response (RFC 6749 4.1.2.1)."""
        return self.respond(error=error, error_description=description)


def open_front_channel(context: Context, params: Params) -> FrontChannel | Response:
    """The front channel that a request names, or an error page if it is not allowed.

    The tenant never redirects to a callback that is not allowed. For ``web_message`` the callback's
    origin must also be among the Allowed Web Origins (Auth0 docs, "Application Settings"; auth0.js
    issue 610).
    """
    client_id = params.get("client_id")
    if not client_id:
        return error_page("invalid_request", "Missing required parameter: client_id", status=400)
    client = context.settings.application(client_id)
    if client is None:
        return error_page("invalid_request", f"Unknown client: {client_id}", status=403)
    redirect_uri = params.get("redirect_uri") or client.get_default_redirect_uri() or ""
    if not client.check_redirect_uri(redirect_uri):
        description = (
            "Callback URL mismatch. "
            f"{redirect_uri!r} is not in the list of allowed callback URLs of {client.name!r}."
        )
        return error_page("invalid_request", description, status=403, hint="callback")
    mode = params.get("response_mode", "query")
    channel = FrontChannel(context, client, redirect_uri, mode, params.get("state"))
    if mode not in RESPONSE_MODES:
        return error_page("invalid_request", f"Unsupported response_mode: {mode}", status=400)
    if mode == "web_message" and channel.origin not in client.web_origins:
        description = (
            f"The specified redirect_uri '{redirect_uri}' does not have a registered origin."
        )
        return error_page("invalid_request", description, status=400, hint="web_origin")
    return channel

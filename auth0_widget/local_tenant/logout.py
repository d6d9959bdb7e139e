"""``/v2/logout``: the end of the single sign-on session (Auth0 docs, "Log Users Out of Auth0")."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from flask import Blueprint, redirect, request

from auth0_widget.local_tenant.pages import error_page, page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from auth0_widget.local_tenant.context import Context


def blueprint(context: Context) -> Blueprint:
    """The route ``/v2/logout``."""
    routes = Blueprint("logout", __name__)

    @routes.get("/v2/logout")
    def logout() -> Response:
        allowed = context.settings.logout_urls
        client_id = request.args.get("client_id")
        if client_id is not None:
            client = context.settings.application(client_id)
            if client is None:
                return error_page("invalid_request", f"Unknown client: {client_id}", status=400)
            allowed = client.logout_urls
        target = request.args.get("returnTo")
        if target is not None and not is_allowed(target, allowed):
            description = (
                f"The 'returnTo' querystring parameter '{target}' is not defined as a valid URL "
                "in 'Allowed Logout URLs'."
            )
            return error_page("invalid_request", description, status=400, hint="logout")
        if target is None and client_id is not None and allowed:
            target = allowed[0]
        response = page("logged_out.html") if target is None else redirect(target)
        context.sessions.end(request, response)
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def is_allowed(target: str, allowed: list[str]) -> bool:
    """Whether the browser may be redirected there.

    Everything but query and fragment must be equal to an allowed URL (Auth0 docs, "Redirect Users
    with Alternative Logout"). So a URL that browsers read differently, such as ``//evil`` or one
    with a backslash, is refused.
    """
    try:
        bare = urlunsplit(urlsplit(target)._replace(query="", fragment=""))
    except ValueError:
        return False
    return bare in allowed and target.startswith(bare)

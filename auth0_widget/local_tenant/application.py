"""The Flask application of one tenant: its routes, and the headers of every response."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from auth0_widget.local_tenant import (
    authorize,
    device,
    discovery,
    interaction,
    logout,
    token,
    userinfo,
)
from auth0_widget.local_tenant.pages import error_page
from auth0_widget.local_tenant.server import TenantServer

if TYPE_CHECKING:
    from flask import Response as FlaskResponse

    from auth0_widget.local_tenant.context import Context

log = logging.getLogger("auth0_widget.local_tenant")

# The paths that scripts of other origins may request. Pages and redirects are not among them.
CORS_PATHS = {
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/device/code",
    "/userinfo",
    "/.well-known/openid-configuration",
    "/.well-known/jwks.json",
}


def build(context: Context) -> Flask:
    """A Flask application for this tenant."""
    # The name makes Flask use our logger for unexpected exceptions.
    app = Flask("auth0_widget.local_tenant", static_folder=None)
    # Refuses requests of another site's page whose host name resolves to 127.0.0.1 (DNS rebinding).
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
    app.json.sort_keys = False  # type: ignore[attr-defined] # of the default provider
    server = TenantServer(context)
    app.register_blueprint(authorize.blueprint(context, server))
    app.register_blueprint(interaction.blueprint(context))
    app.register_blueprint(token.blueprint(server))
    app.register_blueprint(userinfo.blueprint(context))
    app.register_blueprint(device.blueprint(context, server))
    app.register_blueprint(logout.blueprint(context))
    app.register_blueprint(discovery.blueprint(context))

    @app.before_request
    def count_and_fail() -> Response | None:
        context.requests.record(request)
        if request.method == "OPTIONS":
            return Response(status=204)
        if context.settings.rate_limits and (
            refusal := context.rate_limits.refuse(context, request)
        ):
            return refusal
        g.failure = failure = context.failures.next(request)
        return failure.substitute(request, context.settings.now()) if failure else None

    @app.after_request
    def finish(response: FlaskResponse) -> FlaskResponse:
        _apply_hook(app, context, response)
        _allow_origin(context, response)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.date = datetime.fromtimestamp(context.settings.now(), timezone.utc)
        if context.settings.cuts_opener and request.path == "/u/login":
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.path in {"/oauth/token", "/oauth/device/code", "/userinfo"}:
            response.headers["Cache-Control"] = "no-store"
        log.debug("%s %s %s", request.method, request.path, response.status_code)
        if g.get("failure"):
            g.failure.damage(request, response)
        return response

    @app.errorhandler(HTTPException)
    def not_a_page(error: HTTPException) -> Response:
        if error.code in {301, 302, 307, 308} or request.path in CORS_PATHS:
            return error.get_response()
        return error_page(error.name, error.description or "", status=error.code or 500)

    return app


def _apply_hook(app: Flask, context: Context, response: FlaskResponse) -> None:
    hook = context.hooks.response.get(request.path)
    if hook and response.is_json and response.status_code == HTTPStatus.OK:
        content = response.get_json(silent=True)
        if isinstance(content, dict):
            response.set_data(app.json.dumps(hook(content)))


def _allow_origin(context: Context, response: FlaskResponse) -> None:
    """Cross-Origin Resource Sharing for the Allowed Web Origins, which the SPA SDK needs."""
    if request.path not in CORS_PATHS:
        return
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin", "")
    if not context.settings.is_web_origin(origin):
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Credentials"] = "true"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Max-Age"] = "300"
        asked = request.headers.get("Access-Control-Request-Headers")
        if asked:
            response.headers["Access-Control-Allow-Headers"] = asked

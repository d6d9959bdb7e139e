"""The tenant's public documents: OpenID Connect Discovery 1.0, JSON Web Key Set, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify, render_template
from werkzeug.wrappers import Response

from auth0_widget.local_tenant.model import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    DEVICE_CODE,
    REFRESH_TOKEN,
)
from auth0_widget.local_tenant.pages import page
from auth0_widget.local_tenant.scopes import STANDARD_SCOPES

if TYPE_CHECKING:
    from auth0_widget.local_tenant.context import Context

CLAIMS = [
    *("iss", "sub", "aud", "iat", "exp", "nonce", "auth_time", "sid"),
    *("name", "nickname", "given_name", "family_name", "picture", "updated_at"),
    *("email", "email_verified"),
]
# The header that Auth0 sends with both documents.
CACHE = "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400"


def blueprint(context: Context) -> Blueprint:
    """The routes of the public documents, the front page and the users' pictures."""
    settings = context.settings
    routes = Blueprint("discovery", __name__)

    @routes.get("/.well-known/openid-configuration")
    def configuration() -> Response:
        url = settings.url
        response = jsonify(
            issuer=settings.issuer,
            authorization_endpoint=f"{url}/authorize",
            token_endpoint=f"{url}/oauth/token",
            device_authorization_endpoint=f"{url}/oauth/device/code",
            userinfo_endpoint=f"{url}/userinfo",
            jwks_uri=f"{url}/.well-known/jwks.json",
            revocation_endpoint=f"{url}/oauth/revoke",
            scopes_supported=list(STANDARD_SCOPES),
            response_types_supported=["code"],
            response_modes_supported=["query", "web_message"],
            grant_types_supported=[
                AUTHORIZATION_CODE,
                REFRESH_TOKEN,
                CLIENT_CREDENTIALS,
                DEVICE_CODE,
            ],
            code_challenge_methods_supported=["S256"],
            subject_types_supported=["public"],
            token_endpoint_auth_methods_supported=[
                "client_secret_basic",
                "client_secret_post",
                "none",
            ],
            id_token_signing_alg_values_supported=["RS256"],
            claims_supported=CLAIMS,
            request_uri_parameter_supported=False,
        )
        response.headers["Cache-Control"] = CACHE
        return response

    @routes.get("/.well-known/jwks.json")
    def jwks() -> Response:
        response = jsonify(context.keys.jwks())
        response.headers["Cache-Control"] = CACHE
        return response

    @routes.get("/")
    def front_page() -> Response:
        return page("index.html", settings=settings)

    @routes.get("/pictures/<initials>.svg")
    def picture(initials: str) -> Response:
        svg = render_template("picture.svg", initials=initials[:2])
        response = Response(svg, content_type="image/svg+xml")
        response.headers["Cache-Control"] = "public, max-age=3600"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        # The card requests pictures without cookies (crossorigin="anonymous"), which needs CORS.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'none'"
        return response

    return routes

"""``/userinfo``: the profile of an access token's person (OpenID Connect Core 5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2.rfc6750 import BearerTokenValidator
from flask import Blueprint, jsonify

from auth0_widget.local_tenant.issuing import profile

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.ledger import AccessToken


class LedgerTokens(BearerTokenValidator):  # type: ignore[misc] # Authlib ships no types
    """Bearer tokens (RFC 6750) that this tenant has issued."""

    def __init__(self, context: Context) -> None:
        super().__init__(realm="Users")
        self._context = context

    def authenticate_token(self, token_string: str) -> AccessToken | None:
        """The token; None if this tenant has not issued it, or it is for an API only.

        Auth0 leaves ``/userinfo`` out of the audience of tokens for an API that signs with HS256
        (Auth0 Community, "The userinfo endpoint returns 401").
        """
        token = self._context.ledger.access_tokens.get(token_string)
        api = self._context.settings.api(token.audience) if token else None
        return None if api and api.signing_algorithm == "HS256" else token


def blueprint(context: Context) -> Blueprint:
    """The route ``/userinfo``."""
    protect = ResourceProtector()
    protect.register_token_validator(LedgerTokens(context))
    routes = Blueprint("userinfo", __name__)

    @routes.route("/userinfo", methods=["GET", "POST"])
    def userinfo() -> Response:
        with protect.acquire("openid") as token:
            user = token.authorization.user
            return jsonify(profile(context, user, token.get_scope()))

    return routes

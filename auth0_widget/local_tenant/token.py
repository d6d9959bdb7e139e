"""``/oauth/token`` and ``/oauth/revoke`` (RFC 6749 3.2, RFC 7009)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from flask import Blueprint

from auth0_widget.local_tenant.grants import (
    ANY_CLIENT,
    CodeGrant,
    MachineGrant,
    RefreshGrant,
    S256Only,
)

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.ledger import RefreshToken
    from auth0_widget.local_tenant.server import TenantRequest, TenantServer


class Revocation(RevocationEndpoint):  # type: ignore[misc] # Authlib ships no types
    """Revocation of refresh tokens; Auth0 revokes no others (Authentication API, "Revoke")."""

    CLIENT_AUTH_METHODS = ANY_CLIENT

    def query_token(self, token_string: str, _hint: str | None) -> RefreshToken | None:
        """The refresh token, whatever the hint says."""
        found: RefreshToken | None = self.server.context.ledger.refresh_tokens.get(token_string)
        return found

    def revoke_token(self, token: RefreshToken, _request: TenantRequest) -> None:
        """Revoke its family or its grant, by the tenant's setting."""
        context: Context = self.server.context
        context.ledger.revoke(token)
        if context.settings.revocation_deletes_grant and token.authorization.user is not None:
            context.sessions.withdraw_consent(token.authorization.grant)

    def create_endpoint_response(self, request: TenantRequest) -> tuple[int, Any, Any]:
        """An empty response, as from Auth0."""
        status, _, headers = super().create_endpoint_response(request)
        return status, "", headers


def blueprint(server: TenantServer) -> Blueprint:
    """The routes ``/oauth/token`` and ``/oauth/revoke``."""
    server.register_grant(CodeGrant, [S256Only(required=True)])
    server.register_grant(RefreshGrant)
    server.register_grant(MachineGrant)
    server.register_endpoint(Revocation)
    routes = Blueprint("token", __name__)

    @routes.post("/oauth/token")
    def token() -> Response:
        response: Response = server.create_token_response()
        return response

    @routes.post("/oauth/revoke")
    def revoke() -> Response:
        response: Response = server.create_endpoint_response(Revocation.ENDPOINT_NAME)
        return response

    return routes

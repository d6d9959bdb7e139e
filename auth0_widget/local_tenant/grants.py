"""Authlib's grants, with the tenant's ledger: code with PKCE, refresh, client credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7636 import CodeChallenge

from auth0_widget.local_tenant.issuing import TokenResponse, token_response
from auth0_widget.local_tenant.ledger import Authorization, Code, RefreshToken
from auth0_widget.local_tenant.resources import Resource, resource_of
from auth0_widget.local_tenant.step_up import check_refresh

if TYPE_CHECKING:
    from auth0_widget.local_tenant.model import Application

ANY_CLIENT = ["none", "client_secret_post", "client_secret_basic"]


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc] # Authlib ships no types
    """The authorization code grant (RFC 6749 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ANY_CLIENT

    def query_authorization_code(self, code: str, client: Application) -> Code | None:
        """The code, if it has not expired and was issued to this application and callback.

        Raises:
            UnauthorizedClientError: The callback differs. Auth0's description names the expected
                one, too; here it is left out, because it may contain characters that an OAuth
                error description must not contain.
        """
        found: Code | None = self.server.context.ledger.find_code(code, client)
        if found and self.request.payload.redirect_uri != found.redirect_uri:
            message = "The redirect URI is wrong."
            raise UnauthorizedClientError(message)
        return found

    def authenticate_user(self, authorization_code: Code) -> Authorization | None:
        """Redeem the code, and return what the person allowed; None if it was redeemed before."""
        redeemed = self.server.context.ledger.redeem(authorization_code)
        return authorization_code.authorization if redeemed else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Do nothing: the code is kept, so that a second use is noticed."""


class S256Only(CodeChallenge):  # type: ignore[misc] # Authlib ships no types
    """PKCE with S256 only. Public clients must use it (RFC 7636 4.4.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Refuse an authorization request that a public client sent without S256."""
        data = grant.request.payload.data
        if grant.request.client.is_public and not data.get("code_challenge"):
            message = "Parameter 'code_challenge' is required for this client"
            raise InvalidRequestError(message)
        if data.get("code_challenge") and data.get("code_challenge_method") != "S256":
            message = "Parameter 'code_challenge_method' must be S256"
            raise InvalidRequestError(message)
        super().validate_code_challenge(grant, redirect_uri)


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc] # Authlib ships no types
    """The refresh token grant (RFC 6749 6) with Auth0's rotation."""

    TOKEN_ENDPOINT_AUTH_METHODS = ANY_CLIENT

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken:
        """The token, if it is valid and was issued to this application."""
        client: Application = self.request.client
        found: RefreshToken | None = self.server.context.ledger.find_refresh_token(
            refresh_token, client
        )
        if found is None:
            raise unknown_refresh_token()
        return found

    def _validate_token_scope(self, token: RefreshToken) -> None:
        """Determine the requested API and scopes. With policies they may exceed the login's."""
        data = self.request.payload.data
        self._resource = resource_of(
            self.server.context.settings,
            token.authorization,
            data.get("audience"),
            data.get("scope"),
        )
        if self._resource is None:
            super()._validate_token_scope(token)
            asked = self.request.payload.scope or token.get_scope()
            self._resource = Resource(token.authorization.audience, asked)
        check_refresh(self.server.context.settings, self._resource, data.get("scope"))

    def authenticate_user(self, refresh_token: RefreshToken) -> Authorization:
        """Spend the token, and return what the person allowed."""
        if not self.server.context.ledger.spend(refresh_token):
            raise unknown_refresh_token()
        return refresh_token.authorization

    def issue_token(self, user: Authorization, refresh_token: RefreshToken) -> TokenResponse:  # noqa: ARG002 - Authlib's signature
        """The token response."""
        return token_response(self.server.context, user, resource=self._resource)

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        """Do nothing: `authenticate_user` has spent the token."""


class MachineGrant(ClientCredentialsGrant):  # type: ignore[misc] # Authlib ships no types
    """The client credentials grant (RFC 6749 4.4). At Auth0 it always names an API."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post", "client_secret_basic")

    def validate_token_request(self) -> None:
        """Check the requested API (Auth0 docs, "Client Credentials Flow").

        Raises:
            OAuth2Error: ``access_denied`` without an audience, with an unknown one, or with one
                that the application was not granted.
        """
        super().validate_token_request()
        settings = self.server.context.settings
        audience = self.request.payload.data.get("audience")
        if not audience:
            raise denied(
                "No audience parameter was provided, and no default audience has been configured"
            )
        if settings.api(audience) is None:
            raise denied(f"Service not enabled within domain: {printable(audience)}")
        client: Application = self.request.client
        if audience not in client.client_grants:
            raise denied(
                f"Client is not authorized to access {printable(audience)}. "
                "You need to create a client grant associated to this API."
            )
        allowed = client.client_grants[audience]
        asked = (self.request.payload.scope or " ".join(allowed)).split()
        self.request.scope = " ".join(scope for scope in asked if scope in allowed)

    def generate_token(self, **_: Any) -> Any:  # noqa: ANN401 - Authlib's signature
        """The token response for the application itself."""
        authorization = Authorization(
            client=self.request.client,
            user=None,
            audience=self.request.payload.data["audience"],
            scope=self.request.scope,
        )
        return super().generate_token(user=authorization, scope=self.request.scope)


def unknown_refresh_token() -> OAuth2Error:
    """Auth0's error for a refresh token that is unknown, expired, revoked or reused."""
    return OAuth2Error("Unknown or invalid refresh token.", error="invalid_grant")


def denied(description: str) -> OAuth2Error:
    """An ``access_denied`` error."""
    return OAuth2Error(description, error="access_denied")


def printable(text: str) -> str:
    """The text without characters that an OAuth error description must not have (RFC 6749 5.2)."""
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "?" for char in text)

"""Requests to the tenant: one method for each request that this package makes.

The paths of the endpoints are fixed, as in Auth0's own SDKs. The size of a response is limited
before it is parsed, redirects are not followed, and each failure raises an `Auth0WidgetError`,
whose text holds nothing secret.
"""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from auth0_widget.base.forks import forks_deferred, new_locks_after_fork
from auth0_widget.base.origins import is_web_origin
from auth0_widget.base.redaction import Secret, without_frames
from auth0_widget.errors import (
    InvalidResponseError,
    InvalidSettingError,
    KeySetError,
    MfaRequiredError,
    TokenRequestError,
    UserinfoError,
)
from auth0_widget.oauth import environment
from auth0_widget.oauth.authorization_request import login_denied_error
from auth0_widget.oauth.device_codes import DeviceCodes, parse_device_codes
from auth0_widget.oauth.responses import (
    DENIAL_CODES,
    REFUSAL_CODES,
    check_response,
    json_from_response,
)
from auth0_widget.oauth.token_response import TokenResponse, parse_token_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.config import Settings
    from auth0_widget.oauth.transport import Transport

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
"""The grant type of the device flow (RFC 8628, 3.4)."""

# A renewal was once a login, so the application's settings are right.
_LOG_IN_AGAIN = "Click Log in again; if it persists, ask whoever runs the tenant."

# Auth0's description of access_denied where the application has not authenticated itself. With any
# other description, an Action or a rule denied the login, or the tenant has no such API.
_CLIENT_NOT_AUTHENTICATED = ("Unauthorized", None)


class Tenant:
    """One tenant, as one application uses it. Safe to use from several threads.

    Raises:
        InvalidSettingError: The environment names a proxy, or certificates, that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._made_transport: Transport | None = None
        new_locks_after_fork(self)
        if environment.needs_check():
            _ = self._transport  # raises here, rather than at the first request

    def import_libraries(self) -> None:
        """Import the libraries that the first request and the first verification need.

        This takes as long as importing anywidget, so call it in a thread while nobody waits.
        """
        with forks_deferred():
            import jwt  # noqa: F401, PLC0415 - first: verifying a stored session needs no request
        _ = self._transport

    def with_settings(self, settings: Settings) -> Tenant:
        """The same tenant and connections, with other settings."""
        other = Tenant(settings)
        other._made_transport = self._transport
        return other

    @property
    def _transport(self) -> Transport:
        if self._made_transport is None:
            with forks_deferred(), self._lock:
                if self._made_transport is None:
                    from auth0_widget.oauth.transport import Transport  # noqa: PLC0415 - it loads httpx

                    self._made_transport = Transport(self.settings.origin)
        return self._made_transport

    def authorization_url(self, parameters: Mapping[str, str]) -> str:
        """The URL of an authorization request with these parameters, for the browser."""
        query = {
            "client_id": self.settings.client_id,
            "scope": self.settings.scope,
            **parameters,
            **self._access_parameters,
        }
        if self.settings.max_age is not None:
            query["max_age"] = str(self.settings.max_age)
        if self.settings.acr_values is not None:
            query["acr_values"] = self.settings.acr_values
        return f"{self.settings.origin}/authorize?{urlencode(query)}"

    def logout_url(self, return_to: str) -> str:
        """The URL that ends the tenant's session with the browser that opens it.

        It contains the client ID, so that Auth0 compares ``return_to`` with the Allowed Logout URLs
        of this application, not of the whole tenant.

        Args:
            return_to: The origin of the page to return to, without a path.

        Raises:
            InvalidSettingError: ``return_to`` is not an origin, as ``//host`` or ``javascript:``.
        """
        if not is_web_origin(return_to):
            raise InvalidSettingError(
                "The address to return to after a logout is not the origin of a page.",
                next_step="Pass scheme, host and port only, as in https://hub.example.com.",
            )
        query = {"client_id": self.settings.client_id, "returnTo": return_to}
        return f"{self.settings.origin}/v2/logout?{urlencode(query)}"

    @without_frames
    def authorization_code_grant(
        self, *, code: Secret, verifier: Secret, redirect_uri: str
    ) -> TokenResponse:
        """Tokens for an authorization code (RFC 6749, 4.1.3, with RFC 7636).

        Raises:
            LoginDeniedError: An Action or a rule of the tenant denied the login.
            TokenRequestError: The tenant refused the code, or the application.
            InvalidResponseError: The response is not a token response.
            UnreachableError: The tenant could not be asked.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "code_verifier": verifier.reveal(),
            "redirect_uri": redirect_uri,
        }
        try:
            return self._request_tokens(form)
        except TokenRequestError as error:
            if not _is_denial(error):
                raise
            denial = login_denied_error(error.error_description)
        raise denial  # outside the except block, so that the first error is not chained to it

    @without_frames
    def refresh_token_grant(
        self, refresh_token: Secret, audience: str | None = None, scope: str | None = None
    ) -> TokenResponse:
        """New tokens for a refresh token (RFC 6749, 6). With rotation, the old one is then invalid.

        Args:
            refresh_token: The refresh token.
            audience: Another API than that of the login. Auth0 ignores one that the application's
                policies do not name (Auth0 docs, "Multi-Resource Refresh Token").
            scope: Other scopes than those of the login; Auth0 ignores those it may not grant.

        Raises:
            MfaRequiredError: The tenant requires a second factor.
            TokenRequestError: The tenant refused the refresh token (``invalid_grant``), or the
                request. The error code is one of `REFUSAL_CODES`.
            InvalidResponseError: The response is not a token response, or refuses with another
                code, which proves nothing about the refresh token.
            UnreachableError: No response came. The tenant may still have received the request and
                replaced the refresh token.
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        if audience:
            form["audience"] = audience
        if scope:
            form["scope"] = scope
        try:
            return self._request_tokens(form, next_step=_LOG_IN_AGAIN)
        except TokenRequestError as error:
            if error.error in REFUSAL_CODES:
                raise
            unproved = InvalidResponseError(
                "The response to the refresh token is no known refusal.",
                error=error.error,
                error_description=error.error_description,
            )
        raise unproved  # outside the except block, so that the first error is not chained to it

    @without_frames
    def device_authorization(self) -> DeviceCodes:
        """Codes for a login that a person completes on another device (RFC 8628, 3.1).

        Raises:
            LoginDeniedError: The tenant has no such API.
            TokenRequestError: The application may not use this flow.
            InvalidResponseError: The response is malformed, or its address is not the tenant's.
            UnreachableError: The tenant could not be asked.
        """
        data = {
            "client_id": self.settings.client_id,
            "scope": self.settings.scope,
            **self._access_parameters,
        }
        response = self._transport.request("POST", "/oauth/device/code", data=data)
        try:
            content = json_from_response(
                response,
                TokenRequestError,
                "The tenant did not give a code for this login.",
                "In Auth0, allow the grant type Device Code: Applications, your application, "
                "Settings, Advanced Settings, Grant Types.",
                keep=self.settings.identifiers,
            )
        except TokenRequestError as error:
            if not _is_denial(error):
                raise
            denial = login_denied_error(error.error_description)
        else:
            return parse_device_codes(content, self.settings.origin)
        raise denial  # outside the except block, so that the first error is not chained to it

    @without_frames
    def device_code_grant(self, device_code: Secret) -> TokenResponse:
        """Tokens for a device code, once the person has logged in elsewhere (RFC 8628, 3.4).

        Raises:
            TokenRequestError: The person has not logged in yet (``authorization_pending``,
                ``slow_down``), or the tenant refused.
            InvalidResponseError: The response is not a token response.
            UnreachableError: The tenant could not be asked.
        """
        return self._request_tokens(
            {"grant_type": DEVICE_GRANT, "device_code": device_code.reveal()}
        )

    @without_frames
    def client_credentials_grant(self, client_secret: Secret) -> TokenResponse:
        """An access token for the application itself, without a person (RFC 6749, 4.4).

        Raises:
            TokenRequestError: The secret is wrong, or the application may not use the API.
            InvalidResponseError: The response is not a token response.
            UnreachableError: The tenant could not be asked.
        """
        form = {
            "grant_type": "client_credentials",
            "client_secret": client_secret.reveal(),
            **self._access_parameters,
        }
        return self._request_tokens(
            form,
            next_step="Check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET, and that the application, of "
            "type Machine to Machine, is authorized for the API.",
        )

    @without_frames
    def userinfo(self, access_token: Secret) -> dict[str, Any]:
        """The profile of an access token's person (OpenID Connect Core 5.3).

        The caller must compare its ``sub`` with that of the ID token.

        Raises:
            UserinfoError: The tenant refused the access token, with HTTP 401 or ``invalid_token``.
            InvalidResponseError: The response is not a JSON object with a ``sub``, or refuses
                otherwise. Neither proves anything about the access token or the person.
            UnreachableError: The tenant could not be asked.
        """
        response = self._transport.request(
            "GET", "/userinfo", headers={"Authorization": f"Bearer {access_token.reveal()}"}
        )
        try:
            profile = json_from_response(response, UserinfoError, keep=self.settings.identifiers)
        except UserinfoError as error:
            if response.status == HTTPStatus.UNAUTHORIZED or error.error == "invalid_token":
                raise
            unproved = InvalidResponseError(
                error.default_message,
                error=error.error,
                error_description=error.error_description,
            )
        else:
            if isinstance(profile.get("sub"), str):
                return profile
            # Perhaps the JSON of a proxy or of the network's login page.
            unproved = InvalidResponseError("The response is not a profile: it names nobody (sub).")
        raise unproved  # outside the except block, so that the first error is not chained to it

    @without_frames
    def signing_keys(self) -> dict[str, Any]:
        """The tenant's key set (RFC 7517). Its entries are not yet checked.

        Raises:
            KeySetError: The response is not a JSON object.
            UnreachableError: The tenant could not be asked.
        """
        try:
            return json_from_response(
                self._transport.request("GET", "/.well-known/jwks.json"), KeySetError
            )
        except InvalidResponseError as error:
            raise KeySetError(error.message, next_step=error.next_step) from None

    @without_frames
    def revoke(self, refresh_token: Secret) -> None:
        """Revoke a refresh token, and every one that replaced it by rotation (RFC 7009).

        Raises:
            TokenRequestError: The tenant refused.
            UnreachableError: The tenant could not be asked.
        """
        data = {"client_id": self.settings.client_id, "token": refresh_token.reveal()}
        check_response(
            self._transport.request("POST", "/oauth/revoke", data=data, repeatable=True),
            TokenRequestError,
            "The tenant did not revoke the refresh token.",
            "It expires by itself when its lifetime is over.",
            keep=self.settings.identifiers,
        )

    def close(self) -> None:
        """Close the connections."""
        if self._made_transport is not None:
            self._made_transport.close()

    @property
    def _access_parameters(self) -> dict[str, str]:
        """The parameters ``audience`` and ``organization``, if they are set."""
        named = {"audience": self.settings.audience, "organization": self.settings.organization}
        return {name: value for name, value in named.items() if value}

    def _request_tokens(
        self, form: dict[str, str], *, next_step: str | None = None
    ) -> TokenResponse:
        data = {"client_id": self.settings.client_id, **form}
        response = self._transport.request("POST", "/oauth/token", data=data)
        keep = (*self.settings.identifiers, form.get("audience"))
        try:
            content = json_from_response(
                response, TokenRequestError, next_step=next_step, keep=keep
            )
        except TokenRequestError as error:
            if error.error != "mfa_required":
                raise
            # Without a refresh token there is no session yet, which `request` would need.
            renews = form["grant_type"] == "refresh_token"
            raise MfaRequiredError(
                next_step=None
                if renews
                else "Log in in a window (flow='popup'), where the tenant can ask for it.",
                error=error.error,
                error_description=error.error_description,
            ) from None
        return parse_token_response(content)


def _is_denial(error: TokenRequestError) -> bool:
    """Whether the tenant has denied this login, rather than refused the application."""
    if error.error == "access_denied":
        return error.error_description not in _CLIENT_NOT_AUTHENTICATED
    return error.error in DENIAL_CODES

"""The tenant over HTTP: what an application may ask of Auth0, and nothing else.

Endpoints are Auth0's fixed ones, as in Auth0's own SDKs. Answers are capped before they are
parsed, redirects are never followed, and every failure becomes one of our own errors, whose
text holds nothing secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from auth0_widget.base.redaction import Secret, without_frames
from auth0_widget.config import is_web_origin
from auth0_widget.errors import (
    InvalidResponseError,
    InvalidSettingError,
    KeySetError,
    TokenRequestError,
    UserinfoError,
)
from auth0_widget.oauth.authorization_request import login_denied
from auth0_widget.oauth.device_codes import DeviceCodes, parse_device_codes
from auth0_widget.oauth.responses import check_answer, json_answer
from auth0_widget.oauth.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.config import Settings

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

# What Auth0 says beside access_denied to an application that has not authenticated itself.
_NO_CLIENT = ("Unauthorized", None)

_LONGEST_LIFE = 1 << 31  # seconds; what lasts longer than a person is no lifetime


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """What the token endpoint gave (RFC 6749, 5.1), not yet verified.

    Attributes:
        access_token: For the API that was asked for.
        expires_in: Seconds until the access token ends.
        scope: What was granted, where the tenant says so.
        id_token: The signed identity; a refresh may leave it out (OpenID Connect Core 12.2).
        refresh_token: The next one, where rotation is on.
    """

    access_token: Secret
    expires_in: int
    scope: str | None
    id_token: Secret | None
    refresh_token: Secret | None


class Tenant:
    """One tenant, asked on behalf of one application. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._transport = Transport(settings.origin)

    def authorization_url(self, parameters: Mapping[str, str]) -> str:
        """The URL to open in the browser for these authorization request parameters."""
        query = {
            "client_id": self.settings.client_id,
            "scope": self.settings.scope,
            **parameters,
        }
        if self.settings.audience:
            query["audience"] = self.settings.audience
        if self.settings.organization:
            query["organization"] = self.settings.organization
        if self.settings.max_age is not None:
            query["max_age"] = str(self.settings.max_age)
        return f"{self.settings.origin}/authorize?{urlencode(query)}"

    def logout_url(self, return_to: str) -> str:
        """The URL at which the tenant ends its own session with the browser that opens it.

        The client ID is always sent, so that Auth0 holds ``return_to`` against this application's
        Allowed Logout URLs and not against the tenant's.

        Args:
            return_to: The origin of the page to come back to, and nothing but an origin.

        Raises:
            InvalidSettingError: It is anything else, such as ``//host`` or ``javascript:``.
        """
        if not is_web_origin(return_to):
            raise InvalidSettingError(
                "A logout can only return to the origin of a page.",
                next_step="Leave out everything after the host and the port.",
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
            InvalidResponseError: The answer is not a token answer.
            UnreachableError: The tenant could not be asked.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "code_verifier": verifier.reveal(),
            "redirect_uri": redirect_uri,
        }
        try:
            return self._tokens(form)
        except TokenRequestError as error:
            if error.error != "access_denied" or error.error_description in _NO_CLIENT:
                raise
            denial = login_denied(error.error_description)
        raise denial  # outside the except block: one error, and not two

    @without_frames
    def refresh_token_grant(self, refresh_token: Secret) -> TokenResponse:
        """New tokens for a refresh token (RFC 6749, 6); the old refresh token may be used up.

        Raises:
            TokenRequestError: The refresh token is no longer good (``invalid_grant``), or other.
            InvalidResponseError: The answer is not a token answer.
            UnreachableError: There was no response. The tenant may have got the request all the
                same, and then the refresh token may have been rotated.
        """
        return self._tokens(
            {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        )

    @without_frames
    def device_authorization(self) -> DeviceCodes:
        """Codes for a login that a person completes on another device (RFC 8628, 3.1).

        Raises:
            TokenRequestError: The application may not use this flow, or the API is unknown.
            InvalidResponseError: The answer is malformed, or would send the person elsewhere.
            UnreachableError: The tenant could not be asked.
        """
        data = {"client_id": self.settings.client_id, "scope": self.settings.scope}
        if self.settings.audience:
            data["audience"] = self.settings.audience
        if self.settings.organization:
            data["organization"] = self.settings.organization
        response = self._transport.ask("POST", "/oauth/device/code", data=data)
        answer = json_answer(
            response,
            TokenRequestError,
            "The tenant did not give a code for this login.",
            "In Auth0, allow the grant type Device Code: Applications, your application, Settings, "
            "Advanced Settings, Grant Types.",
        )
        return parse_device_codes(answer, self.settings.origin)

    @without_frames
    def device_code_grant(self, device_code: Secret) -> TokenResponse:
        """Tokens, once the person has agreed on another device (RFC 8628, 3.4).

        Raises:
            TokenRequestError: Not yet (``authorization_pending``, ``slow_down``), or never.
            InvalidResponseError: The answer is not a token answer.
            UnreachableError: The tenant could not be asked.
        """
        return self._tokens({"grant_type": _DEVICE_GRANT, "device_code": device_code.reveal()})

    @without_frames
    def client_credentials_grant(self, client_secret: Secret) -> TokenResponse:
        """An access token for the application itself (RFC 6749, 4.4); nobody logs in.

        Raises:
            TokenRequestError: The secret is wrong, or the application may not use the API.
            InvalidResponseError: The answer is not a token answer.
            UnreachableError: The tenant could not be asked.
        """
        form = {"grant_type": "client_credentials", "client_secret": client_secret.reveal()}
        if self.settings.audience:
            form["audience"] = self.settings.audience
        if self.settings.organization:
            form["organization"] = self.settings.organization
        return self._tokens(
            form,
            next_step="Check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET, and that the application, of "
            "type Machine to Machine, is authorized for the API.",
        )

    @without_frames
    def userinfo(self, access_token: Secret) -> dict[str, Any]:
        """The profile behind an access token (OpenID Connect Core 5.3), not yet compared.

        Raises:
            UserinfoError: The tenant refused the access token.
            InvalidResponseError: The answer is not a JSON object.
            UnreachableError: The tenant could not be asked.
        """
        response = self._transport.ask(
            "GET", "/userinfo", headers={"Authorization": f"Bearer {access_token.reveal()}"}
        )
        return json_answer(response, UserinfoError)

    @without_frames
    def signing_keys(self) -> dict[str, Any]:
        """The tenant's key set (RFC 7517), not yet looked into.

        Raises:
            KeySetError: The answer is not a key set.
            UnreachableError: The tenant could not be asked.
        """
        try:
            return json_answer(self._transport.ask("GET", "/.well-known/jwks.json"), KeySetError)
        except InvalidResponseError as error:
            raise KeySetError(error.message, next_step=error.next_step) from None

    @without_frames
    def revoke(self, refresh_token: Secret) -> None:
        """Make a refresh token, and all that was rotated from it, useless (RFC 7009).

        Raises:
            TokenRequestError: The tenant refused.
            UnreachableError: The tenant could not be asked.
        """
        data = {"client_id": self.settings.client_id, "token": refresh_token.reveal()}
        check_answer(
            self._transport.ask("POST", "/oauth/revoke", data=data),
            TokenRequestError,
            "The tenant did not revoke the refresh token.",
            "It ends by itself when its lifetime is over.",
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _tokens(self, form: dict[str, str], *, next_step: str | None = None) -> TokenResponse:
        data = {"client_id": self.settings.client_id, **form}
        response = self._transport.ask("POST", "/oauth/token", data=data)
        return _token_response(json_answer(response, TokenRequestError, next_step=next_step))


def _token_response(answer: dict[str, Any]) -> TokenResponse:
    token_type, expires_in = answer.get("token_type"), answer.get("expires_in")
    texts = {
        name: answer.get(name) for name in ("access_token", "id_token", "refresh_token", "scope")
    }
    access_token = texts["access_token"]
    if (
        not access_token
        or not all(text is None or _is_visible(text) for text in texts.values())
        or not isinstance(token_type, str)
        or token_type.lower() != "bearer"
        or isinstance(expires_in, bool)
        or not isinstance(expires_in, int)
        or not 0 < expires_in < _LONGEST_LIFE
    ):
        raise InvalidResponseError("The tenant's response holds no usable tokens.")
    id_token, refresh_token = texts["id_token"], texts["refresh_token"]
    return TokenResponse(
        access_token=Secret(access_token),
        expires_in=expires_in,
        scope=texts["scope"],
        id_token=Secret(id_token) if id_token else None,
        refresh_token=Secret(refresh_token) if refresh_token else None,
    )


def _is_visible(text: object) -> bool:
    """Whether it is text of visible ASCII characters and spaces (RFC 6749, appendix A)."""
    return isinstance(text, str) and text.isascii() and text.isprintable()

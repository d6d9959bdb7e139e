"""Authlib's authorization server, with Auth0's status codes, error descriptions and JSON bodies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import OAuth2Payload
from flask import request as flask_request
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.wrappers import Response

from auth0_widget.local_tenant.issuing import TokenGenerator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.model import Application

# Auth0's status codes, where they are not those of RFC 6749 5.2 (Authentication API, "Get Token"
# and "Device Authorization Flow": 403 for most refusals, 429 for slow_down).
STATUS = {
    "invalid_grant": 403,
    "unauthorized_client": 403,
    "unsupported_grant_type": 403,
    "access_denied": 403,
    "authorization_pending": 403,
    "expired_token": 403,
    "mfa_required": 403,
    "slow_down": 429,
    "invalid_client": 401,
}

# Auth0's error descriptions: for those of Authlib, and for errors that have none.
SENTENCES = {
    "Code challenge failed.": "Failed to verify code verifier",
    "Invalid 'code' in request.": "Invalid authorization code",
    "There is no 'user' for this code.": "Invalid authorization code",
}
DEFAULT_SENTENCES = {
    "authorization_pending": "User has yet to authorize device code.",
    "slow_down": "You are polling faster than the specified interval of 5 seconds.",
    "expired_token": "The device code has expired.",
    "invalid_client": "Unauthorized",
}

Params = MultiDict[str, str]


class TenantPayload(OAuth2Payload):  # type: ignore[misc] # Authlib ships no types
    """The parameters of one request, from its query and its body."""

    def __init__(self, params: Params) -> None:
        self._params = params

    @property
    def data(self) -> Params:
        """The parameters."""
        return self._params

    @property
    def datalist(self) -> dict[str, list[str]]:
        """The parameters with all their repetitions."""
        return dict(self._params.lists())


class TenantRequest(OAuth2Request):  # type: ignore[misc] # Authlib ships no types
    """An OAuth request, independent of Flask's, so that it lasts while a person logs in."""

    def __init__(self, method: str, params: Params, headers: Headers) -> None:
        # Authlib requires https; this server listens on loopback only.
        super().__init__(method, "https://127.0.0.1/", headers=headers)
        self.payload = TenantPayload(params)

    @property
    def form(self) -> Params:
        """The same parameters, where Authlib expects those of a body."""
        params: Params = self.payload.data
        return params

    @classmethod
    def from_flask(cls) -> TenantRequest:
        """The current request. Auth0 accepts JSON bodies as well as forms."""
        params: Params = MultiDict(flask_request.args)
        params.update(flask_request.form)
        body = flask_request.get_json(silent=True) if flask_request.is_json else None
        if isinstance(body, dict):
            params.update({key: value for key, value in body.items() if isinstance(value, str)})
        return cls(flask_request.method, params, Headers(flask_request.headers))


class TenantServer(AuthorizationServer):  # type: ignore[misc] # Authlib ships no types
    """Authlib's server side, wired to one tenant's applications and tokens."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.register_token_generator("default", TokenGenerator(context))

    def query_client(self, client_id: str) -> Application | None:
        """The application with this client id."""
        return self.context.settings.application(client_id)

    def save_token(self, token: Mapping[str, Any], request: OAuth2Request) -> None:
        """Do nothing: `TokenGenerator` has added its tokens to the ledger."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Do nothing: Authlib's signals are not used here."""

    def create_oauth2_request(self, request: TenantRequest | None) -> TenantRequest:
        """This request, or Flask's current one."""
        return request or TenantRequest.from_flask()

    def handle_response(
        self,
        status: int,
        body: Any,  # noqa: ANN401 - a dict or text
        headers: list[tuple[str, str]],
    ) -> Response:
        """An HTTP response."""
        text = json.dumps(body) if isinstance(body, dict) else body
        return Response(text, status=status, headers=headers)

    def handle_error_response(self, request: TenantRequest, error: OAuth2Error) -> Response:
        """An error in Auth0's format and with Auth0's status."""
        error.status_code = STATUS.get(error.error, error.status_code)
        description = error.get_error_description() or DEFAULT_SENTENCES.get(error.error, "")
        error.description = SENTENCES.get(description, description)
        error.redirect_uri = None
        response: Response = super().handle_error_response(request, error)
        return response

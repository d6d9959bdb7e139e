"""Authorization requests: what is made fresh for each login, and checked when it is answered.

PKCE with S256 (RFC 7636), ``state`` (RFC 6749, 10.12), ``nonce`` (OpenID Connect Core 15.5.2) and
the issuer check (RFC 9207). All of it is made and kept in the kernel: ``crypto.subtle`` does
not exist in a page that a remote Jupyter serves over plain http.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from auth0_widget.base.redaction import Secret, safe_text
from auth0_widget.errors import (
    Auth0WidgetError,
    AuthorizationError,
    InvalidResponseError,
    LoginDeniedError,
    LoginTooLongError,
    StateError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.oauth.client import Tenant

LIFETIME = 600
"""Seconds that a person has for one login, from the click to the answer."""

# OpenID Connect Core 3.1.2.6: what a tenant answers to prompt=none when a person is needed.
_INTERACTION = ("login_required", "consent_required", "interaction_required")
_NOT_SILENT = (
    "The tenant has to ask the person something and was told not to: leave prompt=none out, then "
    "click Log in again."
)

_UNKNOWN_AUDIENCE = "Service not found"
"""How Auth0's description begins where ``audience`` names no API; the error is access_denied."""

MAX_OPEN = 4
"""Logins of one page that may be in progress: a closed window may answer after all."""


@dataclass(slots=True)
class AuthorizationRequest:
    """One authorization request. Its secrets leave it for the URL and the token request only.

    Attributes:
        redirect_uri: Where the tenant answers to.
        response_mode: How it answers, or None for the tenant's default.
        attempt: The login's attempt, once the person has begun.
        started_at: When that was, in seconds since 1970.
    """

    redirect_uri: str
    response_mode: str | None = None
    attempt: int | None = None
    started_at: float | None = None
    state: Secret = field(default_factory=lambda: Secret(secrets.token_urlsafe(32)))
    nonce: Secret = field(default_factory=lambda: Secret(secrets.token_urlsafe(32)))
    verifier: Secret = field(default_factory=lambda: Secret(secrets.token_urlsafe(32)))

    def url(self, tenant: Tenant, further: Mapping[str, str] = MappingProxyType({})) -> str:
        """The URL that the person's browser opens; ``further`` parameters never replace ours."""
        parameters = {
            **further,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "state": self.state.reveal(),
            "nonce": self.nonce.reveal(),
            "code_challenge": _s256_challenge(self.verifier),
            "code_challenge_method": "S256",
        }
        if self.response_mode is not None:
            parameters["response_mode"] = self.response_mode
        return tenant.authorization_url(parameters)


class OpenRequests:
    """The requests of one page: the next one, and those that were started and not answered."""

    def __init__(self, redirect_uri: str, response_mode: str | None) -> None:
        self._redirect_uri = redirect_uri
        self._response_mode = response_mode
        self._started: list[AuthorizationRequest] = []
        self.next = self._new()

    def start(self, attempt: int) -> None:
        """The person opens the next one; another takes its place."""
        self.next.attempt, self.next.started_at = attempt, time.time()
        self._started = [*self._started[-MAX_OPEN + 1 :], self.next]
        self.next = self._new()

    @property
    def latest(self) -> AuthorizationRequest | None:
        """The one that was started last and not yet answered."""
        return self._started[-1] if self._started else None

    def take(self, response: Mapping[str, str]) -> AuthorizationRequest:
        """The request that this response answers, used up by it: one state, one answer.

        Raises:
            StateError: The state is of no login in progress here.
            LoginTooLongError: It is of one that began more than ten minutes ago.
        """
        state = response.get("state", "")
        for request in self._started:
            if state.isascii() and hmac.compare_digest(request.state.reveal(), state):
                self._started.remove(request)
                if time.time() - (request.started_at or 0) > LIFETIME:
                    raise LoginTooLongError
                return request
        raise StateError

    def _new(self) -> AuthorizationRequest:
        return AuthorizationRequest(self._redirect_uri, self._response_mode)


def code_from_response(response: Mapping[str, str], issuer: str) -> Secret:
    """The authorization code in a response.

    Raises:
        StateError: The response names another issuer (RFC 9207, 2.4); checked before anything
            it says is shown.
        LoginDeniedError: The person or a rule of the tenant said no.
        AuthorizationError: The tenant answered with another error.
        InvalidResponseError: There is neither a code nor an error.
    """
    if response.get("iss", issuer) != issuer:
        raise StateError("The login answer came from another tenant than the one asked.")
    if "error" in response:
        raise _refusal(response["error"], response.get("error_description"))
    code = response.get("code")
    if not code:
        raise InvalidResponseError("The tenant's login answer holds neither a code nor an error.")
    return Secret(code)


def _refusal(error: str, description: str | None) -> Auth0WidgetError:
    words = safe_text(description) if description else None
    if error == "access_denied":
        return login_denied(words)
    next_step = _NOT_SILENT if error in _INTERACTION else None
    return AuthorizationError(error=safe_text(error), error_description=words, next_step=next_step)


def login_denied(reason: str | None) -> LoginDeniedError:
    """The error for ``access_denied``, with the tenant's reason, which is safe to show already."""
    if reason and reason.startswith(_UNKNOWN_AUDIENCE):
        return LoginDeniedError(
            "The tenant has no API with this audience, or the application may not use it.",
            next_step="Check the audience (argument audience or AUTH0_AUDIENCE): Auth0 shows it as "
            "the Identifier under Applications, APIs.",
        )
    return LoginDeniedError(f"The login was denied: {reason.rstrip('.')}." if reason else None)


def _s256_challenge(verifier: Secret) -> str:
    """The S256 challenge (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.reveal().encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")

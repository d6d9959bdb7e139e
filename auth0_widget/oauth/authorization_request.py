"""Authorization requests, and the checks of the responses to them.

Each request has a PKCE verifier with S256 (RFC 7636), a ``state`` (RFC 6749, 10.12) and a ``nonce``
(OpenID Connect Core 15.5.2) of its own. The state and the issuer (RFC 9207) of each response are
checked. The kernel does all of this, because ``crypto.subtle`` does not exist in a page that a
remote Jupyter Server serves over plain http.
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
    ConsentRequiredError,
    InvalidResponseError,
    LoginDeniedError,
    LoginRequiredError,
    LoginTooLongError,
    MfaRequiredError,
    StateError,
    TenantError,
)
from auth0_widget.oauth.responses import DENIAL_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auth0_widget.oauth.client import Tenant

RESPONSE_PARAMETERS = ("code", "state", "iss", "error", "error_description")
"""The parameters of an authorization response that are used (RFC 6749, 4.1.2; RFC 9207, 2)."""

MAX_PARAMETER = 4096
"""Characters of one of them. Real ones are shorter."""

LIFETIME = 600
"""Seconds that a person has for one login, from the click to the response."""

# The errors for prompt=none where the person is needed (OpenID Connect Core 3.1.2.6; Auth0's own
# mfa_required: auth0-spa-js FAQ, "Using Multi-factor Authentication (MFA)").
_PERSON_NEEDED: dict[str, type[TenantError]] = {
    "login_required": LoginRequiredError,
    "consent_required": ConsentRequiredError,
    "interaction_required": ConsentRequiredError,
    "mfa_required": MfaRequiredError,
}

UNKNOWN_AUDIENCE = "Service not found"
"""How Auth0's description of access_denied begins where ``audience`` names no API."""

MAX_PENDING = 4
"""The requests of one page that can wait for a response, at most. There can be several, because a
login window that the person has left open may still send its response."""


@dataclass(slots=True)
class AuthorizationRequest:
    """One authorization request.

    Attributes:
        redirect_uri: The redirect URI.
        tenant: The tenant, with its settings, that the URL was made for; None before there is one.
        response_mode: The response mode, or None for the tenant's default.
        attempt_number: The number of the login attempt, once the person has started it.
        started_at: The time of that start, in seconds since 1970.
        channel: The first part of the state. It names the BroadcastChannel on which the callback
            page passes the response on, and may be known to every page of the login.
        state: Goes into the URL, and comes back in the response.
        nonce: Goes into the URL, and comes back in the ID token.
        verifier: Goes into the token request; its hash goes into the URL.
    """

    redirect_uri: str
    response_mode: str | None = None
    tenant: Tenant | None = None
    attempt_number: int | None = None
    started_at: float | None = None
    channel: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: Secret = field(init=False)
    nonce: Secret = field(default_factory=lambda: Secret(secrets.token_urlsafe(32)))
    verifier: Secret = field(default_factory=lambda: Secret(secrets.token_urlsafe(32)))

    def __post_init__(self) -> None:
        """Make the state. Its second part cannot be computed from the channel."""
        self.state = Secret(f"{self.channel}.{secrets.token_urlsafe(32)}")

    def url(self, tenant: Tenant, extra: Mapping[str, str] = MappingProxyType({})) -> str:
        """The URL for the browser. The parameters in ``extra`` cannot replace those set here."""
        parameters = {
            **extra,
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


class PendingRequests:
    """The requests of one page: the next one, and those that wait for a response."""

    def __init__(self, redirect_uri: str, response_mode: str | None) -> None:
        self._redirect_uri = redirect_uri
        self._response_mode = response_mode
        self._started: list[AuthorizationRequest] = []
        self.next = self._new()

    def set_redirect_uri(self, redirect_uri: str, response_mode: str | None) -> None:
        """Make the next request, and those after it, with another redirect URI."""
        self._redirect_uri, self._response_mode = redirect_uri, response_mode
        self.next = self._new()

    def start(self, attempt: int | None = None) -> AuthorizationRequest:
        """Mark the next request as started by this attempt, and make another next one."""
        started = self.next
        started.attempt_number, started.started_at = attempt, time.time()
        self._started = [*self._started[-MAX_PENDING + 1 :], started]
        self.next = self._new()
        return started

    def pending(self, response_mode: str) -> list[AuthorizationRequest]:
        """The requests with this response mode that wait for a response and have not expired."""
        now = time.time()
        return [
            request
            for request in self._started
            if request.response_mode == response_mode and now - (request.started_at or 0) < LIFETIME
        ]

    def next_for(self, tenant: Tenant) -> AuthorizationRequest:
        """The next request, for this tenant and its settings.

        A next request that was made for other settings is replaced, so that the response to its URL
        belongs to no request.
        """
        if self.next.tenant not in {None, tenant}:
            self.next = self._new()
        self.next.tenant = tenant
        return self.next

    @property
    def latest(self) -> AuthorizationRequest | None:
        """The request that was started last, of those that wait for a response."""
        return self._started[-1] if self._started else None

    def take(self, response: Mapping[str, str]) -> AuthorizationRequest:
        """Remove and return the request that has the state of this response.

        Raises:
            StateError: No request that waits for a response has this state.
            LoginTooLongError: The request was started more than ten minutes ago.
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


def code_from_response(
    response: Mapping[str, str], issuer: str, keep: Iterable[str | None] = ()
) -> Secret:
    """The authorization code in a response.

    Args:
        response: The parameters of the response, not yet checked.
        issuer: The tenant's issuer identifier.
        keep: What an error shows as it is, see `safe_text`.

    Raises:
        StateError: The response names another issuer (RFC 9207, 2.4). This is checked first, so
            that no text of another issuer is shown.
        LoginDeniedError: The person or a rule of the tenant denied the login.
        AuthorizationError: The response has another OAuth error.
        InvalidResponseError: The response has neither a code nor an error.
    """
    if response.get("iss", issuer) != issuer:
        raise StateError("The login response came from another tenant than the one asked.")
    if "error" in response:
        raise _authorization_error(response["error"], response.get("error_description"), keep)
    code = response.get("code")
    if not code:
        raise InvalidResponseError("The tenant's login response has neither a code nor an error.")
    return Secret(code)


def _authorization_error(
    error: str, description: str | None, keep: Iterable[str | None]
) -> Auth0WidgetError:
    reason = safe_text(description, keep) if description else None
    if error in DENIAL_CODES:
        return login_denied_error(reason)
    refusal = _PERSON_NEEDED.get(error, AuthorizationError)
    return refusal(error=safe_text(error), error_description=reason)


def login_denied_error(reason: str | None) -> LoginDeniedError:
    """The error for one of the `DENIAL_CODES`.

    Args:
        reason: The tenant's description, which the caller has made safe to show, or None.
    """
    if reason and reason.startswith(UNKNOWN_AUDIENCE):
        audience = reason.removeprefix(UNKNOWN_AUDIENCE).strip(": .") or "that was asked for"
        return LoginDeniedError(
            f"The tenant has no API with the audience {audience}, or the application may not use "
            "it.",
            next_step="Check the audience (argument audience or AUTH0_AUDIENCE): Auth0 shows it as "
            "the Identifier under Applications, APIs.",
        )
    if reason and not reason.endswith("..."):  # three dots show that a description was cut
        reason = f"{reason.rstrip('.')}."
    return LoginDeniedError(f"The login was denied: {reason}" if reason else None)


def _s256_challenge(verifier: Secret) -> str:
    """The S256 challenge (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.reveal().encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")

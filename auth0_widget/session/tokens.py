"""The tokens of a session. They are immutable: a renewal replaces all of them at once."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.oauth.id_token import session_end
from auth0_widget.session.renewal import renewal_time

if TYPE_CHECKING:
    from auth0_widget.base.redaction import PrivateMapping, Secret
    from auth0_widget.oauth.token_response import TokenResponse


# An access token that expires within this time may have expired when it reaches the API.
_MARGIN = 1 / 60  # of its lifetime
_MAX_MARGIN = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Tokens:
    """Verified tokens.

    Attributes:
        claims: The claims of the ID token.
        expires_at: When the access token expires, in seconds since 1970.
        scope: The scopes that were granted, separated by spaces.
        saved_at: When the kernel got these tokens, in seconds since 1970.
        session_ends_at: When the tenant ends the session in spite of renewals (``session_expiry``,
            IPSIE), in seconds since 1970; infinite if the tenant does not say.
        renew_at: When to renew the tokens, in seconds since 1970, see `renewal_time`.
    """

    id_token: Secret
    claims: PrivateMapping
    access_token: Secret
    expires_at: float
    scope: str
    saved_at: float
    session_ends_at: float = math.inf
    renew_at: float = field(init=False)
    _ends_at_monotonic: float = field(init=False, repr=False)
    _renew_at_monotonic: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compute `renew_at`, and both times by the monotonic clock."""
        renew_at = renewal_time(self.saved_at, self.expires_at)
        ahead = time.monotonic() - time.time()
        object.__setattr__(self, "renew_at", renew_at)
        object.__setattr__(self, "_renew_at_monotonic", renew_at + ahead)
        object.__setattr__(self, "_ends_at_monotonic", self.expires_at + ahead)

    @property
    def expired(self) -> bool:
        """Whether the access token has expired, even if the clock has been set back since."""
        return time.time() >= self.expires_at or time.monotonic() >= self._ends_at_monotonic

    @property
    def nearly_expired(self) -> bool:
        """Whether the access token may expire before it reaches an API."""
        lifetime = max(0.0, self.expires_at - self.saved_at)
        margin = min(lifetime * _MARGIN, _MAX_MARGIN)
        return (
            time.time() >= self.expires_at - margin
            or time.monotonic() >= self._ends_at_monotonic - margin
        )

    @property
    def due_for_renewal(self) -> bool:
        """Whether it is time to renew the tokens."""
        return time.time() >= self.renew_at or time.monotonic() >= self._renew_at_monotonic


def tokens_from_response(
    response: TokenResponse,
    id_token: Secret,
    claims: PrivateMapping,
    *,
    scope: str,
    session_ends_at: float = math.inf,
) -> Tokens:
    """The tokens of a token response that has been verified.

    Args:
        response: The token response.
        id_token: The ID token of the response, or the previous one: a renewal may bring none.
        claims: The verified claims of that ID token.
        scope: The granted scopes, if the response does not contain them (RFC 6749, 5.1).
        session_ends_at: When the tenant ends the session, if the claims do not say it.
    """
    now = time.time()
    session_ends_at = session_end(claims, session_ends_at)
    return Tokens(
        id_token=id_token,
        claims=claims,
        access_token=response.access_token,
        expires_at=min(now + response.expires_in, session_ends_at),
        scope=response.scope or scope,
        saved_at=now,
        session_ends_at=session_ends_at,
    )

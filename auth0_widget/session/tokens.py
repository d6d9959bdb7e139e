"""The tokens of one moment in a session's life; a renewal replaces them all at once."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.session.renewal import renewal_time

if TYPE_CHECKING:
    from auth0_widget.base.redaction import PrivateMapping, Secret
    from auth0_widget.oauth.token_response import TokenResponse


_MARGIN = 1 / 60  # of its life, in which a token may expire on its way to the API
_LONGEST_MARGIN = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a session holds, verified.

    Attributes:
        claims: Of the ID token.
        expires_at: When the access token ends, in seconds since 1970.
        scope: What was granted.
        saved_at: When they came, in seconds since 1970.
        session_ends_at: When the tenant ends the session, whatever is renewed before (IPSIE's
            ``session_expiry``), in seconds since 1970; infinite where it does not say.
        renew_at: When to renew them, in seconds since 1970 (`renewal_time`).
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

    def __post_init__(self) -> None:
        """Compute when they are to be renewed."""
        object.__setattr__(self, "renew_at", renewal_time(self.saved_at, self.expires_at))
        left = self.expires_at - time.time()
        object.__setattr__(self, "_ends_at_monotonic", time.monotonic() + left)

    @property
    def expired(self) -> bool:
        """Whether the access token has ended, also where the clock has been set back since."""
        return time.time() >= self.expires_at or time.monotonic() >= self._ends_at_monotonic

    @property
    def nearly_expired(self) -> bool:
        """Whether the access token may end before an API has seen it."""
        life = max(0.0, self.expires_at - self.saved_at)
        margin = min(life * _MARGIN, _LONGEST_MARGIN)
        return (
            time.time() >= self.expires_at - margin
            or time.monotonic() >= self._ends_at_monotonic - margin
        )

    @property
    def due_for_renewal(self) -> bool:
        """Whether it is time to renew them."""
        return time.time() >= self.renew_at or time.monotonic() >= self._ends_at_monotonic


def tokens_from_response(
    response: TokenResponse,
    id_token: Secret,
    claims: PrivateMapping,
    *,
    scope: str,
    session_ends_at: float = math.inf,
) -> Tokens:
    """The tokens of a response that has been verified.

    Args:
        response: What the token endpoint gave.
        id_token: The ID token that now counts; a renewal may bring none.
        claims: Its verified claims.
        scope: What counts as granted where the response does not say (RFC 6749, 5.1).
        session_ends_at: What counts as the session's end where the claims do not say.
    """
    now = time.time()
    session_ends_at = claims.get("session_expiry", session_ends_at)
    return Tokens(
        id_token=id_token,
        claims=claims,
        access_token=response.access_token,
        expires_at=min(now + response.expires_in, session_ends_at),
        scope=response.scope or scope,
        saved_at=now,
        session_ends_at=session_ends_at,
    )

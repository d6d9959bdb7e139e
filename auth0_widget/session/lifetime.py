"""How long a session will last, as far as this is known before a job starts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from auth0_widget.session.no_renewal import NO_RENEWAL_SENTENCES

if TYPE_CHECKING:
    from auth0_widget.session.managed_session import ManagedSession

DEFAULT_REFRESH_TOKEN_LIFETIME = 30 * 86_400
"""Seconds after the login. This is Auth0's default, and a renewal does not extend it (Auth0 docs,
"Configure Refresh Token Expiration"). An application cannot find out what its tenant has set."""


class End(NamedTuple):
    """When a session ends at the latest.

    Attributes:
        at: Seconds since 1970; infinite if no end is known.
        reason: Why the session ends then, to follow "The session lasts 2 hours".
        next_step: What the person can do, or None for the default of `SessionTooShortError`.
    """

    at: float
    reason: str
    next_step: str | None = None


def known_end(session: ManagedSession, refresh_token_lifetime: float | None) -> End:
    """When a session ends at the latest, as far as this is known.

    Args:
        session: The session.
        refresh_token_lifetime: Seconds after the login for which the tenant accepts refresh tokens,
            or None if the caller does not know.
    """
    tokens = session.tokens
    if not session.renewable:
        why_not = session.no_renewal
        because = f": {NO_RENEWAL_SENTENCES[why_not]}" if why_not is not None else ""
        return End(tokens.expires_at, f"and cannot be renewed{because}")
    ends = [
        End(
            tokens.session_ends_at,
            "until the identity provider ends it (session_expiry)",
            "Log in again shortly before the job begins, or ask whoever runs your company's login.",
        )
    ]
    logged_in_at = session.refresh_token_logged_in_at
    if logged_in_at is not None and refresh_token_lifetime is not None:
        ends.append(
            End(
                logged_in_at + refresh_token_lifetime,
                "until its refresh token ends",
                "In Auth0, raise the application's Maximum Refresh Token Lifetime.",
            )
        )
    return min(ends)


def unknown_end_notice(session: ManagedSession, until: float) -> str | None:
    """A notice that the end of the refresh token is unknown, or None if it does not matter.

    Args:
        session: The session.
        until: When the job ends, in seconds since 1970.
    """
    logged_in_at = session.refresh_token_logged_in_at
    if not session.renewable or logged_in_at is None:
        return None
    default = logged_in_at + DEFAULT_REFRESH_TOKEN_LIFETIME
    day = time.strftime("%Y-%m-%d", time.localtime(default))
    notice = (
        "An application cannot find out when the tenant stops renewing a session. "
        f"With Auth0's default, this is 30 days after the login, on {day}"
    )
    if until <= default:
        return f"{notice}."
    return f"{notice}, before this job ends: log out and in again, or pass refresh_token_lifetime."

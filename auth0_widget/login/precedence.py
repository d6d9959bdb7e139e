"""Which session wins, where a login is stored in several places.

A browser, the Jupyter Server and this machine may each have stored the session or the logout of a
login. Only this module compares their times. The rules are in docs/lifecycle.md, "Which session
wins".
"""

from __future__ import annotations

import time
from typing import Literal, Protocol

Verdict = Literal["ended", "older", "same", "newer"]
"""What a stored session is to a login. ``ended``: the last logout of the login has ended it."""


class LoggedIn(Protocol):
    """A session or its record."""

    @property
    def session_id(self) -> str:
        """Identifies the session."""

    @property
    def logged_in_at(self) -> float:
        """When the person logged in, in seconds since 1970."""


def compare(stored: LoggedIn, ours: LoggedIn | None, ended_at: float | None) -> Verdict:
    """Compare a stored session with that of a login.

    Args:
        stored: The stored session.
        ours: The session of the login, or None.
        ended_at: When the last logout of the login was, in seconds since 1970, or None.
    """
    if ended_at is not None and stored.logged_in_at <= ended_at:
        return "ended"
    if ours is None:
        return "newer"
    if stored.session_id == ours.session_id:
        return "same"
    return "newer" if stored.logged_in_at > ours.logged_in_at else "older"


def logout_applies(ended_at: float, began_at: float, leeway: float) -> bool:
    """Whether a logout elsewhere ends a login that began at this time.

    The clock of the process that stored the logout may be ahead. A logout in the future is not
    believed: it would also end the next login.

    Args:
        ended_at: When the logout was, in seconds since 1970.
        began_at: When the login began, likewise.
        leeway: Seconds by which the clocks may differ.
    """
    return began_at <= ended_at <= time.time() + leeway

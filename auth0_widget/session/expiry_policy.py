"""What happens when a session has expired during a job and cannot be renewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import OnExpiry
    from auth0_widget.session.managed_session import ManagedSession

WAIT_AT_MOST = 8 * 3600.0
"""Seconds. Eight hours, so that a job can wait for the morning."""


class Reauthenticator(Protocol):
    """Has the person of an expired session log in again, while a job waits for it."""

    def reauthenticate(
        self, session: ManagedSession, is_needed: Callable[[], bool], timeout: float
    ) -> None:
        """Ask for a login with the API and the scopes of a session, and wait until it is over.

        Args:
            session: The session. If the same person logs in, it has the new tokens.
            is_needed: Returns False once the session can be used, or has ended.
            timeout: Seconds to wait at most.

        Raises:
            LoginTimeoutError: Nobody logged in within that time.
            AnotherPersonError: Another person logged in, for another API than that of the login.
            Auth0WidgetError: The login failed, or nobody can log in here.
        """


@dataclass(slots=True, eq=False)
class ExpiryPolicy:
    """Whether callers get an error, or wait until the same person has logged in again.

    A session and those for other APIs that end with it share one.

    Attributes:
        action: ``"raise"`` or ``"wait"``.
        wait_at_most: The maximum number of seconds to wait.
        reauthenticator: Asks the person. None if no widget can do that.
    """

    action: OnExpiry = "raise"
    wait_at_most: float = WAIT_AT_MOST
    reauthenticator: Reauthenticator | None = None

    def wait(self, session: ManagedSession, is_needed: Callable[[], bool]) -> bool:
        """Wait for a login if the action is ``"wait"``. Returns whether the wait is over.

        Args:
            session: The session that has expired.
            is_needed: Returns False once the session can be used, or has ended.

        Raises:
            Auth0WidgetError: See `Reauthenticator.reauthenticate`.
        """
        if self.action != "wait" or self.reauthenticator is None:
            return False
        self.reauthenticator.reauthenticate(session, is_needed, self.wait_at_most)
        return True

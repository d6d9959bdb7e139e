"""What happens when a session has expired during a job and cannot be renewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.errors import Auth0WidgetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import OnExpiry

WAIT_AT_MOST = 8 * 3600.0
"""Seconds. Eight hours, so that a job can wait for the morning."""


@dataclass(slots=True, eq=False)
class ExpiryPolicy:
    """Whether callers get an error, or wait until the same person has logged in again.

    Attributes:
        action: ``"raise"`` or ``"wait"``.
        wait_at_most: The maximum number of seconds to wait.
        wait_for_login: Called with seconds and ``is_needed``. Asks for a login and returns the
            session or the error of the login; returns None if ``is_needed()`` is false, or if
            nobody can log in. Set by the login.
    """

    action: OnExpiry = "raise"
    wait_at_most: float = WAIT_AT_MOST
    wait_for_login: Callable[[float, Callable[[], bool]], object] = lambda *_: None

    def wait(self, is_needed: Callable[[], bool]) -> bool:
        """Wait for a login if the action is ``"wait"``. Returns whether somebody logged in.

        Args:
            is_needed: Returns whether a login is still needed, because nobody has logged in.

        Raises:
            LoginTimeoutError: Nobody logged in within the time.
            Auth0WidgetError: The login failed, or nobody can log in here.
        """
        if self.action != "wait":
            return False
        outcome = self.wait_for_login(self.wait_at_most, is_needed)
        if isinstance(outcome, Auth0WidgetError):
            raise outcome.with_traceback(None)
        return outcome is not None

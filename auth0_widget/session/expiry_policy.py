"""What a caller gets once a session has expired in the middle of a job and nothing renews it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.errors import Auth0WidgetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import OnExpiry

WAIT_AT_MOST = 8 * 3600.0
"""Seconds: a night."""


@dataclass(slots=True, eq=False)
class ExpiryPolicy:
    """An error, or the wait for another login of the same person.

    Attributes:
        action: Which of the two.
        wait_at_most: Seconds.
        wait_for_login: Asks for a login and waits for it, so many seconds at most. Returns its
            session or its error; None where nobody could log in. Given by the login.
    """

    action: OnExpiry = "raise"
    wait_at_most: float = WAIT_AT_MOST
    wait_for_login: Callable[[float], object] = lambda _: None

    def wait(self) -> bool:
        """Wait for a login, if that is the policy. Returns whether there has been one.

        Raises:
            LoginTimeoutError: Nobody logged in within the time.
            Auth0WidgetError: The login failed, or nobody can log in here.
        """
        if self.action != "wait":
            return False
        outcome = self.wait_for_login(self.wait_at_most)
        if isinstance(outcome, Auth0WidgetError):
            raise outcome.with_traceback(None)
        return outcome is not None

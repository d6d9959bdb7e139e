"""A login attempt that a person starts in the card, and that runs in a thread of the kernel."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.errors import LoginCancelledError

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.session.managed_session import ManagedSession


class CardAttempt:
    """An attempt to log in. Creating it starts the attempt; `run` does the work.

    Args:
        login: The login.
        initiator: The page.

    Attributes:
        stop: Set when the attempt has ended: by a logout, a cancellation, a failure or a success,
            in this page or another.
        done: Set when the work has ended.
    """

    def __init__(self, login: Login, initiator: Initiator) -> None:
        self.stop, self.done = Event(), Event()
        self._login, self._initiator = login, initiator
        # Read before the start, after which cells may request another login.
        self._settings = login.tenant_for_next_login.settings
        self._number = login.start()

    @property
    def under_way(self) -> bool:
        """Whether the attempt can still end with a session."""
        return self._login.is_under_way(self._number)

    def run(self, log_in: Callable[[Pause], ManagedSession]) -> None:
        """Log in, in the background.

        Args:
            log_in: Returns a session. It calls its argument to wait, see `Pause`.
        """
        try:
            in_background(lambda: self._run(log_in), self._failed)
        except BaseException:
            self._login.cancel()  # an interrupt, before the thread started
            raise

    def _run(self, log_in: Callable[[Pause], ManagedSession]) -> None:
        def stop_if_over() -> None:
            if not self.under_way:
                self.stop.set()

        stop_listening = self._login.listen(stop_if_over)
        try:
            stop_if_over()  # the attempt may have ended already
            session = log_in(self.stop.wait)
        finally:
            stop_listening()
            self.done.set()
        self._login.complete(self._number, session, self._initiator.attempt_succeeded)

    def _failed(self, error: Auth0WidgetError) -> None:
        # The person knows why the attempt was cancelled.
        if not isinstance(error, LoginCancelledError):
            self._login.fail(self._number, error, settings=self._settings)

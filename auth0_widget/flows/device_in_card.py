"""The device flow in the card (RFC 8628): for people whose browser lets no login window work.

One of these belongs to each page that shows the widget, and only the page that asked for a code is
shown it: whoever approves it gives their login to this kernel. The polling ends with the login that
it is for: at a logout, a cancellation, a failure or a success, wherever that happens.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.errors import LoginCancelledError
from auth0_widget.flows.device import log_in_by_device

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.device_codes import DeviceCodes
    from auth0_widget.session.managed_session import ManagedSession


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What the card shows of the codes.

    Attributes:
        user_code: What the person types.
        verification_uri: Where, on the tenant's own host.
        expires_at: Until when, in seconds since 1970.
        reason: The sentence of what failed before, or None.
    """

    user_code: str = field(repr=False)
    verification_uri: str
    expires_at: float
    reason: str | None


@dataclass(slots=True, eq=False)
class _Attempt:
    attempt: int
    reason: str | None
    stop: Event
    code: ShownCode | None = None


class DeviceInCard:
    """The device logins that one page starts, at most one at a time.

    Args:
        login: What they are for.
    """

    def __init__(self, login: Login) -> None:
        self._login = login
        self._attempt: _Attempt | None = None

    @property
    def under_way(self) -> bool:
        """Whether the person may still type a code for this login."""
        return self._attempt is not None and self._login.is_under_way(self._attempt.attempt)

    @property
    def code(self) -> ShownCode | None:
        """What to show, as long as it is good for this login."""
        attempt = self._attempt
        return attempt.code if attempt is not None and self.under_way else None

    def start(
        self, shown: Callable[[], object], take_part: Callable[[ManagedSession], object]
    ) -> None:
        """Ask for a code and wait for the person, off the kernel's main thread.

        Args:
            shown: Called when there is a code to show.
            take_part: Called with the session just before everybody is told of it.
        """
        if self.under_way:
            return
        before = self._login.problem
        reason = before.message if before is not None else None
        self._attempt = None  # or the next line would show the pages the last code once more
        attempt = self._attempt = _Attempt(self._login.start(), reason, Event())
        try:
            in_background(
                lambda: self._run(attempt, shown, take_part),
                lambda error: self._failed(attempt, error),
            )
        except BaseException:
            self._login.cancel()  # Stop came before there was a thread
            raise

    def _run(
        self,
        attempt: _Attempt,
        shown: Callable[[], object],
        take_part: Callable[[ManagedSession], object],
    ) -> None:
        def show(codes: DeviceCodes) -> None:
            attempt.code = ShownCode(
                codes.user_code,
                codes.verification_uri,
                time.time() + codes.expires_in,
                attempt.reason,
            )
            shown()

        def look() -> None:
            if not self._login.is_under_way(attempt.attempt):
                attempt.stop.set()

        stop_listening = self._login.listen(look)
        try:
            look()  # it may be over already
            session = log_in_by_device(self._login, attempt.stop.wait, show)
        finally:
            stop_listening()
            # Before anything is told: a login that begins then must not show the old code.
            if self._attempt is attempt:
                self._attempt = None
        self._login.complete(attempt.attempt, session, take_part)

    def _failed(self, attempt: _Attempt, error: Auth0WidgetError) -> None:
        # One that was told to stop ended for a reason that has been told already.
        if not isinstance(error, LoginCancelledError):
            self._login.fail(attempt.attempt, error)

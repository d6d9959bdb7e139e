"""The device flow in the card (RFC 8628): for people whose browser lets no login window work.

Each page that shows the widget has one of these, and a code is shown only in the page that asked
for it: whoever approves the code gives their login to this kernel. The polling ends when the login
attempt ends: at a logout, a cancellation, a failure or a success, wherever that happens.
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
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.flows.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.device_codes import DeviceCodes


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What the card shows of the codes.

    Attributes:
        user_code: What the person types.
        verification_uri: Where the person types it, on the tenant's own host.
        expires_at: When the code expires, in seconds since 1970.
        reason: Why there is a code and no window: the message of the error before it, or None.
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
        initiator: The page.
    """

    def __init__(self, login: Login, initiator: Initiator) -> None:
        self._login, self._initiator = login, initiator
        self._attempt: _Attempt | None = None

    @property
    def under_way(self) -> bool:
        """Whether the person may still type a code."""
        return self._attempt is not None and self._login.is_under_way(self._attempt.attempt)

    @property
    def code(self) -> ShownCode | None:
        """What to show while the person may type it."""
        attempt = self._attempt
        return attempt.code if attempt is not None and self.under_way else None

    def start(self, before: Auth0WidgetError | None) -> None:
        """Ask for a code and wait for the person, in the background.

        Args:
            before: What has failed before, and is the reason for the code.
        """
        if self.under_way:
            return
        reason = before.message if before is not None else None
        self._attempt = None  # or the next line would show the pages the last code once more
        attempt = self._attempt = _Attempt(self._login.start(), reason, Event())
        try:
            in_background(lambda: self._run(attempt), lambda error: self._failed(attempt, error))
        except BaseException:
            self._login.cancel()  # Stop came before there was a thread
            raise

    def _run(self, attempt: _Attempt) -> None:
        def show(codes: DeviceCodes) -> None:
            attempt.code = ShownCode(
                codes.user_code,
                codes.verification_uri,
                time.time() + codes.expires_in,
                attempt.reason,
            )
            self._initiator.code_issued()

        def stop_if_over() -> None:
            if not self._login.is_under_way(attempt.attempt):
                attempt.stop.set()

        stop_listening = self._login.listen(stop_if_over)
        try:
            stop_if_over()  # it may be over already
            session = log_in_by_device(self._login, attempt.stop.wait, show)
        finally:
            stop_listening()
            # Before anything is told: a login that begins then must not show the old code.
            if self._attempt is attempt:
                self._attempt = None
        self._login.complete(attempt.attempt, session, self._initiator.attempt_succeeded)

    def _failed(self, attempt: _Attempt, error: Auth0WidgetError) -> None:
        # Whatever told it to stop has told the person already.
        if not isinstance(error, LoginCancelledError):
            self._login.fail(attempt.attempt, error)

"""The device flow in the card (RFC 8628), for people whose browser blocks login windows.

Each page that shows the widget has a `DeviceInCard`. A code is shown only in the page that asked
for it, because the person who approves it gives their login to this kernel. Polling ends when the
login attempt ends: by a logout, a cancellation, a failure or a success, in this page or another.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.flows.card_attempt import CardAttempt
from auth0_widget.flows.conditions import check_no_conditions
from auth0_widget.flows.device import log_in_by_device

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.device_codes import DeviceCodes
    from auth0_widget.session.managed_session import ManagedSession


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code as the card shows it.

    Attributes:
        user_code: The code that the person types.
        verification_uri: The address where the person types it, on the tenant's host.
        expires_at: When the code expires, in seconds since 1970.
        reason: The message of the error because of which there is a code and no window, or None.
        verification_uri_complete: The same address with the code in it, or None.
    """

    user_code: str = field(repr=False)
    verification_uri: str
    expires_at: float
    reason: str | None
    verification_uri_complete: str | None = field(default=None, repr=False)


class _DeviceAttempt(CardAttempt):
    """An attempt with a code.

    Attributes:
        code: The code, once the tenant has issued it.
    """

    code: ShownCode | None = None


class DeviceInCard:
    """The device logins of one page, at most one at a time.

    Args:
        login: The login.
        initiator: The page.
        conditions: The names of the authorization parameters that the notebook's author requires,
            see `AuthorizationOptions.conditions`. If there are any, no code is shown.
    """

    def __init__(self, login: Login, initiator: Initiator, conditions: Sequence[str]) -> None:
        self._login, self._initiator, self._conditions = login, initiator, conditions
        self._attempt: _DeviceAttempt | None = None

    @property
    def under_way(self) -> bool:
        """Whether the person may still type a code."""
        return self._attempt is not None and self._attempt.under_way

    @property
    def code(self) -> ShownCode | None:
        """The code, while the person may type it."""
        attempt = self._attempt
        return attempt.code if attempt is not None and self.under_way else None

    def start(self, before: Auth0WidgetError | None) -> None:
        """Ask for a code and wait for the person, in the background.

        Args:
            before: The error because of which the person asks for a code, or None.
        """
        if self.under_way:
            return
        reason = before.message if before is not None else None
        self._attempt = None  # the next line notifies the pages, which must not show the old code
        attempt = self._attempt = _DeviceAttempt(self._login, self._initiator)

        def show(codes: DeviceCodes) -> None:
            attempt.code = ShownCode(
                codes.user_code,
                codes.verification_uri,
                time.time() + codes.expires_in,
                reason,
                codes.verification_uri_complete,
            )
            self._initiator.code_issued()

        def log_in(pause: Pause) -> ManagedSession:
            try:
                check_no_conditions("device", self._conditions)
                return log_in_by_device(self._login, pause, show)
            finally:
                # Before the success notifies listeners: a login that they start must not show this
                # code.
                if self._attempt is attempt:
                    self._attempt = None

        attempt.run(log_in)

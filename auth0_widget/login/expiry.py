"""The clock that ends a session whose time is over, so that the card says so by itself."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.session.session import Session

_LONGEST = 86_400.0  # seconds; past the platform's limit a timer would never start


class ExpiryTimer:
    """Watches one session at a time; its owner sees to it that one thread does so at a time.

    Args:
        look: Called when the session may have come to its end; it is no more than a reminder.
    """

    def __init__(self, look: Callable[[Session], None]) -> None:
        self._look = look
        self._timer: threading.Timer | None = None

    @property
    def running(self) -> bool:
        """Whether there is an end to watch for."""
        return self._timer is not None

    def watch(self, session: Session) -> None:
        """Watch this one and no other. One that renews itself has no end."""
        self.stop()
        if session.renewable:
            return
        left = max(0.0, session.expires_at - time.time())
        self._timer = threading.Timer(min(left + 0.1, _LONGEST), self._look, [session])
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Watch nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

"""The clock that ends a session whose time is over, so that the card says so by itself."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.session.managed_session import ManagedSession

CHECK_EVERY = 30.0
"""Seconds. A thread's own clock stands still while the machine sleeps; the time of day does not."""


class ExpiryTimer:
    """Watches the end of one session at a time. Not thread-safe: call it under its owner's lock.

    Args:
        ended: Called with the session, in another thread, when its end has come.
    """

    def __init__(self, ended: Callable[[ManagedSession], None]) -> None:
        self._ended = ended
        self._stopped: threading.Event | None = None

    @property
    def running(self) -> bool:
        """Whether there is an end to watch for."""
        return self._stopped is not None

    def watch(self, session: ManagedSession) -> None:
        """Watch this session and no other. One that renews itself may have no end."""
        self.stop()
        if session.ends_at == math.inf:
            return
        self._stopped = threading.Event()
        threading.Thread(
            target=self._wait,
            args=(session, self._stopped),
            name="auth0-widget-expiry",
            daemon=True,
        ).start()

    def stop(self) -> None:
        """Watch nothing."""
        if self._stopped is not None:
            self._stopped.set()
            self._stopped = None

    def _wait(self, session: ManagedSession, stopped: threading.Event) -> None:
        while session.active:
            left = max(0.0, session.ends_at - time.time())
            if stopped.wait(min(left + 0.1, CHECK_EVERY)):
                return
        self._ended(session)

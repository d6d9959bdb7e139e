"""A timer for the expiry of a session, so that the card shows it at once."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.session.managed_session import ManagedSession

CHECK_EVERY = 30.0
"""Seconds between two checks of the time. A timer does not run while the machine sleeps."""


class ExpiryTimer:
    """Calls a function when a session has expired. Not thread-safe: use it under the login's lock.

    Args:
        ended: Called with the session, in another thread, when it has expired.
    """

    def __init__(self, ended: Callable[[ManagedSession], None]) -> None:
        self._ended = ended
        self._stopped: threading.Event | None = None

    @property
    def running(self) -> bool:
        """Whether it watches the expiry of a session."""
        return self._stopped is not None

    def watch(self, session: ManagedSession) -> None:
        """Watch this session instead of the previous one, unless it has no end."""
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
        """Stop watching."""
        if self._stopped is not None:
            self._stopped.set()
            self._stopped = None

    def _wait(self, session: ManagedSession, stopped: threading.Event) -> None:
        while session.active:
            left = max(0.0, session.ends_at - time.time())
            if stopped.wait(min(left + 0.1, CHECK_EVERY)):
                return
        self._ended(session)

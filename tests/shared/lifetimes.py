"""Sessions that are about to expire, and a clock with which no test waits."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_widget.session.session import Session


def end_in(session: Session, seconds: float, *, lifetime: float = 3600) -> None:
    """Let the access token end so many seconds from now, of a lifetime."""
    managed, now = session._managed, time.time()
    managed._tokens = dataclasses.replace(
        managed._tokens, saved_at=now + seconds - lifetime, expires_at=now + seconds
    )


class Clock:
    """A clock in place of the module ``time``: ``sleep`` moves it forward and returns at once.

    Attributes:
        pauses: The seconds of each sleep.
    """

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self._later = 0.0

    def monotonic(self) -> float:
        """Seconds of a clock that is never set."""
        return time.monotonic() + self._later

    def time(self) -> float:
        """The time of day."""
        return time.time() + self._later

    def sleep(self, seconds: float) -> None:
        """Move the clock forward, and return at once."""
        self.pauses.append(seconds)
        self.go_on(seconds)

    def go_on(self, seconds: float) -> None:
        """Move the clock forward."""
        self._later += seconds

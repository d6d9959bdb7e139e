"""The events that a session begins or ends. Each is delivered once, and in order."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.listeners import Listeners

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.session.session import Session


class SessionEvents:
    """The callbacks of ``on_login`` and ``on_logout``. Safe to use from several threads.

    A user's callback may take long. A caller that holds a lock therefore queues an event first, and
    delivers it after it has released the lock.
    """

    def __init__(self) -> None:
        self._began: Listeners[Session] = Listeners()
        self._ended: Listeners[()] = Listeners()
        self._queue: deque[Callable[[], None]] = deque()
        self._delivering = threading.Lock()
        new_locks_after_fork(self)

    def on_login(self, callback: Callable[[Session], object]) -> Callable[[], object]:
        """Call a function for each session that begins, by a login or from the browser."""
        return self._began.add(callback)

    def on_logout(self, callback: Callable[[], object]) -> Callable[[], object]:
        """Call a function for each session that a logout or another person's login has ended."""
        return self._ended.add(callback)

    def queue_login(self, session: Session) -> None:
        """Queue the event that a session begins."""
        self._queue.append(lambda: self._began(session))

    def queue_logout(self) -> None:
        """Queue the event that a session has ended."""
        self._queue.append(self._ended)

    def deliver(self) -> None:
        """Deliver queued events; if another thread is delivering, it takes these too."""
        # The outer loop: another thread may queue an event just before this one releases the lock.
        while self._queue and not self._delivering.locked():
            with self._delivering:
                while self._queue:
                    self._queue.popleft()()

"""What users may be told of: the sessions that begin and end, each once and in their order."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from auth0_widget.callbacks import Callbacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.session import Session


class Occasions:
    """The callbacks of ``on_login`` and ``on_logout``. Safe to use from several threads.

    Noting an occasion and telling of it are two steps: the first is for whoever holds a lock, the
    second for when it holds none, because callbacks may take their time.
    """

    def __init__(self) -> None:
        self._began: Callbacks[Session] = Callbacks()
        self._ended: Callbacks[()] = Callbacks()
        self._noted: deque[Callable[[], None]] = deque()
        self._telling = threading.Lock()

    def on_login(self, callback: Callable[[Session], object]) -> Callable[[], object]:
        """Be told once of each session that begins here, by a login or from the browser."""
        return self._began.add(callback)

    def on_logout(self, callback: Callable[[], object]) -> Callable[[], object]:
        """Be told once of each session that a logout, or another person's login, has ended."""
        return self._ended.add(callback)

    def note_login(self, session: Session) -> None:
        """A session begins."""
        self._noted.append(lambda: self._began(session))

    def note_logout(self) -> None:
        """A session has ended."""
        self._noted.append(self._ended)

    def tell(self) -> None:
        """Tell of what was noted, unless another thread is at it, which then goes on to this."""
        # Looked at again at the end: something may be noted just before the lock is released.
        while self._noted and not self._telling.locked():
            with self._telling:
                while self._noted:
                    self._noted.popleft()()

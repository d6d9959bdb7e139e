"""The cells whose waiting, and no page, started the login of the present session.

In a flow that needs no page, the person sees the login where a cell waits for it. The page of that
cell may therefore show the session, as if the person had logged in with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.login.current_session import CurrentSession
    from auth0_widget.login.waiters import Waiters
    from auth0_widget.session.managed_session import ManagedSession


class StartingCells:
    """The cells that started the login of the current session. Safe to use from several threads.

    Args:
        current: The current session of the login.
        waiters: The cells that wait for a session.
        changed: Called when a cell has been added.
    """

    def __init__(
        self, current: CurrentSession, waiters: Waiters, changed: Callable[[], object]
    ) -> None:
        self._current, self._waiters, self._changed = current, waiters, changed
        # One value, which is replaced as a whole: the ID of the session, and the connections.
        self._started: tuple[str, frozenset[str]] = "", frozenset()

    def set_to_waiters(self, session: ManagedSession) -> None:
        """The cells that wait now have started the login of this session."""
        self._started = session.session_id, self._waiters.connections

    def add(self, connection: str | None) -> None:
        """Let the page of a cell show the session although the cell did not have to wait for it.

        This does nothing if browsers store the session, because the person may have logged in in
        another browser than that of the page.

        Args:
            connection: The ID of the connection of the page that runs the cell, or None.
        """
        session = self._current.active
        if connection is None or session is None or session.stored_in_browsers:
            return
        if self.session_started_by(connection) is None:
            session_id, connections = self._started
            others = connections if session_id == session.session_id else frozenset[str]()
            self._started = session.session_id, others | {connection}
            self._changed()

    def session_started_by(self, connection: str | None) -> ManagedSession | None:
        """The session, if a cell of the page with this connection started its login, or None.

        Args:
            connection: The ID of a page's connection to the kernel, or None if it is unknown.
        """
        session, (session_id, connections) = self._current.active, self._started
        begun = session is not None and session.session_id == session_id
        return session if begun and connection in connections else None

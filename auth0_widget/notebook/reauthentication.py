"""Logins in mid-job: a job whose session has expired waits until the person logs in again."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.base.background import task_is_over
from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.errors import LoginTimeoutError
from auth0_widget.login.requested_login import RequestedLogin
from auth0_widget.notebook.asking import asking
from auth0_widget.notebook.blocking import BlockingWait
from auth0_widget.notebook.running_cell import page_connection
from auth0_widget.notebook.waiting import report_if_cannot_wait, session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.login.login import Login
    from auth0_widget.notebook.waiting import Pages
    from auth0_widget.session.managed_session import ManagedSession


def job_prompt(requested: RequestedLogin | None, *, in_card: bool = True) -> str:
    """The text that tells the person that a job waits for a login.

    Args:
        requested: The login that the job needs, or None for the usual one.
        in_card: Whether the person logs in in the card. Other flows print how to log in.
    """
    other = requested.resource if requested is not None else None
    session = "The session" if other is None else f"The session for {other.audience}"
    where = " in the card" if in_card else ""
    return f"{session} has expired, and a job waits. Log in again{where}, and it goes on."


@dataclass(eq=False, slots=True)
class _Waiting:
    """The callers that wait for the same session.

    Attributes:
        requested: The login to request, or None for the usual one.
        callers: How many there are.
        asked: Whether one of them has asked for the login.
        asking: Cancels the silent login that is under way, if any, when it is closed.
    """

    requested: RequestedLogin | None
    callers: int = 0
    asked: bool = False
    asking: ExitStack = field(default_factory=ExitStack)


class NotebookReauthenticator:
    """Asks for logins in mid-job, in the card and in the cell. See `Reauthenticator`.

    Callers that wait for the same session ask once. Safe to use from several threads.

    Args:
        login: The login.
        pages: The pages that show the widget. The person may open one later.
        print_text: Prints a text for the person.
    """

    def __init__(self, login: Login, pages: Pages, print_text: Callable[[str], object]) -> None:
        self._login, self._pages, self._print_text = login, pages, print_text
        self._waiting: dict[ManagedSession, _Waiting] = {}
        self._lock = threading.Lock()
        new_locks_after_fork(self)

    def reauthenticate(
        self, session: ManagedSession, is_needed: Callable[[], bool], timeout: float
    ) -> None:
        """Ask for a login, and wait until it is over. See `Reauthenticator.reauthenticate`."""
        login = self._login
        if (refused := report_if_cannot_wait(login, new_session=True)) is not None:
            raise refused
        wait, connection = BlockingWait(timeout), page_connection()
        wait.outcome = LoginTimeoutError(
            next_step="Log in and run the cell again. session.wait_at_most is how many seconds a "
            "job waits."
        )
        with (
            self._waiting_for(session) as waiting,
            login.waiters.wait(
                wait.settle, new_session=True, requested=waiting.requested, connection=connection
            ),
        ):
            # Called after the waiter was added, so that no login is missed.
            if not is_needed():
                login.starting_cells.add(connection)
                return
            self._ask_once(waiting, is_needed)
            for _ in wait.ticks():
                if not is_needed() or task_is_over():
                    return
        session_of(wait.outcome)

    def _ask_once(self, waiting: _Waiting, is_needed: Callable[[], bool]) -> None:
        """Ask for the login, unless another caller has asked for it."""
        with self._lock:
            asked, waiting.asked = waiting.asked, True
        if not asked:
            waiting.asking.enter_context(
                asking(
                    self._login,
                    self._pages,
                    self._print_text,
                    lambda: waiting.callers > 0 and is_needed(),
                    prompt=job_prompt(waiting.requested, in_card=self._login.flow is None),
                    requested=waiting.requested,
                )
            )

    @contextmanager
    def _waiting_for(self, session: ManagedSession) -> Iterator[_Waiting]:
        """Add a caller that waits for a session. The last one to leave cancels the silent login."""
        with self._lock:
            waiting = self._waiting.get(session)
            if waiting is None:
                requested = RequestedLogin.again(self._login, session)
                waiting = self._waiting[session] = _Waiting(requested)
            waiting.callers += 1
        try:
            yield waiting
        finally:
            with self._lock:
                waiting.callers -= 1
                last = waiting.callers == 0
                if last:
                    del self._waiting[session]
            if last:
                waiting.asking.close()

"""State that is shared by all pages of one login, even if they show different widgets.

A browser page may show several widgets of one login, and shows a new one when a cell is run again.
The page keeps its ID (``js/src/page_id.ts``), also when it is reloaded.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.redaction import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.flows.popup import PopupFlow
    from auth0_widget.login.login import Login

MAX_PAGES = 100
"""The maximum number of pages of a widget or a login. People have a handful."""


class SharedByPages:
    """State that the pages of one login share. Pages are known by their IDs."""

    def __init__(self) -> None:
        self._starter: str | None = None
        self._session_ids: dict[str, str] = {}
        self._popups: deque[PopupFlow] = deque(maxlen=MAX_PAGES)
        self._received_states: deque[Secret] = deque(maxlen=MAX_PAGES)

    @property
    def starter(self) -> str | None:
        """The ID of the page that started the attempt under way, or None."""
        return self._starter

    def attempt_started(self, page_id: str) -> None:
        """This page starts an attempt."""
        self._starter = page_id

    def attempt_ended(self) -> None:
        """No attempt is under way."""
        self._starter = None

    def add_login(self, page_id: str, session_id: str) -> None:
        """Remember that the person logged in to this session in this page."""
        while len(self._session_ids) >= MAX_PAGES:
            del self._session_ids[next(iter(self._session_ids))]
        self._session_ids[page_id] = session_id

    def has_logged_in(self, page_id: str, session_id: str) -> bool:
        """Whether the person logged in to this session in this page, with any widget."""
        return self._session_ids.get(page_id) == session_id

    def add_popup(self, popup: PopupFlow) -> None:
        """Remember a flow that waits for a response through the callback page."""
        if popup in self._popups:
            self._popups.remove(popup)
        self._popups.append(popup)

    @property
    def channels(self) -> list[str]:
        """The channels on which the callback page will send the responses that are awaited."""
        return [
            request.channel
            for popup in tuple(self._popups)
            for request in popup.waiting_for_callback_page()
        ]

    def take_popup_for(self, response: Mapping[str, str]) -> PopupFlow | None:
        """The flow that waits for this response through the callback page, or None.

        The response counts as received from now on, see `has_received`.
        """
        for popup in tuple(self._popups):
            if popup.awaits(response):
                self._received_states.append(Secret(response["state"]))
                return popup
        return None

    def has_received(self, response: Mapping[str, str]) -> bool:
        """Whether another page of the browser has sent the same response before."""
        return Secret(response.get("state", "")) in self._received_states


_shared: WeakKeyDictionary[Login, SharedByPages] = WeakKeyDictionary()
_lock = threading.Lock()
new_locks_after_fork(sys.modules[__name__])


def shared_by_pages(login: Login) -> SharedByPages:
    """The shared state of the pages of a login. The first call creates it."""
    with _lock:
        return _shared.setdefault(login, SharedByPages())

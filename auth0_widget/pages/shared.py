"""What the pages of one login share, whichever of its widgets they show.

A browser page may show several widgets of one login, and shows another one after a cell was run
again. Its ID stays the same (``js/src/page_id.ts``), also when the page is reloaded.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from auth0_widget.base.redaction import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.flows.popup import PopupFlow
    from auth0_widget.login.login import Login

MAX_PAGES = 100
"""Pages that the kernel remembers, of a widget or a login; people have a handful."""


class SharedByPages:
    """What the pages of one login know of it, by the IDs of the pages.

    Attributes:
        starter: The ID of the page that started the attempt under way, or None.
    """

    def __init__(self) -> None:
        self.starter: str | None = None
        self._session_ids: dict[str, str] = {}
        self._popups: deque[PopupFlow] = deque(maxlen=MAX_PAGES)
        self._received_states: deque[Secret] = deque(maxlen=MAX_PAGES)

    def add_login(self, page_id: str, session_id: str) -> None:
        """Note that a person logged in to this session in this page."""
        while len(self._session_ids) >= MAX_PAGES:
            del self._session_ids[next(iter(self._session_ids))]
        self._session_ids[page_id] = session_id

    def has_logged_in(self, page_id: str, session_id: str) -> bool:
        """Whether a person logged in to this session in this page, with whichever widget."""
        return self._session_ids.get(page_id) == session_id

    def add_popup(self, popup: PopupFlow) -> None:
        """Note that this flow has a request of which any page may hear the response."""
        if popup in self._popups:
            self._popups.remove(popup)
        self._popups.append(popup)

    @property
    def channels(self) -> list[str]:
        """Where the callback page passes on the responses that are still to come."""
        return [
            request.channel
            for popup in tuple(self._popups)
            for request in popup.waiting_for_callback_page()
        ]

    def popup_for(self, response: Mapping[str, str]) -> PopupFlow | None:
        """The flow with the request of this response, if it comes through the callback page."""
        for popup in tuple(self._popups):
            if popup.awaits(response):
                self._received_states.append(Secret(response["state"]))
                return popup
        return None

    def has_received(self, response: Mapping[str, str]) -> bool:
        """Whether another page of the browser has heard the same response before."""
        return Secret(response.get("state", "")) in self._received_states


_shared: WeakKeyDictionary[Login, SharedByPages] = WeakKeyDictionary()
_lock = threading.Lock()


def shared_by_pages(login: Login) -> SharedByPages:
    """What the pages of this login share."""
    with _lock:
        return _shared.setdefault(login, SharedByPages())

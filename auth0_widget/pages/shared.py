"""What the pages of one login share, whichever of its widgets they show.

A browser page may show several widgets of one login, and shows another one after a cell was run
again. Its ID stays the same (``js/src/page_id.ts``), also when the page is reloaded.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
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

    def logged_in(self, page_id: str, session_id: str) -> None:
        """Note that a person logged in to this session in this page."""
        while len(self._session_ids) >= MAX_PAGES:
            del self._session_ids[next(iter(self._session_ids))]
        self._session_ids[page_id] = session_id

    def has_logged_in(self, page_id: str, session_id: str) -> bool:
        """Whether a person logged in to this session in this page, with whichever widget."""
        return self._session_ids.get(page_id) == session_id


_shared: WeakKeyDictionary[Login, SharedByPages] = WeakKeyDictionary()
_lock = threading.Lock()


def shared_by_pages(login: Login) -> SharedByPages:
    """What the pages of this login share."""
    with _lock:
        return _shared.setdefault(login, SharedByPages())

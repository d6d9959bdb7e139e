from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

from auth0_widget.login.login import Login
from auth0_widget.pages.shared import MAX_PAGES, SharedByPages, shared_by_pages

if TYPE_CHECKING:
    from auth0_widget.config import Settings


def test_a_page_knows_the_session_that_was_logged_in_to_there_and_no_other() -> None:
    shared = SharedByPages()
    shared.add_login("page-0", "session-a")
    assert shared.has_logged_in("page-0", "session-a")
    assert not shared.has_logged_in("page-0", "session-b")
    assert not shared.has_logged_in("page-1", "session-a")
    shared.add_login("page-0", "session-b")
    assert not shared.has_logged_in("page-0", "session-a")


def test_the_oldest_page_is_forgotten_where_there_are_too_many() -> None:
    shared = SharedByPages()
    for number in range(MAX_PAGES + 1):
        shared.add_login(f"page-{number}", "session")
    assert not shared.has_logged_in("page-0", "session")
    assert shared.has_logged_in("page-1", "session")
    assert shared.has_logged_in(f"page-{MAX_PAGES}", "session")


def test_each_login_has_its_own_and_takes_it_along(settings: Settings) -> None:
    one, other = Login(settings), Login(settings)
    assert shared_by_pages(one) is shared_by_pages(one)
    assert shared_by_pages(one) is not shared_by_pages(other)
    gone = weakref.ref(shared_by_pages(one))
    del one
    gc.collect()
    assert gone() is None

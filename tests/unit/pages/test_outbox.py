"""What a page is sent: the state, and the card and the record if its browser knows the session."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from kernel import ORIGIN

from auth0_widget.config import CALLBACK_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.config import ResponseDelivery

OTHER_PAGE = "page-1111-1111-1111"
CALLBACK = f"{ORIGIN}/{CALLBACK_PAGE}"


@pytest.mark.parametrize(
    ("callback", "served", "words"),
    [
        ("message", {}, "LoginWidget(callback='page')"),
        ("message", {"callback_page": CALLBACK}, "click Use the callback page"),
        (
            "page",
            {"callback_page": CALLBACK},
            "If you still see the window, finish the login there",
        ),
    ],
)
def test_what_to_do_about_a_window_that_reads_closed_depends_on_the_way_back(
    new_kernel: Callable[..., Kernel], callback: str, served: dict[str, str], words: str
) -> None:
    kernel = new_kernel(display={"callback": callback})
    kernel.receive("hello", origin=ORIGIN, **served)
    kernel.receive("login_started")
    kernel.receive("window_closed")
    assert words in kernel.last("state")["problem"]["next_step"]


@pytest.mark.parametrize("callback", ["message", "page"])
def test_a_page_is_told_its_own_window_until_its_login_is_over(
    new_kernel: Callable[..., Kernel], callback: ResponseDelivery
) -> None:
    kernel = new_kernel(display={"callback": callback})
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN, callback_page=CALLBACK)
    kernel.receive("stored_record", OTHER_PAGE, record=None)
    for cancelled in (True, False):
        kernel.receive("hello", origin=ORIGIN, callback_page=CALLBACK)
        kernel.receive("stored_record", record=None)
        url = kernel.last("ready")["authorize_url"]
        kernel.receive("login_started")
        state = parse_qs(urlsplit(url).query)["state"][0]
        assert state.startswith(f"{kernel.last('state')['window']}.")
        assert kernel.last("state", OTHER_PAGE)["window"] is None
        if cancelled:
            kernel.receive("cancel_login")
            assert kernel.last("state")["window"] is None


def test_a_login_is_told_as_another_page_s_only_where_it_is(kernel: Kernel) -> None:
    again = kernel.show_again()[1]
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    assert again[-1]["started_by"] is None
    kernel.open()
    assert kernel.last("state")["started_by"] == "this_page"
    assert again[-1]["started_by"] == "this_page", "also when the cell was run again"
    assert kernel.last("state", OTHER_PAGE)["started_by"] == "another_page"
    kernel.receive("hello", origin=ORIGIN)
    kernel.receive("stored_record", record=None)
    assert kernel.last("state")["started_by"] == "this_page", "also after a reload"
    kernel.receive("cancel_login")
    assert kernel.last("state")["started_by"] is None
    kernel.login.start()
    assert kernel.last("state")["started_by"] == "kernel"


def test_a_login_with_a_widget_that_stores_nothing_shows_in_the_others_of_its_page(
    new_kernel: Callable[..., Kernel],
) -> None:
    kernel = new_kernel(storage="memory")
    local = kernel.show_again()[1]
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("stored_record", OTHER_PAGE, record=None)
    kernel.log_in()
    assert local[-1]["card"]["name"] == "Ada Lovelace"
    assert [m for m in local if m["type"] == "store"] == [], "and nothing is stored for it"
    assert kernel.last("state", OTHER_PAGE)["card"] is None, "another page does not know it"
    kernel.receive("log_out")
    kernel.log_in("grace@example.com", OTHER_PAGE)
    assert local[-1]["status"] == "authenticated"
    assert local[-1]["card"] is None

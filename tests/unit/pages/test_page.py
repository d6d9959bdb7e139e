"""What becomes of a login window, and what the pages of one login know of each other's logins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kernel import ORIGIN, PAGE

from auth0_widget.config import CALLBACK_PAGE
from auth0_widget.errors import LoginCancelledError
from auth0_widget.pages.bridge import Bridge
from auth0_widget.pages.display import Display

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

OTHER_PAGE = "page-1111-1111-1111"
CALLBACK = f"{ORIGIN}/{CALLBACK_PAGE}"


@pytest.mark.parametrize("event", ["window_closed", "window_blocked"])
def test_a_cell_goes_on_waiting_when_its_window_reads_closed_or_was_blocked(
    kernel: Kernel, tenant: LocalTenant, event: str
) -> None:
    outcomes: list[Any] = []
    with kernel.login.waiters.wait(outcomes.append):
        url = kernel.open()
        kernel.receive(event)
        state = kernel.last("state")
        assert state["problem"]["code"] == event.replace("window", "popup")
        assert state["waiting"]
        assert outcomes == []
        kernel.receive("authorization_response", response=tenant.sign_in(url))
        assert outcomes == [kernel.login.session]
        assert kernel.last("state")["problem"] is None


@pytest.mark.parametrize("event", ["window_closed", "window_blocked"])
def test_cancel_ends_the_wait_all_the_same(kernel: Kernel, event: str) -> None:
    outcomes: list[Any] = []
    with kernel.login.waiters.wait(outcomes.append):
        kernel.open()
        kernel.receive(event)
        kernel.receive("cancel_login")
        assert [type(outcome) for outcome in outcomes] == [LoginCancelledError]
    assert kernel.problem == "login_cancelled"


def test_a_window_that_reads_closed_is_no_end_for_whoever_observes_the_status(
    kernel: Kernel,
) -> None:
    kernel.open()
    kernel.receive("window_closed")
    assert kernel.last("state")["status"] == kernel.login.status == "logging_in"
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("stored_record", OTHER_PAGE, record=None)
    assert kernel.last("state", OTHER_PAGE)["problem"] is None, "it is this page's window"


def test_another_click_on_log_in_forgets_the_window_that_read_closed(kernel: Kernel) -> None:
    kernel.open()
    kernel.receive("window_closed")
    kernel.receive("login_started")
    kernel.receive("stored_record", record=None)
    assert kernel.problem is None


@pytest.mark.parametrize(
    ("callback", "served", "words"),
    [
        ("message", {}, "LoginWidget(callback='page')"),
        ("message", {"callback": CALLBACK}, "click Use the callback page"),
        ("page", {"callback": CALLBACK}, "If you still see the window, finish the login there"),
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


def test_the_next_login_can_come_through_the_callback_page(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    tenant.application.callbacks.append(CALLBACK)
    kernel.receive("hello", origin=ORIGIN, callback=CALLBACK)
    cut_off = kernel.last("ready")["authorize_url"]
    kernel.receive("login_started")
    kernel.receive("window_closed")
    kernel.receive("use_callback_page")
    ready = kernel.last("ready")
    assert ready["callback"] == "page"
    assert "response_mode=query" in ready["authorize_url"]
    assert "Click Log in:" in kernel.last("state")["problem"]["next_step"]
    kernel.receive("login_started")
    kernel.receive("authorization_response", response=tenant.sign_in(ready["authorize_url"]))
    assert kernel.login.session is not None
    assert kernel.last("ready")["callback"] == "page", "and so can those after it"
    assert cut_off != kernel.last("ready")["authorize_url"]


def test_a_page_whose_server_has_no_callback_page_cannot_ask_for_it(kernel: Kernel) -> None:
    kernel.open()
    kernel.receive("use_callback_page")
    assert kernel.last("ready")["callback"] == "message"


def _second_widget(kernel: Kernel, storage: Any = "local") -> list[Any]:
    """Another widget of the same login in the same page; gives what it is sent."""
    sent: list[Any] = []
    bridge = Bridge(Display(login=kernel.login, send=sent.append, storage=storage))
    bridge.receive({"type": "hello", "page": PAGE, "origin": ORIGIN})
    bridge.receive({"type": "stored_record", "page": PAGE, "record": None})
    return sent


def test_a_login_is_told_as_another_page_s_only_where_it_is(kernel: Kernel) -> None:
    again = _second_widget(kernel)
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
    local = _second_widget(kernel)
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

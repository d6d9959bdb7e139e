"""What becomes of a login window, and what the pages of one login know of each other's logins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from kernel import ORIGIN, PAGE

from auth0_widget.config import CALLBACK_PAGE
from auth0_widget.errors import LoginCancelledError

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


def test_a_window_of_a_login_that_was_cancelled_is_no_longer_told_of(kernel: Kernel) -> None:
    kernel.open()
    kernel.receive("window_closed")
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("cancel_login", OTHER_PAGE)
    kernel.receive("login_started", OTHER_PAGE)
    assert kernel.last("state")["status"] == "logging_in"
    assert kernel.problem is None


def test_the_next_login_can_come_through_the_callback_page(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    tenant.application.callbacks.append(CALLBACK)
    kernel.receive("hello", origin=ORIGIN, callback_page=CALLBACK)
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


@pytest.fixture
def by_page(new_kernel: Callable[..., Kernel], tenant: LocalTenant) -> Kernel:
    """A kernel to which the responses come through the callback page, with two pages."""
    tenant.application.callbacks.append(CALLBACK)
    kernel = new_kernel(display={"callback": "page"})
    for page in (PAGE, OTHER_PAGE):
        kernel.receive("hello", page, origin=ORIGIN, callback_page=CALLBACK)
        kernel.receive("stored_record", page, record=None)
    return kernel


def _start(kernel: Kernel, page: str = PAGE) -> str:
    url: str = kernel.last("ready", page)["authorize_url"]
    kernel.receive("login_started", page)
    return url


def test_whichever_page_hears_the_callback_page_takes_the_response(
    by_page: Kernel, tenant: LocalTenant
) -> None:
    url = _start(by_page)
    state = parse_qs(urlsplit(url).query)["state"][0]
    (channel,) = by_page.last("state", OTHER_PAGE)["channels"]
    assert state.startswith(f"{channel}.")
    response = tenant.sign_in(url)
    by_page.receive("authorization_response", OTHER_PAGE, response=response)
    assert tenant.requests["/oauth/token"] == 1
    for page in (PAGE, OTHER_PAGE):  # the browser of both has logged in
        assert by_page.last("state", page)["card"]["name"] == "Ada Lovelace"
        assert by_page.last("state", page)["channels"] == []


def test_a_response_that_several_pages_hear_counts_once_and_harms_no_other_login(
    by_page: Kernel, tenant: LocalTenant
) -> None:
    response = tenant.sign_in(_start(by_page))
    _start(by_page, OTHER_PAGE)
    for page in (OTHER_PAGE, PAGE, OTHER_PAGE):
        by_page.receive("authorization_response", page, response=response)
        assert by_page.problem is None
    assert tenant.requests["/oauth/token"] == 1
    outcomes: list[Any] = []
    with by_page.login.waiters.wait(outcomes.append, new_session=True):
        by_page.receive("login_started", OTHER_PAGE)
        by_page.receive("authorization_response", OTHER_PAGE, response=response)
        assert outcomes == []


def test_the_cell_that_was_run_again_hears_the_response_to_the_window_of_its_first_run(
    by_page: Kernel, tenant: LocalTenant
) -> None:
    url = _start(by_page)
    bridge, sent = by_page.show_again(callback_page=CALLBACK)
    by_page.bridge.close()
    assert len(sent[-1]["channels"]) == 1
    response = tenant.sign_in(url)
    bridge.receive({"type": "authorization_response", "page": PAGE, "response": response})
    states = [message for message in sent if message["type"] == "state"]
    assert states[-1]["card"]["name"] == "Ada Lovelace"


def test_a_response_by_message_is_heard_by_its_own_page_alone(kernel: Kernel) -> None:
    kernel.open()
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("stored_record", OTHER_PAGE, record=None)
    assert kernel.last("state", OTHER_PAGE)["channels"] == []

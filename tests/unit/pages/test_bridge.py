"""Messages of pages: who is heard, and what they cause."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import time_machine
from kernel import ORIGIN, PAGE

import auth0_widget
from auth0_widget.base import background
from auth0_widget.pages.shared import MAX_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from kernel import Kernel


OTHER_PAGE = "page-1111-1111-1111"


def test_a_page_that_has_the_loader_only_is_given_the_code_of_the_card(
    new_kernel: Callable[..., Kernel],
) -> None:
    kernel = new_kernel()
    kernel.receive("load")
    kernel.receive("load", OTHER_PAGE)
    built = Path(auth0_widget.__file__).parent / "static" / "page.js"
    code = built.read_text(encoding="utf-8")
    assert kernel.sent == [{"type": "code", "to": to, "code": code} for to in (PAGE, OTHER_PAGE)]
    assert not kernel.bridge.probe(), "it has not said hello yet"


def test_a_session_that_is_over_leaves_who_it_was(
    new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without offline_access nothing renews it.
    kernel = new_kernel(scope="openid profile email")
    session = kernel.log_in()
    over = session.expires_at + 1
    monkeypatch.setattr("time.time", lambda: over)
    kernel.login.expire_if_over()
    assert kernel.login.session is None
    state = kernel.last("state")
    assert (state["status"], state["card"]["name"]) == ("expired", "Ada Lovelace")
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("stored_record", OTHER_PAGE, record=None)
    assert kernel.last("state", OTHER_PAGE)["card"] is None
    kernel.receive("log_out")
    assert kernel.last("state")["card"] is None


def test_a_login_can_be_cancelled_by_a_page_that_has_no_window(kernel: Kernel) -> None:
    kernel.open()
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("cancel_login", OTHER_PAGE)
    state = kernel.last("state")
    assert (state["status"], state["problem"]["code"]) == ("error", "login_cancelled")


def test_cancelling_when_nothing_is_under_way_changes_nothing(kernel: Kernel) -> None:
    kernel.receive("hello", origin=ORIGIN)
    kernel.receive("cancel_login")
    assert kernel.login.status == "logged_out"


def test_a_callback_that_takes_its_time_holds_up_no_page(
    kernel: Kernel, new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.log_in()
    restarted = new_kernel()
    called, go_on = threading.Event(), threading.Event()

    def slow_callback(_: object) -> None:
        called.set()
        go_on.wait(60)

    restarted.login.session_events.on_login(slow_callback)
    threads: list[threading.Thread] = []

    def start(work: Callable[[], None], **_: bool) -> None:
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    monkeypatch.setattr(background, "_start", start)
    shown = threading.Event()

    def note_card(message: dict[str, Any]) -> None:
        if message["to"] == OTHER_PAGE and message.get("card"):
            shown.set()

    restarted.on_sent = note_card
    restarted.find(kernel.stored())
    assert called.wait(20)
    restarted.find(kernel.stored(), OTHER_PAGE)
    assert shown.wait(20)
    go_on.set()
    for thread in threads:
        thread.join()


def test_one_page_too_many_and_the_oldest_is_forgotten_until_it_says_hello_again(
    kernel: Kernel,
) -> None:
    pages = [f"page-{number:04}-0000-0000" for number in range(MAX_PAGES + 1)]
    for page in pages:
        kernel.receive("hello", page, origin=ORIGIN)
    kernel.sent.clear()
    for page in pages:
        kernel.receive("stored_record", page, record=None)
    assert [each["to"] for each in kernel.sent] == pages[1:]
    kernel.log_in(page=pages[0])
    assert kernel.last("state", pages[0])["card"]["name"] == "Ada Lovelace"


def test_a_page_that_speaks_after_the_machine_s_sleep_learns_of_the_end(
    new_kernel: Callable[..., Kernel],
) -> None:
    kernel = new_kernel(scope="openid profile email")
    session = kernel.log_in()
    kernel.login._current._timer.stop()  # its clock stood still
    with time_machine.travel(session.expires_at + 1):
        kernel.receive("store_result", ok=True, reason=None)
        assert kernel.last("state")["status"] == "expired"

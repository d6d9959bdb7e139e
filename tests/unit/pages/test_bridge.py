"""What pages are told: how to show the widget, where to log in and out, and who it was."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from kernel import ORIGIN, PAGE

import auth0_widget
from auth0_widget.base import background
from auth0_widget.oauth.authorization_options import AuthorizationOptions
from auth0_widget.pages.shared import MAX_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

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


def test_a_page_learns_how_much_to_show(new_kernel: Callable[..., Kernel]) -> None:
    for show in ("card", "button", "badge"):
        kernel = new_kernel(display={"show": show})
        kernel.receive("hello", origin=ORIGIN)
        assert kernel.last("ready")["show"] == show


def test_the_tenant_s_own_session_ends_only_where_that_is_wanted(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    kernel = new_kernel()
    kernel.receive("hello", origin=ORIGIN)
    assert kernel.last("ready")["logout_url"] is None
    kernel = new_kernel(display={"end_auth0_session": True})
    kernel.receive("hello", origin=ORIGIN)
    kernel.receive("hello", OTHER_PAGE, origin="https://hub.example.com")
    for page, origin in ((PAGE, ORIGIN), (OTHER_PAGE, "https://hub.example.com")):
        url = urlsplit(kernel.last("ready", page)["logout_url"])
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{tenant.url}/v2/logout"
        # The page's own origin and no other: an open redirect would begin here.
        assert dict(parse_qsl(url.query)) == {"client_id": tenant.client_id, "returnTo": origin}


def test_the_author_s_options_are_in_every_url(new_kernel: Callable[..., Kernel]) -> None:
    hint = AuthorizationOptions.resolve({"login_hint": "ada@example.com"})
    kernel = new_kernel(display={"options": hint})
    for _ in range(2):
        assert "login_hint=ada%40example.com" in kernel.open()


def test_a_password_typed_too_long_ago_is_no_login(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    kernel = new_kernel(max_age=60)
    tenant.mutate_id_token = lambda claims: claims | {"auth_time": claims["iat"] - 3600}
    kernel.receive("authorization_response", response=tenant.sign_in(kernel.open()))
    assert kernel.last("state")["status"] == "error"
    tenant.mutate_id_token = None
    kernel.log_in()
    assert kernel.last("state")["status"] == "authenticated"


@pytest.mark.parametrize("typed", ["long ago", "nobody knows when"])
def test_a_password_typed_too_long_ago_is_no_session_from_the_browser_either(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, typed: str
) -> None:
    first = new_kernel()
    if typed == "long ago":
        tenant.mutate_id_token = lambda claims: claims | {"auth_time": claims["iat"] - 3600}
    first.log_in()
    strict = new_kernel(max_age=60)
    strict.find(first.stored())
    assert strict.login.session is None
    assert strict.problem == "id_token_auth_time"
    # Who asks for no max_age may have it: it stays where it is.
    assert strict.last("store") is None
    tenant.mutate_id_token = lambda claims: claims | {"auth_time": claims["iat"]}
    strict.log_in()
    again = new_kernel(max_age=60)
    again.find(strict.stored())
    assert again.login.status == "authenticated"


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


def test_a_record_that_is_over_says_who_it_was_to_a_new_kernel(
    kernel: Kernel, new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    end = kernel.log_in().expires_at
    monkeypatch.setattr("time.time", lambda: end + 1)
    restarted = new_kernel()
    restarted.find(kernel.stored())
    state = restarted.last("state")
    assert (state["status"], state["card"]["name"]) == ("expired", "Ada Lovelace")
    assert state["card"]["profile"] == {}
    assert restarted.stored() == ""


def test_a_record_that_anybody_could_have_written_names_nobody(
    kernel: Kernel, new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    end = kernel.log_in().expires_at
    forged = kernel.stored().replace("Ada Lovelace", "Somebody Else")
    monkeypatch.setattr("time.time", lambda: end + 1)
    restarted = new_kernel()
    restarted.find(forged)
    assert restarted.last("state")["card"] is None


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


def test_whatever_goes_wrong_with_a_record_the_page_gets_its_last_word(
    kernel: Kernel,
    new_kernel: Callable[..., Kernel],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = kernel.log_in()
    restarted = new_kernel()

    def mistaken(_session: object, _settings: object) -> None:
        raise ValueError(session.access_token)

    monkeypatch.setattr("auth0_widget.pages.page.card_of", mistaken)
    restarted.find(kernel.stored())
    state = restarted.last("state")
    assert state["problem"]["code"] == "unexpected"
    assert state["card"] is None
    assert "unforeseen: ValueError < mistaken (test_bridge.py:" in caplog.text
    assert session.access_token not in caplog.text


def test_whatever_goes_wrong_with_an_answer_the_login_ends(
    kernel: Kernel, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("auth0_widget.flows.popup.session_from_response", mistaken)
    kernel.receive("authorization_response", response=tenant.sign_in(kernel.open()))
    assert (kernel.login.status, kernel.problem) == ("error", "unexpected")


def test_a_page_that_slept_through_a_logout_learns_of_it_even_after_the_next_login(
    kernel: Kernel,
) -> None:
    kernel.log_in()
    slept = kernel.stored()
    kernel.receive("log_out")
    session = kernel.log_in("grace@example.com")
    kernel.find(slept, OTHER_PAGE)
    assert "ended_at" in kernel.stored(OTHER_PAGE)
    assert kernel.login.session is session


def test_a_session_renewed_by_another_kernel_ends_no_login_in_flight(
    kernel: Kernel, new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    session = kernel.log_in()
    other = new_kernel()
    other.find(kernel.stored())
    outcomes: list[object] = []
    # As `login.ensure` does it: the session that is there does not last long enough.
    with other.login.waiters.wait(outcomes.append, another=True):
        answer = tenant.sign_in(other.open())
        session.renew()
        other.receive("stored_record", record=kernel.stored())
        assert not outcomes
        restored = other.login.session
        assert restored is not None
        assert restored.expires_at == session.expires_at
        other.receive("authorization_response", response=answer)
        assert outcomes == [restored]
    assert restored.renewable


def test_a_callback_that_takes_its_time_holds_up_no_page(
    kernel: Kernel, new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.log_in()
    restarted = new_kernel()
    greeted, go_on = threading.Event(), threading.Event()

    def greet(_: object) -> None:
        greeted.set()
        go_on.wait(60)

    restarted.login.session_events.on_login(greet)
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
    assert greeted.wait(20)
    restarted.find(kernel.stored(), OTHER_PAGE)
    assert shown.wait(20)
    go_on.set()
    for thread in threads:
        thread.join()


def _cancel_and_begin_anew(kernel: Kernel) -> None:
    """Another page gives up what is under way, and opens a window of its own."""
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("cancel_login", OTHER_PAGE)
    kernel.open(OTHER_PAGE)


def test_a_page_whose_answer_comes_too_late_is_told_while_another_s_login_is_under_way(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    answer = tenant.sign_in(kernel.open())
    _cancel_and_begin_anew(kernel)
    kernel.receive("authorization_response", response=answer)
    state = kernel.last("state")
    assert (state["status"], state["problem"]["code"]) == ("logging_in", "login_cancelled")


def test_a_page_whose_answer_comes_after_a_logout_is_told(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    answer = tenant.sign_in(kernel.open())
    kernel.login.logout()
    kernel.receive("authorization_response", response=answer)
    state = kernel.last("state")
    assert (state["status"], state["problem"]["code"]) == ("logged_out", "login_cancelled")


def test_a_page_that_asks_for_a_code_hears_no_more_of_the_missing_callback_page(
    new_kernel: Callable[..., Kernel],
) -> None:
    kernel = new_kernel(display={"callback": "page"})
    kernel.find(None)
    assert kernel.problem == "callback_page_missing"
    kernel.sent.clear()
    with kernel.login.waiters.wait(lambda _: None):
        kernel.receive("login_started")
    states = [(m["status"], m["problem"]) for m in kernel.sent if m["type"] == "state"]
    assert ("logging_in", None) in states
    assert not [problem for status, problem in states if status == "logging_in" and problem]


def test_a_page_that_gives_up_what_is_over_is_told_while_another_s_login_is_under_way(
    kernel: Kernel,
) -> None:
    kernel.open()
    _cancel_and_begin_anew(kernel)
    kernel.receive("window_closed")
    state = kernel.last("state")
    assert (state["status"], state["problem"]["code"]) == ("logging_in", "popup_closed")


def test_a_page_whose_second_login_comes_too_late_keeps_its_card(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    kernel.log_in()
    answer = tenant.sign_in(kernel.open())
    _cancel_and_begin_anew(kernel)
    kernel.receive("authorization_response", response=answer)
    assert kernel.last("state")["card"]["name"] == "Ada Lovelace"


def test_what_another_person_does_in_another_notebook_is_not_done_to_a_session_here(
    kernel: Kernel, new_kernel: Callable[..., Kernel]
) -> None:
    session = kernel.log_in("ada@example.com")
    # Grace's browser has this notebook open as well, and one of her own.
    kernel.find(None, OTHER_PAGE)
    graces = new_kernel()
    graces.log_in("grace@example.com", OTHER_PAGE)
    kernel.receive("stored_record", OTHER_PAGE, record=graces.stored(OTHER_PAGE))
    assert kernel.login.session is session
    graces.receive("log_out", OTHER_PAGE)
    kernel.receive("stored_record", OTHER_PAGE, record=graces.stored(OTHER_PAGE))
    assert kernel.login.session is session


def test_a_page_whose_storage_was_cleared_gets_the_record_once_more(kernel: Kernel) -> None:
    kernel.log_in()
    record = kernel.stored()
    kernel.sent.clear()
    kernel.receive("stored_record", record=None)
    assert kernel.stored() == record


def test_two_pages_that_tell_the_same_record_at_once_cost_one_request(
    kernel: Kernel,
    new_kernel: Callable[..., Kernel],
    tenant: LocalTenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernel.log_in()
    # Without its seal, only the tenant can vouch for it.
    record = kernel.tamper(kernel.stored(), seal=None)
    restarted = new_kernel()
    asked, both = threading.Event(), threading.Event()
    lock = threading.Lock()

    class Considering:
        """The bridge's lock, which tells when the second page waits for it."""

        def __enter__(self) -> None:
            if lock.locked():
                both.set()
            lock.acquire()

        def __exit__(self, *_: object) -> None:
            lock.release()

    def hold(profile: dict[str, Any]) -> dict[str, Any]:
        if asked.is_set():
            both.set()
        asked.set()
        assert both.wait(20)
        return profile

    threads: list[threading.Thread] = []

    def start(work: Callable[[], None], **_: object) -> None:
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    monkeypatch.setattr(restarted.bridge._reconciler, "_lock", Considering())
    monkeypatch.setattr(background, "_start", start)
    tenant.mutate_response = {"/userinfo": hold}
    tenant.requests.clear()
    restarted.find(record)
    assert asked.wait(20)
    restarted.find(record, OTHER_PAGE)
    for thread in threads:
        thread.join(20)
    assert tenant.requests["/userinfo"] == 1
    for page in (PAGE, OTHER_PAGE):
        assert restarted.last("state", page)["card"]["name"] == "Ada Lovelace"


def test_one_page_too_many_and_the_oldest_is_forgotten_until_it_greets_again(
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

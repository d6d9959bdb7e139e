"""What a page's storage holds, and what the kernel holds: which of them counts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from kernel import PAGE

from auth0_widget.base import background

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

OTHER_PAGE = "page-1111-1111-1111"


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

    monkeypatch.setattr("auth0_widget.pages.outbox.card_of", mistaken)
    restarted.find(kernel.stored())
    state = restarted.last("state")
    assert state["problem"]["code"] == "unexpected"
    assert state["card"] is None
    assert "unexpected: ValueError < mistaken (test_reconcile.py:" in caplog.text
    assert session.access_token not in caplog.text


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
    with other.login.waiters.wait(outcomes.append, new_session=True):
        response = tenant.sign_in(other.open())
        session.renew()
        other.receive("stored_record", record=kernel.stored())
        assert not outcomes
        restored = other.login.session
        assert restored is not None
        assert restored.expires_at == session.expires_at
        other.receive("authorization_response", response=response)
        assert outcomes == [restored]
    assert restored.renewable


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

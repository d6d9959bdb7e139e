"""Silent login, with the person's browser at the tenant; attacks: tests/security/test_silent.py."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from kernel import PAGE
from lifetimes import end_in
from silent_logins import LAB, log_in, start

from auth0_widget.errors import (
    Auth0WidgetError,
    ConsentRequiredError,
    LoginCancelledError,
    LoginRequiredError,
    LoginTimeoutError,
)
from auth0_widget.oauth.authorization_options import AuthorizationOptions
from auth0_widget.pages import silent_login

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget import Session
    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.local_tenant.person import Person


@pytest.fixture
def over(kernel: Kernel, ada: Person) -> Session:
    """Ada's session, which has expired, and nothing renews it."""
    session = log_in(kernel, ada)
    session._managed._refresh_tokens.current = None
    end_in(session, -1)
    kernel.login.expire_if_over()
    return session


def test_it_renews_a_session_as_a_click_would_and_shows_no_page(
    kernel: Kernel, ada: Person, over: Session, tenant: LocalTenant
) -> None:
    tenant.requests.clear()
    url, errors = start(kernel)
    assert parse_qs(urlsplit(url).query)["prompt"] == ["none"]
    kernel.receive("authorization_response", response=ada.authorize(url))
    assert kernel.login.session is over
    assert over.access_token
    assert over.renewable
    assert errors == []
    assert tenant.requests["/oauth/token"] == 1
    assert kernel.last("state")["status"] == "authenticated"
    assert kernel.stored(), "and this page stores it"


@pytest.mark.parametrize("error", [LoginRequiredError, ConsentRequiredError])
def test_a_refusal_changes_nothing_and_is_shown_nowhere(
    kernel: Kernel,
    ada: Person,
    over: Session,
    tenant: LocalTenant,
    error: type[Auth0WidgetError],
) -> None:
    sessions = tenant._context.sessions
    forgotten = sessions._sessions if error is LoginRequiredError else sessions._consents
    forgotten.clear()
    url, errors = start(kernel)
    response = ada.authorize(url)
    assert response["error"] == error.code
    kernel.receive("authorization_response", response=response)
    assert [type(one) for one in errors] == [error]
    assert kernel.login.status == "expired"
    assert kernel.problem is None
    assert not over.active


def test_a_page_that_says_nothing_is_given_up(
    kernel: Kernel, over: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not over.active
    monkeypatch.setattr(silent_login, "SILENT_TIMEOUT", 0.01)
    told, errors = threading.Event(), []

    def ended(error: Auth0WidgetError | None) -> None:
        errors.append(type(error))
        told.set()

    assert kernel.bridge.start_silent_login(kernel.login.tenant, ended)
    assert told.wait(60)
    assert errors == [LoginTimeoutError]
    assert kernel.bridge.start_silent_login(kernel.login.tenant, ended), "and another may start"


def test_a_response_that_comes_late_still_counts(
    kernel: Kernel, ada: Person, over: Session
) -> None:
    url, errors = start(kernel)
    (attempt,) = kernel.bridge._pages[PAGE].silent._attempts
    assert attempt.timer is not None
    attempt.timer.function(*attempt.timer.args)
    assert [type(error) for error in errors] == [LoginTimeoutError]
    kernel.receive("authorization_response", response=ada.authorize(url))
    assert over.access_token
    assert len(errors) == 1


def test_the_late_response_of_an_earlier_one_ends_no_click(
    kernel: Kernel, ada: Person, over: Session
) -> None:
    url, _ = start(kernel)
    silent_flow = kernel.bridge._pages[PAGE].silent
    silent_flow.cancel(silent_flow._attempts[0])
    start(kernel)
    clicked = kernel.last("ready")["authorize_url"]
    kernel.receive("login_started")
    kernel.receive("authorization_response", response=ada.authorize(url))
    assert kernel.login.status == "logging_in"
    assert kernel.problem is None
    kernel.receive("authorization_response", response=ada.authorize(clicked))
    assert over.access_token


def test_one_that_is_cancelled_while_its_code_is_exchanged_changes_nothing(
    kernel: Kernel, ada: Person, over: Session, tenant: LocalTenant
) -> None:
    url, errors = start(kernel)
    silent_flow = kernel.bridge._pages[PAGE].silent

    def cancel(response: dict[str, Any]) -> dict[str, Any]:
        silent_flow.cancel(silent_flow._attempts[0])
        return response

    tenant.mutate_response = {"/oauth/token": cancel}
    kernel.receive("authorization_response", response=ada.authorize(url))
    assert kernel.login.status == "expired"
    assert not over.active
    assert errors == []
    # Revoked at once, it might take the refresh tokens of the person's other sessions with it.
    assert tenant.requests["/oauth/revoke"] == 0
    kernel.login.logout()
    assert tenant.requests["/oauth/revoke"] == 1


def test_a_click_that_comes_first_wins(kernel: Kernel, ada: Person, over: Session) -> None:
    url, errors = start(kernel)
    answer = ada.authorize(url)
    assert log_in(kernel, ada) is over
    token = over.access_token
    kernel.receive("authorization_response", response=answer)
    assert [type(error) for error in errors] == [LoginCancelledError]
    assert over.access_token == token


def test_a_logout_that_comes_first_wins(kernel: Kernel, ada: Person, over: Session) -> None:
    url, errors = start(kernel)
    answer = ada.authorize(url)
    kernel.login.logout()
    kernel.receive("authorization_response", response=answer)
    assert kernel.login.session is None
    assert not over.active
    assert [type(error) for error in errors] == [LoginCancelledError]


def test_one_at_a_time(kernel: Kernel, over: Session) -> None:
    assert not over.active
    url, _ = start(kernel)
    start(kernel)
    assert kernel.last("silent")["url"] == url


def possible(kernel: Kernel) -> bool:
    return kernel.bridge.start_silent_login(kernel.login.tenant, lambda _: None) is not None


def test_not_after_a_logout(kernel: Kernel, over: Session) -> None:
    kernel.login.logout()
    assert not over.active
    assert not possible(kernel)


def test_not_without_a_session_before(kernel: Kernel) -> None:
    kernel.receive("hello", origin=LAB)
    assert not possible(kernel)


@pytest.mark.parametrize(
    "hello",
    [
        {"origin": "http://localhost:8888"},
        {"origin": "http://127.0.0.1:8888"},
        {"origin": None},
        {"origin": LAB, "window": False},
        {"origin": LAB, "message": False},
    ],
    ids=repr,
)
def test_not_in_a_page_of_this_machine_nor_in_one_that_hears_no_response(
    kernel: Kernel, over: Session, hello: dict[str, Any]
) -> None:
    assert not over.active
    kernel.receive("hello", **hello)
    assert not possible(kernel)


def test_not_in_a_page_that_does_not_know_the_session(kernel: Kernel, over: Session) -> None:
    assert not over.active
    kernel.bridge._pages.clear()
    kernel.receive("hello", "page-of-somebody-else", origin=LAB)
    assert not possible(kernel)


def test_not_where_the_author_has_chosen_a_prompt(
    new_kernel: Callable[..., Kernel], ada: Person
) -> None:
    options = AuthorizationOptions.resolve({"prompt": "login"}, extra=None)
    kernel = new_kernel(display={"options": options})
    assert log_in(kernel, ada).active
    assert not possible(kernel)

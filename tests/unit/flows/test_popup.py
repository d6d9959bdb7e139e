"""Logins in a window: their requests, and responses that fail or come too late.

The page that started one (`login.initiator`) is notified of its outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel import ORIGIN

from auth0_widget.oauth.authorization_options import AuthorizationOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

OTHER_PAGE = "page-1111-1111-1111"


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


def test_whatever_goes_wrong_with_a_response_the_login_ends(
    kernel: Kernel, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("auth0_widget.flows.popup.session_from_response", mistaken)
    kernel.receive("authorization_response", response=tenant.sign_in(kernel.open()))
    assert (kernel.login.status, kernel.problem) == ("error", "unexpected")


def _cancel_and_begin_anew(kernel: Kernel) -> None:
    """Another page gives up what is under way, and opens a window of its own."""
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("cancel_login", OTHER_PAGE)
    kernel.open(OTHER_PAGE)


def test_a_page_whose_response_comes_too_late_is_told_while_another_s_login_is_under_way(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    response = tenant.sign_in(kernel.open())
    _cancel_and_begin_anew(kernel)
    kernel.receive("authorization_response", response=response)
    state = kernel.last("state")
    assert (state["status"], state["problem"]["code"]) == ("logging_in", "login_cancelled")


def test_a_page_whose_response_comes_after_a_logout_is_told(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    response = tenant.sign_in(kernel.open())
    kernel.login.logout()
    kernel.receive("authorization_response", response=response)
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
    response = tenant.sign_in(kernel.open())
    _cancel_and_begin_anew(kernel)
    kernel.receive("authorization_response", response=response)
    assert kernel.last("state")["card"]["name"] == "Ada Lovelace"

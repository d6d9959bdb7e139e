"""Failures: shown in the card, raised in Python, and Log in works again afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from bench.held import held_token_responses
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person
    from playwright.sync_api import Page

    from auth0_widget.local_tenant import LocalTenant

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
# Five seconds are how long the card is patient with a kernel that does not answer.
IMPATIENT_PAGE = """{
    const setTimeout = window.setTimeout;
    window.setTimeout = (work, wait, ...rest) =>
        setTimeout(work, wait === 5000 ? 100 : wait, ...rest);
}"""
AWAIT = "session = await login\nprint('hello', session.user.name)"
HEARD = """import asyncio
while login.status == "logged_out":
    await asyncio.sleep(0.01)
print(login.status)
"""


def _expect_problem(notebook: Notebook, code: str, error: str) -> None:
    alert = notebook.card.get_by_role("alert")
    expect(alert).to_contain_text(code)
    notebook.expect_output(1, error)
    notebook.expect_finished(1)


def _log_in_after_all(notebook: Notebook, person: Person) -> None:
    person.log_in(notebook)
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"


def _expect_to_go_on_waiting(notebook: Notebook, code: str) -> None:
    """The card says what has happened to the window, and the cell keeps waiting."""
    expect(notebook.card.get_by_role("alert")).to_contain_text(code)
    expect(notebook.card.get_by_role("status")).to_contain_text("A cell is waiting")
    notebook.expect_running(1)


def test_a_blocked_popup_is_named_and_the_cell_waits_for_the_next(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    notebook.alter("window.openForReal = window.open; window.open = () => null")
    notebook.card.get_by_role("button", name="Log in", exact=True).click()
    _expect_to_go_on_waiting(notebook, "popup_blocked")
    notebook.alter("window.open = window.openForReal")
    ada.log_in(notebook)
    notebook.expect_output(1, "hello Ada Lovelace")


def test_where_the_popup_is_blocked_a_code_logs_in_and_the_waiting_cell_goes_on(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run(0)
    notebook.alter("window.open = () => null")
    notebook.card.get_by_role("button", name="Log in", exact=True).click()
    notebook.card.get_by_role("button", name="Use a code instead").click()
    link = notebook.card.get_by_role("link").first
    # Whoever pressed that button by keyboard is where the next step is.
    expect(link).to_be_focused()
    expect(notebook.card.get_by_role("status")).to_contain_text("The browser blocked")
    notebook.run(1, wait=False)
    notebook.expect_running(1)
    code = notebook.card.locator(".a0w-user-code").inner_text()
    ada.approve(notebook)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    notebook.expect_finished(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"
    assert code not in json.dumps(notebook.save(widget_state=True))
    notebook.reload()
    expect(notebook.card).to_contain_text("Ada Lovelace")


def test_a_code_that_is_not_wanted_any_more_is_cancelled_and_log_in_works_again(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    ada.open_popup(notebook).close()
    _expect_to_go_on_waiting(notebook, "popup_closed")
    use_code = notebook.card.get_by_role("button", name="Use a code instead")
    body = '{"error": "unauthorized_client", "error_description": "Not allowed."}'
    tenant.fail_next("/oauth/device/code", 403, body=body)
    use_code.click()
    expect(notebook.card.get_by_role("alert")).to_contain_text("grant type Device Code")
    notebook.expect_finished(1)
    use_code.click()
    expect(notebook.card.get_by_role("link").first).to_be_visible()
    notebook.card.get_by_role("button", name="Cancel").click()
    expect(notebook.card.get_by_role("alert")).to_contain_text("login_cancelled")
    expect(notebook.card.get_by_role("link").first).to_have_count(0)
    _log_in_after_all(notebook, ada)


def test_a_closed_popup_is_named_and_the_cell_waits_for_the_next(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    ada.open_popup(notebook).close()
    _expect_to_go_on_waiting(notebook, "popup_closed")
    ada.log_in(notebook)
    notebook.expect_output(1, "hello Ada Lovelace")


@pytest.mark.parametrize("by", ["Cancel", "Stop"])
def test_a_cell_that_waits_although_its_window_is_closed_can_be_ended(
    open_notebook: Callable[..., Notebook], ada: Person, by: str
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    ada.open_popup(notebook).close()
    _expect_to_go_on_waiting(notebook, "popup_closed")
    if by == "Stop":
        notebook.interrupt()
        notebook.expect_output(1, "KeyboardInterrupt")
        notebook.expect_finished(1)
    else:
        notebook.card.get_by_role("button", name="Cancel").click()
        _expect_problem(notebook, "login_cancelled", "LoginCancelledError")
    _log_in_after_all(notebook, ada)


def test_a_tenant_that_is_slow_is_told_as_such_and_the_login_can_be_cancelled(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    notebook.alter(IMPATIENT_PAGE)
    with held_token_responses(tenant):
        ada.finish(ada.open_popup(notebook))
        expect(notebook.card.get_by_role("status")).to_contain_text("Asking the tenant")
        notebook.page.evaluate("() => new Promise(resolve => setTimeout(resolve, 5000))")
        expect(notebook.card.get_by_role("status")).to_contain_text("Asking the tenant")
        notebook.card.get_by_role("button", name="Cancel").click()
        _expect_problem(notebook, "login_cancelled", "LoginCancelledError")
    _log_in_after_all(notebook, ada)


def test_declining_is_named_and_log_in_works_again(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    popup = ada.open_popup(notebook)
    ada.authenticate(popup)
    popup.get_by_role("button", name="Decline").click()
    _expect_problem(notebook, "login_denied", "LoginDeniedError")
    _log_in_after_all(notebook, ada)


@pytest.mark.parametrize(
    ("failure", "problem"),
    [
        ({"status": 503}, ("tenant_down", "TenantDownError")),
        (
            {"status": 403, "body": b'{"error": "invalid_request"}'},
            ("token_request_failed", "TokenRequestError"),
        ),
        ({"status": 429, "body": b"nonsense"}, ("rate_limited", "RateLimitError")),
        ({"status": 200, "body": b"nonsense"}, ("invalid_response", "InvalidResponseError")),
    ],
    ids=["down", "refusing", "overloaded", "nonsense"],
)
def test_a_tenant_that_fails_at_the_token_endpoint_is_named(
    open_notebook: Callable[..., Notebook],
    ada: Person,
    tenant: LocalTenant,
    failure: dict[str, Any],
    problem: tuple[str, str],
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    tenant.fail_next("/oauth/token", **failure)
    ada.finish(ada.open_popup(notebook))
    _expect_problem(notebook, *problem)
    _log_in_after_all(notebook, ada)


def test_a_tenant_that_is_down_is_named_in_the_card_once_the_window_is_closed(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    tenant.stop()
    ada.open_popup(notebook).close()
    _expect_to_go_on_waiting(notebook, "popup_closed")
    tenant.start()
    ada.log_in(notebook)
    notebook.expect_output(1, "hello Ada Lovelace")


def test_a_message_from_another_window_or_origin_is_not_an_answer(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    # The kernel may hear of the click after it has begun to run the cell.
    notebook = open_notebook(SHOW, HEARD)
    notebook.run(0)
    popup = ada.open_popup(notebook)
    forged = "{type: 'authorization_response', response: {code: 'c', state: 's'}}"
    notebook.page.evaluate(f"window.postMessage({forged}, '*')")
    _post_from(popup, forged)
    notebook.run(1)
    assert notebook.output_text(1) == "logging_in"
    ada.finish(popup)
    expect(notebook.card).to_contain_text("Ada Lovelace")


def _post_from(popup: Page, message: str) -> None:
    """Post from a frame inside the login window: the right origin, and the wrong source."""
    popup.wait_for_load_state()
    popup.evaluate("() => { document.body.append(document.createElement('iframe')); }")
    popup.frames[-1].evaluate(f"() => window.top.opener.postMessage({message}, '*')")

"""Pages that are not a browser's tab: VS Code's webviews, frames of other origins, sandboxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bench.desk import fresh_context
from bench.frames import NO_STORAGE, VS_CODE, VS_CODE_PAGE, FramedWidget
from playwright.sync_api import expect

from auth0_widget.commands.demo import usable_port
from auth0_widget.flows.loopback_address import redirect_uri
from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.person import Person
    from playwright.sync_api import Browser, BrowserContext

# This machine may be a container, where a link is not offered by itself.
ON_MY_MACHINE = "from auth0_widget.notebook import elsewhere; elsewhere._CONTAINERS = ()"
SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
AWAIT = "session = await login\nprint('hello', session.user.name, '-', login.why)"
AGAIN = "print('now', login.status)"


@pytest.fixture
def tenant() -> Iterator[LocalTenant]:
    """A tenant of these stories' own: no JupyterLab has to know its address."""
    with LocalTenant() as fresh:
        yield fresh


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own, without JupyterLab in it."""
    fresh = fresh_context(browser)
    yield fresh
    fresh.close()


@pytest.fixture
def port(tenant: LocalTenant) -> int:
    """Where the kernel listens for the answer to a link."""
    port = usable_port(0)
    tenant.application.callbacks.append(redirect_uri(port))
    return port


@pytest.fixture
def show(
    context: BrowserContext, tenant: LocalTenant, port: int
) -> Iterator[Callable[..., FramedWidget]]:
    """Show the widget in a frame: ``show(sandbox=…, script=…, another_origin=…)``."""
    shown: list[FramedWidget] = []

    def show_it(*, remote: bool = False, **frame: Any) -> FramedWidget:
        environment = tenant.environment | {"AUTH0_WIDGET_LOOPBACK_PORT": str(port)}
        environment["SSH_CONNECTION"] = "198.51.100.7 50000 198.51.100.8 22" if remote else ""
        widget = FramedWidget(context.new_page(), environment, **frame)
        shown.append(widget)
        widget.run(ON_MY_MACHINE, SHOW, AWAIT)
        return widget

    yield show_it
    for widget in shown:
        widget.__exit__()
        widget.page.close()


def log_out(widget: FramedWidget) -> None:
    widget.click("Log out")
    widget.expect_card("You are not logged in.")
    widget.run(AGAIN)
    widget.wait_until(lambda: "now logged_out" in widget.printed)


def test_vs_code_by_a_link(show: Callable[..., FramedWidget], ada: Person) -> None:
    widget = show(sandbox=VS_CODE, script=VS_CODE_PAGE)
    widget.expect_card("This page cannot open a login window. Log in is a link")
    assert widget.frame.evaluate("window.open('about:blank')") is None, "as in VS Code"
    widget.click("Log in", "link")
    widget.expect_card("Finish the login in your browser")
    (url,) = widget.frame.evaluate("followed")
    browser = widget.page.context.new_page()
    browser.goto(url)
    ada.authenticate(browser)
    browser.get_by_role("button", name="Accept").click()
    expect(browser.get_by_text("Back to your notebook")).to_be_visible()
    assert "code=" not in browser.url
    browser.close()
    widget.expect_card("Ada Lovelace")
    widget.wait_until(lambda: "hello Ada Lovelace" in widget.printed)
    assert "Log in is a link" in widget.printed
    log_out(widget)


def test_vs_code_by_a_code(show: Callable[..., FramedWidget], tenant: LocalTenant) -> None:
    widget = show(sandbox=VS_CODE, script=VS_CODE_PAGE)
    widget.click("Use a code instead")
    type_the_code(widget, tenant)
    widget.wait_until(lambda: "hello Ada Lovelace" in widget.printed)
    log_out(widget)


def test_vs_code_over_ssh_shows_a_code_at_once(
    show: Callable[..., FramedWidget], tenant: LocalTenant
) -> None:
    widget = show(remote=True, sandbox=VS_CODE, script=VS_CODE_PAGE)
    widget.expect_card("and the kernel was started over SSH. Log in shows a code.")
    widget.click("Log in")
    type_the_code(widget, tenant)
    widget.wait_until(lambda: "hello Ada Lovelace" in widget.printed)


def test_a_frame_of_another_origin_as_in_colab(
    show: Callable[..., FramedWidget], tenant: LocalTenant, ada: Person
) -> None:
    widget = show(another_origin=True)
    tenant.allow_origin(widget.origin)
    widget.expect_card("You are not logged in.")
    popup = ada.open_popup(widget)
    ada.finish(popup)
    widget.expect_card("Ada Lovelace")
    widget.wait_until(lambda: "hello Ada Lovelace - None" in widget.printed)
    log_out(widget)


def test_a_frame_whose_origin_nobody_has_registered_still_logs_in(
    show: Callable[..., FramedWidget], tenant: LocalTenant, ada: Person
) -> None:
    widget = show(another_origin=True)
    widget.expect_card("You are not logged in.")
    popup = ada.open_popup(widget)
    expect(popup.get_by_text("Callback URL mismatch")).to_be_visible()
    popup.close()
    widget.expect_card("popup_closed")
    widget.click("Use a code instead")
    type_the_code(widget, tenant)
    widget.wait_until(lambda: "hello Ada Lovelace" in widget.printed)


def test_a_sandboxed_frame_without_an_origin(
    show: Callable[..., FramedWidget], tenant: LocalTenant
) -> None:
    widget = show(sandbox="allow-scripts")
    assert widget.frame.evaluate("window.origin") == "null"
    widget.expect_card("This page cannot open a login window. Log in shows a code.")
    widget.click("Log in")
    type_the_code(widget, tenant)
    widget.expect_card("Could not be saved in this browser (storage denied)")
    widget.wait_until(lambda: "hello Ada Lovelace" in widget.printed)
    log_out(widget)


def test_storage_denied(
    show: Callable[..., FramedWidget], tenant: LocalTenant, ada: Person
) -> None:
    widget = show(script=NO_STORAGE)
    tenant.allow_origin(widget.origin)
    widget.expect_card("You are not logged in.")
    ada.finish(ada.open_popup(widget))
    widget.expect_card("Could not be saved in this browser (storage denied)")
    widget.wait_until(lambda: "hello Ada Lovelace" in widget.printed)
    log_out(widget)


def test_the_other_ways_are_there_in_every_card(
    show: Callable[..., FramedWidget], tenant: LocalTenant, ada: Person
) -> None:
    widget = show()
    tenant.allow_origin(widget.origin)
    widget.expect_card("Other ways to log in")
    widget.card.get_by_text("Other ways to log in").click()
    link = widget.card.get_by_role("link", name="Use a link instead")
    with widget.page.expect_popup() as opened:
        link.click()
    browser = opened.value
    ada.authenticate(browser)
    browser.get_by_role("button", name="Accept").click()
    expect(browser.get_by_text("Back to your notebook")).to_be_visible()
    widget.expect_card("Ada Lovelace")
    browser.close()


def type_the_code(widget: FramedWidget, tenant: LocalTenant) -> None:
    """Type the code that the card shows, on another device."""
    code = widget.card.locator(".a0w-user-code")
    widget.wait_until(lambda: code.count() and code.inner_text().strip())
    tenant.approve_device(code.inner_text().strip())
    widget.expect_card("Ada Lovelace")

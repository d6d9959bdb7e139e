"""Pages that are no tab of a Jupyter Server: VS Code's, frames of other origins, sandboxes, files.

Each has VS Code's own widget manager, anywidget, and a real kernel: `make test-frames`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bench.desk import fresh_context
from bench.frames import (
    BUILT,
    NO_STORAGE,
    VS_CODE,
    VS_CODE_ON_THE_WEB,
    VS_CODE_PAGE,
    FrontEnd,
    Site,
)
from bench.lab import Lab
from playwright.sync_api import expect

from auth0_widget.commands.demo import usable_port
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.person import Person
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.frames

MACHINE = """
import os
from auth0_widget.flows import remote_kernel
os.environ |= {environment}
remote_kernel.CONTAINERS = ()  # where the tests run in one, a link is not offered
"""
SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
AWAIT = "session = await login\nprint('hello', session.user.name, '-', login.why)"
AGAIN = "print('now', login.status)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tenant_port: int) -> Iterator[Lab]:
    """Whose kernels they are. It hears pages of every origin."""
    environment = {
        "AUTH0_DOMAIN": f"http://127.0.0.1:{tenant_port}",
        "AUTH0_CLIENT_ID": LocalTenant().client_id,
    }
    options = ["--ServerApp.allow_origin=*"]
    lab = Lab(tmp_path_factory.mktemp("server"), environment, options=options)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


@pytest.fixture
def server_log(server: Lab) -> Callable[[], str]:
    return server.log


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Where the page comes from."""
    if not BUILT.exists():
        pytest.fail("The page was not built: run 'make test-frames'.")
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.close()


@pytest.fixture
def tenant(tenant_port: int) -> Iterator[LocalTenant]:
    """A tenant that allows no page's origin yet."""
    with LocalTenant(port=tenant_port) as fresh:
        yield fresh


@pytest.fixture
def context(
    browser: Browser, site: Site, watch: Callable[[BrowserContext], BrowserContext]
) -> Iterator[BrowserContext]:
    """A browser without JupyterLab in it."""
    fresh = fresh_context(browser)
    fresh.grant_permissions(["local-network-access"])
    fresh.route(f"{VS_CODE_ON_THE_WEB}/**", site.fulfill)
    yield watch(fresh)
    fresh.close()


@pytest.fixture
def show(
    context: BrowserContext, tenant: LocalTenant, server: Lab, site: Site
) -> Iterator[Callable[..., FrontEnd]]:
    """Show a widget, and have a cell wait for it: ``show(frame=…, origin=…, script=…)``."""
    port = usable_port(0)
    tenant.application.callbacks.append(redirect_uri(port))
    shown: list[FrontEnd] = []

    def show_it(*, ssh: bool = False, **page: Any) -> FrontEnd:
        front_end = FrontEnd(context.new_page(), server, site, **page)
        shown.append(front_end)
        environment = {"AUTH0_WIDGET_LOOPBACK_PORT": str(port)}
        if ssh:
            environment["SSH_CONNECTION"] = "198.51.100.7 50000 198.51.100.8 22"
        front_end.run(MACHINE.format(environment=environment), SHOW, AWAIT)
        return front_end

    yield show_it
    for front_end in shown:
        front_end.__exit__()


def log_out(widget: FrontEnd) -> None:
    """Click **Log out**; Python knows it."""
    widget.card.get_by_role("button", name="Log out", exact=True).click()
    widget.expect("You are not logged in.")
    widget.run(AGAIN)
    widget.expect("now logged_out")


def type_the_code(widget: FrontEnd, tenant: LocalTenant) -> None:
    """Type the code that the card shows, on another device."""
    code = widget.card.locator(".a0w-user-code")
    expect(code).not_to_be_empty()
    tenant.approve_device(code.inner_text())
    expect(widget.card).to_contain_text("Ada Lovelace")


def answer(browser: Page, ada: Person) -> None:
    """Log in at the tenant, in a page to which the link led."""
    ada.authenticate(browser)
    browser.get_by_role("button", name="Accept").click()
    expect(browser.get_by_text("Back to your notebook")).to_be_visible()
    assert "code=" not in browser.url
    browser.close()


def test_vs_code_by_a_link(show: Callable[..., FrontEnd], ada: Person) -> None:
    widget = show(frame=VS_CODE, script=VS_CODE_PAGE)
    widget.expect("This page cannot open a login window. Log in is a link")
    assert widget.cells.evaluate("window.open('about:blank')") is None, "as in VS Code"
    widget.card.get_by_role("link", name="Log in", exact=True).click()
    widget.expect("Finish the login in your browser")
    (url,) = widget.cells.evaluate("followed")
    browser = widget.page.context.new_page()
    browser.goto(url)
    answer(browser, ada)
    expect(widget.card).to_contain_text("Ada Lovelace")
    widget.expect("hello Ada Lovelace - This page cannot open a login window. Log in is a link")
    log_out(widget)


def test_vs_code_by_a_code(show: Callable[..., FrontEnd], tenant: LocalTenant) -> None:
    widget = show(frame=VS_CODE, script=VS_CODE_PAGE)
    widget.card.get_by_role("button", name="Use a code instead").click()
    type_the_code(widget, tenant)
    widget.expect("hello Ada Lovelace")
    log_out(widget)


def test_vs_code_over_ssh_shows_a_code_at_once(
    show: Callable[..., FrontEnd], tenant: LocalTenant
) -> None:
    widget = show(ssh=True, frame=VS_CODE, script=VS_CODE_PAGE)
    widget.expect("and the kernel was started over SSH. Log in shows a code.")
    widget.card.get_by_role("button", name="Log in", exact=True).click()
    type_the_code(widget, tenant)
    widget.expect("hello Ada Lovelace")


def test_vscode_dev_shows_a_code_at_once(
    show: Callable[..., FrontEnd], tenant: LocalTenant
) -> None:
    widget = show(frame=VS_CODE, origin=VS_CODE_ON_THE_WEB)
    assert widget.cells.evaluate("window.open('about:blank')") is None, "as in VS Code"
    widget.expect("and its server is another machine. Log in shows a code.")
    widget.card.get_by_role("button", name="Log in", exact=True).click()
    type_the_code(widget, tenant)
    widget.expect("hello Ada Lovelace")
    assert widget.cells.evaluate("localStorage.length") == 1
    log_out(widget)


def test_a_frame_of_another_origin_as_in_colab(
    show: Callable[..., FrontEnd], tenant: LocalTenant, site: Site, ada: Person
) -> None:
    tenant.allow_origin(site.other_origin)
    widget = show(frame={}, origin=site.other_origin)
    widget.expect("You are not logged in.")
    ada.log_in(widget)
    expect(widget.card).to_contain_text("Ada Lovelace")
    widget.expect("hello Ada Lovelace - None")
    log_out(widget)


def test_a_frame_whose_origin_nobody_has_registered_still_logs_in(
    show: Callable[..., FrontEnd], tenant: LocalTenant, site: Site, ada: Person
) -> None:
    widget = show(frame={}, origin=site.other_origin)
    popup = ada.open_popup(widget)
    expect(popup.get_by_text("Callback URL mismatch")).to_be_visible()
    popup.close()
    widget.expect("popup_closed")
    widget.card.get_by_role("button", name="Use a code instead").click()
    # The page around it has not allowed it to write to the clipboard.
    widget.card.get_by_role("button", name="Copy").click()
    expect(widget.card.get_by_role("button", name="Selected")).to_be_visible()
    code = widget.card.locator(".a0w-user-code").inner_text()
    assert widget.cells.evaluate("getSelection().toString()") == code
    type_the_code(widget, tenant)
    widget.expect("hello Ada Lovelace")


def test_a_sandboxed_frame_without_an_origin(
    show: Callable[..., FrontEnd], tenant: LocalTenant
) -> None:
    widget = show(frame={"sandbox": "allow-scripts"})
    assert widget.cells.evaluate("window.origin") == "null"
    widget.expect("This page cannot open a login window. Log in shows a code.")
    widget.card.get_by_role("button", name="Log in", exact=True).click()
    type_the_code(widget, tenant)
    widget.expect("This browser could not store the login: it blocks storage for this page.")
    widget.expect("hello Ada Lovelace")
    log_out(widget)


def test_storage_denied(
    show: Callable[..., FrontEnd], tenant: LocalTenant, site: Site, ada: Person
) -> None:
    tenant.allow_origin(site.origin)
    widget = show(script=NO_STORAGE)
    ada.log_in(widget)
    widget.expect("This browser could not store the login: it blocks storage for this page.")
    widget.expect("hello Ada Lovelace")
    log_out(widget)


def test_a_page_opened_as_a_file_by_a_link(show: Callable[..., FrontEnd], ada: Person) -> None:
    widget = show(origin="file")
    assert widget.cells.evaluate("window.origin") == "null"
    with widget.page.expect_popup() as opened:
        widget.card.get_by_role("link", name="Log in", exact=True).click()
    answer(opened.value, ada)
    expect(widget.card).to_contain_text("Ada Lovelace")
    widget.expect("hello Ada Lovelace")
    assert widget.cells.evaluate("localStorage.length") == 0, "all files share it"
    log_out(widget)


def test_a_page_opened_as_a_file_by_a_code(
    show: Callable[..., FrontEnd], tenant: LocalTenant
) -> None:
    widget = show(origin="file")
    widget.card.get_by_role("button", name="Use a code instead").click()
    type_the_code(widget, tenant)
    widget.expect("hello Ada Lovelace")


def test_a_container_s_name_with_an_underscore(
    show: Callable[..., FrontEnd], tenant: LocalTenant, site: Site, ada: Person
) -> None:
    tenant.allow_origin(site.container)
    widget = show(origin=site.container)
    ada.log_in(widget)
    widget.expect("hello Ada Lovelace - None")
    log_out(widget)


def test_a_link_is_among_the_other_ways_of_every_page(
    show: Callable[..., FrontEnd], tenant: LocalTenant, site: Site, ada: Person
) -> None:
    tenant.allow_origin(site.origin)
    widget = show()
    widget.card.get_by_text("Other ways to log in").click()
    with widget.page.expect_popup() as opened:
        widget.card.get_by_role("link", name="Use a link instead").click()
    answer(opened.value, ada)
    expect(widget.card).to_contain_text("Ada Lovelace")
    widget.expect("hello Ada Lovelace")

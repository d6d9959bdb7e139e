"""Fixtures of the hub's tests: JupyterHub and its proxy, the local tenant, Chromium.

The hub starts once for all tests, because that takes long. Each person has a new browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from bench.chromium import OPTIONS, find_chromium
from bench.notebook import TIMEOUT, Notebook
from bench.person import Person
from hub_process import PROXY, HubProcess, UserServer
from playwright.sync_api import expect, sync_playwright

from auth0_widget.local_tenant import LocalTenant
from auth0_widget.local_tenant.model import Application
from auth0_widget.local_tenant.settings import Lifetimes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.lab import Lab
    from playwright.sync_api import Browser, BrowserContext

expect.set_options(timeout=TIMEOUT)

SECRET = "the-hub-s-secret"


@pytest.fixture(scope="package")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    if not PROXY.exists():
        pytest.fail("The hub's proxy is not installed: run 'make test-hub'.")
    directory = tmp_path_factory.mktemp("hub")
    hub_application = Application("the-hub", "The hub", client_secret=SECRET)
    hub_application.rotate_refresh_tokens = False
    notebooks = Application("notebooks", "Notebooks")
    with LocalTenant(applications=[hub_application, notebooks]) as tenant:
        process = HubProcess(
            directory,
            {
                "AUTH0_DOMAIN": tenant.url,
                "AUTH0_CLIENT_ID": "the-hub",
                "AUTH0_CLIENT_SECRET": SECRET,
                "XDG_CACHE_HOME": str(directory / "cache"),
                "XDG_DATA_HOME": str(directory / "data"),
            },
        )
        hub_application.callbacks.append(f"{process.origin}/hub/oauth_callback")
        notebooks.allow_origin(process.origin)
        # One callback page for everybody.
        notebooks.callbacks.append(f"{process.origin}/services/auth0-widget/callback")
        process.tenant = tenant
        try:
            process.start()
            yield process
        finally:
            process.stop()


@pytest.fixture
def tenant(hub: HubProcess) -> Iterator[LocalTenant]:
    """The hub's identity provider, in the same state for each test."""
    tenant = hub.tenant
    assert tenant is not None
    yield tenant
    tenant.lifetimes = Lifetimes()
    tenant.cuts_opener = False


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        pytest.fail("No Chromium was found: run 'make chromium'.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(OPTIONS))
        yield chromium
        chromium.close()


@pytest.fixture
def new_browser(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Make a browser with its own cookies, storage and tabs."""
    opened: list[BrowserContext] = []

    def make() -> BrowserContext:
        opened.append(browser.new_context())
        opened[-1].set_default_timeout(TIMEOUT)
        return opened[-1]

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def enter(hub: HubProcess, tenant: LocalTenant) -> Callable[[BrowserContext, str], None]:
    """Log in to the hub, and wait for the server: ``enter(browser, "ada@example.com")``."""

    def run(context: BrowserContext, email: str) -> None:
        hub.home(email)
        page = context.new_page()
        page.goto(f"{hub.origin}/hub/login")
        page.get_by_text("Sign in with Auth0").click()
        Person(tenant, email).authenticate(page)
        page.get_by_role("button", name="Accept").or_(page.get_by_text("File")).first.wait_for()
        accept = page.get_by_role("button", name="Accept")
        if accept.count():
            accept.click()
        page.wait_for_url(f"{UserServer(hub, email).root}/lab**", timeout=2 * TIMEOUT)
        page.close()

    return run


@pytest.fixture
def open_again(hub: HubProcess) -> Callable[[BrowserContext, str, Notebook], Notebook]:
    """Open a notebook in another browser: ``open_again(browser, user, notebook)``."""

    def run(context: BrowserContext, user: str, notebook: Notebook) -> Notebook:
        again = Notebook(context.new_page(), cast("Lab", UserServer(hub, user)), notebook.path)
        again.open()
        return again

    return run


@pytest.fixture
def open_notebook(hub: HubProcess) -> Callable[..., Notebook]:
    """Open a notebook on a user's server: ``open_notebook(browser, user, name, *cells)``."""

    def run(context: BrowserContext, user: str, name: str, *cells: str) -> Notebook:
        path = hub.write(user, name, *cells)
        server = cast("Lab", UserServer(hub, user))  # as far as a notebook asks it
        notebook = Notebook(context.new_page(), server, path)
        notebook.open()
        return notebook

    return run

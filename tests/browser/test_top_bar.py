"""One login for the whole Jupyter: the top bar, and the notebooks and kernels of one server."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bench.desk import fresh_context
from bench.gallery import DARK, LIGHT, violations
from bench.lab import Lab
from bench.notebook import Notebook, Widget
from bench.person import Person
from playwright.sync_api import expect

from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.pictures import Pictures
    from playwright.sync_api import Browser, BrowserContext, Page

LABEXTENSIONS = Path(__file__).parents[2] / "js" / "labextensions"
SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
SESSION = "session = await login\nprint(session.user.email, session.renewable)"
RENEW = "session.renew()\nprint('renewed', session.renewable)"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of this module's tenant, kept while the tenant does not run."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        held: int = holder.getsockname()[1]
        yield held


@pytest.fixture
def lab(tmp_path: Path, port: int) -> Iterator[Lab]:
    """One person's JupyterLab, which keeps one login for all of its kernels."""
    server = Lab(
        tmp_path,
        {"AUTH0_DOMAIN": f"http://127.0.0.1:{port}", "AUTH0_CLIENT_ID": LocalTenant().client_id},
        keeps_logins=True,
        options=[f"--LabServerApp.extra_labextensions_path={LABEXTENSIONS}"],
    )
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        signal.signal(signal.SIGTERM, before)


@pytest.fixture
def tenant(lab: Lab, port: int) -> Iterator[LocalTenant]:
    with LocalTenant(port=port, origins=[lab.origin]) as fresh:
        yield fresh


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = fresh_context(browser)
    yield made
    made.close()


class TopBar(Widget):
    """The top bar of a page."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.bar = page.locator("#auth0-widget-top-bar")
        self.card = self.bar.locator(".auth0-widget")
        self.panel = page.locator(".a0w-session-panel")


def _open(context: BrowserContext, lab: Lab, *cells: str, front_end: str = "lab") -> Notebook:
    notebook = Notebook(context.new_page(), lab, lab.write(*cells), front_end)
    notebook.open()
    return notebook


def test_a_login_at_the_top_bar_is_every_notebooks(
    lab: Lab, tenant: LocalTenant, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(f"{lab.root}/lab?token={lab.token}&reset")
    top_bar = TopBar(page)
    ada = Person(tenant, "ada@example.com")
    ada.log_in(top_bar)
    expect(top_bar.card).to_contain_text("Ada Lovelace")

    first = _open(context, lab, SHOW, SESSION, RENEW)
    first.run_all()
    first.expect_output(1, "ada@example.com True")
    first.expect_output(2, "renewed True")
    expect(first.output(0)).to_contain_text("renewed by the Jupyter Server")

    first.restart_kernel()
    first.run_all()
    first.expect_output(2, "renewed True")

    second = _open(context, lab, SHOW, SESSION, RENEW)
    second.run_all()
    second.expect_output(2, "renewed True")

    page.bring_to_front()
    top_bar.bar.get_by_role("button", name="Show session").click()
    expect(top_bar.panel).to_contain_text("ada@example.com")
    page.keyboard.press("Escape")
    expect(top_bar.panel).to_have_count(0)

    tenant.requests.clear()
    ada.log_out(top_bar)
    for notebook in (first, second):
        log_in = notebook.output(0).get_by_role("button", name="Log in", exact=True)
        expect(log_in).to_be_enabled()
    assert all("ended_at" in each for each in first.local_storage().values() if "version" in each)
    assert tenant.requests["/oauth/revoke"] == 1


def test_the_top_bar_in_light_and_dark(
    lab: Lab, tenant: LocalTenant, context: BrowserContext, pictures: Pictures
) -> None:
    page = context.new_page()
    page.goto(f"{lab.root}/lab?token={lab.token}&reset")
    top_bar = TopBar(page)
    grace = Person(tenant, "grace@example.com")
    expect(top_bar.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()

    def look(state: str) -> None:
        for dress, theme in (("dark", DARK), ("light", LIGHT)):
            page.evaluate(
                "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
                ".then(() => 0)",
                theme,
            )
            page.wait_for_function(
                "theme => document.body.dataset.jpThemeName === theme", arg=theme
            )
            assert violations(top_bar.bar) == []
            pictures.take(top_bar.bar, f"gallery/top-bar-{state}-{dress}")
        if top_bar.panel.count():
            assert violations(top_bar.panel) == []

    look("logged-out")
    grace.log_in(top_bar)
    top_bar.bar.get_by_role("button", name="Show session").click()
    expect(top_bar.panel).to_contain_text("grace@example.com")
    look("logged-in")
    pictures.take(page.locator("body"), "one-login", margin=0)
    lab.stop()
    expect(top_bar.panel).to_contain_text("Not connected to the Jupyter Server.")
    expect(top_bar.panel).not_to_contain_text("cell")

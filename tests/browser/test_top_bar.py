"""One login for the whole Jupyter: the top bar, and the notebooks and kernels of one server."""

from __future__ import annotations

import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bench.desk import VIEWPORT, fresh_context
from bench.gallery import DARK, LIGHT, violations
from bench.lab import Lab
from bench.notebook import Notebook, Widget
from bench.person import Person
from playwright.sync_api import expect

from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.pictures import Pictures
    from playwright.sync_api import Browser, BrowserContext, Page

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
SESSION = "session = await login\nprint(session.user.email, session.renewable)"
RENEW = "session.renew()\nprint('renewed', session.renewable)"
UNTIL_THE_LOGOUT = """
import threading, time
def use_until_it_ends():
    try:
        while True:
            session.access_token
            time.sleep(0.01)
    except Exception as error:
        with open("{name}", "w") as file:
            print(type(error).__name__, time.time(), file=file)
threading.Thread(target=use_until_it_ends).start()
"""
FITS = """() => {
    const bar = document.querySelector('.a0w-top-bar');
    const inside = bar.closest('#auth0-widget-top-bar').getBoundingClientRect();
    return document.scrollingElement.scrollLeft === 0 && inside.right <= innerWidth
        && [...bar.querySelectorAll('button')].every(button => {
            const { left, right } = button.getBoundingClientRect();
            return left >= inside.left && right <= inside.right || right === left;
        });
}"""
IN_A_TERMINAL = """\
{python} -q
from auth0_widget import LoginWidget; session = LoginWidget().wait(timeout=60); session.renew()
print(session.user.email, session.renewable, file=open({path!r}, 'w', 1))
exit()
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of this module's tenant, kept while the tenant does not run."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        held: int = holder.getsockname()[1]
        yield held


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything of the server, and the home of its person."""
    made = tmp_path_factory.mktemp("top-bar")
    (made / "home").mkdir()
    return made


@pytest.fixture(scope="module")
def server(folder: Path, port: int) -> Iterator[Lab]:
    """One person's JupyterLab, which keeps one login for all of its kernels."""
    made = Lab(
        folder,
        {
            "AUTH0_DOMAIN": f"http://127.0.0.1:{port}",
            "AUTH0_CLIENT_ID": LocalTenant().client_id,
            "HOME": str(folder / "home"),
        },
        keeps_logins=True,
    )
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield made
    finally:
        made.stop()
        signal.signal(signal.SIGTERM, before)


@pytest.fixture
def lab(server: Lab) -> Iterator[Lab]:
    """The same, running. A story may stop it."""
    if not server.running:
        server.start()
    yield server
    if server.running:
        server.shut_down()


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
        self.all = page.locator("#auth0-widget-top-bar, .a0w-session-panel")


def _said(path: Path) -> list[str]:
    """The words that a kernel has written into a file, once it has."""
    end = time.monotonic() + 30
    while not path.exists() or not path.read_text().endswith("\n"):
        assert time.monotonic() < end, f"there is no {path.name}"
        threading.Event().wait(0.02)
    return path.read_text().split()


def _use_a_terminal(page: Page, lab: Lab) -> list[str]:
    """What Python says in one of JupyterLab's terminals."""
    with page.expect_websocket(lambda socket: "/terminals/" in socket.url) as opened:
        page.evaluate("window.jupyterapp.commands.execute('terminal:create-new').then(() => 0)")
    opened.value.wait_for_event("framereceived", lambda frame: "stdout" in str(frame))  # the prompt
    page.locator(".jp-Terminal").click()
    path = lab.notebooks / "terminal.txt"
    page.keyboard.type(IN_A_TERMINAL.format(python=sys.executable, path=str(path)))
    said = _said(path)
    page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")  # the notebook is seen again
    return said


def _files_since(moment: float, folder: Path) -> Iterator[tuple[Path, str]]:
    """The files in a folder that have been written since, but for those of other tests."""
    for path in folder.iterdir():
        with suppress(OSError):  # another process may remove it meanwhile
            if path.name.startswith("pytest-of-") or path.is_symlink():
                continue
            if path.is_dir():
                yield from _files_since(moment, path)
            elif path.is_file() and path.stat().st_mtime >= moment:
                yield path, path.read_bytes().decode(errors="replace")


@pytest.mark.long
def test_a_login_at_the_top_bar_is_every_notebooks(
    lab: Lab,
    tenant: LocalTenant,
    context: BrowserContext,
    folder: Path,
    measured: Callable[..., None],
) -> None:
    began_at = time.time()
    page = context.new_page()
    page.goto(f"{lab.root}/lab?token={lab.token}&reset")
    top_bar = TopBar(page)
    ada = Person(tenant, "ada@example.com")
    ada.log_in(top_bar)
    expect(top_bar.card).to_contain_text("Ada Lovelace")

    closed = Notebook(
        page, lab, lab.write(SHOW, SESSION, RENEW, UNTIL_THE_LOGOUT.format(name="closed.txt"))
    )
    closed.open_here()
    closed.run_all()
    closed.expect_output(2, "renewed True")
    closed.expect_finished(3)
    closed.close_tab()

    first = Notebook(
        page, lab, lab.write(SHOW, SESSION, RENEW, UNTIL_THE_LOGOUT.format(name="first.txt"))
    )
    first.open_here()
    first.run_all()
    first.expect_output(1, "ada@example.com True")
    first.expect_output(2, "renewed True")
    expect(first.output(0)).to_contain_text("renewed by the Jupyter Server")

    first.restart_kernel()
    first.run_all()
    first.expect_output(2, "renewed True")
    first.save()
    first.reload()
    expect(first.output(0)).to_contain_text("renewed by the Jupyter Server")

    assert _use_a_terminal(page, lab) == ["ada@example.com", "True"]
    top_bar.bar.get_by_role("button", name="Show session").click()
    expect(top_bar.panel).to_contain_text("ada@example.com")
    page.keyboard.press("Escape")
    expect(top_bar.panel).to_have_count(0)

    tenant.requests.clear()
    logged_out_at = time.time()
    ada.log_out(top_bar)
    for name in ("first", "closed"):
        error, at = _said(lab.notebooks / f"{name}.txt")
        measured(
            f"from Log out to the error in the {name} notebook's kernel",
            1000 * (float(at) - logged_out_at),
            "ms",
        )
        assert error == "SessionEndedError"
        assert float(at) - logged_out_at < 5, "a second, where nothing else is to be done"
    expect(first.output(0).get_by_role("button", name="Log in", exact=True)).to_be_enabled()
    records = [each for each in first.local_storage().values() if "version" in each]
    assert len(records) == 1
    assert "ended_at" in records[0]
    assert "token" not in records[0]
    assert tenant.requests["/oauth/revoke"] == 1

    secrets = [*tenant._context.ledger.access_tokens, *tenant._context.ledger.refresh_tokens]
    assert len(secrets) >= 8, "of the login, and of each renewal"
    files = [*_files_since(0, folder), *_files_since(began_at, Path(tempfile.gettempdir()))]
    ours = {path.relative_to(folder).parts[0] for path, _ in files if folder in path.parents}
    assert {"home", "runtime", "share"} <= ours
    for path, content in files:
        assert not any(secret in content for secret in secrets), path


def test_the_top_bar_in_notebook_7(lab: Lab, tenant: LocalTenant, context: BrowserContext) -> None:
    notebook = Notebook(context.new_page(), lab, lab.write(SHOW, SESSION), "notebook")
    notebook.open()
    top_bar = TopBar(notebook.page)
    ada = Person(tenant, "ada@example.com")
    ada.log_in(top_bar)
    expect(top_bar.card).to_contain_text("Ada Lovelace")
    assert notebook.page.evaluate(FITS), "something sticks out of the top bar"
    top_bar.bar.get_by_role("button", name="Show session").click()
    expect(top_bar.panel).to_contain_text("ada@example.com")
    notebook.page.keyboard.press("Escape")
    notebook.run_all()
    notebook.expect_output(1, "ada@example.com True")
    ada.log_out(top_bar)
    expect(notebook.output(0).get_by_role("button", name="Log in", exact=True)).to_be_enabled()


def _look(top_bar: TopBar, state: str, pictures: Pictures) -> None:
    """Check a state in both themes, and take its pictures."""
    for dress, theme in (("dark", DARK), ("light", LIGHT)):
        top_bar.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
            ".then(() => 0)",
            theme,
        )
        top_bar.page.wait_for_function(
            "theme => document.body.dataset.jpThemeName === theme", arg=theme
        )
        _look_once(top_bar, f"{state}-{dress}", pictures)


def _look_once(top_bar: TopBar, name: str, pictures: Pictures) -> None:
    for part in top_bar.all.all():
        assert violations(part) == []
    assert top_bar.page.evaluate(FITS), "something sticks out of the top bar"
    pictures.take(top_bar.all, f"gallery/top-bar-{name}")


def test_a_login_that_was_made_elsewhere(
    lab: Lab, tenant: LocalTenant, browser: Browser, context: BrowserContext, pictures: Pictures
) -> None:
    notebook = Notebook(context.new_page(), lab, lab.write(SHOW))
    notebook.open()
    top_bar = TopBar(notebook.page)
    expect(top_bar.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
    ada = Person(tenant, "ada@example.com")

    other_context = fresh_context(browser)
    other_page = other_context.new_page()
    other_page.goto(f"{lab.root}/lab?token={lab.token}&reset")
    elsewhere = TopBar(other_page)
    ada.log_in(elsewhere)
    expect(top_bar.card).to_contain_text("A session is active in this server.")
    expect(top_bar.bar).not_to_contain_text("Ada")
    _look(top_bar, "elsewhere", pictures)
    top_bar.bar.get_by_role("button", name="Show details").click()
    expect(top_bar.panel).to_contain_text("It was not opened in this top bar.")
    expect(top_bar.panel).not_to_contain_text("Ada")
    _look(top_bar, "elsewhere-details", pictures)
    ada.log_out(top_bar)
    expect(elsewhere.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
    other_context.close()

    notebook.run_all()
    ada.log_in(notebook)
    expect(top_bar.card).to_contain_text("Ada Lovelace")
    expect(top_bar.card.get_by_role("button", name="Log out", exact=True)).to_be_enabled()


@pytest.mark.long
def test_the_top_bar_in_light_and_dark(
    lab: Lab, tenant: LocalTenant, context: BrowserContext, pictures: Pictures
) -> None:
    page = context.new_page()
    page.goto(f"{lab.root}/lab?token={lab.token}&reset")
    top_bar = TopBar(page)
    grace = Person(tenant, "grace@example.com")
    expect(top_bar.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()

    def look(state: str) -> None:
        _look(top_bar, state, pictures)

    look("logged-out")
    popup = grace.open_popup(top_bar)
    expect(top_bar.card).to_contain_text("Finish the login")
    look("window-open")
    popup.close()
    expect(top_bar.panel.get_by_role("alert")).to_contain_text("popup_closed")
    look("error")
    top_bar.panel.get_by_role("button", name="Use a code instead", exact=True).click()
    expect(top_bar.panel.locator(".a0w-user-code")).to_be_visible()
    look("code")
    top_bar.panel.get_by_role("button", name="Cancel", exact=True).click()
    expect(top_bar.panel.get_by_role("alert")).to_contain_text("login_cancelled")

    tenant.mutate_response["/oauth/token"] = without_renewal
    grace.finish(grace.open_popup(top_bar))
    expect(top_bar.card.get_by_role("button", name="Log in again")).to_be_enabled()
    expect(top_bar.panel).to_have_count(0)
    look("expired")
    tenant.mutate_response.clear()
    grace.log_in(top_bar)
    top_bar.bar.get_by_role("button", name="Show session").click()
    expect(top_bar.panel).to_contain_text("grace@example.com")
    pictures.take(page.locator("body"), "one-login", margin=0)
    page.keyboard.press("Escape")
    look("logged-in")
    page.set_viewport_size({"width": 700, "height": 700})
    look("narrow")
    lab.stop()
    expect(top_bar.bar).to_contain_text("Not connected to the Jupyter Server.")
    expect(top_bar.bar).not_to_contain_text("cell")
    page.set_viewport_size(VIEWPORT)
    # Without the server, JupyterLab changes no theme.
    _look_once(top_bar, "no-server-light", pictures)


def without_renewal(response: dict[str, Any]) -> dict[str, Any]:
    """A token response for a session of a second."""
    kept = {name: value for name, value in response.items() if name != "refresh_token"}
    return kept | {"expires_in": 1}

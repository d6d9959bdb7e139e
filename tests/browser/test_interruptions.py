"""Interruptions: a kernel shut down, a server restarted, a connection cut and restored.

No button is left without an effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.lab import Lab
from bench.notebook import Notebook
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.person import Person
    from playwright.sync_api import BrowserContext

    from auth0_widget.local_tenant import LocalTenant

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
AWAIT = "session = await login\nprint('hello', session.user.name)"
NEW_KERNEL = """async () => {
    const context = window.jupyterapp.shell.currentWidget.sessionContext;
    await context.changeKernel({name: 'python3'});
}"""
# A laptop that falls asleep: the socket dies under JupyterLab, which then connects anew.
CUT = """() => new Promise((resolve) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const changed = (_, status) => {
        if (status !== 'connected') return;
        kernel.connectionStatusChanged.disconnect(changed);
        resolve();
    };
    kernel.connectionStatusChanged.connect(changed);
    kernel.reconnect();
})"""


# A laptop under way: nothing connects any more, until UP.
DOWN = """() => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const settings = kernel.serverSettings;
    const { WebSocket } = settings;
    settings.WebSocket = class { close() {} };
    window.benchUp = () => {
        settings.WebSocket = WebSocket;
        return kernel.reconnect();
    };
    kernel.reconnect();
    return kernel.connectionStatus;
}"""
UP = "() => window.benchUp()"


def test_a_kernel_that_is_shut_down_leaves_no_dead_button_and_the_next_finds_the_login(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run(0)
    popup = ada.open_popup(notebook)
    notebook.execute("kernelmenu:shutdown")
    # The tenant answers a page whose kernel is no more.
    ada.finish(popup)
    _expect_only_words(notebook)
    _start_anew(notebook)
    ada.log_in(notebook)
    notebook.execute("kernelmenu:shutdown")
    notebook.card.get_by_role("button", name="Log out", exact=True).click()
    _expect_only_words(notebook)
    _start_anew(notebook)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"


def _start_anew(notebook: Notebook) -> None:
    notebook.page.evaluate(NEW_KERNEL)
    notebook.wait_until_idle()
    notebook.run(0)


def _expect_only_words(notebook: Notebook) -> None:
    """The card says what to do, and has no button."""
    expect(notebook.card).to_contain_text("run this cell", ignore_case=True)
    expect(notebook.live_buttons).to_have_count(0)


def test_a_notebook_that_is_reopened_in_the_middle_of_a_login_goes_on(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT, "print(session.user.email)")
    notebook.run(0)
    notebook.save()
    popup = ada.open_popup(notebook)
    _reopen(notebook)
    ada.close_by(popup, notebook.card.get_by_role("button", name="Cancel").click)
    expect(notebook.card).to_contain_text("The login was cancelled.")
    # The same while a cell waits, and where the window was closed before the notebook is there.
    notebook.run(1, wait=False)
    popup = ada.open_popup(notebook)
    notebook.reopen(meanwhile=popup.close)
    expect(notebook.card).to_contain_text("The login window seems to be closed.")
    popup = ada.open_popup(notebook)
    _reopen(notebook)
    ada.finish(popup)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    notebook.run(2)
    assert notebook.output_text(2) == ada.email


def _reopen(notebook: Notebook) -> None:
    """The card goes on with the window of the card before, whose page has no kernel any more."""
    notebook.reopen()
    expect(notebook.card).to_contain_text("Finish the login in the window that has opened.")
    expect(notebook.live_buttons).to_have_text(["Show window", "Cancel"])


def test_a_connection_that_was_cut_while_logging_in_is_as_good_as_new(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    popup = ada.open_popup(notebook)
    notebook.page.evaluate(CUT)
    ada.finish(popup)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    notebook.expect_output(1, "hello Ada Lovelace")


def test_an_answer_that_comes_while_the_connection_is_down_is_taken_when_it_is_back(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    popup = ada.open_popup(notebook)
    assert notebook.page.evaluate(DOWN) == "connecting"
    ada.finish(popup)
    expect(notebook.card).to_contain_text("Waiting for the kernel")
    expect(notebook.live_buttons).to_have_count(0)
    notebook.page.evaluate(UP)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    notebook.expect_output(1, "hello Ada Lovelace")


def test_a_connection_that_was_cut_after_the_login_still_logs_out(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, "print(login.status)")
    notebook.run(0)
    ada.log_in(notebook)
    notebook.page.evaluate(CUT)
    ada.log_out(notebook)
    notebook.run(1)
    assert notebook.output_text(1) == "logged_out"


@pytest.fixture
def own_lab(tmp_path: Path, tenant: LocalTenant) -> Iterator[Lab]:
    """A JupyterLab for this test only, which may end it."""
    environment = {"AUTH0_DOMAIN": tenant.url, "AUTH0_CLIENT_ID": tenant.client_id}
    server = Lab(tmp_path, environment)
    tenant.allow_origin(server.origin)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _stop(server: Lab, notebook: Notebook) -> None:
    server.stop()
    # JupyterLab's own words about it, over everything.
    notebook.page.locator(".jp-Dialog").get_by_role("button", name="Close").click()


def _come_back(server: Lab, notebook: Notebook) -> None:
    server.start()
    notebook.reload()
    notebook.run(0)


@pytest.mark.long
def test_a_server_that_is_restarted_during_and_after_a_login_leaves_no_dead_button(
    own_lab: Lab, context: BrowserContext, ada: Person
) -> None:
    notebook = Notebook(context.new_page(), own_lab, own_lab.write(SHOW, AWAIT))
    notebook.open()
    notebook.run(0)
    notebook.save()
    popup = ada.open_popup(notebook)
    _stop(own_lab, notebook)
    # The tenant answers a page whose kernel is no more.
    ada.finish(popup)
    _expect_only_words(notebook)
    _come_back(own_lab, notebook)
    ada.log_in(notebook)
    _stop(own_lab, notebook)
    notebook.card.get_by_role("button", name="Log out", exact=True).click()
    _expect_only_words(notebook)
    _come_back(own_lab, notebook)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"

"""What comes between: a kernel shut down, a connection cut and restored. No button is left dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person

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


def test_a_kernel_that_is_shut_down_leaves_no_dead_button_and_the_next_finds_the_login(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run(0)
    ada.log_in(notebook)
    notebook.execute("kernelmenu:shutdown")
    notebook.card.get_by_role("button", name="Log out", exact=True).click()
    expect(notebook.card).to_contain_text("run this cell", ignore_case=True)
    notebook.page.evaluate(NEW_KERNEL)
    notebook.wait_until_idle()
    notebook.run(0)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"


def test_a_connection_that_was_cut_while_logging_in_is_as_good_as_new(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all(wait=False)
    notebook.expect_running(1)
    popup = ada.open_popup(notebook)
    notebook.page.evaluate(CUT)
    ada.finish(popup)
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

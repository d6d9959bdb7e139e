"""The callback page, where the login window is cut off from the notebook, as Google's page does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.lab import Lab
from bench.notebook import Notebook
from playwright.sync_api import expect

from auth0_widget.config import CALLBACK_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.person import Person
    from playwright.sync_api import BrowserContext

    from auth0_widget.local_tenant import LocalTenant

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget(callback='page')\nlogin"
SHOW_MESSAGE = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
AWAIT = "session = await login\nprint('hello', session.user.name)"
MEMORY = SHOW.replace("'page'", "'page', storage='memory'")

# What a script of the same origin can say without knowing the state.
FORGE = """() => ['auth0-widget:', 'auth0-widget:null', 'auth0-widget:undefined'].forEach(name =>
    new BroadcastChannel(name).postMessage({
        type: 'authorization_response', response: { code: 'c', state: 's' } }))"""


@pytest.fixture(autouse=True)
def google(tenant: LocalTenant, lab: Lab) -> None:
    """The tenant's login page cuts its window off; the callback page is an allowed callback."""
    tenant.cuts_opener = True
    tenant.application.callbacks.append(f"{lab.root}/{CALLBACK_PAGE}")


@pytest.fixture
def hub_lab(tmp_path_factory: pytest.TempPathFactory, tenant: LocalTenant) -> Iterator[Lab]:
    """A JupyterLab below a path, like a user's on JupyterHub."""
    environment = {"AUTH0_DOMAIN": tenant.url, "AUTH0_CLIENT_ID": tenant.client_id}
    server = Lab(tmp_path_factory.mktemp("hub"), environment, base_url="/user/ada%40example.com/")
    tenant.application.callbacks.append(f"{server.root}/{CALLBACK_PAGE}")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_logging_in_where_the_window_is_cut_off(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    popup = ada.open_popup(notebook)
    popup.get_by_role("button", name="Continue").wait_for()
    assert popup.evaluate("() => window.opener === null")
    # The browser says that the window is closed, while Ada is still looking for her password.
    alert = notebook.card.get_by_role("alert")
    expect(alert).to_contain_text("If you still see the window, finish the login there.")
    notebook.expect_running(1)
    ada.finish(popup)
    assert popup.is_closed()
    notebook.expect_output(1, "hello Ada Lovelace")
    assert tenant.requests["/oauth/token"] == 1


def test_logging_in_below_a_path_as_in_jupyterhub(
    hub_lab: Lab, context: BrowserContext, ada: Person
) -> None:
    notebook = Notebook(context.new_page(), hub_lab, hub_lab.write(SHOW, AWAIT))
    notebook.open()
    notebook.run_all_until(1)
    ada.log_in(notebook)
    notebook.expect_output(1, "hello Ada Lovelace")


def test_a_window_that_was_closed_can_be_opened_again(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run_all_until(1)
    ada.open_popup(notebook).close()
    expect(notebook.card.get_by_role("alert")).to_contain_text("popup_closed")
    ada.log_in(notebook)
    notebook.expect_output(1, "hello Ada Lovelace")


def test_a_window_that_was_open_when_its_page_was_refreshed_still_counts(
    open_notebook: Callable[..., Notebook], ada: Person, tenant: LocalTenant
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run(0)
    notebook.save()
    popup = ada.open_popup(notebook)
    notebook.reload()
    expect(notebook.card).to_contain_text("A login window of this page may still be open.")
    ada.finish(popup)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    assert tenant.requests["/oauth/token"] == 1
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"


def test_a_tab_that_is_closed_leaves_its_response_to_another_of_the_same_notebook(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    first = open_notebook(SHOW)
    first.run(0)
    first.save()
    second = first.duplicate()
    popup = ada.open_popup(first)
    expect(second.card).to_contain_text("A login was begun in another window.")
    first.close()
    ada.finish(popup)
    expect(second.card).to_contain_text("Ada Lovelace")


def test_two_logins_at_once_get_their_own_answers_and_nothing_forged(
    open_notebook: Callable[..., Notebook], ada: Person, grace: Person
) -> None:
    notebook, other = open_notebook(MEMORY), open_notebook(MEMORY)
    notebook.run(0)
    other.run(0)
    popup = ada.open_popup(notebook)
    other.page.evaluate(FORGE)
    grace.finish(grace.open_popup(other))
    expect(other.card).to_contain_text("Grace Hopper")
    expect(notebook.card.get_by_role("alert")).to_contain_text("popup_closed")
    popup.reload()
    ada.finish(popup)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    expect(other.card).to_contain_text("Grace Hopper")


def test_without_the_callback_page_the_card_offers_it_and_the_cell_goes_on_waiting(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_notebook(SHOW_MESSAGE, AWAIT)
    notebook.run_all_until(1)
    popup = ada.open_popup(notebook)
    alert = notebook.card.get_by_role("alert")
    expect(alert).to_contain_text("popup_closed")
    popup.close()
    notebook.card.get_by_role("button", name="Use the callback page").click()
    expect(alert).to_contain_text("the response will come through the callback page")
    notebook.expect_running(1)
    ada.log_in(notebook)
    notebook.expect_output(1, "hello Ada Lovelace")


def test_a_server_that_does_not_serve_the_page_is_named(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.alter("document.getElementById('jupyter-config-data').textContent = '{}'")
    pages = len(notebook.page.context.pages)
    notebook.run_all_until(1)
    alert = notebook.card.get_by_role("alert")
    expect(alert).to_contain_text("callback_page_missing")
    expect(alert).to_contain_text("Install auth0-widget in the Jupyter Server's own environment")
    notebook.card.get_by_role("button", name="Log in", exact=True).click()
    notebook.expect_output(1, "CallbackPageMissingError")
    assert len(notebook.page.context.pages) == pages, "no window has opened"

"""One login, several tabs and browsers: what one does shows in those that it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person
    from playwright.sync_api import BrowserContext

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
AWAIT = "session = await login\nprint('hello', session.user.name)"


def test_another_browser_on_the_same_kernel_is_shown_and_stores_nobody(
    open_notebook: Callable[..., Notebook],
    ada: Person,
    new_context: Callable[[], BrowserContext],
) -> None:
    notebook = open_notebook(SHOW, AWAIT)
    notebook.run(0)
    notebook.save()
    other = open_notebook(again=notebook, context=new_context())
    expect(other.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
    ada.log_in(notebook)
    expect(notebook.card).to_contain_text("Ada Lovelace")
    expect(other.card).to_contain_text("another page")
    expect(other.card).not_to_contain_text("Ada")
    assert not [key for key in other.local_storage() if key.startswith("auth0-widget:")]


def test_two_tabs_of_one_browser_share_the_login_and_the_logout(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    first = open_notebook(SHOW, AWAIT)
    first.run(0)
    second = open_notebook(SHOW, AWAIT)
    second.run(0)
    ada.log_in(first)
    expect(second.card).to_contain_text("Ada Lovelace")
    second.run(1)
    assert second.output_text(1) == "hello Ada Lovelace"
    second.card.get_by_role("button", name="Log out", exact=True).click()
    expect(first.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()


def test_a_duplicated_tab_shares_the_login_and_the_logout(
    open_notebook: Callable[..., Notebook], ada: Person
) -> None:
    first = open_notebook(SHOW, "print(login.status, len(login._bridge._pages))")
    first.run(0)
    first.save()
    second = first.duplicate()
    left_open = ada.open_popup(first)
    # The same login, begun in both tabs and finished in the second.
    ada.log_in(second)
    expect(first.card).to_contain_text("Ada Lovelace")
    expect(second.card).to_contain_text("Ada Lovelace")
    assert left_open.is_closed()
    first.run(1)
    assert first.output_text(1) == "authenticated 2"
    ada.log_out(second)
    expect(first.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()

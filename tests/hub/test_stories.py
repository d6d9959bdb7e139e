"""Two people on a real JupyterHub, in two browsers and in one, by each of the ways to log in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from bench.person import Person
from playwright.sync_api import expect

from auth0_widget.local_tenant.settings import Lifetimes

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from hub_process import HubProcess
    from playwright.sync_api import BrowserContext

    from auth0_widget.local_tenant import LocalTenant

pytestmark = pytest.mark.hub

ADA, GRACE = "ada@example.com", "grace@example.com"
NAMES = {ADA: "Ada Lovelace", GRACE: "Grace Hopper"}
SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget({})\nlogin"
AWAIT = "session = await login\nprint('in Python:', session.user.email)"
AGAIN = "print('still:', login.session.user.email)"

WAYS = {
    "message": "client_id='notebooks', flow='popup'",
    "callback_page": "client_id='notebooks', flow='popup', callback='page'",
    "hub": "",
}

NEXT_TOKEN = """
import asyncio, os, time, httpx
first, ends_at = session.access_token, session.expires_at
while time.time() < ends_at:
    await asyncio.sleep(0.1)
answer = httpx.get(os.environ["AUTH0_DOMAIN"] + "/userinfo", auth=session.auth)
print("then:", answer.json()["email"], session.access_token != first)
"""


@pytest.fixture
def log_in(
    open_notebook: Callable[..., Notebook],
    enter: Callable[[BrowserContext, str], None],
    tenant: LocalTenant,
) -> Callable[..., Notebook]:
    """Log in to the hub and in a notebook: ``log_in(browser, email, way, *cells)``."""

    def run(browser: BrowserContext, email: str, way: str, *cells: str) -> Notebook:
        enter(browser, email)
        name = f"{way}-{secrets.token_hex(4)}"  # a kernel belongs to a notebook's name
        notebook = open_notebook(browser, email, name, SHOW.format(WAYS[way]), AWAIT, *cells)
        notebook.run_all_until(1) if way != "hub" else notebook.run_all()
        if way != "hub":
            Person(tenant, email).log_in(notebook)
        notebook.expect_output(1, f"in Python: {email}")
        expect(notebook.card).to_contain_text(NAMES[email])
        return notebook

    return run


def sees_only(notebook: Notebook, email: str) -> None:
    """Whoever's notebook it is sees nothing of anybody else, and Python knows the same person."""
    notebook.run(2)
    notebook.expect_output(2, f"still: {email}")
    expect(notebook.card).to_contain_text(NAMES[email])
    (other,) = set(NAMES) - {email}
    assert NAMES[other] not in notebook.page.content()
    assert other not in notebook.page.content()


@pytest.mark.parametrize("way", WAYS)
def test_two_people_in_two_browsers(
    new_browser: Callable[[], BrowserContext], log_in: Callable[..., Notebook], way: str
) -> None:
    notebooks = {email: log_in(new_browser(), email, way, AGAIN) for email in NAMES}
    for email, notebook in notebooks.items():
        sees_only(notebook, email)


def test_somebody_comes_back_with_another_browser(
    new_browser: Callable[[], BrowserContext],
    enter: Callable[[BrowserContext, str], None],
    log_in: Callable[..., Notebook],
    open_again: Callable[[BrowserContext, str, Notebook], Notebook],
) -> None:
    before = log_in(new_browser(), ADA, "hub")
    before.save()
    browser = new_browser()
    enter(browser, ADA)
    notebook = open_again(browser, ADA, before)
    notebook.run_all()
    expect(notebook.card).to_contain_text(NAMES[ADA])


@pytest.mark.parametrize("way", WAYS)
def test_two_people_at_one_browser(
    new_browser: Callable[[], BrowserContext],
    log_in: Callable[..., Notebook],
    hub: HubProcess,
    tenant: LocalTenant,
    way: str,
) -> None:
    browser = new_browser()
    ada_s = log_in(browser, ADA, way, AGAIN)
    page = browser.new_page()
    # The one ends the hub's login, the other that at the tenant: docs/howto/shared-server.md.
    page.goto(f"{hub.origin}/hub/logout")
    page.goto(f"{tenant.url}/v2/logout?client_id=the-hub")
    page.close()
    grace_s = log_in(browser, GRACE, way, AGAIN)
    sees_only(grace_s, GRACE)
    sees_only(ada_s, ADA)


def test_the_session_goes_on_when_the_hub_s_token_has_expired(
    new_browser: Callable[[], BrowserContext], log_in: Callable[..., Notebook], tenant: LocalTenant
) -> None:
    tenant.lifetimes = Lifetimes(access_token=8)
    notebook = log_in(new_browser(), ADA, "hub", NEXT_TOKEN)
    notebook.expect_output(2, f"then: {ADA} True")
    expect(notebook.card).to_contain_text(NAMES[ADA])


def test_the_hub_s_login_offers_nothing_else_and_comes_back_with_a_click(
    new_browser: Callable[[], BrowserContext], log_in: Callable[..., Notebook]
) -> None:
    notebook = log_in(new_browser(), GRACE, "hub")
    notebook.card.get_by_role("button", name="Log out", exact=True).click()
    log_in_again = notebook.card.get_by_role("button", name="Log in", exact=True)
    expect(log_in_again).to_be_enabled()
    expect(notebook.card.get_by_text("Other ways to log in")).to_be_hidden()
    log_in_again.click()
    expect(notebook.card).to_contain_text(NAMES[GRACE])

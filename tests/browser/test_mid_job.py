"""A session ends in mid-job, and the job waits for the person (``on_expiry="wait"``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.notebook import Notebook
from playwright.sync_api import expect

from auth0_widget.local_tenant.settings import Lifetimes
from auth0_widget.notebook.reauthentication import job_prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.lab import Lab
    from bench.person import Person
    from playwright.sync_api import BrowserContext

    from auth0_widget.local_tenant import LocalTenant

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
JOB = """import time, httpx
session = await login
session.on_expiry = "wait"
url, end = session.claims["iss"] + "userinfo", session.expires_at
while session.expires_at == end:
    name = httpx.get(url, auth=session.auth).raise_for_status().json()["name"]
    time.sleep(0.1)
print("went on as", name)"""
AWAITING_JOB = """import asyncio
async with httpx.AsyncClient(auth=session.auth) as client:
    while True:
        (await client.get(url)).raise_for_status()
        await asyncio.sleep(0.1)"""


def test_a_job_waits_for_another_login_of_the_same_person_and_for_nobody_else(
    open_notebook: Callable[..., Notebook], ada: Person, grace: Person, tenant: LocalTenant
) -> None:
    # The refresh token ends before the access token: the tenant refuses it. And whoever logs in
    # types a password, because the tenant has forgotten who was there.
    tenant.lifetimes = Lifetimes(access_token=2, refresh_token=1, session=1)
    notebook = open_notebook(SHOW, JOB, AWAITING_JOB)
    notebook.run(0)
    notebook.run(1, wait=False)
    ada.finish(ada.open_popup(notebook))
    notebook.expect_output(1, job_prompt(None))
    expect(notebook.card).to_contain_text(
        "Your session has ended. A cell is waiting for you to log in."
    )
    ada.finish(ada.open_popup(notebook))
    notebook.expect_output(1, "went on as Ada Lovelace")

    notebook.run(2, wait=False)
    notebook.expect_output(2, job_prompt(None))
    grace.finish(grace.open_popup(notebook))
    notebook.expect_output(2, "SessionEndedError: This session has ended: somebody else logged in")


def test_without_a_click_where_the_tenant_knows_the_person_still(
    context: BrowserContext, lab: Lab, ada: Person, tenant: LocalTenant
) -> None:
    remote = lab.as_remote()
    tenant.allow_origin(remote.origin)
    tenant.mutate_response["/oauth/token"] = lambda answer: answer | {"expires_in": 2}
    # Without a refresh token, and in a page that is not of this machine.
    show = SHOW.replace("LoginWidget()", "LoginWidget(scope='openid profile email')")
    notebook = Notebook(context.new_page(), remote, lab.write(show, JOB, JOB))
    notebook.open()
    notebook.run(0)
    notebook.run(1, wait=False)
    ada.finish(ada.open_popup(notebook))
    notebook.expect_output(1, "went on as Ada Lovelace")
    assert job_prompt(None) not in notebook.output_text(1)

    # The tenant has forgotten who was there: it must ask.
    tenant._context.sessions._sessions.clear()
    notebook.run(2, wait=False)
    notebook.expect_output(2, job_prompt(None))
    expect(notebook.card).to_contain_text("A cell is waiting for you to log in.")
    expect(notebook.card.get_by_role("alert")).to_be_hidden()
    ada.finish(ada.open_popup(notebook))
    notebook.expect_output(2, "went on as Ada Lovelace")

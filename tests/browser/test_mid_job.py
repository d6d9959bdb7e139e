"""A session ends in mid-job, and the job waits for the person (``on_expiry="wait"``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from auth0_widget.local_tenant.settings import Lifetimes
from auth0_widget.notebook.long_job import JOB_WAITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person

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
    notebook.expect_output(1, JOB_WAITS)
    expect(notebook.card).to_contain_text(
        "Your session has ended. A cell is waiting for you to log in."
    )
    ada.finish(ada.open_popup(notebook))
    notebook.expect_output(1, "went on as Ada Lovelace")

    notebook.run(2, wait=False)
    notebook.expect_output(2, JOB_WAITS)
    grace.finish(grace.open_popup(notebook))
    notebook.expect_output(2, "SessionEndedError: This session has ended: somebody else logged in")

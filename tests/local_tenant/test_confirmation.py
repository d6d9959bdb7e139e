"""Auth0's confirmation page for non-verifiable callbacks, such as those on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.local_tenant.confirmation import wants_confirmation
from auth0_widget.local_tenant.model import Application

from .notebook import ORIGIN, Notebook
from .test_login_pages import follow, message, signed_in

if TYPE_CHECKING:
    import httpx

    from auth0_widget.local_tenant import LocalTenant

PAGE = 'id="confirm"'


@pytest.fixture(autouse=True)
def confirming(tenant: LocalTenant) -> None:
    tenant.confirms_non_verifiable_callbacks = True


def submit(visitor: httpx.Client, page: httpx.Response, action: str) -> httpx.Response:
    """Click a button of the page."""
    state = page.url.params["state"]
    return visitor.post("/u/confirm", data={"state": state, "action": action})


def test_a_login_that_shows_no_other_page_shows_this_one(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    signed_in(visitor, notebook)  # with the login page: it is not asked for
    page = follow(visitor, notebook.authorize_url())
    assert PAGE in page.text
    assert ORIGIN in page.text
    assert "code" in message(submit(visitor, page, "accept"))


def test_whoever_declines_is_not_logged_in(notebook: Notebook, visitor: httpx.Client) -> None:
    signed_in(visitor, notebook)
    page = follow(visitor, notebook.authorize_url())
    assert message(submit(visitor, page, "decline"))["error"] == "access_denied"
    assert submit(visitor, page, "accept").status_code == 400, "it was submitted already"


def test_it_is_asked_for_each_time(notebook: Notebook, visitor: httpx.Client) -> None:
    signed_in(visitor, notebook)
    for _ in range(2):
        page = follow(visitor, notebook.authorize_url())
        assert PAGE in page.text
        submit(visitor, page, "accept")


def test_prompt_none_is_refused(notebook: Notebook, visitor: httpx.Client) -> None:
    signed_in(visitor, notebook)
    answered = message(visitor.get(notebook.authorize_url(prompt="none")))
    assert answered["error"] == "interaction_required"


def test_another_page_is_enough(notebook: Notebook, visitor: httpx.Client) -> None:
    signed_in(visitor, notebook)
    page = follow(visitor, notebook.authorize_url(prompt="consent"))
    assert 'id="consent"' in page.text
    data = {"state": page.url.params["state"], "action": "accept"}
    assert "code" in message(visitor.post("/u/consent", data=data))


def test_it_is_no_way_past_a_consent(notebook: Notebook, visitor: httpx.Client) -> None:
    signed_in(visitor, notebook, scope="openid")
    page = follow(visitor, notebook.authorize_url())
    assert 'id="consent"' in page.text
    skipped = submit(visitor, page, "accept")
    assert skipped.is_redirect
    assert skipped.headers["Location"].startswith("/u/consent")


@pytest.mark.parametrize("override", [True, False])
def test_the_application_s_setting_goes_before_the_tenant_s(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client, *, override: bool
) -> None:
    signed_in(visitor, notebook)
    tenant.confirms_non_verifiable_callbacks = not override
    tenant.application.confirms_non_verifiable_callbacks = override
    assert (PAGE in follow(visitor, notebook.authorize_url()).text) is override


@pytest.mark.parametrize(
    ("callback", "asked"),
    [
        ("http://localhost:8888", True),
        ("http://LOCALHOST:8888/lab", True),
        ("http://127.0.0.1:8888", True),
        ("http://127.1.2.3", True),
        ("http://[::1]:8888", True),
        ("https://localhost", True),
        ("myapp://callback", True),
        ("http://app.localhost:8888", False),
        ("https://hub.example.com", False),
        ("https://localhost.example.com", False),
    ],
)
def test_what_cannot_be_verified(tenant: LocalTenant, callback: str, *, asked: bool) -> None:
    application = Application("one", "One")
    assert wants_confirmation(callback, application, tenant._context.settings) is asked

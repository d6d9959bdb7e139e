"""/v2/logout."""

from __future__ import annotations

import httpx
import pytest

from auth0_widget.local_tenant import LocalTenant

from .notebook import ORIGIN, Notebook
from .test_login_pages import message, signed_in


def test_logout_ends_the_session(notebook: Notebook, visitor: httpx.Client) -> None:
    signed_in(visitor, notebook)
    response = visitor.get("/v2/logout")
    assert response.status_code == 200
    assert "You are logged out" in response.text
    parameters = message(visitor.get(notebook.authorize_url(prompt="none")))
    assert parameters["error"] == "login_required"


def test_an_old_cookie_opens_no_session_after_logout(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    signed_in(visitor, notebook)
    cookies = dict(visitor.cookies)
    visitor.get("/v2/logout")
    with httpx.Client(base_url=tenant.url, cookies=cookies) as thief:
        response = message(thief.get(notebook.authorize_url(prompt="none")))
    assert response["error"] == "login_required"


def test_return_to_is_followed_when_the_application_allows_it(
    tenant: LocalTenant, visitor: httpx.Client
) -> None:
    for target in (ORIGIN, f"{ORIGIN}?a=b#c"):
        parameters = {"client_id": tenant.client_id, "returnTo": target}
        response = visitor.get("/v2/logout", params=parameters)
        assert response.status_code == 302
        assert response.headers["Location"] == target


def test_without_return_to_the_first_logout_url_is_taken(
    tenant: LocalTenant, visitor: httpx.Client
) -> None:
    response = visitor.get("/v2/logout", params={"client_id": tenant.client_id})
    assert response.headers["Location"] == ORIGIN


@pytest.mark.parametrize(
    "target",
    [
        "http://evil.example",
        "//evil.example",
        "javascript:alert(1)",
        "\\evil.example",
        "http://localhost:8888@evil.example",
        "http://localhost:8888\\@evil.example",
        "http://localhost:8888/elsewhere",
        "http://local\thost:8888",
        "http://[",
        "",
    ],
)
def test_there_is_no_open_redirect(tenant: LocalTenant, visitor: httpx.Client, target: str) -> None:
    for parameters in ({"returnTo": target}, {"returnTo": target, "client_id": tenant.client_id}):
        response = visitor.get("/v2/logout", params=parameters)
        assert response.status_code == 400
        assert "Location" not in response.headers


def test_without_a_client_id_the_tenants_own_list_counts() -> None:
    with LocalTenant(origins=[ORIGIN], logout_urls=["https://tenant.example.com/bye"]) as tenant:
        url = f"{tenant.url}/v2/logout"
        allowed = httpx.get(url, params={"returnTo": "https://tenant.example.com/bye"})
        assert allowed.status_code == 302
        assert httpx.get(url, params={"returnTo": ORIGIN}).status_code == 400


def test_an_unknown_client_gets_an_error_page(visitor: httpx.Client) -> None:
    response = visitor.get("/v2/logout", params={"client_id": "nobody", "returnTo": ORIGIN})
    assert response.status_code == 400

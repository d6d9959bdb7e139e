"""What /authorize accepts, what it refuses, and where a refusal is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

if TYPE_CHECKING:
    import httpx

    from auth0_widget.local_tenant import LocalTenant

    from .notebook import Notebook


def test_a_login_answers_code_and_state(tenant: LocalTenant, notebook: Notebook) -> None:
    response = tenant.sign_in(notebook.authorize_url())
    assert set(response) == {"code", "state"}
    assert response["state"] == "the-state"


def test_query_mode_redirects_to_the_callback_and_keeps_its_query(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    callback = "http://localhost:8888/callback?hub=one"
    tenant.application.callbacks.append(callback)
    url = notebook.authorize_url(response_mode=None, redirect_uri=callback, prompt="none")
    location = visitor.get(url).headers["Location"]
    assert location.startswith("http://localhost:8888/callback?")
    assert dict(parse_qsl(urlsplit(location).query)) == {
        "hub": "one",
        "error": "login_required",
        "error_description": "Login required",
        "state": "the-state",
    }


def test_the_code_of_a_redirect_can_be_redeemed(notebook: Notebook) -> None:
    assert notebook.redeem(notebook.code(response_mode="query")).status_code == 200


@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.example",
        "http://localhost:8888.evil.example",
        "http://localhost:8888/other",
        "http://localhost:8888@evil.example",
        "//localhost:8888",
        "javascript:alert(1)",
    ],
)
def test_a_callback_that_is_not_allowed_gets_an_error_page_and_no_redirect(
    notebook: Notebook, visitor: httpx.Client, uri: str
) -> None:
    for mode in ("query", "web_message"):
        for prompt in (None, "none"):
            url = notebook.authorize_url(redirect_uri=uri, response_mode=mode, prompt=prompt)
            response = visitor.get(url)
            assert response.status_code == 403
            assert "Location" not in response.headers
            assert "Callback URL mismatch" in response.text
            assert "postMessage" not in response.text


def test_hostile_parameters_are_shown_as_text(notebook: Notebook, visitor: httpx.Client) -> None:
    response = visitor.get(notebook.authorize_url(redirect_uri="<script>alert(1)</script>"))
    assert "<script>alert" not in response.text
    response = visitor.get(
        notebook.authorize_url(state="</script><script>alert(1)//", prompt="none")
    )
    assert "<script>alert" not in response.text


def test_web_message_needs_a_registered_origin_with_and_without_prompt_none(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    tenant.application.web_origins.clear()
    for prompt in (None, "none"):
        response = visitor.get(notebook.authorize_url(prompt=prompt))
        assert response.status_code == 400
        assert "does not have a registered origin" in response.text
        assert "postMessage" not in response.text


def test_an_unknown_client_gets_an_error_page(notebook: Notebook, visitor: httpx.Client) -> None:
    response = visitor.get(notebook.authorize_url(client_id="nobody"))
    assert response.status_code == 403
    assert "Unknown client" in response.text


def test_an_unknown_response_mode_gets_an_error_page(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    assert visitor.get(notebook.authorize_url(response_mode="fragment")).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"audience": "https://nowhere.example.com/"}, "access_denied"),
        ({"organization": "org_nobody"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_a_bad_request_is_answered_to_the_application(
    tenant: LocalTenant, notebook: Notebook, changes: dict[str, str | None], error: str
) -> None:
    response = tenant.sign_in(notebook.authorize_url(**changes))
    assert response["error"] == error
    assert response["state"] == "the-state"
    assert "code" not in response


def test_an_unknown_audience_is_named_in_auth0s_words(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    response = tenant.sign_in(notebook.authorize_url(audience="https://nowhere.example.com/"))
    assert response["error_description"] == "Service not found: https://nowhere.example.com/"


def test_sdk_parameters_and_hints_are_tolerated(tenant: LocalTenant, notebook: Notebook) -> None:
    url = notebook.authorize_url(
        auth0Client="eyJuYW1lIjoiYXV0aDAtc3BhLWpzIn0=",
        ui_locales="de fr",
        screen_hint="signup",
        connection="google-oauth2",
        acr_values="x",
    )
    assert "code" in tenant.sign_in(url)


def test_declining_answers_access_denied(tenant: LocalTenant, notebook: Notebook) -> None:
    response = tenant.sign_in(notebook.authorize_url(), accept=False)
    assert response["error"] == "access_denied"
    assert response["error_description"] == "User did not authorize the request"


def test_a_person_whom_the_tenant_does_not_know_stays_on_the_login_page(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    with pytest.raises(RuntimeError, match="Wrong email or password"):
        tenant.sign_in(notebook.authorize_url(), "mallory@example.com")

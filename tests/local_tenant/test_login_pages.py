"""Login page, consent page, single sign-on, prompt and max_age."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from auth0_widget.local_tenant.person import Page

from .notebook import http_client

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant

    from .notebook import Clock, Notebook


def follow(visitor: httpx.Client, url: str) -> httpx.Response:
    """Follow redirects to the tenant's own pages."""
    response = visitor.get(url)
    while response.is_redirect:
        response = visitor.get(response.headers["Location"])
    return response


def submit(visitor: httpx.Client, page: httpx.Response, **form: str) -> httpx.Response:
    fields = Page(page.text).fields | form
    response = visitor.post(page.url.copy_with(query=None).path, data=fields)
    while response.is_redirect:
        response = visitor.get(response.headers["Location"])
    return response


def log_in(
    visitor: httpx.Client, page: httpx.Response, email: str = "ada@example.com"
) -> httpx.Response:
    return submit(visitor, page, username=email, password="development-only")


def message(page: httpx.Response) -> dict[str, Any]:
    match = re.search(r'id="authorization-response">(.*?)</script>', page.text)
    assert match, page.text
    response: dict[str, Any] = httpx.Response(200, text=match[1]).json()["response"]
    return response


def signed_in(visitor: httpx.Client, notebook: Notebook, **changes: str | None) -> None:
    page = log_in(visitor, follow(visitor, notebook.authorize_url(**changes)))
    if "Accept" in page.text:
        page = submit(visitor, page, action="accept")
    assert "code" in message(page)


def test_the_login_page_lists_the_people_and_shows_the_password(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    page = follow(visitor, notebook.authorize_url())
    for text in (
        "Ada Lovelace",
        "grace@example.com",
        "Alan Turing",
        "development-only",
        "Continue",
    ):
        assert text in page.text
    assert 'name="username"' in page.text
    assert 'name="password"' in page.text


def test_every_page_says_it_is_for_development(notebook: Notebook, visitor: httpx.Client) -> None:
    login = follow(visitor, notebook.authorize_url())
    consent = log_in(visitor, login)
    done = submit(visitor, consent, action="accept")
    urls = ("/", "/activate", "/v2/logout", "/nowhere", "/authorize")
    for page in (login, consent, done, *(visitor.get(url) for url in urls)):
        assert "Local tenant for development." in page.text
        assert "never use it for real accounts" in page.text
        assert '<html lang="en">' in page.text


@pytest.mark.parametrize("password", ["", "wrong", "DEVELOPMENT-ONLY"])
def test_a_wrong_password_stays_on_the_page_with_a_message(
    notebook: Notebook, visitor: httpx.Client, password: str
) -> None:
    page = follow(visitor, notebook.authorize_url())
    again = submit(visitor, page, username="grace@example.com", password=password)
    assert again.status_code == 400
    assert "Wrong email or password" in again.text
    assert re.search(r'value="grace@example.com" required checked', again.text)
    assert "Accept" in log_in(visitor, again).text


def test_login_hint_chooses_the_person(notebook: Notebook, visitor: httpx.Client) -> None:
    page = follow(visitor, notebook.authorize_url(login_hint="alan@example.com"))
    assert re.search(r'value="alan@example.com" required checked', page.text)
    assert page.text.count(" checked") == 1


def test_the_session_spares_the_second_login(notebook: Notebook, visitor: httpx.Client) -> None:
    signed_in(visitor, notebook)
    assert "code" in message(follow(visitor, notebook.authorize_url()))


def test_prompt_none_without_a_session_answers_login_required(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    response = message(visitor.get(notebook.authorize_url(prompt="none")))
    assert response == {
        "error": "login_required",
        "error_description": "Login required",
        "state": "the-state",
    }


def test_prompt_none_with_session_and_consent_answers_a_code(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    signed_in(visitor, notebook)
    assert "code" in message(visitor.get(notebook.authorize_url(prompt="none")))


def test_prompt_none_without_consent_answers_consent_required(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    signed_in(visitor, notebook, scope="openid")
    response = message(visitor.get(notebook.authorize_url(prompt="none")))
    assert response["error"] == "consent_required"


def test_prompt_login_asks_again_despite_the_session(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    signed_in(visitor, notebook)
    assert 'id="login"' in follow(visitor, notebook.authorize_url(prompt="login")).text


def test_prompt_consent_asks_again_despite_the_consent(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    signed_in(visitor, notebook)
    assert 'id="consent"' in follow(visitor, notebook.authorize_url(prompt="consent")).text


def test_max_age_asks_again_when_the_login_is_older(
    notebook: Notebook, visitor: httpx.Client, clock: Clock
) -> None:
    signed_in(visitor, notebook)
    clock.now += 60
    assert "code" in message(follow(visitor, notebook.authorize_url(max_age="60")))
    clock.now += 1
    assert 'id="login"' in follow(visitor, notebook.authorize_url(max_age="60")).text


def test_max_age_zero_always_asks_again_and_nonsense_never(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    signed_in(visitor, notebook)
    assert 'id="login"' in follow(visitor, notebook.authorize_url(max_age="0")).text
    for nonsense in ("", "-1", "x", "²"):
        assert "code" in message(follow(visitor, notebook.authorize_url(max_age=nonsense)))


def test_the_session_ends_when_nobody_uses_it_for_three_days(
    notebook: Notebook, visitor: httpx.Client, clock: Clock
) -> None:
    signed_in(visitor, notebook)
    clock.now += 259_199
    assert "code" in message(visitor.get(notebook.authorize_url(prompt="none")))
    clock.now += 259_200
    response = message(visitor.get(notebook.authorize_url(prompt="none")))
    assert response["error"] == "login_required"


def test_consent_is_remembered_per_person_audience_and_scopes(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    api = {"audience": "https://notes.example.com/", "prompt": "none"}
    signed_in(visitor, notebook)
    assert message(visitor.get(notebook.authorize_url(**api)))["error"] == "consent_required"
    page = follow(visitor, notebook.authorize_url(prompt="login"))
    assert 'id="consent"' in log_in(visitor, page, "grace@example.com").text
    page = follow(visitor, notebook.authorize_url(prompt="login"))
    assert "code" in message(log_in(visitor, page))


def test_the_consent_page_names_application_api_person_and_permissions(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    url = notebook.authorize_url(
        audience="https://notes.example.com/", scope="openid email read:notes"
    )
    page = log_in(visitor, follow(visitor, url))
    for text in ("Notebook", "Notes API", "Ada Lovelace", "Read your notes", "see your email"):
        assert text in page.text


def test_a_declined_consent_is_not_remembered(notebook: Notebook, visitor: httpx.Client) -> None:
    page = log_in(visitor, follow(visitor, notebook.authorize_url()))
    assert message(submit(visitor, page, action="decline"))["error"] == "access_denied"
    assert 'id="consent"' in follow(visitor, notebook.authorize_url()).text


def test_a_page_cannot_be_answered_twice(notebook: Notebook, visitor: httpx.Client) -> None:
    page = log_in(visitor, follow(visitor, notebook.authorize_url()))
    assert "code" in message(submit(visitor, page, action="accept"))
    again = submit(visitor, page, action="accept")
    assert again.status_code == 400
    assert "was answered already" in again.text


def test_a_page_cannot_be_answered_from_another_browser(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    page = follow(visitor, notebook.authorize_url())
    with http_client(tenant) as stranger:
        assert log_in(stranger, page).status_code == 400
    assert 'id="consent"' in log_in(visitor, page).text


def test_a_page_expires(notebook: Notebook, visitor: httpx.Client, clock: Clock) -> None:
    page = follow(visitor, notebook.authorize_url())
    clock.now += 3_600
    assert log_in(visitor, page).status_code == 400


def test_the_session_cookies_are_guarded(notebook: Notebook, visitor: httpx.Client) -> None:
    page = follow(visitor, notebook.authorize_url())
    response = visitor.post(
        "/u/login",
        data=Page(page.text).fields
        | {"username": "ada@example.com", "password": "development-only"},
    )
    cookies = {
        header.partition("=")[0].rpartition("_")[0]: header
        for header in response.headers.get_list("set-cookie")
    }
    assert {"auth0", "auth0_compat"} <= set(cookies)
    assert "Secure" in cookies["auth0"]
    assert "SameSite=None" in cookies["auth0"]
    assert "SameSite=Lax" in cookies["auth0_compat"]
    assert all("HttpOnly" in header for header in cookies.values())


def test_pages_carry_a_strict_policy(notebook: Notebook, visitor: httpx.Client) -> None:
    page = follow(visitor, notebook.authorize_url())
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://localhost:8888" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_the_web_message_page_can_be_framed_by_the_application_only(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    page = visitor.get(notebook.authorize_url(prompt="none"))
    assert "frame-ancestors http://localhost:8888;" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    assert "Cross-Origin-Opener-Policy" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"


def test_the_web_message_goes_to_the_origin_of_the_callback(
    tenant: LocalTenant, notebook: Notebook, visitor: httpx.Client
) -> None:
    callback = "http://localhost:8888/some/path"
    tenant.application.callbacks.append(callback)
    page = visitor.get(notebook.authorize_url(prompt="none", redirect_uri=callback))
    assert 'id="target-origin">"http://localhost:8888"<' in page.text
    assert '"*"' not in page.text

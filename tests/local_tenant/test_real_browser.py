"""What needs a real browser: popup, hidden frame, cookies across sites, redirects, CORS."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from headless import chromium_in_a_thread

from auth0_widget.local_tenant import LocalTenant

from .notebook import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Page

LISTEN = """
window.heard = [];
window.addEventListener("message", (event) => window.heard.push({
  origin: event.origin, data: event.data, fromPopup: event.source === window.popup,
}));
"""

EXCHANGE = """
async ([url, body]) => {
  const response = await fetch(url, {
    method: "POST",
    headers: {"Content-Type": "application/json", "Auth0-Client": "eyJuYW1lIjoieCJ9"},
    body: JSON.stringify(body),
  });
  return {status: response.status, names: Object.keys(await response.json())};
}
"""


class BlankPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Application</title>")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    """The origin of an application's page. To a browser, localhost and 127.0.0.1 are two sites."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BlankPage)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Callable[..., Any]]:
    with chromium_in_a_thread() as play:
        yield play


@pytest.fixture
def in_chromium(chromium: Callable[..., Any]) -> Callable[..., Any]:
    """A browser of the size of the login window."""
    return lambda story: chromium(story, viewport={"width": 400, "height": 600})


def log_in(page: Page, tenant: LocalTenant, *, accept: bool = True) -> None:
    page.get_by_label("Grace Hopper").check()
    page.get_by_label("Password").fill(tenant.password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Accept" if accept else "Decline").click()


def opener(context: BrowserContext, origin: str) -> Page:
    page = context.new_page()
    page.goto(origin)
    page.evaluate(LISTEN)
    return page


def popup(page: Page, url: str) -> Page:
    with page.expect_popup() as opened:
        page.evaluate("url => { window.popup = window.open(url, 'login', 'popup') }", url)
    return opened.value


def heard(page: Page) -> list[dict[str, Any]]:
    page.wait_for_function("window.heard.length > 0")
    messages: list[dict[str, Any]] = page.evaluate("window.heard.splice(0)")
    return messages


def test_popup_and_exchange_work_from_another_site(
    origin: str, in_chromium: Callable[..., Any]
) -> None:
    with LocalTenant(origins=[origin]) as tenant:
        notebook = Notebook(tenant)

        def story(context: BrowserContext) -> None:
            page = opener(context, origin)
            log_in(popup(page, notebook.authorize_url(redirect_uri=origin)), tenant)
            (message,) = heard(page)
            assert message["origin"] == tenant.url
            assert message["fromPopup"]
            assert message["data"]["type"] == "authorization_response"
            response = message["data"]["response"]
            assert set(response) == {"code", "state"}

            body = {
                "grant_type": "authorization_code",
                "client_id": tenant.client_id,
                "code": response["code"],
                "redirect_uri": origin,
                "code_verifier": notebook.verifier,
            }
            response = page.evaluate(EXCHANGE, [f"{tenant.url}/oauth/token", body])
            assert response["status"] == 200
            assert "id_token" in response["names"]

        in_chromium(story)


def test_a_hidden_frame_renews_silently(origin: str, in_chromium: Callable[..., Any]) -> None:
    # Headless Chromium blocks third-party cookies, as many people's browsers do. Auth0 and this
    # tenant then respond with login_required, so here the page is of the tenant's own site.
    origin = origin.replace("localhost", "127.0.0.1")
    with LocalTenant(origins=[origin], confirms_non_verifiable_callbacks=False) as tenant:
        notebook = Notebook(tenant)

        def story(context: BrowserContext) -> None:
            page = opener(context, origin)
            log_in(popup(page, notebook.authorize_url(redirect_uri=origin)), tenant)
            heard(page)
            silent = notebook.authorize_url(redirect_uri=origin, prompt="none")
            page.evaluate(
                "url => document.body.appendChild(document.createElement('iframe')).src = url",
                silent,
            )
            (message,) = heard(page)
            assert message["origin"] == tenant.url
            assert "code" in message["data"]["response"]

        in_chromium(story)


def test_a_page_of_another_origin_hears_nothing(
    origin: str, in_chromium: Callable[..., Any]
) -> None:
    with LocalTenant(origins=["http://localhost:8888"]) as tenant:
        notebook = Notebook(tenant)

        def story(context: BrowserContext) -> None:
            page = opener(context, origin)
            window = popup(page, notebook.authorize_url())
            log_in(window, tenant)
            window.get_by_role("heading", name="Done").wait_for()
            assert page.evaluate("window.heard") == []

        in_chromium(story)


def test_a_redirect_after_the_consent_form_arrives(
    origin: str, in_chromium: Callable[..., Any]
) -> None:
    with LocalTenant(origins=[origin]) as tenant:
        url = Notebook(tenant).authorize_url(redirect_uri=origin, response_mode="query")

        def story(context: BrowserContext) -> None:
            for accept, expected in ((False, "error=access_denied"), (True, "code=")):
                page = context.new_page()
                page.goto(f"{url}&prompt=login")
                log_in(page, tenant, accept=accept)
                page.wait_for_url(f"{origin}/**")
                assert expected in page.url

        in_chromium(story)


def test_the_login_page_needs_no_scrolling_in_a_popup(in_chromium: Callable[..., Any]) -> None:
    with LocalTenant(origins=["http://localhost:8888"]) as tenant:
        url = Notebook(tenant).authorize_url()

        def story(context: BrowserContext) -> None:
            page = context.new_page()
            page.goto(url)
            # Once as it opens, once more with the message about a wrong password in it.
            for _ in range(2):
                page.wait_for_load_state()
                assert page.evaluate("document.documentElement.scrollHeight") <= 600
                page.get_by_label("Password").fill("wrong")
                page.get_by_role("button", name="Continue").click()
                page.get_by_role("alert").wait_for()

        in_chromium(story)

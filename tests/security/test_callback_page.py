"""Threat 15: script in the callback page, and responses that did not come through it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import pytest
from headless import chromium_in_a_thread
from kernel import ORIGIN, PAGE
from playwright.sync_api import Error
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from auth0_widget.config import CALLBACK_PAGE
from auth0_widget.errors import CallbackPageMissingError, StateError
from auth0_widget.server.callback_page import CallbackPageHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel
    from playwright.sync_api import BrowserContext

    from auth0_widget.local_tenant import LocalTenant

OTHER_PAGE = "page-1111-1111-1111"
PATH = f"/user/ada/{CALLBACK_PAGE}"
CALLBACK = f"{ORIGIN}{PATH}"

SCRIPTS = {
    "an element": "<script>window.pwned = 1</script>",
    "an attribute": '"><img src=x onerror="window.pwned = 1">',
    "a way out of the script": "</script><script>window.pwned = 1</script>",
    "a template": "${window.pwned = 1}`;window.pwned = 1;`",
    "an address": "javascript:window.pwned = 1",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Serve the page without Jupyter. Returns its origin."""
    socket, port = bind_unused_port()
    loop = asyncio.new_event_loop()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        HTTPServer(Application([(PATH, CallbackPageHandler)])).add_socket(socket)
        loop.run_forever()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    socket.close()


@pytest.fixture(scope="module")
def in_chromium() -> Iterator[Callable[..., Any]]:
    with chromium_in_a_thread() as play:
        yield play


def _address(server: str, **response: str) -> str:
    return f"{server}{PATH}?{urlencode(response)}"


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("parameter", ["error_description", "error", "code", "state", "other"])
def test_threat_15_the_page_repeats_nothing(
    server: str, shown: Any, parameter: str, script: str
) -> None:
    plain = httpx.get(f"{server}{PATH}").content
    assert httpx.get(_address(server, **{parameter: SCRIPTS[script]})).content == plain
    assert httpx.get(f"{server}{PATH}?{SCRIPTS[script].replace(' ', '')}").content == plain
    shown("the same page, byte for byte")


def test_threat_15_the_headers_are_exact(server: str, shown: Any) -> None:
    response = httpx.get(_address(server, code="c", state="s"))

    def hash_of(element: str) -> str:
        (content,) = re.findall(f"<{element}[^>]*>(.*?)</{element}>", response.text, re.DOTALL)
        return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()

    expected = {
        "Content-Security-Policy": "default-src 'none'; "
        f"script-src 'sha256-{hash_of('script')}'; style-src 'sha256-{hash_of('style')}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Content-Type": "text/html; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    assert {name: response.headers.get(name) for name in expected} == expected
    assert "Set-Cookie" not in response.headers
    assert "Access-Control-Allow-Origin" not in response.headers
    shown("the headers, and no cookie")


@pytest.mark.parametrize("script", SCRIPTS)
def test_threat_15_script_is_inert_in_a_real_browser(
    server: str, in_chromium: Callable[..., Any], shown: Any, script: str
) -> None:
    def story(context: BrowserContext) -> None:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(_address(server, error="access_denied", error_description=SCRIPTS[script]))
        assert page.locator("h1").inner_text() == "Back to your notebook"
        assert page.get_by_role("status").inner_text() == "You can close this window."
        assert page.evaluate("() => document.scripts.length") == 1
        assert page.evaluate("() => window.pwned === undefined")
        assert "Content Security Policy" not in str(complaints), "our own script has run"

    in_chromium(story)
    shown("inert")


def test_threat_15_a_script_that_got_in_all_the_same_does_not_run(
    server: str, in_chromium: Callable[..., Any], shown: Any
) -> None:
    def story(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(f"{server}{PATH}")
        with pytest.raises(Error, match="Content Security Policy"):
            page.add_script_tag(content="window.pwned = 1")
        assert page.evaluate("() => window.pwned === undefined")

    in_chromium(story)
    shown("stopped by the policy")


def test_threat_15_the_code_leaves_the_address_bar(
    server: str, in_chromium: Callable[..., Any], shown: Any
) -> None:
    def story(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(f"{_address(server, code='the-code', state='the-state')}#the-code")
        assert page.url == f"{server}{PATH}"
        page.reload()
        page.go_back()
        assert "the-" not in page.url

    in_chromium(story)
    shown("address and history without it")


def _heard(server: str, in_chromium: Callable[..., Any], query: str, *states: str) -> list[Any]:
    """The responses that pages of the same origin receive if they listen for these states."""

    def story(context: BrowserContext) -> list[Any]:
        page = context.new_page()
        page.goto(f"{server}{PATH}")
        page.evaluate(
            """states => {
                window.heard = [];
                window.channels = [...states, 'the-end'].map(state => {
                    const channel = new BroadcastChannel(`auth0-widget:${state}`);
                    channel.onmessage = ({ data }) => heard.push(data);
                    return channel;
                });
            }""",
            states,
        )
        context.new_page().goto(f"{server}{PATH}?{query}")
        context.new_page().goto(_address(server, code="c", state="the-end"))
        # What the first of the two has sent arrived before this.
        page.wait_for_function("window.heard.at(-1)?.response.state === 'the-end'")
        heard: list[Any] = page.evaluate("window.heard.slice(0, -1)")
        return heard

    response: list[Any] = in_chromium(story)
    return response


def test_threat_15_only_who_knows_the_state_receives_the_response(
    server: str, in_chromium: Callable[..., Any], shown: Any
) -> None:
    parameters = {"code": "c", "state": "s1", "iss": "https://acme.eu.auth0.com/"}
    response = {"type": "authorization_response", "response": parameters}
    assert _heard(server, in_chromium, urlencode(parameters), "s1") == [response]
    assert _heard(server, in_chromium, urlencode(parameters), "s2", "", "undefined", "null") == []
    whole = parameters | {"state": "channel.secret"}
    response = {"type": "authorization_response", "response": whole}
    assert _heard(server, in_chromium, urlencode(whole), "channel") == [response]
    assert _heard(server, in_chromium, urlencode(whole), "secret", "channel.secret") == []
    shown("heard on the channel of its login alone")


@pytest.mark.parametrize(
    ("query", "response"),
    [
        ("state=s&code=a&code=b", {"state": "s"}),
        ("state=s&code=c&access_token=t", {"state": "s", "code": "c"}),
        (f"state=s&code={'c' * 9000}", {"state": "s", "code": "c" * 4096}),
        (
            f"state=s&error=e&error_description={quote(SCRIPTS['an element'])}",
            {"state": "s", "error": "e", "error_description": SCRIPTS["an element"]},
        ),
    ],
    ids=["a parameter twice", "an unknown parameter", "a long one", "a description"],
)
def test_threat_15_what_is_passed_on(
    server: str, in_chromium: Callable[..., Any], shown: Any, query: str, response: dict[str, str]
) -> None:
    (heard,) = _heard(server, in_chromium, query, "s")
    assert heard == {"type": "authorization_response", "response": response}
    shown("once, cut, and as data")


@pytest.mark.parametrize("query", ["code=c", "state=&code=c", "state=s&state=s&code=c"])
def test_threat_15_a_response_without_a_state_is_passed_to_nobody(
    server: str, in_chromium: Callable[..., Any], shown: Any, query: str
) -> None:
    assert _heard(server, in_chromium, query, "s", "", "undefined", "null") == []
    shown("passed to nobody")


@pytest.mark.parametrize(
    "callback",
    [
        f"https://evil.example{PATH}",
        f"http://localhost:8888.evil.example{PATH}",
        f"http://localhost:8888@evil.example{PATH}",
        f"http://localhost:88889{PATH}",
        f"https://localhost:8888{PATH}",
        f"//evil.example{PATH}",
        f"{ORIGIN}//evil.example/{CALLBACK_PAGE}",
        f"{ORIGIN}/user/ada/../eve/{CALLBACK_PAGE}",
        f"{ORIGIN}/user/ada/%2e%2E/eve/{CALLBACK_PAGE}",
        f"{ORIGIN}/\\evil.example/{CALLBACK_PAGE}",
        f"{CALLBACK}/more",
        f"{CALLBACK}?next=https://evil.example",
        f"{CALLBACK}#fragment",
        f"{CALLBACK}\n",
        f"{ORIGIN}/other/callback",
        f"{ORIGIN}/x{CALLBACK_PAGE}",
        ORIGIN,
        f"javascript:{PATH}",
        PATH,
    ],
)
def test_threat_15_a_callback_that_is_not_the_page_s_own(
    new_kernel: Callable[..., Kernel], shown: Any, callback: str
) -> None:
    kernel = new_kernel(display={"callback": "page"})
    kernel.receive("hello", origin=ORIGIN, callback_page=callback)
    kernel.receive("stored_record", record=None)
    assert kernel.last("ready")["authorize_url"] is None
    assert kernel.problem == "callback_page_missing"
    shown("`callback_page_missing`")


def test_threat_15_the_page_s_own_callback_and_no_other_is_asked_for(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    tenant.application.callbacks[:] = [CALLBACK]
    kernel = new_kernel(display={"callback": "page"})
    kernel.receive("hello", origin=ORIGIN, callback_page=CALLBACK)
    url = kernel.last("ready")["authorize_url"]
    sent = parse_qs(urlsplit(url).query)
    assert (sent["redirect_uri"], sent["response_mode"]) == ([CALLBACK], ["query"])
    kernel.receive("login_started")
    response = tenant.sign_in(url)
    for spoiled in ({"state": "x" * 43}, {"state": response["state"].lower() + "x"}):
        kernel.receive("authorization_response", response=response | spoiled)
        assert type(kernel.login.problem) is StateError
    assert tenant.requests["/oauth/token"] == 0
    for _ in range(2):
        kernel.receive("authorization_response", response=response)
    assert kernel.login.session is not None
    assert tenant.requests["/oauth/token"] == 1
    shown(f"`{StateError.code}`, one token request")


def test_threat_15_another_tenant_s_response_through_the_page(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    tenant.application.callbacks[:] = [CALLBACK]
    kernel = new_kernel(display={"callback": "page"})
    kernel.receive("hello", origin=ORIGIN, callback_page=CALLBACK)
    url = kernel.last("ready")["authorize_url"]
    kernel.receive("login_started")
    kernel.receive(
        "authorization_response", response=tenant.sign_in(url) | {"iss": "https://evil.example/"}
    )
    assert type(kernel.login.problem) is StateError
    assert tenant.requests["/oauth/token"] == 0
    shown(f"`{StateError.code}`")


def test_threat_15_a_page_without_one_gets_no_address_at_all(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    kernel = new_kernel(display={"callback": "page"})
    kernel.receive("hello", origin=ORIGIN)
    assert kernel.last("ready")["authorize_url"] is None
    kernel.receive("stored_record", record=None)
    assert kernel.problem == CallbackPageMissingError.code
    kernel.receive("login_started")
    kernel.receive("window_blocked")
    assert type(kernel.login.problem) is CallbackPageMissingError
    assert tenant.requests["/oauth/token"] == 0
    shown(f"`{CallbackPageMissingError.code}`")


def test_threat_02_the_channel_that_every_page_is_told_gives_nothing_away(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    tenant.application.callbacks[:] = [CALLBACK]
    kernel = new_kernel(display={"callback": "page"})
    for page in (PAGE, OTHER_PAGE):
        kernel.receive("hello", page, origin=ORIGIN, callback_page=CALLBACK)
        kernel.receive("stored_record", page, record=None)
    url = kernel.last("ready")["authorize_url"]
    kernel.receive("login_started")
    response = tenant.sign_in(url)
    channel, _, secret = response["state"].partition(".")
    told = json.dumps([message for message in kernel.sent if message["to"] == OTHER_PAGE])
    assert channel in told
    assert secret not in told
    for guess in ("", "x" * len(secret), channel):
        forged = response | {"state": f"{channel}.{guess}"}
        kernel.receive("authorization_response", OTHER_PAGE, response=forged)
        assert kernel.login.session is None
    assert tenant.requests["/oauth/token"] == 0
    kernel.receive("authorization_response", response=response)
    assert kernel.login.session is not None, "the right response is still accepted"
    shown("no token request")

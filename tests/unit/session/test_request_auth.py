"""Where the access token goes, and when it is renewed; where it must not go: tests/security."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests as requests_library
import respx

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import (
    Auth0WidgetError,
    KernelGoneError,
    RenewalRefusedError,
    SessionExpiredError,
    TenantDownError,
    TokenRequestError,
    UntrustedUrlError,
)
from auth0_widget.session.request_auth import _SMALL_UPLOAD, SessionAuth

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

API = "https://api.example.com"


class FakeSession:
    """Gives the token ``old`` until an API has rejected it."""

    def __init__(self, *, replaceable: bool = True) -> None:
        self.replaceable = replaceable
        self.access_token_expired = False
        self.rejected: list[str] = []

    def cached_access_token(self) -> Secret | None:
        return None

    def valid_access_token(self, rejected: Secret | None = None) -> Secret:
        if rejected is not None:
            self.rejected.append(rejected.reveal())
        return Secret("new" if self.rejected else "old")


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def auth(session: FakeSession) -> SessionAuth:
    return SessionAuth(session, [API, "https://acme.eu.auth0.com", "", "not a url"])


@pytest.mark.parametrize("path", ["", "/", "/v1/x?y=z#f", ":443/x"])
def test_httpx_requests_to_the_api_are_signed(auth: SessionAuth, path: str) -> None:
    with respx.mock() as router:
        route = router.get(host="api.example.com").respond(200)
        assert httpx.get(f"{API}{path}", auth=auth).status_code == 200
    assert route.calls.last.request.headers["Authorization"] == "Bearer old"


def test_asynchronous_requests_are_signed(auth: SessionAuth, session: FakeSession) -> None:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.get(f"{API}/v1", auth=auth)

    with respx.mock() as router:
        route = router.get(f"{API}/v1").mock(side_effect=[httpx.Response(401), httpx.Response(200)])
        assert asyncio.run(ask()).status_code == 200
    assert [call.request.headers["Authorization"] for call in route.calls] == [
        "Bearer old",
        "Bearer new",
    ]
    assert session.rejected == ["old"]


def test_a_rejected_token_is_renewed_once(auth: SessionAuth, session: FakeSession) -> None:
    with respx.mock() as router:
        route = router.post(f"{API}/v1").respond(401)
        assert httpx.post(f"{API}/v1", json={"a": 1}, auth=auth).status_code == 401
    assert [call.request.headers["Authorization"] for call in route.calls] == [
        "Bearer old",
        "Bearer new",
    ]
    assert route.calls.last.request.content == route.calls[0].request.content
    assert session.rejected == ["old"]


@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_other_responses_renew_nothing(
    auth: SessionAuth, session: FakeSession, status: int
) -> None:
    with respx.mock() as router:
        route = router.get(API).respond(status)
        httpx.get(API, auth=auth)
    assert route.call_count == 1
    assert session.rejected == []


def test_a_session_that_cannot_be_renewed_is_not(auth: SessionAuth, session: FakeSession) -> None:
    session.replaceable = False
    with respx.mock() as router:
        route = router.get(API).respond(401)
        assert httpx.get(API, auth=auth).status_code == 401
    assert route.call_count == 1


def test_an_upload_of_bytes_is_sent_again(auth: SessionAuth, session: FakeSession) -> None:
    with respx.mock() as router:
        route = router.post(API).mock(side_effect=[httpx.Response(401), httpx.Response(200)])
        sent = httpx.post(API, files={"f": b"abc"}, auth=auth)
    assert sent.status_code == 200
    assert session.rejected == ["old"]
    assert route.calls[0].request.content == route.calls[1].request.content
    assert b"abc" in route.calls[1].request.content


def test_an_asynchronous_upload_of_bytes_is_sent_again(auth: SessionAuth) -> None:
    async def upload() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.post(API, files={"f": b"abc"}, auth=auth)).status_code

    with respx.mock() as router:
        router.post(API).mock(side_effect=[httpx.Response(401), httpx.Response(200)])
        assert asyncio.run(upload()) == 200


@pytest.mark.parametrize(
    "body",
    [
        {"content": iter([b"a", b"b"])},
        {"files": {"f": b"x" * (_SMALL_UPLOAD + 1)}},
    ],
    ids=["a generator", "a large upload"],
)
def test_what_is_not_sent_again_has_its_token_replaced_for_the_next_request(
    auth: SessionAuth,
    session: FakeSession,
    body: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with respx.mock() as router:
        route = router.post(API).respond(401)
        assert httpx.post(API, auth=auth, **body).status_code == 401
        assert route.call_count == 1
        assert session.rejected == ["old"]
        assert "the upload is not sent again: its body can be read only once" in caplog.text
        httpx.post(API, auth=auth)
    assert route.calls[1].request.headers["Authorization"] == "Bearer new"


def test_an_asynchronous_stream_has_its_token_replaced_as_well(
    auth: SessionAuth, session: FakeSession
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"a"

    async def upload() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.post(API, content=parts(), auth=auth)).status_code

    with respx.mock() as router:
        route = router.post(API).respond(401)
        assert asyncio.run(upload()) == 401
    assert route.call_count == 1
    assert session.rejected == ["old"]


def test_a_replacement_that_fails_does_not_hide_the_response(
    auth: SessionAuth, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(rejected: Secret | None = None) -> Secret:
        if rejected is not None:
            raise SessionExpiredError
        return Secret("old")

    monkeypatch.setattr(session, "valid_access_token", refuse)
    with respx.mock() as router:
        router.post(API).respond(401)
        assert httpx.post(API, content=iter([b"a"]), auth=auth).status_code == 401


@pytest.mark.parametrize("expired", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        TenantDownError(),
        RenewalRefusedError(),
        TokenRequestError("access_denied"),
        KernelGoneError(),
    ],
    ids=lambda error: error.code,
)
def test_a_failed_renewal_is_raised_only_if_the_token_has_expired_here(  # noqa: PLR0917
    auth: SessionAuth,
    session: FakeSession,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Auth0WidgetError,
    expired: bool,  # noqa: FBT001 - a parameter
) -> None:
    def fail(rejected: Secret | None = None) -> Secret:
        if rejected is not None:
            session.access_token_expired = expired
            raise error
        return Secret("old")

    monkeypatch.setattr(session, "valid_access_token", fail)
    with respx.mock() as router:
        router.get(API).respond(401)
        if expired:
            with pytest.raises(type(error)):
                httpx.get(API, auth=auth)
        else:
            assert httpx.get(API, auth=auth).status_code == 401
            assert error.code in caplog.text


@pytest.mark.parametrize("allowed", ["https://münchen.example", "https://xn--mnchen-3ya.example"])
@pytest.mark.parametrize("asked", ["https://münchen.example/a", "https://XN--MNCHEN-3YA.example/a"])
def test_a_host_beyond_ascii_is_the_same_in_both_spellings(
    auth: SessionAuth, allowed: str, asked: str
) -> None:
    wider = auth.allowing(allowed)
    with respx.mock() as router:
        route = router.get().respond(200)
        httpx.get(asked, auth=wider)
    assert route.calls.last.request.headers["Authorization"] == "Bearer old"
    assert _prepared(wider, asked).headers["Authorization"] == "Bearer old"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("api.corp.example", "in full"),
        ("", "in full"),
        ("ftp://api.corp.example", "in full"),
        ("https://[", "in full"),
        ("https://user:hunter2@api.corp.example", "before the @"),
        ("https://@api.corp.example", "before the @"),
        ("http://api.corp.example", "Use an https"),
        ("https://mu\u0308nchen.example", "in ASCII"),
        ("https://\uff41\uff50\uff49.example", "in ASCII"),
        ("https://\u2603.example", "in ASCII"),
        ("https://api.corp.example:99999", "up to 65535"),
        ("https://*.corp.example", "named hosts only"),
        ("https://api.corp.example,api2.corp.example", "malformed"),
        (None, "in full"),
        (b"https://api.corp.example", "in full"),
        (443, "in full"),
    ],
)
def test_an_address_that_cannot_be_allowed_is_told_what_is_wrong_with_it(
    auth: SessionAuth, url: Any, said: str
) -> None:
    with pytest.raises(UntrustedUrlError) as caught:
        auth.allowing(url)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_one_more_host_may_be_allowed_without_touching_the_first(auth: SessionAuth) -> None:
    wider = auth.allowing("https://other.example.com/some/path")
    with respx.mock() as router:
        route = router.get("https://other.example.com/").respond(200)
        httpx.get("https://other.example.com/", auth=wider)
        with pytest.raises(UntrustedUrlError):
            httpx.get("https://other.example.com/", auth=auth)
    assert route.call_count == 1


def _prepared(auth: SessionAuth, url: str) -> Any:
    return requests_library.Request("GET", url, auth=auth).prepare()


def test_requests_are_signed_too(auth: SessionAuth) -> None:
    assert _prepared(auth, f"{API}/v1").headers["Authorization"] == "Bearer old"


def test_requests_renews_a_rejected_token_once(auth: SessionAuth, session: FakeSession) -> None:
    sent: list[str] = []

    class Adapter(requests_library.adapters.HTTPAdapter):
        def send(self, request: Any, *_: Any, **__: Any) -> requests_library.Response:
            sent.append(request.headers["Authorization"])
            response = requests_library.Response()
            response.status_code, response.url = 401, request.url
            response.request, response.connection = request, self
            response.raw = SimpleNamespace(close=lambda: None, read=lambda *_, **__: b"")
            return response

        def close(self) -> None:
            pass

    with requests_library.Session() as client:
        client.mount("https://", Adapter())
        assert client.get(f"{API}/v1", auth=auth).status_code == 401
    assert sent == ["Bearer old", "Bearer new"]
    assert session.rejected == ["old"]


def test_a_stream_of_requests_has_its_token_replaced(
    auth: SessionAuth, session: FakeSession
) -> None:
    request = _prepared(auth, f"{API}/v1")
    request.body = iter([b"a"])
    response = requests_library.Response()
    response.status_code, response.url, response.request = 401, request.url, request
    (hook,) = request.hooks["response"]
    assert hook(response) is response
    assert session.rejected == ["old"]

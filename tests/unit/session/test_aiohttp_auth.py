"""fsspec opens URLs with aiohttp: signed anew each time, and for the allowed hosts only."""

from __future__ import annotations

import asyncio
import io
import pickle
from typing import TYPE_CHECKING, Any

import aiohttp
import fsspec
import fsspec.asyn
import pytest
from flask import Flask, request
from lifetimes import end_in

from auth0_widget.errors import InsufficientScopeError, UntrustedUrlError
from auth0_widget.local_tenant import NotesApi
from auth0_widget.local_tenant.serving import HOST, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session


class Elsewhere(Service):
    """A host that says what authorization it was sent; and redirects to another."""

    def __init__(self, target: str = "") -> None:
        super().__init__(0)
        self._target = target

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    def _application(self, url: str) -> Flask:
        app = Flask(url, static_folder=None)

        @app.get("/file")
        def file() -> str:
            return request.headers.get("Authorization", "nothing")[:6]

        @app.get("/away")
        def away() -> tuple[str, int, dict[str, str]]:
            return "", 302, {"Location": self._target}

        return app


class Uploads(Service):
    """An API that refuses the first upload (401), and then says what it was sent."""

    def __init__(self) -> None:
        super().__init__(0)
        self.received: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}/upload"

    def _application(self, url: str) -> Flask:
        app = Flask(url, static_folder=None)

        @app.post("/upload")
        def upload() -> tuple[str, int]:
            self.received.append((request.headers["Authorization"], request.get_data()))
            return "", 401 if len(self.received) == 1 else 200

        return app


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    with Uploads() as running:
        yield running


def upload(uploads: Uploads, session: Session, body: Callable[[], dict[str, Any]]) -> int:
    """Upload a body, which is made in the event loop. Returns the status of the response."""
    options = session.token_source().storage_options(uploads.url)

    async def post() -> int:
        async with (
            aiohttp.ClientSession(**options["client_kwargs"]) as client,
            client.post(uploads.url, **body()) as response,
        ):
            return response.status

    return asyncio.run(post())


@pytest.fixture
def session(new_kernel: Callable[..., Kernel]) -> Session:
    scope = "openid offline_access read:notes"
    session: Session = new_kernel(audience="https://notes.example.com/", scope=scope).log_in()
    return session


@pytest.fixture
def api(tenant: LocalTenant) -> Iterator[NotesApi]:
    with NotesApi(tenant.url) as running:
        yield running


def read(url: str, options: dict[str, Any]) -> bytes:
    files = fsspec.filesystem("http", skip_instance_cache=True, **options)
    try:
        content: bytes = files.cat_file(url)
        return content
    finally:
        if files._session is not None:
            fsspec.asyn.sync(files.loop, files._session.close)


def test_a_file_is_read_with_a_token_that_is_good_now(
    session: Session, api: NotesApi, tenant: LocalTenant
) -> None:
    options = session.token_source().storage_options(api.url)
    assert b"notes" in read(f"{api.url}/notes", options)
    end_in(session, -1)
    tenant.requests.clear()
    assert b"notes" in read(f"{api.url}/notes", pickle.loads(pickle.dumps(options)))
    assert tenant.requests["/oauth/token"] == 1


def test_a_token_that_the_api_rejects_is_replaced(
    session: Session, api: NotesApi, tenant: LocalTenant
) -> None:
    options = session.token_source().storage_options(api.url)
    tenant.rotate_keys(keep_old=False)
    assert b"notes" in read(f"{api.url}/notes", options)


def test_another_host_is_refused_before_anything_is_sent(session: Session) -> None:
    with Elsewhere() as other, pytest.raises(UntrustedUrlError):
        read(f"{other.url}/file", session.token_source().storage_options())


def test_a_redirect_to_another_host_sheds_the_token(session: Session) -> None:
    with Elsewhere() as other, Elsewhere(f"{other.url}/file") as first:
        options = session.token_source().storage_options(first.url)
        assert read(f"{first.url}/file", options) == b"Bearer"
        assert read(f"{first.url}/away", options) == b"nothin"
        with pytest.raises(UntrustedUrlError):
            read(f"{other.url}/file", options)


def test_what_an_api_asks_for_is_raised(session: Session, api: NotesApi) -> None:
    options = session.token_source().storage_options(api.url)

    async def write() -> None:
        async with aiohttp.ClientSession(**options["client_kwargs"]) as client:
            await client.post(f"{api.url}/notes", json={"text": "x"})

    with pytest.raises(InsufficientScopeError, match="write:notes"):
        asyncio.run(write())


def test_the_options_of_one_source_are_not_taken_for_another_s(
    session: Session, new_kernel: Callable[..., Kernel]
) -> None:
    options = [session.token_source().storage_options() for _ in range(2)]
    other = new_kernel().log_in("grace@example.com").token_source().storage_options()
    assert str(options[0]) == str(options[1]) != str(other)
    assert session.access_token not in str(options)
    assert session.token_source()._address.name not in str(options)


def form() -> dict[str, Any]:
    data = aiohttp.FormData()
    data.add_field("file", io.BytesIO(b"abc"), filename="a.txt")
    return {"data": data}


@pytest.mark.parametrize(
    "body",
    [lambda: {"data": b"abc"}, lambda: {"json": "abc"}, lambda: {"data": io.BytesIO(b"abc")}, form],
    ids=["bytes", "json", "a file", "a form"],
)
def test_an_upload_that_can_be_read_again_is_sent_again(
    session: Session, uploads: Uploads, body: Callable[[], dict[str, Any]]
) -> None:
    assert upload(uploads, session, body) == 200
    (first_token, first), (second_token, second) = uploads.received
    assert b"abc" in first
    assert first == second
    assert first_token != second_token == f"Bearer {session.access_token}"


def test_an_upload_that_can_be_read_once_is_not_and_the_next_request_has_another_token(
    session: Session, uploads: Uploads, caplog: pytest.LogCaptureFixture
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"abc"

    before = session.access_token
    assert upload(uploads, session, lambda: {"data": parts()}) == 401
    assert len(uploads.received) == 1
    assert session.access_token != before
    assert "the upload is not sent again: its body can be read only once" in caplog.text
    assert before not in caplog.text


def test_where_nothing_renews_the_session_a_rejected_token_is_told_by_the_response(
    new_kernel: Callable[..., Kernel], uploads: Uploads
) -> None:
    session = new_kernel(scope="openid").log_in()
    assert upload(uploads, session, lambda: {"data": b"abc"}) == 401
    assert len(uploads.received) == 1

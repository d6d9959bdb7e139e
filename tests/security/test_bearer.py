"""Threats 4 and 5: the access token is sent only to the hosts that may have it.

`session.allowed_hosts` decides which these are. Of a request of requests,
`session.requests_redirects` keeps the access token from ``.netrc``.
"""
# ruff: noqa: PLR0917 - a test asks for the fixtures it needs

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests as requests_library
import respx

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import SessionEndedError, UntrustedUrlError
from auth0_widget.session.request_auth import SessionAuth

from .hostile import HostileServer, respond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session

NEVER = [
    "https://evil.com/",
    "https://api.example.com.evil.com/",
    "https://evil-api.example.com/",
    "https://sub.api.example.com/",
    "https://example.com/",
    "https://api.example.com:8443/",
    "http://api.example.com/",
    "http://api.example.com:443/",
    "https://api.example.com@evil.com/",
    "https://api.example.com:x@evil.com/",
    "https://user@api.example.com/",
    "https://evil.com/?https://api.example.com/",
    "https://evil.com/#https://api.example.com/",
    "https://evil.com/https://api.example.com/",
    "https://evil.com\\.api.example.com/",
    "https://evil.com\\@api.example.com/",
    "https://api.example.com./",
    "https://\u0430pi.example.com/",
    "https://api.example\u3002com.evil.com/",
    "https://api.example.com\u2024evil.com/",
    "https://127.0.0.1/",
    "http://127.0.0.1/",
    "https://[::1]/",
]


class NoSession:
    """A session whose token must not be read."""

    renewable = True

    def valid_access_token(self, **_: object) -> None:
        pytest.fail("the token was asked for")


@pytest.fixture
def auth() -> SessionAuth:
    return SessionAuth(NoSession(), ["https://api.example.com/v1"])  # type: ignore[arg-type]


@pytest.fixture
def session(new_kernel: Callable[..., Kernel], tenant: LocalTenant) -> Session:
    session = new_kernel().log_in()
    tenant.requests.clear()
    return session


@pytest.fixture
def another() -> Iterator[HostileServer]:
    with HostileServer() as server:
        yield server


def _with_requests(url: str, auth: Any) -> Any:
    with requests_library.Session() as client:
        client.trust_env = False
        return client.get(url, auth=auth)


def _with_httpx(url: str, auth: Any) -> Any:
    return httpx.get(url, auth=auth, follow_redirects=True)


def _with_async_httpx(url: str, auth: Any) -> Any:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(follow_redirects=True) as client:
            return await client.get(url, auth=auth)

    return asyncio.run(ask())


CLIENTS = [_with_httpx, _with_async_httpx, _with_requests]
FOREIGN = (httpx.InvalidURL, requests_library.exceptions.InvalidURL, UnicodeError)
every_client = pytest.mark.parametrize("get", CLIENTS, ids=["httpx", "async", "requests"])


@every_client
@pytest.mark.parametrize("url", NEVER, ids=ascii)
def test_threat_04_another_host(auth: SessionAuth, shown: Any, get: Any, url: str) -> None:
    with respx.mock(assert_all_called=False) as router:
        route = router.route().respond(200)
        try:
            get(url, auth)
        except UntrustedUrlError as error:
            shown(f"`{error.code}`")
        except FOREIGN:
            shown("refused by the HTTP library itself")
        else:
            pytest.fail("the request was sent")
    assert route.call_count == 0


@every_client
@pytest.mark.parametrize(
    "url", ["https://api.example.com\\@evil.com/", "https://api.example.com:0"]
)
def test_threat_04_an_address_is_read_as_the_client_reads_it(
    shown: Any, get: Any, url: str
) -> None:
    class AnySession(NoSession):
        def valid_access_token(self, **_: object) -> Any:
            return Secret("token")

    auth = SessionAuth(AnySession(), ["https://api.example.com/v1"])  # type: ignore[arg-type]
    sent: list[httpx.URL] = []
    if get is _with_requests:  # what it prepares is what it sends
        request = requests_library.Request("GET", url, auth=auth)
        sent.append(httpx.URL(request.prepare().url or ""))
    else:
        with respx.mock(assert_all_called=False) as router:
            route = router.route().respond(200)
            with contextlib.suppress(UntrustedUrlError, *FOREIGN):
                get(url, auth)
            sent += [call.request.url for call in route.calls]
    assert {(url.scheme, url.host, url.port) for url in sent} <= {
        ("https", "api.example.com", None)
    }
    shown("sent to the host that is allowed" if sent else f"`{UntrustedUrlError.code}`")


@pytest.mark.parametrize(
    "url",
    ["http://evil.com", "http://10.0.0.1", "ftp://a.com", "//a.com", "a.com", "", "https://",
     "https://u:p@a.com", "http://localhost.evil.com", "https://a.com:x"],
)  # fmt: skip
def test_threat_04_what_may_never_be_allowed(auth: SessionAuth, refused: Any, url: str) -> None:
    with refused(UntrustedUrlError):
        auth.allowing(url)


@every_client
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_threat_04_a_redirect_to_another_host(
    session: Session, hostile: HostileServer, another: HostileServer, shown: Any, get: Any,
    status: int,
) -> None:  # fmt: skip
    hostile.responders["/"] = respond(status, headers={"Location": f"{another.url}/steal"})
    another.responders["/steal"] = respond(200)
    get(f"{hostile.url}/", session.auth_for(hostile.url))
    assert len(hostile.tokens) == 1
    assert another.requests == [("GET", "/steal", None)]
    shown("no header")


@every_client
def test_threat_04_a_redirect_and_back(
    session: Session, hostile: HostileServer, another: HostileServer, shown: Any, get: Any
) -> None:
    hostile.responders["/"] = respond(302, headers={"Location": f"{another.url}/on"})
    another.responders["/on"] = respond(302, headers={"Location": f"{hostile.url}/open-endpoint"})
    hostile.responders["/open-endpoint"] = respond(200)
    get(f"{hostile.url}/", session.auth_for(hostile.url))
    assert another.tokens == []
    assert hostile.requests[-1] == ("GET", "/open-endpoint", None)
    shown("no header")


@every_client
def test_threat_04_after_the_logout(
    kernel: Kernel, hostile: HostileServer, refused: Any, get: Any
) -> None:
    auth = kernel.log_in().auth_for(hostile.url)
    kernel.login.logout()
    with refused(SessionEndedError):
        get(f"{hostile.url}/", auth)
    assert hostile.requests == []


@every_client
@pytest.mark.parametrize("kind", ["foreign", "allowed too"])
def test_threat_05_a_401_behind_a_redirect(
    session: Session, tenant: LocalTenant, hostile: HostileServer, another: HostileServer,
    shown: Any, get: Any, kind: str,
) -> None:  # fmt: skip
    hostile.responders["/"] = respond(302, headers={"Location": f"{another.url}/no"})
    another.responders["/no"] = respond(401)
    auth = session.auth_for(hostile.url)
    if kind == "allowed too":
        auth = auth.allowing(another.url)
    for _ in range(3):
        assert get(f"{hostile.url}/", auth).status_code == 401
    assert another.tokens == []
    assert tenant.requests["/oauth/token"] == 0
    shown("no token request")


@every_client
def test_threat_05_an_api_that_always_says_401_is_asked_twice_at_most(
    session: Session, tenant: LocalTenant, hostile: HostileServer, shown: Any, get: Any
) -> None:
    hostile.responders["/"] = respond(401)
    assert get(f"{hostile.url}/", session.auth_for(hostile.url)).status_code == 401
    assert len(set(hostile.tokens)) == len(hostile.tokens) == 2
    assert tenant.requests["/oauth/token"] == 1
    shown("one renewal, no loop")


@pytest.fixture
def netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A password for this machine, where requests looks for one."""
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1\nlogin somebody\npassword something\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))


@pytest.mark.usefixtures("netrc")
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_on_the_same_host_keeps_the_token_where_netrc_has_a_password(
    session: Session, hostile: HostileServer, another: HostileServer, status: int
) -> None:
    hostile.responders["/items"] = respond(
        status, headers={"Location": f"{hostile.url}/items/", "Connection": "close"}
    )
    hostile.responders["/items/"] = respond(
        status, headers={"Location": f"{another.url}/elsewhere", "Connection": "close"}
    )
    another.responders["/elsewhere"] = respond(200)
    token = f"Bearer {session.access_token}"
    requests_library.post(f"{hostile.url}/items", auth=session.auth_for(hostile.url), timeout=30)
    assert hostile.tokens == [token, token]
    assert another.tokens != []
    assert all(header.startswith("Basic ") for header in another.tokens)


@pytest.mark.usefixtures("netrc")
def test_a_rejected_token_is_replaced_behind_such_a_redirect(
    session: Session, hostile: HostileServer
) -> None:
    hostile.responders["/items"] = respond(
        307, headers={"Location": f"{hostile.url}/items/", "Connection": "close"}
    )
    hostile.responders["/items/"] = respond(401)
    requests_library.get(f"{hostile.url}/items", auth=session.auth_for(hostile.url), timeout=30)
    assert [header.split()[0] for header in hostile.tokens] == ["Bearer"] * 3
    assert len(set(hostile.tokens)) == 2


@pytest.mark.usefixtures("netrc")
def test_a_redirect_after_a_rejected_token_keeps_a_token(
    session: Session, hostile: HostileServer
) -> None:
    redirect = respond(307, headers={"Location": f"{hostile.url}/items/", "Connection": "close"})

    def reject(handler: BaseHTTPRequestHandler) -> None:
        hostile.responders["/items"] = redirect
        respond(401)(handler)

    hostile.responders["/items"] = reject
    hostile.responders["/items/"] = respond(200)
    requests_library.get(f"{hostile.url}/items", auth=session.auth_for(hostile.url), timeout=30)
    assert [path for _, path, _ in hostile.requests] == ["/items", "/items", "/items/"]
    assert [header.split()[0] for header in hostile.tokens] == ["Bearer"] * 3

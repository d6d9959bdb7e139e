"""What an API asks for, as a named error; and what it says otherwise, as it was."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests

from auth0_widget.errors import InsufficientAuthenticationError, InsufficientScopeError
from auth0_widget.local_tenant import NotesApi
from auth0_widget.local_tenant.step_up import MULTI_FACTOR
from auth0_widget.session.challenges import challenge_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session

SCOPE = 'error="insufficient_scope"'
LOGIN = 'error="insufficient_user_authentication"'


@pytest.mark.parametrize(
    ("header", "scope"),
    [
        (
            f'Bearer realm="notes", {SCOPE}, scope="read:notes write:notes"',
            "read:notes write:notes",
        ),
        (f"bearer {SCOPE}", None),
        ("BEARER error=insufficient_scope,scope=x", "x"),
        (f'Basic realm="a, Bearer error=\\"x\\"", Bearer {SCOPE}, scope="x"', "x"),
        (f'DPoP error="y", scope="no", Bearer scope="x",{SCOPE}', "x"),
        (f'Bearer {SCOPE}, scope="x", scope="other"', "x"),
        (f'Bearer {SCOPE}, scope="x", DPoP scope="other"', "x"),
        (f'Bearer {SCOPE}, scope="caf\u00e9"', None),
        (f'Bearer {SCOPE}, scope="a  b"', None),
        (f'Bearer {SCOPE}, scope="a\x1b[31m"', None),
        (f'Bearer {SCOPE}, scope="{"x" * 300}"', None),
        (f'Bearer {SCOPE}, scope=""', None),
    ],
)
def test_missing_scopes_are_named(header: str, scope: str | None) -> None:
    error = challenge_error(header)
    assert isinstance(error, InsufficientScopeError)
    assert error.scope == scope
    assert "login.request" in error.next_step
    assert scope is None or scope in error.next_step


@pytest.mark.parametrize(
    ("parameters", "acr_values", "max_age"),
    [
        (f', acr_values="{MULTI_FACTOR} urn:b", max_age="300"', f"{MULTI_FACTOR} urn:b", 300),
        (", max_age=5", None, 5),
        (', max_age="-5"', None, None),
        (', max_age="5.5", acr_values="\n"', None, None),
        (f', max_age="{"9" * 30}"', None, None),
        (', max_age="\u0665"', None, None),
        ("", None, None),
    ],
)
def test_another_login_is_asked_for_as_it_should_be(
    parameters: str, acr_values: str | None, max_age: int | None
) -> None:
    error = challenge_error(f"Bearer {LOGIN}{parameters}")
    assert isinstance(error, InsufficientAuthenticationError)
    assert (error.acr_values, error.max_age) == (acr_values, max_age)
    if max_age:
        assert f"max_age={max_age}" in error.next_step


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        'Bearer error="invalid_token"',
        f"DPoP {SCOPE}",
        SCOPE,
        f'Basic realm="Bearer {SCOPE}"',
        f"Bearer {SCOPE} {'x' * 5000}",
        '"' * 4000,
        "=" * 4000,
        "Bearer " + "a=" * 2000,
        "Bearer " + "\\" * 4000,
    ],
)
def test_nothing_else_is_such_a_challenge(header: str | None) -> None:
    assert challenge_error(header) is None


@pytest.fixture
def api(tenant: LocalTenant) -> Iterator[NotesApi]:
    with NotesApi(tenant.url) as running:
        yield running


@pytest.fixture
def new_session(new_kernel: Callable[..., Kernel]) -> Callable[[str], Session]:
    def log_in(scope: str) -> Session:
        session: Session = new_kernel(
            audience="https://notes.example.com/", scope=f"openid offline_access {scope}"
        ).log_in()
        return session

    return log_in


def with_httpx(method: str, url: str, auth: Any) -> Any:
    with httpx.Client(trust_env=False) as client:
        return client.request(method, url, auth=auth)


def with_httpx_async(method: str, url: str, auth: Any) -> Any:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.request(method, url, auth=auth)

    return asyncio.run(ask())


def with_requests(method: str, url: str, auth: Any) -> Any:
    with requests.Session() as client:
        client.trust_env = False
        return client.request(method, url, auth=auth)


LIBRARIES = pytest.mark.parametrize("ask", [with_httpx, with_httpx_async, with_requests])


@LIBRARIES
def test_the_session_s_auth_raises_what_the_api_asks_for(
    api: NotesApi, new_session: Callable[[str], Session], tenant: LocalTenant, ask: Any
) -> None:
    session = new_session("read:notes write:notes")
    tenant.requests.clear()
    with pytest.raises(InsufficientAuthenticationError, match="max_age=300"):
        ask("DELETE", f"{api.url}/notes", session.auth_for(api.url))
    assert tenant.requests["/oauth/token"] == 0, "no renewal helps"


@LIBRARIES
def test_the_session_s_auth_raises_which_scope_is_missing(
    api: NotesApi, new_session: Callable[[str], Session], ask: Any
) -> None:
    session = new_session("read:notes")
    with pytest.raises(InsufficientScopeError, match="write:notes"):
        ask("POST", f"{api.url}/notes", session.auth_for(api.url))
    assert ask("GET", f"{api.url}/notes", session.auth_for(api.url)).status_code == 200


@LIBRARIES
def test_it_is_raised_after_a_renewal_too(
    api: NotesApi, new_session: Callable[[str], Session], tenant: LocalTenant, ask: Any
) -> None:
    session = new_session("read:notes")
    tenant.rotate_keys(keep_old=False)
    with pytest.raises(InsufficientScopeError):
        ask("POST", f"{api.url}/notes", session.auth_for(api.url))

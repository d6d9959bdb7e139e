"""The application logs in as itself: a session with tokens and without a person."""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING

import httpx
import pytest
from pageless_logins import SECRET, application_login

from auth0_widget import LoginWidget, Session
from auth0_widget.errors import (
    InvalidSettingError,
    SecretExposureError,
    TokenRequestError,
)
from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tenant() -> Iterator[LocalTenant]:
    with LocalTenant() as running:
        yield running


@pytest.fixture
def login(tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoginWidget]:
    with application_login(tenant, monkeypatch) as widget:
        yield widget


def test_await_and_wait_give_a_session_without_a_person(login: LoginWidget) -> None:
    async def cell() -> Session:
        return await login

    session = asyncio.run(cell())
    assert session is login.wait(timeout=30)
    assert isinstance(session, Session)
    assert login.status == "authenticated"
    assert session.scope == "read:notes write:notes"
    assert session.access_token.count(".") == 2


def test_it_costs_one_request_and_no_profile(tenant: LocalTenant, login: LoginWidget) -> None:
    login.wait(timeout=30)
    login.wait(timeout=30)
    assert tenant.requests.log == [("POST", "/oauth/token")]


def test_a_401_of_the_api_is_followed_by_a_new_token(
    tenant: LocalTenant, login: LoginWidget
) -> None:
    session = login.wait(timeout=30)
    tenant.fail_next("/userinfo", 401)
    httpx.get(f"{tenant.url}/userinfo", auth=session.auth, trust_env=False)
    assert tenant.requests["/oauth/token"] == 2


def test_a_wrong_secret_is_the_tenants_no(
    login: LoginWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "wrong-secret")
    with pytest.raises(TokenRequestError, match="AUTH0_CLIENT_SECRET") as refused:
        login.wait(timeout=30)
    assert refused.value.error == "invalid_client"
    assert "wrong-secret" not in str(refused.value)


def test_a_secret_that_is_gone_when_the_session_renews_is_named(
    login: LoginWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = login.wait(timeout=30)
    monkeypatch.delenv("AUTH0_CLIENT_SECRET")
    with pytest.raises(InvalidSettingError, match="AUTH0_CLIENT_SECRET"):
        session.renew()


@pytest.mark.parametrize("variable", ["AUTH0_CLIENT_SECRET", "AUTH0_AUDIENCE"])
def test_what_is_missing_is_named_when_the_widget_is_made(
    login: LoginWidget, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    assert login.status == "logged_out"
    monkeypatch.delenv(variable)
    with pytest.raises(InvalidSettingError, match=variable):
        LoginWidget()


def test_the_secret_is_in_no_repr_and_in_no_attribute(login: LoginWidget) -> None:
    session = login.wait(timeout=30)
    for thing in (login, session, login._login, login._login.flow, session._managed._tokens):
        assert SECRET not in repr(thing)
        assert SECRET not in repr(getattr(thing, "__dict__", {}))
    with pytest.raises(SecretExposureError):
        copy.copy(session)


def test_it_is_shown_as_text_because_there_is_nobody_to_click(login: LoginWidget) -> None:
    assert login._repr_mimebundle_() is None
    assert "LoginWidget" in repr(login)

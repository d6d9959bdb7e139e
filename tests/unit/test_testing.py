"""The pytest plugin, used as in other people's tests."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from freezegun import freeze_time

from auth0_widget import LoginWidget
from auth0_widget.errors import (
    LoginDeniedError,
    SessionEndedError,
    SessionExpiredError,
    TenantDownError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget import Session
    from auth0_widget.local_tenant import LocalTenant

# Where the package is installed pytest has it from the entry point already, under this very name.
pytest_plugins = ["auth0_widget.testing"]


def test_a_session_is_there_to_be_used(
    logged_in_session: Session, local_tenant: LocalTenant
) -> None:
    url = f"{local_tenant.url}/userinfo"
    response = httpx.get(url, auth=logged_in_session.auth, trust_env=False)
    assert response.json()["email"] == logged_in_session.user.email == "ada@example.com"


def test_it_cost_what_a_login_costs(logged_in_session: Session, local_tenant: LocalTenant) -> None:
    assert logged_in_session.active
    assert local_tenant.requests["/oauth/token"] == 1
    assert local_tenant.requests["/userinfo"] == 1


def test_the_widget_has_the_session_too(logged_in_session: Session) -> None:
    async def cell() -> Session:
        return await LoginWidget()

    assert asyncio.run(cell()) is logged_in_session


def test_anybody_the_tenant_knows_can_log_in(login_as: Callable[..., Session]) -> None:
    ada = login_as("ada@example.com")
    grace = login_as("grace@example.com")
    assert grace.user.name == "Grace Hopper"
    with pytest.raises(SessionEndedError):
        ada.user  # noqa: B018 - reading it is the test


def test_an_api_is_named_as_for_the_widget(login_as: Callable[..., Session]) -> None:
    session = login_as(audience="https://notes.example.com/", scope="openid read:notes")
    assert session.scope == "openid read:notes"
    assert not session.renewable


def test_somebody_may_decline(login_as: Callable[..., Session]) -> None:
    with pytest.raises(LoginDeniedError):
        login_as("ada@example.com", accept=False)


def test_the_tenant_can_be_broken(logged_in_session: Session, local_tenant: LocalTenant) -> None:
    local_tenant.fail_next("/oauth/token", 503)
    with pytest.raises(TenantDownError):
        logged_in_session.renew()
    logged_in_session.renew()


def test_time_moves_for_the_tenant_as_well(
    login_as: Callable[..., Session], time_travel: Callable[..., None]
) -> None:
    short = login_as(audience="https://notes.example.com/", scope="openid read:notes")
    before = time.time()
    time_travel(hours=12)
    assert short.active
    time_travel(hours=13)
    assert time.time() - before == pytest.approx(25 * 3600, abs=60)
    with pytest.raises(SessionExpiredError):
        short.access_token  # noqa: B018 - reading it is the test


def test_a_session_that_renews_outlives_its_access_token(
    logged_in_session: Session, time_travel: Callable[..., None]
) -> None:
    before = logged_in_session.access_token
    time_travel(days=2)
    assert logged_in_session.access_token != before


def test_no_setting_of_the_developer_gets_in(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("AUTH0_AUDIENCE", "https://production.example.com")
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "device")
    tenant = request.getfixturevalue("local_tenant")
    assert {name: value for name, value in os.environ.items() if name.startswith("AUTH0_")} == {
        "AUTH0_DOMAIN": tenant.url,
        "AUTH0_CLIENT_ID": tenant.client_id,
    }


def test_a_proxy_of_the_developers_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "corp.example.com")
    session = request.getfixturevalue("logged_in_session")
    response = httpx.get(
        f"{request.getfixturevalue('local_tenant').url}/userinfo", auth=session.auth
    )
    assert response.json()["email"] == "ada@example.com"


@pytest.mark.parametrize("when", ["2020-02-02", "2035-05-05"])
def test_a_clock_that_freezegun_stops_is_the_tenants_too(
    request: pytest.FixtureRequest, when: str
) -> None:
    with freeze_time(when) as frozen:
        session = request.getfixturevalue("logged_in_session")
        assert session.claims["iat"] == time.time()
        assert session.expires_at == time.time() + 86_400
        before = session.access_token
        frozen.tick(90_000)
        assert session.access_token != before


def test_a_tenant_that_runs_already_goes_by_freezeguns_clock(
    login_as: Callable[..., Session],
) -> None:
    with freeze_time("2035-05-05"):
        assert login_as("ada@example.com").claims["iat"] == time.time()

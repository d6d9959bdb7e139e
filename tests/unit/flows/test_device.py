"""The device flow against the local tenant; its schedule is in tests/security/test_device.py."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
from pageless_logins import approving_tenant, device_login

from auth0_widget import LoginWidget
from auth0_widget.config import Settings
from auth0_widget.errors import (
    DeviceCodeExpiredError,
    InvalidSettingError,
    LoginDeniedError,
    SessionTooShortError,
    TokenRequestError,
)
from auth0_widget.flows import KERNEL_FLOWS
from auth0_widget.login.login import Login
from auth0_widget.notebook import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.managed_session import ManagedSession


@pytest.fixture
def tenant() -> Iterator[LocalTenant]:
    with approving_tenant() as running:
        yield running


@pytest.fixture
def login(tenant: LocalTenant) -> Iterator[LoginWidget]:
    with device_login(tenant) as widget:
        yield widget


def device_settings(tenant: LocalTenant) -> Settings:
    return Settings.resolve(domain=tenant.url, client_id=tenant.client_id, flow="device")


def test_a_person_elsewhere_types_the_code_that_was_printed(
    tenant: LocalTenant, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant.auto_approve = None
    pauses: list[float] = []

    def approve_meanwhile(seconds: float) -> bool:
        pauses.append(seconds)
        printed = capsys.readouterr().out
        match = re.fullmatch(
            r"To log in, open \S+ and compare the code, or go to (\S+) and enter the code (\S+)\n",
            printed,
        )
        assert match is not None
        assert f"{match[1]}?user_code={match[2]}" in printed
        assert match[1] == f"{tenant.url}/activate"
        tenant.approve_device(match[2], "grace@example.com")
        return False

    session = KERNEL_FLOWS["device"].log_in(
        Login(device_settings(tenant)), approve_meanwhile, print
    )
    assert session.user.email == "grace@example.com"
    assert session.renewable
    assert pauses == [5]
    assert tenant.requests["/userinfo"] == 1


def test_a_person_elsewhere_may_decline(
    tenant: LocalTenant, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant.auto_approve = None

    def decline(_: float) -> bool:
        tenant.approve_device(capsys.readouterr().out.split()[-1], accept=False)
        return False

    with pytest.raises(LoginDeniedError):
        KERNEL_FLOWS["device"].log_in(Login(device_settings(tenant)), decline, print)


def poll_until_done(tenant: LocalTenant) -> tuple[ManagedSession, list[float]]:
    """Log in by a code that is approved at once. Returns the session and the pauses."""
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    login = Login(device_settings(tenant))
    return KERNEL_FLOWS["device"].log_in(login, pause, lambda _: None), pauses


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, '{"error": "Unauthorized", "message": "Log in at the gateway."}'),
        (403, "<h1>Forbidden</h1>"),
        (403, '{"message": "Forbidden"}'),
        (403, '{"error": "Forbidden"}'),
        (403, '{"error": "blocked", "error_description": "By the firewall"}'),
        (404, '{"error": "Not Found"}'),
        (407, "<h1>Proxy Authentication Required</h1>"),
        (429, "<h1>Too Many Requests</h1>"),
        (429, '{"error": "too_many_requests"}'),
        (500, "<h1>Internal Server Error</h1>"),
        (502, '{"error": "Bad Gateway"}'),
        (503, "<h1>Service Unavailable</h1>"),
    ],
)
def test_a_poll_that_a_gateway_answers_does_not_end_the_login(
    tenant: LocalTenant, status: int, body: str
) -> None:
    tenant.fail_next("/oauth/token", status, body=body)
    session, pauses = poll_until_done(tenant)
    assert session.user.email == "ada@example.com"
    assert pauses == [1, 2], "and the next poll comes later"


@pytest.mark.parametrize(
    ("status", "error", "next_pause"),
    [(403, "authorization_pending", 1), (429, "slow_down", 6), (400, "slow_down", 6)],
)
def test_the_tenant_may_tell_the_kernel_to_poll_again(
    tenant: LocalTenant, status: int, error: str, next_pause: int
) -> None:
    tenant.fail_next("/oauth/token", status, body=f'{{"error": "{error}"}}')
    assert poll_until_done(tenant)[1] == [1, next_pause]


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (403, "access_denied", LoginDeniedError),
        (500, "access_denied", LoginDeniedError),  # by an Action
        (403, "expired_token", DeviceCodeExpiredError),
        (403, "invalid_grant", TokenRequestError),
        (400, "too_tired", TokenRequestError),
        (403, "too_many_attempts", LoginDeniedError),
        (401, "password_leaked", LoginDeniedError),
    ],
)
def test_the_tenant_s_refusal_ends_the_login(
    tenant: LocalTenant, status: int, error: str, expected: type[Exception]
) -> None:
    body = f'{{"error": "{error}", "error_description": "Members only"}}'
    tenant.fail_next("/oauth/token", status, body=body)
    with pytest.raises(expected) as refusal:
        poll_until_done(tenant)
    assert tenant.requests["/oauth/token"] == 1
    assert error == "expired_token" or "Members only" in str(refusal.value)


CONDITIONS: list[dict[str, Any]] = [
    {"organization": "acme"},
    {"max_age": 60},
    {"prompt": "login"},
    {"acr_values": "http://schemas.openid.net/pape/policies/2007/06/multi-factor"},
    {"connection": "google-oauth2"},
    {"authorize_params": {"invitation": "inv_1"}},
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: next(iter(condition)))
def test_what_a_code_cannot_pass_on_is_refused_before_one_is_asked_for(
    tenant: LocalTenant, condition: dict[str, Any]
) -> None:
    (name, value), *_ = condition.items()
    named = next(iter(value)) if isinstance(value, dict) else name
    with pytest.raises(InvalidSettingError, match=named):
        LoginWidget(domain=tenant.url, client_id=tenant.client_id, flow="device", **condition)
    assert tenant.requests["/oauth/device/code"] == 0


@pytest.mark.parametrize("condition", [{"max_age": 0}, {"acr_values": "mfa"}], ids=str)
def test_what_a_code_cannot_pass_on_is_refused_in_a_later_request_too(
    tenant: LocalTenant, login: LoginWidget, condition: dict[str, Any]
) -> None:
    session = login.wait(timeout=30)
    with pytest.raises(InvalidSettingError, match=next(iter(condition))):
        asyncio.run(login.request(**condition))
    assert tenant.requests["/oauth/device/code"] == 1
    assert login.session is session


def test_hints_that_a_code_has_no_room_for_keep_nobody_out(tenant: LocalTenant) -> None:
    hints: dict[str, Any] = {
        "login_hint": "ada@example.com",
        "screen_hint": "signup",
        "ui_locales": "de",
    }
    login = LoginWidget(domain=tenant.url, client_id=tenant.client_id, flow="device", **hints)
    assert login.wait(timeout=30).user.email == "ada@example.com"
    login.logout()
    login.close()


def test_wait_logs_in_without_a_page(login: LoginWidget) -> None:
    session = login.wait(timeout=30)
    assert session.user.email == "ada@example.com"
    assert login.status == "authenticated"


def test_await_logs_in_without_a_page(login: LoginWidget) -> None:
    async def cell() -> str | None:
        return (await login).user.name

    assert asyncio.run(cell()) == "Ada Lovelace"


def test_wait_does_not_care_for_pages_that_do_not_reply(
    login: LoginWidget, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "PAGE_TIMEOUT", 0)
    monkeypatch.setattr(login._bridge, "probe", lambda: True)
    assert login.wait(timeout=30).active
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_session_that_is_too_short_is_asked_for_anew(tenant: LocalTenant) -> None:
    login = LoginWidget(
        domain=tenant.url, client_id=tenant.client_id, scope="openid", flow="device"
    )
    session = login.wait(timeout=30)
    with pytest.raises(SessionTooShortError):
        asyncio.run(login.ensure(hours=100))
    assert tenant.requests["/oauth/device/code"] == 2

    tenant.fail_next("/oauth/device/code", 403)
    with pytest.raises(TokenRequestError):
        asyncio.run(login.ensure(hours=100))
    assert login.session is session  # none the worse
    login.logout()
    login.close()


def test_a_refusal_is_raised_where_the_cell_waits(tenant: LocalTenant, login: LoginWidget) -> None:
    body = '{"error": "unauthorized_client", "error_description": "Not allowed."}'
    tenant.fail_next("/oauth/device/code", 403, body=body)
    with pytest.raises(TokenRequestError, match=r"Not allowed.*Device Code"):
        login.wait(timeout=30)
    assert login.status == "error"


def test_the_flow_comes_from_the_environment_and_the_argument_wins(
    tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", tenant.url)
    monkeypatch.setenv("AUTH0_CLIENT_ID", tenant.client_id)
    assert LoginWidget()._login.settings.flow == "auto"
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "device")
    assert LoginWidget()._login.settings.flow == "device"
    assert LoginWidget(flow="popup")._login.settings.flow == "popup"
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "carrier pigeon")
    with pytest.raises(InvalidSettingError, match="AUTH0_WIDGET_FLOW"):
        LoginWidget()

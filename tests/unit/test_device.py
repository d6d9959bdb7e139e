"""The device flow: its schedule with a clock of our own, its ends against the local tenant."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget import LoginWidget, waiting
from auth0_widget.config import Settings
from auth0_widget.device_codes import DeviceCodes, parse_device_codes
from auth0_widget.errors import (
    Auth0WidgetError,
    DeviceCodeExpiredError,
    InvalidResponseError,
    InvalidSettingError,
    LoginCancelledError,
    LoginDeniedError,
    LoginTimeoutError,
    SessionTooShortError,
    TenantDownError,
    TenantTimeoutError,
    TokenRequestError,
)
from auth0_widget.flows.device import log_in_by_device, poll
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.login import Login
from auth0_widget.redaction import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = "https://acme.eu.auth0.com"
ANSWER = {
    "device_code": "the-device-code",
    "user_code": "ABCD-EFGH",
    "verification_uri": f"{ORIGIN}/activate",
    "verification_uri_complete": f"{ORIGIN}/activate?user_code=ABCD-EFGH",
    "expires_in": 900,
    "interval": 5,
}
GRANTED: Any = object()


class Frozen:
    """A tenant that answers as told, and a clock that only pauses move."""

    def __init__(self, *answers: Auth0WidgetError | object) -> None:
        self.now = 0.0
        self.asked_at: list[float] = []
        self._answers = iter(answers)

    def device_tokens(self, _code: Secret) -> Any:
        self.asked_at.append(self.now)
        answer = next(self._answers)
        if isinstance(answer, Auth0WidgetError):
            raise answer
        return answer

    def pause(self, seconds: float) -> bool:
        self.now += seconds
        return False

    def run(self, *, interval: int = 5, expires_in: int = 900) -> Any:
        codes = DeviceCodes(Secret("the-device-code"), "ABCD", ORIGIN, expires_in, interval)
        return poll(self, codes, self.pause, lambda: self.now)  # type: ignore[arg-type]


def refusal(error: str) -> TokenRequestError:
    return TokenRequestError(error=error)


def test_it_asks_once_an_interval_and_not_before_the_first_has_passed() -> None:
    frozen = Frozen(refusal("authorization_pending"), refusal("authorization_pending"), GRANTED)
    assert frozen.run(interval=7) is GRANTED
    assert frozen.asked_at == [7, 14, 21]


def test_slow_down_adds_five_seconds_for_good() -> None:
    frozen = Frozen(
        refusal("slow_down"), refusal("authorization_pending"), refusal("slow_down"),
        refusal("authorization_pending"), GRANTED,
    )  # fmt: skip
    assert frozen.run() is GRANTED
    assert frozen.asked_at == [5, 15, 25, 40, 55]


@pytest.mark.parametrize("error", [TenantTimeoutError, TenantDownError])
def test_no_answer_doubles_the_interval(error: type[Auth0WidgetError]) -> None:
    frozen = Frozen(error(), error(), GRANTED)
    assert frozen.run() is GRANTED
    assert frozen.asked_at == [5, 15, 35]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal("expired_token"), DeviceCodeExpiredError),
        (refusal("access_denied"), LoginDeniedError),
        (refusal("invalid_grant"), TokenRequestError),
        (refusal("HTTP 418"), TokenRequestError),
        (InvalidResponseError(), InvalidResponseError),
    ],
)
def test_every_other_answer_ends_it(
    answer: Auth0WidgetError, expected: type[Auth0WidgetError]
) -> None:
    frozen = Frozen(answer)
    with pytest.raises(expected) as raised:
        frozen.run()
    assert type(raised.value) is expected
    assert frozen.asked_at == [5]


def test_it_stops_by_itself_when_the_codes_are_too_old() -> None:
    frozen = Frozen(*[refusal("authorization_pending")] * 9)
    with pytest.raises(DeviceCodeExpiredError):
        frozen.run(expires_in=20)
    assert frozen.asked_at == [5, 10, 15]


def test_it_stops_at_once_when_nobody_waits() -> None:
    frozen = Frozen()
    codes = parse_device_codes(ANSWER, ORIGIN)
    with pytest.raises(LoginCancelledError):
        poll(frozen, codes, lambda _: True)  # type: ignore[arg-type]
    assert frozen.asked_at == []


def test_an_answer_without_an_interval_means_five_seconds() -> None:
    codes = parse_device_codes({k: v for k, v in ANSWER.items() if k != "interval"}, ORIGIN)
    assert (codes.interval, codes.expires_in) == (5, 900)
    assert (codes.user_code, codes.verification_uri) == ("ABCD-EFGH", f"{ORIGIN}/activate")


@pytest.mark.parametrize(
    "spoiled",
    [
        {"device_code": ""},
        {"device_code": 7},
        {"user_code": "<img src=x onerror=alert(1)>"},
        {"user_code": "ABCD\nor go to https://evil.example.com"},
        {"user_code": "A" * 33},
        {"user_code": None},
        {"verification_uri": "https://evil.example.com/activate"},
        {"verification_uri": "http://acme.eu.auth0.com/activate"},
        {"verification_uri": "https://acme.eu.auth0.com:8443/activate"},
        {"verification_uri": "https://acme.eu.auth0.com@evil.example.com/"},
        {"verification_uri": "https://user@acme.eu.auth0.com/activate"},
        {"verification_uri": "https://acme.eu.auth0.com\\.evil.example.com/"},
        {"verification_uri": "https://acme.eu.auth0.com/a b"},
        {"verification_uri": "https://acme.eu.auth0.com:port/"},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": None},
        {"expires_in": 0},
        {"expires_in": True},
        {"expires_in": "900"},
        {"interval": -1},
        {"interval": 2.5},
    ],
)
def test_an_answer_that_could_mislead_the_person_is_refused(spoiled: dict[str, Any]) -> None:
    with pytest.raises(InvalidResponseError):
        parse_device_codes(ANSWER | spoiled, ORIGIN)


def test_the_codes_do_not_show_the_one_that_is_secret() -> None:
    assert "the-device-code" not in repr(parse_device_codes(ANSWER, ORIGIN))


@pytest.fixture
def tenant() -> Iterator[LocalTenant]:
    with LocalTenant(auto_approve="ada@example.com") as running:
        yield running


@pytest.fixture
def login(tenant: LocalTenant) -> Iterator[LoginWidget]:
    widget = LoginWidget(domain=tenant.url, client_id=tenant.client_id, flow="device")
    yield widget
    widget.logout()
    widget.close()


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
        match = re.fullmatch(r"To log in, go to (\S+) and enter the code (\S+)\n", printed)
        assert match is not None
        assert match[1] == f"{tenant.url}/activate"
        tenant.approve_device(match[2], "grace@example.com")
        return False

    session = log_in_by_device(Login(device_settings(tenant)), approve_meanwhile)
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
        log_in_by_device(Login(device_settings(tenant)), decline)


def test_wait_logs_in_without_a_page(login: LoginWidget) -> None:
    session = login.wait(timeout=30)
    assert session.user.email == "ada@example.com"
    assert login.status == "authenticated"


def test_await_logs_in_without_a_page(login: LoginWidget) -> None:
    async def cell() -> str | None:
        return (await login).user.name

    assert asyncio.run(cell()) == "Ada Lovelace"


def test_wait_does_not_care_for_pages_that_do_not_answer(
    login: LoginWidget, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0)
    monkeypatch.setattr(login._bridge, "probe", lambda: True)
    assert login.wait(timeout=30).active
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_nothing_is_asked_before_a_cell_waits_nor_when_somebody_is_logged_in(
    tenant: LocalTenant, login: LoginWidget
) -> None:
    assert tenant.requests.total == 0
    login.wait(timeout=30)
    login.wait(timeout=30)
    assert tenant.requests["/oauth/device/code"] == 1


def test_widgets_that_share_a_login_share_its_flow(tenant: LocalTenant, login: LoginWidget) -> None:
    other = LoginWidget(domain=tenant.url, client_id=tenant.client_id, flow="device")
    assert other._login is login._login
    assert other.wait(timeout=30) is login.session
    assert tenant.requests["/oauth/device/code"] == 1
    other.close()


def test_a_wait_that_ends_stops_the_poller_and_a_new_one_begins_anew(
    tenant: LocalTenant, login: LoginWidget
) -> None:
    tenant.auto_approve = None
    with pytest.raises(LoginTimeoutError):
        login.wait(timeout=0.2)
    tenant.auto_approve = "ada@example.com"
    assert login.wait(timeout=30).user.email == "ada@example.com"
    assert tenant.requests["/oauth/device/code"] == 2


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


def test_a_mistake_of_ours_ends_the_wait_too(
    login: LoginWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken() -> DeviceCodes:
        raise ZeroDivisionError

    monkeypatch.setattr(login._login.tenant, "device_codes", mistaken)
    with pytest.raises(Auth0WidgetError):
        login.wait(timeout=30)


def test_the_flow_comes_from_the_environment_and_the_argument_wins(
    tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", tenant.url)
    monkeypatch.setenv("AUTH0_CLIENT_ID", tenant.client_id)
    assert LoginWidget()._login.settings.flow == "popup"
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "device")
    assert LoginWidget()._login.settings.flow == "device"
    assert LoginWidget(flow="popup")._login.settings.flow == "popup"
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "carrier pigeon")
    with pytest.raises(InvalidSettingError, match="AUTH0_WIDGET_FLOW"):
        LoginWidget()

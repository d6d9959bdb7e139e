"""Before a long job; logins during it: test_reauthentication.py."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest
from jobs import ensure, log_in_once_a_cell_waits
from lifetimes import end_in
from silent_logins import log_in

from auth0_widget import LoginWidget
from auth0_widget.errors import (
    InvalidSettingError,
    SessionTooShortError,
)
from auth0_widget.notebook.long_job import lasting_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget import Session
    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.local_tenant.person import Person

WITHOUT_RENEWAL = "openid profile email"
DAY = 86_400


def test_a_session_that_renews_is_renewed_at_once_and_what_nobody_knows_is_said(
    widget: LoginWidget, local_tenant: LocalTenant, capsys: pytest.CaptureFixture[str]
) -> None:
    local_tenant.requests.clear()
    assert ensure(widget, hours=6) is widget.session
    assert local_tenant.requests["/oauth/token"] == 1
    said = capsys.readouterr().out
    assert "An application cannot find out" in said
    assert "30 days after the login" in said
    assert "before this job ends" not in said
    ensure(widget, hours=24 * 31)
    assert "before this job ends" in capsys.readouterr().out


def test_what_somebody_says_about_refresh_tokens_is_weighed_and_not_said_again(
    widget: LoginWidget, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure(widget, hours=6, refresh_token_lifetime=7 * 3600)
    assert capsys.readouterr().out == ""
    with pytest.raises(SessionTooShortError, match=r"lasts 7\.0 hours until its refresh token"):
        ensure(widget, hours=8, refresh_token_lifetime=7 * 3600)


def test_no_rotation_moves_the_end_of_a_refresh_token(
    widget: LoginWidget, time_travel: Callable[..., None]
) -> None:
    time_travel(hours=3)
    with pytest.raises(SessionTooShortError, match=r"lasts 4\.0 hours"):
        ensure(widget, hours=8, refresh_token_lifetime=7 * 3600)
    session = widget.session
    assert session is not None
    session.renew()
    with pytest.raises(SessionTooShortError, match=r"lasts 4\.0 hours"):
        ensure(widget, hours=8, refresh_token_lifetime=7 * 3600)


def test_a_login_that_lasts_longer_is_asked_for(
    widget: LoginWidget, login_as: Callable[..., Session], time_travel: Callable[..., None]
) -> None:
    session = widget.session
    time_travel(hours=5)
    log_in_once_a_cell_waits(widget._login, login_as)
    assert ensure(widget, hours=6, refresh_token_lifetime=7 * 3600) is session


@pytest.fixture
def refused(widget: LoginWidget, local_tenant: LocalTenant) -> Session:
    """A session whose refresh token the tenant no longer takes, which nobody knows here."""
    session = widget.session
    assert session is not None
    token = session._managed._refresh_tokens.current
    assert token is not None
    form = {"client_id": local_tenant.client_id, "token": token.reveal()}
    httpx.post(f"{local_tenant.url}/oauth/revoke", data=form, trust_env=False).raise_for_status()
    return session


def test_a_login_is_asked_for_where_the_tenant_no_longer_takes_the_refresh_token(
    widget: LoginWidget,
    refused: Session,
    login_as: Callable[..., Session],
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_in_once_a_cell_waits(widget._login, login_as)
    assert ensure(widget, hours=30) is refused
    assert refused.renewable
    assert "An application cannot find out" in capsys.readouterr().out


def test_no_login_is_asked_for_while_the_access_token_lasts_without_it(
    widget: LoginWidget, refused: Session
) -> None:
    assert ensure(widget, hours=10) is refused
    assert not refused.renewable
    assert widget.status == "authenticated"


def test_the_end_that_an_identity_provider_sets_is_weighed(
    login_as: Callable[..., Session], local_tenant: LocalTenant
) -> None:
    def limited(response: dict[str, Any]) -> dict[str, Any]:
        claims = jwt.decode(response["id_token"], options={"verify_signature": False})
        end = int(time.time()) + 2 * 3600
        return response | {"id_token": local_tenant.sign(claims | {"session_expiry": end})}

    local_tenant.mutate_response = {"/oauth/token": limited}
    login_as()
    widget = LoginWidget()
    log_in_once_a_cell_waits(widget._login, login_as)
    with pytest.raises(SessionTooShortError, match=r"2\.0 hours until the identity provider"):
        ensure(widget, hours=3)
    assert ensure(widget, hours=1.9) is widget.session
    widget.close()


@pytest.mark.parametrize(
    "nonsense",
    [{"hours": value} for value in (-1, float("nan"), float("inf"), "6", True)]
    + [{"hours": 1, "refresh_token_lifetime": -1}, {"hours": 1, "on_expiry": "forever"}],
    ids=repr,
)
def test_nonsense_is_refused_before_the_tenant_is_asked(
    widget: LoginWidget, local_tenant: LocalTenant, nonsense: dict[str, Any]
) -> None:
    local_tenant.requests.clear()
    with pytest.raises(InvalidSettingError):
        ensure(widget, **nonsense)
    assert len(local_tenant.requests.log) == 0


# Before anybody has to click, a page asks the tenant whether it knows them


def _ensure_in(kernel: Kernel, printed: list[str], hours: float) -> Session:
    async def cell() -> Session:
        return await lasting_session(
            kernel.login,
            kernel.bridge,
            printed.append,
            hours=hours,
            refresh_token_lifetime=30 * DAY,
        )

    return asyncio.run(asyncio.wait_for(cell(), 20))  # a click that nobody makes ends the test


@pytest.mark.parametrize("expired", ["", "expired"])
def test_a_silent_login_comes_before_a_click_and_nothing_is_printed(
    kernel: Kernel, ada: Person, expired: str
) -> None:
    session, printed = log_in(kernel, ada), list[str]()
    session._managed._refresh_tokens.current = None
    if expired:
        end_in(session, -1)

    def page(message: Any) -> None:
        if message["type"] == "silent":
            response = ada.authorize(message["url"])
            kernel.receive("authorization_response", response=response)

    kernel.on_sent = page
    assert _ensure_in(kernel, printed, 30) is session
    assert session.renewable
    assert printed == []


@pytest.mark.parametrize("knows", ["", "knows"])
def test_if_it_fails_or_brings_too_short_a_session_the_click_follows(
    new_kernel: Callable[..., Kernel], ada: Person, knows: str
) -> None:
    kernel = new_kernel(scope="openid email")
    session, printed = log_in(kernel, ada), list[str]()
    token = session.access_token

    def page(message: Any) -> None:
        if message["type"] == "silent":
            response = ada.authorize(message["url"])
            if not knows:
                response = {"error": "login_required", "state": response["state"]}
            kernel.receive("authorization_response", response=response)

    kernel.on_sent = page
    clicks: list[str] = []

    def person() -> None:
        clicks.append(session.access_token)
        log_in(kernel, ada)

    log_in_once_a_cell_waits(kernel.login, person)
    with pytest.raises(SessionTooShortError):
        _ensure_in(kernel, printed, 30)
    assert kernel.last("silent") is not None
    assert (clicks == [token]) == (not knows)
    assert len(clicks) == 1
    assert printed == []

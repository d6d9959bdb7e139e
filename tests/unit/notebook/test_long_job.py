"""Before a long job, and when its session expires all the same."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest
import requests as requests_library
from lifetimes import end_in

from auth0_widget import LoginWidget
from auth0_widget.errors import (
    Auth0WidgetError,
    IdTokenSubjectError,
    InvalidSettingError,
    LoginRequiredError,
    LoginTimeoutError,
    RenewalRefusedError,
    SessionEndedError,
    SessionExpiredError,
    SessionTooShortError,
)
from auth0_widget.notebook.long_job import JOB_WAITS
from auth0_widget.notebook.waiting import SOMEBODY_ELSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget import Session
    from auth0_widget.local_tenant import LocalTenant

WITHOUT_RENEWAL = "openid profile email"
DAY = 86_400


@pytest.fixture
def widget(login_as: Callable[..., Session]) -> Iterator[LoginWidget]:
    """A widget of somebody who is logged in, with a refresh token."""
    login_as()
    login = LoginWidget()
    yield login
    login.close()


def _ensure(login: LoginWidget, **arguments: Any) -> Session:
    async def cell() -> Session:
        return await login.ensure(**arguments)

    return asyncio.run(cell())


def test_a_session_that_renews_is_renewed_at_once_and_what_nobody_knows_is_said(
    widget: LoginWidget, local_tenant: LocalTenant, capsys: pytest.CaptureFixture[str]
) -> None:
    local_tenant.requests.clear()
    assert _ensure(widget, hours=6) is widget.session
    assert local_tenant.requests["/oauth/token"] == 1
    said = capsys.readouterr().out
    assert "An application cannot find out" in said
    assert "30 days after the login" in said
    assert "before this job ends" not in said
    _ensure(widget, hours=24 * 31)
    assert "before this job ends" in capsys.readouterr().out


def test_what_somebody_says_about_refresh_tokens_is_weighed_and_not_said_again(
    widget: LoginWidget, capsys: pytest.CaptureFixture[str]
) -> None:
    _ensure(widget, hours=6, refresh_token_lifetime=7 * 3600)
    assert capsys.readouterr().out == ""
    with pytest.raises(SessionTooShortError, match=r"lasts 7\.0 hours until its refresh token"):
        _ensure(widget, hours=8, refresh_token_lifetime=7 * 3600)


def test_no_rotation_moves_the_end_of_a_refresh_token(
    widget: LoginWidget, time_travel: Callable[..., None]
) -> None:
    time_travel(hours=3)
    with pytest.raises(SessionTooShortError, match=r"lasts 4\.0 hours"):
        _ensure(widget, hours=8, refresh_token_lifetime=7 * 3600)
    session = widget.session
    assert session is not None
    session.renew()
    with pytest.raises(SessionTooShortError, match=r"lasts 4\.0 hours"):
        _ensure(widget, hours=8, refresh_token_lifetime=7 * 3600)


def _log_in_once_a_cell_waits(login: LoginWidget, log_in: Callable[[], object]) -> None:
    """In a thread, as soon as somebody waits: what a person does when the card asks them to."""
    waits = threading.Event()

    def look() -> None:
        if login._login.has_waiters:
            waits.set()

    stop = login._login.listen(look)

    def person() -> None:
        assert waits.wait(60)
        stop()
        log_in()

    threading.Thread(target=person).start()


def test_a_login_that_lasts_longer_is_asked_for(
    widget: LoginWidget, login_as: Callable[..., Session], time_travel: Callable[..., None]
) -> None:
    session = widget.session
    time_travel(hours=5)
    _log_in_once_a_cell_waits(widget, login_as)
    assert _ensure(widget, hours=6, refresh_token_lifetime=7 * 3600) is session


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
    _log_in_once_a_cell_waits(widget, login_as)
    assert _ensure(widget, hours=30) is refused
    assert refused.renewable
    assert "An application cannot find out" in capsys.readouterr().out


def test_no_login_is_asked_for_while_the_access_token_lasts_without_it(
    widget: LoginWidget, refused: Session
) -> None:
    assert _ensure(widget, hours=10) is refused
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
    _log_in_once_a_cell_waits(widget, login_as)
    with pytest.raises(SessionTooShortError, match=r"2\.0 hours until the identity provider"):
        _ensure(widget, hours=3)
    assert _ensure(widget, hours=1.9) is widget.session
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
        _ensure(widget, **nonsense)
    assert len(local_tenant.requests.log) == 0


# In mid-job


@pytest.fixture
def over(widget: LoginWidget) -> Session:
    """A session in mid-job, which has expired, and whose refresh token the tenant has refused."""
    session = _ensure(widget, hours=1, on_expiry="wait")
    assert session.on_expiry == "wait"
    managed = session._managed
    managed._refresh_tokens.current = None
    end_in(session, -1)
    return session


def _get(library: Any, url: str, session: Session) -> int:
    if library is requests_library:
        return library.get(url, auth=session.auth).status_code  # type: ignore[no-any-return]
    return httpx.get(url, auth=session.auth, trust_env=False).status_code


@pytest.mark.parametrize("library", [httpx, requests_library], ids=["httpx", "requests"])
def test_a_request_waits_for_another_login_and_goes_on_as_the_same_person(  # noqa: PLR0917
    widget: LoginWidget,
    over: Session,
    local_tenant: LocalTenant,
    login_as: Callable[..., Session],
    capsys: pytest.CaptureFixture[str],
    library: Any,
) -> None:
    statuses: list[str] = []
    widget.observe(lambda change: statuses.append(change.new), "status")
    _log_in_once_a_cell_waits(widget, login_as)
    assert _get(library, f"{local_tenant.url}/userinfo", over) == 200
    assert over is widget.session
    assert statuses == ["expired", "logging_in", "authenticated"]
    assert JOB_WAITS in capsys.readouterr().out


def test_an_asynchronous_request_waits_as_well(
    widget: LoginWidget, over: Session, local_tenant: LocalTenant, login_as: Callable[..., Session]
) -> None:
    async def call() -> int:
        async with httpx.AsyncClient(trust_env=False) as client:
            response = await client.get(f"{local_tenant.url}/userinfo", auth=over.auth)
            return response.status_code

    _log_in_once_a_cell_waits(widget, login_as)
    assert asyncio.run(call()) == 200


def test_tasks_that_wait_block_nothing_else_of_their_loop(
    widget: LoginWidget, over: Session, local_tenant: LocalTenant, login_as: Callable[..., Session]
) -> None:
    login, provide = widget._login, over.async_token_provider()

    async def main() -> None:
        loop, all_wait = asyncio.get_running_loop(), asyncio.Event()
        stop = login.listen(
            lambda: len(login.waiters) == 60 and loop.call_soon_threadsafe(all_wait.set)
        )
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"{local_tenant.url}/userinfo"
            calls = [client.get(url, auth=over.auth) for _ in range(10)]
            tasks = asyncio.gather(*calls, *(provide() for _ in range(50)))
            await asyncio.wait_for(all_wait.wait(), 60)
            stop()
            await asyncio.wait_for(asyncio.to_thread(login_as), 60)
            await tasks

    asyncio.run(main())


@pytest.mark.parametrize("library", [httpx, requests_library], ids=["httpx", "requests"])
@pytest.mark.parametrize("withdrawn", ["", "withdrawn"])
def test_an_api_may_know_before_this_machine_that_the_token_is_over(  # noqa: PLR0917
    widget: LoginWidget,
    local_tenant: LocalTenant,
    login_as: Callable[..., Session],
    capsys: pytest.CaptureFixture[str],
    withdrawn: str,
    library: Any,
) -> None:
    session = _ensure(widget, hours=1, on_expiry="wait")
    url = f"{local_tenant.url}/userinfo"
    if withdrawn:
        local_tenant.fail_next("/oauth/token", 403, body='{"error": "invalid_grant"}')
    else:
        session._managed._refresh_tokens.current = None
        end_in(session, 4)
    local_tenant.fail_next("/userinfo", 401)
    _log_in_once_a_cell_waits(widget, login_as)
    assert _get(library, url, session) == 200
    assert JOB_WAITS in capsys.readouterr().out


def test_an_api_that_rejects_a_good_token_asks_nobody_to_log_in(
    widget: LoginWidget, local_tenant: LocalTenant, capsys: pytest.CaptureFixture[str]
) -> None:
    session = _ensure(widget, hours=1, on_expiry="wait")
    session._managed._refresh_tokens.current = None
    local_tenant.fail_next("/userinfo", 401)
    assert _get(httpx, f"{local_tenant.url}/userinfo", session) == 401
    assert JOB_WAITS not in capsys.readouterr().out


def test_by_default_a_withdrawn_grant_is_told(
    widget: LoginWidget, local_tenant: LocalTenant
) -> None:
    session = _ensure(widget, hours=1)
    local_tenant.fail_next("/oauth/token", 403, body='{"error": "invalid_grant"}')
    local_tenant.fail_next("/userinfo", 401)
    with pytest.raises(RenewalRefusedError, match="invalid_grant"):
        _get(httpx, f"{local_tenant.url}/userinfo", session)


def test_a_login_that_came_at_the_last_moment_is_not_asked_for_again(
    over: Session, login_as: Callable[..., Session]
) -> None:
    wait = over._managed.expiry_policy.wait_for_login

    def late(seconds: float, is_needed: Callable[[], bool]) -> object:
        login_as()
        return wait(seconds, is_needed)

    over._managed.expiry_policy.wait_for_login = late
    over.wait_at_most = 10
    assert over.access_token


def test_many_that_wait_are_asked_for_once(
    widget: LoginWidget, over: Session, login_as: Callable[..., Session],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    login = widget._login
    first, all_of_them = threading.Event(), threading.Event()

    def look() -> None:
        if login.has_waiters:
            first.set()
        if len(login.waiters) == 20:
            all_of_them.set()

    stop = login.listen(look)
    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(lambda: over.access_token)]
        assert first.wait(60)
        calls += [pool.submit(lambda: over.access_token) for _ in range(19)]
        assert all_of_them.wait(60)
        stop()
        login_as()
        assert len({call.result(60) for call in calls}) == 1
    assert capsys.readouterr().out.count(JOB_WAITS) == 1


@pytest.mark.parametrize("error", [None, LoginRequiredError(), IdTokenSubjectError()], ids=repr)
def test_nobody_is_told_to_log_in_before_a_silent_login_has_failed(  # noqa: PLR0917
    widget: LoginWidget,
    over: Session,
    login_as: Callable[..., Session],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Auth0WidgetError | None,
) -> None:
    def start_silent_login(_: object, failed: Callable[[Auth0WidgetError], object]) -> bool:
        def page() -> None:
            if error is not None:
                failed(error)
            login_as()

        threading.Thread(target=page).start()
        return True

    monkeypatch.setattr(widget._bridge, "start_silent_login", start_silent_login)
    assert over.access_token
    printed = capsys.readouterr().out
    assert (JOB_WAITS in printed) == (error is not None)
    assert (SOMEBODY_ELSE in printed) == isinstance(error, IdTokenSubjectError)


def test_a_click_that_comes_before_a_silent_login_fails_leaves_nothing_to_be_told(
    widget: LoginWidget,
    over: Session,
    login_as: Callable[..., Session],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures: list[Callable[[Auth0WidgetError], object]] = []

    def start_silent_login(_: object, failed: Callable[[Auth0WidgetError], object]) -> bool:
        failures.append(failed)
        threading.Thread(target=login_as).start()
        return True

    monkeypatch.setattr(widget._bridge, "start_silent_login", start_silent_login)
    assert over.access_token
    (failed,) = failures
    failed(LoginTimeoutError())
    assert JOB_WAITS not in capsys.readouterr().out


def test_as_another_person_it_does_not_go_on(
    widget: LoginWidget, over: Session, login_as: Callable[..., Session]
) -> None:
    _log_in_once_a_cell_waits(widget, lambda: login_as("grace@example.com"))
    with pytest.raises(SessionEndedError, match="somebody else"):
        _ = over.access_token


def test_nobody_waits_for_longer_than_the_limit(over: Session) -> None:
    over.wait_at_most = 0.01
    with pytest.raises(LoginTimeoutError):
        _ = over.access_token


def test_by_default_the_expiry_is_told(over: Session) -> None:
    over.on_expiry = "raise"
    with pytest.raises(SessionExpiredError):
        _ = over.access_token


def test_a_login_without_a_widget_has_nobody_to_ask(login_as: Callable[..., Session]) -> None:
    session = login_as(scope=WITHOUT_RENEWAL)
    session.on_expiry = "wait"
    end_in(session, -1)
    with pytest.raises(SessionExpiredError):
        _ = session.access_token

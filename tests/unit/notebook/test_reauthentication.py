"""A job waits whose session has expired, and the person logs in again."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import anyio
import anyio.to_thread
import httpx
import jwt
import pytest
import requests as requests_library
import trio
from jobs import ensure, log_in_once_a_cell_waits
from lifetimes import end_in
from requested_logins import click, request, session_of
from silent_logins import LAB, log_in

from auth0_widget.errors import (
    AnotherPersonError,
    AudienceNotGrantedError,
    Auth0WidgetError,
    IdTokenSubjectError,
    LoginCancelledError,
    LoginDeniedError,
    LoginRequiredError,
    LoginTimeoutError,
    RenewalRefusedError,
    SessionEndedError,
    SessionExpiredError,
    TokenRequestError,
)
from auth0_widget.local_tenant import Api
from auth0_widget.notebook.asking import SOMEBODY_ELSE
from auth0_widget.notebook.reauthentication import NotebookReauthenticator, job_prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from kernel import Kernel

    from auth0_widget import LoginWidget, Session
    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.local_tenant.person import Person
    from auth0_widget.login.login import Login

WITHOUT_RENEWAL = "openid profile email"
NOTES = "https://notes.example.com/"
ARCHIVE = "https://archive.example.com/"
SCOPE = "openid profile email offline_access read:notes"


@pytest.fixture
def over(widget: LoginWidget) -> Session:
    """A session in mid-job, which has expired, and whose refresh token the tenant has refused."""
    session = ensure(widget, hours=1, on_expiry="wait")
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
    log_in_once_a_cell_waits(widget._login, login_as)
    assert _get(library, f"{local_tenant.url}/userinfo", over) == 200
    assert over is widget.session
    assert statuses == ["expired", "logging_in", "authenticated"]
    assert job_prompt(None, in_card=False) in capsys.readouterr().out


def test_an_asynchronous_request_waits_as_well(
    widget: LoginWidget, over: Session, local_tenant: LocalTenant, login_as: Callable[..., Session]
) -> None:
    async def call() -> int:
        async with httpx.AsyncClient(trust_env=False) as client:
            response = await client.get(f"{local_tenant.url}/userinfo", auth=over.auth)
            return response.status_code

    log_in_once_a_cell_waits(widget._login, login_as)
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
    session = ensure(widget, hours=1, on_expiry="wait")
    url = f"{local_tenant.url}/userinfo"
    if withdrawn:
        local_tenant.fail_next("/oauth/token", 403, body='{"error": "invalid_grant"}')
    else:
        session._managed._refresh_tokens.current = None
        end_in(session, 4)
    local_tenant.fail_next("/userinfo", 401)
    log_in_once_a_cell_waits(widget._login, login_as)
    assert _get(library, url, session) == 200
    assert job_prompt(None, in_card=False) in capsys.readouterr().out


def test_an_api_that_rejects_a_good_token_asks_nobody_to_log_in(
    widget: LoginWidget, local_tenant: LocalTenant, capsys: pytest.CaptureFixture[str]
) -> None:
    session = ensure(widget, hours=1, on_expiry="wait")
    session._managed._refresh_tokens.current = None
    local_tenant.fail_next("/userinfo", 401)
    assert _get(httpx, f"{local_tenant.url}/userinfo", session) == 401
    assert job_prompt(None, in_card=False) not in capsys.readouterr().out


def test_by_default_a_withdrawn_grant_is_told_once_the_token_has_expired(
    widget: LoginWidget, local_tenant: LocalTenant, caplog: pytest.LogCaptureFixture
) -> None:
    session = ensure(widget, hours=1)
    local_tenant.fail_next("/oauth/token", 403, body='{"error": "invalid_grant"}')
    local_tenant.fail_next("/userinfo", 401)
    assert _get(httpx, f"{local_tenant.url}/userinfo", session) == 401
    assert "renewal_refused" in caplog.text
    end_in(session, -1)
    with pytest.raises(RenewalRefusedError, match="invalid_grant"):
        _get(httpx, f"{local_tenant.url}/userinfo", session)


def test_a_login_that_came_at_the_last_moment_is_not_asked_for_again(
    over: Session, login_as: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = over._managed.expiry_policy.reauthenticator
    assert ask is not None
    reauthenticate = ask.reauthenticate

    def late(*arguments: Any) -> None:
        login_as()
        reauthenticate(*arguments)

    monkeypatch.setattr(ask, "reauthenticate", late)
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
    assert capsys.readouterr().out.count(job_prompt(None, in_card=False)) == 1


@pytest.mark.parametrize("error", [None, LoginRequiredError(), IdTokenSubjectError()], ids=repr)
def test_nobody_is_told_to_log_in_before_a_silent_login_has_failed(  # noqa: PLR0917
    widget: LoginWidget,
    over: Session,
    login_as: Callable[..., Session],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Auth0WidgetError | None,
) -> None:
    def start_silent_login(
        _: object, ended: Callable[[Auth0WidgetError | None], object]
    ) -> Callable[[], None]:
        def page() -> None:
            if error is not None:
                ended(error)
            login_as()

        threading.Thread(target=page).start()
        return lambda: None

    monkeypatch.setattr(widget._bridge, "start_silent_login", start_silent_login)
    assert over.access_token
    printed = capsys.readouterr().out
    assert (job_prompt(None, in_card=False) in printed) == (error is not None)
    assert (SOMEBODY_ELSE in printed) == isinstance(error, IdTokenSubjectError)


def test_a_click_that_comes_before_a_silent_login_fails_leaves_nothing_to_be_told(
    widget: LoginWidget,
    over: Session,
    login_as: Callable[..., Session],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures: list[Callable[[Auth0WidgetError | None], object]] = []

    def start_silent_login(
        _: object, ended: Callable[[Auth0WidgetError | None], object]
    ) -> Callable[[], None]:
        failures.append(ended)
        threading.Thread(target=login_as).start()
        return lambda: None

    monkeypatch.setattr(widget._bridge, "start_silent_login", start_silent_login)
    assert over.access_token
    (failed,) = failures
    failed(LoginTimeoutError())
    assert job_prompt(None, in_card=False) not in capsys.readouterr().out


def test_as_another_person_it_does_not_go_on(
    widget: LoginWidget, over: Session, login_as: Callable[..., Session]
) -> None:
    log_in_once_a_cell_waits(widget._login, lambda: login_as("grace@example.com"))
    with pytest.raises(SessionEndedError, match="somebody else"):
        _ = over.access_token


def test_nobody_waits_for_longer_than_the_limit(over: Session) -> None:
    over.wait_at_most = 0.01
    with pytest.raises(LoginTimeoutError, match="wait_at_most"):
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


# Sessions that have more than the usual login gives


@pytest.fixture
def printed() -> list[str]:
    return []


@pytest.fixture
def kernel(new_kernel: Callable[..., Kernel], tenant: LocalTenant, printed: list[str]) -> Kernel:
    """A kernel whose widget asks for logins in mid-job, and where Ada has logged in."""
    tenant.apis.append(Api(ARCHIVE, "Archive", {"read:notes": "Read", "write:notes": "Burn"}))
    kernel: Kernel = new_kernel(audience=NOTES, scope=SCOPE)
    login = kernel.login
    login.set_reauthenticator(NotebookReauthenticator(login, kernel.bridge, printed.append))
    kernel.log_in()
    return kernel


@pytest.fixture
def archive(kernel: Kernel) -> Session:
    """A session for another API that Ada's click has got, which has expired."""
    session, _ = request(kernel, audience=ARCHIVE, scope="write:notes")
    wait_on_expiry(session_of(kernel))
    expire(session)
    return session


def wait_on_expiry(session: Session) -> None:
    session.on_expiry, session.wait_at_most = "wait", 10  # so that a test without its guard ends


def expire(session: Session) -> None:
    """Let a session expire, and nothing renew it."""
    session._managed._refresh_tokens.current = None
    end_in(session, -1)


def audience_of(session: Session) -> str:
    claims = jwt.decode(session.access_token, options={"verify_signature": False})
    first: str = claims["aud"][0]
    return first


def asked_for(kernel: Kernel, name: str, kind: str = "ready") -> list[str]:
    """The words of a parameter in the URL that a page has last got."""
    message = kernel.last(kind)
    url: str = message["authorize_url"] if kind == "ready" else message["url"]
    return parse_qs(urlsplit(url).query).get(name, [""])[0].split()


def test_scopes_that_were_requested_later_are_asked_for_again(kernel: Kernel) -> None:
    session, _ = request(kernel, scope="write:notes")
    wait_on_expiry(session)
    expire(session)
    scopes: list[list[str]] = []

    def person() -> None:
        scopes.append(asked_for(kernel, "scope"))
        click(kernel)

    thread = log_in_once_a_cell_waits(kernel.login, person)
    assert session.access_token
    thread.join(60)
    assert "write:notes" in scopes[0]
    assert "write:notes" in session.scope.split()
    assert session is session_of(kernel)
    assert "write:notes" not in asked_for(kernel, "scope"), "the next usual login is as usual"


def test_silently_as_well(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, ada: Person, printed: list[str]
) -> None:
    assert tenant.apis
    kernel = new_kernel(audience=NOTES, scope=SCOPE)
    login = kernel.login
    login.set_reauthenticator(NotebookReauthenticator(login, kernel.bridge, printed.append))
    session = log_in(kernel, ada)
    more = SCOPE + " write:notes"
    session._managed.requested_scope = more

    def page(message: Any) -> None:
        if message["type"] == "silent":
            url = message["url"]
            ada.authorize(url.replace("prompt=none", "prompt=consent"))
            kernel.receive("authorization_response", response=ada.authorize(url))

    kernel.on_sent = page
    wait_on_expiry(session)
    expire(session)
    assert session.access_token
    assert session.scope == more
    assert printed == []


def test_another_login_that_brings_fewer_scopes_will_do(
    kernel: Kernel, caplog: pytest.LogCaptureFixture
) -> None:
    session, _ = request(kernel, scope="write:notes")
    wait_on_expiry(session)
    expire(session)
    usual = kernel.login.tenant

    def person() -> None:
        requests = kernel.bridge._pages[next(iter(kernel.bridge._pages))].popup._requests
        kernel.login.prepare()
        url = requests.next_for(usual).url(usual)
        kernel.receive("login_started")
        response = kernel.tenant.sign_in(url)
        kernel.receive("authorization_response", response=response)

    log_in_once_a_cell_waits(kernel.login, person)
    assert session.access_token
    assert session.scope == SCOPE
    assert session.missing_scope == "write:notes"
    assert "missing: write:notes" in caplog.text


def test_a_session_for_another_api_waits_for_a_login_for_that_api(
    kernel: Kernel, archive: Session, printed: list[str]
) -> None:
    session = session_of(kernel)
    before = session.access_token
    assert archive.on_expiry == "wait", "as all sessions of a login"
    asked: list[list[str]] = []

    def person() -> None:
        asked.extend([asked_for(kernel, "audience"), asked_for(kernel, "scope")])
        click(kernel)

    thread = log_in_once_a_cell_waits(kernel.login, person)
    assert audience_of(archive) == ARCHIVE
    assert archive.renewable
    thread.join(60)
    assert asked[0] == [ARCHIVE]
    assert "write:notes" in asked[1]
    (prompt,) = printed
    assert prompt.startswith(f"The session for {ARCHIVE} has expired, and a job waits.")
    assert session.access_token == before
    assert asked_for(kernel, "audience") == [NOTES]
    assert list(session._managed.api_sessions.values()) == [archive._managed]


def test_it_waits_as_well_where_the_login_itself_has_expired(
    kernel: Kernel, archive: Session
) -> None:
    session = session_of(kernel)
    expire(session)
    kernel.login.expire_if_over()
    thread = log_in_once_a_cell_waits(kernel.login, lambda: click(kernel))
    assert audience_of(archive) == ARCHIVE
    thread.join(60)
    assert kernel.login.status == "expired"
    log_in_once_a_cell_waits(kernel.login, lambda: click(kernel))
    assert audience_of(session) == NOTES


def test_a_silent_login_for_that_api_needs_no_person(
    kernel: Kernel, ada: Person, printed: list[str]
) -> None:
    log_in(kernel, ada)
    kernel.receive("hello", origin=LAB)

    def page(message: Any) -> None:
        if message["type"] == "silent":
            url = message["url"]
            ada.authorize(url.replace("prompt=none", "prompt=consent"))
            kernel.receive("authorization_response", response=ada.authorize(url))

    kernel.on_sent = page
    archive, _ = request(kernel, audience=ARCHIVE, scope="write:notes")
    wait_on_expiry(session_of(kernel))
    expire(archive)
    assert audience_of(archive) == ARCHIVE
    assert asked_for(kernel, "audience", "silent") == [ARCHIVE]
    assert printed == []


def test_another_person_is_not_taken_for_it(kernel: Kernel, archive: Session) -> None:
    log_in_once_a_cell_waits(kernel.login, lambda: click(kernel, "grace@example.com"))
    with pytest.raises(AnotherPersonError):
        _ = archive.access_token
    assert audience_of(session_of(kernel)) == NOTES
    assert session_of(kernel).user.email == "ada@example.com"


def test_a_token_for_another_api_is_not_taken_for_it(
    kernel: Kernel, archive: Session, tenant: LocalTenant
) -> None:
    other = session_of(kernel).access_token

    def person() -> None:
        tenant.mutate_response = {
            "/oauth/token": lambda response: response | {"access_token": other}
        }
        click(kernel)

    log_in_once_a_cell_waits(kernel.login, person)
    with pytest.raises(AudienceNotGrantedError):
        _ = archive.access_token
    assert not archive.active


@contextmanager
def waiting_calls(login: Login, *sessions: Session) -> Iterator[list[Future[str]]]:
    """One call for an access token of each session. All wait for a login when the block begins."""
    all_wait = threading.Event()
    stop = login.listen(lambda: all_wait.set() if len(login.waiters) == len(sessions) else None)
    with ThreadPoolExecutor(len(sessions)) as pool:
        calls = [pool.submit(_access_token, session) for session in sessions]
        assert all_wait.wait(60)
        stop()
        yield calls


def _access_token(session: Session) -> str:
    return session.access_token


def test_all_that_wait_for_the_same_api_are_served_by_one_login(
    kernel: Kernel, archive: Session, printed: list[str]
) -> None:
    with waiting_calls(kernel.login, *[archive] * 5) as calls:
        click(kernel)
        assert len({call.result(60) for call in calls}) == 1
    assert len(printed) == 1


def test_a_logout_ends_the_wait(kernel: Kernel, archive: Session) -> None:
    log_in_once_a_cell_waits(kernel.login, kernel.login.logout)
    with pytest.raises(SessionEndedError):
        _ = archive.access_token


def test_when_the_wait_ends_its_silent_login_does(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, ada: Person, printed: list[str]
) -> None:
    kernel = new_kernel()
    login = kernel.login
    login.set_reauthenticator(NotebookReauthenticator(login, kernel.bridge, printed.append))
    session = log_in(kernel, ada)
    expire(session)
    session.on_expiry, session.wait_at_most = "wait", 0.01
    with pytest.raises(LoginTimeoutError):
        _ = session.access_token
    url = kernel.last("silent")["url"]
    tenant.requests.clear()
    kernel.receive("authorization_response", response=ada.authorize(url))
    assert tenant.requests["/oauth/token"] == 0
    assert not session.active
    assert printed == []


def test_the_failure_of_one_login_ends_only_the_jobs_that_wait_for_it(
    kernel: Kernel, archive: Session
) -> None:
    session, login = session_of(kernel), kernel.login
    expire(session)
    login.expire_if_over()
    with waiting_calls(login, archive, session) as (for_archive, for_notes):
        assert asked_for(kernel, "audience") == [ARCHIVE]
        kernel.tenant.fail("authorize", "access_denied")
        click(kernel)
        with pytest.raises(LoginDeniedError):
            for_archive.result(60)
        assert asked_for(kernel, "audience") == [NOTES]
        click(kernel)
        assert for_notes.result(60)


def test_the_failure_of_the_usual_login_leaves_the_jobs_that_wait_for_another(
    kernel: Kernel, archive: Session
) -> None:
    session, login = session_of(kernel), kernel.login
    expire(session)
    login.expire_if_over()
    with waiting_calls(login, archive, session) as (for_archive, for_notes):
        login.fail(login.attempt_number, LoginDeniedError(), settings=login.settings)
        with pytest.raises(LoginDeniedError):
            for_notes.result(60)
        click(kernel)
        assert for_archive.result(60) == archive.access_token


def test_a_cancellation_ends_all_that_wait(kernel: Kernel, archive: Session) -> None:
    session, login = session_of(kernel), kernel.login
    expire(session)
    login.expire_if_over()
    with waiting_calls(login, archive, session) as calls:
        login.cancel()
        for call in calls:
            with pytest.raises(LoginCancelledError):
                call.result(60)


def test_a_session_that_a_requested_login_has_replaced_ends_with_the_login(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    tenant.application.refresh_token_policies = {ARCHIVE: ["read:notes", "write:notes"]}
    scope = "openid profile email offline_access write:notes"
    first = session_of(kernel).for_audience(ARCHIVE, scope)
    second, _ = request(kernel, audience=ARCHIVE, scope="write:notes", max_age=0)
    assert second is not first
    kernel.log_in("grace@example.com")
    for session in (first, second):
        with pytest.raises(SessionEndedError):
            _ = session.access_token


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_the_wait_ends_with_its_task(
    widget: LoginWidget, over: Session, local_tenant: LocalTenant, library: str
) -> None:
    login, none_waits = widget._login, threading.Event()
    over.wait_at_most = 30  # so that a test without its guard ends

    async def call() -> None:
        with anyio.CancelScope() as scope:

            def look() -> None:
                if login.has_waiters:
                    scope_token(scope.cancel)
                elif scope.cancel_called:
                    none_waits.set()

            scope_token = in_loop(library)
            stop = login.listen(look)
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.get(f"{local_tenant.url}/userinfo", auth=over.auth)
        assert scope.cancelled_caught
        assert await anyio.to_thread.run_sync(none_waits.wait, 20)
        stop()

    anyio.run(call, backend=library)
    assert not login.has_waiters


def in_loop(library: str) -> Callable[[Callable[[], object]], object]:
    """A function by which another thread has the running loop call a function."""
    if library == "trio":
        return trio.lowlevel.current_trio_token().run_sync_soon
    return asyncio.get_running_loop().call_soon_threadsafe


def test_a_clock_that_is_set_right_ends_the_wait(
    widget: LoginWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ensure(widget, hours=1, on_expiry="wait")
    session.wait_at_most = 20  # so that a test without its guard ends
    session._managed._refresh_tokens.current = None
    real, ahead = time.time, 25 * 3600.0

    def look() -> None:
        if widget._login.has_waiters:
            monkeypatch.setattr(time, "time", real)

    stop = widget._login.listen(look)
    monkeypatch.setattr(time, "time", lambda: real() + ahead)
    assert session.access_token
    stop()


def consent_and_respond(kernel: Kernel, person: Person, url: str) -> None:
    """Let the tenant know that the person has consented, and respond to a silent login."""
    person.authorize(url.replace("prompt=none", "prompt=consent"))
    kernel.receive("authorization_response", response=person.authorize(url))


def test_silent_logins_of_two_sessions_come_one_after_the_other(
    kernel: Kernel, ada: Person, printed: list[str]
) -> None:
    session = log_in(kernel, ada)
    archive, _ = request(kernel, audience=ARCHIVE, scope="write:notes")
    kernel.receive("hello", origin=LAB)
    wait_on_expiry(session)
    expire(session)
    expire(archive)
    kernel.login.expire_if_over()
    printed.clear()
    login, both = kernel.login, threading.Event()
    urls: queue.SimpleQueue[str] = queue.SimpleQueue()
    kernel.on_sent = lambda message: (
        urls.put(message["url"]) if message["type"] == "silent" else None
    )
    stop = login.listen(lambda: both.set() if len(login.waiters) == 2 else None)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: archive.access_token)
        url = urls.get(timeout=60)
        second = pool.submit(lambda: session.access_token)
        assert both.wait(60)
        stop()
        consent_and_respond(kernel, ada, url)
        assert first.result(60)
        consent_and_respond(kernel, ada, urls.get(timeout=60))
        assert second.result(60)
    assert printed == []


def test_a_silent_login_that_brings_another_api_s_token_leaves_the_click(
    kernel: Kernel, ada: Person, tenant: LocalTenant, printed: list[str]
) -> None:
    session = log_in(kernel, ada)
    other = session.access_token
    archive, _ = request(kernel, audience=ARCHIVE, scope="write:notes")
    kernel.receive("hello", origin=LAB)
    wait_on_expiry(session)
    expire(archive)
    printed.clear()

    def page(message: Any) -> None:
        if message["type"] == "silent":
            change = {"/oauth/token": lambda response: response | {"access_token": other}}
            tenant.mutate_response = change
            consent_and_respond(kernel, ada, message["url"])

    def print_prompt(text: str) -> None:
        printed.append(text)
        tenant.mutate_response = {}
        threading.Thread(target=click, args=(kernel,)).start()

    kernel.on_sent = page
    login = kernel.login
    reauthenticator = NotebookReauthenticator(login, kernel.bridge, print_prompt)
    login.set_reauthenticator(reauthenticator)
    assert audience_of(archive) == ARCHIVE
    assert len(printed) == 1


def test_a_login_for_an_api_that_comes_after_the_wait_is_dropped_and_logged(
    kernel: Kernel, archive: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "auth0_widget")
    responses: list[dict[str, str]] = []

    def person() -> None:
        url = kernel.last("ready")["authorize_url"]
        kernel.receive("login_started")
        responses.append(kernel.tenant.sign_in(url, "ada@example.com"))

    session_of(kernel).wait_at_most = 2
    thread = log_in_once_a_cell_waits(kernel.login, person)
    with pytest.raises(LoginTimeoutError):
        _ = archive.access_token
    thread.join(60)
    kernel.receive("authorization_response", response=responses[0])
    assert "no cell waits any more" in caplog.text
    assert not archive.active


def test_an_expired_session_for_another_api_names_the_call_that_gets_it_again(
    kernel: Kernel, archive: Session
) -> None:
    session_of(kernel).on_expiry = "raise"
    with pytest.raises(SessionExpiredError, match=r"login\.request\(audience='https://archive"):
        _ = archive.access_token


class NobodyLogsIn:
    """A flow that needs no page, and in which nobody logs in."""

    unattended = False

    def start_for(self, initiator: object) -> None:
        """Starts nothing."""


def test_without_a_card_the_prompt_names_none(kernel: Kernel, printed: list[str]) -> None:
    session = session_of(kernel)
    wait_on_expiry(session)
    session.wait_at_most = 0.01
    expire(session)
    kernel.login.set_flow_once(lambda _: NobodyLogsIn(), "No page has connected.")
    with pytest.raises(LoginTimeoutError):
        _ = session.access_token
    assert printed == [job_prompt(None, in_card=False)]
    assert "card" not in printed[0]


def test_scopes_that_the_policies_lack_have_a_next_step(kernel: Kernel) -> None:
    kernel.tenant.application.refresh_token_policies = {ARCHIVE: ["read:notes"]}
    kernel.tenant.fail_next("/oauth/token", 403, body='{"error": "invalid_scope"}')
    with pytest.raises(TokenRequestError, match="refresh token policies"):
        session_of(kernel).for_audience(ARCHIVE, "delete:all")

"""How a session's tokens stay good; attacks on renewing: tests/security/test_lifecycle.py."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import jwt
import pytest
import requests
import time_machine
from lifetimes import end_in

from auth0_widget.errors import (
    Auth0WidgetError,
    ConnectionCutError,
    IdTokenExpiredError,
    RateLimitError,
    RenewalRefusedError,
    SessionExpiredError,
    TenantDownError,
    TokenRequestError,
)
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.oauth import transport
from auth0_widget.session import tokens
from auth0_widget.session.renewal import (
    LONGEST_BACKGROUND_RETRY_AFTER,
    MAX_REQUESTS,
    RENEWAL_TIMEOUT,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel
    from lifetimes import Clock

    from auth0_widget import Session
    from auth0_widget.local_tenant.failure_kinds import Kind


@pytest.mark.parametrize("kind", ["rate_limited", "unavailable", "no_answer", "answer_lost"])
def test_while_the_access_token_is_good_a_failing_renewal_is_not_the_callers_problem(
    kernel: Kernel,
    tenant: LocalTenant,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
) -> None:
    monkeypatch.setattr(transport, "DEADLINE", 0.3)
    tenant.application.refresh_token_overlap = 60
    session = kernel.log_in()
    before = session.access_token
    end_in(session, 40)
    tenant.requests.clear()
    failing = tenant.fail("token", kind, times=None, retry_after=20)
    assert [session.access_token for _ in range(5)] == [before] * 5
    # Where the response was lost, it is asked for once more at once, before the overlap is over.
    assert failing.requests == (2 if kind in {"no_answer", "answer_lost"} else 1)
    assert clock.pauses in ([], [0.0])
    failing.clear()
    clock.go_on(60)
    assert session.access_token != before, "later it is tried again"


def test_the_card_and_the_session_say_that_a_renewal_is_tried_again(
    kernel: Kernel, tenant: LocalTenant, clock: Clock
) -> None:
    session = kernel.log_in()
    end_in(session, 40)
    tenant.fail("token", "unavailable")
    _ = session.access_token
    assert "0 min; renewing it failed (tenant_down) and is tried again" in repr(session)
    state = kernel.last("state")
    assert state["status"] == "authenticated"
    assert state["problem"]["code"] == "tenant_down"
    assert "good until" in state["problem"]["next_step"]
    clock.go_on(60)
    _ = session.access_token
    assert kernel.last("state")["problem"] is None
    assert "renews itself" in repr(session)


def test_a_renewal_comes_back_when_the_tenant_said(
    kernel: Kernel, tenant: LocalTenant, clock: Clock
) -> None:
    session = kernel.log_in()
    before = session.access_token
    end_in(session, 40)
    tenant.fail("token", "rate_limited", retry_after=20)
    assert session.access_token == before
    clock.go_on(19)
    assert session.access_token == before
    clock.go_on(1)
    assert session.access_token != before


def test_once_it_is_over_a_caller_waits_until_the_tenant_gives_another(
    kernel: Kernel, tenant: LocalTenant, clock: Clock
) -> None:
    session = kernel.log_in()
    end_in(session, -1)
    tenant.fail("token", "rate_limited", retry_after=7)
    tenant.fail("token", "unavailable")
    assert session.access_token
    assert clock.pauses[0] == 7
    assert len(clock.pauses) == 2


def test_who_cannot_use_the_old_token_any_more_waits_until_the_tenant_said(
    kernel: Kernel, tenant: LocalTenant, clock: Clock
) -> None:
    session = kernel.log_in()
    end_in(session, 40)
    tenant.fail("token", "rate_limited", retry_after=20)
    _ = session.access_token
    end_in(session, -1)
    tenant.requests.clear()
    assert session.access_token
    assert clock.pauses == [pytest.approx(20, abs=2)]
    assert tenant.requests["/oauth/token"] == 1


def test_a_failure_that_is_remembered_remembers_no_frames(
    kernel: Kernel, tenant: LocalTenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = kernel.log_in()
    end_in(session, -1)
    tenant.fail("token", "unavailable")
    remembered: list[Auth0WidgetError | None] = []
    monkeypatch.setattr(
        clock, "sleep", lambda _: remembered.append(session._managed.renewal_problem)
    )
    assert session.access_token
    (failure,) = remembered
    assert failure is not None
    assert failure.__traceback__ is failure.__context__ is None


@pytest.mark.parametrize(
    ("kind", "error"), [("unavailable", TenantDownError), ("cut", ConnectionCutError)]
)
def test_a_tenant_that_stays_down_is_told_after_a_number_of_requests(
    kernel: Kernel, tenant: LocalTenant, clock: Clock, kind: Kind, error: type[Auth0WidgetError]
) -> None:
    session = kernel.log_in()
    end_in(session, -1)
    failing = tenant.fail("token", kind, times=None)
    with pytest.raises(error):
        _ = session.access_token
    assert failing.requests == MAX_REQUESTS
    assert sum(clock.pauses) < RENEWAL_TIMEOUT
    assert kernel.login.status == "authenticated", "the session is as it was"
    failing.clear()
    assert session.access_token, "and the next call renews"


@pytest.mark.parametrize("named", [str(7 * 86_400), "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_caller_waits_no_week(
    kernel: Kernel, tenant: LocalTenant, clock: Clock, named: str
) -> None:
    session = kernel.log_in()
    end_in(session, -1)
    tenant.requests.clear()
    tenant.fail_next("/oauth/token", 429, headers={"Retry-After": named})
    for _ in range(3):
        with pytest.raises(RateLimitError):
            _ = session.access_token
    assert clock.pauses == []
    assert tenant.requests["/oauth/token"] == 1, "nor is it asked again before"
    clock.go_on(LONGEST_BACKGROUND_RETRY_AFTER)
    assert session.access_token, "but not a week later either"


@pytest.mark.parametrize("named", ["", "soon", "-5", "1e9", "NaN", "\u00bd"])
def test_nonsense_in_retry_after_is_as_if_there_were_none(
    kernel: Kernel, tenant: LocalTenant, clock: Clock, named: str
) -> None:
    session = kernel.log_in()
    end_in(session, -1)
    tenant.fail_next("/oauth/token", 429, headers={"Retry-After": named})
    assert session.access_token
    assert sum(clock.pauses) <= 1


def test_a_lost_response_is_asked_for_once_more_and_then_the_refusal_is_told(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    session = kernel.log_in()
    end_in(session, -1)
    tenant.requests.clear()
    tenant.fail("token", "answer_lost")
    with pytest.raises(RenewalRefusedError, match="invalid_grant"):
        _ = session.access_token
    assert tenant.requests["/oauth/token"] == 2
    assert kernel.login.status == "expired"
    with pytest.raises(RenewalRefusedError):
        _ = session.access_token
    assert tenant.requests["/oauth/token"] == 2, "once"


def test_an_access_token_that_lives_shortly_is_not_renewed_at_each_call(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    session = kernel.log_in()
    end_in(session, 29, lifetime=30)
    tenant.requests.clear()
    assert len({session.access_token for _ in range(5)}) == 1
    assert tenant.requests["/oauth/token"] == 0
    end_in(session, 0.7, lifetime=30)
    assert len({session.access_token for _ in range(5)}) == 1
    assert tenant.requests["/oauth/token"] == 1


def test_a_clock_that_jumps_ahead_and_back_costs_a_renewal_and_not_the_session(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    session = kernel.log_in()
    tenant.requests.clear()
    with time_machine.travel(time.time() + 30 * 3600, tick=False):
        # The tenant's clock is right: its ID token looks expired here, and proves nothing.
        tenant.mutate_id_token = lambda claims: claims | {"exp": claims["iat"] - 20 * 3600}
        with pytest.raises(IdTokenExpiredError):
            _ = session.access_token
    tenant.mutate_id_token = None
    assert session.access_token
    session.renew()
    assert tenant.requests["/oauth/token"] == 2


def test_a_clock_that_was_set_back_does_not_make_an_access_token_last_longer(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(tokens, "time", clock)
    session = kernel.log_in()
    before = session.access_token
    monkeypatch.setattr(clock, "time", lambda: time.time() - 3600)
    clock.go_on(24 * 3600)
    assert session.access_token != before


def test_a_clock_that_was_set_back_does_not_delay_a_renewal_ahead_of_time(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(tokens, "time", clock)
    session = kernel.log_in()
    before = session._managed.tokens
    monkeypatch.setattr(clock, "time", lambda: time.time() - 3600)
    clock.go_on(24 * 3600 - 250)
    assert before.due_for_renewal
    assert not before.nearly_expired
    clock.go_on(247)
    assert before.nearly_expired
    assert not before.expired
    assert session.access_token != before.access_token.reveal()


def _status_with_async_httpx(url: str, session: Session) -> int:
    async def ask() -> int:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(url, auth=session.auth)).status_code

    return asyncio.run(ask())


def _status_with_aiohttp(url: str, session: Session) -> int:
    options = session.token_source().storage_options()

    async def ask() -> int:
        kwargs = options["client_kwargs"]
        async with aiohttp.ClientSession(**kwargs) as client, client.get(url) as response:
            return response.status

    return asyncio.run(ask())


def test_scopes_that_a_renewal_does_not_bring_again_are_named(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, caplog: pytest.LogCaptureFixture
) -> None:
    scope = "openid offline_access read:notes"
    session = new_kernel(audience="https://notes.example.com/", scope=scope).log_in()
    session.renew()
    assert "fewer scopes" not in caplog.text
    tenant.mutate_response = {"/oauth/token": lambda response: response | {"scope": "openid"}}
    session.renew()
    assert session.missing_scope == "offline_access read:notes"
    assert "fewer scopes than before; missing: offline_access read:notes" in caplog.text
    refresh_token = session._managed.refresh_token
    assert refresh_token is not None
    for secret in (session.access_token, session.id_token, refresh_token.reveal()):
        assert secret not in caplog.text
    caplog.clear()
    session.renew()
    assert "fewer scopes" not in caplog.text, "once"
    tenant.mutate_response = {}
    session.renew()
    assert session.missing_scope == ""


@pytest.mark.parametrize("kind", ["rate_limited", "unavailable", "cut"])
@pytest.mark.parametrize(
    "status",
    [
        lambda url, session: httpx.get(url, auth=session.auth, trust_env=False).status_code,
        _status_with_async_httpx,
        lambda url, session: requests.get(url, auth=session.auth).status_code,
        _status_with_aiohttp,
    ],
    ids=["httpx", "async httpx", "requests", "aiohttp"],
)
def test_a_401_whose_renewal_fails_for_now_is_the_response(
    kernel: Kernel,
    tenant: LocalTenant,
    caplog: pytest.LogCaptureFixture,
    status: Callable[[str, Session], int],
    kind: Kind,
) -> None:
    session = kernel.log_in()
    before = session.access_token
    failing = tenant.fail("token", kind, times=None)
    tenant.fail_next("/userinfo", 401)
    assert status(f"{tenant.url}/userinfo", session) == 401
    assert failing.requests > 0
    assert "renewing it failed with" in caplog.text
    assert before not in caplog.text
    assert status(f"{tenant.url}/userinfo", session) == 200, "and the session goes on"


@pytest.mark.parametrize("library", [httpx, requests], ids=["httpx", "requests"])
def test_while_the_tenant_wants_to_be_left_alone_a_401_asks_it_nothing(
    kernel: Kernel, tenant: LocalTenant, clock: Clock, library: Any
) -> None:
    session = kernel.log_in()
    tenant.fail("token", "rate_limited", retry_after=300)
    with pytest.raises(RateLimitError):
        session.renew()
    tenant.requests.clear()
    tenant.fail_next("/userinfo", 401, times=11)
    url = f"{tenant.url}/userinfo"
    assert {library.get(url, auth=session.auth).status_code for _ in range(10)} == {401}
    managed = session._managed
    with pytest.raises(RateLimitError) as failure:
        managed.valid_access_token(rejected=managed.tokens.access_token)
    assert 290 < (failure.value.retry_after or 0) <= 300
    assert tenant.requests["/oauth/token"] == 0
    clock.go_on(300)
    assert library.get(url, auth=session.auth).status_code == 200
    assert tenant.requests["/oauth/token"] == 1


def test_a_person_may_renew_before_the_tenant_s_time_is_over(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    session = kernel.log_in()
    before = session.access_token
    tenant.fail("token", "rate_limited", retry_after=300)
    with pytest.raises(RateLimitError):
        session.renew()
    session.renew()
    assert session.access_token != before


def test_nor_does_it_where_nothing_renews_the_session(
    new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(tokens, "time", clock)
    session = new_kernel(scope="openid").log_in()
    monkeypatch.setattr(clock, "time", lambda: time.time() - 3600)
    clock.go_on(24 * 3600)
    assert not session.active
    with pytest.raises(SessionExpiredError):
        _ = session.access_token


@pytest.mark.parametrize("error", ["invalid_grant", "mfa_required", "unauthorized"])
def test_a_refused_refresh_token_ends_the_renewing_and_not_the_session(
    kernel: Kernel, tenant: LocalTenant, error: str
) -> None:
    session = kernel.log_in()
    before = session.access_token
    end_in(session, 40)
    tenant.fail_next("/oauth/token", 403, body=f'{{"error": "{error}"}}')
    assert session.access_token == before
    assert not session.renewable
    assert kernel.login.status == "authenticated"
    assert kernel.last("state")["card"]["no_renewal"] == "refused", "and the card says so early"
    end_in(session, -1)
    with pytest.raises(SessionExpiredError, match=error):
        _ = session.access_token
    assert kernel.login.status == "expired", "whoever notices first tells the card"
    assert kernel.login.session is None, "and a cell that waits is not given it again"
    assert kernel.log_in() is session, "the same person's next login revives it"
    assert session.access_token
    assert session.renewable


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, '{"statusCode": 429, "error": "Too Many Requests", "message": "Global limit"}'),
        (429, '{"error": "access_denied"}'),
        (429, '{"error": "slow_down"}'),
        (500, '{"error": "Internal Server Error"}'),
        (502, '{"error": "bad gateway"}'),
        (503, '{"error": "Service Unavailable"}'),
        (401, "<html>"),
        (401, "Unauthorized"),
        (401, '{"message": "no"}'),
        (403, '{"message": "blocked by the proxy of the company"}'),
        (403, '{"error": "Forbidden"}'),
        (403, '{"error": "too_tired"}'),
        (400, '{"error": "too_tired", "error_description": "Sleep first"}'),
        (404, '{"error": "Not Found"}'),
        (407, '{"error": "access_denied"}'),
    ],
)
def test_a_response_without_proof_costs_no_refresh_token(
    kernel: Kernel, tenant: LocalTenant, status: int, body: str
) -> None:
    session = kernel.log_in()
    before = session.access_token
    tenant.fail_next("/oauth/token", status, body=body)
    with pytest.raises(Auth0WidgetError) as failure:
        session.renew()
    assert failure.value.passing
    assert session.renewable
    session.renew()
    assert session.access_token != before


def test_a_denial_by_an_action_is_the_tenant_s_word_although_it_is_a_server_error(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    session = kernel.log_in()
    tenant.fail("token", "action_denied", description="Your licence has lapsed")
    with pytest.raises(TokenRequestError, match="Your licence has lapsed") as denial:
        session.renew()
    assert "Native" not in denial.value.next_step
    assert not session.renewable
    end_in(session, -1)
    with pytest.raises(RenewalRefusedError, match=r"\(access_denied: Your licence has lapsed\)"):
        _ = session.access_token


def test_a_card_and_a_cell_agree_about_the_end_after_a_sleep(kernel: Kernel) -> None:
    session = kernel.log_in()
    session._managed._refresh_tokens.current = None
    kernel.login._current._timer.stop()  # a timer stands still while the machine sleeps
    end_in(session, -1)
    with pytest.raises(SessionExpiredError):
        _ = session.access_token
    assert kernel.last("state")["status"] == "expired"


def _limit_session(tenant: LocalTenant, end: int) -> None:
    """As the tenant of a company whose identity provider ends sessions (IPSIE)."""

    def limited(response: dict[str, Any]) -> dict[str, Any]:
        claims = jwt.decode(response["id_token"], options={"verify_signature": False})
        return response | {"id_token": tenant.sign(claims | {"session_expiry": end})}

    tenant.mutate_response = {"/oauth/token": limited}


def test_no_renewal_makes_a_session_outlive_its_session_expiry(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    end = int(time.time()) + 600
    _limit_session(tenant, end)
    session = kernel.log_in()
    tenant.mutate_response = {}  # the renewed ID token does not say it again
    session.renew()
    assert session.expires_at == session._managed.ends_at == end
    assert kernel.login._current._timer.running, "and the card will say so by itself"
    with time_machine.travel(end + 1):
        tenant.requests.clear()
        with pytest.raises(SessionExpiredError, match="session_expiry"):
            _ = session.access_token
        assert kernel.login.status == "expired"
        assert tenant.requests["/oauth/token"] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_whose_token_is_due_does_not_renew_it_in_the_background(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    session = kernel.log_in()
    end_in(session, 40)
    tenant.requests.clear()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if session.access_token else 1
            for thread in threading.enumerate():
                if thread is not threading.current_thread():
                    thread.join(10)
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert tenant.requests["/oauth/token"] == 0
    assert session.access_token
    assert tenant.requests["/oauth/token"] == 1, "the parent does"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_renews_nothing_hangs_on_nothing_and_is_told_what_to_do() -> None:
    program = textwrap.dedent("""
        import dataclasses, os, sys, threading, time
        from auth0_widget import LoginWidget

        login = LoginWidget()
        session = login.wait(timeout=60)
        good = session.access_token
        # Another thread is in the middle of something, as a renewal: its locks stay locked.
        inside, over = threading.Event(), threading.Event()

        managed, state = session._managed, login._login

        def hold():
            with managed._lock, managed._renewal._lock, state._lock, state.jwks._lock:
                inside.set()
                over.wait(60)

        threading.Thread(target=hold).start()
        inside.wait(60)
        child = os.fork()
        if child == 0:
            print("good:", session.access_token == good)
            managed._tokens = dataclasses.replace(managed._tokens, expires_at=time.time() - 1)
            try:
                session.access_token
            except Exception as error:
                print("old:", type(error).__name__)
            try:
                session.renew()
            except Exception as error:
                print("renew:", type(error).__name__)
            login.logout()
            for thread in threading.enumerate():
                if thread is not threading.current_thread():
                    thread.join()  # what it would send to the tenant, it has sent
            print("logged out", flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        over.set()
        session.renew()
        print("parent:", session.access_token != good)
    """)
    with LocalTenant(auto_approve="ada@example.com") as tenant:
        variables = {
            "AUTH0_DOMAIN": tenant.url,
            "AUTH0_CLIENT_ID": tenant.client_id,
            "AUTH0_WIDGET_FLOW": "device",
        }
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            env=os.environ | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        revoked = tenant.requests["/oauth/revoke"]
    assert done.stdout.splitlines()[1:] == [
        "good: True",
        "old: ForkedProcessError",
        "renew: ForkedProcessError",
        "logged out",
        "parent: True",
    ], done.stdout + done.stderr
    assert revoked == 0, "what belongs to the parent"

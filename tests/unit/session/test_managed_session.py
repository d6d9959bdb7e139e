"""How a session's tokens stay good; attacks on renewing: tests/security/test_lifecycle.py."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest
import time_machine

from auth0_widget.errors import SessionExpiredError, TenantDownError
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.session.managed_session import RETRY_AFTER

if TYPE_CHECKING:
    from kernel import Kernel

    from auth0_widget.session.session import Session


def _ends_in(session: Session, seconds: float, *, lifetime: float = 3600) -> None:
    now = time.time()
    object.__setattr__(session._managed._tokens, "saved_at", now + seconds - lifetime)
    object.__setattr__(session._managed._tokens, "expires_at", now + seconds)


@pytest.mark.parametrize("status", [429, 503])
def test_while_the_access_token_is_good_a_failing_renewal_is_not_the_callers_problem(
    kernel: Kernel, tenant: LocalTenant, status: int
) -> None:
    session = kernel.log_in()
    before = session.access_token
    _ends_in(session, 40)
    tenant.requests.clear()
    tenant.fail_next("/oauth/token", status)
    assert [session.access_token for _ in range(5)] == [before] * 5
    assert tenant.requests["/oauth/token"] == 1, "and not tried again at each call"
    session._managed._retry_at -= RETRY_AFTER
    assert session.access_token != before, "later it is"


def test_a_renewal_comes_back_when_the_tenant_said(kernel: Kernel, tenant: LocalTenant) -> None:
    session = kernel.log_in()
    before = session.access_token
    _ends_in(session, 40)
    tenant.fail("token", "rate_limited", retry_after=20)
    assert session.access_token == before
    session._managed._retry_at -= 19
    assert session.access_token == before
    session._managed._retry_at -= 1
    assert session.access_token != before


def test_once_it_is_over_the_failure_is_told(kernel: Kernel, tenant: LocalTenant) -> None:
    session = kernel.log_in()
    _ends_in(session, -1)
    tenant.fail_next("/oauth/token", 503)
    with pytest.raises(TenantDownError):
        _ = session.access_token
    assert session.access_token, "and the next call renews"


def test_an_access_token_that_lives_shortly_is_not_renewed_at_each_call(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    session = kernel.log_in()
    _ends_in(session, 29, lifetime=30)
    tenant.requests.clear()
    assert len({session.access_token for _ in range(5)}) == 1
    assert tenant.requests["/oauth/token"] == 0
    _ends_in(session, 5, lifetime=30)
    assert len({session.access_token for _ in range(5)}) == 1
    assert tenant.requests["/oauth/token"] == 1


@pytest.mark.parametrize("error", ["invalid_grant", "mfa_required"])
def test_a_refused_refresh_token_ends_the_renewing_and_not_the_session(
    kernel: Kernel, tenant: LocalTenant, error: str
) -> None:
    session = kernel.log_in()
    before = session.access_token
    _ends_in(session, 40)
    tenant.fail_next("/oauth/token", 403, body=f'{{"error": "{error}"}}')
    assert session.access_token == before
    assert not session.renewable
    assert kernel.login.status == "authenticated"
    assert kernel.last("state")["card"]["renewable"] is False, "and the card says so early"
    _ends_in(session, -1)
    with pytest.raises(SessionExpiredError, match=error):
        _ = session.access_token
    assert kernel.login.status == "expired", "whoever notices first tells the card"
    assert kernel.log_in() is session, "the same person's next login revives it"
    assert session.access_token
    assert session.renewable


def test_a_card_and_a_cell_agree_about_the_end_after_a_sleep(kernel: Kernel) -> None:
    session = kernel.log_in()
    session._managed._refresh_tokens.current = None
    kernel.login._current._timer.stop()  # a timer stands still while the machine sleeps
    _ends_in(session, -1)
    with pytest.raises(SessionExpiredError):
        _ = session.access_token
    assert kernel.last("state")["status"] == "expired"


def _limit_session(tenant: LocalTenant, end: int) -> None:
    """As the tenant of a company whose identity provider ends sessions (IPSIE)."""

    def limited(answer: dict[str, Any]) -> dict[str, Any]:
        claims = jwt.decode(answer["id_token"], options={"verify_signature": False})
        return answer | {"id_token": tenant.sign(claims | {"session_expiry": end})}

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


def test_a_superfluous_refresh_token_is_not_revoked_before_the_logout(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    # Where Refresh Token Revocation Deletes Grant is on, the new one would go with the old one.
    session = kernel.log_in()
    assert kernel.log_in() is session
    assert tenant.requests["/oauth/revoke"] == 0
    session.renew()
    kernel.login.logout()
    assert tenant.requests["/oauth/revoke"] == 2


def test_a_login_that_comes_too_late_takes_no_refresh_token_of_the_same_person_along(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    late = tenant.sign_in(kernel.open("page-0000-0000-0001"))
    session = kernel.log_in()
    kernel.receive("authorization_response", "page-0000-0000-0001", response=late)
    assert kernel.login.session is session
    assert tenant.requests["/oauth/revoke"] == 0
    kernel.login.logout()
    assert tenant.requests["/oauth/revoke"] == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_renews_nothing_hangs_on_nothing_and_is_told_what_to_do() -> None:
    program = textwrap.dedent("""
        import os, sys, threading, time
        from auth0_widget import LoginWidget

        login = LoginWidget()
        session = login.wait(timeout=60)
        good = session.access_token
        # Another thread is in the middle of something, as a renewal: its locks stay locked.
        inside, over = threading.Event(), threading.Event()

        managed = session._managed

        def hold():
            with managed._state, managed._renewal, login._login._lock, login._login.jwks._lock:
                inside.set()
                over.wait(60)

        threading.Thread(target=hold).start()
        inside.wait(60)
        child = os.fork()
        if child == 0:
            print("good:", session.access_token == good)
            object.__setattr__(managed._tokens, "expires_at", time.time() - 1)
            try:
                session.access_token
            except Exception as error:
                print("old:", type(error).__name__)
            try:
                session.renew()
            except Exception as error:
                print("renew:", type(error).__name__)
            login.logout()
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

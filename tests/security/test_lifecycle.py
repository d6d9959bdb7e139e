"""Threats 18 to 21: refresh tokens, other people, and logouts that win."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import pytest
from kernel import ORIGIN, PAGE
from lifetimes import end_in

from auth0_widget.base import background
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import (
    IdTokenAudienceError,
    IdTokenIssuerError,
    IdTokenKeyError,
    IdTokenSubjectError,
    RenewalRefusedError,
    SessionEndedError,
    TenantDownError,
    TokenRequestError,
    UserinfoError,
)
from auth0_widget.pages import reconcile
from auth0_widget.session.factory import session_from_record
from auth0_widget.session.record import Tombstone

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.oauth.token_response import TokenResponse
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.session import Session

ADA = "ada@example.com"
OTHER_PAGE = "page-1111-1111-1111"


def test_threat_18_many_threads_one_refresh_for_each_kernel(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    sessions = [new_kernel().log_in() for _ in range(2)]
    tenant.requests.clear()
    for session in sessions:
        end_in(session, -1)
    tokens: list[str] = []
    barrier = threading.Barrier(40)

    def use(session: Session) -> None:
        barrier.wait()
        tokens.append(session.access_token)

    threads = [threading.Thread(target=use, args=(s,)) for s in sessions for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 40
    assert len(set(tokens)) == 2
    assert tenant.requests["/oauth/token"] == 2
    shown("one refresh for each kernel")


def test_threat_18_a_refresh_token_that_is_no_longer_good_ends_the_session_once(
    kernel: Kernel, tenant: LocalTenant, refused: Any
) -> None:
    session = kernel.log_in()
    tenant.requests.clear()
    body = '{"error": "invalid_grant", "error_description": "reuse detected"}'
    tenant.fail_next("/oauth/token", 403, body=body, times=9)
    end_in(session, -1)
    for _ in range(5):
        with refused(RenewalRefusedError):
            _ = session.access_token
    assert tenant.requests["/oauth/token"] == 1
    assert kernel.login.session is None
    assert kernel.login.status == "expired"


def test_threat_18_a_tenant_that_is_down_ends_nothing(
    kernel: Kernel, tenant: LocalTenant, refused: Any
) -> None:
    session = kernel.log_in()
    tenant.fail_next("/oauth/token", 503)
    with refused(TenantDownError):
        session.renew()
    old = session._managed._tokens
    session.renew()
    assert session._managed._tokens is not old


def test_threat_18_what_cannot_be_judged_now_costs_no_refresh_token(
    kernel: Kernel, tenant: LocalTenant, refused: Any
) -> None:
    session = kernel.log_in()
    tenant.rotate_keys()
    tenant.fail_next("/.well-known/jwks.json", 503)
    with refused(TenantDownError):
        session.renew()
    session.renew()
    assert session.renewable


@pytest.mark.usefixtures("stoppable")
def test_threat_18_stop_during_a_renewal_costs_no_refresh_token(
    kernel: Kernel, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch, shown: Any
) -> None:
    session = kernel.log_in()
    before = session._managed._refresh_tokens.current
    stopped, renewed = threading.Event(), threading.Event()

    def stop_meanwhile(response: dict[str, Any]) -> dict[str, Any]:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        assert stopped.wait(20)
        return response

    tenant.mutate_response = {"/oauth/token": stop_meanwhile}
    monkeypatch.setattr(
        background, "_start", lambda work, **_: threading.Thread(target=work).start()
    )
    session._managed.set_listener(lambda _: renewed.set())
    with pytest.raises(KeyboardInterrupt):
        session.renew()
    stopped.set()
    assert renewed.wait(20)
    assert session._managed._refresh_tokens.current != before
    tenant.mutate_response = {}
    session.renew()
    shown("the renewal goes on")


@pytest.mark.parametrize("too_late", ["the response", "the request"])
def test_threat_18_a_login_during_a_renewal_keeps_its_own_refresh_token(
    kernel: Kernel, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch, shown: Any, too_late: str
) -> None:
    session = kernel.log_in()
    refresh = session._managed._tenant.refresh_token_grant

    def log_in_meanwhile(refresh_token: Secret) -> TokenResponse:
        if too_late == "the response":
            response = refresh(refresh_token)
            kernel.log_in()
            return response
        kernel.log_in()  # which makes the refresh token of the login before superfluous
        return refresh(refresh_token)

    monkeypatch.setattr(session._managed._tenant, "refresh_token_grant", log_in_meanwhile)
    session.renew()
    monkeypatch.setattr(session._managed._tenant, "refresh_token_grant", refresh)
    assert kernel.login.session is session
    session.renew()
    # Each of the three that the tenant has given out is revoked once nobody needs one any more.
    assert tenant.requests["/oauth/revoke"] == 0
    kernel.login.logout()
    assert tenant.requests["/oauth/revoke"] == 3
    shown("the login's is kept")


def test_threat_18_a_renewal_is_told_once_however_many_have_asked_for_it(
    kernel: Kernel, shown: Any
) -> None:
    session = kernel.log_in()
    seen = session._managed._tokens
    told: list[ManagedSession] = []
    session._managed.set_listener(told.append)
    for _ in range(3):
        session._managed.renew_unless_changed(seen, retry=False)
    assert told == [session._managed]
    shown("once")


def test_threat_18_what_cannot_be_judged_brings_no_older_tokens_back(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    session = kernel.log_in()
    newer = dataclasses.replace(
        session._managed._tokens, saved_at=session._managed._tokens.saved_at + 1
    )

    def another_kernel_meanwhile(*_: Any, **__: Any) -> None:
        session._managed._tokens = newer
        raise TenantDownError

    monkeypatch.setattr(
        "auth0_widget.session.refresh_tokens.verify_id_token", another_kernel_meanwhile
    )
    with refused(TenantDownError):
        session.renew()
    assert session._managed._tokens is newer


def test_threat_18_each_refresh_token_is_used_once(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    session = kernel.log_in()
    used = set()
    for _ in range(3):
        assert session._managed._refresh_tokens.current is not None
        used.add(session._managed._refresh_tokens.current.reveal())
        session.renew()
    assert len(used) == 3
    assert tenant.requests["/oauth/token"] == 4
    shown("rotated each time")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"sub": "auth0|eve"}, IdTokenSubjectError),
        ({"sub": ""}, IdTokenSubjectError),
        ({"aud": "another"}, IdTokenAudienceError),
        ({"iss": "https://evil.example/"}, IdTokenIssuerError),
    ],
)
def test_threat_19_a_refresh_that_returns_tokens_of_somebody_else(
    kernel: Kernel, tenant: LocalTenant, refused: Any, changed: dict[str, Any], error: Any
) -> None:
    session = kernel.log_in()
    before, record = session._managed._tokens, kernel.stored()
    tenant.mutate_id_token = lambda claims: claims | changed
    with refused(error):
        session.renew()
    assert session._managed._tokens is before
    assert session.user.email == ADA
    assert kernel.stored() == record
    assert kernel.login.session is session


@pytest.mark.parametrize(
    "profile",
    [
        {"sub": "auth0|eve", "email": "eve@example.com"},
        {"sub": "auth0|eve", "email": ADA},
        {"sub": "", "email": ADA},
    ],
    ids=str,
)
def test_threat_19_another_person_s_profile(
    kernel: Kernel, tenant: LocalTenant, shown: Any, profile: dict[str, Any]
) -> None:
    tenant.mutate_response = {"/userinfo": lambda _: profile}
    response = tenant.sign_in(kernel.open())
    kernel.receive("authorization_response", response=response)
    assert kernel.login.session is None
    assert type(kernel.login.problem) is UserinfoError
    assert kernel.last("store") is None
    shown(f"`{UserinfoError.code}`")


@pytest.mark.parametrize("sub", [{}, {"sub": None}, {"sub": ["auth0|ada"]}], ids=str)
def test_threat_19_a_profile_that_names_nobody_is_nobody_s(
    kernel: Kernel, tenant: LocalTenant, shown: Any, sub: dict[str, Any]
) -> None:
    tenant.mutate_response = {"/userinfo": lambda _: {"email": "eve@example.com", **sub}}
    session = kernel.log_in(ADA)
    assert session.user.email == session.profile["email"] == ADA
    assert "eve" not in kernel.stored()
    shown("the ID token's is used")


def test_threat_20_the_old_session_speaks_for_nobody(
    kernel: Kernel, tenant: LocalTenant, refused: Any
) -> None:
    ada = kernel.log_in(ADA)
    auth = ada.auth
    grace = kernel.log_in("grace@example.com")
    assert grace is not ada
    tenant.requests.clear()
    for use in (
        lambda: ada.access_token,
        lambda: ada.id_token,
        lambda: ada.user,
        lambda: ada.profile,
        lambda: ada.claims,
        ada.renew,
        ada._managed.to_record,
        lambda: next(auth.sync_auth_flow(_request(tenant.url))),
    ):
        with refused(SessionEndedError) as refusal:
            use()
        assert "somebody else" in refusal.value.message
    assert tenant.requests.total == 0
    assert grace.user.email == "grace@example.com"


def _request(url: str) -> Any:
    import httpx  # noqa: PLC0415 - the type of one line

    return httpx.Request("GET", url)


def test_threat_20_nothing_of_a_is_left(kernel: Kernel, shown: Any) -> None:
    ada = kernel.log_in(ADA)
    secrets = [ada.access_token, ada.id_token, ADA, "Ada Lovelace", ada.user.sub]
    kernel.log_in("grace@example.com")
    kernel.sent.clear()
    kernel.login._changed()
    kernel.receive("stored_record", record=None)
    left = repr(kernel.sent) + repr(_everything(ada)) + repr(vars(kernel.login))
    assert not [secret for secret in secrets if secret in left]
    shown("nothing left")


def _everything(session: Session) -> list[object]:
    tokens = session._managed._tokens
    return [
        tokens.access_token.reveal(),
        tokens.id_token.reveal(),
        dict(tokens.claims),
        dict(session._managed._profile),
        session._managed._user.sub,
        session._managed._user.email,
        session._managed._refresh_tokens.current,
    ]


@pytest.mark.parametrize("winner", ["grace@example.com", ADA])
def test_threat_20_a_late_response_to_an_earlier_attempt_is_dropped(
    kernel: Kernel, tenant: LocalTenant, shown: Any, winner: str
) -> None:
    late = tenant.sign_in(kernel.open(), "alan@example.com")
    session = kernel.log_in(winner, "page-2222-2222-2222")
    kernel.receive("authorization_response", response=late)
    assert kernel.login.session is session
    assert session.user.email == winner
    assert "alan@example.com" not in repr(kernel.sent)
    shown("dropped")


@pytest.mark.parametrize("afterwards", ["a logout", "another person", "the same person"])
def test_threat_20_a_session_whose_time_was_over(
    new_kernel: Callable[..., Kernel], refused: Any, shown: Any, afterwards: str
) -> None:
    kernel = new_kernel(scope="openid profile email")  # nothing renews it
    session = kernel.log_in(ADA)
    end_in(session, -1)
    assert kernel.login.session is None
    if afterwards == "the same person":
        assert kernel.log_in(ADA) is session, "objects that notebooks hold go on working"
        assert session.access_token
        shown("goes on with the new tokens")
        return
    if afterwards == "a logout":
        kernel.login.logout()
    else:
        kernel.log_in("grace@example.com")
    for use in (lambda: session.user, lambda: session.id_token, lambda: session.profile):
        with refused(SessionEndedError):
            use()


@pytest.mark.parametrize("failure", ["the profile", "the ID token"])
def test_threat_21_the_refresh_token_of_a_login_that_was_refused(
    kernel: Kernel, tenant: LocalTenant, shown: Any, failure: str
) -> None:
    if failure == "the profile":
        tenant.mutate_response = {"/userinfo": lambda profile: profile | {"sub": "auth0|other"}}
    else:
        tenant.mutate_id_token = lambda claims: claims | {"aud": "another"}
    kernel.receive("authorization_response", response=tenant.sign_in(kernel.open()))
    assert kernel.login.status == "error"
    assert tenant.requests["/oauth/revoke"] == 1
    shown("revoked")


def test_threat_21_a_program_that_logs_out_and_ends(tenant: LocalTenant, shown: Any) -> None:
    program = textwrap.dedent("""
        import threading
        from kernel import Kernel
        from auth0_widget.config import Settings

        kernel = Kernel(None, Settings.resolve(), "memory")
        print(kernel.open(), flush=True)
        kernel.receive("authorization_response", response=eval(input()))
        changed = threading.Event()
        kernel.login.listen(changed.set)
        while kernel.login.session is None:
            changed.wait(60)
            changed.clear()
        kernel.login.logout()
        """)
    environment = {
        **os.environ,
        "AUTH0_DOMAIN": tenant.url,
        "AUTH0_CLIENT_ID": tenant.client_id,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        response = tenant.sign_in(process.stdout.readline().strip())
        process.communicate(f"{response!r}\n", timeout=60)
    assert process.returncode == 0
    assert tenant.requests["/oauth/revoke"] == 1
    shown("revoked before it ends")


def test_threat_21_a_logout_beside_a_record_that_could_not_be_judged(
    kernel: Kernel, new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    second = new_kernel()
    second.login.logout()
    kernel.log_in()
    tenant.fail_next("/userinfo", 503)
    second.find(kernel.tamper(kernel.stored(), seal=None))
    assert second.problem == "tenant_down"
    second.login._changed()
    assert second.last("store") is None, "nobody has logged out since"
    second.login.logout()
    assert "ended_at" in second.stored()
    shown("tombstone sent")


def test_threat_21_a_tombstone_of_an_earlier_login_does_not_stay(
    kernel: Kernel, shown: Any
) -> None:
    kernel.log_in()
    record = kernel.stored()
    kernel.sent.clear()
    kernel.receive("stored_record", record=kernel.login.record_format.dump(Tombstone(1)))
    assert kernel.stored() == record
    shown("the record is stored again")


def test_threat_21_a_refresh_that_comes_back_after_the_logout(
    kernel: Kernel, tenant: LocalTenant, refused: Any
) -> None:
    session = kernel.log_in()

    def log_out_meanwhile(response: dict[str, Any]) -> dict[str, Any]:
        kernel.login.logout()
        return response

    tenant.mutate_response = {"/oauth/token": log_out_meanwhile}
    with refused(SessionEndedError):
        session.renew()
    assert kernel.login.session is None
    assert kernel.login.status == "logged_out"
    assert _everything(session)[0] == ""


@pytest.mark.parametrize("path", ["/oauth/token", "/userinfo"])
def test_threat_21_a_login_that_comes_back_after_the_logout(
    kernel: Kernel, tenant: LocalTenant, shown: Any, path: str
) -> None:
    response = tenant.sign_in(kernel.open())

    def log_out_meanwhile(body: dict[str, Any]) -> dict[str, Any]:
        kernel.login.logout()
        return body

    tenant.mutate_response = {path: log_out_meanwhile}
    kernel.receive("authorization_response", response=response)
    assert kernel.login.session is None
    assert kernel.login.status == "logged_out"
    assert kernel.last("state")["card"] is None
    shown("dropped")


def test_threat_21_a_record_that_is_verified_after_the_logout(
    new_kernel: Callable[..., Kernel], kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    earlier = new_kernel()
    earlier.log_in()
    record = earlier.tamper(earlier.stored(), seal=None)

    def log_out_meanwhile(body: dict[str, Any]) -> dict[str, Any]:
        kernel.login.logout()
        return body

    tenant.mutate_response = {"/userinfo": log_out_meanwhile}
    kernel.find(record)
    assert kernel.login.session is None
    assert kernel.login.status == "logged_out"
    assert "ended_at" in kernel.last("store")["record"]
    shown("tombstone sent")


@pytest.mark.parametrize(
    "changed", [{}, {"seal": None}, {"seal": None, "logged_in_at": (1 << 40) - 1}], ids=str
)
def test_threat_21_a_record_from_before_the_logout(
    kernel: Kernel, shown: Any, changed: dict[str, Any]
) -> None:
    kernel.log_in()
    record = kernel.tamper(kernel.stored(), **changed)
    kernel.login.logout()
    kernel.find(record)
    assert kernel.login.session is None
    assert "ended_at" in kernel.last("store")["record"]
    shown("tombstone sent")


def test_threat_21_a_logout_in_one_kernel_ends_the_others(
    new_kernel: Callable[..., Kernel], refused: Any
) -> None:
    first, second = new_kernel(), new_kernel()
    first.log_in()
    second.find(first.stored())
    session = second.login.session
    assert session is not None
    first.receive("log_out")
    second.receive("stored_record", record=first.stored())
    assert second.login.status == "logged_out"
    with refused(SessionEndedError):
        _ = session.access_token


def test_threat_21_a_logout_elsewhere_beats_a_login_in_flight(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    first, second = new_kernel(), new_kernel()
    first.log_in()
    response = tenant.sign_in(second.open())
    first.receive("log_out")
    second.receive("stored_record", record=first.stored())
    second.receive("authorization_response", response=response)
    assert (second.login.status, second.login.session) == ("logged_out", None)
    # The page tells it again, when there is a login that began after it.
    response = tenant.sign_in(second.open())
    second.receive("stored_record", record=first.stored())
    second.receive("authorization_response", response=response)
    assert second.login.status == "authenticated"
    shown("dropped; a later login is not")


@pytest.mark.parametrize("changed", [{}, {"seal": None}], ids=["sealed", "unsealed"])
def test_threat_20_a_record_that_is_verified_while_somebody_else_logs_in(
    new_kernel: Callable[..., Kernel], kernel: Kernel, shown: Any,
    monkeypatch: pytest.MonkeyPatch, changed: Any,
) -> None:  # fmt: skip
    earlier = new_kernel()
    earlier.log_in(ADA)
    record = earlier.tamper(earlier.stored(), **changed)

    def somebody_else_meanwhile(*arguments: Any) -> ManagedSession:
        restored = session_from_record(*arguments)
        kernel.log_in("grace@example.com", OTHER_PAGE)
        return restored

    kernel.receive("hello", origin=ORIGIN)
    monkeypatch.setattr(reconcile, "session_from_record", somebody_else_meanwhile)
    kernel.receive("stored_record", record=record)
    session = kernel.login.session
    assert session is not None
    assert session.user.email == "grace@example.com"
    assert kernel.last("store") is None, "no tombstone, which would log her out elsewhere"
    shown("she stays")


def test_threat_28_a_record_that_was_replaced_while_it_was_verified_is_not_removed(
    kernel: Kernel, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.log_in()
    record = kernel.stored()
    kernel.login.logout()

    def log_in_meanwhile(*_arguments: Any) -> Session:
        kernel.log_in()
        raise IdTokenKeyError

    kernel.login._ended_at = None
    monkeypatch.setattr(reconcile, "session_from_record", log_in_meanwhile)
    kernel.receive("stored_record", record=record)
    assert kernel.stored() != ""
    shown("it stays")


def test_threat_21_the_refresh_token_is_revoked(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    session = kernel.log_in()
    refresh_token = session._managed._refresh_tokens.current
    kernel.receive("log_out")
    assert tenant.requests["/oauth/revoke"] == 1
    assert refresh_token is not None
    assert kernel.last("store", PAGE)["record"].count("ended_at") == 1
    shown("revoked")


def test_threat_21_the_refresh_token_of_a_login_that_comes_too_late_is_revoked(
    kernel: Kernel, tenant: LocalTenant, refused: Any
) -> None:
    given: list[str] = []

    def log_out_meanwhile(response: dict[str, Any]) -> dict[str, Any]:
        given.append(response["refresh_token"])
        kernel.login.logout()
        return response

    response = tenant.sign_in(kernel.open())
    tenant.mutate_response = {"/oauth/token": log_out_meanwhile}
    kernel.receive("authorization_response", response=response)
    tenant.mutate_response = {}
    assert tenant.requests["/oauth/revoke"] == 1
    (refresh_token,) = given
    with refused(TokenRequestError):
        kernel.login.tenant.refresh_token_grant(Secret(refresh_token))

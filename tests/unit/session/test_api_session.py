"""Access tokens for several APIs in one session, by one refresh token."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest
from lifetimes import end_in

from auth0_widget.errors import (
    AudienceNotGrantedError,
    ForkedProcessError,
    InvalidSettingError,
    MfaRequiredError,
    RenewalRefusedError,
    ScopeNotGrantedError,
    SessionEndedError,
    TenantDownError,
    UntrustedUrlError,
)
from auth0_widget.local_tenant import Api, NotesApi

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session

NOTES = "https://notes.example.com/"
ARCHIVE = "https://archive.example.com/"


@pytest.fixture
def tenant(tenant: LocalTenant) -> LocalTenant:
    scopes = {"read:notes": "Read old notes", "write:notes": "Burn old notes"}
    tenant.apis.append(Api(ARCHIVE, "Archive", scopes, mfa_scopes=["write:notes"]))
    tenant.application.refresh_token_policies = {ARCHIVE: ["read:notes", "write:notes"]}
    return tenant


@pytest.fixture
def session(tenant: LocalTenant, new_kernel: Callable[..., Kernel]) -> Session:
    assert tenant.apis
    scope = "openid profile email offline_access read:notes"
    session: Session = new_kernel(audience=NOTES, scope=scope).log_in()
    tenant.requests.clear()
    return session


def audience_of(session: Session) -> Any:
    return jwt.decode(session.access_token, options={"verify_signature": False})["aud"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_is_told_that_it_is_one(session: Session) -> None:
    child = os.fork()
    if child == 0:
        try:
            session.for_audience(ARCHIVE)
        except ForkedProcessError:
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def test_another_api_has_a_token_and_hosts_of_its_own(
    session: Session, tenant: LocalTenant
) -> None:
    archive = session.for_audience(ARCHIVE, "read:notes")
    assert audience_of(archive) == ARCHIVE
    assert (archive.scope, archive.user.email) == ("read:notes", session.user.email)
    with NotesApi(tenant.url, audience=ARCHIVE) as api, httpx.Client(trust_env=False) as client:
        assert client.get(f"{api.url}/notes", auth=archive.auth_for(api.url)).status_code == 200
        assert client.get(f"{api.url}/notes", auth=session.auth_for(api.url)).status_code == 401
    for auth, other in ((archive.auth, NOTES), (session.auth, ARCHIVE)):
        with pytest.raises(UntrustedUrlError):
            httpx.get(other, auth=auth)


def test_it_is_asked_for_once(session: Session, tenant: LocalTenant) -> None:
    first = session.for_audience(ARCHIVE)
    assert session.for_audience(ARCHIVE) is first
    assert tenant.requests["/oauth/token"] == 1
    assert session.for_audience(ARCHIVE, "read:notes") is not first


def test_the_scopes_of_the_login_are_not_missed_at_another_api(
    session: Session, tenant: LocalTenant
) -> None:
    granted = "write:notes"
    tenant.mutate_response = {"/oauth/token": lambda response: response | {"scope": granted}}
    archive = session.for_audience(ARCHIVE)
    assert (archive.scope, archive.missing_scope) == (granted, "")
    granted = "read:notes"
    archive.renew()
    assert (archive.scope, archive.missing_scope) == ("read:notes", "write:notes")


def test_both_renew_by_one_refresh_token(session: Session, tenant: LocalTenant) -> None:
    archive = session.for_audience(ARCHIVE, "read:notes")
    for turn in (session, archive, archive, session):
        end_in(turn, -1)
        assert turn.access_token
    assert audience_of(session) != audience_of(archive) == ARCHIVE
    assert tenant.requests["/oauth/token"] == 5


def test_many_threads_at_both_ends_renew_each_once_and_never_at_the_same_time(
    session: Session, tenant: LocalTenant
) -> None:
    archive = session.for_audience(ARCHIVE, "read:notes")
    end_in(session, -1)
    end_in(archive, -1)
    tenant.requests.clear()
    got: list[str] = []
    threads = [
        threading.Thread(target=lambda one=one: got.append(one.access_token))
        for one in [session, archive] * 10
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(got) == {session.access_token, archive.access_token}
    assert tenant.requests["/oauth/token"] == 2, "or rotation would have ended the session"


@pytest.mark.parametrize("why", ["unknown", "no policy", "third party", "needs consent"])
def test_an_audience_that_the_tenant_ignores_is_told_and_the_session_is_as_it_was(
    session: Session, tenant: LocalTenant, why: str
) -> None:
    audience = ARCHIVE
    if why == "unknown":
        audience = "https://nobody.example.com/"
    elif why == "no policy":
        tenant.application.refresh_token_policies = {}
    elif why == "third party":
        tenant.application.first_party = False
    else:
        tenant.apis[-1] = Api(ARCHIVE, "Archive", skip_consent=False)
    before = session.access_token
    for _ in range(2):
        with pytest.raises(AudienceNotGrantedError, match=audience):
            session.for_audience(audience)
    assert session.access_token == before
    session.renew()
    assert NOTES in audience_of(session)


def test_a_scope_that_is_not_granted_is_named_and_the_session_is_as_it_was(
    session: Session,
) -> None:
    with pytest.raises(ScopeNotGrantedError, match="delete:notes") as refusal:
        session.for_audience(ARCHIVE, "read:notes delete:notes")
    assert refusal.value.missing == "delete:notes"
    session.renew()
    assert session.for_audience(ARCHIVE, "read:notes").access_token


def test_a_scope_that_needs_a_second_factor_is_told(session: Session) -> None:
    with pytest.raises(MfaRequiredError, match="request"):
        session.for_audience(ARCHIVE, "write:notes")
    session.renew()


def test_what_the_tenant_refuses_for_one_api_is_no_end_of_the_session(
    session: Session, tenant: LocalTenant
) -> None:
    tenant.fail("token", "access_denied", grant="refresh_token")
    with pytest.raises(Exception, match="access_denied"):
        session.for_audience(ARCHIVE)
    assert session.renewable
    session.renew()


def test_a_refresh_token_that_is_refused_ends_both(session: Session, tenant: LocalTenant) -> None:
    archive = session.for_audience(ARCHIVE)
    end_in(archive, -1)
    tenant.fail("token", "user_blocked", times=None)
    with pytest.raises(RenewalRefusedError):
        _ = archive.access_token
    assert not session.renewable
    assert session.access_token, "until it is over"


def test_passing_trouble_is_told_as_such(
    session: Session, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auth0_widget.session.renewal.MAX_REQUESTS", 1)
    tenant.fail("token", "unavailable")
    with pytest.raises(TenantDownError):
        session.for_audience(ARCHIVE)
    assert audience_of(session.for_audience(ARCHIVE))[0] == ARCHIVE


def test_its_callers_wait_for_another_login_as_those_of_the_login_s_own_api_do(
    session: Session,
) -> None:
    archive = session.for_audience(ARCHIVE)
    session.on_expiry = "wait"
    session.wait_at_most = 60
    assert (archive.on_expiry, archive.wait_at_most) == ("wait", 60)


def test_without_a_refresh_token_there_is_nothing_to_ask_with(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    session = new_kernel(scope="openid").log_in()
    tenant.requests.clear()
    with pytest.raises(AudienceNotGrantedError, match="refresh token"):
        session.for_audience(ARCHIVE)
    assert tenant.requests["/oauth/token"] == 0


@pytest.mark.parametrize(("audience", "scope"), [("has space", None), (ARCHIVE, "a,b"), ("", "")])
def test_what_is_malformed_is_not_asked_for(
    session: Session, tenant: LocalTenant, audience: str, scope: str | None
) -> None:
    with pytest.raises(InvalidSettingError):
        session.for_audience(audience, scope)
    assert tenant.requests["/oauth/token"] == 0


def test_a_logout_ends_them_all(session: Session) -> None:
    archive = session.for_audience(ARCHIVE)
    session._managed.end()
    assert not archive.active
    for use in (lambda: archive.access_token, lambda: archive.user, lambda: archive.scope):
        with pytest.raises(SessionEndedError):
            use()
    with pytest.raises(SessionEndedError):
        session.for_audience(ARCHIVE)


def test_a_logout_revokes_the_one_refresh_token_of_all(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    kernel = new_kernel(scope="openid offline_access")
    kernel.log_in().for_audience(ARCHIVE)
    kernel.login.logout()
    assert tenant.requests["/oauth/revoke"] == 1


def test_workers_get_tokens_for_it(session: Session) -> None:
    source = session.for_audience(ARCHIVE, "read:notes").token_source()
    assert jwt.decode(source.access_token, options={"verify_signature": False})["aud"] == ARCHIVE
    with pytest.raises(UntrustedUrlError):
        source.auth._check(NOTES)

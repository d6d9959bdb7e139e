"""A cell asks for more (`notebook.requesting`): by the refresh token, else by a click."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
from kernel import PAGE
from requested_logins import request, session_of
from silent_logins import LAB, log_in

from auth0_widget.errors import (
    AnotherPersonError,
    AuthenticationNotMetError,
    InvalidSettingError,
    LoginDeniedError,
    ScopeNotGrantedError,
    SessionEndedError,
    UntrustedUrlError,
)
from auth0_widget.local_tenant import Api, NotesApi
from auth0_widget.local_tenant.person import Person
from auth0_widget.local_tenant.step_up import MULTI_FACTOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

NOTES = "https://notes.example.com/"
ARCHIVE = "https://archive.example.com/"
SCOPE = "openid profile email offline_access read:notes"


@pytest.fixture
def kernel(new_kernel: Callable[..., Kernel], tenant: LocalTenant) -> Kernel:
    tenant.apis.append(Api(ARCHIVE, "Archive", {"read:notes": "Read", "write:notes": "Burn"}))
    kernel: Kernel = new_kernel(audience=NOTES, scope=SCOPE)
    kernel.log_in()
    return kernel


def asked_for(kernel: Kernel, name: str) -> list[str]:
    url: str = kernel.last("ready")["authorize_url"]
    return parse_qs(urlsplit(url).query).get(name, [""])[0].split()


def test_what_the_session_has_is_not_asked_for(kernel: Kernel, tenant: LocalTenant) -> None:
    tenant.requests.clear()
    session, said = request(kernel, scope="read:notes")
    assert session is session_of(kernel)
    assert (said, len(tenant.requests.log)) == ([], 0)


def test_more_scopes_are_asked_for_by_a_click_and_the_session_lives_on(kernel: Kernel) -> None:
    before = session_of(kernel)
    session, said = request(kernel, scope="write:notes")
    assert session is before
    assert {"read:notes", "write:notes", "offline_access"} <= set(session.scope.split())
    assert "write:notes" in said[0]
    session.renew()
    assert "write:notes" in session.scope
    assert "write:notes" not in asked_for(kernel, "scope"), "the next usual login is as usual"
    assert kernel.last("state")["waiting"] is False


def test_a_scope_that_was_requested_later_is_missed_too_once_a_renewal_does_not_bring_it(
    kernel: Kernel, new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    session, _ = request(kernel, scope="write:notes")
    another = new_kernel(audience=NOTES, scope=SCOPE)
    another.find(kernel.stored())
    assert session_of(another).missing_scope == session.missing_scope == ""
    tenant.mutate_response = {"/oauth/token": lambda response: response | {"scope": SCOPE}}
    session.renew()
    another.find(kernel.stored())
    assert session_of(another).access_token == session.access_token
    assert session_of(another).missing_scope == session.missing_scope == "write:notes"


def test_a_second_factor_and_a_fresh_login_let_the_api_in(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    request(kernel, scope="write:notes")
    session, said = request(kernel, acr_values=MULTI_FACTOR, max_age=300)
    assert "second factor" in said[0]
    assert "300" in said[0]
    assert session.claims["acr"] == MULTI_FACTOR
    assert time.time() - session.claims["auth_time"] < 300
    with NotesApi(tenant.url) as api, httpx.Client(trust_env=False) as client:
        response = client.delete(f"{api.url}/notes", auth=session.auth_for(api.url))
    assert response.status_code == 200


def test_another_api_is_asked_for_by_the_refresh_token_where_that_will_do(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    tenant.application.refresh_token_policies = {ARCHIVE: ["read:notes"]}
    tenant.requests.clear()
    archive, said = request(kernel, audience=ARCHIVE, scope="read:notes")
    assert said == []
    assert tenant.requests["/oauth/token"] == 1
    assert request(kernel, audience=ARCHIVE, scope="read:notes")[0] is archive
    assert tenant.requests["/oauth/token"] == 1


def test_else_by_a_silent_login_and_then_nothing_is_printed(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    tenant.apis.append(Api(ARCHIVE, "Archive", {"read:notes": "Read"}))
    tenant.allow_origin(LAB)
    kernel = new_kernel(audience=NOTES, scope=SCOPE)
    with Person(tenant.url, "ada@example.com", tenant.password) as ada:
        session = log_in(kernel, ada)
        # She has consented before, so that the tenant has nothing to ask.
        scope = "openid profile email offline_access read:notes"
        consented = {"client_id": tenant.client_id, "audience": ARCHIVE, "scope": scope}
        query = urlencode({**consented, "response_type": "code", "redirect_uri": LAB})
        challenge = "&code_challenge=" + "x" * 43 + "&code_challenge_method=S256"
        assert "code" in ada.authorize(f"{tenant.url}/authorize?{query}{challenge}")

        def page(message: Any) -> None:
            if message["type"] == "silent":
                kernel.receive("authorization_response", response=ada.authorize(message["url"]))

        kernel.on_sent = page
        archive, printed = request(kernel, audience=ARCHIVE, scope="read:notes")
    assert printed == []
    assert (
        jwt.decode(archive.access_token, options={"verify_signature": False})["aud"][0] == ARCHIVE
    )
    assert session_of(kernel) is session


def test_a_kind_of_login_is_asked_of_the_person_and_not_silently(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    tenant.allow_origin(LAB)
    kernel = new_kernel(audience=NOTES, scope=SCOPE)
    with Person(tenant.url, "ada@example.com", tenant.password) as ada:
        log_in(kernel, ada)
    _, printed = request(kernel, max_age=600)
    assert "click Log in" in printed[0]
    assert kernel.last("silent") is None


def test_else_by_a_click_and_each_renews_by_itself(kernel: Kernel, tenant: LocalTenant) -> None:
    session = session_of(kernel)
    archive, said = request(kernel, audience=ARCHIVE, scope="write:notes")
    assert ARCHIVE in said[0]
    assert session_of(kernel) is session
    assert archive is not session
    assert archive.user.email == session.user.email
    assert session.scope == SCOPE
    for one, audience in ((session, NOTES), (archive, ARCHIVE), (session, NOTES)):
        one.renew()
        claims = jwt.decode(one.access_token, options={"verify_signature": False})
        assert claims["aud"][0] == audience
    with pytest.raises(UntrustedUrlError):
        httpx.get(NOTES, auth=archive.auth)
    tenant.requests.clear()
    assert request(kernel, audience=ARCHIVE, scope="write:notes") == (archive, [])
    assert len(tenant.requests.log) == 0


def test_a_session_that_shares_the_refresh_token_of_the_login_gets_no_other_one(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    tenant.application.refresh_token_policies = {ARCHIVE: ["write:notes"]}
    session, scope = session_of(kernel), "openid profile email offline_access write:notes"
    shared = session.for_audience(ARCHIVE, scope)
    own, _ = request(kernel, audience=ARCHIVE, scope="write:notes", max_age=600)
    assert own is not shared
    session.renew()
    assert jwt.decode(session.access_token, options={"verify_signature": False})["aud"][0] == NOTES


def test_a_logout_ends_and_revokes_both(kernel: Kernel, tenant: LocalTenant) -> None:
    archive, _ = request(kernel, audience=ARCHIVE)
    kernel.login.logout()
    assert tenant.requests["/oauth/revoke"] == 2
    with pytest.raises(SessionEndedError):
        _ = archive.access_token


def test_the_browser_never_stores_another_api_s_token(kernel: Kernel) -> None:
    stored = kernel.stored()
    archive, _ = request(kernel, audience=ARCHIVE)
    assert kernel.stored() == stored
    assert not [one for one in kernel.sent if archive.access_token in str(one)]


@pytest.mark.parametrize("asked", [{"audience": ARCHIVE}, {"scope": "write:notes"}])
def test_somebody_else_s_login_is_not_taken_for_it(
    kernel: Kernel, tenant: LocalTenant, asked: dict[str, Any]
) -> None:
    session = session_of(kernel)
    with pytest.raises(AnotherPersonError):
        request(kernel, email="grace@example.com", **asked)
    if "audience" in asked:
        assert session.access_token, "which goes on"
        assert tenant.requests["/oauth/revoke"] == 1, "and nothing of the other one is kept"
    else:
        assert session_of(kernel).user.email == "grace@example.com", "it was a login of the card"
        with pytest.raises(SessionEndedError):
            _ = session.access_token


def test_a_scope_that_does_not_exist_is_named(kernel: Kernel) -> None:
    with pytest.raises(ScopeNotGrantedError, match="delete:notes"):
        request(kernel, scope="delete:notes")
    assert session_of(kernel).access_token


def test_an_audience_that_does_not_exist_is_named(kernel: Kernel) -> None:
    session = session_of(kernel)
    with pytest.raises(LoginDeniedError, match="audience"):
        request(kernel, audience="https://nobody.example.com/")
    session.renew()


def test_acr_values_that_the_tenant_ignores_are_told(kernel: Kernel) -> None:
    with pytest.raises(AuthenticationNotMetError):
        request(kernel, acr_values="urn:example:gold")
    assert session_of(kernel).access_token


def test_who_declines_has_the_session_as_it_was(kernel: Kernel) -> None:
    before = session_of(kernel).access_token
    with pytest.raises(LoginDeniedError):
        request(kernel, audience=ARCHIVE, accept=False)
    assert session_of(kernel).access_token == before


@pytest.mark.parametrize(
    "asked",
    [{"scope": "a,b"}, {"audience": "a b"}, {"acr_values": ""}, {"max_age": -1}, {"max_age": "5"}],
)
def test_what_is_malformed_is_refused_at_once(kernel: Kernel, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettingError):
        request(kernel, **asked)
    assert kernel.last("state")["waiting"] is False


def test_each_url_asks_for_one_thing_and_has_a_state_of_its_own(kernel: Kernel) -> None:
    url: str = kernel.last("ready")["authorize_url"]
    stale: list[str] = []

    def look(message: Any) -> None:
        if message["type"] == "ready" and message["to"] == PAGE:
            stale.append(message["authorize_url"])

    kernel.on_sent = look
    request(kernel, acr_values=MULTI_FACTOR)
    states = {parse_qs(urlsplit(one).query)["state"][0] for one in [url, *stale]}
    assert len(states) >= 3

"""Refresh tokens: rotation, reuse detection, lifetimes, revocation."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from auth0_widget.local_tenant import Api, Application, Lifetimes, LocalTenant
from auth0_widget.local_tenant.person import Person

from .notebook import API, ORIGIN, Notebook, error_of

if TYPE_CHECKING:
    from .notebook import Clock

SCOPE = "openid profile offline_access"
REFUSED = (403, "invalid_grant", "Unknown or invalid refresh token.")


def test_offline_access_gives_a_refresh_token(notebook: Notebook) -> None:
    tokens = notebook.log_in(scope=SCOPE)
    assert tokens["refresh_token"]
    assert tokens["scope"] == SCOPE


def test_a_refresh_renews_everything_and_leaves_the_nonce_out(
    notebook: Notebook, clock: Clock
) -> None:
    old = notebook.log_in(scope=SCOPE)
    clock.now += 100
    response = notebook.refresh(old["refresh_token"])
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    new = response.json()
    assert new["refresh_token"] != old["refresh_token"]
    assert new["access_token"] != old["access_token"]
    before, after = notebook.claims(old["id_token"]), notebook.claims(new["id_token"])
    assert after["iat"] == before["iat"] + 100
    assert "nonce" not in after
    assert (after["sub"], after["sid"]) == (before["sub"], before["sid"])


def test_reuse_of_a_rotated_token_revokes_the_family_but_no_access_token(
    notebook: Notebook,
) -> None:
    first = notebook.log_in(scope=SCOPE)["refresh_token"]
    second = notebook.refresh(first).json()
    assert error_of(notebook.refresh(first)) == REFUSED
    assert error_of(notebook.refresh(second["refresh_token"])) == REFUSED
    assert notebook.userinfo(second["access_token"]).status_code == 200


def test_another_login_is_another_family(notebook: Notebook) -> None:
    first = notebook.log_in(scope=SCOPE)["refresh_token"]
    other = notebook.log_in(scope=SCOPE)["refresh_token"]
    notebook.refresh(first)
    assert error_of(notebook.refresh(first)) == REFUSED
    assert notebook.refresh(other).status_code == 200


def test_of_many_simultaneous_refreshes_at_most_one_succeeds(notebook: Notebook) -> None:
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    responses: list[int] = []
    threads = [
        threading.Thread(target=lambda: responses.append(notebook.refresh(token).status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert responses.count(200) == 1
    assert responses.count(403) == 7


def test_without_rotation_the_old_token_stays_good(tenant: LocalTenant, notebook: Notebook) -> None:
    tenant.application.rotate_refresh_tokens = False
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    assert "refresh_token" not in notebook.refresh(token).json()
    assert notebook.refresh(token).status_code == 200


def test_a_token_nobody_uses_ends_after_fifteen_days(notebook: Notebook, clock: Clock) -> None:
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    clock.now += 1_295_999
    token = notebook.refresh(token).json()["refresh_token"]
    clock.now += 1_296_000
    assert error_of(notebook.refresh(token)) == REFUSED


def test_a_family_ends_after_thirty_days(notebook: Notebook, clock: Clock) -> None:
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    for _ in range(2):
        clock.now += 1_000_000
        token = notebook.refresh(token).json()["refresh_token"]
    clock.now += 591_999
    token = notebook.refresh(token).json()["refresh_token"]
    clock.now += 1
    assert error_of(notebook.refresh(token)) == REFUSED


def test_fewer_scopes_may_be_asked_but_not_more(notebook: Notebook) -> None:
    token = notebook.log_in(scope=SCOPE, audience=API)["refresh_token"]
    tokens = notebook.refresh(token, scope="openid").json()
    assert tokens["scope"] == "openid"
    assert tokens["refresh_token"]
    response = notebook.refresh(tokens["refresh_token"], scope="openid read:notes")
    assert error_of(response)[:2] == (400, "invalid_scope")


def test_a_refresh_keeps_the_audience(notebook: Notebook) -> None:
    token = notebook.log_in(scope=f"{SCOPE} read:notes", audience=API)["refresh_token"]
    access_token = notebook.refresh(token).json()["access_token"]
    assert API in notebook.claims(access_token, audience=API)["aud"]


def test_a_refresh_token_is_bound_to_its_application(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    tenant.applications.append(Application("other", "Other", callbacks=[ORIGIN]))
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    assert error_of(notebook.refresh(token, client_id="other")) == REFUSED
    assert notebook.refresh(token).status_code == 200


def test_no_refresh_token_where_api_or_application_forbid_it(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    tenant.apis.append(Api("urn:online", "Online", allow_offline_access=False))
    assert "refresh_token" not in notebook.log_in(scope=SCOPE, audience="urn:online")
    tenant.application.grant_types = ("authorization_code",)
    assert "refresh_token" not in notebook.log_in(scope=SCOPE)


@pytest.mark.parametrize("as_json", [True, False])
def test_revocation_ends_the_family(
    tenant: LocalTenant, notebook: Notebook, *, as_json: bool
) -> None:
    first = notebook.log_in(scope=SCOPE)["refresh_token"]
    second = notebook.refresh(first).json()
    body = {"client_id": tenant.client_id, "token": second["refresh_token"]}
    sent: dict[str, Any] = {"json" if as_json else "data": body}
    response = notebook.http.post("/oauth/revoke", **sent)
    assert (response.status_code, response.text) == (200, "")
    assert error_of(notebook.refresh(second["refresh_token"])) == REFUSED
    assert notebook.userinfo(second["access_token"]).status_code == 200


def test_revoking_an_unknown_token_is_no_error(tenant: LocalTenant, notebook: Notebook) -> None:
    body = {"client_id": tenant.client_id, "token": "nonsense"}
    assert notebook.http.post("/oauth/revoke", data=body).status_code == 200


def test_nobody_revokes_the_tokens_of_another_application(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    tenant.applications.append(Application("other", "Other", callbacks=[ORIGIN]))
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    body = {"client_id": "other", "token": token}
    assert notebook.http.post("/oauth/revoke", data=body).status_code == 403
    assert notebook.refresh(token).status_code == 200


def overlapping(tenant: LocalTenant, seconds: int = 60) -> None:
    tenant.application.refresh_token_overlap = seconds


def test_within_the_overlap_the_token_used_last_may_be_used_again(
    tenant: LocalTenant, notebook: Notebook, clock: Clock
) -> None:
    overlapping(tenant)
    first = notebook.log_in(scope=SCOPE)["refresh_token"]
    lost = notebook.refresh(first).json()["refresh_token"]
    clock.now += 59
    second = notebook.refresh(first).json()["refresh_token"]
    assert second != lost
    assert notebook.refresh(second).status_code == 200


def test_after_the_overlap_reuse_revokes_the_family(
    tenant: LocalTenant, notebook: Notebook, clock: Clock
) -> None:
    overlapping(tenant)
    first = notebook.log_in(scope=SCOPE)["refresh_token"]
    second = notebook.refresh(first).json()["refresh_token"]
    clock.now += 60
    assert error_of(notebook.refresh(first)) == REFUSED
    assert error_of(notebook.refresh(second)) == REFUSED


def test_reuse_within_the_overlap_does_not_lengthen_it(
    tenant: LocalTenant, notebook: Notebook, clock: Clock
) -> None:
    overlapping(tenant)
    first = notebook.log_in(scope=SCOPE)["refresh_token"]
    notebook.refresh(first)
    clock.now += 40
    assert notebook.refresh(first).status_code == 200
    clock.now += 40
    assert error_of(notebook.refresh(first)) == REFUSED


def test_within_the_overlap_a_token_before_the_last_one_revokes_the_family(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    overlapping(tenant)
    first = notebook.log_in(scope=SCOPE)["refresh_token"]
    second = notebook.refresh(first).json()["refresh_token"]
    third = notebook.refresh(second).json()["refresh_token"]
    assert error_of(notebook.refresh(first)) == REFUSED
    assert error_of(notebook.refresh(third)) == REFUSED


def test_an_answer_that_was_lost_costs_nothing_within_the_overlap(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    overlapping(tenant)
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    tenant.fail("token", "answer_lost", grant="refresh_token")
    with pytest.raises(httpx.RemoteProtocolError):
        notebook.refresh(token)
    assert notebook.refresh(token).status_code == 200


def test_lifetimes_can_be_changed_while_it_runs(
    tenant: LocalTenant, notebook: Notebook, clock: Clock
) -> None:
    tenant.lifetimes = Lifetimes(refresh_token=100, refresh_token_idle=10)
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    for _ in range(11):
        clock.now += 9
        token = notebook.refresh(token).json()["refresh_token"]
    clock.now += 1
    assert error_of(notebook.refresh(token)) == REFUSED, "100 s in all"
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    clock.now += 10
    assert error_of(notebook.refresh(token)) == REFUSED, "10 s unused"


@pytest.mark.parametrize("deletes", [True, False])
def test_revocation_ends_the_whole_grant_where_the_tenant_says_so(
    tenant: LocalTenant, notebook: Notebook, *, deletes: bool
) -> None:
    tenant.revocation_deletes_grant = deletes
    tenant.applications.append(Application("other", "Other", callbacks=[ORIGIN]))
    revoked, same = (notebook.log_in(scope=SCOPE)["refresh_token"] for _ in range(2))
    graces = notebook.log_in("grace@example.com", scope=SCOPE)["refresh_token"]
    apis = notebook.log_in(scope=SCOPE, audience=API)["refresh_token"]
    body = {"client_id": tenant.client_id, "token": revoked}
    assert notebook.http.post("/oauth/revoke", data=body).status_code == 200
    assert error_of(notebook.refresh(revoked)) == REFUSED
    assert notebook.refresh(same).status_code == (403 if deletes else 200)
    assert notebook.refresh(graces).status_code == 200
    assert notebook.refresh(apis).status_code == 200


@pytest.mark.parametrize("deletes", [True, False])
def test_a_grant_that_was_deleted_needs_consent_again(
    tenant: LocalTenant, notebook: Notebook, *, deletes: bool
) -> None:
    tenant.revocation_deletes_grant = deletes
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    body = {"client_id": tenant.client_id, "token": token}
    notebook.http.post("/oauth/revoke", data=body)
    with Person(tenant.url, "ada@example.com", tenant.password, accept=False) as person:
        response = person.authorize(notebook.authorize_url(scope=SCOPE))
    assert ("code" in response) != deletes


def test_of_a_users_refresh_tokens_for_an_application_the_last_200_are_good(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    def refresh_token(email: str = "ada@example.com") -> str:
        code = tenant.issue_code(
            email,
            nonce=None,
            code_challenge=notebook.challenge,
            redirect_uri=ORIGIN,
            scope=SCOPE,
        )
        token: str = notebook.redeem(code).json()["refresh_token"]
        return token

    first, second, graces = refresh_token(), refresh_token(), refresh_token("grace@example.com")
    for _ in range(199):
        refresh_token()
    assert error_of(notebook.refresh(first)) == REFUSED
    assert notebook.refresh(second).status_code == 200
    assert notebook.refresh(graces).status_code == 200

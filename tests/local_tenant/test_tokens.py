"""The content of ID tokens and access tokens."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import jwt
import pytest

from auth0_widget.local_tenant import Api, LocalTenant, Organization, User
from auth0_widget.local_tenant.settings import Lifetimes

from .notebook import API, ORIGIN, Clock, Notebook

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_750_000_000


def test_the_id_token_has_auth0s_claims(tenant: LocalTenant, notebook: Notebook) -> None:
    claims = notebook.claims(notebook.log_in()["id_token"])
    assert claims.pop("sid")
    assert claims.pop("sub").startswith("auth0|")
    assert claims == {
        "iss": f"{tenant.url}/",
        "aud": tenant.client_id,
        "iat": NOW,
        "exp": NOW + 36_000,
        "nonce": "the-nonce",
        "name": "Ada Lovelace",
        "nickname": "ada",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "picture": f"{tenant.url}/pictures/AL.svg",
        "updated_at": "2025-01-01T00:00:00.000Z",
        "email": "ada@example.com",
        "email_verified": True,
    }


def test_profile_and_email_follow_the_scope(notebook: Notebook) -> None:
    claims = notebook.claims(notebook.log_in(scope="openid")["id_token"])
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "sid", "nonce"}


def test_without_openid_there_is_no_id_token(notebook: Notebook) -> None:
    tokens = notebook.log_in(scope="profile")
    assert "id_token" not in tokens
    assert notebook.userinfo(tokens["access_token"]).status_code == 403


def test_auth_time_is_there_if_max_age_was_sent(notebook: Notebook, clock: Clock) -> None:
    assert "auth_time" not in notebook.claims(notebook.log_in()["id_token"])
    code = notebook.code(max_age="600")
    clock.now += 5
    claims = notebook.claims(notebook.redeem(code).json()["id_token"])
    assert claims["auth_time"] == NOW
    assert claims["iat"] == NOW + 5


def test_two_people_have_two_subjects_that_survive_a_restart(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    subjects = [
        notebook.claims(notebook.log_in(user.email)["id_token"])["sub"] for user in tenant.users
    ]
    assert len(set(subjects)) == 3
    assert [user.sub for user in LocalTenant().users] == subjects


def test_the_access_token_is_opaque_without_an_audience(notebook: Notebook) -> None:
    with pytest.raises(jwt.DecodeError):
        jwt.get_unverified_header(notebook.log_in()["access_token"])


def test_the_access_token_is_a_jwt_for_an_audience(tenant: LocalTenant, notebook: Notebook) -> None:
    tokens = notebook.log_in(audience=API, scope="openid read:notes")
    claims = notebook.claims(tokens["access_token"], audience=API)
    assert claims.pop("jti")
    assert claims == {
        "iss": tenant.issuer,
        "sub": tenant.users[0].sub,
        "aud": [API, f"{tenant.url}/userinfo"],
        "azp": tenant.client_id,
        "scope": "openid read:notes",
        "iat": NOW,
        "exp": NOW + 86_400,
        "https://notes.example.com/auth_time": NOW,
    }
    assert notebook.userinfo(tokens["access_token"]).status_code == 200


def test_unknown_scopes_are_dropped_and_permissions_need_their_audience(
    notebook: Notebook,
) -> None:
    wanted = "openid read:notes delete:everything openid"
    assert notebook.log_in(scope=wanted)["scope"] == "openid"
    assert notebook.log_in(scope=wanted, audience=API)["scope"] == "openid read:notes"


@pytest.fixture
def special(clock: Clock) -> Iterator[LocalTenant]:
    with LocalTenant(
        origins=[ORIGIN],
        clock=clock,
        users=[User("ada@example.com", "Ada", claims={"https://ns/role": "admin"})],
        apis=[Api("urn:short", "Short", token_lifetime=60), Api("urn:long", "Long")],
        organizations=[
            Organization("org_1", "acme", "Acme Inc."),
            Organization("org_2", "closed", members=["grace@example.com"]),
        ],
        lifetimes=Lifetimes(id_token=5, access_token=7),
    ) as tenant:
        yield tenant


def test_lifetimes_are_configurable(special: LocalTenant) -> None:
    notebook = Notebook(special)
    tokens = notebook.log_in()
    assert tokens["expires_in"] == 7
    assert notebook.claims(tokens["id_token"])["exp"] == NOW + 5
    assert notebook.log_in(audience="urn:short")["expires_in"] == 60
    assert notebook.log_in(audience="urn:long")["expires_in"] == 86_400


def test_custom_claims_reach_id_token_and_userinfo(special: LocalTenant) -> None:
    notebook = Notebook(special)
    tokens = notebook.log_in()
    assert notebook.claims(tokens["id_token"])["https://ns/role"] == "admin"
    assert notebook.userinfo(tokens["access_token"]).json()["https://ns/role"] == "admin"


@pytest.mark.parametrize("name", ["org_1", "acme", "ACME"])
def test_an_organization_is_claimed_by_id_and_name(special: LocalTenant, name: str) -> None:
    notebook = Notebook(special)
    tokens = notebook.log_in(organization=name, audience="urn:long")
    for claims in (
        notebook.claims(tokens["id_token"]),
        notebook.claims(tokens["access_token"], audience="urn:long"),
    ):
        assert (claims["org_id"], claims["org_name"]) == ("org_1", "acme")


def test_who_is_not_in_the_organization_is_denied(special: LocalTenant) -> None:
    response = special.sign_in(Notebook(special).authorize_url(organization="org_2"))
    assert response["error"] == "access_denied"
    assert response["error_description"].endswith("is not part of the org_2 organization")


def test_client_credentials_give_a_machine_token(notebook: Notebook) -> None:
    job = {
        "grant_type": "client_credentials",
        "client_id": "local-tenant-job",
        "client_secret": "local-tenant-job-secret",
    }
    tokens = notebook.post(**job, audience=API).json()
    assert set(tokens) == {"access_token", "scope", "expires_in", "token_type"}
    claims = notebook.claims(tokens["access_token"], audience=API)
    assert claims["sub"] == "local-tenant-job@clients"
    assert claims["gty"] == "client-credentials"
    assert claims["scope"] == "read:notes write:notes"
    assert notebook.post(**job, audience=API, scope="read:notes x").json()["scope"] == "read:notes"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"audience": None}, 403, "access_denied"),
        ({"audience": "https://nowhere.example.com/"}, 403, "access_denied"),
        ({"audience": "urn:ungranted"}, 403, "access_denied"),
        ({"client_id": "local-tenant-notebook", "client_secret": None}, 401, "invalid_client"),
    ],
)
def test_client_credentials_that_do_not_fit_are_refused(
    tenant: LocalTenant,
    notebook: Notebook,
    changes: dict[str, str | None],
    status: int,
    error: str,
) -> None:
    tenant.apis.append(Api("urn:ungranted", "Ungranted"))
    job: dict[str, str | None] = {
        "grant_type": "client_credentials",
        "client_id": "local-tenant-job",
        "client_secret": "local-tenant-job-secret",
        "audience": API,
    }
    response = notebook.post(**(job | changes))
    assert (response.status_code, response.json()["error"]) == (status, error)


def test_session_expiry_is_in_the_first_id_token_if_the_tenant_says_so(
    tenant: LocalTenant, notebook: Notebook, clock: Clock
) -> None:
    assert "session_expiry" not in notebook.claims(notebook.log_in()["id_token"])
    tenant.lifetimes = Lifetimes(session_expiry=7_200)
    tokens = notebook.log_in(scope="openid offline_access")
    assert notebook.claims(tokens["id_token"])["session_expiry"] == NOW + 7_200
    clock.now += 60
    renewed = notebook.refresh(tokens["refresh_token"]).json()
    assert "session_expiry" not in notebook.claims(renewed["id_token"])


def test_id_tokens_can_be_encrypted(tenant: LocalTenant, notebook: Notebook) -> None:
    tenant.encrypts_id_tokens = True
    header, *others = notebook.log_in()["id_token"].split(".")
    assert len(others) == 4
    decoded = json.loads(base64.urlsafe_b64decode(header + "=="))
    assert decoded == {"alg": "dir", "enc": "A256GCM", "cty": "JWT"}
    tenant.encrypts_id_tokens = False
    assert notebook.claims(notebook.log_in()["id_token"])["name"] == "Ada Lovelace"

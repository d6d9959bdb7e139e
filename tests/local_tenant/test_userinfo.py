"""/userinfo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt
import pytest

from auth0_widget.local_tenant import Api, User

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant

    from .notebook import Clock, Notebook


def test_the_profile_follows_the_scope(tenant: LocalTenant, notebook: Notebook) -> None:
    sub = tenant.users[0].sub
    token = notebook.log_in(scope="openid")["access_token"]
    assert notebook.userinfo(token).json() == {"sub": sub}
    token = notebook.log_in(scope="openid email")["access_token"]
    profile = notebook.userinfo(token).json()
    assert profile == {"sub": sub, "email": "ada@example.com", "email_verified": True}
    token = notebook.log_in()["access_token"]
    assert notebook.userinfo(token).json()["name"] == "Ada Lovelace"


def test_the_answer_is_not_cached(notebook: Notebook) -> None:
    response = notebook.userinfo(notebook.log_in()["access_token"])
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "header", [None, "Bearer nonsense", "Bearer", "Basic eDp5", "nonsense", "Bearer a b"]
)
def test_a_bad_token_is_refused_with_a_challenge(notebook: Notebook, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = notebook.http.get("/userinfo", headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].lower().startswith('bearer realm="users"')


def test_an_expired_token_is_refused(notebook: Notebook, clock: Clock) -> None:
    token = notebook.log_in()["access_token"]
    clock.now += 86_399
    assert notebook.userinfo(token).status_code == 200
    clock.now += 1
    assert notebook.userinfo(token).status_code == 401


def test_an_id_token_is_no_access_token(notebook: Notebook) -> None:
    assert notebook.userinfo(notebook.log_in()["id_token"]).status_code == 401


def test_a_token_for_an_api_that_signs_with_hs256_is_not_for_userinfo(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    api = Api("urn:hs256", "Shared secret", signing_algorithm="HS256")
    tenant.apis.append(api)
    tokens = notebook.log_in(audience=api.identifier)
    token = tokens["access_token"]
    claims = jwt.decode(
        token,
        api.signing_secret,
        algorithms=["HS256"],
        audience=api.identifier,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["aud"] == api.identifier
    assert notebook.userinfo(token).status_code == 401
    assert notebook.claims(tokens["id_token"])["name"] == "Ada Lovelace"
    assert api.signing_secret not in repr(api)


def test_a_profile_can_be_large_and_hold_any_value(tenant: LocalTenant, notebook: Notebook) -> None:
    groups = [f"group-{number:05}" for number in range(6_000)]
    odd = {"id": 112233445566778890000, "half": "Zo\ud83d"}
    tenant.users[0] = User("ada@example.com", "Ada", claims=odd)
    tenant.mutate_response["/userinfo"] = lambda response: {**response, "groups": groups}
    tokens = notebook.log_in()
    response = notebook.userinfo(tokens["access_token"])
    assert len(response.content) > 70_000
    assert response.json()["groups"] == groups
    assert b'"id":112233445566778890000' in response.content.replace(b" ", b"")
    assert b'"Zo\\ud83d"' in response.content
    assert notebook.claims(tokens["id_token"]).items() >= odd.items()

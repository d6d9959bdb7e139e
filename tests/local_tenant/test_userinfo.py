"""/userinfo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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

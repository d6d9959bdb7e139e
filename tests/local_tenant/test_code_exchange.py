"""The authorization code at /oauth/token."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from auth0_widget.local_tenant import Application, LocalTenant

from .notebook import ORIGIN, Notebook, error_of

if TYPE_CHECKING:
    from .notebook import Clock


def test_a_code_is_exchanged_for_tokens_in_auth0s_shape(notebook: Notebook) -> None:
    response = notebook.redeem(notebook.code())
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    tokens = response.json()
    assert set(tokens) == {"access_token", "id_token", "scope", "expires_in", "token_type"}
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 86_400
    assert tokens["scope"] == "openid profile email"


def test_the_body_may_be_json(tenant: LocalTenant, notebook: Notebook) -> None:
    body = {
        "grant_type": "authorization_code",
        "client_id": tenant.client_id,
        "code": notebook.code(),
        "redirect_uri": ORIGIN,
        "code_verifier": notebook.verifier,
    }
    assert notebook.http.post("/oauth/token", json=body).status_code == 200


def test_a_second_use_of_the_code_is_refused_and_ends_its_tokens(notebook: Notebook) -> None:
    code = notebook.code(scope="openid offline_access")
    tokens = notebook.redeem(code).json()
    assert notebook.userinfo(tokens["access_token"]).status_code == 200
    assert error_of(notebook.redeem(code)) == (403, "invalid_grant", "Invalid authorization code")
    assert notebook.userinfo(tokens["access_token"]).status_code == 401
    assert notebook.refresh(tokens["refresh_token"]).status_code == 403


def test_of_many_simultaneous_uses_of_a_code_at_most_one_succeeds(notebook: Notebook) -> None:
    code = notebook.code()
    responses: list[int] = []
    threads = [
        threading.Thread(target=lambda: responses.append(notebook.redeem(code).status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert responses.count(200) <= 1
    assert responses.count(403) >= 7


def test_a_code_lives_ten_minutes(notebook: Notebook, clock: Clock) -> None:
    first, second = notebook.code(), notebook.code()
    clock.now += 599
    assert notebook.redeem(first).status_code == 200
    clock.now += 1
    assert error_of(notebook.redeem(second))[:2] == (403, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "status", "error", "description"),
    [
        ({"code": "nonsense"}, 403, "invalid_grant", "Invalid authorization code"),
        ({"code_verifier": "x" * 43}, 403, "invalid_grant", "Failed to verify code verifier"),
        ({"code_verifier": None}, 400, "invalid_request", "Missing 'code_verifier'"),
        ({"redirect_uri": "http://x"}, 403, "unauthorized_client", "The redirect URI is wrong."),
        ({"redirect_uri": None}, 403, "unauthorized_client", "The redirect URI is wrong."),
        ({"grant_type": "x"}, 403, "unsupported_grant_type", "grant_type=x is not supported"),
        ({"client_id": "x"}, 401, "invalid_client", "The client does not exist on this server."),
    ],
)
def test_an_exchange_that_does_not_fit_is_refused(
    notebook: Notebook,
    changes: dict[str, str | None],
    status: int,
    error: str,
    description: str,
) -> None:
    code = notebook.code()
    assert error_of(notebook.redeem(code, **changes)) == (status, error, description)


def test_a_failed_verifier_does_not_use_the_code_up(notebook: Notebook) -> None:
    code = notebook.code()
    assert notebook.redeem(code, code_verifier="x" * 43).status_code == 403
    assert notebook.redeem(code).status_code == 200


def test_a_code_is_bound_to_its_application(tenant: LocalTenant, notebook: Notebook) -> None:
    tenant.applications.append(Application("other", "Other", callbacks=[ORIGIN]))
    code = notebook.code()
    assert error_of(notebook.redeem(code, client_id="other"))[1] == "invalid_grant"
    assert notebook.redeem(code).status_code == 200


def test_a_confidential_application_must_show_its_secret(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    tenant.applications.append(
        Application("web", "Web", [ORIGIN], [ORIGIN], client_secret="the-secret")
    )
    code = notebook.code(client_id="web", code_challenge=None, code_challenge_method=None)
    web: dict[str, str | None] = {"client_id": "web", "code_verifier": None}
    assert error_of(notebook.redeem(code, **web))[:2] == (401, "invalid_client")
    assert error_of(notebook.redeem(code, **web, client_secret="wrong"))[0] == 401
    assert notebook.redeem(code, **web, client_secret="the-secret").status_code == 200


def test_get_is_not_allowed(notebook: Notebook) -> None:
    assert notebook.http.get("/oauth/token").status_code == 405

"""The API of the tutorials: what it allows and what it refuses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from auth0_widget.local_tenant import LocalTenant, NotesApi
from auth0_widget.local_tenant.step_up import MULTI_FACTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AUDIENCE = "https://notes.example.com/"


@pytest.fixture(scope="module")
def tenant() -> Iterator[LocalTenant]:
    with LocalTenant() as running:
        yield running


@pytest.fixture
def api(tenant: LocalTenant) -> Iterator[NotesApi]:
    with NotesApi(tenant.url) as running:
        yield running


@pytest.fixture
def token(tenant: LocalTenant) -> Callable[..., str]:
    def make(**changes: Any) -> str:
        claims = {
            "iss": tenant.issuer,
            "aud": AUDIENCE,
            "sub": "auth0|ada",
            "exp": time.time() + 60,
            "scope": "read:notes write:notes",
        }
        return tenant.sign({k: v for k, v in (claims | changes).items() if v is not None})

    return make


def ask(api: NotesApi, token: str | None, method: str = "GET", **options: Any) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with httpx.Client(trust_env=False) as client:
        return client.request(method, f"{api.url}/notes", headers=headers, **options)


def test_everybody_has_their_own_notes(api: NotesApi, token: Callable[..., str]) -> None:
    written = ask(api, token(), "POST", json={"text": "Buy milk"})
    assert (written.status_code, written.json()) == (201, {"notes": ["Buy milk"]})
    assert ask(api, token()).json() == {"notes": ["Buy milk"]}
    assert ask(api, token(sub="auth0|grace")).json() == {"notes": []}


def test_it_fetches_a_local_tenants_keys_past_every_proxy(
    api: NotesApi, token: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "corp.example.com")
    assert ask(api, token()).status_code == 200


def test_without_a_token_it_asks_for_one(api: NotesApi) -> None:
    response = ask(api, None)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_request"'


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"iss": "https://evil.example.com/"},
        {"aud": "https://other.example.com/"},
        {"aud": None},
    ],
)
def test_a_token_that_is_not_good_here_is_refused(
    api: NotesApi, token: Callable[..., str], changes: dict[str, Any]
) -> None:
    response = ask(api, token(**changes))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("headers", [{"kid": "unknown"}, {"alg": "none"}, {"kid": None}])
def test_a_token_of_another_key_is_refused(
    api: NotesApi, tenant: LocalTenant, headers: dict[str, Any]
) -> None:
    claims = {"iss": tenant.issuer, "aud": AUDIENCE, "sub": "x", "exp": time.time() + 60}
    assert ask(api, tenant.sign(claims, headers=headers)).status_code == 401
    assert ask(api, "no.token.at-all").status_code == 401


def test_each_method_needs_its_permission(api: NotesApi, token: Callable[..., str]) -> None:
    assert ask(api, token(scope="write:notes")).status_code == 403
    refused = ask(api, token(scope="read:notes"), "POST", json={"text": "x"})
    assert (refused.status_code, refused.json()["error"]) == (403, "insufficient_scope")
    assert refused.headers["WWW-Authenticate"] == (
        'Bearer error="insufficient_scope", scope="write:notes"'
    )
    assert ask(api, token(scope=None)).status_code == 403


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"text": 7}', '{"text": ""}'])
def test_what_is_no_note_is_refused(api: NotesApi, token: Callable[..., str], body: str) -> None:
    headers = {"Authorization": f"Bearer {token()}", "Content-Type": "application/json"}
    with httpx.Client(trust_env=False) as client:
        response = client.post(f"{api.url}/notes", headers=headers, content=body)
    assert response.status_code == 400
    assert ask(api, token()).json() == {"notes": []}


def test_a_key_that_the_tenant_has_just_begun_to_use_is_fetched(
    api: NotesApi, tenant: LocalTenant, token: Callable[..., str]
) -> None:
    assert ask(api, token()).status_code == 200
    tenant.rotate_keys()
    assert ask(api, token()).status_code == 200


def test_the_tenant_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tenant: LocalTenant, token: Callable[..., str]
) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", tenant.url)
    with NotesApi() as api:
        assert ask(api, token()).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"acr": "urn:password"},
        {"acr": MULTI_FACTOR},
        {"acr": MULTI_FACTOR, "auth_time": time.time() - 3600},
        {"acr": MULTI_FACTOR, "auth_time": "now"},
    ],
)
def test_notes_are_only_deleted_after_a_second_factor_and_a_fresh_login(
    api: NotesApi, token: Callable[..., str], said: dict[str, Any]
) -> None:
    claims = {f"{AUDIENCE}{name}": value for name, value in said.items()}
    refused = ask(api, token(**claims), "DELETE")
    assert (refused.status_code, refused.json()["error"]) == (
        401,
        "insufficient_user_authentication",
    )
    assert refused.headers["WWW-Authenticate"] == (
        f'Bearer error="insufficient_user_authentication", acr_values="{MULTI_FACTOR}", '
        'max_age="300"'
    )


def test_whoever_has_shown_both_deletes_their_notes(
    api: NotesApi, token: Callable[..., str]
) -> None:
    ask(api, token(), "POST", json={"text": "Buy milk"})
    ask(api, token(sub="auth0|grace"), "POST", json={"text": "Compile"})
    claims = {f"{AUDIENCE}acr": MULTI_FACTOR, f"{AUDIENCE}auth_time": int(time.time())}
    assert ask(api, token(scope="read:notes", **claims), "DELETE").status_code == 403
    assert ask(api, token(**claims), "DELETE").json() == {"notes": []}
    assert ask(api, token()).json() == {"notes": []}
    assert ask(api, token(sub="auth0|grace")).json() == {"notes": ["Compile"]}

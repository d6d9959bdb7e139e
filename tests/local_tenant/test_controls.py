"""What tests can do with a tenant: counts, failures, wrong responses, invalid tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from .notebook import ORIGIN, Notebook

if TYPE_CHECKING:
    import httpx

    from auth0_widget.local_tenant import LocalTenant


def test_a_login_is_counted_by_path(tenant: LocalTenant, notebook: Notebook) -> None:
    notebook.userinfo(notebook.log_in()["access_token"])
    assert tenant.requests["/oauth/token"] == 1
    assert tenant.requests["/userinfo"] == 1
    assert tenant.requests["/authorize"] == 1
    assert tenant.requests["/never"] == 0
    assert tenant.requests.total == len(tenant.requests.log)
    assert ("POST", "/oauth/token") in tenant.requests.log
    tenant.requests.clear()
    assert tenant.requests.total == 0


def test_preflights_are_in_the_log_and_not_in_the_counts(
    tenant: LocalTenant, visitor: httpx.Client
) -> None:
    visitor.options("/oauth/token", headers={"Origin": ORIGIN})
    assert tenant.requests["/oauth/token"] == 0
    assert tenant.requests.total == 0
    assert tenant.requests.log == [("OPTIONS", "/oauth/token")]


def test_failures_come_in_order_and_then_end(tenant: LocalTenant, visitor: httpx.Client) -> None:
    path = "/.well-known/jwks.json"
    tenant.fail_next(path, 503)
    tenant.fail_next(path, 200, body=b"\xff" * 10_000_000, content_type="application/json")
    first = visitor.get(path)
    assert first.status_code == 503
    assert set(first.json()) == {"error", "error_description"}
    second = visitor.get(path)
    assert (second.status_code, len(second.content)) == (200, 10_000_000)
    assert visitor.get(path).json()["keys"]
    assert tenant.requests[path] == 3


def test_a_failure_hits_only_its_path_and_as_often_as_asked(
    tenant: LocalTenant, visitor: httpx.Client
) -> None:
    tenant.fail_next("/userinfo", 500, times=2)
    assert visitor.get("/.well-known/jwks.json").status_code == 200
    assert [visitor.get("/userinfo").status_code for _ in range(3)] == [500, 500, 401]


def test_a_failed_exchange_leaves_the_code_good(tenant: LocalTenant, notebook: Notebook) -> None:
    code = notebook.code()
    tenant.fail_next("/oauth/token", 503)
    assert notebook.redeem(code).status_code == 503
    assert notebook.redeem(code).status_code == 200


def test_id_tokens_can_be_made_wrong(tenant: LocalTenant, notebook: Notebook) -> None:
    tenant.mutate_id_token = lambda claims: {**claims, "sub": "auth0|mallory"}
    assert notebook.claims(notebook.log_in()["id_token"])["sub"] == "auth0|mallory"
    tenant.mutate_id_token = lambda _: "not a token"
    assert notebook.log_in()["id_token"] == "not a token"
    tenant.mutate_id_token = None
    assert notebook.claims(notebook.log_in()["id_token"])["sub"] == tenant.users[0].sub


def test_json_answers_can_be_made_wrong(tenant: LocalTenant, notebook: Notebook) -> None:
    token = notebook.log_in()["access_token"]
    tenant.mutate_response = {"/userinfo": lambda response: {**response, "sub": "somebody"}}
    assert notebook.userinfo(token).json()["sub"] == "somebody"
    tenant.mutate_response = {"/oauth/token": lambda response: {"only": sorted(response)}}
    assert "only" in notebook.redeem(notebook.code()).json()
    tenant.mutate_response["/.well-known/jwks.json"] = lambda _: {"keys": []}
    assert notebook.http.get("/.well-known/jwks.json").json() == {"keys": []}


def test_errors_are_not_touched_by_hooks(tenant: LocalTenant, notebook: Notebook) -> None:
    tenant.mutate_response = {"/oauth/token": lambda _: {}}
    assert notebook.redeem("nonsense").json()["error"] == "invalid_grant"


@pytest.mark.parametrize("mode", ["query", "web_message"])
def test_the_authorization_response_can_be_made_wrong(
    tenant: LocalTenant, notebook: Notebook, mode: str
) -> None:
    tenant.mutate_response = {"/authorize": lambda response: {**response, "iss": "https://evil/"}}
    assert tenant.sign_in(notebook.authorize_url(response_mode=mode))["iss"] == "https://evil/"


def part(token: str, index: int) -> Any:
    text = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_sign_makes_good_tokens(tenant: LocalTenant, notebook: Notebook) -> None:
    claims = {"iss": tenant.issuer, "aud": tenant.client_id, "sub": "x"}
    assert notebook.claims(tenant.sign(claims)) == claims


def test_sign_makes_hostile_headers_and_keys(tenant: LocalTenant) -> None:
    token = tenant.sign({"a": 1}, headers={"kid": None, "jku": "http://evil.example"})
    assert part(token, 0) == {"alg": "RS256", "typ": "JWT", "jku": "http://evil.example"}
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(jwt.InvalidSignatureError):
        Notebook(tenant).claims(tenant.sign({}, key=other))
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    assert tenant.sign({}, key=small).count(".") == 2


@pytest.mark.parametrize("name", ["none", "None", "nOnE"])
def test_sign_makes_unsigned_tokens(tenant: LocalTenant, name: str) -> None:
    token = tenant.sign({"a": 1}, algorithm=name)
    assert part(token, 0)["alg"] == name
    assert token.endswith(".")


def test_sign_makes_hmac_tokens_with_any_bytes(tenant: LocalTenant) -> None:
    key = b"-----BEGIN PUBLIC KEY-----"
    token = tenant.sign({"a": 1}, algorithm="HS256", key=key)
    message, _, signature = token.rpartition(".")
    expected = hmac.new(key, message.encode(), hashlib.sha256).digest()
    assert signature == base64.urlsafe_b64encode(expected).rstrip(b"=").decode()


def test_issue_code_needs_no_browser_and_no_request(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    code = tenant.issue_code(
        "grace@example.com",
        nonce="n",
        code_challenge=notebook.challenge,
        redirect_uri=ORIGIN,
        scope="openid email offline_access",
        audience="https://notes.example.com/",
    )
    assert tenant.requests.total == 0
    tokens = notebook.redeem(code).json()
    claims = notebook.claims(tokens["id_token"])
    assert (claims["email"], claims["nonce"]) == ("grace@example.com", "n")
    assert tokens["refresh_token"]


def test_issue_code_refuses_what_the_tenant_does_not_know(tenant: LocalTenant) -> None:
    common: dict[str, Any] = {
        "nonce": None,
        "code_challenge": None,
        "redirect_uri": ORIGIN,
        "scope": "openid",
    }
    with pytest.raises(ValueError, match="no such user"):
        tenant.issue_code("mallory@example.com", **common)
    with pytest.raises(ValueError, match="no such user"):
        tenant.issue_code(**common, audience="https://nowhere.example.com/")


def test_allow_origin_opens_all_three_lists_once(tenant: LocalTenant) -> None:
    tenant.allow_origin("http://localhost:8899/")
    tenant.allow_origin("http://localhost:8899")
    application = tenant.application
    for urls in (application.callbacks, application.web_origins, application.logout_urls):
        assert urls.count("http://localhost:8899") == 1
    url = Notebook(tenant).authorize_url(redirect_uri="http://localhost:8899")
    assert "code" in tenant.sign_in(url)

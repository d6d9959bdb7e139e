"""Discovery, key set, pictures, CORS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt
import pytest

from .notebook import ORIGIN

if TYPE_CHECKING:
    import httpx

    from auth0_widget.local_tenant import LocalTenant

    from .notebook import Notebook

DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/.well-known/jwks.json"


def test_discovery_names_auth0s_routes(tenant: LocalTenant, visitor: httpx.Client) -> None:
    document = visitor.get(DISCOVERY).json()
    assert document["issuer"] == tenant.issuer == f"{tenant.url}/"
    assert document["authorization_endpoint"] == f"{tenant.url}/authorize"
    assert document["token_endpoint"] == f"{tenant.url}/oauth/token"
    assert document["device_authorization_endpoint"] == f"{tenant.url}/oauth/device/code"
    assert document["userinfo_endpoint"] == f"{tenant.url}/userinfo"
    assert document["revocation_endpoint"] == f"{tenant.url}/oauth/revoke"
    assert document["jwks_uri"] == f"{tenant.url}/.well-known/jwks.json"
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]


def test_the_key_set_holds_public_keys_only(visitor: httpx.Client) -> None:
    (key,) = visitor.get(JWKS).json()["keys"]
    assert set(key) == {"kty", "use", "n", "e", "kid", "alg"}
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def test_rotation_signs_with_a_new_key_and_keeps_the_old_one_if_told(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    def kids() -> list[str]:
        return [key["kid"] for key in tenant.jwks["keys"]]

    old = kids()
    token = notebook.log_in()["id_token"]
    tenant.rotate_keys()
    assert len(kids()) == 2
    assert kids()[1:] == old
    assert notebook.claims(token)
    assert jwt.get_unverified_header(notebook.log_in()["id_token"])["kid"] == kids()[0]
    tenant.rotate_keys(keep_old=False)
    assert len(kids()) == 1
    assert notebook.claims(notebook.log_in()["id_token"])


@pytest.mark.parametrize("path", ["/oauth/token", "/userinfo", JWKS, DISCOVERY, "/oauth/revoke"])
def test_an_allowed_web_origin_may_call_from_a_script(visitor: httpx.Client, path: str) -> None:
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "auth0-client,content-type",
    }
    preflight = visitor.options(path, headers=headers)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert preflight.headers["Access-Control-Allow-Headers"] == "auth0-client,content-type"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    response = visitor.get(path, headers={"Origin": ORIGIN})
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize("path", ["/oauth/token", "/userinfo", JWKS, DISCOVERY])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:8889"])
def test_other_origins_may_not(visitor: httpx.Client, path: str, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        response = visitor.request(method, path, headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in response.headers


def test_pages_are_not_for_scripts_of_other_origins(
    notebook: Notebook, visitor: httpx.Client
) -> None:
    response = visitor.get(notebook.authorize_url(), headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_request_under_another_host_name_gets_no_answer(visitor: httpx.Client) -> None:
    response = visitor.get(JWKS, headers={"Host": "rebound.example"})
    assert response.status_code == 400
    assert "keys" not in response.text


def test_pictures_are_drawn_and_their_text_is_inert(visitor: httpx.Client) -> None:
    picture = visitor.get("/pictures/AL.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert ">AL<" in picture.text
    assert "<b" not in visitor.get("/pictures/<b.svg").text


def test_members_of_published_keys_can_be_set_and_removed(
    tenant: LocalTenant, visitor: httpx.Client
) -> None:
    tenant.key_members = {"key_ops": ["encrypt"], "use": None}
    (key,) = visitor.get(JWKS).json()["keys"]
    assert key["key_ops"] == ["encrypt"]
    assert "use" not in key
    tenant.key_members["use"] = "enc"
    assert visitor.get(JWKS).json()["keys"][0]["use"] == "enc"
    tenant.key_members = {}
    assert "key_ops" not in visitor.get(JWKS).json()["keys"][0]

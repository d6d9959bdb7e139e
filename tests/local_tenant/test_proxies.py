"""Requests to the tenant do not use the proxies of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from auth0_widget.local_tenant.proxies import no_proxy_variables

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant

LOOPBACK = "127.0.0.1,localhost"


@pytest.mark.parametrize(
    ("environment", "hosts"),
    [
        ({}, LOOPBACK),
        ({"NO_PROXY": "corp.example"}, f"corp.example,{LOOPBACK}"),
        ({"no_proxy": "a.example, b.example,"}, f"a.example,b.example,{LOOPBACK}"),
        ({"NO_PROXY": "a.example", "no_proxy": "b.example"}, f"b.example,{LOOPBACK}"),
        ({"NO_PROXY": "localhost"}, "localhost,127.0.0.1"),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_loopback_is_added_to_what_needs_no_proxy(environment: dict[str, str], hosts: str) -> None:
    assert no_proxy_variables(environment) == {"NO_PROXY": hosts, "no_proxy": hosts}


def test_whoever_has_the_tenants_environment_reaches_it_past_a_proxy(
    tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "corp.example.com")
    url = f"{tenant.url}/.well-known/jwks.json"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    environment = tenant.environment
    assert environment["AUTH0_DOMAIN"] == tenant.url
    assert environment["AUTH0_CLIENT_ID"] == tenant.client_id
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert httpx.get(url).status_code == 200

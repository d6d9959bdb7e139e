from __future__ import annotations

import pytest

from auth0_widget.base.origins import is_loopback, is_loopback_url, tenant_origin
from auth0_widget.errors import InvalidDomainError


@pytest.mark.parametrize(
    ("domain", "origin"),
    [
        ("acme.eu.auth0.com", "https://acme.eu.auth0.com"),
        ("https://acme.eu.auth0.com/", "https://acme.eu.auth0.com"),
        ("ACME.eu.Auth0.com", "https://acme.eu.auth0.com"),
        ("login.acme.com:8443", "https://login.acme.com:8443"),
        ("login.acme.com:443", "https://login.acme.com"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:4000", "http://[::1]:4000"),
        ("localhost:4000", "https://localhost:4000"),
    ],
)
def test_a_domain_becomes_an_origin(domain: str, origin: str) -> None:
    assert tenant_origin(domain) == origin
    assert tenant_origin(origin) == origin


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "::1"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.evil.com", "127.0.0.1.nip.io", "127.8.9.1", "10.0.0.1", "", "::2"]
)
def test_other_machines_are_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://LocalHost:8888/lab", True),
        ("http://[::1]:8888", True),
        ("https://localhost.example.com", False),
        ("https://127.0.0.1@example.com", False),
        ("localhost", False),
    ],
)
def test_the_host_of_a_url_decides(url: str, loopback: bool) -> None:  # noqa: FBT001
    assert is_loopback_url(url) == loopback


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ("", "empty"),
        ('"acme.eu.auth0.com"', "quotation marks"),
        ("'acme.eu.auth0.com'", "quotation marks"),
        ("münchen.example", "xn--"),
        ("acme .auth0.com", "spaces"),
    ],
)
def test_a_malformed_domain_is_told_what_is_wrong_with_it(domain: str, said: str) -> None:
    with pytest.raises(InvalidDomainError, match=said):
        tenant_origin(domain)

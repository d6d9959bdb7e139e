"""Which proxy is used for which tenant; broken settings: tests/security/test_connections.py."""

from __future__ import annotations

import pytest

from auth0_widget.errors import InvalidSettingError
from auth0_widget.oauth.proxy import proxy_for, proxy_host

TENANT = "https://acme.eu.auth0.com"
PROXY = "http://proxy.corp.example:8080"


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        for variable in (name, name.upper()):
            monkeypatch.delenv(variable, raising=False)


def test_without_a_setting_the_tenant_is_asked_directly() -> None:
    assert proxy_for(TENANT) is None


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_proxy_is_the_one_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, PROXY)
    assert proxy_for(TENANT) == PROXY


def test_the_proxy_for_https_counts_before_the_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("ALL_PROXY", "http://another.example")
    monkeypatch.setenv("HTTP_PROXY", "http://a-third.example")
    assert proxy_for(TENANT) == PROXY


@pytest.mark.parametrize("value", ["proxy.corp.example:8080", f" {PROXY}\n"])
def test_a_proxy_is_understood_as_people_write_it(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    assert proxy_for(TENANT) == PROXY


@pytest.mark.parametrize("value", ["acme.eu.auth0.com", "auth0.com", ".auth0.com", "a,auth0.com"])
def test_no_proxy_is_asked_for_hosts_that_no_proxy_names(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", value)
    assert proxy_for(TENANT) is None
    assert proxy_for("https://other.example") == PROXY


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_no_proxy_is_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    assert proxy_for(f"http://{host}:3000") is None


@pytest.mark.parametrize(
    ("proxy", "host"),
    [
        (PROXY, "proxy.corp.example"),
        ("http://corp:P%40ss%231@proxy.corp.example:3128/", "proxy.corp.example"),
        ("http://corp:a:b@10.0.0.1:3128", "10.0.0.1"),
        ("https://[::1]:3128", "[::1]"),
        ("socks5h://corp@my_proxy", "my_proxy"),
        ("http://büro.example", "büro.example"),
    ],
)
def test_a_proxy_is_named_by_its_host(
    monkeypatch: pytest.MonkeyPatch, proxy: str, host: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert proxy_for(TENANT) == proxy
    assert proxy_host(proxy) == host


def test_the_variable_that_is_malformed_is_named_as_it_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("all_proxy", "http://")
    with pytest.raises(InvalidSettingError, match=r"^all_proxy is not"):
        proxy_for(TENANT)

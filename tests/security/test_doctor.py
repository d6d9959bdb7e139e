"""Threat 44: people paste the doctor's output into issues, so it has nothing secret or personal.

What could be in it comes from the environment (`doctor.machine`) and from the tenant.
"""
# ruff: noqa: PLR0917 - a test asks for the fixtures it needs

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kernel import ORIGIN

from auth0_widget import LoginWidget
from auth0_widget.commands import cli
from auth0_widget.commands.doctor import UNHEALTHY
from auth0_widget.doctor.examination import examine_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.local_tenant import LocalTenant

HUB = "https://ada.hub.example.com"
SECRETS = {
    "AUTH0_CLIENT_SECRET": "the-client-secret",
    "JUPYTERHUB_API_TOKEN": "the-hub-token",
    "JPY_API_TOKEN": "the-server-token",
    "JUPYTERHUB_USER": "ada@example.com",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api",
    "JUPYTERHUB_HOST": "https://hub.example.com",
    "JUPYTERHUB_SERVICE_PREFIX": "/user/ada%40example.com/",
    "HTTPS_PROXY": "http://lovelace:proxy-password@127.0.0.1:9",
    "SSL_CERT_FILE": "/home/lovelace/company.pem",
}
UNSEEN = (
    *("the-client-secret", "the-hub-token", "the-server-token", "proxy-password"),
    *("ada@", "ada%40", "ada.", "lovelace", "Lovelace", "/home/", "company.pem"),
)


@pytest.fixture
def secret_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def assert_unseen(text: str) -> None:
    assert [secret for secret in (*UNSEEN, str(Path.home())) if secret in text] == []


@pytest.mark.usefixtures("secret_environment")
@pytest.mark.parametrize("certificates", ["/home/lovelace/company.pem", ""])
@pytest.mark.parametrize("callback", ["message", "page"])
@pytest.mark.parametrize("domain", ["acme.eu.auth0.com", "https://ada:lovelace@acme.auth0.com", ""])
def test_threat_44_secrets_names_and_paths_of_the_surroundings(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    shown: Callable[[str], None],
    domain: str,
    callback: str,
    certificates: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certificates)
    monkeypatch.setenv("AUTH0_WIDGET_CALLBACK", callback)
    monkeypatch.setenv("AUTH0_DOMAIN", domain)
    monkeypatch.setenv("AUTH0_CLIENT_ID", "the-client")
    assert cli.main(["doctor", "--origin", HUB]) == UNHEALTHY == 1
    printed = capsys.readouterr()
    assert_unseen(printed.out + printed.err)
    assert "✗" in printed.out
    shown("nothing of it is printed")


@pytest.mark.usefixtures("secret_environment")
def test_threat_44_what_the_tenant_says_about_somebody(
    monkeypatch: pytest.MonkeyPatch, tenant: LocalTenant, shown: Callable[[str], None]
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    page = f"{ORIGIN}/user/ada%40example.com/auth0-widget/callback"
    tenant.application.callbacks.append(page)
    tenant.mutate_response = {
        "/authorize": lambda _: {
            "error": "access_denied",
            "error_description": "ada@example.com has the token " + "t0ken" * 10,
        }
    }
    monkeypatch.setenv("AUTH0_WIDGET_CALLBACK", "page")
    monkeypatch.setenv("AUTH0_AUDIENCE", "https://nowhere.example.com")
    report = examine_environment(domain=tenant.url, client_id=tenant.client_id, origins=(ORIGIN,))
    assert "The tenant refuses the login: access_denied" in str(report)
    assert_unseen(str(report))
    assert "t0ken" not in str(report)
    shown("the tenant's words, cleaned")


@pytest.mark.usefixtures("secret_environment")
def test_threat_44_the_widget_of_somebody_who_has_logged_in(
    monkeypatch: pytest.MonkeyPatch, tenant: LocalTenant, shown: Callable[[str], None]
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    login = LoginWidget(domain=tenant.url, client_id=tenant.client_id, flow="device")
    tenant.auto_approve = "ada@example.com"
    session = login.wait(timeout=30)
    report = login.doctor()
    assert report.ok
    for text in (repr(report), str(report)):
        assert_unseen(text)
        assert session.access_token not in text
        assert session.user.sub not in text
    shown("nothing of it is printed")

"""Which authorities are trusted, and the error's text; attacks: tests/security."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
import truststore

from auth0_widget.errors import CertificateError, InvalidSettingError
from auth0_widget.oauth.certificates import certificate_error, trusted_authorities
from auth0_widget.oauth.environment import CERTIFICATE_VARIABLES

if TYPE_CHECKING:
    from pathlib import Path

    from impostor import Impostor


@pytest.fixture(autouse=True)
def none_named_by_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in CERTIFICATE_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def failure_at(impostor: Impostor) -> httpx.ConnectError:
    with httpx.Client(verify=trusted_authorities(), trust_env=False) as client:  # noqa: SIM117
        with pytest.raises(httpx.ConnectError) as failure:
            client.get(impostor.url)
    return failure.value


def test_authorities_are_read_once_for_each_environment(
    monkeypatch: pytest.MonkeyPatch, impostor: Impostor
) -> None:
    by_default = trusted_authorities()
    assert trusted_authorities() is by_default
    monkeypatch.setenv("SSL_CERT_FILE", str(impostor.certificate))
    assert trusted_authorities() is not by_default
    monkeypatch.delenv("SSL_CERT_FILE")
    assert trusted_authorities() is by_default


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_an_authority_that_a_variable_names_is_trusted_beside_the_others(
    monkeypatch: pytest.MonkeyPatch, impostor: Impostor, variable: str
) -> None:
    failure_at(impostor)
    monkeypatch.setenv(variable, str(impostor.certificate))
    with httpx.Client(verify=trusted_authorities(), trust_env=False) as client:
        assert client.get(impostor.url).text == "{}"


def test_the_operating_system_is_asked_whom_it_trusts() -> None:
    assert isinstance(trusted_authorities(), truststore.SSLContext)


def test_certificates_and_hosts_are_always_checked() -> None:
    context = trusted_authorities()
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED


def test_a_file_that_holds_none_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "empty.pem"))
    with pytest.raises(InvalidSettingError, match="REQUESTS_CA_BUNDLE") as refusal:
        trusted_authorities()
    assert str(tmp_path) not in str(refusal.value)


def test_an_error_that_no_certificate_caused_is_left_to_others() -> None:
    error = httpx.ConnectError("refused")
    error.__cause__ = OSError("refused")
    assert certificate_error(error, "https://acme.eu.auth0.com", proxied=False) is None


@pytest.mark.parametrize(
    ("impostor", "named"),
    [
        ({"issuer": "Acme TLS inspection"}, "which 'Acme TLS inspection' issued"),
        ({"issuer": "ada@example.com " + "x" * 40}, "which '...@... ...' issued"),
    ],
    indirect=["impostor"],
)
def test_the_issuer_is_named_and_its_name_is_made_safe(impostor: Impostor, named: str) -> None:
    error = certificate_error(failure_at(impostor), impostor.url, proxied=False)
    assert isinstance(error, CertificateError)
    assert named in error.message
    assert "127.0.0.1" in error.message


def test_behind_a_proxy_nobody_is_asked_for_the_issuer(impostor: Impostor) -> None:
    failure = failure_at(impostor)
    before = impostor.connections
    error = certificate_error(failure, impostor.url, proxied=True)
    assert isinstance(error, CertificateError)
    assert "issued" not in error.message
    assert impostor.connections == before

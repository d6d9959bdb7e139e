"""The configuration file of a local tenant: its settings, and the errors for mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from auth0_widget.commands.tenant import EXAMPLE
from auth0_widget.errors import InvalidSettingError
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.local_tenant.configuration import Configuration, read_configuration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Configuration]:
    def write_and_read(text: str) -> Configuration:
        path = tmp_path / "tenant.toml"
        path.write_text(text, encoding="utf-8")
        return read_configuration(path)

    return write_and_read


def test_the_example_of_the_manual_is_a_tenant(read: Callable[[str], Configuration]) -> None:
    configuration = read(EXAMPLE)
    assert configuration.port == 8400
    assert configuration.failures == [
        {"path": "/oauth/token", "status": 503, "times": 2},
        {"endpoint": "userinfo", "kind": "rate_limited"},
    ]
    with LocalTenant(**configuration.arguments) as tenant:
        assert [user.email for user in tenant.users] == ["ada@example.com"]
        assert tenant.users[0].claims == {"https://example.com/team": "engines"}
        assert tenant.apis[0].token_lifetime == 3600
        assert tenant.application.web_origins == ["http://localhost:8888"]
        assert tenant.auto_approve == "ada@example.com"
        tenant.fail_next(**configuration.failures[0])
        assert httpx.post(f"{tenant.url}/oauth/token", trust_env=False).status_code == 503


def test_an_empty_file_is_the_usual_tenant(read: Callable[[str], Configuration]) -> None:
    configuration = read("")
    assert configuration == Configuration()
    assert LocalTenant(**configuration.arguments).users[0].name == "Ada Lovelace"


def test_the_unattended_job_may_use_other_apis_too(read: Callable[[str], Configuration]) -> None:
    text = '[[apis]]\nidentifier = "https://maps.example.com"\nname = "Maps"\nscopes = {r = "Read"}'
    job = LocalTenant(**read(text).arguments).applications[-1]
    assert job.client_grants == {"https://maps.example.com": ["r"]}


def test_applications_and_organizations_can_be_named(read: Callable[[str], Configuration]) -> None:
    tenant = LocalTenant(
        **read(
            '[[applications]]\nclient_id = "mine"\nname = "Mine"\n'
            '[[organizations]]\nid = "org_1"\nname = "acme"\n'
        ).arguments
    )
    assert tenant.client_id == "mine"
    assert tenant.organizations[0].name == "acme"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("port = ", "cannot be read"),
        ("prot = 8400", "'prot', which is none of port"),
        ('port = "8400"', "port in the file is not a whole number"),
        ("port = true", "port in the file is not a whole number"),
        ("users = [1]", r"\[\[users\]\] number 1 is not a table"),
        ('[[users]]\nemail = "a@example.com"', r"\[\[users\]\] number 1 has no name"),
        ('[[users]]\nemail = "a@b"\nname = "A"\n[[users]]\nemial = "b"', "number 2 has 'emial'"),
        ("[lifetimes]\ncode = 1.5", r"code in \[lifetimes\] is not a whole number"),
        ("[[failures]]\nstatus = 503", "has no path"),
        ("failures = [1]", r"\[\[failures\]\] number 1 is not a table"),
        ('[[failures]]\nkind = "cut"', "has no endpoint"),
        ('[[failures]]\nendpoint = "tokens"\nkind = "cut"', "no endpoint is called 'tokens'"),
        ('[[failures]]\nendpoint = "token"\nkind = "explode"', "no failure is called 'explode'"),
        ('[[failures]]\nendpoint = "token"\nkind = "answer"', "no failure is called 'answer'"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_the_files_name(
    read: Callable[[str], Configuration], text: str, told: str
) -> None:
    with pytest.raises(InvalidSettingError, match=rf"tenant\.toml.*{told}"):
        read(text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingError, match=r"none\.toml cannot be read|none\.toml is not"):
        read_configuration(tmp_path / "none.toml")


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tenant.toml"
    path.write_text("port = 8411", encoding="utf-8-sig")
    assert read_configuration(path).port == 8411


def test_another_encoding_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "tenant.toml"
    path.write_text("port = 8411", encoding="utf-16")  # as PowerShell 5 writes it
    with pytest.raises(InvalidSettingError, match="UTF-8"):
        read_configuration(path)


def test_auth0s_switches_can_be_set(read: Callable[[str], Configuration]) -> None:
    tenant = LocalTenant(
        **read(
            'revocation_deletes_grant = true\n[[applications]]\nclient_id = "mine"\nname = "Mine"\n'
            "refresh_token_overlap = 30\nfirst_party = true\n"
            'refresh_token_policies = { "urn:a" = ["pay"] }\n[[apis]]\n'
            'identifier = "urn:a"\nname = "A"\n'
            'signing_algorithm = "HS256"\nsigning_secret = "0123456789"\n'
            'mfa_scopes = ["pay"]\nskip_consent = false\ntells_authentication = true\n'
            "[lifetimes]\nsession_expiry = 3600\n"
        ).arguments
    )
    assert tenant.revocation_deletes_grant
    assert tenant.application.refresh_token_overlap == 30
    assert (tenant.apis[0].signing_algorithm, tenant.apis[0].signing_secret) == (
        "HS256",
        "0123456789",
    )
    assert tenant.apis[0].mfa_scopes == ["pay"]
    assert not tenant.apis[0].skip_consent
    assert tenant.application.refresh_token_policies == {"urn:a": ["pay"]}
    assert tenant.lifetimes.session_expiry == 3600

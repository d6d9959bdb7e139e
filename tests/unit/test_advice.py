"""Common mistakes: each error names the cause, and its next step helps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.base.redaction import Secret
from auth0_widget.config import Settings
from auth0_widget.errors import Auth0WidgetError, InvalidResponseError, UntrustedUrlError
from auth0_widget.oauth.client import Tenant
from auth0_widget.session.request_auth import SessionAuth

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.local_tenant import LocalTenant

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("api.corp.example", r"does not begin with https:// .* https://api\.example\.com"),
        ("https://user:secret@api.corp.example", "a user name or a password.*before the @"),
        ("http://api.corp.example", "only sent over https"),
    ],
)
def test_an_address_that_no_token_travels_to_is_told_by_what_is_wrong_with_it(
    url: str, told: str
) -> None:
    with pytest.raises(UntrustedUrlError, match=told) as refusal:
        SessionAuth(None, []).allowing(url)  # type: ignore[arg-type]
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"domain": ""}, "not empty"),
        ({"domain": '"acme.eu.auth0.com"'}, "quotation marks"),
        ({"domain": "münchen.example"}, "in ASCII"),
        ({"domain": "acme.eu.auth0.com", "scope": "openid,profile"}, "comma"),
        ({"domain": "“acme.eu.auth0.com”"}, "quotation marks"),
        ({"domain": "acme.eu.auth0.com", "client_id": "'c'"}, "client ID .* quotation marks"),
        ({"domain": "acme.eu.auth0.com", "scope": '"openid"'}, "scope .* quotation marks"),
        ({"domain": "acme.eu.auth0.com", "audience": "'https://x'"}, "audience .* quotation"),
        ({"domain": "acme.eu.auth0.com", "organization": '"acme"'}, "organization .* quotation"),
    ],
    ids=str,
)
def test_a_malformed_setting_is_told_by_what_is_wrong_with_it(
    setting: dict[str, Any], told: str
) -> None:
    with pytest.raises(Auth0WidgetError, match=told):
        Settings.resolve(**{"client_id": "c"} | setting)


def test_a_domain_in_quotation_marks_from_the_environment_is_told_as_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", '"acme.eu.auth0.com"')
    with pytest.raises(Auth0WidgetError, match="quotation marks"):
        Settings.resolve(client_id="c")


def test_a_line_end_of_windows_in_the_environment_is_no_part_of_a_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", "acme.eu.auth0.com\r")
    monkeypatch.setenv("AUTH0_CLIENT_ID", " c\r")
    monkeypatch.setenv("AUTH0_WIDGET_LOOPBACK_PORT", "18484\r")
    settings = Settings.resolve()
    assert settings.identifiers[0] == "c"
    assert settings.origin == "https://acme.eu.auth0.com"


@pytest.mark.parametrize(
    ("endpoint", "ask"),
    [
        ("token", Tenant.device_code_grant),
        ("jwks", lambda tenant, _: tenant.signing_keys()),
        ("userinfo", Tenant.userinfo),
    ],
)
def test_a_captive_portal_is_told_as_one_and_not_in_the_words_of_a_specification(
    tenant: LocalTenant, endpoint: Any, ask: Callable[[Tenant, Any], object]
) -> None:
    tenant.fail(endpoint, "captive_portal", times=None)
    asking = Tenant(Settings.resolve(domain=tenant.url, client_id=tenant.client_id))
    with pytest.raises(Auth0WidgetError, match="the network's own login page") as refusal:
        ask(asking, Secret("x"))
    assert refusal.value.next_step == InvalidResponseError.default_next_step
    assert "RFC" not in str(refusal.value)
    asking.close()


def test_what_auth0_shows_most_often_stands_in_the_documentation() -> None:
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    assert "**Callback URL mismatch:**" in page
    assert "**Allowed Callback URLs**" in page

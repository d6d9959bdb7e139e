"""The settings: their defaults (`config.choices`), and which come from the environment."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from auth0_widget.config import DEFAULT_SCOPE, Settings, is_callback_page, resolve_callback
from auth0_widget.errors import InvalidClientIdError, InvalidDomainError
from auth0_widget.oauth.client import Tenant


def test_arguments_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOMAIN", "CLIENT_ID", "AUDIENCE", "SCOPE", "ORGANIZATION"):
        monkeypatch.setenv(
            f"AUTH0_{name}", "from.the.environment openid"[: 27 if name == "SCOPE" else 20]
        )
    settings = Settings.resolve(domain="acme.auth0.com", audience="https://api.example.com/")
    assert settings.origin == "https://acme.auth0.com"
    assert settings.issuer == "https://acme.auth0.com/"
    assert settings.audience == "https://api.example.com/"
    assert settings.client_id == settings.organization == "from.the.environment"
    assert settings.scope == "from.the.environment openid"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_AUDIENCE", "")
    monkeypatch.setenv("AUTH0_SCOPE", "")
    settings = Settings.resolve(domain="acme.auth0.com", client_id="x")
    assert settings.audience is None
    assert settings.scope == DEFAULT_SCOPE


@pytest.mark.parametrize(
    ("missing", "error", "named"),
    [
        ("domain", InvalidDomainError, "AUTH0_DOMAIN"),
        ("client_id", InvalidClientIdError, "AUTH0_CLIENT_ID"),
    ],
)
def test_a_missing_setting_names_the_argument_and_the_variable(
    missing: str, error: type[Exception], named: str
) -> None:
    arguments: dict[str, Any] = {"domain": "acme.auth0.com", "client_id": "x"}
    del arguments[missing]
    with pytest.raises(error) as refusal:
        Settings.resolve(**arguments)
    assert f"the argument {missing} is missing" in str(refusal.value)
    assert named in str(refusal.value)


@pytest.mark.parametrize("age", [None, 0, 3600])
def test_an_age_of_seconds_is_taken_and_sent(age: int | None) -> None:
    settings = Settings.resolve(domain="a.com", client_id="x", max_age=age)
    query = dict(parse_qsl(urlsplit(Tenant(settings).authorization_url({})).query))
    assert query.get("max_age") == (None if age is None else str(age))


def test_the_callback_comes_from_the_argument_then_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert resolve_callback() == "message"
    monkeypatch.setenv("AUTH0_WIDGET_CALLBACK", "page")
    assert resolve_callback() == "page"
    assert resolve_callback("message") == "message"
    monkeypatch.setenv("AUTH0_WIDGET_CALLBACK", "")
    assert resolve_callback() == "message"


@pytest.mark.parametrize(
    "base", ["", "/user/ada", "/user/ada%40example.com", "/hub/user/~a.l/gpu-1", "/a/.well/b..c"]
)
def test_a_callback_page_may_lie_below_any_path(base: str) -> None:
    assert is_callback_page(f"https://h.example{base}/auth0-widget/callback", "https://h.example")

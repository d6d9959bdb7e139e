"""What is malformed is refused, and named."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_widget.config import Settings, resolve_callback
from auth0_widget.errors import InvalidClientIdError, InvalidSettingError


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ({"client_id": ""}, InvalidClientIdError),
        ({"client_id": "a b"}, InvalidClientIdError),
        ({"client_id": "a/../b"}, InvalidClientIdError),
        ({"client_id": "x" * 129}, InvalidClientIdError),
        ({"client_id": 7}, InvalidClientIdError),
        ({"scope": "profile"}, InvalidSettingError),
        ({"scope": "openidx profile"}, InvalidSettingError),
        ({"scope": "openid  profile"}, InvalidSettingError),
        ({"scope": 'openid "'}, InvalidSettingError),
        ({"scope": 7}, InvalidSettingError),
        ({"audience": "https://api example.com"}, InvalidSettingError),
        ({"audience": "a\nb"}, InvalidSettingError),
        ({"organization": 7}, InvalidSettingError),
        *[({"max_age": age}, InvalidSettingError) for age in (-1, 1.5, "3600", True, 10**10)],
        ({"leeway": -1}, InvalidSettingError),
        ({"leeway": 601}, InvalidSettingError),
        ({"leeway": True}, InvalidSettingError),
        ({"leeway": 1.5}, InvalidSettingError),
    ],
)
def test_malformed_settings_are_refused_by_name(
    setting: dict[str, Any], error: type[Exception]
) -> None:
    arguments: dict[str, Any] = {"domain": "acme.auth0.com", "client_id": "x"}
    with pytest.raises(error) as refusal:
        Settings.resolve(**arguments | setting)
    assert next(iter(setting)).replace("client_id", "client ID") in str(refusal.value)


@pytest.mark.parametrize("leeway", [0, 60, 600])
def test_a_leeway_up_to_ten_minutes_is_taken(leeway: int) -> None:
    assert Settings.resolve(domain="a.com", client_id="x", leeway=leeway).leeway == leeway


@pytest.mark.parametrize("callback", ["popup", "PAGE", 7, ["page"]])
def test_a_callback_that_there_is_not_is_named(callback: object) -> None:
    with pytest.raises(InvalidSettingError, match="AUTH0_WIDGET_CALLBACK"):
        resolve_callback(callback)  # type: ignore[arg-type]


def test_commas_between_scopes_are_told_as_commas() -> None:
    with pytest.raises(InvalidSettingError, match="comma"):
        Settings.resolve(domain="acme.eu.auth0.com", client_id="c", scope="openid,profile")

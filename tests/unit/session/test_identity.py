from __future__ import annotations

from dataclasses import fields
from typing import Any

from auth0_widget.config import Settings
from auth0_widget.session.identity import LoginIdentity

BASE: dict[str, Any] = {
    "origin": "https://a.com",
    "client_id": "x",
    "audience": "y",
    "organization": "z",
}
OTHERS: dict[str, Any] = {"scope": "openid", "max_age": 1, "leeway": 1, "flow": "device"}


def _identity(**changed: Any) -> LoginIdentity:
    return LoginIdentity.of(Settings(**BASE | changed))


def test_each_application_has_a_record_of_its_own() -> None:
    others = [_identity(**{name: "https://other.com"}) for name in BASE]
    keys = {identity.record_key for identity in [_identity(), *others]}
    assert len(keys) == 1 + len(others)
    assert all(_identity(**{name: OTHERS[name]}).record_key in keys for name in OTHERS)


def test_logins_that_differ_in_any_setting_are_different_ones() -> None:
    assert set(BASE) | set(OTHERS) == {field.name for field in fields(Settings)}
    others = [_identity(**{name: "https://other.com"}) for name in BASE]
    others += [_identity(**{name: OTHERS[name]}) for name in OTHERS]
    assert len({_identity(), *others}) == 1 + len(others)
    assert _identity() == _identity()

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
OTHERS = {field.name: "other" for field in fields(Settings)}
"""Each setting → another value."""


def _identity(**changed: Any) -> LoginIdentity:
    return LoginIdentity.of(Settings(**BASE | changed))


def test_each_application_has_a_record_of_its_own() -> None:
    keys = {_identity(**{name: OTHERS[name]}).record_key for name in BASE}
    assert len(keys | {_identity().record_key}) == 1 + len(BASE)


def test_an_application_has_one_record_whatever_else_is_set() -> None:
    others = OTHERS.keys() - BASE
    assert {_identity(**{name: OTHERS[name]}).record_key for name in others} == {
        _identity().record_key
    }


def test_logins_that_differ_in_any_setting_are_different_ones() -> None:
    identities = {_identity(**{name: OTHERS[name]}) for name in OTHERS}
    assert len(identities | {_identity()}) == 1 + len(OTHERS)
    assert _identity() == _identity()

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from auth0_widget.config import Settings
from auth0_widget.errors import InvalidSettingError
from auth0_widget.session.identity import SCOPE_VARIABLE, RecordIdentity

BASE: dict[str, Any] = {
    "origin": "https://a.com",
    "client_id": "x",
    "audience": "y",
    "organization": "z",
}
OTHERS = {field.name: "other" for field in fields(Settings)}
"""Each setting → another value."""


def _identity(**changed: Any) -> RecordIdentity:
    return RecordIdentity.of(Settings(**BASE | changed))


def test_each_application_has_a_record_of_its_own() -> None:
    keys = {_identity(**{name: OTHERS[name]}).record_key for name in BASE}
    assert len(keys | {_identity().record_key}) == 1 + len(BASE)


def test_an_application_has_one_record_whatever_else_is_set() -> None:
    others = OTHERS.keys() - BASE
    assert {_identity(**{name: OTHERS[name]}).record_key for name in others} == {
        _identity().record_key
    }


def test_each_server_of_a_hub_has_a_record_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = set()
    for server in ("/user/ada/", "/user/ada/gpu/", "/user/grace/"):
        monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", server)
        keys.add(_identity().record_key)
    assert len(keys) == 3


def test_servers_share_a_record_where_somebody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = _identity()
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    monkeypatch.setenv(SCOPE_VARIABLE, "origin")
    assert _identity() == alone
    monkeypatch.setenv(SCOPE_VARIABLE, "hub")
    with pytest.raises(InvalidSettingError, match=SCOPE_VARIABLE):
        _identity()

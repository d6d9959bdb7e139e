from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.oauth.environment import CERTIFICATE_VARIABLES, needs_check

if TYPE_CHECKING:
    from pathlib import Path

PROXIES = ("HTTP_PROXY", "https_proxy", "ALL_PROXY", "HTTPS_PROXY")


@pytest.fixture(autouse=True)
def none_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in CERTIFICATE_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            monkeypatch.delenv(variable, raising=False)


def test_an_environment_that_names_nothing_can_be_used() -> None:
    assert not needs_check()


@pytest.mark.parametrize("variable", PROXIES)
def test_any_proxy_has_to_be_looked_at(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://proxy.example")
    assert needs_check()
    monkeypatch.setenv(variable, "")
    assert not needs_check()


@pytest.mark.parametrize("variable", CERTIFICATE_VARIABLES)
def test_certificates_that_are_there_can_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "authorities.pem"))
    assert needs_check()
    (tmp_path / "authorities.pem").touch()
    assert not needs_check()
    monkeypatch.setenv(CERTIFICATE_VARIABLES[0], str(tmp_path / "gone.pem"))
    assert needs_check()

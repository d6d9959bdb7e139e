from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.flows import remote_kernel as room
from auth0_widget.flows.remote_kernel import remote_kernel_reason

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine that may be the person's own; the file that a container has is not there."""
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.delenv("JUPYTERHUB_API_URL", raising=False)
    monkeypatch.setattr(room, "CONTAINERS", (tmp_path / "one", tmp_path / "other"))
    return tmp_path


def test_a_machine_that_tells_nothing_may_be_the_person_s_own() -> None:
    assert remote_kernel_reason() is None


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("SSH_CONNECTION", "10.0.0.1 5 10.0.0.2 22", "SSH"),
        ("JUPYTERHUB_API_URL", "http://hub/hub/api", "JupyterHub"),
    ],
)
def test_a_variable_tells_that_it_is_not(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, why: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert why in (remote_kernel_reason() or "")


def test_an_empty_connection_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "")
    assert remote_kernel_reason() is None


@pytest.mark.parametrize("name", ["one", "other"])
def test_a_container_leaves_a_file(at_home: Path, name: str) -> None:
    (at_home / name).touch()
    assert "container" in (remote_kernel_reason() or "")
